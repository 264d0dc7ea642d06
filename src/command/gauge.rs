//! gauge: one number and the ranges that it is shown in.

use super::expression::{field as value, number as literal};
use super::{Command, Kind, Stage, stage};
use crate::card::{Example, Support};
use crate::column::number;
use crate::diagnostic::Diagnostic;
use crate::plan::{Extension, FieldPattern, Limit, Node, Planner, Projection, Target};
use crate::syntax::field::{Field, fields};
use crate::syntax::option::{at_option, unknown_option};
use crate::syntax::{Parsed, Tokens};
use serde::Serialize;

pub const COMMAND: Command = Command {
    name: "gauge",
    aliases: &[],
    kind: Kind::Transforming,
    summary: "Puts the first row's value into `x` and the edges of ranges into `y1`, `y2` and so on; without two edges at least they are 0 and 100.",
    syntax: "gauge <number or field> [<number or field> …]",
    options: &[],
    examples: &[
        Example { spl: "| makeresults count=3 | stats count | gauge count 0 2 4", shows: "x=3, y1=0, y2=2, y3=4" },
        Example { spl: "| makeresults | gauge 42", shows: "x=42 between 0 and 100" },
    ],
    support: Support::Full,
    parse,
    file: file!(),
};

/// The value and the edges.
#[derive(Debug, Serialize)]
struct Gauge(Vec<Field>);

fn parse(i: Tokens<'_>) -> Parsed<'_, Box<dyn Stage>> {
    if at_option(i) {
        return unknown_option(i, COMMAND.name, COMMAND.options);
    }
    let (rest, all) = fields(&[])(i)?;
    stage(rest, Gauge(all))
}

impl Stage for Gauge {
    fn plan(&self, planner: &mut Planner<'_>, input: Node) -> Result<Node, Diagnostic> {
        let one = |f: &Field| match number::parse(&f.name).filter(|_| !f.quoted) {
            Some(n) => literal(n),
            None => value(&f.name),
        };
        let mut values: Vec<_> = self.0.iter().map(one).collect();
        // One edge makes no range.
        if values.len() <= 2 {
            values.truncate(1);
            values.extend([0.0, 100.0].map(literal));
        }
        // Names that no field of the row has, so that a field `x` may be one of the edges.
        let name = |n: usize| if n == 0 { "x".to_string() } else { format!("y{n}") };
        let assign = |(n, e): (usize, _)| Ok(Extension::Assign { target: Target::Field(format!("gauge {n}").into()), expr: planner.expr(e)? });
        let mut steps = values.iter().enumerate().map(assign).collect::<Result<Vec<_>, Diagnostic>>()?;
        for n in 0..values.len() {
            steps.push(Extension::Assign { target: Target::Field(name(n).into()), expr: planner.expr(&value(&format!("gauge {n}")))? });
        }
        let first = Node::Limit { input: Box::new(planner.started(input)), limit: Limit::Count(1) };
        let projection = Projection::Table((0..values.len()).map(|n| FieldPattern::new(&name(n))).collect());
        Ok(Node::Project { input: Box::new(Node::Extend { input: Box::new(first), steps }), projection })
    }
}
