//! fill.

use super::{Context, Stream, Whole};
use crate::column::Value;
use std::sync::Arc;

/// fill.
pub fn fill(input: Stream, value: Value<'static>, cx: &Arc<Context>) -> Stream {
    let _ = value;
    Whole::new(input, cx, |batch, _| Ok(batch))
}
