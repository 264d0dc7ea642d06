//! A sort below `head` keeps only as many rows as `head` takes.

use super::super::{Limit, Node, SortKey};

/// Writes the count of a `head` into the sort below it.
pub fn limit_sorts(node: Node) -> Node {
    let node = node.map_inputs(limit_sorts);
    match node {
        Node::Limit { input, limit: Limit::Count(count) } => {
            let input = match *input {
                Node::Sort { input, keys, limit } => fewer(input, keys, limit, count),
                // What is cut is not missed where the head takes less.
                Node::Limit { input: sorted, limit: Limit::Unasked { count: kept, what } } if count <= kept => match *sorted {
                    Node::Sort { input, keys, limit } => fewer(input, keys, limit, count),
                    other => Node::Limit { input: Box::new(other), limit: Limit::Unasked { count: kept, what } },
                },
                other => other,
            };
            Node::Limit { input: Box::new(input), limit: Limit::Count(count) }
        }
        other => other,
    }
}

fn fewer(input: Box<Node>, keys: Vec<SortKey>, limit: Option<u64>, count: u64) -> Node {
    Node::Sort { input, keys, limit: Some(limit.map_or(count, |l| l.min(count))) }
}
