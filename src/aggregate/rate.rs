//! Change and amount over time: `rate`, and `per_second` to `per_day`.

use super::moments::numbers;
use super::{Call, State, Stretch, TIME, stored};
use crate::column::{Value, number};
use std::collections::BTreeMap;

/// Numbers with their times, as (time, number), in the order of the rows. All are kept: whether a counter was reset shows only between
/// two that follow each other in time.
#[derive(Default)]
pub(super) struct Rate(Vec<(f64, f64)>);

impl State for Rate {
    fn new(_: &Call) -> Self {
        Rate::default()
    }

    fn add(&mut self, value: Value<'_>, time: Option<f64>) {
        self.0.extend(time.filter(|t| !t.is_nan()).zip(numbers(&value).next()));
    }

    fn merge(&mut self, later: Self) {
        self.0.extend(later.0);
    }

    fn store(self) -> Vec<(&'static str, Value<'static>)> {
        vec![("rt", stored::joined_numbers(self.0.into_iter().flat_map(|(t, n)| [t, n])))]
    }

    fn restore(_: &Call, piece: &dyn Fn(&str) -> Value<'static>) -> Self {
        Rate(stored::parted_numbers(&piece("rt")).into_iter().map(|[t, n]| (t, n)).collect())
    }

    /// Null where no time passes between the oldest and the newest. A counter that is reset begins at 0 again: what it had before the
    /// largest reset counts too, and that one alone, as Splunk documents it.
    fn finish(mut self, _: &Call) -> Value<'static> {
        // Of several with one time the row that came first is the newest, as in `earliest` and `latest`.
        self.0.reverse();
        self.0.sort_by(|a, b| a.0.total_cmp(&b.0));
        let ends = self.0.first().zip(self.0.last()).filter(|(old, new)| new.0 > old.0);
        let before_reset = |pair: &[(f64, f64)]| match pair {
            [(_, before), (_, after)] if after < before => *before,
            _ => 0.0,
        };
        let reset = self.0.windows(2).map(before_reset).fold(0.0, f64::max);
        ends.map(|(old, new)| (new.1 - old.1 + reset) / (new.0 - old.0)).into()
    }

    fn bytes(&self) -> usize {
        self.0.capacity() * size_of::<(f64, f64)>()
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
        self.series.len() * 40 + self.one.bytes()
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
    fn a_counter_begins_again_after_a_reset() {
        let run = |cells: &[&str]| {
            let times: Vec<String> = (0..cells.len()).map(|i| (1000 - 10 * i).to_string()).collect();
            run_at("rate", &column(cells), &column(&times.iter().map(String::as_str).collect::<Vec<_>>()), &vec![0; cells.len()], 1)
        };
        // Newest first: 20 to 50, then from 0 to 30.
        assert_eq!(run(&["30", "10", "50", "20"]), ["2"]);
        // Of two resets the larger one counts.
        assert_eq!(run(&["4", "70", "20", "60", "50", "40"]), ["0.68"]);
        assert_eq!(run(&["1"]), [""]);
    }

    #[test]
    fn over_the_time_between() {
        let (c, times) = (column(&["10", "x", "4", "-", "5"]), column(&["300", "400", "100", "0", "7"]));
        let groups = [0, 0, 0, 0, 1];
        for (name, want) in [("rate", ["0.03", "", ""]), ("per_second", ["0.035", "", ""]), ("per_minute", ["2.1", "", ""])] {
            assert_eq!(run_at(name, &c, &times, &groups, 3), want, "{name}");
        }
    }
}
