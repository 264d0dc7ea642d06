//! outputcsv without a file: every row as a line of CSV in a field.

use crate::column::{Batch, Builder, Name, cast};
use crate::diagnostic::{Code, Diagnostic};
use crate::operator::Context;

/// The values of the shown fields of each row, in their order; for XML with its entities.
pub(super) fn csv(mut batch: Batch, into: Name, xml: bool, cx: &Context) -> Result<Batch, Diagnostic> {
    let fail = |why: String| Diagnostic::error(Code::RUNTIME, format!("a row cannot be written as CSV: {why}"));
    let columns: Vec<_> = batch.columns().filter(|(name, _)| !name.starts_with('_')).map(|(_, column)| column.clone()).collect();
    let mut out = Builder::new();
    let mut bytes = 0;
    for row in 0..batch.len() {
        cx.at(row)?;
        cx.memory.fits(bytes)?;
        let mut line = csv::Writer::from_writer(Vec::new());
        line.write_record(columns.iter().map(|column| cast::join(column.get(row).each(), "\n"))).map_err(|e| fail(e.to_string()))?;
        let line = String::from_utf8(line.into_inner().map_err(|e| fail(e.to_string()))?).map_err(|e| fail(e.to_string()))?;
        let line = line.trim_end_matches('\n');
        let line = if xml { line.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;") } else { line.to_string() };
        bytes += line.len();
        out.push_text(&line);
    }
    batch.set(into, out.finish());
    Ok(batch)
}
