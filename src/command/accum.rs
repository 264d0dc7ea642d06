//! accum: a running total.

use super::{Command, Kind, Stage, stage};
use crate::card::{Example, Support};
use crate::diagnostic::Diagnostic;
use crate::plan::{Node, Planner, Running};
use crate::syntax::aggregation::alias;
use crate::syntax::field::{Field, field_but};
use crate::syntax::{Parsed, Tokens};
use serde::Serialize;

pub const COMMAND: Command = Command {
    name: "accum",
    aliases: &[],
    kind: Kind::Streaming,
    summary: "Keeps a running total of a numeric field, in the field itself or in another one.",
    syntax: "accum <field> [AS <name>]",
    options: &[],
    examples: &[Example { spl: "| makeresults count=3 | eval n=5 | accum n AS total", shows: "5, 10, 15" }],
    support: Support::Full,
    parse,
    file: file!(),
};

#[derive(Debug, Serialize)]
struct Accum {
    field: Field,
    alias: Option<Field>,
}

fn parse(i: Tokens<'_>) -> Parsed<'_, Box<dyn Stage>> {
    let (rest, field) = field_but(&["AS"])(i)?;
    let (rest, alias) = alias(rest)?;
    stage(rest, Accum { field, alias })
}

impl Stage for Accum {
    fn plan(&self, planner: &mut Planner<'_>, input: Node) -> Result<Node, Diagnostic> {
        let into = self.alias.as_ref().unwrap_or(&self.field).name.as_str().into();
        let running = Running::Total { field: self.field.name.as_str().into(), into };
        Ok(Node::Running { input: Box::new(planner.started(input)), running })
    }
}
