//! One value of each group, by its place or its time: `first`, `last`, `earliest`, `latest` and the times of the latter two.

use super::stored::{Piece, Pieces};
use super::{Accumulator, Call, Rows};
use crate::column::{Column, Value};
use std::any::Any;

/// Which value is kept. Rows without a value never count; those without `_time` do not where time decides. Of values with the
/// same time `latest` keeps the one seen first and `earliest` the one seen last: events come newest first. Of a multivalue its
/// first value is taken, its last one by `last`.
#[derive(Clone, Copy, PartialEq)]
pub(super) enum Which {
    First,
    Last,
    Earliest,
    Latest,
}

impl Which {
    /// The pieces of the value and of its time; for those that go by their place the time says that there was one.
    fn pieces(self) -> (&'static str, &'static str) {
        match self {
            Which::First => ("fi", "fp"),
            Which::Last => ("la", "lp"),
            Which::Earliest => ("ev", "et"),
            Which::Latest => ("lv", "lt"),
        }
    }

    pub(super) fn by_time(self) -> bool {
        matches!(self, Which::Earliest | Which::Latest)
    }

    /// Does a value of a later row take the place of the one kept?
    pub(super) fn replaces(self, time: f64, kept: f64) -> bool {
        match self {
            Which::First => false,
            Which::Last => true,
            Which::Earliest => time <= kept,
            Which::Latest => time > kept,
        }
    }

    /// The one value that counts of a row's values.
    pub(super) fn one(self, value: Value<'_>) -> Value<'static> {
        let all = value.each();
        let one = if self == Which::Last { all.last() } else { all.first() };
        one.cloned().unwrap_or_default().into_owned()
    }
}

/// The kept value of each group and its time.
pub(super) struct Pick {
    which: Which,
    /// Is the time the result?
    time: bool,
    groups: Vec<Option<(f64, Value<'static>)>>,
    /// The row that the batch at hand brought for a group, empty between batches.
    rows: Vec<Option<(f64, u32)>>,
    /// Bytes of the kept values.
    heap: usize,
}

impl Pick {
    fn boxed(which: Which, time: bool) -> Box<dyn Accumulator> {
        Box::new(Pick { which, time, groups: Vec::new(), rows: Vec::new(), heap: 0 })
    }

    pub(super) fn first(_: &Call) -> Box<dyn Accumulator> {
        Pick::boxed(Which::First, false)
    }

    pub(super) fn last(_: &Call) -> Box<dyn Accumulator> {
        Pick::boxed(Which::Last, false)
    }

    pub(super) fn earliest(_: &Call) -> Box<dyn Accumulator> {
        Pick::boxed(Which::Earliest, false)
    }

    pub(super) fn latest(_: &Call) -> Box<dyn Accumulator> {
        Pick::boxed(Which::Latest, false)
    }

    pub(super) fn earliest_time(_: &Call) -> Box<dyn Accumulator> {
        Pick::boxed(Which::Earliest, true)
    }

    pub(super) fn latest_time(_: &Call) -> Box<dyn Accumulator> {
        Pick::boxed(Which::Latest, true)
    }

    fn grow(&mut self, groups: usize) {
        self.groups.resize(groups.max(self.groups.len()), None);
        self.rows.resize(self.groups.len(), None);
    }

    /// Keeps a value of a group if it comes before what is there; `value` is made only then.
    fn offer(&mut self, group: usize, time: f64, value: impl FnOnce() -> Value<'static>) {
        let Some(kept) = self.groups.get_mut(group) else { return };
        if kept.as_ref().is_none_or(|(t, _)| self.which.replaces(time, *t)) {
            let before = kept.as_ref().map_or(0, |(_, v)| v.heap_bytes());
            let value = value();
            self.heap = (self.heap + value.heap_bytes()).saturating_sub(before);
            *kept = Some((time, value));
        }
    }
}

impl Accumulator for Pick {
    fn update(&mut self, rows: &Rows<'_>, groups: usize) {
        self.grow(groups);
        let Some(column) = rows.column else { return };
        let (which, mut touched) = (self.which, Vec::new());
        for (row, &g) in rows.groups.iter().enumerate() {
            let Some(best) = self.rows.get_mut(g as usize) else { continue };
            let time = if which.by_time() { rows.time.and_then(|t| t.number(row)) } else { Some(0.0) };
            let Some(time) = time.filter(|t| !t.is_nan()) else { continue };
            if best.is_none_or(|(kept, _)| which.replaces(time, kept)) && !column.is_null(row) {
                if best.is_none() {
                    touched.push(g as usize);
                }
                *best = Some((time, row as u32));
            }
        }
        for g in touched {
            let Some((time, row)) = self.rows.get_mut(g).and_then(Option::take) else { continue };
            let shown = !self.time;
            self.offer(g, time, || if shown { which.one(column.get(row as usize)) } else { Value::Null });
        }
    }

    fn merge(&mut self, later: Box<dyn Accumulator>, map: &[u32], groups: usize) {
        self.grow(groups);
        let Ok(later) = later.into_any().downcast::<Pick>() else { return };
        for (new, &g) in later.groups.into_iter().zip(map) {
            if let Some((time, value)) = new {
                self.offer(g as usize, time, || value);
            }
        }
    }

    fn finish(mut self: Box<Self>, groups: usize) -> Column {
        self.grow(groups);
        let time = self.time;
        self.groups.into_iter().map(|kept| kept.map_or(Value::Null, |(t, v)| if time { Value::Number(t) } else { v })).collect()
    }

    fn store(mut self: Box<Self>, groups: usize) -> Vec<Piece> {
        self.grow(groups);
        let (value, time) = self.which.pieces();
        let times = self.groups.iter().map(|kept| kept.as_ref().map_or(Value::Null, |(t, _)| Value::Number(*t))).collect();
        let mut pieces = vec![(time, times)];
        if !self.time {
            pieces.push((value, self.groups.into_iter().map(|kept| kept.map_or(Value::Null, |(_, v)| v)).collect()));
        }
        pieces
    }

    fn restore(&mut self, pieces: &Pieces<'_>, rows: usize) {
        self.grow(rows);
        let (value, time) = self.which.pieces();
        let (values, times) = (pieces.get(value), pieces.get(time));
        for row in 0..rows {
            if let Some(time) = times.number(row) {
                self.offer(row, time, || values.get(row).into_owned());
            }
        }
    }

    fn bytes(&self) -> usize {
        self.groups.capacity() * size_of::<Option<(f64, Value)>>() + self.rows.capacity() * size_of::<Option<(f64, u32)>>() + self.heap
    }

    fn into_any(self: Box<Self>) -> Box<dyn Any> {
        self
    }
}

#[cfg(test)]
mod tests {
    use super::super::testing::{column, run_at};

    #[test]
    fn by_place_and_by_time() {
        let c = column(&["-", "b|B", "c", "d|D", "-", "e"]);
        let times = column(&["9", "5", "7", "5", "1", "-"]);
        for (name, want) in [("first", "b"), ("last", "e"), ("earliest", "d"), ("latest", "c"), ("earliest_time", "5"), ("latest_time", "7")] {
            assert_eq!(run_at(name, &c, &times, &[0; 6], 2), [want, ""], "{name}");
        }
    }
}
