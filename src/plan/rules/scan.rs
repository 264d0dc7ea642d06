//! Time bounds and the first filter go into the scan: `earliest=` in the search overrides the range of the flags, and the scan
//! may skip what the filters right above it cannot want.

use super::super::{Node, Predicate, Scan, TimeRange};

/// Moves what the first filter says into the scan below it. The filter itself stays, and is exact.
pub fn push_down(node: Node) -> Node {
    match node.map_inputs(push_down) {
        Node::Filter { input, predicate } => match *input {
            Node::Scan(scan) => {
                let (bounds, predicate) = take_bounds(predicate);
                let scan = Scan { range: scan.range.overridden_by(bounds), predicate: (!predicate.is_all()).then(|| predicate.clone()), ..scan };
                match predicate.is_all() {
                    true => Node::Scan(scan),
                    false => Node::Filter { input: Box::new(Node::Scan(scan)), predicate },
                }
            }
            // A filter right above another one says as much of the events.
            Node::Filter { input, predicate: first } => {
                Node::Filter { input: Box::new(Node::Filter { input: Box::new(told(*input, &predicate)), predicate: first }), predicate }
            }
            other => Node::Filter { input: Box::new(other), predicate },
        },
        other => other,
    }
}

/// The scan below filters, with what one more of them asks.
fn told(node: Node, predicate: &Predicate) -> Node {
    match node {
        Node::Scan(scan) => {
            let both = scan.predicate.into_iter().chain([predicate.clone()]).collect();
            Node::Scan(Scan { predicate: Some(Predicate::And(both)), ..scan })
        }
        Node::Filter { input, predicate: between } => Node::Filter { input: Box::new(told(*input, predicate)), predicate: between },
        other => other,
    }
}

/// The time bounds that hold for the whole search, and what is left. Bounds below OR or NOT are ordinary conditions.
fn take_bounds(predicate: Predicate) -> (TimeRange, Predicate) {
    match predicate {
        Predicate::Time(range) => (range, Predicate::And(Vec::new())),
        Predicate::And(parts) => {
            let mut bounds = TimeRange::default();
            let mut rest = Vec::new();
            for part in parts {
                let (range, left) = take_bounds(part);
                bounds = bounds.overridden_by(range);
                if !left.is_all() {
                    rest.push(left);
                }
            }
            (bounds, if rest.len() == 1 { rest.remove(0) } else { Predicate::And(rest) })
        }
        other => (TimeRange::default(), other),
    }
}
