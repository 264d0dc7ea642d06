//! mvexpand.

use super::{Context, Step};
use crate::column::{Batch, Name};
use crate::diagnostic::Diagnostic;

/// One row a value.
pub struct Unnested {
    pub field: Name,
    pub limit: Option<u64>,
}

impl Step for Unnested {
    fn apply(&self, batch: Batch, _: &Context) -> Result<Batch, Diagnostic> {
        Ok(batch)
    }
}
