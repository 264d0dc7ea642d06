//! sort: stable, with the first rows only where `head` or a limit asks for no more.

use super::{Context, Operator, Stream};
use crate::column::compare::{self, Collation, Key};
use crate::column::{Batch, Column, Name};
use crate::diagnostic::Diagnostic;
use crate::plan::SortKey;
use std::cmp::Ordering;
use std::sync::Arc;

/// The rows of a stream in order; the first `limit` of them.
pub fn sort(input: Stream, keys: Vec<SortKey>, limit: Option<u64>, cx: &Arc<Context>) -> Stream {
    Box::new(Sort { input: Some(input), keys, limit: limit.map_or(usize::MAX, |l| usize::try_from(l).unwrap_or(usize::MAX)), cx: cx.clone() })
}

/// A limit of one in so many rows leaves out most of them.
const MANY: usize = 4;

/// To choose among more rows would take longer than one waits for a query to be cancelled.
const MOST: usize = 1 << 20;

struct Sort {
    input: Option<Stream>,
    keys: Vec<SortKey>,
    limit: usize,
    cx: Arc<Context>,
}

impl Operator for Sort {
    fn next(&mut self) -> Result<Option<Batch>, Diagnostic> {
        let Some(mut input) = self.input.take() else { return Ok(None) };
        let (mut parts, mut rows, mut charged) = (Vec::new(), 0, 0);
        // With a limit, what cannot be among the first rows any more is let go now and then.
        let prune_at = self.limit.saturating_mul(2).max(16_384);
        while let Some(batch) = input.next()? {
            self.cx.check()?;
            let batch = batch.kept();
            let bytes = batch.bytes();
            self.cx.memory.charge(bytes)?;
            charged += bytes;
            rows += batch.len();
            parts.push(batch);
            if rows > prune_at {
                let kept = self.first(std::mem::take(&mut parts))?.kept();
                self.cx.memory.release(charged);
                charged = kept.bytes();
                self.cx.memory.charge(charged)?;
                rows = kept.len();
                parts.push(kept);
            }
        }
        let batch = self.first(parts)?;
        Ok((!batch.is_empty()).then_some(batch))
    }
}

impl Sort {
    fn first(&self, parts: Vec<Batch>) -> Result<Batch, Diagnostic> {
        let go_on = || self.cx.check();
        let batch = self.candidates(Batch::concat_while(parts, go_on)?)?;
        let order = order(&batch, &self.keys, &self.cx)?;
        batch.take_while(order.get(..self.limit.min(order.len())).unwrap_or_default(), go_on)
    }

    /// The rows that may be among the first ones, by the first key alone, where that leaves few of many: only those are read further.
    fn candidates(&self, batch: Batch) -> Result<Batch, Diagnostic> {
        let (Some(key), Some(last)) = (self.keys.first(), self.limit.checked_sub(1)) else { return Ok(batch) };
        if self.limit.saturating_mul(MANY) > batch.len() || batch.len() > MOST {
            return Ok(batch);
        }
        let bytes = batch.len() * (size_of::<Key>() + 4);
        self.cx.memory.charge(bytes)?;
        let column = [(read(&batch.column(&key.field), key, &self.cx)?, key.descending)];
        let mut rows: Vec<u32> = (0..batch.len() as u32).collect();
        let (_, last, _) = rows.select_nth_unstable_by(last, |a, b| compare(&column, *a as usize, *b as usize));
        let last = *last as usize;
        let rows: Vec<u32> = (0..batch.len()).filter(|row| compare(&column, *row, last).is_le()).map(|row| row as u32).collect();
        self.cx.memory.release(bytes);
        if rows.len() * 2 > batch.len() { Ok(batch) } else { Ok(batch.take(&rows)) }
    }
}

/// Rows that are sorted in one go; the query can be cancelled between such runs.
const RUN: usize = 1 << 16;

/// One key's values, read once.
enum Keys {
    Numbers(Vec<f64>),
    /// Of values that repeat, each row's place among them; [`MISSING`] has none.
    Ranks(Vec<u32>),
    Any(Vec<Key>),
}

/// The rank of what is no value.
const MISSING: u32 = u32::MAX;

/// The row numbers in the order of the keys; equal rows stay as they were. Keys in the order of groups come last.
pub fn order(batch: &Batch, keys: &[SortKey], cx: &Context) -> Result<Vec<u32>, Diagnostic> {
    let (keys, groups) = keys.split_at(keys.iter().position(|k| k.collation == Collation::Groups).unwrap_or(keys.len()));
    // One after the other: they are not all held at a time.
    let rows = match groups {
        [] => (0..batch.len() as u32).collect(),
        groups => order_of_groups(batch, &groups.iter().map(|k| k.field.clone()).collect::<Vec<_>>(), cx)?,
    };
    // Keys, row numbers, and a second set of those to merge into.
    let bytes = batch.len() * (keys.len() * size_of::<Key>() + 8);
    cx.memory.charge(bytes)?;
    let columns = keys.iter().map(|k| Ok((read(&batch.column(&k.field), k, cx)?, k.descending))).collect::<Result<Vec<_>, Diagnostic>>()?;
    let rows = sorted(rows, |a, b| compare(&columns, a as usize, b as usize), cx);
    cx.memory.release(bytes);
    rows
}

/// An end of sorted rows.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum End {
    First,
    Last,
}

/// The numbers of the first or last `count` rows in the order of the keys: those that [`order`] has there.
pub fn rows_at_end(batch: &Batch, keys: &[SortKey], end: End, count: usize, cx: &Context) -> Result<Vec<u32>, Diagnostic> {
    let left_out = batch.len().saturating_sub(count);
    let cut = |rows: &mut Vec<u32>| match end {
        End::First => rows.truncate(count),
        End::Last => drop(rows.drain(..left_out)),
    };
    if batch.len() > RUN || left_out == 0 || count == 0 || keys.iter().any(|k| k.collation == Collation::Groups) {
        let mut rows = order(batch, keys, cx)?;
        cut(&mut rows);
        return Ok(rows);
    }
    let columns = keys.iter().map(|k| Ok((read(&batch.column(&k.field), k, cx)?, k.descending))).collect::<Result<Vec<_>, Diagnostic>>()?;
    let order = |a: &u32, b: &u32| compare(&columns, *a as usize, *b as usize).then(a.cmp(b));
    let mut rows: Vec<u32> = (0..batch.len() as u32).collect();
    rows.select_nth_unstable_by(if end == End::First { count } else { left_out }, order);
    cut(&mut rows);
    rows.sort_unstable_by(order);
    Ok(rows)
}

/// The row numbers of groups in the order of their values; of values that are equal as numbers, as `1` and `1.0`, the text
/// decides: which came first depends on how the input was read.
pub fn order_of_groups(batch: &Batch, by: &[Name], cx: &Context) -> Result<Vec<u32>, Diagnostic> {
    let bytes = batch.len() * (by.len() * size_of::<Key>() + 8);
    cx.memory.charge(bytes)?;
    let sides = by.iter().map(|f| Side::new(batch.column(f), cx)).collect::<Result<Vec<_>, Diagnostic>>()?;
    let order = |a: u32, b: u32| sides.iter().map(|side| side.order(a as usize, b as usize)).find(|o| o.is_ne()).unwrap_or(Ordering::Equal);
    let rows = sorted((0..batch.len() as u32).collect(), order, cx);
    cx.memory.release(bytes);
    rows
}

/// The order of groups by one field.
enum Side {
    /// Of few values, each row's place among them.
    Ranks(Vec<u32>),
    Values(Box<(Keys, bool)>, Arc<Column>),
}

impl Side {
    fn new(column: Arc<Column>, cx: &Context) -> Result<Side, Diagnostic> {
        if let Column::Dict { codes, values, .. } = column.as_ref() {
            let side = Side::new(values.clone(), cx)?;
            return Ok(Side::Ranks(ranks(codes, values, |a, b| side.order(a, b), |_| false, cx)?));
        }
        let key = SortKey { field: "".into(), descending: false, collation: Collation::Auto };
        Ok(Side::Values(Box::new((read(&column, &key, cx)?, false)), column))
    }

    fn order(&self, a: usize, b: usize) -> Ordering {
        match self {
            Side::Ranks(ranks) => ranks[a].cmp(&ranks[b]),
            Side::Values(keys, column) => compare(std::slice::from_ref(keys), a, b).then_with(|| column.get(a).as_text().cmp(&column.get(b).as_text())),
        }
    }
}

fn compare(columns: &[(Keys, bool)], a: usize, b: usize) -> Ordering {
    for (column, descending) in columns {
        let o = match column {
            Keys::Numbers(n) => {
                let o = n[a].total_cmp(&n[b]);
                if *descending { o.reverse() } else { o }
            }
            Keys::Ranks(r) => match (r[a], r[b]) {
                (a, b) if *descending && a != MISSING && b != MISSING => b.cmp(&a),
                (a, b) => a.cmp(&b),
            },
            Keys::Any(k) => k[a].order(&k[b], *descending),
        };
        if o != Ordering::Equal {
            return o;
        }
    }
    Ordering::Equal
}

/// A stable merge sort over sorted runs.
pub(super) fn sorted(mut rows: Vec<u32>, compare: impl Fn(u32, u32) -> Ordering, cx: &Context) -> Result<Vec<u32>, Diagnostic> {
    for run in rows.chunks_mut(RUN) {
        cx.check()?;
        run.sort_by(|a, b| compare(*a, *b));
    }
    let mut merged = Vec::new();
    let mut width = RUN;
    while width < rows.len() {
        merged.clear();
        merged.reserve(rows.len());
        for pair in rows.chunks(width * 2) {
            let (left, right) = pair.split_at(width.min(pair.len()));
            merge(left, right, &mut merged, &compare, cx)?;
        }
        std::mem::swap(&mut rows, &mut merged);
        width *= 2;
    }
    Ok(rows)
}

fn merge(mut left: &[u32], mut right: &[u32], into: &mut Vec<u32>, compare: &impl Fn(u32, u32) -> Ordering, cx: &Context) -> Result<(), Diagnostic> {
    // Rows that are in order already, as sorted input has them, go over as a whole.
    let in_order = left.last().zip(right.first()).is_some_and(|(l, r)| compare(*l, *r) != Ordering::Greater);
    while let (false, [l, left_rest @ ..], [r, right_rest @ ..]) = (in_order, left, right) {
        cx.at(into.len())?;
        if compare(*r, *l) == Ordering::Less {
            into.push(*r);
            right = right_rest;
        } else {
            into.push(*l);
            left = left_rest;
        }
    }
    into.extend_from_slice(left);
    into.extend_from_slice(right);
    cx.check()
}

fn read(column: &Column, key: &SortKey, cx: &Context) -> Result<Keys, Diagnostic> {
    if let (Column::Number { values, valid: None }, Collation::Auto | Collation::Number) = (column, key.collation) {
        return Ok(Keys::Numbers(values.iter().map(|n| compare::unsigned_zero(*n)).collect()));
    }
    if let Column::Dict { codes, values, .. } = column
        && values.len() <= codes.len()
    {
        let keys = [(read(values, key, cx)?, false)];
        let missing = |code: usize| matches!(&keys, [(Keys::Any(all), _)] if all[code] == Key::Missing);
        return Ok(Keys::Ranks(ranks(codes, values, |a, b| compare(&keys, a, b), missing, cx)?));
    }
    let mut all = Vec::with_capacity(column.len());
    for i in 0..column.len() {
        cx.at(i)?;
        all.push(Key::new(&column.get(i), key.collation));
    }
    Ok(Keys::Any(all))
}

/// The place of each row's value among the distinct ones, in their order; those that are equal in it have the same, and those that count as
/// missing have none.
fn ranks(
    codes: &[u32],
    values: &Column,
    order: impl Fn(usize, usize) -> Ordering,
    missing: impl Fn(usize) -> bool,
    cx: &Context,
) -> Result<Vec<u32>, Diagnostic> {
    let (mut ranks, mut rank, mut before) = (vec![MISSING; values.len()], 0, None);
    for code in sorted((0..values.len() as u32).collect(), |a, b| order(a as usize, b as usize), cx)? {
        let code = code as usize;
        if missing(code) {
            continue;
        }
        if before.is_some_and(|before| order(before, code).is_ne()) {
            rank += 1;
        }
        (ranks[code], before) = (rank, Some(code));
    }
    Ok(codes.iter().map(|c| ranks.get(*c as usize).copied().unwrap_or(MISSING)).collect())
}

#[cfg(test)]
mod tests {
    use crate::knowledge::Knowledge;
    use crate::store::Catalog;
    use crate::{Engine, Settings};

    #[test]
    fn values_that_repeat_sort_as_they_would_alone() {
        use crate::column::compare::Collation;
        use crate::column::{Batch, Builder, Column, Value};
        use crate::plan::SortKey;
        let values = ["10", "9", "1.0", "1", "x", "X", "10.0.0.9", "10.0.0.10", "", "-3"];
        let codes: Vec<u32> = (0..200u32).map(|row| row * 7919 % 11).collect();
        let coded = Column::coded(codes, values.iter().map(|v| Value::text(v)).collect());
        let mut alone = Builder::new();
        (0..coded.len()).for_each(|row| alone.push(coded.get(row)));
        let cx = crate::operator::testing::context();
        let mut batch = Batch::new(coded.len());
        batch.set("alone", alone.finish());
        batch.set("coded", coded);
        for collation in [Collation::Auto, Collation::Text, Collation::Number, Collation::Ip] {
            for descending in [false, true] {
                let order = |field: &str| super::order(&batch, &[SortKey { field: field.into(), descending, collation }], &cx).unwrap();
                assert_eq!(order("coded"), order("alone"), "{collation:?} {descending}");
            }
        }
    }

    #[test]
    fn many_rows_sort_stably_over_several_runs() {
        let rows: Vec<_> = (0..150_000).map(|n| serde_json::json!({"k": n * 7919 % 1000, "n": n}).as_object().cloned().unwrap_or_default()).collect();
        let engine = Engine::new(Catalog::of_rows(crate::input::rows(&rows)), Knowledge::builtin(), Settings::default());
        let answer = engine.run("* | sort 0 k | table k n").unwrap_or_else(|f| panic!("{f:?}"));
        let number = |name: &str, row: usize| answer.rows.value(name, row).as_number().unwrap();
        let all: Vec<(f64, f64)> = (0..answer.rows.len()).map(|r| (number("k", r), number("n", r))).collect();
        assert!(all.len() == 150_000 && all.windows(2).all(|w| w[0] < w[1]));
    }

    #[test]
    fn keys_count_for_memory() {
        let settings = Settings { memory: 8 << 20, ..Settings::default() };
        let engine = Engine::new(Catalog::default(), Knowledge::builtin(), settings);
        assert!(engine.run("| makeresults count=1000000000 | eval x=1 | sort 0 x").is_err());
        assert!(engine.run("| makeresults count=1000000000 | tail 1").is_err());
    }
}
