//! tail: keeps the last rows, the last one first.

use super::{Command, Kind, Stage, stage};
use crate::card::{Example, Support};
use crate::diagnostic::Diagnostic;
use crate::plan::{Node, Planner};
use crate::syntax::option::count;
use crate::syntax::{Parsed, Tokens};
use nom::Parser;
use nom::combinator::opt;
use serde::Serialize;

pub const COMMAND: Command = Command {
    name: "tail",
    aliases: &[],
    kind: Kind::Dataset,
    summary: "Keeps the last rows, the last one first.",
    syntax: "tail [<count>]",
    options: &[],
    examples: &[Example { spl: "| makeresults count=30 | tail 5", shows: "five rows" }],
    support: Support::Full,
    parse,
    file: file!(),
};

#[derive(Debug, Serialize)]
struct Tail {
    count: u64,
}

fn parse(i: Tokens<'_>) -> Parsed<'_, Box<dyn Stage>> {
    let (rest, count) = opt(count).parse(i)?;
    stage(rest, Tail { count: count.unwrap_or(10) })
}

impl Stage for Tail {
    fn plan(&self, planner: &mut Planner<'_>, input: Node) -> Result<Node, Diagnostic> {
        Ok(Node::Tail { input: Box::new(planner.started(input)), count: self.count })
    }
}
