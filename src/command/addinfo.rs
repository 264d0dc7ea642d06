//! addinfo: what is known of the search, beside every row.

use super::{Command, Kind, Stage, stage};
use crate::card::{Example, Support};
use crate::column::Value;
use crate::diagnostic::Diagnostic;
use crate::plan::{Expr, Extension, Node, Planner, Predicate, Target, TimeRange};
use crate::syntax::{Parsed, Tokens};
use serde::Serialize;

pub const COMMAND: Command = Command {
    name: "addinfo",
    aliases: &[],
    kind: Kind::Streaming,
    summary: "Adds the range of time of the search (`info_min_time`, `info_max_time`), its id (`info_sid`) and when it began (`info_search_time`).",
    syntax: "addinfo",
    options: &[],
    examples: &[Example { spl: "| makeresults | addinfo | eval age=info_search_time-_time", shows: "an open range is 0 and +Infinity" }],
    support: Support::Full,
    parse,
    file: file!(),
};

#[derive(Debug, Serialize)]
struct Addinfo;

fn parse(i: Tokens<'_>) -> Parsed<'_, Box<dyn Stage>> {
    stage(i, Addinfo)
}

/// The range that the events below are searched in: what the search says goes before the flags.
pub fn range(node: &Node) -> TimeRange {
    let said = match node {
        Node::Scan(scan) => return scan.range,
        Node::Filter { predicate, .. } => bounds(predicate),
        _ => TimeRange::default(),
    };
    node.inputs().first().map_or(TimeRange::default(), |input| range(input)).overridden_by(said)
}

fn bounds(predicate: &Predicate) -> TimeRange {
    match predicate {
        Predicate::Time(range) => *range,
        Predicate::And(all) => all.iter().fold(TimeRange::default(), |range, p| range.overridden_by(bounds(p))),
        _ => TimeRange::default(),
    }
}

impl Stage for Addinfo {
    fn plan(&self, planner: &mut Planner<'_>, input: Node) -> Result<Node, Diagnostic> {
        let input = planner.started(input);
        let (range, now) = (range(&input), planner.env.now);
        let values = [
            ("info_min_time", Value::Number(range.earliest.unwrap_or(0.0))),
            ("info_max_time", range.latest.map_or(Value::text("+Infinity"), Value::Number)),
            // The form of the ids that Splunk gives; the same query at the same time has the same one.
            ("info_sid", Value::owned(format!("{now:.3}"))),
            ("info_search_time", Value::Number(now)),
        ];
        let step = |(name, value): (&str, Value<'static>)| Extension::Assign { target: Target::Field(name.into()), expr: Expr::Literal(value) };
        Ok(Node::Extend { input: Box::new(input), steps: values.into_iter().map(step).collect() })
    }
}
