//! untable: a row for each value of the fields beside one.

use super::Filling;
use crate::column::{Batch, Builder, Value};
use crate::diagnostic::Diagnostic;
use crate::operator::Context;
use crate::plan::reshape::Untable;

/// Missing values and internal fields give no row.
pub fn untable(rows: &Batch, how: &Untable, cx: &Context) -> Result<Batch, Diagnostic> {
    let mut out = Filling::new([how.row.clone(), how.name.clone(), how.value.clone()]);
    let fields: Vec<_> = rows.columns().filter(|(n, _)| **n != how.row && !n.starts_with('_')).collect();
    let keys = rows.column(&how.row);
    let mut charged = 0;
    for row in 0..rows.len() {
        cx.cancel.at(row)?;
        if row % 256 == 0 {
            let bytes: usize = out.columns.iter().map(Builder::bytes).sum();
            cx.memory.charge(bytes.saturating_sub(charged))?;
            charged = bytes.max(charged);
        }
        for (name, column) in fields.iter().filter(|(_, c)| !c.is_null(row)) {
            out.push([keys.get(row), Value::text(name), column.get(row)]);
        }
    }
    Ok(out.finish())
}
