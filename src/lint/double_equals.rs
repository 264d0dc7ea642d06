//! `==` in a search: it means the same as `=` there, and belongs to eval.

use super::{Query, searches};
use crate::diagnostic::{Code, Diagnostic, Span};
use crate::syntax::ast::{Compare, Search};

pub fn check(query: &Query<'_>, out: &mut Vec<Diagnostic>) {
    searches(query.pipeline, &mut |s| {
        if let Search::Compare { field, op: Compare::Eq, value } = s {
            let between = Span { end: value.span.start, ..field.span.after() };
            if field.span.source == value.span.source && query.sources.slice(between).contains("==") {
                out.push(
                    Diagnostic::warning(Code::SQL_HABIT, "`==` is eval's comparison")
                        .at(between)
                        .help("In a search write `=`; it compares without case and knows wildcards.")
                        .fix("="),
                );
            }
        }
    });
}
