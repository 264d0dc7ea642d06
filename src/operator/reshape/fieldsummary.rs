//! fieldsummary: a row for each field.

use super::Filling;
use crate::column::{Batch, Column, Value};
use crate::diagnostic::Diagnostic;
use crate::operator::Context;
use crate::plan::reshape::Fieldsummary;
use foldhash::fast::RandomState;
use hashbrown::HashMap;

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
    let mut counts: HashMap<String, u64, RandomState> = HashMap::default();
    let (mut count, mut numbers) = (0u64, Vec::new());
    for row in 0..column.len() {
        cx.cancel.at(row)?;
        count += u64::from(!column.is_null(row));
        for value in column.get(row).each() {
            let text = value.as_text().unwrap_or_default();
            numbers.extend(value.as_number());
            if let Some(n) = counts.get_mut(text.as_ref()) {
                *n += 1;
            } else {
                cx.memory.charge(text.len() + 48)?;
                counts.insert(text.into_owned(), 1);
            }
        }
    }
    let mut common: Vec<(&String, u64)> = counts.iter().map(|(t, n)| (t, *n)).collect();
    common.sort_by(|a, b| b.1.cmp(&a.1).then_with(|| a.0.cmp(b.0)));
    let listed = if most == 0 { usize::MAX } else { usize::try_from(most).unwrap_or(usize::MAX) };
    let values: Vec<_> = common.iter().take(listed).map(|(t, n)| serde_json::json!({"value": t, "count": n})).collect();
    let n = numbers.len() as f64;
    let mean = numbers.iter().sum::<f64>() / n;
    let stdev = match numbers.len() {
        0 | 1 => 0.0,
        _ => (numbers.iter().map(|x| (x - mean).powi(2)).sum::<f64>() / (n - 1.0)).sqrt(),
    };
    let number = |value: f64| if numbers.is_empty() { Value::Null } else { Value::Number(value) };
    let (low, high) = numbers.iter().fold((f64::INFINITY, f64::NEG_INFINITY), |(l, h), x| (l.min(*x), h.max(*x)));
    out.push([
        Value::text(name),
        Value::Number(count as f64),
        Value::Number(counts.len() as f64),
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
