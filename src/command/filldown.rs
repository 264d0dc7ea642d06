//! filldown: the last value for missing ones.

use super::{Command, Kind, Stage, stage};
use crate::card::{Example, Support};
use crate::diagnostic::Diagnostic;
use crate::plan::{FieldPattern, Node, Planner, Running};
use crate::syntax::field::{Field, fields};
use crate::syntax::option::{at_option, unknown_option};
use crate::syntax::{Parsed, Tokens};
use serde::Serialize;

pub const COMMAND: Command = Command {
    name: "filldown",
    aliases: &[],
    kind: Kind::Streaming,
    summary: "Gives a field without a value the last one that it had in the rows before; without a list every field whose name does not begin with `_`.",
    syntax: "filldown [<field> …]",
    options: &[],
    examples: &[
        Example { spl: "| makeresults count=4 | streamstats count AS n | eval x=if(n%2==1, n, null()) | filldown x", shows: "1, 1, 3, 3" },
        Example { spl: "| makeresults count=4 | streamstats count AS n | eval score_a=if(n==1, 7, null()) | filldown score*", shows: "fields by pattern" },
    ],
    support: Support::Full,
    parse,
    file: file!(),
};

#[derive(Debug, Serialize)]
struct Filldown(Vec<Field>);

fn parse(i: Tokens<'_>) -> Parsed<'_, Box<dyn Stage>> {
    if at_option(i) {
        return unknown_option(i, COMMAND.name, COMMAND.options);
    }
    let (rest, fields) = if i.is_empty() { (i, Vec::new()) } else { fields(&[])(i)? };
    stage(rest, Filldown(fields))
}

impl Stage for Filldown {
    fn plan(&self, planner: &mut Planner<'_>, input: Node) -> Result<Node, Diagnostic> {
        let fields = match self.0.as_slice() {
            [] => vec![FieldPattern::new("*")],
            some => some.iter().map(|f| FieldPattern::new(&f.name)).collect(),
        };
        Ok(Node::Running { input: Box::new(planner.started(input)), running: Running::Down(fields) })
    }
}
