//! distinct.

use super::{Context, Stream, Whole};
use crate::plan::Distinct;
use std::sync::Arc;

/// distinct.
pub fn distinct(input: Stream, distinct: Distinct, cx: &Arc<Context>) -> Stream {
    let _ = distinct;
    Whole::new(input, cx, |batch, _| Ok(batch))
}
