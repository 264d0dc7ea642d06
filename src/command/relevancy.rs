//! relevancy: how well events fit the words that were searched for.

use super::{Command, Kind, Stage, stage};
use crate::card::{Example, Support};
use crate::diagnostic::Diagnostic;
use crate::plan::{Node, Planner, Predicate, Rework, Study};
use crate::syntax::{Parsed, Tokens};
use serde::Serialize;

pub const COMMAND: Command = Command {
    name: "relevancy",
    aliases: &[],
    kind: Kind::Dataset,
    summary: "Makes the field `relevancy` of how well the text of an event fits the words of the search before, by BM25: words that are rare or stand often count more, and more so in short events.",
    syntax: "relevancy",
    options: &[],
    examples: &[Example {
        spl: "| makeresults count=2 | streamstats count AS n | eval _raw=if(n=1, \"disk error disk\", \"disk\") | search disk | relevancy | sort -relevancy",
        shows: "the better one first",
    }],
    support: Support::Full,
    parse,
    file: file!(),
};

#[derive(Debug, Serialize)]
struct Relevancy;

fn parse(i: Tokens<'_>) -> Parsed<'_, Box<dyn Stage>> {
    stage(i, Relevancy)
}

/// The words that the searches before ask for.
fn terms(node: &Node, into: &mut Vec<String>) {
    if let Some(input) = node.inputs().first() {
        terms(input, into);
    }
    if let Node::Filter { predicate, .. } = node {
        asked(predicate, into);
    }
}

fn asked(predicate: &Predicate, into: &mut Vec<String>) {
    match predicate {
        Predicate::And(all) | Predicate::Or(all) => all.iter().for_each(|p| asked(p, into)),
        Predicate::Text(phrase) => {
            let term = phrase.text.to_lowercase();
            if !into.contains(&term) {
                into.push(term);
            }
        }
        _ => {}
    }
}

impl Stage for Relevancy {
    fn plan(&self, planner: &mut Planner<'_>, input: Node) -> Result<Node, Diagnostic> {
        let mut words = Vec::new();
        terms(&input, &mut words);
        Ok(Node::Rework { input: Box::new(planner.started(input)), rework: Rework::Study(Study::Relevancy(words).into()) })
    }
}
