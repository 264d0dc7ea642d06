//! reverse: turns the order of the rows round.

use super::{Command, Kind, Stage, stage};
use crate::card::{Example, Support};
use crate::diagnostic::Diagnostic;
use crate::plan::{Node, Planner};
use crate::syntax::{Parsed, Tokens};
use serde::Serialize;

pub const COMMAND: Command = Command {
    name: "reverse",
    aliases: &[],
    kind: Kind::Dataset,
    summary: "Turns the order of the rows round.",
    syntax: "reverse",
    options: &[],
    examples: &[Example { spl: "| makeresults count=3 | reverse", shows: "the last row first" }],
    support: Support::Full,
    parse,
    file: file!(),
};

#[derive(Debug, Serialize)]
struct Reverse {}

fn parse(i: Tokens<'_>) -> Parsed<'_, Box<dyn Stage>> {
    stage(i, Reverse {})
}

impl Stage for Reverse {
    fn plan(&self, planner: &mut Planner<'_>, input: Node) -> Result<Node, Diagnostic> {
        Ok(Node::Reverse { input: Box::new(planner.started(input)) })
    }
}
