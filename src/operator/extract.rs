//! rex, EXTRACT and REPORT: named groups become fields.

use super::Context;
use crate::column::Batch;
use crate::diagnostic::Diagnostic;
use crate::knowledge::Transform;
use crate::plan::Extract;

/// Extracts with one regex.
pub fn extract(batch: &mut Batch, extract: &Extract, cx: &Context) -> Result<(), Diagnostic> {
    let _ = (batch, extract, cx);
    Ok(())
}

/// Runs one transform of transforms.conf.
pub fn transform(batch: &mut Batch, transform: &Transform, cx: &Context) -> Result<(), Diagnostic> {
    let _ = (batch, transform, cx);
    Ok(())
}
