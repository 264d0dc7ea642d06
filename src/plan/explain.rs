//! Plans as text: one line a node, inputs below and indented.

use super::{Argument, Extension, Node};
use std::fmt::Write;

/// The plan as an indented tree.
pub fn text(node: &Node) -> String {
    let mut out = String::new();
    write_node(node, 0, &mut out);
    out
}

/// The plan as JSON: `{"node", "detail", "inputs"}`.
pub fn json(node: &Node) -> serde_json::Value {
    let (name, detail) = describe(node);
    serde_json::json!({ "node": name, "detail": detail, "inputs": node.inputs().into_iter().map(json).collect::<Vec<_>>() })
}

fn write_node(node: &Node, depth: usize, out: &mut String) {
    let (name, detail) = describe(node);
    // Writing to a String cannot fail.
    let _ = writeln!(out, "{:indent$}{name}{}{detail}", "", if detail.is_empty() { "" } else { "  " }, indent = depth * 2);
    node.inputs().into_iter().for_each(|i| write_node(i, depth + 1, out));
}

/// The name of a node, and what it does.
pub fn describe(node: &Node) -> (&'static str, String) {
    match node {
        Node::Start => ("Start", String::new()),
        Node::Scan(s) => {
            let fields = match &s.needs {
                super::Needs::All => "all fields".to_string(),
                super::Needs::Only(set) => format!("fields: {}", set.iter().map(|n| n.to_string()).collect::<Vec<_>>().join(", ")),
            };
            let range = if s.range.is_all() { String::new() } else { format!("; earliest: {:?}, latest: {:?}", s.range.earliest, s.range.latest) };
            ("Scan", format!("{fields}{range}"))
        }
        Node::Rows(b) => ("Rows", format!("{} rows", b.len())),
        Node::Make { count, .. } => ("Make", format!("{count} rows")),
        Node::Table { name, .. } => ("Table", name.clone()),
        Node::Filter { predicate, .. } => ("Filter", format!("{predicate:?}")),
        Node::Extend { steps, .. } => ("Extend", steps.iter().map(extension).collect::<Vec<_>>().join("; ")),
        Node::Project { projection, .. } => ("Project", format!("{projection:?}")),
        Node::Rename { renames, .. } => ("Rename", renames.iter().map(|r| format!("{} → {}", r.from.text, r.to)).collect::<Vec<_>>().join(", ")),
        Node::Aggregate { aggregation, .. } => ("Aggregate", aggregates(aggregation)),
        Node::Attach { aggregation, .. } => ("Attach", aggregates(aggregation)),
        Node::Top { top, .. } => ("Top", format!("{} {} by {:?}", if top.rare { "rarest" } else { "first" }, top.limit, top.fields)),
        Node::Sort { keys, limit, .. } => {
            let keys: Vec<_> = keys.iter().map(|k| format!("{}{}", k.field, if k.descending { " desc" } else { "" })).collect();
            ("Sort", format!("{}{}", keys.join(", "), limit.map_or(String::new(), |l| format!("; first {l}"))))
        }
        Node::Limit { limit, .. } => ("Limit", format!("{limit:?}")),
        Node::Tail { count, .. } => ("Tail", count.to_string()),
        Node::Reverse { .. } => ("Reverse", String::new()),
        Node::Distinct { distinct, .. } => ("Distinct", format!("{:?}", distinct.fields)),
        Node::Bin { bin, .. } => ("Bin", format!("{} into at most {} bins", bin.field, bin.bins)),
        Node::Fill { value, .. } => ("Fill", format!("{value:?}")),
        Node::Unnest { field, .. } => ("Unnest", field.to_string()),
        Node::Combine { field, .. } => ("Combine", field.to_string()),
        Node::Lookup { lookup, .. } => ("Lookup", format!("{:?} → {:?}", lookup.keys, lookup.outputs)),
        Node::Join { join, .. } => ("Join", format!("{}{:?}", if join.outer { "outer " } else { "" }, join.fields)),
        Node::Union { inputs } => ("Union", format!("{} inputs", inputs.len())),
        Node::Running { running, .. } => ("Running", running.describe()),
        Node::Session { session, .. } => ("Session", format!("by {:?}", session.fields)),
        Node::Rework { rework, .. } => ("Rework", format!("{rework:?}")),
        Node::Write { write, .. } => ("Write", write.file.display().to_string()),
        Node::Pivot { pivot, .. } => ("Pivot", format!("rows {}, columns {:?}", pivot.row, pivot.column)),
        Node::Held => ("Held", String::new()),
        Node::Fork { .. } => ("Fork", String::new()),
        Node::Pair { pairing, .. } => ("Pair", format!("{pairing:?}")),
        Node::Repeat { repeat, .. } => ("Repeat", repeat.words()),
        Node::Reshape { shape, .. } => ("Reshape", format!("{shape:?}")),
    }
}

fn extension(step: &Extension) -> String {
    match step {
        Extension::Assign { target, expr } => format!("{target:?} = {expr:?}"),
        Extension::Each(each) => format!("{:?} on {}", each.change, each.fields.iter().map(|f| f.text.as_str()).collect::<Vec<_>>().join(", ")),
        Extension::Extract(e) => format!("extract {:?} from {}", e.regex, e.field),
        Extension::Show { field, expr } => format!("{field} shown as {expr:?}"),
        Extension::Total { fields, into } => format!("{into} = total of {fields:?}"),
        Extension::Read(r) => format!("read {} as {:?}", r.field, r.form),
        Extension::ToJson(how) => format!("{} = JSON of the fields", how.output),
        Extension::Report(r) => format!("extract `{}` from {}", r.transform.name, r.transform.source_key),
        Extension::Bin { field, span, into } => format!("{into} = bin {field} by {span:?}"),
    }
}

fn aggregates(a: &super::Aggregation) -> String {
    let argument = |argument: &Argument| match argument {
        Argument::None => String::new(),
        other => format!("({other:?})"),
    };
    let outputs: Vec<_> = a
        .outputs
        .iter()
        .filter_map(|o| match o.role {
            super::Role::Result => Some(format!("{}{} as {}", o.function.name, argument(&o.argument), o.name)),
            super::Role::Computed(_) => Some(format!("eval as {}", o.name)),
            super::Role::Part => None,
        })
        .collect();
    let by: Vec<_> = a.by.iter().map(|n| n.to_string()).collect();
    format!("{}{}", outputs.join(", "), if by.is_empty() { String::new() } else { format!("; by {}", by.join(", ")) })
}
