//! union: the rows of several datasets in one result.

use super::sub::{self, Limits};
use super::{Command, Kind, Stage, from, multisearch, stage};
use crate::card::{Example, Support};
use crate::diagnostic::{Code, Diagnostic, Span};
use crate::plan::{Node, Planner};
use crate::syntax::option::{at_option, raw_value, unknown_option};
use crate::syntax::pipeline::{Pipeline, subsearch};
use crate::syntax::token::Kind as Token;
use crate::syntax::tokens::commas;
use crate::syntax::wanted::Want;
use crate::syntax::{Parsed, Tokens};
use serde::Serialize;

pub const COMMAND: Command = Command {
    name: "union",
    aliases: &[],
    kind: Kind::Dataset,
    summary: "Puts the rows of several datasets together: events by time, newest first, where none is transformed, else one behind the other.",
    syntax: "union [maxout=<n>] [maxtime=<n>] [timeout=<n>] <type>:<name> | [ <subsearch> ] …",
    options: &sub::CARDS,
    examples: &[Example { spl: "| union [| makeresults | eval n=1] [| makeresults count=2 | stats count]", shows: "the rows of two searches" }],
    support: Support::Full,
    parse,
    file: file!(),
};

#[derive(Debug, Serialize)]
enum Dataset {
    Subsearch(Pipeline),
    Named {
        kind: String,
        name: String,
        #[serde(skip)]
        span: Span,
    },
}

#[derive(Debug, Serialize)]
struct Union {
    limits: Limits,
    datasets: Vec<Dataset>,
}

fn parse(mut i: Tokens<'_>) -> Parsed<'_, Box<dyn Stage>> {
    let mut tree = Union { limits: Limits::default(), datasets: Vec::new() };
    while !i.is_empty() {
        i = if let Some(rest) = tree.limits.read(i)? {
            rest
        } else if at_option(i) {
            return unknown_option(i, COMMAND.name, COMMAND.options);
        } else if i.at_symbol('[') {
            let (rest, pipeline) = subsearch(i)?;
            tree.datasets.push(Dataset::Subsearch(pipeline));
            rest
        } else {
            let (rest, dataset) = named(i)?;
            tree.datasets.push(dataset);
            rest
        };
        i = commas(i)?.0;
    }
    if tree.datasets.is_empty() { i.miss(Want::Subsearch) } else { stage(i, tree) }
}

/// `type:name` or `type:"name"`; parts may be quoted by themselves, as in `datamodel:"Model"."Dataset"`.
fn named(i: Tokens<'_>) -> Parsed<'_, Dataset> {
    let (mut rest, value) = raw_value(i)?;
    let Some((kind, name)) = value.text.split_once(':') else { return i.miss(Want::Subsearch) };
    let mut name = name.to_string();
    if name.is_empty() {
        let (after, quoted) = raw_value(rest)?;
        (rest, name) = (after, quoted.text);
    }
    while rest.first().is_some_and(|t| t.glued && (t.is('.') || t.kind == Token::String)) {
        let (after, part) = raw_value(rest)?;
        name.push_str(&part.text);
        rest = after;
    }
    Ok((rest, Dataset::Named { kind: kind.to_ascii_lowercase(), name, span: i.span_to(&rest) }))
}

impl Dataset {
    fn plan(&self, planner: &mut Planner<'_>) -> Result<Node, Diagnostic> {
        match self {
            Dataset::Subsearch(pipeline) => planner.subsearch(pipeline),
            Dataset::Named { kind, name, span } => match kind.as_str() {
                "inputlookup" | "lookup" | "savedsearch" | "datamodel" => from::rows(planner, kind, name, *span).map_err(|d| d.at(*span)),
                other => Err(Diagnostic::error(Code::ARGUMENTS, format!("there are no datasets of the type `{other}`"))
                    .at(*span)
                    .help("The types are `lookup`, `savedsearch` and `datamodel`.")),
            },
        }
    }
}

impl Stage for Union {
    fn plan(&self, planner: &mut Planner<'_>, input: Node) -> Result<Node, Diagnostic> {
        let mut inputs = if matches!(input, Node::Start) { Vec::new() } else { vec![input] };
        let before = inputs.len();
        for dataset in &self.datasets {
            inputs.push(dataset.plan(planner)?);
        }
        if inputs.iter().all(multisearch::is_events) {
            return Ok(multisearch::by_time(inputs));
        }
        let limited = inputs.into_iter().enumerate();
        Ok(Node::Union { inputs: limited.map(|(n, node)| if n < before { node } else { self.limits.over(node, COMMAND.name, planner) }).collect() })
    }
}

#[cfg(test)]
mod tests {
    use crate::operator::testing::run;

    #[test]
    fn events_by_time_and_results_behind() {
        let rows = r#"[{"k":"a","_time":"1"},{"k":"b","_time":"2"},{"k":"c","_time":"3"}]"#;
        for (query, want) in [
            ("| union [search k=a] [search k=c] | table k", r#"[{"k":"c"},{"k":"a"}]"#),
            ("k=a | union [search k=c], [search k=b] | table k", r#"[{"k":"c"},{"k":"b"},{"k":"a"}]"#),
            ("k=a | table k | union maxout=1 [search k!=a | stats count BY k]", r#"[{"k":"a"},{"k":"b","count":1}]"#),
            ("| union maxtime=1 timeout=1 [search k=none]", "[]"),
        ] {
            assert_eq!(run(rows, query), want, "{query}");
        }
        for (query, want) in [
            ("| union", "a subsearch"),
            ("| union max=1 [head 1]", "no option"),
            ("| union savedsearch:none", "no saved search"),
            ("| union datamodel:\"x.y\"", "not known here"),
            ("| union table:x", "no datasets of the type `table`"),
            ("| union x", "expected"),
        ] {
            assert!(run(rows, query).contains(want), "{query}: {}", run(rows, query));
        }
    }
}
