//! State carried from row to row, in their order: streamstats, accum, delta, autoregress, trendline, filldown, uniq.

mod changed;
mod down;
mod earlier;
mod statistics;
mod total;
mod trend;

use super::{Context, Once, Operator, Stream, drain};
use crate::column::Batch;
use crate::diagnostic::Diagnostic;
use crate::plan::{Argument, Running};
use std::sync::Arc;

/// What one command carries.
trait Carry: Send {
    /// The rows of the next batch, changed.
    fn apply(&mut self, batch: Batch, cx: &Context) -> Result<Batch, Diagnostic>;

    /// Bytes held, for the memory account.
    fn bytes(&self) -> usize {
        0
    }
}

/// The rows of a stream with what is carried along them.
pub fn running(input: Stream, running: Running, cx: &Arc<Context>) -> Stream {
    // Which fields a pattern names is known once all rows are there.
    let whole = matches!(&running, Running::Statistics(s) if s.aggregation.outputs.iter().any(|o| matches!(o.argument, Argument::Pattern(_))));
    let carry: Box<dyn Carry> = match running {
        Running::Statistics(s) => Box::new(statistics::Statistics::new(s)),
        Running::Total { field, into } => Box::new(total::Total { field, into, sum: 0.0 }),
        Running::Difference { field, into, back } => Box::new(earlier::Earlier::difference(field, back, into)),
        Running::Earlier { field, into } => Box::new(earlier::Earlier::values(field, into)),
        Running::Trends(trends) => Box::new(trend::Trends::new(trends)),
        Running::Down(fields) => Box::new(down::Down::new(fields)),
        Running::Changed => Box::new(changed::Changed::default()),
    };
    Box::new(Carried { input: Some(input), carry, whole, charged: 0, cx: cx.clone() })
}

struct Carried {
    input: Option<Stream>,
    carry: Box<dyn Carry>,
    /// Take all rows in one batch.
    whole: bool,
    charged: usize,
    cx: Arc<Context>,
}

impl Operator for Carried {
    fn next(&mut self) -> Result<Option<Batch>, Diagnostic> {
        if self.whole
            && let Some(input) = self.input.take()
        {
            self.whole = false;
            self.input = Some(Once::stream(drain(input, &self.cx)?));
        }
        let Some(input) = &mut self.input else { return Ok(None) };
        while let Some(batch) = input.next()? {
            self.cx.check()?;
            let batch = self.carry.apply(batch, &self.cx)?;
            let more = self.carry.bytes().saturating_sub(self.charged);
            self.charged += more;
            self.cx.memory.charge(more)?;
            if !batch.is_empty() {
                return Ok(Some(batch));
            }
        }
        Ok(None)
    }
}

impl Drop for Carried {
    fn drop(&mut self) {
        self.cx.memory.release(self.charged);
    }
}
