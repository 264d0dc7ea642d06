//! transaction: events that belong together become one.

mod gather;
mod open;
mod render;

use super::{Context, Stream, Whole, evaluate, matching, subsearch};
use crate::column::{Batch, Mask};
use crate::diagnostic::Diagnostic;
use crate::plan::{Condition, Session};
use std::sync::Arc;

/// Events that were put together, by their rows, newest first.
pub(super) struct Gathered {
    rows: Vec<u32>,
    kind: Kind,
}

#[derive(Clone, Copy, PartialEq)]
enum Kind {
    /// A condition says that no more events can come.
    Closed,
    /// The input ended.
    Open,
    /// The start never came, or there were too many open at once.
    Evicted,
    /// An event that is in no transaction.
    Orphan,
}

/// The transactions of a stream, newest first.
pub fn session(input: Stream, mut session: Session, cx: &Arc<Context>) -> Result<Stream, Diagnostic> {
    for condition in session.starts.iter_mut().chain(&mut session.ends) {
        if let Condition::Search(predicate) = condition {
            *predicate = subsearch::resolve(predicate.clone(), cx)?;
        }
    }
    Ok(Whole::stream(input, cx, move |batch, cx| {
        let gathered = gather::gather(&batch, &session, cx)?;
        render::render(&batch, gathered, &session, cx)
    }))
}

impl Condition {
    /// The rows that it holds for.
    fn rows(&self, batch: &Batch, cx: &Context) -> Mask {
        match self {
            Condition::Search(p) => matching::mask(p, batch, cx),
            Condition::Eval(e) => evaluate::truth(e, batch, cx),
        }
    }
}
