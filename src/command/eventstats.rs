//! eventstats: adds the statistics of its group to every row.

use super::{Command, Kind, Stage, stage};
use crate::card::{Example, Support};
use crate::command::stats::{ALLNUM, Written, written};
use crate::diagnostic::Diagnostic;
use crate::plan::{Node, Planner};
use crate::syntax::{Parsed, Tokens};
use serde::Serialize;

pub const COMMAND: Command = Command {
    name: "eventstats",
    aliases: &[],
    kind: Kind::Dataset,
    summary: "Adds the statistics of its group to every row.",
    syntax: "eventstats [allnum=<bool>] <function>(<field>) [AS <name>] … [BY <field> …]",
    options: &[&ALLNUM.card],
    examples: &[Example { spl: "| makeresults count=2 | eval n=5 | eventstats sum(n) AS total | eval share=n/total", shows: "each row sees the total" }],
    support: Support::Full,
    parse,
    file: file!(),
};

#[derive(Debug, Serialize)]
struct Eventstats(Written);

fn parse(i: Tokens<'_>) -> Parsed<'_, Box<dyn Stage>> {
    let (rest, written) = written(i)?;
    stage(rest, Eventstats(written))
}

impl Stage for Eventstats {
    fn plan(&self, planner: &mut Planner<'_>, input: Node) -> Result<Node, Diagnostic> {
        let aggregation = self.0.compile(planner)?;
        Ok(Node::Attach { input: Box::new(planner.started(input)), aggregation })
    }
}
