//! Statistics that rows join at one end and leave at the other: what `streamstats` needs after every row.
//!
//! Counts, sums, extremes, moments and picks are kept by two stacks of partial results, which costs a constant number of merges a
//! row however long the window is and never subtracts. Texts and ranks are kept as sorted bags. What is left is worked out
//! anew over the window.

mod anew;
mod bag;
mod fold;
mod list;
mod ranked;

use super::moments::{Moments, POPULATION, Range, SAMPLE};
use super::percentile::{between, higher, nearest};
use super::{Aggregate, Call};
use crate::column::Value;
use anew::Anew;
use bag::Bag;
use fold::{AVERAGE, Count, EARLIEST, Extreme, FIRST, Fold, LAST, LATEST, PLAIN, Pick, SQUARES, Sum};
use list::List;
use ranked::Ranked;
use std::collections::VecDeque;

/// A statistic over the rows of one window of one group.
pub trait Running: Send {
    /// A row joins, with its value and its `_time`.
    fn push(&mut self, value: &Value<'_>, time: Option<f64>);
    /// The row that has been there longest leaves. Only for windows; see [`running`].
    fn pop(&mut self);
    /// The result over the rows that are there.
    fn value(&self) -> Value<'static>;
    /// Bytes held, roughly.
    fn bytes(&self) -> usize;
}

/// A function over no rows yet. Without `windowed` no row ever leaves, so that rows need not be kept.
pub fn running(function: &'static Aggregate, call: &Call, windowed: bool) -> Box<dyn Running> {
    let percent = call.number.unwrap_or(50.0);
    match function.name {
        "count" => Fold::<Count>::boxed(call, windowed),
        "sum" => Fold::<Sum<PLAIN>>::boxed(call, windowed),
        "avg" => Fold::<Sum<AVERAGE>>::boxed(call, windowed),
        "sumsq" => Fold::<Sum<SQUARES>>::boxed(call, windowed),
        "max" => Fold::<Extreme<true>>::boxed(call, windowed),
        "min" => Fold::<Extreme<false>>::boxed(call, windowed),
        "range" => Fold::<Range>::boxed(call, windowed),
        "var" => Fold::<Moments<SAMPLE, false>>::boxed(call, windowed),
        "varp" => Fold::<Moments<POPULATION, false>>::boxed(call, windowed),
        "stdev" => Fold::<Moments<SAMPLE, true>>::boxed(call, windowed),
        "stdevp" => Fold::<Moments<POPULATION, true>>::boxed(call, windowed),
        "first" => Fold::<Pick<FIRST, false>>::boxed(call, windowed),
        "last" => Fold::<Pick<LAST, false>>::boxed(call, windowed),
        "earliest" => Fold::<Pick<EARLIEST, false>>::boxed(call, windowed),
        "latest" => Fold::<Pick<LATEST, false>>::boxed(call, windowed),
        "earliest_time" => Fold::<Pick<EARLIEST, true>>::boxed(call, windowed),
        "latest_time" => Fold::<Pick<LATEST, true>>::boxed(call, windowed),
        "dc" | "estdc" => Bag::boxed(Bag::distinct, windowed),
        "values" => Bag::boxed(Bag::sorted, windowed),
        "mode" => Bag::boxed(Bag::most, windowed),
        "perc" | "upperperc" => Ranked::boxed(nearest, percent, windowed),
        "exactperc" => Ranked::boxed(between, percent, windowed),
        "median" => Ranked::boxed(higher, percent, windowed),
        "list" => List::boxed(call, windowed),
        _ => Box::new(Anew::new(function, call)),
    }
}

/// `allnum=t`: no result while a value is there that is no number.
pub struct OnlyNumbers {
    pub inner: Box<dyn Running>,
    /// For each row whether it has such a value; and how many have.
    rows: VecDeque<bool>,
    bad: usize,
    windowed: bool,
}

impl OnlyNumbers {
    /// Around a statistic.
    pub fn boxed(inner: Box<dyn Running>, windowed: bool) -> Box<dyn Running> {
        Box::new(OnlyNumbers { inner, rows: VecDeque::new(), bad: 0, windowed })
    }
}

impl Running for OnlyNumbers {
    fn push(&mut self, value: &Value<'_>, time: Option<f64>) {
        let bad = value.each().iter().any(|v| v.as_number().is_none());
        self.bad += usize::from(bad);
        if self.windowed {
            self.rows.push_back(bad);
        }
        self.inner.push(value, time);
    }

    fn pop(&mut self) {
        self.bad -= usize::from(self.rows.pop_front() == Some(true));
        self.inner.pop();
    }

    fn value(&self) -> Value<'static> {
        if self.bad > 0 { Value::Null } else { self.inner.value() }
    }

    fn bytes(&self) -> usize {
        self.rows.len() + self.inner.bytes()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::aggregate::{all, find};
    use crate::card::Support;
    use crate::function::Env;
    use proptest::prelude::*;
    use std::sync::Arc;

    fn call(name: &str, number: Option<f64>) -> Call {
        Call { name: name.into(), number, list_limit: 5, env: Arc::new(Env::default()), inside: Default::default(), stretch: None, stored: false }
    }

    /// What the function gives over these rows at once.
    fn whole(function: &'static Aggregate, call: &Call, rows: &[(Value<'static>, f64)]) -> Value<'static> {
        let mut anew = Anew::new(function, call);
        rows.iter().for_each(|(v, t)| anew.push(v, Some(*t)));
        anew.value()
    }

    fn same(a: &Value<'_>, b: &Value<'_>) -> bool {
        match (a, b) {
            (Value::Number(a), Value::Number(b)) => (a - b).abs() <= 1e-9 * a.abs().max(1.0),
            _ => a.as_text() == b.as_text(),
        }
    }

    fn value() -> impl Strategy<Value = Value<'static>> {
        prop_oneof![
            4 => (-20i32..20).prop_map(|n| Value::Number(f64::from(n) / 4.0)),
            1 => Just(Value::Null),
            1 => "[ab1]{1,2}".prop_map(Value::owned),
            1 => (0..9u8, 0..9u8).prop_map(|(a, b)| Value::multi([Value::owned(a.to_string()), Value::owned(b.to_string())])),
        ]
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(60))]

        #[test]
        fn a_window_is_as_its_rows_at_once(rows in proptest::collection::vec(value(), 0..30), window in 0usize..6) {
            let rows: Vec<(Value<'static>, f64)> = rows.into_iter().enumerate().map(|(i, v)| (v, (i * 7 % 5) as f64)).collect();
            for function in all().filter(|a| a.support != Support::Planned) {
                let call = call(function.name, function.numbered.then_some(30.0));
                let mut state = running(function, &call, window > 0);
                for i in 0..rows.len() {
                    if window > 0 && i >= window {
                        state.pop();
                    }
                    state.push(&rows[i].0, Some(rows[i].1));
                    let from = if window == 0 { 0 } else { (i + 1).saturating_sub(window) };
                    let want = whole(function, &call, &rows[from..=i]);
                    prop_assert!(same(&state.value(), &want), "{} {:?}: {:?}, not {:?}", function.name, &rows[from..=i], state.value(), want);
                }
            }
        }
    }

    #[test]
    fn nothing_is_left_of_rows_that_left() {
        for function in all().filter(|a| a.support != Support::Planned) {
            let call = call(function.name, None);
            let (mut state, empty) = (running(function, &call, true), running(function, &call, true));
            for n in 0..4 {
                state.push(&Value::Number(f64::from(n)), Some(1.0));
            }
            (0..4).for_each(|_| state.pop());
            assert_eq!(state.value(), empty.value(), "{}", function.name);
            state.pop();
        }
    }

    #[test]
    fn only_numbers_wait_until_the_text_has_left() {
        let (sum, _) = find("sum").unwrap();
        let mut state = OnlyNumbers::boxed(running(sum, &call("sum", None), true), true);
        state.push(&Value::text("x"), None);
        state.push(&Value::text("2"), None);
        assert_eq!(state.value(), Value::Null);
        state.pop();
        assert_eq!(state.value(), Value::Number(2.0));
    }
}
