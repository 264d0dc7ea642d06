//! correlate: how often fields occur in the same rows.

use super::Filling;
use crate::column::{Batch, Name, Value};
use crate::diagnostic::Diagnostic;
use crate::operator::Context;

/// A row and a column a field, internal ones aside. A cell is the number of rows that have both fields over the number of rows
/// that have either (the Jaccard index): 1 where they always occur together.
pub fn correlate(rows: &Batch, cx: &Context) -> Result<Batch, Diagnostic> {
    let mut fields: Vec<(Name, Vec<u64>)> = Vec::new();
    for (name, column) in rows.columns().filter(|(n, c)| !n.starts_with('_') && !c.all_null()) {
        cx.check()?;
        cx.memory.charge(rows.len() / 8 + 64)?;
        let bits = |word: usize| (0..64).filter(|bit| !column.is_null(word * 64 + bit)).fold(0u64, |bits, bit| bits | 1 << bit);
        fields.push((name.clone(), (0..rows.len().div_ceil(64)).map(bits).collect()));
    }
    fields.sort_by(|a, b| a.0.cmp(&b.0));
    let mut out = Filling::new(std::iter::once("RowField".into()).chain(fields.iter().map(|(n, _)| n.clone())));
    for (name, here) in &fields {
        // While columns grow they may hold twice as many.
        cx.memory.charge((fields.len() + 1) * 2 * size_of::<f64>())?;
        let mut line = vec![Value::text(name)];
        for (_, there) in &fields {
            cx.check()?;
            let count = |of: fn(u64, u64) -> u64| here.iter().zip(there).map(|(a, b)| u64::from(of(*a, *b).count_ones())).sum::<u64>() as f64;
            line.push(Value::Number((count(|a, b| a & b) / count(|a, b| a | b) * 1e4).round() / 1e4));
        }
        out.push(line);
    }
    Ok(out.finish())
}
