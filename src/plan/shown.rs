//! What fields of the rows of a whole query are shown as: `fieldformat`.

use super::{Expr, Extension, Node, Repeat};
use crate::column::Name;
use std::sync::Arc;

/// What is shown in place of the values of a field, or of several.
#[derive(Clone, Debug)]
pub enum Shown {
    Field(Name, Expr),
    /// Of each field that a `foreach` names: which ones there are is not known before the rows are there.
    Each(Arc<Repeat>),
}

impl Shown {
    /// The rows of a node, with this in place of the values.
    pub fn over(self, node: Node) -> Node {
        match (self, node) {
            (Shown::Field(field, expr), Node::Extend { input, mut steps }) if steps.iter().all(|s| matches!(s, Extension::Show { .. })) => {
                steps.push(Extension::Show { field, expr });
                Node::Extend { input, steps }
            }
            (Shown::Field(field, expr), node) => Node::Extend { input: Box::new(node), steps: vec![Extension::Show { field, expr }] },
            (Shown::Each(repeat), node) => Node::Repeat { input: Box::new(node), repeat },
        }
    }
}
