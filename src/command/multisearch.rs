//! multisearch: the events of several searches, by time.

use super::{Command, Kind, Stage, stage};
use crate::card::{Example, Support};
use crate::column::compare::Collation;
use crate::diagnostic::{Code, Diagnostic};
use crate::plan::{Node, Planner, SortKey};
use crate::syntax::pipeline::{Pipeline, subsearch};
use crate::syntax::tokens::commas;
use crate::syntax::wanted::Want;
use crate::syntax::{Parsed, Tokens};
use serde::Serialize;

pub const COMMAND: Command = Command {
    name: "multisearch",
    aliases: &[],
    kind: Kind::Generating,
    summary: "Mixes the events of two or more searches by time, newest first; the searches may only hold streaming commands.",
    syntax: "multisearch [ <subsearch> ] [ <subsearch> ] …",
    options: &[],
    examples: &[Example { spl: "| multisearch [search a=1 | eval from=\"one\"] [search b=1 | eval from=\"two\"]", shows: "events of two searches" }],
    support: Support::Full,
    parse,
    file: file!(),
};

#[derive(Debug, Serialize)]
struct Multisearch {
    searches: Vec<Pipeline>,
}

fn parse(mut i: Tokens<'_>) -> Parsed<'_, Box<dyn Stage>> {
    let mut searches = Vec::new();
    while i.at_symbol('[') {
        let (rest, one) = subsearch(i)?;
        searches.push(one);
        i = commas(rest)?.0;
    }
    if searches.len() < 2 { i.miss(Want::Subsearch) } else { stage(i, Multisearch { searches }) }
}

impl Stage for Multisearch {
    fn plan(&self, planner: &mut Planner<'_>, _: Node) -> Result<Node, Diagnostic> {
        let mut inputs = Vec::new();
        for search in &self.searches {
            if let Some(step) = search.stages.iter().find(|s| s.command.kind != Kind::Streaming) {
                return Err(Diagnostic::error(Code::PLACE, format!("`{}` cannot stand in `multisearch`", step.command.name))
                    .at(step.name_span)
                    .help("Its searches may only hold streaming commands; use `append` or `union` for others."));
            }
            inputs.push(planner.subsearch(search)?);
        }
        Ok(by_time(inputs))
    }
}

/// The rows of all inputs, newest first.
pub fn by_time(inputs: Vec<Node>) -> Node {
    let newest = SortKey { field: "_time".into(), descending: true, collation: Collation::Number };
    Node::Sort { input: Box::new(Node::Union { inputs }), keys: vec![newest], limit: None }
}

/// Are the rows events, changed row by row at most?
pub fn is_events(node: &Node) -> bool {
    match node {
        Node::Scan(_) => true,
        Node::Sort { input, keys, limit: None } => matches!(keys.as_slice(), [key] if &*key.field == "_time" && key.descending) && is_events(input),
        Node::Filter { input, .. }
        | Node::Extend { input, .. }
        | Node::Project { input, .. }
        | Node::Rename { input, .. }
        | Node::Lookup { input, .. }
        | Node::Unnest { input, .. } => is_events(input),
        Node::Union { inputs } => inputs.iter().all(is_events),
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use crate::operator::testing::run;

    #[test]
    fn events_come_by_time() {
        let rows = r#"[{"k":"a","_time":"1"},{"k":"b","_time":"2"},{"k":"c","_time":"3"},{"k":["d","a"]}]"#;
        for (query, want) in [
            (
                "| multisearch [search k=a | eval f=1] [search k=b OR k=c | eval f=2] | table k f",
                r#"[{"k":"c","f":2},{"k":"b","f":2},{"k":"a","f":1},{"k":["d","a"],"f":1}]"#,
            ),
            ("| multisearch [search k=b] [search k=b] | stats count", r#"[{"count":2}]"#),
            ("| multisearch [search k=none] [search k=none]", "[]"),
        ] {
            assert_eq!(run(rows, query), want, "{query}");
        }
        for (query, want) in [
            ("| multisearch [search k=a]", "a subsearch"),
            ("| multisearch [search k=a | stats count] [search k=b]", "`stats` cannot stand in `multisearch`"),
            ("* | multisearch [search k=a] [search k=b]", "must stand first"),
        ] {
            assert!(run(rows, query).contains(want), "{query}: {}", run(rows, query));
        }
    }
}
