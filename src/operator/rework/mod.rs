//! Changes of a whole result: column totals, rows between, wrapped periods, outliers, concurrency.

mod concurrency;
mod continuous;
mod folders;
mod increases;
mod learn;
mod lines;
mod located;
mod outliers;
mod outline;
mod related;
mod sample;
pub mod totals;
mod wrap;

use super::{Context, Stream, Whole};
use crate::diagnostic::Diagnostic;
use crate::plan::Rework;
use crate::plan::rework::Related;
use std::sync::Arc;

/// The rows of a stream, reworked.
pub fn rework(input: Stream, rework: Rework, cx: &Arc<Context>) -> Result<Stream, Diagnostic> {
    let rework = match rework {
        Rework::Related(how) => {
            let seed = super::subsearch::resolve(how.seed.clone(), cx)?;
            Rework::Related(Arc::new(Related { seed, ..how.as_ref().clone() }))
        }
        other => other,
    };
    Ok(Whole::stream(input, cx, move |batch, cx| match rework {
        Rework::Totals { fields, label } => Ok(totals::of_columns(batch, &fields, label)),
        Rework::Continuous(continuous) => continuous::fill(batch, &continuous, cx),
        Rework::Increases(metrics) => increases::note(batch, &metrics, cx),
        Rework::CsvLine { into, xml } => lines::csv(batch, into, xml, cx),
        Rework::Wrap(wrap) => wrap::wrap(&batch, &wrap, cx),
        Rework::Outliers(outliers) => outliers::treat(batch, &outliers, cx),
        Rework::Sample(how) => sample::sample(batch, &how, cx),
        Rework::Outlines(how) => outline::outlined(batch, &how, cx),
        Rework::Located(how) => located::locate(batch, &how, cx),
        Rework::Clip(area) => outline::clipped(batch, area, cx),
        Rework::Folders(how) => folders::folders(&batch, &how, cx),
        Rework::Related(how) => related::related(batch, &how, cx),
        Rework::Learn(how) => learn::extract(batch, &how, cx),
        Rework::Study(study) => super::study::study(batch, &study, cx),
        Rework::Concurrency { start, duration, into } => concurrency::count(batch, &start, &duration, into, cx),
    }))
}
