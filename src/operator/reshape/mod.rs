//! Whole results turned into others, one shape a file.

mod transpose;

use super::{Context, Stream, Whole};
use crate::plan::Shape;
use std::sync::Arc;

/// Runs a shape over all rows.
pub fn reshape(input: Stream, shape: Shape, cx: &Arc<Context>) -> Stream {
    Whole::stream(input, cx, move |rows, cx| match &shape {
        Shape::Transpose(t) => transpose::transpose(&rows, t, cx),
    })
}
