//! head and tail. `head` asks its input for no more than it needs, which stops the scan.

use super::{Context, Operator, Stream, Whole, evaluate};
use crate::column::{Batch, Value};
use crate::diagnostic::{Code, Diagnostic, Span};
use crate::plan::{Expr, Limit};
use std::sync::Arc;

/// The first rows of a stream.
pub fn limit(input: Stream, limit: Limit, cx: &Arc<Context>) -> Stream {
    match limit {
        Limit::Count(count) => Box::new(Head { input: Some(input), left: count }),
        Limit::Ceiling { count, what } => {
            let cut = Diagnostic::warning(Code::ROWS, format!("the subsearch of `{what}` found more than {count} rows; the first {count} are used"));
            Box::new(Ceiling { input: Some(input), left: count, cut: Some(cut.help("`--ceiling join=0` takes all rows.")), over: false, cx: cx.clone() })
        }
        Limit::Unasked { count, what } => {
            let cut = Diagnostic::warning(Code::ROWS, format!("`{what}` keeps {count} rows where no count is given; there were more"));
            Box::new(Ceiling { input: Some(input), left: count, cut: Some(cut.help(format!("`{what} 0 …` keeps all."))), over: false, cx: cx.clone() })
        }
        Limit::AtLeastOne(span) => Box::new(AtLeastOne { input, seen: false, span }),
        Limit::While { expr, null, keep_last, count } => {
            Box::new(While { input: Some(input), expr, null, keep_last, left: count.unwrap_or(u64::MAX), cx: cx.clone() })
        }
    }
}

struct Head {
    input: Option<Stream>,
    left: u64,
}

impl Operator for Head {
    fn next(&mut self) -> Result<Option<Batch>, Diagnostic> {
        if self.left == 0 {
            // Dropping the input ends its threads.
            self.input = None;
        }
        let Some(input) = &mut self.input else { return Ok(None) };
        let Some(batch) = input.next()? else { return Ok(None) };
        let batch = batch.slice(0, usize::try_from(self.left).unwrap_or(usize::MAX));
        self.left -= batch.len() as u64;
        Ok(Some(batch))
    }
}

/// require: passes rows on, and fails where there are none.
struct AtLeastOne {
    input: Stream,
    seen: bool,
    span: Span,
}

impl Operator for AtLeastOne {
    fn next(&mut self) -> Result<Option<Batch>, Diagnostic> {
        let batch = self.input.next()?;
        if batch.is_none() && !self.seen {
            return Err(Diagnostic::error(Code::RUNTIME, "the search found no rows, and `require` wants one").at(self.span));
        }
        self.seen = true;
        Ok(batch)
    }
}

/// A ceiling of Splunk's: rows past it are cut, and a warning says so.
struct Ceiling {
    input: Option<Stream>,
    left: u64,
    /// What is said once rows are cut.
    cut: Option<Diagnostic>,
    /// Were there more rows?
    over: bool,
    cx: Arc<Context>,
}

impl Operator for Ceiling {
    fn next(&mut self) -> Result<Option<Batch>, Diagnostic> {
        let Some(input) = &mut self.input else {
            // Asked for more than there are: a `head` that has enough misses nothing.
            if self.over {
                self.cut.take().into_iter().for_each(|d| self.cx.warn(d));
            }
            return Ok(None);
        };
        let Some(batch) = input.next()? else { return Ok(None) };
        if batch.len() as u64 > self.left {
            (self.over, self.input) = (true, None);
        }
        let kept = batch.slice(0, usize::try_from(self.left).unwrap_or(usize::MAX));
        self.left -= kept.len() as u64;
        if self.over && kept.is_empty() { self.next() } else { Ok(Some(kept)) }
    }
}

struct While {
    input: Option<Stream>,
    expr: Expr,
    null: bool,
    keep_last: bool,
    left: u64,
    cx: Arc<Context>,
}

impl Operator for While {
    fn next(&mut self) -> Result<Option<Batch>, Diagnostic> {
        let Some(input) = &mut self.input else { return Ok(None) };
        let Some(batch) = input.next()? else { return Ok(None) };
        let results = evaluate::evaluate(&self.expr, &batch, &self.cx);
        let goes_on = |i: usize| match results.get(i) {
            Value::Bool(b) => b,
            _ => self.null,
        };
        let most = usize::try_from(self.left).unwrap_or(usize::MAX).min(batch.len());
        let stop = (0..most).find(|&i| !goes_on(i));
        let rows = stop.map_or(most, |i| i + usize::from(self.keep_last));
        self.left -= rows as u64;
        if stop.is_some() || self.left == 0 {
            self.input = None;
        }
        let kept = batch.slice(0, rows);
        Ok((!kept.is_empty()).then_some(kept))
    }
}

/// The last rows of a stream, last one first.
pub fn tail(input: Stream, count: u64, cx: &Arc<Context>) -> Stream {
    Whole::stream(input, cx, move |batch, cx| {
        let rows: Vec<u32> = (0..batch.len() as u32).rev().take(usize::try_from(count).unwrap_or(usize::MAX)).collect();
        batch.take_while(&rows, || cx.check())
    })
}
