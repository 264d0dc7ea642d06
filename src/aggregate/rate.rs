//! Change and amount over time: `rate`, and `per_second` to `per_day`.

use super::moments::numbers;
use super::{Call, State, Stretch, TIME, stored};
use crate::column::{Value, number};
use std::collections::BTreeMap;

/// The oldest and the newest number with their times, as (time, number). Ties go as in `earliest` and `latest`.
#[derive(Default)]
pub(super) struct Rate(Option<[(f64, f64); 2]>);

impl State for Rate {
    fn new(_: &Call) -> Self {
        Rate(None)
    }

    fn add(&mut self, value: Value<'_>, time: Option<f64>) {
        if let (Some(n), Some(t)) = (numbers(&value).next(), time.filter(|t| !t.is_nan())) {
            self.merge(Rate(Some([(t, n); 2])));
        }
    }

    fn merge(&mut self, later: Self) {
        self.0 = match (self.0, later.0) {
            (Some([old, new]), Some([o, n])) => Some([if o.0 <= old.0 { o } else { old }, if n.0 > new.0 { n } else { new }]),
            (one, other) => one.or(other),
        };
    }

    fn store(self) -> Vec<(&'static str, Value<'static>)> {
        vec![("rt", self.0.map_or(Value::Null, |points| stored::joined_numbers(points.into_iter().flat_map(|(t, n)| [t, n]))))]
    }

    fn restore(_: &Call, piece: &dyn Fn(&str) -> Value<'static>) -> Self {
        Rate(stored::parted_numbers(&piece("rt")).first().map(|[t, n, u, m]| [(*t, *n), (*u, *m)]))
    }

    /// Null where no time passes between the two.
    fn finish(self, _: &Call) -> Value<'static> {
        self.0.filter(|[old, new]| new.0 > old.0).map(|[old, new]| (new.1 - old.1) / (new.0 - old.0)).into()
    }
}

/// What stands between the parts of an [`increase`]; no number is written with it.
const BETWEEN: char = '\u{1}';

/// How much a counter of a numbered time series grew in so many seconds, for `rate_avg` and `rate_sum`.
pub fn increase(series: u32, growth: f64, seconds: f64) -> String {
    format!("{growth}{BETWEEN}{seconds}{BETWEEN}{series}")
}

/// The rates of the time series of an accumulating metric: of each, what it grew over the time that this took. mstats says of which
/// series a value is; other values are those of one.
pub(super) struct Rates<const SUM: bool> {
    /// By the number of the series, growth and seconds.
    series: BTreeMap<u32, (f64, f64)>,
    one: Rate,
}

impl<const SUM: bool> State for Rates<SUM> {
    fn new(call: &Call) -> Self {
        Rates { series: BTreeMap::new(), one: Rate::new(call) }
    }

    fn add(&mut self, value: Value<'_>, time: Option<f64>) {
        if let Value::Text(text) = &value {
            let mut parts = text.split(BETWEEN);
            let mut number = || number::parse(parts.next()?);
            if let (Some(growth), Some(seconds), Some(series)) = (number(), number(), number()) {
                let known = self.series.entry(series as u32).or_default();
                *known = (known.0 + growth, known.1 + seconds);
                return;
            }
        }
        self.one.add(value, time);
    }

    fn merge(&mut self, later: Self) {
        for (series, (growth, seconds)) in later.series {
            let known = self.series.entry(series).or_default();
            *known = (known.0 + growth, known.1 + seconds);
        }
        self.one.merge(later.one);
    }

    fn finish(self, call: &Call) -> Value<'static> {
        if self.series.is_empty() {
            return self.one.finish(call);
        }
        let count = self.series.len() as f64;
        let sum: f64 = self.series.into_values().map(|(growth, seconds)| growth / seconds).sum();
        Value::Number(if SUM { sum } else { sum / count })
    }

    fn bytes(&self) -> usize {
        self.series.len() * 40
    }
}

/// Sum of the numbers per so many seconds: over the length of the row of timechart, elsewhere over the time between the first and the
/// last event. True counts as 1, so that conditions are counted.
#[derive(Default)]
pub(super) struct Per<const SECONDS: u32> {
    sum: Option<f64>,
    /// Least and greatest time.
    times: Option<(f64, f64)>,
}

impl<const SECONDS: u32> State for Per<SECONDS> {
    fn new(_: &Call) -> Self {
        Per::default()
    }

    fn add(&mut self, value: Value<'_>, time: Option<f64>) {
        let sum = match value {
            Value::Bool(b) => Some(f64::from(u8::from(b))),
            value => numbers(&value).fold(None, |sum, n| Some(sum.unwrap_or(0.0) + n)),
        };
        self.merge(Per { sum, times: time.filter(|t| !t.is_nan()).map(|t| (t, t)) });
    }

    fn merge(&mut self, later: Self) {
        self.sum = self.sum.zip(later.sum).map(|(a, b)| a + b).or(self.sum).or(later.sum);
        self.times = match (self.times, later.times) {
            (Some((low, high)), Some((l, h))) => Some((low.min(l), high.max(h))),
            (one, other) => one.or(other),
        };
    }

    fn store(self) -> Vec<(&'static str, Value<'static>)> {
        vec![("ps", self.sum.into()), ("pt", self.times.map_or(Value::Null, |(low, high)| stored::joined_numbers([low, high])))]
    }

    /// A server keeps the sum alone: the time is that of the row then.
    fn restore(_: &Call, piece: &dyn Fn(&str) -> Value<'static>) -> Self {
        let times = stored::parted_numbers(&piece("pt")).first().map(|[low, high]| (*low, *high));
        Per { sum: piece("ps").as_number().or_else(|| piece("sm").as_number()), times: times.or_else(|| piece(TIME).as_number().map(|t| (t, t))) }
    }

    /// Null where no time passes.
    fn finish(self, call: &Call) -> Value<'static> {
        let passed = self.times.map(|(low, high)| match call.stretch {
            // Stretches of the local calendar differ in length.
            Some(Stretch { span, align }) => span.next(low, &call.env.zone, align) - span.floor(low, &call.env.zone, align),
            None => high - low,
        });
        let passed = passed.filter(|s| *s > 0.0);
        self.sum.zip(passed).map(|(sum, passed)| sum * f64::from(SECONDS) / passed).into()
    }
}

#[cfg(test)]
mod tests {
    use super::super::testing::{column, run_at};

    #[test]
    fn over_the_time_between() {
        let (c, times) = (column(&["10", "x", "4", "-", "5"]), column(&["300", "400", "100", "0", "7"]));
        let groups = [0, 0, 0, 0, 1];
        for (name, want) in [("rate", ["0.03", "", ""]), ("per_second", ["0.035", "", ""]), ("per_minute", ["2.1", "", ""])] {
            assert_eq!(run_at(name, &c, &times, &groups, 3), want, "{name}");
        }
    }
}
