//! correlate: which fields occur in the same rows.

use super::{Command, Kind, Stage, stage};
use crate::card::{Example, Support};
use crate::diagnostic::Diagnostic;
use crate::plan::{Node, Planner, Rework, Study};
use crate::syntax::option::{Opt, OptionValue, at_option, unknown_option};
use crate::syntax::{Parsed, Tokens};
use serde::Serialize;

static TYPE: Opt<Cocur> = Opt::new("type", "cocur", "What is measured: rows that have both fields as a share of those that have one, the only way there is.");

pub const COMMAND: Command = Command {
    name: "correlate",
    aliases: &[],
    kind: Kind::Transforming,
    summary: "Makes a table of how often each two fields occur in the same rows: 1 for always together, 0 for never; fields whose names begin with `_` do not count.",
    syntax: "correlate [type=cocur]",
    options: &[&TYPE.card],
    examples: &[Example {
        spl: "| makeresults count=4 | streamstats count AS n | eval even=if(n%2==0, 1, null()) | correlate",
        shows: "0.5 for `n` and `even`",
    }],
    support: Support::Full,
    parse,
    file: file!(),
};

struct Cocur;

impl OptionValue for Cocur {
    fn read(text: &str) -> Result<Cocur, &'static str> {
        if text.eq_ignore_ascii_case("cocur") { Ok(Cocur) } else { Err("`cocur`") }
    }
}

#[derive(Debug, Serialize)]
struct Tree;

fn parse(i: Tokens<'_>) -> Parsed<'_, Box<dyn Stage>> {
    match TYPE.read(i, &mut Cocur)? {
        Some(rest) => stage(rest, Tree),
        None if at_option(i) => unknown_option(i, COMMAND.name, COMMAND.options),
        None => stage(i, Tree),
    }
}

impl Stage for Tree {
    fn plan(&self, planner: &mut Planner<'_>, input: Node) -> Result<Node, Diagnostic> {
        Ok(Node::Rework { input: Box::new(planner.started(input)), rework: Rework::Study(Study::Cooccurrence.into()) })
    }
}
