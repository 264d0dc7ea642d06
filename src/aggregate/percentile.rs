//! Percentiles by nearest rank over all values.

use super::moments::numbers;
use super::{Call, State, stored};
use crate::column::Value;

/// The values of a group with their counts. Splunk estimates above 1,000 distinct values; here the answer stays exact, so that
/// `perc`, `exactperc` and `upperperc` agree. Memory grows with the distinct values.
#[derive(Default)]
pub(super) struct Ranks {
    /// Ascending, each value once.
    runs: Vec<(f64, u64)>,
    /// Not sorted in yet.
    fresh: Vec<f64>,
}

/// Values gathered before they are sorted in.
const GATHER: usize = 1024;

impl Ranks {
    fn sort_in(&mut self, mut more: Vec<(f64, u64)>) {
        more.sort_unstable_by(|a, b| a.0.total_cmp(&b.0));
        // Two sorted parts one after the other: a stable sort merges them in one pass.
        self.runs.append(&mut more);
        self.runs.sort_by(|a, b| a.0.total_cmp(&b.0));
        self.runs.dedup_by(|later, kept| {
            let same = later.0 == kept.0;
            kept.1 += if same { later.1 } else { 0 };
            same
        });
    }

    fn settle(&mut self) {
        let fresh = std::mem::take(&mut self.fresh);
        self.sort_in(fresh.into_iter().map(|x| (x, 1)).collect());
    }

    fn add(&mut self, value: &Value<'_>) {
        self.fresh.extend(numbers(value));
        if self.fresh.len() >= GATHER.max(self.runs.len()) {
            self.settle();
        }
    }

    fn merge(&mut self, mut later: Ranks) {
        later.settle();
        self.settle();
        self.sort_in(later.runs);
    }

    /// The value at a rank, counted from 0; the last one past the end.
    fn at(&self, rank: u64) -> Option<f64> {
        let mut seen = 0;
        let found = self.runs.iter().find(|(_, n)| {
            seen += n;
            rank < seen
        });
        found.or(self.runs.last()).map(|(x, _)| *x)
    }

    fn store(mut self) -> Vec<(&'static str, Value<'static>)> {
        self.settle();
        vec![("rd", stored::joined_numbers(self.runs.iter().flat_map(|(x, n)| [*x, *n as f64])))]
    }

    fn restore(piece: &dyn Fn(&str) -> Value<'static>) -> Ranks {
        let mut ranks = Ranks::default();
        ranks.sort_in(stored::parted_numbers(&piece("rd")).into_iter().map(|[x, n]| (x, n as u64)).collect());
        ranks
    }

    fn len(&self) -> u64 {
        self.runs.iter().map(|(_, n)| n).sum()
    }

    fn bytes(&self) -> usize {
        self.runs.capacity() * size_of::<(f64, u64)>() + self.fresh.capacity() * size_of::<f64>()
    }
}

/// The least of `len` values that so many percent of them do not exceed; `at` gives the value of a rank, counted from 0.
pub(super) fn nearest(percent: f64, len: u64, at: &dyn Fn(u64) -> Option<f64>) -> Option<f64> {
    // 99.9 % of 1,000 is 999: multiply first, and forgive the noise of a percentage that binary cannot hold.
    let rank = (percent.clamp(0.0, 100.0) * len as f64 / 100.0 - 1e-9).ceil();
    at((rank as u64).saturating_sub(1))
}

/// As [`nearest`], but where the percentage falls exactly between two values, the middle of both.
pub(super) fn between(percent: f64, len: u64, at: &dyn Fn(u64) -> Option<f64>) -> Option<f64> {
    let exact = percent.clamp(0.0, 100.0) * len as f64 / 100.0;
    let below = exact.round();
    match (exact - below).abs() < 1e-9 && below >= 1.0 && (below as u64) < len {
        true => at(below as u64 - 1).zip(at(below as u64)).map(|(a, b)| a + (b - a) / 2.0),
        false => at(((exact - 1e-9).ceil() as u64).saturating_sub(1)),
    }
}

/// As [`nearest`], but where the percentage falls exactly between two values, the higher of both.
pub(super) fn higher(percent: f64, len: u64, at: &dyn Fn(u64) -> Option<f64>) -> Option<f64> {
    at((percent.clamp(0.0, 100.0) * len as f64 / 100.0 + 1e-9) as u64)
}

/// `perc<N>`: the least value that N percent of the values do not exceed.
pub(super) struct Percentile(Ranks);

impl State for Percentile {
    fn new(_: &Call) -> Self {
        Percentile(Ranks::default())
    }

    fn add(&mut self, value: Value<'_>, _: Option<f64>) {
        self.0.add(&value);
    }

    fn merge(&mut self, later: Self) {
        self.0.merge(later.0);
    }

    fn finish(mut self, call: &Call) -> Value<'static> {
        self.0.settle();
        nearest(call.number.unwrap_or(50.0), self.0.len(), &|rank| self.0.at(rank)).into()
    }

    fn store(self) -> Vec<(&'static str, Value<'static>)> {
        self.0.store()
    }

    fn restore(_: &Call, piece: &dyn Fn(&str) -> Value<'static>) -> Self {
        Percentile(Ranks::restore(piece))
    }

    fn bytes(&self) -> usize {
        self.0.bytes()
    }
}

/// `exactperc<N>`: where the percentage falls exactly between two values, the middle of both.
pub(super) struct Exact(Ranks);

impl State for Exact {
    fn new(_: &Call) -> Self {
        Exact(Ranks::default())
    }

    fn add(&mut self, value: Value<'_>, _: Option<f64>) {
        self.0.add(&value);
    }

    fn merge(&mut self, later: Self) {
        self.0.merge(later.0);
    }

    fn finish(mut self, call: &Call) -> Value<'static> {
        self.0.settle();
        between(call.number.unwrap_or(50.0), self.0.len(), &|rank| self.0.at(rank)).into()
    }

    fn store(self) -> Vec<(&'static str, Value<'static>)> {
        self.0.store()
    }

    fn restore(_: &Call, piece: &dyn Fn(&str) -> Value<'static>) -> Self {
        Exact(Ranks::restore(piece))
    }

    fn bytes(&self) -> usize {
        self.0.bytes()
    }
}

/// `median`: the middle value; the higher of the two middle ones where their count is even.
pub(super) struct Median(Ranks);

impl State for Median {
    fn new(_: &Call) -> Self {
        Median(Ranks::default())
    }

    fn add(&mut self, value: Value<'_>, _: Option<f64>) {
        self.0.add(&value);
    }

    fn merge(&mut self, later: Self) {
        self.0.merge(later.0);
    }

    fn finish(mut self, _: &Call) -> Value<'static> {
        self.0.settle();
        higher(50.0, self.0.len(), &|rank| self.0.at(rank)).into()
    }

    fn store(self) -> Vec<(&'static str, Value<'static>)> {
        self.0.store()
    }

    fn restore(_: &Call, piece: &dyn Fn(&str) -> Value<'static>) -> Self {
        Median(Ranks::restore(piece))
    }

    fn bytes(&self) -> usize {
        self.0.bytes()
    }
}

#[cfg(test)]
mod tests {
    use super::super::testing::{column, run};
    use crate::column::Column;

    #[test]
    fn nearest_rank() {
        let c = column(&["15", "20", "35", "40", "50", "x", "-"]);
        for (name, want) in [
            ("perc5", "15"),
            ("p30", "20"),
            ("perc40", "20"),
            ("perc50", "35"),
            ("exactperc100", "50"),
            ("exactperc40", "27.5"),
            ("upperperc0", "15"),
            ("median", "35"),
        ] {
            assert_eq!(run(name, &c, &[0; 7], 2), [want, ""], "{name}");
        }
        assert_eq!(run("median", &column(&["8", "2|6", "4"]), &[0; 3], 1), ["6"]);
    }

    #[test]
    fn many_values_stay_exact() {
        let c = Column::numbers((1..=10_000).rev().map(f64::from).collect());
        for (name, want) in [("perc99.9", "9990"), ("p95", "9500"), ("median", "5001"), ("exactperc50", "5000.5")] {
            assert_eq!(run(name, &c, &vec![0; 10_000], 1), [want], "{name}");
        }
    }
}
