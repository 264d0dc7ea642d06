//! The tree: what a query wrote, before it means anything. Every node has its place.

use super::pipeline::Pipeline;
use crate::diagnostic::Span;
use serde::Serialize;

/// An eval expression.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Expr {
    #[serde(flatten)]
    pub node: ExprNode,
    pub span: Span,
}

/// Kinds of eval expressions.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum ExprNode {
    Number(f64),
    Text(String),
    Field(String),
    /// `f(a, b)`; the name as written.
    Call {
        name: String,
        args: Vec<Expr>,
    },
    /// `-a`, `NOT a`.
    Unary {
        op: String,
        arg: Box<Expr>,
    },
    /// `a + b`; chains of AND, OR and `.` hold all their parts, so that long ones do not nest.
    Operator {
        op: String,
        args: Vec<Expr>,
    },
    /// `a IN (b, c)`; the first is `a`.
    In(Vec<Expr>),
    /// A macro call that was not expanded.
    Macro(String),
}

/// A search expression.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Search {
    And(Vec<Search>),
    Or(Vec<Search>),
    Not(Box<Search>),
    Compare {
        field: SearchField,
        op: Compare,
        value: SearchValue,
    },
    In {
        field: SearchField,
        values: Vec<SearchValue>,
    },
    /// `field=[ … ]`: the subsearch's first value.
    CompareSubsearch {
        field: SearchField,
        op: Compare,
        subsearch: Pipeline,
    },
    /// A word or phrase anywhere in the event.
    Term(SearchValue),
    /// `TERM(…)` and `CASE(…)`.
    Directive {
        name: String,
        text: String,
        span: Span,
    },
    Subsearch(Pipeline),
    Macro {
        text: String,
        span: Span,
    },
}

/// The field of a comparison.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct SearchField {
    pub name: String,
    pub quoted: bool,
    #[serde(skip)]
    pub span: Span,
}

/// A value as search has it: escapes resolved, `*` still a wildcard.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct SearchValue {
    pub text: String,
    pub quoted: bool,
    /// `CASE(…)`: the case of letters counts.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub case: bool,
    pub span: Span,
}

/// A comparison operator of search.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub enum Compare {
    #[serde(rename = "=")]
    Eq,
    #[serde(rename = "!=")]
    Ne,
    #[serde(rename = "<")]
    Lt,
    #[serde(rename = "<=")]
    Le,
    #[serde(rename = ">")]
    Gt,
    #[serde(rename = ">=")]
    Ge,
}

impl Compare {
    /// As written.
    pub fn symbol(self) -> &'static str {
        match self {
            Compare::Eq => "=",
            Compare::Ne => "!=",
            Compare::Lt => "<",
            Compare::Le => "<=",
            Compare::Gt => ">",
            Compare::Ge => ">=",
        }
    }
}

impl Search {
    /// The place of an expression, as far as its parts have one.
    pub fn span(&self) -> Option<Span> {
        match self {
            Search::And(all) | Search::Or(all) => match (all.first()?.span(), all.last()?.span()) {
                (Some(a), Some(b)) => Some(a.to(b)),
                (a, _) => a,
            },
            Search::Not(inner) => inner.span(),
            Search::Compare { field, value, .. } => Some(field.span.to(value.span)),
            Search::In { field, values } => Some(values.last().map_or(field.span, |v| field.span.to(v.span))),
            Search::CompareSubsearch { field, .. } => Some(field.span),
            Search::Term(v) => Some(v.span),
            Search::Directive { span, .. } | Search::Macro { span, .. } => Some(*span),
            Search::Subsearch(p) => Some(p.span),
        }
    }
}
