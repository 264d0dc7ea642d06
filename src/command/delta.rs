//! delta: the difference to an earlier row.

use super::{Command, Kind, Stage, stage};
use crate::card::{Example, Support};
use crate::diagnostic::Diagnostic;
use crate::plan::{Node, Planner, Running};
use crate::syntax::aggregation::alias;
use crate::syntax::field::{Field, field_but};
use crate::syntax::option::{Opt, OptionValue, at_option, unknown_option};
use crate::syntax::{Parsed, Tokens};
use serde::Serialize;

static P: Opt<Back> = Opt::new("p", "1", "How many rows back the other value is taken from.");

pub const COMMAND: Command = Command {
    name: "delta",
    aliases: &[],
    kind: Kind::Streaming,
    summary: "Gives the difference between a number and that of an earlier row, where both rows have one.",
    syntax: "delta <field> [AS <name>] [p=<n>]",
    options: &[&P.card],
    examples: &[
        Example { spl: "| makeresults count=3 | streamstats count AS n | delta n", shows: "1 in `delta(n)`, from the second row on" },
        Example { spl: "| makeresults count=3 | streamstats count AS n | delta n AS step p=2", shows: "2 in the third row" },
    ],
    support: Support::Full,
    parse,
    file: file!(),
};

/// So many rows back.
#[derive(Clone, Copy, Debug, Serialize)]
struct Back(usize);

impl OptionValue for Back {
    fn read(text: &str) -> Result<Back, &'static str> {
        text.parse().ok().filter(|n| *n > 0).map(Back).ok_or("a whole number above 0")
    }
}

#[derive(Debug, Serialize)]
struct Delta {
    field: Field,
    alias: Option<Field>,
    p: Back,
}

fn parse(i: Tokens<'_>) -> Parsed<'_, Box<dyn Stage>> {
    let mut p = Back(1);
    let i = P.read(i, &mut p)?.unwrap_or(i);
    let (rest, field) = if at_option(i) { return unknown_option(i, COMMAND.name, COMMAND.options) } else { field_but(&["AS"])(i)? };
    let rest = P.read(rest, &mut p)?.unwrap_or(rest);
    let (rest, alias) = alias(rest)?;
    let rest = P.read(rest, &mut p)?.unwrap_or(rest);
    stage(rest, Delta { field, alias, p })
}

impl Stage for Delta {
    fn plan(&self, planner: &mut Planner<'_>, input: Node) -> Result<Node, Diagnostic> {
        let into = self.alias.as_ref().map_or_else(|| format!("delta({})", self.field.name), |a| a.name.clone()).into();
        let running = Running::Difference { field: self.field.name.as_str().into(), into, back: self.p.0 };
        Ok(Node::Running { input: Box::new(planner.started(input)), running })
    }
}
