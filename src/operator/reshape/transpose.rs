//! transpose: a row for each field, a column for each row.

use crate::column::{Batch, Builder, Column, Name};
use crate::diagnostic::Diagnostic;
use crate::operator::Context;
use crate::plan::reshape::Transpose;

/// Bytes of a column beside its values: its name, what holds both, and their place among the others, of which there may be twice as many while those
/// grow.
const COLUMN: usize = 224;

/// Bytes of a value.
const VALUE: usize = 24;

/// Turns the first rows into columns, named by a field or `row 1`, `row 2`…; of columns of the same name the last one stands.
pub fn transpose(rows: &Batch, how: &Transpose, cx: &Context) -> Result<Batch, Diagnostic> {
    let count = how.count.map_or(rows.len(), |n| usize::try_from(n).unwrap_or(usize::MAX).min(rows.len()));
    let is_header = |name: &Name| how.header.as_ref() == Some(name);
    let there = |column: &Column| how.include_empty || (0..count).any(|i| !column.is_null(i));
    // What events carry along unseen is no field of a table: their text, and internal fields without any value.
    let shown = rows.names().any(|n| !n.starts_with('_'));
    let unseen = |name: &Name, column: &Column| shown && (**name == *"_raw" || name.starts_with('_') && column.all_null());
    let fields = rows.columns().map(|(n, c)| (n, c.as_ref()));
    let fields: Vec<(&Name, &Column)> = fields.filter(|(n, c)| !is_header(n) && there(c) && !unseen(n, c)).collect();
    cx.memory.charge(count.saturating_mul(COLUMN + fields.len().saturating_mul(VALUE)))?;
    let mut out = Batch::new(fields.len());
    let mut names = Builder::new();
    fields.iter().for_each(|(n, _)| names.push_text(n));
    out.set(how.column.clone(), names.finish());
    for row in 0..count {
        cx.at(row)?;
        let header = how.header.as_ref().and_then(|h| rows.value(h, row).as_text().map(|t| t.into_owned()));
        let values: Column = fields.iter().map(|(_, c)| c.get(row)).collect();
        out.set(header.unwrap_or_else(|| format!("row {}", row + 1)).as_str(), values);
    }
    Ok(out)
}
