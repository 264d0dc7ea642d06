//! Statistics that rows join at one end and leave at the other: what `streamstats` needs after every row.
//!
//! Counts, sums, extremes, moments and picks are kept by two stacks of partial results, which costs a constant number of merges a
//! row however long the window is and never subtracts. Texts and ranks are kept as sorted bags. What is left is worked out
//! anew over the window.

use super::extreme::Best;
use super::moments::{Moments, POPULATION, Range, SAMPLE};
use super::percentile::{between, higher, nearest};
use super::pick::Which;
use super::{Aggregate, Call, Rows, State, count::countable, moments::numbers};
use crate::column::{Column, Value};
use std::cmp::Ordering;
use std::collections::{BTreeMap, BTreeSet, VecDeque};

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
        "list" => Box::new(List { rows: VecDeque::new(), values: 0, limit: call.list_limit, windowed }),
        _ => Box::new(Anew { function, call: call.clone(), rows: VecDeque::new(), heap: 0 }),
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

/// A state whose merge is all that it needs: rows join on the right stack, leave from the left one, and the left one is refilled
/// from the right one when it is empty.
struct Fold<S> {
    call: Call,
    windowed: bool,
    /// Results over the oldest rows, each over itself and those that joined after it within the stack; the oldest row last.
    left: Vec<S>,
    /// Rows that joined since, and their result.
    right: Vec<S>,
    total: S,
}

impl<S: State + Clone> Fold<S> {
    fn boxed(call: &Call, windowed: bool) -> Box<dyn Running> {
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
struct Count(usize);

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

const PLAIN: u8 = 0;
const AVERAGE: u8 = 1;
const SQUARES: u8 = 2;

#[derive(Clone)]
struct Sum<const WHAT: u8>(f64, u64);

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
struct Extreme<const MAX: bool>(Best);

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

const FIRST: u8 = 0;
const LAST: u8 = 1;
const EARLIEST: u8 = 2;
const LATEST: u8 = 3;

/// The value kept, with its time.
#[derive(Clone)]
struct Pick<const WHICH: u8, const TIME: bool>(Option<(f64, Value<'static>)>);

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

/// Texts with how often they are there.
struct Bag {
    counts: BTreeMap<Box<str>, u64>,
    /// The same by count, for `mode`: the most frequent one comes first, of several the first by code point.
    by_count: BTreeSet<(std::cmp::Reverse<u64>, Box<str>)>,
    rows: VecDeque<Vec<Box<str>>>,
    reading: fn(&Bag) -> Value<'static>,
    ranked: bool,
    windowed: bool,
    heap: usize,
}

impl Bag {
    fn boxed(reading: fn(&Bag) -> Value<'static>, windowed: bool) -> Box<dyn Running> {
        let ranked = std::ptr::fn_addr_eq(reading, Bag::most as fn(&Bag) -> Value<'static>);
        Box::new(Bag { counts: BTreeMap::new(), by_count: BTreeSet::new(), rows: VecDeque::new(), reading, ranked, windowed, heap: 0 })
    }

    /// One more or one less of a text.
    fn change(&mut self, text: &str, more: bool) {
        let old = self.counts.get(text).copied().unwrap_or(0);
        let new = if more { old + 1 } else { old.saturating_sub(1) };
        if self.ranked {
            self.by_count.remove(&(std::cmp::Reverse(old), text.into()));
            if new > 0 {
                self.by_count.insert((std::cmp::Reverse(new), text.into()));
            }
        }
        match (old, new) {
            (_, 0) => drop(self.counts.remove(text)),
            (0, _) => drop(self.counts.insert(text.into(), new)),
            _ => drop(self.counts.get_mut(text).map(|n| *n = new)),
        }
        if old == 0 {
            self.heap += text.len() + 48;
        } else if new == 0 {
            self.heap -= (text.len() + 48).min(self.heap);
        }
    }

    fn distinct(&self) -> Value<'static> {
        Value::Number(self.counts.len() as f64)
    }

    fn sorted(&self) -> Value<'static> {
        Value::multi(self.counts.keys().map(|t| Value::owned(t.as_ref())))
    }

    fn most(&self) -> Value<'static> {
        self.by_count.first().map_or(Value::Null, |(_, t)| Value::owned(t.as_ref()))
    }
}

impl Running for Bag {
    fn push(&mut self, value: &Value<'_>, _: Option<f64>) {
        let texts: Vec<Box<str>> = value.each().iter().filter_map(|v| v.as_text().map(Box::from)).collect();
        texts.iter().for_each(|t| self.change(t, true));
        if self.windowed {
            self.heap += texts.iter().map(|t| t.len() + 16).sum::<usize>() + 24;
            self.rows.push_back(texts);
        }
    }

    fn pop(&mut self) {
        for text in self.rows.pop_front().unwrap_or_default() {
            self.change(&text, false);
            self.heap -= (text.len() + 16).min(self.heap);
        }
    }

    fn value(&self) -> Value<'static> {
        (self.reading)(self)
    }

    fn bytes(&self) -> usize {
        self.heap
    }
}

/// Which number a percentage stands for in an ascending list.
type Rank = fn(f64, u64, &dyn Fn(u64) -> Option<f64>) -> Option<f64>;

/// The numbers in ascending order.
struct Ranked {
    sorted: Vec<f64>,
    rows: VecDeque<Vec<f64>>,
    rank: Rank,
    percent: f64,
    windowed: bool,
}

impl Ranked {
    fn boxed(rank: Rank, percent: f64, windowed: bool) -> Box<dyn Running> {
        Box::new(Ranked { sorted: Vec::new(), rows: VecDeque::new(), rank, percent, windowed })
    }

    fn place(&self, n: f64) -> usize {
        self.sorted.partition_point(|x| x.total_cmp(&n) == Ordering::Less)
    }
}

impl Running for Ranked {
    fn push(&mut self, value: &Value<'_>, _: Option<f64>) {
        let row: Vec<f64> = numbers(value).collect();
        for &n in &row {
            self.sorted.insert(self.place(n), n);
        }
        if self.windowed {
            self.rows.push_back(row);
        }
    }

    fn pop(&mut self) {
        for n in self.rows.pop_front().unwrap_or_default() {
            let place = self.place(n);
            if place < self.sorted.len() {
                self.sorted.remove(place);
            }
        }
    }

    fn value(&self) -> Value<'static> {
        let at = |rank: u64| usize::try_from(rank).ok().and_then(|r| self.sorted.get(r)).or(self.sorted.last()).copied();
        (self.rank)(self.percent, self.sorted.len() as u64, &at).into()
    }

    fn bytes(&self) -> usize {
        self.sorted.capacity() * size_of::<f64>() + self.rows.len() * 32
    }
}

/// The first values by their texts, up to the ceiling of the call.
struct List {
    rows: VecDeque<Vec<Value<'static>>>,
    values: usize,
    limit: usize,
    windowed: bool,
}

impl Running for List {
    fn push(&mut self, value: &Value<'_>, _: Option<f64>) {
        // What can never be shown need not be kept.
        if self.windowed || self.values < self.limit {
            let row: Vec<Value<'static>> = value.each().iter().filter_map(|v| v.as_text().map(Value::owned)).collect();
            self.values += row.len();
            self.rows.push_back(row);
        }
    }

    fn pop(&mut self) {
        self.values -= self.rows.pop_front().map_or(0, |row| row.len());
    }

    fn value(&self) -> Value<'static> {
        Value::multi(self.rows.iter().flatten().take(self.limit).cloned())
    }

    fn bytes(&self) -> usize {
        self.rows.len() * 24 + self.values * 48
    }
}

/// Any other function: worked out over the rows of the window each time it is asked.
struct Anew {
    function: &'static Aggregate,
    call: Call,
    rows: VecDeque<(Value<'static>, Option<f64>)>,
    heap: usize,
}

impl Running for Anew {
    fn push(&mut self, value: &Value<'_>, time: Option<f64>) {
        self.heap += value.heap_bytes();
        self.rows.push_back((value.clone().into_owned(), time));
    }

    fn pop(&mut self) {
        let bytes = self.rows.pop_front().map_or(0, |(v, _)| v.heap_bytes());
        self.heap -= bytes.min(self.heap);
    }

    fn value(&self) -> Value<'static> {
        let mut state = (self.function.make)(&self.call);
        let column: Column = self.rows.iter().map(|(v, _)| v.borrowed()).collect();
        let time: Column = self.rows.iter().map(|(_, t)| Value::from(*t)).collect();
        state.update(&Rows { groups: &vec![0; self.rows.len()], column: Some(&column), time: Some(&time) }, 1);
        state.finish(1).get(0).into_owned()
    }

    fn bytes(&self) -> usize {
        self.rows.len() * size_of::<(Value, Option<f64>)>() + self.heap
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
        Call { name: name.into(), number, list_limit: 5, env: Arc::new(Env::default()), inside: Default::default(), stretch: None }
    }

    /// What the function gives over these rows at once.
    fn whole(function: &'static Aggregate, call: &Call, rows: &[(Value<'static>, f64)]) -> Value<'static> {
        let mut anew = Anew { function, call: call.clone(), rows: VecDeque::new(), heap: 0 };
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
