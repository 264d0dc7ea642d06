//! uniq: repeated rows go.

use super::{Command, Kind, Stage, stage};
use crate::card::{Example, Support};
use crate::diagnostic::Diagnostic;
use crate::plan::{Node, Planner, Running};
use crate::syntax::{Parsed, Tokens};
use serde::Serialize;

pub const COMMAND: Command = Command {
    name: "uniq",
    aliases: &[],
    kind: Kind::Streaming,
    summary: "Removes rows that repeat the one before in every field.",
    syntax: "uniq",
    options: &[],
    examples: &[Example { spl: "| makeresults count=3 | uniq", shows: "one row" }],
    support: Support::Full,
    parse,
    file: file!(),
};

#[derive(Debug, Serialize)]
struct Uniq;

fn parse(i: Tokens<'_>) -> Parsed<'_, Box<dyn Stage>> {
    stage(i, Uniq)
}

impl Stage for Uniq {
    fn plan(&self, planner: &mut Planner<'_>, input: Node) -> Result<Node, Diagnostic> {
        Ok(Node::Running { input: Box::new(planner.started(input)), running: Running::Changed })
    }
}
