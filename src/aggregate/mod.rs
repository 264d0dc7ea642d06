//! stats functions, by family.
//!
//! An aggregate is one [`Aggregate`] value in its family's list. It makes an [`Accumulator`] that holds the state of every
//! group, takes rows, merges with the accumulator of a later chunk of the same input, and gives a column with a row a group.

#[expect(clippy::module_inception, reason = "a family has the name that Splunk's reference gives it")]
mod aggregate;
mod count;
mod event_order;
mod extreme;
mod list;
mod moments;
mod multivalue;
mod only_numbers;
mod pairs;
mod percentile;
mod pick;
mod precision;
mod rate;
pub mod running;
pub mod sparkline;
pub mod stored;
mod sum;
mod tally;
#[cfg(test)]
mod testing;
mod time;
mod values;

pub use count::counted;
pub use only_numbers::OnlyNumbers;
pub use precision::PRECISION;
pub use rate::increase;
use stored::{Piece, Pieces};

use crate::card::{Example, Support};
use crate::column::{Builder, Column, Mask, Value};
use crate::function::Env;
use crate::time::Span;
use std::any::Any;
use std::cell::RefCell;
use std::collections::HashMap;
use std::sync::Arc;

/// Rows of one batch for an accumulator, in the order of the input.
pub struct Rows<'a> {
    /// The group of each row; [`NO_GROUP`] for a row that counts nowhere.
    pub groups: &'a [u32],
    /// The argument: a field, or the result of `eval(…)`; `None` for a bare `count`.
    pub column: Option<&'a Column>,
    /// `_time`, for the functions that go by it.
    pub time: Option<&'a Column>,
}

/// A row that belongs to no group.
pub const NO_GROUP: u32 = u32::MAX;

/// The running state of one stats function over all groups.
pub trait Accumulator: Send {
    /// Said before it has rows: it is only to be merged into another one, so that it may leave to that one what would cost it time.
    fn as_part(&mut self) {}

    /// Takes the rows of a batch. Group numbers are below `groups`, which never shrinks from call to call.
    fn update(&mut self, rows: &Rows<'_>, groups: usize);

    /// Takes in the state of the rows that come after this one's; group `g` there is group `map[g]` here.
    fn merge(&mut self, later: Box<dyn Accumulator>, map: &[u32], groups: usize);

    /// The results, one row a group.
    fn finish(self: Box<Self>, groups: usize) -> Column;

    /// The states as columns, one row a group, which [`Accumulator::restore`] takes in again.
    fn store(self: Box<Self>, groups: usize) -> Vec<Piece>;

    /// Of an accumulator without rows: takes over states that were stored, a group a row.
    fn restore(&mut self, pieces: &Pieces<'_>, rows: usize);

    /// Bytes held, for the memory account.
    fn bytes(&self) -> usize;

    /// For [`Accumulator::merge`] to get at its own kind.
    fn into_any(self: Box<Self>) -> Box<dyn Any>;
}

/// How a stats function was called.
#[derive(Clone, Debug)]
pub struct Call {
    /// The name as written, lower case: `perc95`, `exactperc99.9`.
    pub name: String,
    /// The number behind the name: 95 for `perc95`.
    pub number: Option<f64>,
    /// Splunk's ceiling for `list()`: 100 values.
    pub list_limit: usize,
    /// What stands in the parentheses of `sparkline`.
    pub inside: sparkline::Inside,
    /// The stretches of time that groups are for, where they are rows of timechart.
    pub stretch: Option<Stretch>,
    /// Are the states to be stored, not only read?
    pub stored: bool,
    pub env: Arc<Env>,
}

/// Stretches of time of equal length, and what they are counted from.
#[derive(Clone, Copy, Debug)]
pub struct Stretch {
    pub span: Span,
    pub align: Option<f64>,
}

/// One stats function.
pub struct Aggregate {
    /// As typed, lower case. `perc` stands for `perc<N>`.
    pub name: &'static str,
    /// Other spellings: `c` of `count`.
    pub aliases: &'static [&'static str],
    /// Is a number part of the name?
    pub numbered: bool,
    pub family: Family,
    /// One sentence: what it gives.
    pub summary: &'static str,
    /// As in `avg(<field>)`.
    pub syntax: &'static str,
    /// May it stand without an argument?
    pub bare: bool,
    /// Does it depend on the order of the rows?
    pub ordered: bool,
    pub examples: &'static [Example],
    pub support: Support,
    pub make: fn(&Call) -> Box<dyn Accumulator>,
    /// `file!()`: where it is written.
    pub file: &'static str,
}

impl Aggregate {
    /// What the functions of a file have in common; each states the rest.
    const fn base(family: Family, make: fn(&Call) -> Box<dyn Accumulator>, file: &'static str) -> Aggregate {
        Aggregate {
            name: "",
            aliases: &[],
            numbered: false,
            family,
            summary: "",
            syntax: "",
            bare: false,
            ordered: false,
            examples: &[],
            support: Support::Full,
            make,
            file,
        }
    }
}

/// Chapters of Splunk's reference of statistical functions.
#[derive(Clone, Copy, Debug, PartialEq, Eq, serde::Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Family {
    Aggregate,
    EventOrder,
    Multivalue,
    Time,
}

/// The lists of all families.
pub const FAMILIES: &[&[Aggregate]] = &[aggregate::LIST, event_order::LIST, multivalue::LIST, time::LIST];

/// Every stats function.
pub fn all() -> impl Iterator<Item = &'static Aggregate> {
    FAMILIES.iter().flat_map(|family| family.iter())
}

/// A stats function by name, any case, with the number that is part of it (`p95`, `perc99.9`).
pub fn find(name: &str) -> Option<(&'static Aggregate, Option<f64>)> {
    let name = name.to_ascii_lowercase();
    let is = |a: &&Aggregate, n: &str| a.name == n || a.aliases.contains(&n);
    if let Some(a) = all().find(|a| !a.numbered && is(a, &name)) {
        return Some((a, None));
    }
    let digits = name.find(|c: char| c.is_ascii_digit())?;
    let (stem, number) = name.split_at(digits);
    let number = number.parse::<f64>().ok().filter(|n| (0.0..=100.0).contains(n))?;
    all().find(|a| a.numbered && is(a, stem)).map(|a| (a, Some(number)))
}

/// The state of one group of a function that needs nothing special: most families are built on it through [`Grouped`].
pub trait State: Send + 'static {
    /// A group without rows.
    fn new(call: &Call) -> Self;
    /// One row's value, which may be null or a multivalue, and its `_time`.
    fn add(&mut self, value: Value<'_>, time: Option<f64>);
    /// The state of the rows that come after this one's.
    fn merge(&mut self, later: Self);
    /// The result.
    fn finish(self, call: &Call) -> Value<'static>;
    /// Bytes on the heap; asked for before and after each change, so it must be cheap.
    fn bytes(&self) -> usize {
        0
    }
    /// The pieces that the state can be made of again, the same ones for every state. Those of windows are never stored.
    fn store(self) -> Vec<(&'static str, Value<'static>)>
    where
        Self: Sized,
    {
        Vec::new()
    }
    /// The state that was stored, or nothing of it.
    fn restore(call: &Call, _piece: &dyn Fn(&str) -> Value<'static>) -> Self
    where
        Self: Sized,
    {
        Self::new(call)
    }
}

/// What a state that is restored may ask for beside its pieces: the time of its row.
const TIME: &str = "_time";

/// An accumulator of one [`State`] a group.
pub struct Grouped<S> {
    call: Call,
    states: Vec<S>,
    /// What the states hold on the heap, kept as they change: summing up over all groups would cost more than the batch.
    heap: usize,
}

impl<S: State> Grouped<S> {
    /// What an [`Aggregate`]'s `make` gives.
    pub fn make(call: &Call) -> Box<dyn Accumulator> {
        Box::new(Grouped::<S> { call: call.clone(), states: Vec::new(), heap: 0 })
    }

    fn grow(&mut self, groups: usize) {
        let call = &self.call;
        self.states.resize_with(groups.max(self.states.len()), || S::new(call));
    }

    /// Changes the state of a group and the account of it.
    fn change(&mut self, group: u32, f: impl FnOnce(&mut S)) {
        if let Some(state) = self.states.get_mut(group as usize) {
            let before = state.bytes();
            f(state);
            self.heap = (self.heap + state.bytes()).saturating_sub(before);
        }
    }
}

impl<S: State> Accumulator for Grouped<S> {
    fn update(&mut self, rows: &Rows<'_>, groups: usize) {
        self.grow(groups);
        for (row, &group) in rows.groups.iter().enumerate() {
            self.change(group, |state| {
                let value = rows.column.map_or(Value::Null, |c| c.get(row));
                state.add(value, rows.time.and_then(|t| t.number(row)));
            });
        }
    }

    fn merge(&mut self, later: Box<dyn Accumulator>, map: &[u32], groups: usize) {
        self.grow(groups);
        let Ok(later) = later.into_any().downcast::<Grouped<S>>() else { return };
        for (state, &group) in later.states.into_iter().zip(map) {
            self.change(group, |mine| mine.merge(state));
        }
    }

    fn finish(mut self: Box<Self>, groups: usize) -> Column {
        self.grow(groups);
        let call = self.call;
        self.states.into_iter().map(|s| s.finish(&call)).collect()
    }

    fn store(mut self: Box<Self>, groups: usize) -> Vec<Piece> {
        self.grow(groups);
        let mut columns: Vec<(&'static str, Builder)> = S::new(&self.call).store().into_iter().map(|(piece, _)| (piece, Builder::new())).collect();
        for state in self.states {
            for ((_, column), (_, value)) in columns.iter_mut().zip(state.store()) {
                column.push(value);
            }
        }
        columns.into_iter().map(|(piece, column)| (piece, column.finish())).collect()
    }

    fn restore(&mut self, pieces: &Pieces<'_>, rows: usize) {
        self.grow(rows);
        let known: RefCell<HashMap<String, Arc<Column>>> = RefCell::default();
        for row in 0..rows {
            let piece = |name: &str| {
                let mut known = known.borrow_mut();
                let column = match known.get(name) {
                    Some(column) => column.clone(),
                    None => known.entry(name.to_string()).or_insert(if name == TIME { pieces.times() } else { pieces.get(name) }).clone(),
                };
                column.get(row).into_owned()
            };
            let state = S::restore(&self.call, &piece);
            self.change(row as u32, |mine| mine.merge(state));
        }
    }

    fn bytes(&self) -> usize {
        self.states.capacity() * size_of::<S>() + self.heap
    }

    fn into_any(self: Box<Self>) -> Box<dyn Any> {
        self
    }
}

/// The rows of a batch that have a group and a value: for accumulators written over columns.
pub fn present(rows: &Rows<'_>) -> Mask {
    Mask::from_fn(rows.groups.len(), |i| rows.groups[i] != NO_GROUP && rows.column.is_none_or(|c| !c.is_null(i)))
}
