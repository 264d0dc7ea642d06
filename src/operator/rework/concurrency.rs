//! concurrency: how many rows were under way when each began, itself among them.

use crate::column::{Batch, Builder, Name};
use crate::diagnostic::Diagnostic;
use crate::operator::Context;

/// A row is under way from its start up to its end, the end not included; those that begin together count each other. Rows without
/// a start or a duration, or with one below zero, count nowhere.
pub(super) fn count(mut batch: Batch, start: &str, duration: &str, into: Name, cx: &Context) -> Result<Batch, Diagnostic> {
    let (starts, durations) = (batch.column(start), batch.column(duration));
    cx.memory.fits(batch.len() * 32)?;
    let times = |row: usize| {
        let (start, length) = (starts.number(row).filter(|s| s.is_finite())?, durations.number(row).filter(|d| *d >= 0.0)?);
        Some((start, start + length))
    };
    let mut begin: Vec<f64> = Vec::new();
    let mut end: Vec<f64> = Vec::new();
    for (from, to) in (0..batch.len()).filter_map(times) {
        begin.push(from);
        // What has no length ends after it began, or it would not count itself.
        if to > from {
            end.push(to);
        }
    }
    let instant = (0..batch.len()).filter_map(times).filter(|(from, to)| to == from).map(|(from, _)| from);
    let mut instants: Vec<f64> = instant.collect();
    begin.sort_unstable_by(f64::total_cmp);
    end.sort_unstable_by(f64::total_cmp);
    instants.sort_unstable_by(f64::total_cmp);
    cx.check()?;
    let up_to = |all: &[f64], t: f64| all.partition_point(|x| *x <= t);
    let before = |all: &[f64], t: f64| all.partition_point(|x| *x < t);
    let mut out = Builder::new();
    for row in 0..batch.len() {
        match times(row) {
            Some((t, _)) => out.push_number(up_to(&begin, t).saturating_sub(up_to(&end, t) + before(&instants, t)) as f64),
            None => out.push_null(),
        }
    }
    batch.set(into, out.finish());
    Ok(batch)
}

#[cfg(test)]
mod tests {
    use crate::operator::testing::run;

    #[test]
    fn what_is_over_does_not_count() {
        let rows = r#"[{"s":"0","d":"10"},{"s":"5","d":"5"},{"s":"10","d":"0"},{"s":"10","d":"1"},{"s":"x","d":"1"},{"s":"9"}]"#;
        let want = r#"[{"concurrency":1},{"concurrency":2},{"concurrency":2},{"concurrency":2},{},{}]"#;
        assert_eq!(run(rows, "* | concurrency start=s duration=d | table concurrency"), want);
    }
}
