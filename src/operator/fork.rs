//! appendpipe: rows, and behind them what a pipeline over them makes.

use super::{Context, Operator, Stream, build, drain};
use crate::column::Batch;
use crate::diagnostic::Diagnostic;
use crate::plan::Node;
use std::sync::Arc;

/// The rows of an input, then those of a branch over all of them.
pub fn fork(input: Stream, branch: Node, cx: &Arc<Context>) -> Stream {
    Box::new(Fork { input: Some((input, branch)), branch: None, cx: cx.clone() })
}

struct Fork {
    input: Option<(Stream, Node)>,
    branch: Option<Stream>,
    cx: Arc<Context>,
}

impl Operator for Fork {
    fn next(&mut self) -> Result<Option<Batch>, Diagnostic> {
        if let Some((input, branch)) = self.input.take() {
            let rows = drain(input, &self.cx)?;
            self.branch = Some(build(filled(branch, &Arc::new(rows.clone())), &self.cx)?);
            if !rows.is_empty() {
                return Ok(Some(rows));
            }
        }
        self.branch.as_mut().map_or(Ok(None), |b| b.next())
    }
}

/// A branch with its rows put in. A fork inside keeps its own place for its branch.
pub(super) fn filled(node: Node, rows: &Arc<Batch>) -> Node {
    match node {
        Node::Held => Node::Rows(rows.clone()),
        Node::Fork { input, branch } => Node::Fork { input: Box::new(filled(*input, rows)), branch },
        other => other.map_inputs(|n| filled(n, rows)),
    }
}
