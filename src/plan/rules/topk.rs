//! A sort below `head` keeps only as many rows as `head` takes.

use super::super::{Limit, Node};

/// Writes the count of a `head` into the sort below it.
pub fn limit_sorts(node: Node) -> Node {
    let node = node.map_inputs(limit_sorts);
    match node {
        Node::Limit { input, limit: Limit::Count(count) } => {
            let input = match *input {
                Node::Sort { input, keys, limit } => Node::Sort { input, keys, limit: Some(limit.map_or(count, |l| l.min(count))) },
                other => other,
            };
            Node::Limit { input: Box::new(input), limit: Limit::Count(count) }
        }
        other => other,
    }
}
