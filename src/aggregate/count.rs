//! Counting rows and values.

use super::stored::{Piece, Pieces};
use super::{Accumulator, Call, Rows, values};
use crate::column::{Column, Value};
use std::any::Any;

/// Rows, or values of a field, a group. A false Boolean is no value: `count(eval(x=1))` counts where it holds.
#[derive(Default)]
pub(super) struct Count {
    counts: Vec<u64>,
}

impl Count {
    pub(super) fn make(_: &Call) -> Box<dyn Accumulator> {
        Box::<Count>::default()
    }

    fn grow(&mut self, groups: usize) {
        self.counts.resize(groups.max(self.counts.len()), 0);
    }

    fn add(&mut self, group: u32, n: usize) {
        if let Some(count) = self.counts.get_mut(group as usize) {
            *count += n as u64;
        }
    }
}

/// The state of a bare `count` over so many rows of each group.
pub fn counted(counts: Vec<u64>) -> Box<dyn Accumulator> {
    Box::new(Count { counts })
}

/// How many values there are to count.
pub(super) fn countable(value: &Value<'_>) -> usize {
    value.each().iter().filter(|v| **v != Value::Bool(false)).count()
}

impl Accumulator for Count {
    fn update(&mut self, rows: &Rows<'_>, groups: usize) {
        self.grow(groups);
        let each = rows.groups.iter().copied();
        match rows.column {
            None | Some(Column::Number { valid: None, .. }) => each.for_each(|g| self.add(g, 1)),
            Some(Column::Const(value, _)) => each.for_each(|g| self.add(g, countable(value))),
            Some(Column::Mixed(all)) => each.zip(all).for_each(|(g, v)| self.add(g, countable(v))),
            Some(Column::Dict { codes, values, .. }) if values.len() <= codes.len() => {
                let counts: Vec<usize> = (0..values.len()).map(|i| countable(&values.get(i))).collect();
                each.zip(codes).for_each(|(g, c)| self.add(g, counts.get(*c as usize).copied().unwrap_or(0)));
            }
            Some(Column::Dict { values, .. }) if !values::single(values) => values::singles(rows, |g, v| self.add(g, countable(v))),
            Some(column) => each.enumerate().for_each(|(row, g)| self.add(g, usize::from(!column.is_null(row)))),
        }
    }

    fn merge(&mut self, later: Box<dyn Accumulator>, map: &[u32], groups: usize) {
        self.grow(groups);
        let Ok(later) = later.into_any().downcast::<Count>() else { return };
        later.counts.into_iter().zip(map).for_each(|(n, &g)| self.add(g, n as usize));
    }

    fn finish(mut self: Box<Self>, groups: usize) -> Column {
        self.grow(groups);
        Column::numbers(self.counts.into_iter().map(|n| n as f64).collect())
    }

    fn store(self: Box<Self>, groups: usize) -> Vec<Piece> {
        vec![("ct", self.finish(groups))]
    }

    fn restore(&mut self, pieces: &Pieces<'_>, rows: usize) {
        let counts = pieces.get("ct");
        self.counts = (0..rows).map(|row| counts.number(row).map_or(0, |n| n as u64)).collect();
    }

    fn bytes(&self) -> usize {
        self.counts.capacity() * size_of::<u64>()
    }

    fn into_any(self: Box<Self>) -> Box<dyn Any> {
        self
    }
}

#[cfg(test)]
mod tests {
    use super::super::testing::run;
    use super::*;

    #[test]
    fn counts_values_and_not_what_is_false_or_missing() {
        let column =
            Column::Mixed(vec![Value::Null, Value::multi([Value::text("a"), Value::text("b")]), Value::Bool(false), Value::Bool(true), Value::text("")]);
        assert_eq!(run("count", &column, &[0; 5], 2), ["4", "0"]);
        assert_eq!(run("c", &Column::null(3), &[0, 0, 1], 3), ["0", "0", "0"]);
    }
}
