//! fieldsummary: a row for each field.

use super::Filling;
use crate::column::{Batch, Column, Lexicon, Value};
use crate::diagnostic::Diagnostic;
use crate::operator::Context;
use crate::plan::reshape::Fieldsummary;

/// Fields by name, those without a value left out. Counts are exact: `count` is of rows, the others of values. Extremes, the mean and the
/// sample's standard deviation are of the values that are numbers.
pub fn fieldsummary(rows: &Batch, how: &Fieldsummary, cx: &Context) -> Result<Batch, Diagnostic> {
    let names = ["field", "count", "distinct_count", "is_exact", "max", "mean", "min", "numeric_count", "stdev", "values"];
    let mut out = Filling::new(names.map(Into::into));
    let asked = |name: &str| if how.fields.is_empty() { !name.starts_with('_') } else { how.fields.iter().any(|p| p.matches(name)) };
    let mut fields: Vec<_> = rows.columns().filter(|(n, c)| asked(n) && !c.all_null()).collect();
    fields.sort_by(|a, b| a.0.cmp(b.0));
    for (name, column) in fields {
        summary(name, column, how.values, &mut out, cx)?;
    }
    Ok(out.finish())
}

fn summary(name: &str, column: &Column, most: u64, out: &mut Filling, cx: &Context) -> Result<(), Diagnostic> {
    let mut seen = Seen::default();
    match column {
        Column::Dict { codes, values, .. } => {
            let mut times = vec![0u64; values.len()];
            codes.iter().for_each(|c| times.get_mut(*c as usize).into_iter().for_each(|n| *n += 1));
            for (code, times) in times.into_iter().enumerate().filter(|(_, times)| *times > 0) {
                cx.grows(code, |more| seen.bytes(more))?;
                seen.add(&values.get(code), times);
            }
        }
        _ => {
            for row in 0..column.len() {
                cx.grows(row, |more| seen.bytes(more))?;
                seen.add(&column.get(row), 1);
            }
        }
    }
    let Seen { count, texts, counts, numbers } = seen;
    let mut common: Vec<(&str, u64)> = texts.iter().zip(counts).collect();
    let listed = if most == 0 { common.len() } else { usize::try_from(most).unwrap_or(usize::MAX).min(common.len()) };
    let first = |a: &(&str, u64), b: &(&str, u64)| b.1.cmp(&a.1).then_with(|| a.0.cmp(b.0));
    if listed < common.len() {
        common.select_nth_unstable_by(listed, first);
        common.truncate(listed);
    }
    common.sort_unstable_by(first);
    let values: Vec<_> = common.iter().map(|(t, n)| serde_json::json!({"value": t, "count": n})).collect();
    let n = numbers.iter().map(|(_, times)| times).sum::<f64>();
    let mean = numbers.iter().map(|(x, times)| x * times).sum::<f64>() / n;
    let stdev = if n > 1.0 { (numbers.iter().map(|(x, times)| (x - mean).powi(2) * times).sum::<f64>() / (n - 1.0)).sqrt() } else { 0.0 };
    let number = |value: f64| if numbers.is_empty() { Value::Null } else { Value::Number(value) };
    let (low, high) = numbers.iter().fold((f64::INFINITY, f64::NEG_INFINITY), |(l, h), (x, _)| (l.min(*x), h.max(*x)));
    out.push([
        Value::text(name),
        Value::Number(count as f64),
        Value::Number(texts.len() as f64),
        Value::Number(1.0),
        number(high),
        number(mean),
        number(low),
        Value::Number(n),
        number(stdev),
        Value::owned(serde_json::Value::Array(values).to_string()),
    ]);
    Ok(())
}

/// What a field had so far.
#[derive(Default)]
struct Seen {
    /// Rows with a value.
    count: u64,
    /// Distinct values as they print, and how often each stands there.
    texts: Lexicon,
    counts: Vec<u64>,
    /// The values that are numbers, and how often each does.
    numbers: Vec<(f64, f64)>,
}

impl Seen {
    /// Bytes held, and those that are needed while it grows by so many values.
    fn bytes(&self, more: usize) -> usize {
        self.texts.bytes() + self.texts.growth(more) + self.counts.capacity() * 8 + self.numbers.capacity() * 16
    }

    /// A value that so many rows have.
    fn add(&mut self, value: &Value<'_>, times: u64) {
        self.count += if value.is_null() { 0 } else { times };
        for value in value.each() {
            self.numbers.extend(value.as_number().map(|n| (n, times as f64)));
            let number = self.texts.number(&value.as_text().unwrap_or_default()) as usize;
            self.counts.resize(self.texts.len(), 0);
            self.counts.get_mut(number).into_iter().for_each(|n| *n += times);
        }
    }
}
