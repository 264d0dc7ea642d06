//! Changes of a whole result: column totals, rows between, wrapped periods, outliers, concurrency.

mod concurrency;
mod continuous;
mod learn;
mod outliers;
mod sample;
pub mod totals;
mod wrap;

use super::{Context, Stream, Whole};
use crate::plan::Rework;
use std::sync::Arc;

/// The rows of a stream, reworked.
pub fn rework(input: Stream, rework: Rework, cx: &Arc<Context>) -> Stream {
    Whole::stream(input, cx, move |batch, cx| match rework {
        Rework::Totals { fields, label } => Ok(totals::of_columns(batch, &fields, label)),
        Rework::Continuous(continuous) => continuous::fill(batch, &continuous, cx),
        Rework::Wrap(wrap) => wrap::wrap(&batch, &wrap, cx),
        Rework::Outliers(outliers) => outliers::treat(batch, &outliers, cx),
        Rework::Sample(how) => sample::sample(batch, &how, cx),
        Rework::Learn(how) => learn::extract(batch, &how, cx),
        Rework::Study(study) => super::study::study(batch, &study, cx),
        Rework::Concurrency { start, duration, into } => concurrency::count(batch, &start, &duration, into, cx),
    })
}
