//! How much the counters of each time series grew since the point before, for `rate_avg` and `rate_sum` of mstats.

use crate::aggregate::increase;
use crate::column::{Batch, Builder, Name};
use crate::diagnostic::Diagnostic;
use crate::operator::Context;
use std::collections::{HashMap, HashSet};

/// A time series is what has the same values in all dimensions: in all fields that are no metrics. The first point of one says nothing;
/// after a reset, a value below the one before, the counter counts from 0.
pub(super) fn note(mut batch: Batch, metrics: &[(Name, Name)], cx: &Context) -> Result<Batch, Diagnostic> {
    let names = batch.column("metric_name");
    let mut measured: HashSet<String> = HashSet::from(["metric_name".into()]);
    for row in 0..batch.len() {
        cx.at(row)?;
        if let Some(name) = names.get(row).as_text().filter(|n| !measured.contains(n.as_ref())) {
            measured.insert(name.into_owned());
        }
    }
    measured.extend(batch.names().filter_map(|n| n.strip_prefix("metric_name:")).map(str::to_string));
    let is_dimension = |name: &str| !name.starts_with('_') && !name.starts_with("metric_name:") && !measured.contains(name);
    let dimensions: Vec<_> = batch.columns().filter(|(name, _)| is_dimension(name)).map(|(name, column)| (name.clone(), column.clone())).collect();
    let mut series: HashMap<String, u32> = HashMap::new();
    let mut bytes = 0;
    let numbers = (0..batch.len()).map(|row| {
        cx.at(row)?;
        cx.memory.fits(bytes)?;
        let mut key = String::new();
        for (name, column) in &dimensions {
            if let Some(value) = column.get(row).as_text() {
                key.push_str(name);
                key.push('\0');
                key.push_str(&value);
                key.push('\0');
            }
        }
        let next = series.len() as u32;
        bytes += key.len();
        Ok(*series.entry(key).or_insert(next))
    });
    let numbers = numbers.collect::<Result<Vec<u32>, Diagnostic>>()?;
    let times = batch.column("_time");
    for (metric, into) in metrics {
        let values = batch.column(metric);
        let point = |row: usize| Some((*numbers.get(row)?, times.number(row)?, values.number(row)?, row));
        let mut points: Vec<(u32, f64, f64, usize)> = (0..batch.len()).filter_map(point).collect();
        points.sort_by(|a, b| a.0.cmp(&b.0).then(a.1.total_cmp(&b.1)));
        cx.check()?;
        let mut notes = vec![None; batch.len()];
        for pair in points.windows(2) {
            if let [(series, before, old, _), (same, at, new, row)] = pair
                && series == same
                && at > before
                && let Some(note) = notes.get_mut(*row)
            {
                *note = Some(increase(*series, if new < old { *new } else { new - old }, at - before));
            }
        }
        let mut column = Builder::new();
        for note in notes {
            match note {
                Some(note) => column.push_text(&note),
                None => column.push_null(),
            }
        }
        batch.set(into.clone(), column.finish());
    }
    Ok(batch)
}
