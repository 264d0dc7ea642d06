//! Eval expressions that other commands stand for.

use crate::diagnostic::Span;
use crate::syntax::ast::{Expr, ExprNode};

/// `name(args)`.
pub fn call(name: &str, args: impl IntoIterator<Item = Expr>) -> Expr {
    made(ExprNode::Call { name: name.into(), args: args.into_iter().collect() })
}

/// `a op b`.
pub fn operator(op: &str, args: impl IntoIterator<Item = Expr>) -> Expr {
    made(ExprNode::Operator { op: op.into(), args: args.into_iter().collect() })
}

pub fn field(name: &str) -> Expr {
    made(ExprNode::Field(name.into()))
}

pub fn text(text: &str) -> Expr {
    made(ExprNode::Text(text.into()))
}

pub fn number(n: f64) -> Expr {
    made(ExprNode::Number(n))
}

/// No value.
pub fn null() -> Expr {
    call("null", [])
}

fn made(node: ExprNode) -> Expr {
    Expr { node, span: Span::default() }
}
