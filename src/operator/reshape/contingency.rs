//! contingency: how often two fields' values occur together.

use super::Filling;
use crate::column::{Batch, Name, Value};
use crate::diagnostic::{Code, Diagnostic};
use crate::operator::Context;
use crate::plan::reshape::Contingency;
use foldhash::fast::RandomState;
use hashbrown::HashMap;

type Counts = HashMap<String, u64, RandomState>;

/// The values of a field that Splunk shows.
const CEILING: u64 = 1000;
/// What an empty text is shown as.
const EMPTY: &str = "EMPTY_STR";

/// Rows and columns from the most common value to the least, as many as asked for. Totals are of what is shown.
pub fn contingency(rows: &Batch, how: &Contingency, cx: &Context) -> Result<Batch, Diagnostic> {
    let mut pairs: HashMap<(String, String), u64, RandomState> = HashMap::default();
    let (mut by_row, mut by_column) = (Counts::default(), Counts::default());
    for i in 0..rows.len() {
        cx.cancel.at(i)?;
        let (row, column) = (rows.value(&how.row, i), rows.value(&how.column, i));
        for a in row.each().iter().filter_map(Value::as_text) {
            for b in column.each().iter().filter_map(Value::as_text) {
                let [a, b] = [&a, &b].map(|text| if text.is_empty() { EMPTY } else { text.as_ref() });
                cx.memory.charge(a.len() + b.len() + 64)?;
                *by_row.entry(a.to_string()).or_default() += 1;
                *by_column.entry(b.to_string()).or_default() += 1;
                *pairs.entry((a.to_string(), b.to_string())).or_default() += 1;
            }
        }
    }
    if [(how.most.0, by_row.len()), (how.most.1, by_column.len())].iter().any(|(most, there)| *most == CEILING && *there as u64 > CEILING) {
        let cut = Diagnostic::warning(Code::ROWS, format!("`contingency` shows the {CEILING} most common values of a field; there were more"));
        cx.warn(cut.help("`maxrows=0 maxcols=0` shows all."));
    }
    let across = chosen(&by_column, how.most.1, how.cover.1);
    let down = chosen(&by_row, how.most.0, how.cover.0);
    cx.memory.charge(across.len().saturating_mul(down.len()).saturating_mul(16))?;
    let head = std::iter::once(how.row.clone()).chain(across.iter().map(|c| Name::from(c.as_str()))).chain(how.total.as_deref().map(Name::from));
    let mut out = Filling::new(head);
    let mut totals = vec![0u64; across.len()];
    for (n, row) in down.iter().enumerate() {
        cx.cancel.at(n)?;
        let cells: Vec<u64> = across.iter().map(|c| pairs.get(&(row.clone(), c.clone())).copied().unwrap_or_default()).collect();
        totals.iter_mut().zip(&cells).for_each(|(total, cell)| *total += cell);
        out.push(line(row, &cells));
    }
    if let Some(label) = &how.total {
        out.push(line(label, &totals));
    }
    Ok(out.finish())
}

/// A label, numbers, and their sum.
fn line<'v>(label: &'v str, cells: &[u64]) -> Vec<Value<'v>> {
    let numbers = cells.iter().copied().chain([cells.iter().sum()]).map(|n| Value::Number(n as f64));
    std::iter::once(Value::text(label)).chain(numbers).collect()
}

/// The most common values, until there are enough or they cover enough.
fn chosen(counts: &Counts, most: u64, cover: f64) -> Vec<String> {
    let mut all: Vec<(&String, u64)> = counts.iter().map(|(t, n)| (t, *n)).collect();
    all.sort_by(|a, b| b.1.cmp(&a.1).then_with(|| a.0.cmp(b.0)));
    let whole = all.iter().map(|(_, n)| n).sum::<u64>() as f64;
    let most = if most == 0 { usize::MAX } else { usize::try_from(most).unwrap_or(usize::MAX) };
    let (mut covered, mut out) = (0, Vec::new());
    for (text, n) in all.into_iter().take(most) {
        if covered as f64 >= cover * whole {
            break;
        }
        covered += n;
        out.push(text.clone());
    }
    out
}
