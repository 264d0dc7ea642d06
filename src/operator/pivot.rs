//! pivot.

use super::{Context, Stream, Whole};
use crate::plan::Pivot;
use std::sync::Arc;

/// pivot.
pub fn pivot(input: Stream, pivot: Pivot, cx: &Arc<Context>) -> Stream {
    let _ = pivot;
    Whole::new(input, cx, |batch, _| Ok(batch))
}
