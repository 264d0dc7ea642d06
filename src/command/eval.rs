//! eval: makes fields from expressions.

use super::{Command, Kind, Stage, stage};
use crate::card::{Example, Support};
use crate::diagnostic::{Code, Diagnostic};
use crate::plan::reshape::{Cluster, Terms};
use crate::plan::{Extension, FieldPattern, JsonType, Node, Planner, Shape, Target, ToJson};
use crate::syntax::ast::{Expr, ExprNode};
use crate::syntax::expr::assignment;
use crate::syntax::field::Field;
use crate::syntax::option::OptionValue;
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
    ],
    support: Support::Full,
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
            match whole(target, written)? {
                Some(Whole::Step(step)) => {
                    steps.push(step);
                    continue;
                }
                Some(Whole::Rows(shape)) => {
                    if !steps.is_empty() {
                        node = Node::Extend { input: Box::new(node), steps: std::mem::take(&mut steps) };
                    }
                    node = Node::Reshape { input: Box::new(node), shape };
                    continue;
                }
                None => {}
            }
            let expr = planner.expr(written)?;
            if expr.is_boolean() {
                return Err(Diagnostic::error(Code::BOOLEAN, format!("`{}` would get a Boolean, and fields cannot hold one", target.name))
                    .at(written.span)
                    .help("Wrap it: if(…, \"true\", \"false\") or tostring(…)."));
            }
            steps.push(Extension::Assign { target: self::target(target)?, expr });
        }
        Ok(if steps.is_empty() { node } else { Node::Extend { input: Box::new(node), steps } })
    }
}

/// A function of more than the values of its arguments: of the whole row, or of all rows.
enum Whole {
    Step(Extension),
    Rows(Shape),
}

/// `cluster(…)` or `getfields(…)` as the whole value of a field.
fn whole(target: &Field, written: &Expr) -> Result<Option<Whole>, Diagnostic> {
    let ExprNode::Call { name, args } = &written.node else { return Ok(None) };
    let wrong = |place: usize, takes: &str| {
        let span = args.get(place).map_or(written.span, |a| a.span);
        Diagnostic::error(Code::ARGUMENTS, format!("`{name}` takes {takes} here")).at(span).help("It has to be written out: it cannot differ from row to row.")
    };
    let text = |place: usize| match args.get(place).map(|a| &a.node) {
        None => Ok(None),
        Some(ExprNode::Text(text)) => Ok(Some(text.as_str())),
        Some(_) => Err(wrong(place, "a quoted text")),
    };
    match name.to_ascii_lowercase().as_str() {
        "getfields" if args.len() <= 1 => {
            let fields = text(0)?.map(|filter| (JsonType::None, FieldPattern::new(filter))).into_iter().collect();
            let how = ToJson { fields, default: JsonType::None, fill_null: false, internal: false, output: target.name.as_str().into() };
            Ok(Some(Whole::Step(Extension::ToJson(how.into()))))
        }
        "cluster" if (1..=4).contains(&args.len()) => {
            let Some(ExprNode::Field(field) | ExprNode::Text(field)) = args.first().map(|a| &a.node) else { return Err(wrong(0, "a field")) };
            let threshold = match args.get(1).map(|a| &a.node) {
                None => 0.8,
                Some(ExprNode::Number(n)) if *n > 0.0 && *n < 1.0 => *n,
                Some(_) => return Err(wrong(1, "a number above 0 and below 1")),
            };
            let terms = text(2)?.map_or(Ok(Terms::List), Terms::read).map_err(|takes| wrong(2, takes))?;
            let delims = text(3)?.map(str::to_string);
            let label = target.name.as_str().into();
            Ok(Some(Whole::Rows(Shape::Cluster(Cluster { field: field.as_str().into(), threshold, delims, terms, label, count: None, all: true }))))
        }
        _ => Ok(None),
    }
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
