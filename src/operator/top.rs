//! top.

use super::{Context, Stream, Whole};
use crate::plan::Top;
use std::sync::Arc;

/// top.
pub fn top(input: Stream, top: Top, cx: &Arc<Context>) -> Stream {
    let _ = top;
    Whole::new(input, cx, |batch, _| Ok(batch))
}
