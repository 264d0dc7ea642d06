//! Rewrites of the plan, one a file. `order` is part of the meaning; the others only make it faster, and results are the same
//! without them.

mod groups;
mod order;
mod scan;
mod topk;

use super::{Needs, Node, fields};

/// A rewrite of a whole plan.
pub struct Rule {
    pub name: &'static str,
    /// Is the plan wrong without it?
    pub required: bool,
    pub apply: fn(Node) -> Node,
}

/// The rewrites, in the order in which they are applied.
pub const RULES: &[Rule] = &[
    Rule { name: "order", required: true, apply: order::newest_first },
    Rule { name: "topk", required: false, apply: topk::limit_sorts },
    Rule { name: "groups", required: false, apply: groups::sort_once },
    Rule { name: "scan", required: true, apply: scan::push_down },
    Rule { name: "fields", required: false, apply: needed_fields },
];

/// The plan after every rewrite.
pub fn apply(node: Node) -> Node {
    RULES.iter().fold(node, |node, rule| (rule.apply)(node))
}

/// The plan after the rewrites that its meaning needs: for tests of the others.
pub fn apply_required(node: Node) -> Node {
    RULES.iter().filter(|r| r.required).fold(node, |node, rule| (rule.apply)(node))
}

fn needed_fields(mut node: Node) -> Node {
    fields::assign(&mut node, Needs::All);
    node
}
