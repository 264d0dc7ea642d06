//! What runs: one file per plan node.
//!
//! Operators pull batches from their input. The streaming prefix of a plan (a scan with filters and extensions) runs as steps on
//! every core, and so do partial aggregates; results are put back in the order of the input.

pub mod aggregate;
mod asked;
pub mod attach;
pub mod automatic;
pub mod bin;
pub mod build;
pub mod change;
pub mod combine;
pub mod context;
pub mod convert;
pub mod derive;
pub mod distinct;
pub mod evaluate;
pub mod excerpt;
pub mod extend;
mod extract;
pub mod fill;
pub mod first;
pub mod fork;
pub mod groups;
pub mod interner;
pub mod join;
pub mod limit;
pub mod lookup;
pub mod matching;
pub mod meter;
pub mod pair;
pub mod parallel;
pub mod pass;
pub mod pivot;
pub mod prefilter;
pub mod project;
pub mod reading;
pub mod repeat;
pub mod reshape;
pub mod rework;
pub mod running;
pub mod scan;
pub mod scrub;
pub mod series;
pub mod session;
pub mod sort;
pub mod study;
pub mod subsearch;
#[cfg(test)]
pub mod testing;
pub mod to_json;
pub mod top;
pub mod transform;
pub mod unnest;
pub mod watched;
pub mod write;

pub use build::build;
pub use context::{Cancel, Context, Memory, Scanned};

use crate::column::Batch;
use crate::diagnostic::Diagnostic;
use std::sync::Arc;

/// Gives batches until there are no more. After `None` or an error it is not asked again.
pub trait Operator: Send {
    /// The next batch, never an empty one.
    fn next(&mut self) -> Result<Option<Batch>, Diagnostic>;
}

/// A change of one batch that looks at no other: runs on any thread.
pub trait Step: Send + Sync {
    /// The changed batch.
    fn apply(&self, batch: Batch, cx: &Context) -> Result<Batch, Diagnostic>;
}

/// An operator's rows.
pub type Stream = Box<dyn Operator>;

/// All rows of a stream in one batch, charged to the memory account.
pub fn drain(mut input: Stream, cx: &Context) -> Result<Batch, Diagnostic> {
    let (mut parts, mut seen) = (Vec::new(), Default::default());
    while let Some(batch) = input.next()? {
        cx.check()?;
        let batch = batch.kept();
        cx.memory.charge(batch.bytes_beside(&mut seen))?;
        parts.push(batch);
    }
    Batch::concat_while(parts, || cx.check())
}

/// A stream of one batch.
pub struct Once(Option<Batch>);

impl Once {
    /// The batch, if it has rows.
    pub fn stream(batch: Batch) -> Stream {
        Box::new(Once((!batch.is_empty()).then_some(batch)))
    }
}

impl Operator for Once {
    fn next(&mut self) -> Result<Option<Batch>, Diagnostic> {
        Ok(self.0.take())
    }
}

/// A step applied to a stream, where the input is no scan that could run it on every core.
pub struct Stepped {
    pub input: Stream,
    pub step: Box<dyn Step>,
    pub cx: Arc<Context>,
}

impl Operator for Stepped {
    fn next(&mut self) -> Result<Option<Batch>, Diagnostic> {
        while let Some(batch) = self.input.next()? {
            self.cx.check()?;
            let batch = self.step.apply(batch, &self.cx)?;
            if !batch.is_empty() {
                return Ok(Some(batch));
            }
        }
        Ok(None)
    }
}

/// An operator that needs all its rows at once: it drains its input on the first call.
pub struct Whole<F> {
    input: Option<Stream>,
    cx: Arc<Context>,
    run: Option<F>,
}

impl<F: FnOnce(Batch, &Context) -> Result<Batch, Diagnostic> + Send + 'static> Whole<F> {
    /// The function of all rows of an input.
    pub fn stream(input: Stream, cx: &Arc<Context>, run: F) -> Stream {
        Box::new(Whole { input: Some(input), cx: cx.clone(), run: Some(run) })
    }
}

impl<F: FnOnce(Batch, &Context) -> Result<Batch, Diagnostic> + Send> Operator for Whole<F> {
    fn next(&mut self) -> Result<Option<Batch>, Diagnostic> {
        let (Some(input), Some(run)) = (self.input.take(), self.run.take()) else { return Ok(None) };
        let batch = run(drain(input, &self.cx)?, &self.cx)?;
        Ok((!batch.is_empty()).then_some(batch))
    }
}
