//! `allnum=t`: a numeric function gives nothing for a group that has a value which is no number.

use super::stored::{Piece, Pieces};
use super::{Accumulator, Aggregate, NO_GROUP, Rows};
use crate::column::{Column, Value};
use std::any::Any;

/// The functions that the option is about; `min`, `max` and those that count or pick take text as well.
const NUMERIC: &[&str] = &["avg", "sum", "sumsq", "range", "stdev", "stdevp", "var", "varp", "median", "perc", "exactperc", "upperperc"];

/// The piece that says that a value was no number.
const SPOILT: &str = "an";

/// Around the accumulator of a function.
pub struct OnlyNumbers {
    inner: Box<dyn Accumulator>,
    /// The groups that had such a value.
    spoilt: Vec<bool>,
}

impl OnlyNumbers {
    /// Is the option about this function?
    pub fn applies(function: &Aggregate) -> bool {
        NUMERIC.contains(&function.name)
    }

    /// No rows yet.
    pub fn new(inner: Box<dyn Accumulator>) -> OnlyNumbers {
        OnlyNumbers { inner, spoilt: Vec::new() }
    }

    fn spoil(&mut self, group: u32) {
        if let Some(spoilt) = self.spoilt.get_mut(group as usize) {
            *spoilt = true;
        }
    }
}

impl Accumulator for OnlyNumbers {
    fn update(&mut self, rows: &Rows<'_>, groups: usize) {
        self.spoilt.resize(groups.max(self.spoilt.len()), false);
        if let Some(column) = rows.column {
            for (row, &group) in rows.groups.iter().enumerate().filter(|(_, g)| **g != NO_GROUP) {
                if column.get(row).each().iter().any(|v| v.as_number().is_none()) {
                    self.spoil(group);
                }
            }
        }
        self.inner.update(rows, groups);
    }

    fn merge(&mut self, later: Box<dyn Accumulator>, map: &[u32], groups: usize) {
        self.spoilt.resize(groups.max(self.spoilt.len()), false);
        let Ok(later) = later.into_any().downcast::<OnlyNumbers>() else { return };
        for (_, &group) in later.spoilt.iter().zip(map).filter(|(spoilt, _)| **spoilt) {
            self.spoil(group);
        }
        self.inner.merge(later.inner, map, groups);
    }

    fn finish(self: Box<Self>, groups: usize) -> Column {
        let column = self.inner.finish(groups);
        let kept = |i: usize| if self.spoilt.get(i) == Some(&true) { Value::Null } else { column.get(i) };
        (0..groups).map(kept).collect()
    }

    fn store(mut self: Box<Self>, groups: usize) -> Vec<Piece> {
        self.spoilt.resize(groups.max(self.spoilt.len()), false);
        let mut pieces = self.inner.store(groups);
        pieces.push((SPOILT, self.spoilt.iter().map(|spoilt| if *spoilt { Value::Number(1.0) } else { Value::Null }).collect()));
        pieces
    }

    fn restore(&mut self, pieces: &Pieces<'_>, rows: usize) {
        let spoilt = pieces.get(SPOILT);
        self.spoilt = (0..rows).map(|row| !spoilt.is_null(row)).collect();
        self.inner.restore(pieces, rows);
    }

    fn bytes(&self) -> usize {
        self.spoilt.capacity() + self.inner.bytes()
    }

    fn into_any(self: Box<Self>) -> Box<dyn Any> {
        self
    }
}

#[cfg(test)]
mod tests {
    use super::super::testing::{call, column};
    use super::*;

    #[test]
    fn a_text_anywhere_spoils_its_group() {
        let (sum, call) = call("sum");
        let make = || Box::new(OnlyNumbers::new((sum.make)(&call)));
        let (mut first, mut later) = (make(), make());
        let rows = column(&["1", "2", "-"]);
        first.update(&Rows { groups: &[0, 1, 1], column: Some(&rows), time: None }, 2);
        // Group 0 there is group 1 here; the text of no group counts nowhere.
        let rows = column(&["3|x", "y"]);
        later.update(&Rows { groups: &[0, NO_GROUP], column: Some(&rows), time: None }, 1);
        assert!(first.bytes() > 0 && OnlyNumbers::applies(sum));
        first.merge(later, &[1], 2);
        let sums = first.finish(3);
        assert_eq!([sums.get(0), sums.get(1), sums.get(2)], [Value::Number(1.0), Value::Null, Value::Null]);
    }
}
