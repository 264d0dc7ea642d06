//! fields: keeps or removes fields; internal ones such as _time and _raw stay unless they are removed by name.

use super::{Command, Kind, Stage, stage};
use crate::card::{Example, Support};
use crate::diagnostic::Diagnostic;
use crate::plan::{FieldPattern, Node, Planner, Projection};
use crate::syntax::field::{Field, fields};
use crate::syntax::{Parsed, Tokens};
use serde::Serialize;

pub const COMMAND: Command = Command {
    name: "fields",
    aliases: &[],
    kind: Kind::Streaming,
    summary: "Keeps or removes fields; internal ones such as _time and _raw stay unless they are removed by name.",
    syntax: "fields [+|-] <field>, …",
    options: &[],
    examples: &[
        Example { spl: "| makeresults | eval a=1, b=2 | fields - b", shows: "removes a field" },
        Example { spl: "| makeresults | eval ab=1, ac=2, d=3 | fields a*", shows: "keeps by wildcard" },
    ],
    support: Support::Full,
    parse,
    file: file!(),
};

#[derive(Debug, Serialize)]
struct Fields {
    remove: bool,
    fields: Vec<Field>,
}

fn parse(i: Tokens<'_>) -> Parsed<'_, Box<dyn Stage>> {
    let remove = i.at_symbol('-');
    let sign = remove || i.at_symbol('+');
    let (rest, fields) = fields(&[])(if sign { i.skip(1) } else { i })?;
    stage(rest, Fields { remove, fields })
}

impl Stage for Fields {
    fn plan(&self, planner: &mut Planner<'_>, input: Node) -> Result<Node, Diagnostic> {
        let patterns = self.fields.iter().map(|f| FieldPattern::new(&f.name)).collect();
        let projection = if self.remove { Projection::Remove(patterns) } else { Projection::Keep(patterns) };
        Ok(Node::Project { input: Box::new(planner.started(input)), projection })
    }
}
