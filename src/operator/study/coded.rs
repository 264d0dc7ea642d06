//! A column as numbers for its distinct values, for statistics that count them.

use crate::column::{Batch, Column, Name, cast};
use crate::diagnostic::Diagnostic;
use crate::operator::Context;
use foldhash::fast::RandomState;
use hashbrown::HashMap;

/// The distinct values of a field, in the order in which they first stand; several values of a row count as one.
#[derive(Debug)]
pub(super) struct Coded {
    pub name: Name,
    /// A number a row, from 0.
    pub codes: Vec<Option<u32>>,
    pub texts: Vec<Box<str>>,
    /// Rows with each value.
    pub counts: Vec<u32>,
}

impl Coded {
    pub fn new(name: &Name, column: &Column, cx: &Context) -> Result<Coded, Diagnostic> {
        let mut numbers: HashMap<Box<str>, u32, RandomState> = HashMap::default();
        let mut coded = Coded { name: name.clone(), codes: Vec::with_capacity(column.len()), texts: Vec::new(), counts: Vec::new() };
        cx.memory.charge(column.len() * 8)?;
        for row in 0..column.len() {
            cx.at(row)?;
            let value = column.get(row);
            if value.is_null() {
                coded.codes.push(None);
                continue;
            }
            let text = cast::join(value.each(), " ");
            let code = match numbers.get(text.as_str()) {
                Some(code) => *code,
                None => {
                    cx.memory.charge(text.len() * 2 + 64)?;
                    let code = coded.texts.len() as u32;
                    coded.texts.push(text.as_str().into());
                    coded.counts.push(0);
                    numbers.insert(text.into(), code);
                    code
                }
            };
            coded.codes.push(Some(code));
            coded.counts.iter_mut().skip(code as usize).take(1).for_each(|c| *c += 1);
        }
        Ok(coded)
    }

    /// Rows with a value.
    pub fn present(&self) -> usize {
        self.counts.iter().map(|c| *c as usize).sum()
    }

    /// How many rows have the value of this number.
    pub fn count(&self, code: u32) -> u32 {
        self.counts.get(code as usize).copied().unwrap_or_default()
    }

    /// The value of this number.
    pub fn text(&self, code: u32) -> &str {
        self.texts.get(code as usize).map_or("", |t| t)
    }

    /// The value's number in a row.
    pub fn code(&self, row: usize) -> Option<u32> {
        self.codes.get(row).copied().flatten()
    }
}

/// These fields, or all whose names do not begin with `_`.
pub(super) fn chosen<'a>(batch: &'a Batch, fields: &'a [Name]) -> impl Iterator<Item = (&'a Name, &'a Column)> {
    batch
        .columns()
        .filter(move |(name, _)| if fields.is_empty() { !name.starts_with('_') } else { fields.contains(name) })
        .map(|(name, column)| (name, column.as_ref()))
}

/// Has the column numbers, and nothing else?
pub(super) fn numeric(column: &Column) -> bool {
    (0..column.len()).all(|i| column.is_null(i) || column.number(i).is_some_and(f64::is_finite)) && !column.all_null()
}
