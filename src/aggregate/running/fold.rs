//! Counts, sums, extremes, moments and picks: two stacks of partial results.

use super::Running;
use crate::aggregate::extreme::Best;
use crate::aggregate::pick::Which;
use crate::aggregate::{Call, State, count::countable, moments::numbers};
use crate::column::Value;
use std::cmp::Ordering;

/// A state whose merge is all that it needs: rows join on the right stack, leave from the left one, and the left one is refilled
/// from the right one when it is empty.
pub(super) struct Fold<S> {
    call: Call,
    windowed: bool,
    /// Results over the oldest rows, each over itself and those that joined after it within the stack; the oldest row last.
    left: Vec<S>,
    /// Rows that joined since, and their result.
    right: Vec<S>,
    total: S,
}

impl<S: State + Clone> Fold<S> {
    pub fn boxed(call: &Call, windowed: bool) -> Box<dyn Running> {
        Box::new(Fold::<S> { windowed, left: Vec::new(), right: Vec::new(), total: S::new(call), call: call.clone() })
    }
}

impl<S: State + Clone> Running for Fold<S> {
    fn push(&mut self, value: &Value<'_>, time: Option<f64>) {
        self.total.add(value.borrowed(), time);
        if self.windowed {
            let mut one = S::new(&self.call);
            one.add(value.borrowed(), time);
            self.right.push(one);
        }
    }

    fn pop(&mut self) {
        if self.left.is_empty() {
            self.total = S::new(&self.call);
            while let Some(mut row) = self.right.pop() {
                if let Some(after) = self.left.last() {
                    row.merge(after.clone());
                }
                self.left.push(row);
            }
        }
        self.left.pop();
    }

    fn value(&self) -> Value<'static> {
        let Some(left) = self.left.last() else { return self.total.clone().finish(&self.call) };
        let mut all = left.clone();
        all.merge(self.total.clone());
        all.finish(&self.call)
    }

    fn bytes(&self) -> usize {
        (self.left.len() + self.right.len() + 1) * size_of::<S>() + self.total.bytes()
    }
}

#[derive(Clone)]
pub(super) struct Count(usize);

impl State for Count {
    fn new(_: &Call) -> Self {
        Count(0)
    }

    fn add(&mut self, value: Value<'_>, _: Option<f64>) {
        self.0 += countable(&value);
    }

    fn merge(&mut self, later: Self) {
        self.0 += later.0;
    }

    fn finish(self, _: &Call) -> Value<'static> {
        Value::Number(self.0 as f64)
    }
}

pub(super) const PLAIN: u8 = 0;
pub(super) const AVERAGE: u8 = 1;
pub(super) const SQUARES: u8 = 2;

#[derive(Clone)]
pub(super) struct Sum<const WHAT: u8>(f64, u64);

impl<const WHAT: u8> State for Sum<WHAT> {
    fn new(_: &Call) -> Self {
        Sum(0.0, 0)
    }

    fn add(&mut self, value: Value<'_>, _: Option<f64>) {
        for n in numbers(&value) {
            self.0 += if WHAT == SQUARES { n * n } else { n };
            self.1 += 1;
        }
    }

    fn merge(&mut self, later: Self) {
        self.0 += later.0;
        self.1 += later.1;
    }

    fn finish(self, _: &Call) -> Value<'static> {
        (self.1 > 0).then(|| if WHAT == AVERAGE { self.0 / self.1 as f64 } else { self.0 }).into()
    }
}

#[derive(Clone)]
pub(super) struct Extreme<const MAX: bool>(Best);

impl<const MAX: bool> Extreme<MAX> {
    const WINS: Ordering = if MAX { Ordering::Greater } else { Ordering::Less };
}

impl<const MAX: bool> State for Extreme<MAX> {
    fn new(_: &Call) -> Self {
        Extreme(Best::default())
    }

    fn add(&mut self, value: Value<'_>, _: Option<f64>) {
        value.each().iter().for_each(|v| self.0.add(v, Self::WINS));
    }

    fn merge(&mut self, later: Self) {
        self.0.merge(later.0, Self::WINS);
    }

    fn finish(self, _: &Call) -> Value<'static> {
        self.0.value()
    }
}

pub(super) const FIRST: u8 = 0;
pub(super) const LAST: u8 = 1;
pub(super) const EARLIEST: u8 = 2;
pub(super) const LATEST: u8 = 3;

/// The value kept, with its time.
#[derive(Clone)]
pub(super) struct Pick<const WHICH: u8, const TIME: bool>(Option<(f64, Value<'static>)>);

impl<const WHICH: u8, const TIME: bool> Pick<WHICH, TIME> {
    const KIND: Which = match WHICH {
        FIRST => Which::First,
        LAST => Which::Last,
        EARLIEST => Which::Earliest,
        _ => Which::Latest,
    };
}

impl<const WHICH: u8, const TIME: bool> State for Pick<WHICH, TIME> {
    fn new(_: &Call) -> Self {
        Pick(None)
    }

    fn add(&mut self, value: Value<'_>, time: Option<f64>) {
        let time = if Self::KIND.by_time() { time } else { Some(0.0) };
        if let Some(time) = time.filter(|t| !t.is_nan() && !value.is_null()) {
            self.merge(Pick(Some((time, Self::KIND.one(value)))));
        }
    }

    fn merge(&mut self, later: Self) {
        let Some((time, _)) = &later.0 else { return };
        if self.0.as_ref().is_none_or(|(kept, _)| Self::KIND.replaces(*time, *kept)) {
            self.0 = later.0;
        }
    }

    fn finish(self, _: &Call) -> Value<'static> {
        self.0.map_or(Value::Null, |(t, v)| if TIME { Value::Number(t) } else { v })
    }
}
