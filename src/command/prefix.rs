//! `PREFIX(kbps=)` of tstats: what stands behind a text in the terms of the events, as if it were a field.

use crate::diagnostic::{Code, Diagnostic, Span};
use crate::plan::{Expr, Extension, Extract, Node, Target};
use crate::regex::Regex;
use crate::syntax::aggregation::{Aggregation, Argument};
use crate::syntax::field::Field;
use crate::syntax::wanted::Want;
use crate::syntax::{Parsed, Tokens};
use std::sync::Arc;

/// What ends a term: Splunk's major breakers, as in a class of a regular expression.
const BREAKERS: &str = r#"\[\]<>(){}|!;,'"*\s&?+"#;

/// `PREFIX(<text>)` in a BY clause.
pub fn directive(i: Tokens<'_>) -> Parsed<'_, Field> {
    if !i.at_word("PREFIX") || !i.peek(1).is_some_and(|t| t.is('(')) {
        return i.miss(Want::Field);
    }
    let mut rest = i.skip(2);
    while !rest.is_empty() && !rest.at_symbol(')') {
        rest = rest.skip(1);
    }
    if rest.is_empty() {
        return rest.miss(Want::Symbol(')'));
    }
    let rest = rest.skip(1);
    Ok((rest, Field { name: i.source_to(&rest), quoted: false, span: i.span_to(&rest) }))
}

/// The text of a directive.
fn text(field: &Field) -> Option<&str> {
    let (word, rest) = field.name.split_once('(').filter(|_| !field.quoted)?;
    word.trim().eq_ignore_ascii_case("PREFIX").then(|| rest.strip_suffix(')')).flatten().map(str::trim)
}

/// The aggregations and by-fields with each directive as the field of its text, and the rows with these fields.
pub fn lowered(mut rows: Node, aggregations: &[Aggregation], by: &[Field]) -> Result<(Node, Vec<Aggregation>, Vec<Field>), Diagnostic> {
    let (mut aggregations, mut by) = (aggregations.to_vec(), by.to_vec());
    let arguments = aggregations.iter_mut().filter_map(|a| if let Argument::Field(f) = &mut a.argument { Some(f) } else { None });
    let mut steps = Vec::new();
    let mut seen: Vec<String> = Vec::new();
    for field in arguments.chain(&mut by) {
        let Some(prefix) = text(field).map(str::to_string) else { continue };
        if !seen.contains(&prefix) {
            steps.extend(self::steps(&prefix, field.span)?);
            seen.push(prefix.clone());
        }
        (field.name, field.quoted) = (prefix, true);
    }
    if !steps.is_empty() {
        rows = Node::Extend { input: Box::new(rows), steps };
    }
    Ok((rows, aggregations, by))
}

/// The steps that make the field of a prefix: terms are kept in lower case, and an event may have several.
fn steps(prefix: &str, span: Span) -> Result<[Extension; 2], Diagnostic> {
    let wrong = |why: &str| Diagnostic::error(Code::ARGUMENTS, format!("`PREFIX({prefix})` {why}")).at(span);
    if prefix.chars().any(char::is_uppercase) {
        return Err(wrong("must be written in lower case").help("Terms of any case are found by it."));
    }
    let own = format!("[{BREAKERS}]");
    if prefix.is_empty() || Regex::new(&own).is_ok_and(|breaker| breaker.is_match(prefix)) {
        return Err(
            wrong("is no beginning of a term").help("A term has no blanks, quotes, brackets, commas or other major breakers in it, as in `PREFIX(kbps=)`.")
        );
    }
    let pattern = format!(r"(?i)(?:^|[{BREAKERS}]){}(?<__term>[^{BREAKERS}]+)", regex::escape(prefix));
    let regex = Regex::new(&pattern).map_err(|why| wrong(&format!("cannot be looked for: {why}")))?;
    let extract = Extract { field: "_raw".into(), regex, max_match: 0, offset_field: None };
    let lower = crate::function::find("lower").map(|function| Expr::call(function, vec![Expr::Field("__term".into())], None));
    let expr = lower.unwrap_or(Expr::Field("__term".into()));
    Ok([Extension::Extract(Arc::new(extract)), Extension::Assign { target: Target::Field(prefix.into()), expr }])
}
