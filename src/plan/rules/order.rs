//! Splunk gives events newest first. Events are sorted only where a node depends on their order, as late as possible: behind
//! the filters, and never where nothing asks.

use crate::column::compare::Collation;
use crate::plan::{Extension, Node, Projection, SortKey, Target};

/// Puts in the sorts that the plan's meaning needs.
pub fn newest_first(node: Node) -> Node {
    let (node, unsorted) = place(node);
    if unsorted { sorted(node) } else { node }
}

/// The key by which events come.
fn newest() -> SortKey {
    SortKey { field: "_time".into(), descending: true, collation: Collation::Number }
}

fn sorted(input: Node) -> Node {
    Node::Sort { input: Box::new(input), keys: vec![newest()], limit: None }
}

fn ordered(input: Box<Node>) -> Box<Node> {
    Box::new(newest_first(*input))
}

/// The node, and whether its rows are events that still lack their order.
fn place(node: Node) -> (Node, bool) {
    match node {
        Node::Scan(ref scan) => {
            let unsorted = !scan.in_order;
            (node, unsorted)
        }
        Node::Start => (node, true),
        Node::Held | Node::Rows(_) | Node::Make { .. } | Node::Table { .. } => (node, false),
        Node::Filter { input, predicate } => through(input, false, |input| Node::Filter { input, predicate }),
        Node::Extend { input, steps } => {
            let changes = steps.iter().any(changes_time);
            through(input, changes, |input| Node::Extend { input, steps })
        }
        Node::Project { input, projection } => {
            let changes = match &projection {
                Projection::Keep(_) => false,
                Projection::Table(fields) => !fields.iter().any(|f| f.matches("_time")),
                Projection::Remove(fields) => fields.iter().any(|f| f.matches("_time")),
            };
            through(input, changes, |input| Node::Project { input, projection })
        }
        Node::Rename { input, renames } => {
            let changes = renames.iter().any(|r| r.from.matches("_time") || r.to == "_time");
            through(input, changes, |input| Node::Rename { input, renames })
        }
        Node::Lookup { input, lookup } => {
            let changes = lookup.outputs.iter().any(|(_, f)| &**f == "_time");
            through(input, changes, |input| Node::Lookup { input, lookup })
        }
        Node::Unnest { input, field, limit } => through(input, &*field == "_time", |input| Node::Unnest { input, field, limit }),
        Node::Fill { input, value } => through(input, true, |input| Node::Fill { input, value }),
        Node::Bin { input, bin } => {
            let changes = &*bin.into == "_time";
            through(input, changes, |input| Node::Bin { input, bin })
        }
        Node::Attach { input, aggregation } => {
            let changes = aggregation.ordered() || aggregation.outputs.iter().any(|o| &*o.name == "_time");
            through(input, changes, |input| Node::Attach { input, aggregation })
        }
        Node::Aggregate { input, aggregation } => {
            let input = if aggregation.ordered() { ordered(input) } else { unordered(input) };
            (Node::Aggregate { input, aggregation }, false)
        }
        Node::Top { input, top } => (Node::Top { input: unordered(input), top }, false),
        // Rows that are equal under the keys keep the order of events: one sort does both.
        Node::Sort { input, mut keys, limit } => {
            let (input, unsorted) = place(*input);
            if unsorted {
                keys.push(newest());
            }
            (Node::Sort { input: Box::new(input), keys, limit }, false)
        }
        Node::Limit { input, limit } => (Node::Limit { input: ordered(input), limit }, false),
        Node::Tail { input, count } => (Node::Tail { input: ordered(input), count }, false),
        Node::Reverse { input } => (Node::Reverse { input: ordered(input) }, false),
        Node::Distinct { input, distinct } => (Node::Distinct { input: ordered(input), distinct }, false),
        Node::Combine { input, field } => (Node::Combine { input: ordered(input), field }, false),
        Node::Join { input, other, join } => (Node::Join { input: ordered(input), other: ordered(other), join }, false),
        Node::Union { inputs } => (Node::Union { inputs: inputs.into_iter().map(newest_first).collect() }, false),
        Node::Running { input, running } => (Node::Running { input: ordered(input), running }, false),
        Node::Session { input, session } => (Node::Session { input: ordered(input), session }, false),
        Node::Rework { input, rework } => (Node::Rework { input: ordered(input), rework }, false),
        Node::Write { input, write } => (Node::Write { input: ordered(input), write }, false),
        Node::Pivot { input, pivot } => (Node::Pivot { input: ordered(input), pivot }, false),
        Node::Fork { input, branch } => (Node::Fork { input: ordered(input), branch: ordered(branch) }, false),
        Node::Pair { input, other, pairing } => (Node::Pair { input: ordered(input), other: ordered(other), pairing }, false),
        Node::Repeat { input, repeat } => (Node::Repeat { input: ordered(input), repeat }, false),
        Node::Reshape { input, shape } => {
            let input = if shape.ordered() { ordered(input) } else { unordered(input) };
            (Node::Reshape { input, shape }, false)
        }
    }
}

/// A node that keeps the order of its rows: the sort waits, unless the node changes the time that it goes by.
fn through(input: Box<Node>, changes_time: bool, rebuild: impl FnOnce(Box<Node>) -> Node) -> (Node, bool) {
    let (input, unsorted) = place(*input);
    match unsorted && changes_time {
        true => (rebuild(Box::new(sorted(input))), false),
        false => (rebuild(Box::new(input)), unsorted),
    }
}

/// An input whose order nobody asks for: row by row work needs none, even where it changes the time.
fn unordered(input: Box<Node>) -> Box<Node> {
    Box::new(match *input {
        Node::Filter { input, predicate } => Node::Filter { input: unordered(input), predicate },
        Node::Extend { input, steps } => Node::Extend { input: unordered(input), steps },
        Node::Rename { input, renames } => Node::Rename { input: unordered(input), renames },
        Node::Project { input, projection } => Node::Project { input: unordered(input), projection },
        other => place(other).0,
    })
}

fn changes_time(step: &Extension) -> bool {
    match step {
        Extension::Assign { target: Target::Field(name), .. } => &**name == "_time",
        Extension::Assign { target: Target::Dynamic(_), .. } => true,
        Extension::Each(each) => each.into.as_deref() == Some("_time") || each.into.is_none() && each.fields.iter().any(|f| f.matches("_time")),
        Extension::Extract(e) => e.regex.names().any(|(_, n)| n == "_time"),
        Extension::Show { field, .. } => &**field == "_time",
        Extension::Bin { into, .. } | Extension::Total { into, .. } => &**into == "_time",
        Extension::Read(reading) => reading.made().is_none_or(|made| made.iter().any(|f| &**f == "_time")),
        Extension::ToJson(how) => &*how.output == "_time",
        Extension::Report(report) => report.transform.made_fields().any(|(f, _)| f == "_time"),
    }
}
