//! Running search predicates over batches.

use super::{Context, evaluate};
use crate::column::{Batch, Mask};
use crate::plan::{Predicate, matching};

pub use matching::passes;

/// The rows that pass.
pub fn mask(predicate: &Predicate, batch: &Batch, cx: &Context) -> Mask {
    matching::mask(predicate, batch, &|expr| evaluate::truth(expr, batch, cx))
}
