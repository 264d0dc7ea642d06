//! untable: a row for each value of the fields beside one.

use crate::column::growth::growth;
use crate::column::{Batch, Builder, Column, Value};
use crate::diagnostic::Diagnostic;
use crate::operator::Context;
use crate::plan::reshape::Untable;

/// Missing values and internal fields give no row.
pub fn untable(rows: &Batch, how: &Untable, cx: &Context) -> Result<Batch, Diagnostic> {
    let fields: Vec<_> = rows.columns().filter(|(n, _)| **n != how.row && !n.starts_with('_')).collect();
    let (mut from, mut names, mut values) = (Vec::<u32>::new(), Vec::<u32>::new(), Builder::new());
    for row in 0..rows.len() {
        cx.grows(row, |rows| {
            let more = rows * fields.len();
            values.bytes() + values.growth(more) + from.capacity() * 8 + growth(from.len(), from.capacity(), more, 8)
        })?;
        for (name, (_, column)) in fields.iter().enumerate().filter(|(_, (_, c))| !c.is_null(row)) {
            from.push(row as u32);
            names.push(name as u32);
            values.push(column.get(row));
        }
    }
    let mut out = Batch::new(from.len());
    out.set(how.row.clone(), rows.column(&how.row).take(&from));
    out.set(how.name.clone(), Column::coded(names, fields.iter().map(|(name, _)| Value::text(name)).collect()));
    out.set(how.value.clone(), values.finish());
    Ok(out)
}
