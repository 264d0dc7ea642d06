//! bin.

use super::{Context, Stream, Whole};
use crate::column::Column;
use crate::plan::{AutoBin, BinSpan};
use std::sync::Arc;

/// The bin of every value.
pub fn bin(column: &Column, span: &BinSpan, cx: &Context) -> Column {
    match span {
        BinSpan::Time { span, align } => (0..column.len()).map(|i| column.number(i).map(|t| span.floor(t, &cx.env.zone, *align)).into()).collect(),
        _ => column.clone(),
    }
}

/// Bins whose size follows from the data.
pub fn auto(input: Stream, bin: AutoBin, cx: &Arc<Context>) -> Stream {
    let _ = bin;
    Whole::new(input, cx, |batch, _| Ok(batch))
}
