//! Event types and tags, which every event has at search time: they are made where a query names `eventtype`, `tag` or `tag::<field>`.

use super::{Expr, Needs, Node, Planner, Predicate, fields};
use crate::diagnostic::Diagnostic;
use crate::syntax::pipeline::Pipeline;

impl Planner<'_> {
    /// The plan with them, behind the searches right above each scan. A query that makes them by `typer` or `tags` has its own.
    pub(super) fn typed(&mut self, node: Node, pipeline: &Pipeline) -> Result<Node, Diagnostic> {
        let known = !self.knowledge.event_types().is_empty() || self.knowledge.tags().names().next().is_some();
        if !known || pipeline.stages.iter().any(|s| matches!(s.command.name, "typer" | "tags")) {
            return Ok(node);
        }
        let mut probe = bare(node.clone());
        fields::assign(&mut probe, Needs::All);
        let mut asked = Vec::new();
        collect(probe, &mut asked);
        if asked.iter().all(Option::is_none) {
            return Ok(node);
        }
        let (mut asked, mut failed) = (asked.into_iter(), None);
        let node = self.placed(node, &mut asked, &mut failed);
        failed.map_or(Ok(node), Err)
    }

    fn placed(&mut self, node: Node, asked: &mut dyn Iterator<Item = Option<&'static str>>, failed: &mut Option<Diagnostic>) -> Node {
        if !is_searched_scan(&node) {
            return node.map_inputs(|input| self.placed(input, asked, failed));
        }
        let Some(text) = asked.next().flatten() else { return node };
        self.text(text, "event types", node).unwrap_or_else(|d| {
            *failed = Some(d);
            Node::Start
        })
    }
}

/// A scan, maybe with searches above it that do not look at what is made here.
fn is_searched_scan(node: &Node) -> bool {
    match node {
        Node::Scan(_) => true,
        Node::Filter { input, predicate } => !reads(predicate) && is_searched_scan(input),
        _ => false,
    }
}

/// The same without those searches: an event type or a tag that one of them asks for is a search itself, and no field.
fn bare(node: Node) -> Node {
    match node.map_inputs(bare) {
        Node::Filter { input, predicate } if matches!(*input, Node::Scan(_)) && !reads(&predicate) => *input,
        other => other,
    }
}

/// Does an eval expression among the conditions look at what is made here?
fn reads(predicate: &Predicate) -> bool {
    let of = |expr: &Expr| {
        let mut names = Vec::new();
        expr.fields(&mut names);
        names.iter().any(|name| is_made(name))
    };
    match predicate {
        Predicate::And(all) | Predicate::Or(all) => all.iter().any(reads),
        Predicate::Not(inner) => reads(inner),
        Predicate::Expr(expr) => of(expr),
        _ => false,
    }
}

fn is_made(name: &str) -> bool {
    name == "eventtype" || name == "tag" || name.starts_with("tag::")
}

/// The stages that make what the query needs of each scan, in the order of the scans.
fn collect(node: Node, into: &mut Vec<Option<&'static str>>) {
    if let Node::Scan(scan) = &node {
        into.push(match &scan.needs {
            Needs::Only(names) if names.iter().any(|n| &**n == "tag" || &**n == "tag::eventtype") => Some("| typer | tags"),
            Needs::Only(names) if names.contains("eventtype") && names.iter().any(|n| n.starts_with("tag::")) => Some("| typer | tags"),
            Needs::Only(names) if names.contains("eventtype") => Some("| typer"),
            Needs::Only(names) if names.iter().any(|n| is_made(n)) => Some("| tags"),
            _ => None,
        });
    }
    node.map_inputs(|input| {
        collect(input, into);
        Node::Start
    });
}
