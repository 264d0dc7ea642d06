//! A sort that keeps few of some groups needs none that are sorted already: rows that its keys do not tell apart it puts into the order of
//! groups by itself.

use super::super::{Aggregation, Argument, Node, SortKey};
use crate::column::Name;
use crate::column::compare::Collation;

/// Lets a sort right above an aggregation be the only one.
pub fn sort_once(node: Node) -> Node {
    let node = node.map_inputs(sort_once);
    match node {
        Node::Sort { input, mut keys, limit } => match *input {
            Node::Aggregate { input, mut aggregation } if limit.is_some() && aggregation.sorted && gives_fields(&aggregation) => {
                aggregation.sorted = false;
                keys.extend(aggregation.by.iter().map(|field| SortKey { field: field.clone(), descending: false, collation: Collation::Groups }));
                Node::Sort { input: Box::new(Node::Aggregate { input, aggregation }), keys, limit }
            }
            other => Node::Sort { input: Box::new(other), keys, limit },
        },
        other => other,
    }
}

/// Are the fields that it groups by among its results, as they are?
fn gives_fields(aggregation: &Aggregation) -> bool {
    let overwrites = |name: &Name| aggregation.outputs.iter().any(|o| o.name == *name || matches!(o.argument, Argument::Pattern(_)));
    !aggregation.gives && !aggregation.by.is_empty() && !aggregation.by.iter().any(overwrites)
}
