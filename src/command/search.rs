//! search: keeps the events that match a search expression.

use super::{Command, Kind, Stage, stage};
use crate::card::{Example, Support};
use crate::diagnostic::Diagnostic;
use crate::plan::{Node, Planner};
use crate::syntax::ast;
use crate::syntax::search::search;
use crate::syntax::{Parsed, Tokens};
use serde::Serialize;

pub const COMMAND: Command = Command {
    name: "search",
    aliases: &[],
    kind: Kind::Streaming,
    summary: "Keeps the events that match terms, phrases, field comparisons and subsearches; it begins every query that names no other command. `=`, `!=` and `IN` compare texts, so that 1 is not 1.0, but a number that was worked out as a number. `_index_earliest` and `_index_latest` go by the events' own time.",
    syntax: "search <term> | <field>=<value> | <field> IN (<value>, …) | NOT … | … OR … | ( … ) | [ <subsearch> ]",
    options: &[],
    examples: &[
        Example { spl: "| makeresults | eval status=404 | search status=4*", shows: "a wildcard in a value" },
        Example { spl: "| makeresults | eval user=\"Ann\" | search user=CASE(Ann)", shows: "a value whose letters count" },
        Example { spl: "| makeresults | eval ip=\"10.1.2.3\" | search ip=10.0.0.0/8 OR ip=192.168.0.0/16", shows: "networks; OR binds tighter than AND" },
    ],
    support: Support::Full,
    parse,
    file: file!(),
};

#[derive(Debug, Serialize)]
struct SearchStage {
    expression: ast::Search,
}

fn parse(i: Tokens<'_>) -> Parsed<'_, Box<dyn Stage>> {
    let (rest, expression) = search(i)?;
    stage(rest, SearchStage { expression })
}

impl Stage for SearchStage {
    fn plan(&self, planner: &mut Planner<'_>, input: Node) -> Result<Node, Diagnostic> {
        let predicate = planner.predicate(&self.expression)?;
        let predicate = if matches!(input, Node::Start) { predicate.of_events() } else { predicate };
        let input = planner.started(input);
        // All of it kept: no filter at all.
        Ok(if predicate.is_all() { input } else { Node::Filter { input: Box::new(input), predicate } })
    }

    fn search(&self) -> Option<&ast::Search> {
        Some(&self.expression)
    }
}
