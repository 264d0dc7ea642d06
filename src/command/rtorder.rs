//! rtorder: events by time, earliest first.

use super::localize::Length;
use super::{Command, Kind, Stage, option, stage};
use crate::card::{Example, Support};
use crate::column::compare::Collation;
use crate::diagnostic::Diagnostic;
use crate::plan::{Node, Planner, SortKey};
use crate::syntax::option::Opt;
use crate::syntax::tokens::commas;
use crate::syntax::{Parsed, Tokens};
use serde::Serialize;

static DISCARD: Opt<bool> = Opt::new("discard", "f", "Leave out events that come too late; here all are there, and none does.");
static BUFFER_SPAN: Opt<Length> = Opt::new("buffer_span", "10s", "How long events are waited for; here none has to be.");
static MAX_BUFFER_SIZE: Opt<u64> = Opt::new("max_buffer_size", "50000", "How many events may wait; here all do.");

pub const COMMAND: Command = Command {
    name: "rtorder",
    aliases: &[],
    kind: Kind::Streaming,
    summary: "Orders events by time, earliest first: for a search that runs over what is still coming in within a buffer, here over all events at once.",
    syntax: "rtorder [discard=<bool>] [buffer_span=<span>] [max_buffer_size=<n>]",
    options: &[&DISCARD.card, &BUFFER_SPAN.card, &MAX_BUFFER_SIZE.card],
    examples: &[Example { spl: "| makeresults count=3 | streamstats count AS n | eval _time=100-n | rtorder buffer_span=5m", shows: "3, 2, 1" }],
    support: Support::Full,
    parse,
    file: file!(),
};

#[derive(Debug, Serialize)]
struct Tree {
    discard: bool,
    buffer_span: Length,
    max_buffer_size: u64,
}

fn parse(mut i: Tokens<'_>) -> Parsed<'_, Box<dyn Stage>> {
    let mut tree = Tree { discard: false, buffer_span: Length(10.0), max_buffer_size: 50_000 };
    while !i.is_empty()
        && let Some(rest) =
            option(i, &COMMAND, [DISCARD.to(&mut tree.discard), BUFFER_SPAN.to(&mut tree.buffer_span), MAX_BUFFER_SIZE.to(&mut tree.max_buffer_size)])?
    {
        i = commas(rest)?.0;
    }
    stage(i, tree)
}

impl Stage for Tree {
    fn plan(&self, planner: &mut Planner<'_>, input: Node) -> Result<Node, Diagnostic> {
        let key = SortKey { field: "_time".into(), descending: false, collation: Collation::Number };
        Ok(Node::Sort { input: Box::new(planner.started(input)), keys: vec![key], limit: None })
    }
}
