//! A column: its representations, and the few operations that every representation has.

use super::{Mask, Memo, Text, Value};
use foldhash::fast::RandomState;
use hashbrown::HashSet;
use std::sync::Arc;

/// The dictionary code that stands for null.
pub const NO_CODE: u32 = u32::MAX;

/// A column of values. Which representation it has never changes what its values mean.
#[derive(Clone, Debug)]
pub enum Column {
    /// One value for every row: a literal, or the host of a file. Null for a missing column.
    Const(Value<'static>, usize),
    /// Text that hardly repeats.
    Text(Text),
    /// Values that repeat: a code a row into the distinct values. Predicates and functions run over `values` once. `shared` are
    /// values that the other batches of the same table have codes into: what is made of them is kept for those. Texts among them are
    /// distinct, and none is null.
    Dict { codes: Vec<u32>, values: Arc<Column>, shared: bool },
    /// Numbers; a row outside `valid` is null.
    Number { values: Vec<f64>, valid: Option<Mask> },
    /// Anything else: Booleans, multivalues, numbers beside text.
    Mixed(Vec<Value<'static>>),
}

impl Column {
    /// Codes into distinct values of this column alone.
    pub fn coded(codes: Vec<u32>, values: Column) -> Column {
        Column::Dict { codes, values: Arc::new(values), shared: false }
    }

    /// The values of these rows, some maybe many times: they are not copied.
    pub fn spread(self: &Arc<Column>, rows: &[u32]) -> Column {
        match self.as_ref() {
            Column::Const(..) | Column::Dict { .. } => self.take(rows),
            _ => Column::Dict { codes: rows.to_vec(), values: self.clone(), shared: false },
        }
    }

    /// A column without a value in any row.
    pub fn null(len: usize) -> Column {
        Column::Const(Value::Null, len)
    }

    /// Numbers, none of them null.
    pub fn numbers(values: Vec<f64>) -> Column {
        Column::Number { values, valid: None }
    }

    /// A predicate's result: true and false, never null.
    pub fn bools(mask: &Mask) -> Column {
        Column::Mixed((0..mask.len()).map(|i| Value::Bool(mask.get(i))).collect())
    }

    /// Number of rows.
    pub fn len(&self) -> usize {
        match self {
            Column::Const(_, len) => *len,
            Column::Text(t) => t.len(),
            Column::Dict { codes, .. } => codes.len(),
            Column::Number { values, .. } => values.len(),
            Column::Mixed(values) => values.len(),
        }
    }

    /// No rows at all?
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// The value of a row; null past the end.
    pub fn get(&self, row: usize) -> Value<'_> {
        match self {
            Column::Const(v, len) if row < *len => v.borrowed(),
            Column::Const(..) => Value::Null,
            Column::Text(t) => t.get(row).map_or(Value::Null, Value::text),
            Column::Dict { codes, values, .. } => codes.get(row).map_or(Value::Null, |&c| values.get(c as usize)),
            Column::Number { values, valid } => match values.get(row) {
                Some(n) if valid.as_ref().is_none_or(|v| v.get(row)) => Value::Number(*n),
                _ => Value::Null,
            },
            Column::Mixed(values) => values.get(row).map_or(Value::Null, Value::borrowed),
        }
    }

    /// Is the row without a value?
    pub fn is_null(&self, row: usize) -> bool {
        match self {
            Column::Const(v, len) => row >= *len || v.is_null(),
            Column::Text(t) => t.get(row).is_none(),
            Column::Dict { codes, values, .. } => codes.get(row).is_none_or(|&c| values.is_null(c as usize)),
            Column::Number { values, valid } => row >= values.len() || valid.as_ref().is_some_and(|v| !v.get(row)),
            Column::Mixed(values) => values.get(row).is_none_or(Value::is_null),
        }
    }

    /// Is every row without a value?
    pub fn all_null(&self) -> bool {
        match self {
            Column::Const(v, _) => v.is_null(),
            _ => (0..self.len()).all(|i| self.is_null(i)),
        }
    }

    /// Are its values numbers, as far as there are any?
    pub fn is_of_numbers(&self) -> bool {
        match self {
            Column::Number { .. } | Column::Const(Value::Number(_), _) => true,
            Column::Dict { values, .. } => values.is_of_numbers(),
            _ => false,
        }
    }

    /// Is any row without a value?
    pub fn any_null(&self) -> bool {
        match self {
            Column::Const(v, len) => *len > 0 && v.is_null(),
            Column::Dict { codes, values, shared } if *shared || !values.any_null() => codes.contains(&NO_CODE),
            Column::Number { valid, .. } => valid.as_ref().is_some_and(|v| !v.all()),
            _ => (0..self.len()).any(|i| self.is_null(i)),
        }
    }

    /// The number of a row, without building a [`Value`] where the column holds numbers.
    pub fn number(&self, row: usize) -> Option<f64> {
        match self {
            Column::Number { values, valid } => values.get(row).copied().filter(|_| valid.as_ref().is_none_or(|v| v.get(row))),
            _ => self.get(row).as_number(),
        }
    }

    /// The rows at these places, in this order; a place past the end gives null.
    pub fn take(&self, rows: &[u32]) -> Column {
        match self {
            Column::Const(v, len) if v.is_null() || rows.iter().all(|&r| (r as usize) < *len) => Column::Const(v.clone(), rows.len()),
            Column::Const(..) => rows.iter().map(|&r| self.get(r as usize)).collect(),
            Column::Text(t) => Column::Text(t.take(rows)),
            Column::Dict { codes, values, shared } => {
                let codes = rows.iter().map(|&r| codes.get(r as usize).copied().unwrap_or(NO_CODE)).collect();
                Column::Dict { codes, values: values.clone(), shared: *shared }
            }
            Column::Number { values, valid } => {
                let missing = rows.iter().any(|&r| r as usize >= values.len());
                let keeps = |r: usize| r < values.len() && valid.as_ref().is_none_or(|v| v.get(r));
                Column::Number {
                    values: rows.iter().map(|&r| values.get(r as usize).copied().unwrap_or_default()).collect(),
                    valid: (missing || valid.is_some()).then(|| Mask::from_fn(rows.len(), |i| keeps(rows[i] as usize))),
                }
            }
            Column::Mixed(values) => Column::Mixed(rows.iter().map(|&r| values.get(r as usize).cloned().unwrap_or_default()).collect()),
        }
    }

    /// The same values without the text and the distinct values around them, where that is most of it. The distinct values of a table stay.
    pub fn packed(self) -> Column {
        match self {
            Column::Text(text) => Column::Text(text.packed()),
            Column::Dict { codes, values, shared: false } if values.len() > codes.len() => codes.iter().map(|code| values.get(*code as usize)).collect(),
            Column::Dict { codes, values, shared: false } => Column::coded(codes, Arc::unwrap_or_clone(values).packed()),
            other => other,
        }
    }

    /// The rows at these places, each of which comes at most once.
    pub fn reordered(self, rows: &[u32]) -> Column {
        let Column::Mixed(mut values) = self else { return self.take(rows) };
        Column::Mixed(rows.iter().map(|&r| values.get_mut(r as usize).map(std::mem::take).unwrap_or_default()).collect())
    }

    /// The same function on every value, once per distinct value where the column has a dictionary.
    pub fn map(&self, mut f: impl for<'v> FnMut(Value<'v>) -> Value<'v>) -> Column {
        match self {
            Column::Const(v, len) => Column::Const(f(v.borrowed()).into_owned(), *len),
            Column::Dict { codes, values, .. } if worth(codes.len(), values.len()) => Column::coded(codes.clone(), values.map(f)),
            _ => {
                let mut out = super::Builder::new();
                (0..self.len()).for_each(|i| out.push(f(self.get(i))));
                out.finish()
            }
        }
    }

    /// The rows whose value passes a test, once per distinct value where the column has a dictionary. Null is a value here.
    pub fn test(&self, mut f: impl FnMut(&Value<'_>) -> bool) -> Mask {
        self.test_each(&mut f)
    }

    /// The same with what the test said of the dictionaries of tables; it is always the same test for one memo. Where only some rows
    /// matter, those that pass among them.
    pub fn test_once(&self, memo: &Memo<Arc<Hits>>, among: Option<&Mask>, f: impl FnMut(&Value<'_>) -> bool) -> Mask {
        self.test_some_once(memo, among, |_| None, f)
    }

    /// The same with a quicker look at the dictionaries of tables, which says of which values at most the test is true.
    pub fn test_some_once(
        &self,
        memo: &Memo<Arc<Hits>>,
        among: Option<&Mask>,
        look: impl FnOnce(&Column) -> Option<Mask>,
        mut f: impl FnMut(&Value<'_>) -> bool,
    ) -> Mask {
        match self {
            Column::Dict { codes, values, shared: true } if worth_keeping(codes.len(), values.len()) => Hits::once(memo, values, look, f).rows(codes, among),
            _ => {
                let mut passed = self.test_each(&mut f);
                among.into_iter().for_each(|rows| passed.and(rows));
                passed
            }
        }
    }

    fn test_each(&self, f: &mut dyn FnMut(&Value<'_>) -> bool) -> Mask {
        match self {
            Column::Const(v, len) => Mask::new(*len, f(v)),
            Column::Dict { codes, values, .. } if worth(codes.len(), values.len()) => Hits::new(values, None, f).rows(codes, None),
            _ => Mask::from_fn(self.len(), |i| f(&self.get(i))),
        }
    }

    /// Bytes of the texts of the rows; where they have codes, of the distinct ones at most.
    pub fn text_bytes(&self) -> usize {
        match self {
            Column::Text(t) => t.used_bytes(),
            Column::Dict { codes, values, shared: false } if values.len() <= codes.len() => values.text_bytes(),
            Column::Dict { codes, values, shared: false } => codes.iter().filter_map(|c| values.get(*c as usize).as_text().map(|t| t.len())).sum(),
            _ => 0,
        }
    }

    /// Bytes of the buffers that those texts lie in; those whose address is in `seen` are not counted again.
    pub fn held_bytes(&self, seen: &mut HashSet<*const u8, RandomState>) -> usize {
        match self {
            Column::Text(t) => t.buffers().iter().filter(|b| seen.insert(b.as_ptr())).map(|b| b.len()).sum(),
            Column::Dict { values, shared: false, .. } => values.held_bytes(seen),
            _ => 0,
        }
    }

    /// Bytes held by this column, for the memory account. A text buffer that columns share counts once: those whose address is
    /// in `seen` are not counted again. The distinct values of a table are not the query's.
    pub fn bytes(&self, seen: &mut HashSet<*const u8, RandomState>) -> usize {
        match self {
            // Every row of a constant multivalue is worked on by itself sooner or later.
            Column::Const(v @ Value::Multi(_), len) => v.heap_bytes().saturating_mul(*len),
            Column::Const(v, _) => v.heap_bytes(),
            Column::Text(t) => t.view_bytes() + self.held_bytes(seen),
            Column::Dict { codes, shared: true, .. } => codes.len() * 4,
            Column::Dict { codes, values, .. } => codes.len() * 4 + values.bytes(seen),
            Column::Number { values, .. } => values.len() * 8,
            Column::Mixed(values) => values.iter().map(|v| size_of::<Value>() + v.heap_bytes()).sum(),
        }
    }
}

/// Is a pass over the distinct values cheaper than one over the rows? A batch that was filtered down may keep a few rows of a
/// large dictionary.
fn worth(rows: usize, distinct: usize) -> bool {
    distinct <= rows
}

/// Is it cheaper to work on all distinct values of a table now and keep the results, than on these rows one by one? Its other
/// batches have about as many rows.
pub fn worth_keeping(rows: usize, distinct: usize) -> bool {
    distinct <= rows.saturating_mul(8)
}

/// Which distinct values pass a test.
pub struct Hits {
    /// By code; one place more stands for null.
    passed: Vec<bool>,
    few: Few,
    /// How many of a million values pass.
    pub share: usize,
}

/// So many codes are compared with quicker than looked up.
const COMPARED: usize = 4;

/// Where a row's code need not be looked up.
enum Few {
    /// Nothing passes, or all does.
    Same(bool),
    /// Only these.
    These(Vec<u32>),
    Many,
}

impl Hits {
    /// What a test says of the dictionary of a table, as [`Column::test_some_once`] asks it.
    pub fn once(memo: &Memo<Arc<Hits>>, values: &Arc<Column>, look: impl FnOnce(&Column) -> Option<Mask>, mut f: impl FnMut(&Value<'_>) -> bool) -> Arc<Hits> {
        memo.of(values, || Arc::new(Hits::new(values, look(values), &mut f)))
    }

    /// Of some values, or of all, which pass.
    fn new(values: &Column, some: Option<Mask>, f: &mut dyn FnMut(&Value<'_>) -> bool) -> Hits {
        let hits = match some {
            Some(some) => Mask::from_fn(values.len(), |code| some.get(code) && f(&values.get(code))),
            None => values.test_each(f),
        };
        Hits::of(&hits, f(&Value::Null))
    }

    /// Those values that a mask has, and maybe null.
    pub fn of(hits: &Mask, null: bool) -> Hits {
        let few = match (null, hits.count()) {
            (false, 0) => Few::Same(false),
            (false, count) if count <= COMPARED => Few::These(hits.rows().map(|code| code as u32).collect()),
            (true, count) if count == hits.len() => Few::Same(true),
            _ => Few::Many,
        };
        let share = hits.count() * 1_000_000 / hits.len().max(1);
        Hits { passed: (0..hits.len()).map(|code| hits.get(code)).chain([null]).collect(), few, share }
    }

    /// Does a code pass, or null for one that stands for no value?
    pub fn passes(&self, code: u32) -> bool {
        let null = self.passed.len().saturating_sub(1);
        self.passed.get((code as usize).min(null)).copied().unwrap_or_default()
    }

    /// The codes that pass, ascending; nothing where null passes.
    pub fn codes(&self) -> Option<impl Iterator<Item = u32>> {
        let (null, codes) = self.passed.split_last()?;
        (!null).then(|| (0..).zip(codes).filter(|(_, passed)| **passed).map(|(code, _)| code))
    }

    /// The rows whose code passed, among all or some.
    pub fn rows(&self, codes: &[u32], among: Option<&Mask>) -> Mask {
        let passed = |code| self.passes(code);
        let mut rows = match (&self.few, among) {
            (Few::Same(all), _) => Mask::new(codes.len(), *all),
            (Few::These(_), Some(among)) if among.is_sparse() => return among.among(codes, passed),
            (Few::These(hits), _) => Mask::any_of(codes, hits),
            (Few::Many, Some(among)) => return among.among(codes, passed),
            (Few::Many, None) => Mask::of(codes, passed),
        };
        among.into_iter().for_each(|among| rows.and(among));
        rows
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn dict() -> Column {
        let values: Text = [Some("a"), Some("b")].into_iter().collect();
        Column::coded(vec![0, 1, NO_CODE, 0], Column::Text(values))
    }

    #[test]
    fn a_dictionary_runs_a_test_once_per_value() {
        let mut calls = 0;
        let mask = dict().test(|v| {
            calls += 1;
            *v == Value::text("a")
        });
        assert_eq!((mask.rows().collect::<Vec<_>>(), calls), (vec![0, 3], 3));
        assert!(dict().test(|v| v.is_null()).get(2));
    }

    #[test]
    fn places_past_the_end_are_null() {
        for c in [dict(), Column::numbers(vec![1.0]), Column::Const(Value::Number(1.0), 1)] {
            let taken = c.take(&[0, 99]);
            assert!(!taken.is_null(0) && taken.is_null(1));
        }
    }

    #[test]
    fn parts_of_different_kinds_concatenate() {
        let c = Column::concat(&[&dict(), &Column::null(1), &Column::numbers(vec![2.0])]);
        assert_eq!(
            (0..c.len()).map(|i| c.get(i)).collect::<Vec<_>>(),
            [Value::text("a"), Value::text("b"), Value::Null, Value::text("a"), Value::Null, Value::Number(2.0)]
        );
    }
}
