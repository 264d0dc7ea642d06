//! Spread: `var`, `varp`, `stdev`, `stdevp` and `range`.

use super::{Call, State};
use crate::column::Value;

/// Of a sample: the sum of squares is divided by one less than the number of values.
pub(super) const SAMPLE: u8 = 1;
/// Of a whole population: it is divided by the number of values.
pub(super) const POPULATION: u8 = 0;

/// Number, mean and sum of squared distances from it, kept stable by Welford's update and Chan's merge. `LESS` is taken off
/// the number of values in the divisor; `ROOT` asks for the standard deviation.
#[derive(Clone, Default)]
pub(super) struct Moments<const LESS: u8, const ROOT: bool> {
    n: f64,
    mean: f64,
    squares: f64,
}

impl<const LESS: u8, const ROOT: bool> State for Moments<LESS, ROOT> {
    fn new(_: &Call) -> Self {
        Moments { n: 0.0, mean: 0.0, squares: 0.0 }
    }

    fn add(&mut self, value: Value<'_>, _: Option<f64>) {
        for x in numbers(&value) {
            self.n += 1.0;
            let away = x - self.mean;
            self.mean += away / self.n;
            self.squares += away * (x - self.mean);
        }
    }

    fn merge(&mut self, later: Self) {
        let n = self.n + later.n;
        if later.n == 0.0 {
            return;
        }
        let away = later.mean - self.mean;
        self.squares += later.squares + away * away * (self.n * later.n / n);
        self.mean += away * (later.n / n);
        self.n = n;
    }

    /// No value gives null. One value has no spread: 0, also for the sample forms, as Splunk is known to print it.
    fn finish(self, _: &Call) -> Value<'static> {
        let spread = match self.n {
            0.0 => return Value::Null,
            1.0 => 0.0,
            n => self.squares / (n - f64::from(LESS)),
        };
        Value::Number(if ROOT { spread.sqrt() } else { spread })
    }

    /// Splunk's sums would lose a small spread far from zero; mean and squared distances keep it.
    fn store(self) -> Vec<(&'static str, Value<'static>)> {
        let some = |x: f64| if self.n > 0.0 { Value::Number(x) } else { Value::Null };
        vec![("nc", Value::Number(self.n)), ("mn", some(self.mean)), ("sd", some(self.squares))]
    }

    fn restore(_: &Call, piece: &dyn Fn(&str) -> Value<'static>) -> Self {
        let number = |name: &str| piece(name).as_number();
        let n = number("nc").unwrap_or_default();
        let own = number("mn").zip(number("sd"));
        let sums = number("sm").zip(number("ss")).map(|(sum, squares)| (sum / n, (squares - sum * sum / n).max(0.0)));
        match own.or(sums).filter(|_| n > 0.0) {
            Some((mean, squares)) => Moments { n, mean, squares },
            None => Moments { n: 0.0, mean: 0.0, squares: 0.0 },
        }
    }
}

/// Difference of the greatest and the least number.
#[derive(Clone)]
pub(super) struct Range(Option<(f64, f64)>);

impl State for Range {
    fn new(_: &Call) -> Self {
        Range(None)
    }

    fn add(&mut self, value: Value<'_>, _: Option<f64>) {
        for x in numbers(&value) {
            self.merge(Range(Some((x, x))));
        }
    }

    fn merge(&mut self, later: Self) {
        self.0 = match (self.0, later.0) {
            (Some((low, high)), Some((l, h))) => Some((low.min(l), high.max(h))),
            (one, other) => one.or(other),
        };
    }

    fn finish(self, _: &Call) -> Value<'static> {
        self.0.map(|(low, high)| high - low).into()
    }

    fn store(self) -> Vec<(&'static str, Value<'static>)> {
        vec![("rl", self.0.map(|r| r.0).into()), ("rh", self.0.map(|r| r.1).into())]
    }

    fn restore(_: &Call, piece: &dyn Fn(&str) -> Value<'static>) -> Self {
        let both = |low: &str, high: &str| piece(low).as_number().zip(piece(high).as_number());
        Range(both("rl", "rh").or_else(|| both("nn", "nx")))
    }
}

/// The numbers among the values; NaN is none.
pub(super) fn numbers(value: &Value<'_>) -> impl Iterator<Item = f64> {
    value.each().iter().filter_map(Value::as_number).filter(|n| !n.is_nan())
}

#[cfg(test)]
mod tests {
    use super::super::testing::{column, run};

    #[test]
    fn spread_of_none_one_and_several() {
        let c = column(&["2", "4|4|4", "x", "5", "5", "7", "9", "3"]);
        let groups = [0, 0, 0, 0, 0, 0, 0, 1];
        for (name, want) in [("varp", ["4", "0", ""]), ("stdevp", ["2", "0", ""]), ("range", ["7", "0", ""]), ("stdev", ["2.138089935299395", "0", ""])] {
            assert_eq!(run(name, &c, &groups, 3), want, "{name}");
        }
    }

    #[test]
    fn a_small_spread_far_from_zero_survives() {
        assert_eq!(run("var", &column(&["1000000004", "1000000007", "1000000013", "1000000016"]), &[0; 4], 1), ["30"]);
    }
}
