//! eval: makes fields from expressions.

use super::{Command, Kind, Stage, stage};
use crate::card::{Example, Support};
use crate::diagnostic::{Code, Diagnostic};
use crate::plan::{Aside, Extension, Node, Planner, Projection, Target};
use crate::syntax::ast::Expr;
use crate::syntax::expr::assignment;
use crate::syntax::field::Field;
use crate::syntax::tokens::{commas, symbol};
use crate::syntax::{Parsed, Tokens};
use nom::Parser;
use nom::multi::separated_list1;
use serde::Serialize;

pub const COMMAND: Command = Command {
    name: "eval",
    aliases: &[],
    kind: Kind::Streaming,
    summary: "Makes or replaces fields by expressions, from left to right; later ones see earlier ones.",
    syntax: "eval <field>=<expression> [, <field>=<expression>] …",
    options: &[],
    examples: &[
        Example { spl: "| makeresults | eval a=1, b=a+1, c=if(b=2, \"two\", \"other\")", shows: "several assignments" },
        Example { spl: "| makeresults | eval 'my field'=5, x='my field'*2", shows: "a field name in single quotes" },
        Example { spl: "| makeresults | eval x=100/[| makeresults | eval n=4 | return $n]", shows: "25: what a subsearch returns stands in its place" },
    ],
    support: Support::Partial(
        "results keep all digits of a double: Splunk rounds one to the digits of its least precise operand, so that 3*0.5 is 2 there; `sigfig()` and `round()` do so here",
    ),
    parse,
    file: file!(),
};

#[derive(Debug, Serialize)]
struct Eval {
    assignments: Vec<(Field, Expr)>,
}

fn parse(i: Tokens<'_>) -> Parsed<'_, Box<dyn Stage>> {
    let (rest, assignments) = separated_list1(symbol(','), assignment).parse(i)?;
    let (rest, _) = commas(rest)?;
    stage(rest, Eval { assignments })
}

impl Stage for Eval {
    fn plan(&self, planner: &mut Planner<'_>, input: Node) -> Result<Node, Diagnostic> {
        let mut node = planner.started(input);
        let mut steps = Vec::new();
        for (target, written) in &self.assignments {
            let expr = planner.expr(written)?;
            let asides = planner.asides();
            let hidden = Aside::hidden(&asides);
            for aside in asides {
                // What it sees is what stands to the left of it.
                node = aside.over(extended(node, std::mem::take(&mut steps)));
            }
            if expr.is_boolean() {
                return Err(Diagnostic::error(Code::BOOLEAN, format!("`{}` would get a Boolean, and fields cannot hold one", target.name))
                    .at(written.span)
                    .help("Wrap it: if(…, \"true\", \"false\") or tostring(…)."));
            }
            steps.push(Extension::Assign { target: self::target(target)?, expr });
            if !hidden.is_empty() {
                node = Node::Project { input: Box::new(extended(node, std::mem::take(&mut steps))), projection: Projection::Remove(hidden) };
            }
        }
        Ok(extended(node, steps))
    }
}

fn extended(node: Node, steps: Vec<Extension>) -> Node {
    if steps.is_empty() { node } else { Node::Extend { input: Box::new(node), steps } }
}

/// A field name; `{field}` in it stands for that field's value.
fn target(field: &Field) -> Result<Target, Diagnostic> {
    if !field.name.contains('{') || field.name.contains("{}") {
        return Ok(Target::Field(field.name.as_str().into()));
    }
    let mut parts = Vec::new();
    let mut rest = field.name.as_str();
    while let Some((text, after)) = rest.split_once('{') {
        let Some((name, after)) = after.split_once('}') else {
            return Err(Diagnostic::error(Code::FIELD, "the `{` in this name is never closed")
                .at(field.span)
                .help("Write `{field}` for the value of a field."));
        };
        parts.push((false, text.to_string()));
        parts.push((true, name.to_string()));
        rest = after;
    }
    parts.push((false, rest.to_string()));
    parts.retain(|(is_field, text)| *is_field || !text.is_empty());
    Ok(Target::Dynamic(parts))
}
