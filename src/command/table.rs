//! table: shows just these columns, in this order, also where they are missing.

use super::{Command, Kind, Stage, stage};
use crate::card::{Example, Support};
use crate::diagnostic::Diagnostic;
use crate::plan::{FieldPattern, Node, Planner, Projection};
use crate::syntax::field::{Field, fields};
use crate::syntax::{Parsed, Tokens};
use serde::Serialize;

pub const COMMAND: Command = Command {
    name: "table",
    aliases: &[],
    kind: Kind::Transforming,
    summary: "Shows just these columns, in this order, also where they are missing.",
    syntax: "table <field>, …",
    options: &[],
    examples: &[Example { spl: "| makeresults | eval a=1, b=2 | table b, a", shows: "two columns in a chosen order" }],
    support: Support::Full,
    parse,
    file: file!(),
};

#[derive(Debug, Serialize)]
struct Table {
    fields: Vec<Field>,
}

fn parse(i: Tokens<'_>) -> Parsed<'_, Box<dyn Stage>> {
    let (rest, fields) = fields(&[])(i)?;
    stage(rest, Table { fields })
}

impl Stage for Table {
    fn plan(&self, planner: &mut Planner<'_>, input: Node) -> Result<Node, Diagnostic> {
        let patterns = self.fields.iter().map(|f| FieldPattern::new(&f.name)).collect();
        Ok(Node::Project { input: Box::new(planner.started(input)), projection: Projection::Table(patterns) })
    }
}
