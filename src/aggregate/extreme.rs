//! `max` and `min`: numeric where every value of the group is a number, else by text.

use super::stored::{Piece, Pieces};
use super::{Accumulator, Call, Rows, values};
use crate::column::{Column, Value, number};
use std::any::Any;
use std::cmp::Ordering;

/// The piece that says that a value was no number.
const OTHERS: &str = "tx";

/// The greatest (or least) value of each group. Both orders are kept, because one text among the numbers decides which counts.
pub(super) struct Extreme<const MAX: bool> {
    groups: Vec<Best>,
    /// Bytes of the texts kept.
    heap: usize,
}

#[derive(Clone, Default)]
pub(super) struct Best {
    /// By number, of the values that are numbers; a NaN is none.
    number: Option<f64>,
    /// By text, of all values.
    text: Option<Shown>,
    /// Was there a value that is no number?
    other: bool,
}

/// A value whose text is made only when it is needed.
#[derive(Clone)]
enum Shown {
    Number(f64),
    Text(Box<str>),
}

impl Shown {
    fn with<T>(&self, f: impl FnOnce(&str) -> T) -> T {
        match self {
            Shown::Number(n) => f(&number::format(*n)),
            Shown::Text(t) => f(t),
        }
    }
}

/// The order of two numbers as texts. From 1 up, numbers with as many digits before the point order as numbers do.
fn lexical(a: f64, b: f64) -> Ordering {
    let plain = |n: f64| (1.0..1e15).contains(&n);
    if plain(a) && plain(b) && (a as u64).ilog10() == (b as u64).ilog10() {
        return a.total_cmp(&b);
    }
    number::format(a).cmp(&number::format(b))
}

impl Best {
    /// Takes a value in; `wins` is the order in which a value replaces the best one.
    pub(super) fn add(&mut self, value: &Value<'_>, wins: Ordering) {
        match value {
            Value::Number(n) => self.add_number(*n, wins),
            Value::Text(t) => self.add_text(t, wins),
            other => {
                if let Some(t) = other.as_text() {
                    self.add_text(&t, wins);
                }
            }
        }
    }

    fn add_number(&mut self, n: f64, wins: Ordering) {
        if n.is_nan() {
            return;
        }
        self.offer(n, wins);
        let better = match &self.text {
            None => true,
            Some(Shown::Number(old)) => lexical(n, *old) == wins,
            Some(Shown::Text(old)) => number::format(n).as_str().cmp(old) == wins,
        };
        if better {
            self.text = Some(Shown::Number(n));
        }
    }

    fn add_text(&mut self, t: &str, wins: Ordering) {
        if !self.other {
            match number::parse(t) {
                Some(n) => self.offer(n, wins),
                None => self.other = true,
            }
        }
        if self.text.as_ref().is_none_or(|old| old.with(|old| t.cmp(old)) == wins) {
            self.text = Some(Shown::Text(t.into()));
        }
    }

    fn offer(&mut self, n: f64, wins: Ordering) {
        if self.number.is_none_or(|old| n.partial_cmp(&old) == Some(wins)) {
            self.number = Some(n);
        }
    }

    fn bytes(&self) -> usize {
        if let Some(Shown::Text(t)) = &self.text { t.len() } else { 0 }
    }

    pub(super) fn merge(&mut self, later: Best, wins: Ordering) {
        self.other |= later.other;
        if let Some(n) = later.number {
            self.offer(n, wins);
        }
        match later.text {
            Some(Shown::Number(n)) => self.add_number(n, wins),
            Some(Shown::Text(t)) => self.add_text(&t, wins),
            None => {}
        }
    }

    /// What is best: by number where all values are numbers.
    pub(super) fn value(self) -> Value<'static> {
        match self {
            Best { other: true, text: Some(shown), .. } => shown.with(|t| Value::owned(t)),
            best => Value::from(best.number),
        }
    }
}

impl<const MAX: bool> Extreme<MAX> {
    const WINS: Ordering = if MAX { Ordering::Greater } else { Ordering::Less };
    const PIECES: (&str, &str) = if MAX { ("nx", "sx") } else { ("nn", "sn") };

    pub(super) fn make(_: &Call) -> Box<dyn Accumulator> {
        Box::new(Extreme::<MAX> { groups: Vec::new(), heap: 0 })
    }

    fn grow(&mut self, groups: usize) {
        self.groups.resize(groups.max(self.groups.len()), Best::default());
    }

    /// Changes what is known of a group and the account of it.
    fn change(&mut self, group: u32, f: impl FnOnce(&mut Best)) {
        if let Some(best) = self.groups.get_mut(group as usize) {
            let before = best.bytes();
            f(best);
            self.heap = (self.heap + best.bytes()).saturating_sub(before);
        }
    }
}

impl<const MAX: bool> Accumulator for Extreme<MAX> {
    fn update(&mut self, rows: &Rows<'_>, groups: usize) {
        self.grow(groups);
        match rows.column {
            Some(Column::Number { values, valid: None }) => {
                rows.groups.iter().zip(values).for_each(|(&g, &n)| self.change(g, |best| best.add_number(n, Self::WINS)));
            }
            _ => values::singles(rows, |g, v| self.change(g, |best| best.add(v, Self::WINS))),
        }
    }

    fn merge(&mut self, later: Box<dyn Accumulator>, map: &[u32], groups: usize) {
        self.grow(groups);
        let Ok(later) = later.into_any().downcast::<Extreme<MAX>>() else { return };
        later.groups.into_iter().zip(map).for_each(|(best, &g)| self.change(g, |mine| mine.merge(best, Self::WINS)));
    }

    fn finish(mut self: Box<Self>, groups: usize) -> Column {
        self.grow(groups);
        self.groups.into_iter().map(Best::value).collect()
    }

    fn store(mut self: Box<Self>, groups: usize) -> Vec<Piece> {
        self.grow(groups);
        let numbers = values::column(self.groups.iter().map(|best| best.number));
        let texts = self.groups.iter().map(|best| best.text.as_ref().map_or(Value::Null, |shown| shown.with(|t| Value::owned(t)))).collect();
        let others = self.groups.iter().map(|best| if best.other { Value::Number(1.0) } else { Value::Null }).collect();
        let (number, text) = Self::PIECES;
        vec![(number, numbers), (text, texts), (OTHERS, others)]
    }

    fn restore(&mut self, pieces: &Pieces<'_>, rows: usize) {
        self.grow(rows);
        let (numbers, texts, others) = (pieces.get(Self::PIECES.0), pieces.get(Self::PIECES.1), pieces.get(OTHERS));
        let (all, numeric) = (pieces.get("ct"), pieces.get("nc"));
        for row in 0..rows {
            let text = texts.get(row).as_text().map(|t| Shown::Text(t.as_ref().into()));
            // A server says how many values and how many numbers there were.
            let other = !others.is_null(row) || all.number(row).zip(numeric.number(row)).is_some_and(|(all, numeric)| all > numeric);
            self.change(row as u32, |best| *best = Best { number: numbers.number(row), text, other });
        }
    }

    fn bytes(&self) -> usize {
        self.groups.capacity() * size_of::<Best>() + self.heap
    }

    fn into_any(self: Box<Self>) -> Box<dyn Any> {
        self
    }
}

#[cfg(test)]
mod tests {
    use super::super::testing::{column, run};
    use super::*;

    #[test]
    fn one_text_makes_the_order_lexicographic() {
        for (values, max, min) in [
            (vec!["9", "10", "-3"], "10", "-3"),
            (vec!["9", "10", "a"], "a", "10"),
            (vec!["n", "k", "M"], "n", "M"),
            (vec!["2", "10|1"], "10", "1"),
            (vec!["007", "7.0"], "7", "7"),
            (vec!["-", "-"], "", ""),
        ] {
            let (c, groups) = (column(&values), vec![0; values.len()]);
            assert_eq!((run("max", &c, &groups, 1), run("min", &c, &groups, 1)), (vec![max.to_string()], vec![min.to_string()]), "{values:?}");
        }
    }

    #[test]
    fn numbers_order_as_their_texts_do() {
        let all = [0.0, -1.0, 0.5, 1.0, 1.5, 9.0, 10.0, 10.25, 1e15, 1e22, 1e-9, 1700000000.0, 1700000000.5, f64::INFINITY];
        for a in all {
            for b in all {
                assert_eq!(lexical(a, b), number::format(a).cmp(&number::format(b)), "{a} {b}");
            }
        }
    }
}
