//! Operators with their names: an error of memory says which one needed too much, and what each takes is measured where that was asked.

use super::meter::Meter;
use super::{Context, Operator, Step, Stream};
use crate::column::Batch;
use crate::diagnostic::{Code, Diagnostic};
use std::sync::Arc;
use std::time::Instant;

/// A step that is watched; without one it counts the rows that come by.
pub struct WatchedStep {
    pub step: Option<Box<dyn Step>>,
    pub name: &'static str,
    pub meter: Option<Arc<Meter>>,
}

impl Step for WatchedStep {
    fn apply(&self, batch: Batch, cx: &Context) -> Result<Batch, Diagnostic> {
        let start = self.meter.as_ref().map(|m| (m, Instant::now()));
        let out = match &self.step {
            Some(step) => step.apply(batch, cx).map_err(|d| named(d, self.name))?,
            None => batch,
        };
        if let Some((meter, start)) = start {
            meter.add(start, out.len());
        }
        Ok(out)
    }
}

/// A stream that is watched.
pub struct WatchedStream {
    pub input: Stream,
    pub name: &'static str,
    pub meter: Option<Arc<Meter>>,
}

impl Operator for WatchedStream {
    fn next(&mut self) -> Result<Option<Batch>, Diagnostic> {
        let start = self.meter.as_ref().map(|m| (m, Instant::now()));
        let out = self.input.next().map_err(|d| named(d, self.name))?;
        if let Some((meter, start)) = start {
            meter.add(start, out.as_ref().map_or(0, Batch::len));
        }
        Ok(out)
    }
}

/// An error of memory with the operator that it came from: the innermost one names itself first.
pub fn named(mut error: Diagnostic, name: &str) -> Diagnostic {
    if error.code == Code::MEMORY && !error.message.contains(" in `") {
        error.message.push_str(&format!(", in `{name}` of its plan"));
    }
    error
}
