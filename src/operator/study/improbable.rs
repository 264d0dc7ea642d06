//! anomalydetection: rows whose values are rarely seen together. A row's probability is the product of the frequencies of its values;
//! numbers count by the bins of a histogram, as wide as Freedman and Diaconis ("On the Histogram as a Density Estimator", 1981) make
//! them. Rows below the fence of the logarithms' quartiles are anomalous (Tukey, "Exploratory Data Analysis", 1977): the inner fence, or
//! with `cutoff` the outer one, so that fewer are.

use super::coded::{Coded, chosen, numeric};
use crate::column::{Batch, Builder, Column, Mask, Value};
use crate::diagnostic::Diagnostic;
use crate::operator::Context;
use crate::plan::study::{Improbable, Show};

/// Most bins of a histogram.
const BINS: f64 = 1000.0;

pub(super) fn improbable(mut batch: Batch, how: &Improbable, cx: &Context) -> Result<Batch, Diagnostic> {
    if batch.is_empty() {
        return Ok(batch);
    }
    let mut fields = Vec::new();
    for (name, column) in chosen(&batch, &how.fields) {
        let coded = if numeric(column) { Coded::new(name, &binned(column), cx)? } else { Coded::new(name, column, cx)? };
        fields.push(coded);
    }
    let rows = batch.len() as f64;
    let frequency = |field: &Coded, code: u32| f64::from(field.count(code)) / rows;
    cx.memory.charge(batch.len() * 48)?;
    let mut logs = vec![0.0; batch.len()];
    for field in &fields {
        for (row, log) in logs.iter_mut().enumerate() {
            cx.at(row)?;
            *log += field.code(row).map_or(0.0, |code| frequency(field, code).ln());
        }
    }
    let mut sorted = logs.clone();
    sorted.sort_unstable_by(f64::total_cmp);
    let (q1, q3) = (quantile(&sorted, 0.25), quantile(&sorted, 0.75));
    let fence = q1 - if how.cutoff { 3.0 } else { 1.5 } * (q3 - q1);
    let threshold = how.threshold.map_or(fence, f64::ln);
    let anomalous = Mask::from_fn(batch.len(), |row| logs.get(row).is_some_and(|log| *log < threshold));
    if how.show == Show::Summary {
        let mut out = Batch::new(1);
        let ends = (sorted.last().copied().unwrap_or_default(), sorted.first().copied().unwrap_or_default());
        let cells = [
            ("num_anomalies", anomalous.count() as f64),
            ("thresh", threshold),
            ("max_logprob", ends.0),
            ("min_logprob", ends.1),
            ("1st_quartile", q1),
            ("3rd_quartile", q3),
        ];
        cells.into_iter().for_each(|(name, n)| out.set(name, Column::numbers(vec![n])));
        return Ok(out);
    }
    let mut cells: [Builder; 4] = Default::default();
    for (row, log) in logs.iter().enumerate() {
        cx.at(row)?;
        // The rarest value of the row; of equal ones the first.
        let rarest = fields.iter().filter_map(|f| Some((f, f.code(row)?))).min_by_key(|(f, code)| f.count(*code));
        let most = fields.iter().filter_map(|f| Some(frequency(f, f.code(row)?))).fold(0.0, f64::max);
        match rarest {
            Some((field, code)) => {
                let values = [(*log).into(), Value::text(&field.name), frequency(field, code).into(), most.into()];
                cells.iter_mut().zip(values).for_each(|(c, v)| c.push(v));
            }
            None => cells.iter_mut().for_each(Builder::push_null),
        }
    }
    for (name, column) in ["log_event_prob", "probable_cause", "probable_cause_freq", "max_freq"].into_iter().zip(cells) {
        batch.set(name, column.finish());
    }
    Ok(if how.show == Show::Filter { batch.filter(&anomalous) } else { batch })
}

/// The number of each value's bin.
fn binned(column: &Column) -> Column {
    let mut sorted: Vec<f64> = (0..column.len()).filter_map(|i| column.number(i)).collect();
    sorted.sort_unstable_by(f64::total_cmp);
    let (low, high) = (sorted.first().copied().unwrap_or_default(), sorted.last().copied().unwrap_or_default());
    let count = sorted.len() as f64;
    let width = 2.0 * (quantile(&sorted, 0.75) - quantile(&sorted, 0.25)) / count.cbrt();
    // Where half of the values are the same: as many bins as Sturges (1926) takes.
    let bins = if width > 0.0 { ((high - low) / width).ceil() } else { count.log2().ceil() + 1.0 }.clamp(1.0, BINS);
    let size = (high - low) / bins;
    let mut out = Builder::new();
    for row in 0..column.len() {
        match column.number(row) {
            Some(n) if size > 0.0 => out.push_number(((n - low) / size).floor().min(bins - 1.0)),
            Some(_) => out.push_number(0.0),
            None => out.push_null(),
        }
    }
    out.finish()
}

/// Between the two nearest of sorted numbers.
fn quantile(sorted: &[f64], part: f64) -> f64 {
    let place = part * sorted.len().saturating_sub(1) as f64;
    let at = |place: f64| sorted.get(place as usize).copied().unwrap_or_default();
    at(place.floor()) + (at(place.ceil()) - at(place.floor())) * place.fract()
}

#[cfg(test)]
mod tests {
    use crate::operator::testing::run;

    #[test]
    fn rare_rows_are_found() {
        let mut rows: Vec<String> = (0..20).map(|i| format!(r#"{{"u":"{}","n":"{}"}}"#, if i % 2 == 0 { "a" } else { "b" }, i % 4)).collect();
        rows.push(r#"{"u":"z","n":"900"}"#.into());
        let rows = format!("[{}]", rows.join(","));
        let got = run(&rows, "* | anomalydetection | table u n probable_cause | head 5");
        assert_eq!(got, r#"[{"u":"z","n":"900","probable_cause":"u"}]"#);
        assert_eq!(run(&rows, "* | anomalydetection action=annotate u | stats count, count(log_event_prob) AS c"), r#"[{"count":21,"c":21}]"#);
        assert!(run(&rows, "* | anomalydetection action=summary cutoff=f").contains(r#""num_anomalies":1,"#));
        assert_eq!(run(&rows, "* | anomalydetection pthresh=0.9 u | stats count"), r#"[{"count":21}]"#);
        assert_eq!(run("[]", "* | anomalydetection action=summary"), "[]");
        assert_eq!(run(r#"[{"n":"1"},{}]"#, "* | anomalydetection"), "[]");
    }
}
