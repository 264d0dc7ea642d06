//! analyzefields: how well numbers foretell a class.

use super::{Command, Kind, Stage, stage};
use crate::card::{Example, Support};
use crate::diagnostic::Diagnostic;
use crate::plan::{Node, Planner, Rework, Study};
use crate::syntax::option::{Opt, at_option, unknown_option};
use crate::syntax::wanted::Want;
use crate::syntax::{Parsed, Tokens};
use serde::Serialize;

static CLASSFIELD: Opt<String> = Opt::new("classfield", "", "The field whose values are foretold.");

pub const COMMAND: Command = Command {
    name: "analyzefields",
    aliases: &["af"],
    kind: Kind::Transforming,
    summary: "Measures for each numeric field how well it foretells the values of a discrete one: `acc` is the share of right guesses, `balacc` its mean over the values, `cocur` the share of rows with the discrete field that have both. The guess is the likeliest value under normal distributions (Duda and Hart, 1973), which stands for a server's own one: that is not published.",
    syntax: "analyzefields classfield=<field>",
    options: &[&CLASSFIELD.card],
    examples: &[Example {
        spl: "| makeresults count=8 | streamstats count AS n | eval size=if(n>4, \"large\", \"small\") | analyzefields classfield=size",
        shows: "`n` foretells `size`",
    }],
    support: Support::Full,
    parse,
    file: file!(),
};

#[derive(Debug, Serialize)]
struct Tree {
    class: String,
}

fn parse(i: Tokens<'_>) -> Parsed<'_, Box<dyn Stage>> {
    let mut class = String::new();
    match CLASSFIELD.read(i, &mut class)? {
        Some(rest) => stage(rest, Tree { class }),
        None if at_option(i) => unknown_option(i, COMMAND.name, COMMAND.options),
        None => i.miss(Want::Option("classfield")),
    }
}

impl Stage for Tree {
    fn plan(&self, planner: &mut Planner<'_>, input: Node) -> Result<Node, Diagnostic> {
        let study = Study::Classes(self.class.as_str().into());
        Ok(Node::Rework { input: Box::new(planner.started(input)), rework: Rework::Study(study.into()) })
    }
}
