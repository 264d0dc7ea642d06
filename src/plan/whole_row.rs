//! The eval functions `cluster` and `getfields`: of all rows, and of the whole row. They are worked out beside the expression, into a
//! field that it reads and that goes afterwards.

use super::reshape::{Cluster, Terms};
use super::{Expr, Extension, FieldPattern, JsonType, Node, Planner, Shape, ToJson};
use crate::column::Name;
use crate::diagnostic::{Code, Diagnostic, Span};
use crate::syntax::ast;
use crate::syntax::option::OptionValue;

/// What an expression needs to have been worked out before it.
#[derive(Clone, Debug)]
pub struct Aside {
    into: Name,
    what: What,
}

#[derive(Clone, Debug)]
enum What {
    Row(Extension),
    Rows(Shape),
}

impl Aside {
    /// The rows with its field.
    pub fn over(self, input: Node) -> Node {
        let input = Box::new(input);
        match self.what {
            What::Row(step) => Node::Extend { input, steps: vec![step] },
            What::Rows(shape) => Node::Reshape { input, shape },
        }
    }

    /// The fields that go afterwards.
    pub fn hidden(asides: &[Aside]) -> Vec<FieldPattern> {
        asides.iter().map(|a| FieldPattern::new(&a.into)).collect()
    }
}

impl Planner<'_> {
    /// What the expressions compiled since the last call need.
    pub fn asides(&mut self) -> Vec<Aside> {
        std::mem::take(&mut self.asides)
    }

    /// The field that will hold the result of `cluster(…)` or `getfields(…)`.
    pub(super) fn whole_row(&mut self, name: &str, args: &[ast::Expr], span: Span) -> Result<Expr, Diagnostic> {
        // No field of events is called so, and `*` does not reach it.
        let into: Name = format!("_\0{}", self.asides.len()).into();
        let wrong = |place: usize, takes: &str| {
            let span = args.get(place).map_or(span, |a| a.span);
            Diagnostic::error(Code::ARGUMENTS, format!("`{name}` takes {takes} here"))
                .at(span)
                .help("It has to be written out: it cannot differ from row to row.")
        };
        let text = |place: usize| match args.get(place).map(|a| &a.node) {
            None => Ok(None),
            Some(ast::ExprNode::Text(text)) => Ok(Some(text.as_str())),
            Some(_) => Err(wrong(place, "a quoted text")),
        };
        let what = if name == "getfields" {
            let filter = text(0)?;
            // Only a filter that names internal fields reaches them.
            let internal = filter.is_some_and(|f| f.starts_with('_'));
            let fields = filter.map(|f| (JsonType::None, FieldPattern::new(f))).into_iter().collect();
            What::Row(Extension::ToJson(ToJson { fields, default: JsonType::None, fill_null: false, internal, output: into.clone() }.into()))
        } else {
            let Some(ast::ExprNode::Field(field) | ast::ExprNode::Text(field)) = args.first().map(|a| &a.node) else { return Err(wrong(0, "a field")) };
            let threshold = match args.get(1).map(|a| &a.node) {
                None => 0.8,
                Some(ast::ExprNode::Number(n)) if *n > 0.0 && *n < 1.0 => *n,
                Some(_) => return Err(wrong(1, "a number above 0 and below 1")),
            };
            let terms = text(2)?.map_or(Ok(Terms::List), Terms::read).map_err(|takes| wrong(2, takes))?;
            let delims = text(3)?.map(str::to_string);
            What::Rows(Shape::Cluster(Cluster { field: field.as_str().into(), threshold, delims, terms, label: into.clone(), count: None, all: true }))
        };
        self.asides.push(Aside { into: into.clone(), what });
        Ok(Expr::Field(into))
    }
}
