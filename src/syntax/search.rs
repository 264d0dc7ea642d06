//! The search expression grammar. Parentheses, NOT, **OR, AND** from tight to loose: here OR binds tighter than AND, which need
//! not be written. Values are runs of touching tokens.

use super::ast::{Compare, Search, SearchField, SearchValue};
use super::field::{field, run};
use super::pipeline::subsearch;
use super::token::{Kind, unescape};
use super::tokens::{Parsed, Tokens, commas, symbol, unquote};
use super::wanted::Want;
use crate::diagnostic::{Code, Diagnostic, Span};
use nom::Parser;
use nom::branch::alt;

/// A whole search expression; empty text is an empty AND, which every event matches.
pub fn search(i: Tokens<'_>) -> Parsed<'_, Search> {
    let mut all = Vec::new();
    let mut rest = i;
    loop {
        if operator(rest, "AND") {
            // Shipped searches end in a loose AND; it binds nothing.
            let next = rest.skip(1);
            if all.is_empty() && !next.is_empty() {
                return rest.miss(Want::SearchTerm);
            }
            rest = next;
        }
        // Commas between terms separate them, as blanks do.
        if rest.at_symbol(',') && !all.is_empty() {
            rest = rest.skip(1);
            continue;
        }
        match disjunction(rest) {
            Ok((next, part)) => {
                all.push(part);
                rest = next;
            }
            Err(nom::Err::Error(_)) => break,
            Err(hard) => return Err(hard),
        }
    }
    let one = if all.len() == 1 { all.pop().unwrap_or(Search::And(Vec::new())) } else { Search::And(all) };
    Ok((rest, one))
}

/// Is this operator here? Upper case only: `and` is a word to search for. It may touch a closing quote before it.
fn operator(i: Tokens<'_>, word: &str) -> bool {
    i.first().is_some_and(|t| t.kind == Kind::Word && i.text(t) == word)
        && !i.peek(1).is_some_and(|t| t.glued && matches!(t.kind, Kind::Symbol('=' | '*' | '.' | '-' | ':')))
}

fn disjunction(i: Tokens<'_>) -> Parsed<'_, Search> {
    let (mut rest, first) = negation(i)?;
    let mut all = vec![first];
    while operator(rest, "OR") {
        let (next, part) = match negation(rest.skip(1)) {
            Ok(ok) => ok,
            Err(nom::Err::Error(_)) => return rest.skip(1).miss(Want::SearchTerm),
            Err(hard) => return Err(hard),
        };
        all.push(part);
        rest = next;
    }
    let one = if all.len() == 1 { all.pop().unwrap_or(Search::And(Vec::new())) } else { Search::Or(all) };
    Ok((rest, one))
}

fn negation(i: Tokens<'_>) -> Parsed<'_, Search> {
    if operator(i, "NOT") {
        let (rest, inner) = i.skip(1).nested(negation)?;
        return Ok((rest, Search::Not(Box::new(inner))));
    }
    primary(i)
}

fn primary(i: Tokens<'_>) -> Parsed<'_, Search> {
    if operator(i, "AND") || operator(i, "OR") {
        return i.miss(Want::SearchTerm);
    }
    alt((group, bracket, macro_call, directive, comparison, term)).parse(i)
}

fn group(i: Tokens<'_>) -> Parsed<'_, Search> {
    let (rest, open) = symbol('(')(i)?;
    let (rest, inner) = rest.nested(search)?;
    if rest.is_empty() {
        return rest.fail(Diagnostic::error(Code::UNTERMINATED, "this parenthesis is never closed").at(open).label("opened here").help("Add `)`."));
    }
    let (rest, _) = symbol(')')(rest)?;
    Ok((rest, inner))
}

fn bracket(i: Tokens<'_>) -> Parsed<'_, Search> {
    let (rest, inner) = subsearch(i)?;
    Ok((rest, Search::Subsearch(inner)))
}

fn macro_call(i: Tokens<'_>) -> Parsed<'_, Search> {
    match i.first() {
        Some(t) if t.kind == Kind::Macro => Ok((i.skip(1), Search::Macro { text: i.text(t).to_string(), span: t.span })),
        _ => i.miss(Want::SearchTerm),
    }
}

/// `TERM(…)`, `CASE(…)`, `PREFIX(…)`: the text up to the closing parenthesis as it stands.
fn directive(i: Tokens<'_>) -> Parsed<'_, Search> {
    let name = ["TERM", "CASE", "PREFIX"].into_iter().find(|n| i.first().is_some_and(|t| t.kind == Kind::Word && i.text(t) == *n));
    let Some(name) = name.filter(|_| i.peek(1).is_some_and(|t| t.is('(') && t.glued)) else { return i.miss(Want::SearchTerm) };
    let inside = i.skip(2);
    let mut rest = inside;
    let mut depth = 0;
    while let Some(t) = rest.first() {
        match t.kind {
            Kind::Symbol('(') => depth += 1,
            Kind::Symbol(')') if depth == 0 => {
                let text = inside.source_to(&rest);
                let text = if text.starts_with('"') { unquote(&text) } else { text };
                return Ok((rest.skip(1), Search::Directive { name: name.into(), text, span: i.span_to(&rest.skip(1)) }));
            }
            Kind::Symbol(')') => depth -= 1,
            _ => {}
        }
        rest = rest.skip(1);
    }
    rest.miss(Want::Symbol(')'))
}

fn comparison(i: Tokens<'_>) -> Parsed<'_, Search> {
    let (after, name) = field(i)?;
    let target = SearchField { name: name.name, quoted: name.quoted, span: name.span };
    if operator(after, "IN") && after.peek(1).is_some_and(|t| t.is('(')) {
        let (rest, values) = list(after.skip(1))?;
        return Ok((rest, Search::In { field: target, values }));
    }
    // A blank may stand on both sides: `x = 1`, `Name !=False`.
    let (rest, op) = compare(after)?;
    if rest.at_symbol('[') {
        let (rest, inner) = subsearch(rest)?;
        return Ok((rest, Search::CompareSubsearch { field: target, op, subsearch: inner }));
    }
    if let Ok((rest, Search::Directive { name, text, span })) = directive(rest) {
        return Ok((rest, Search::Compare { field: target, op, value: SearchValue { text, quoted: true, case: name == "CASE", span } }));
    }
    let (rest, value) = match value(rest, VALUE_ENDS) {
        Ok(ok) => ok,
        Err(nom::Err::Error(_)) => return missing_value(rest, &target.name, op),
        Err(hard) => return Err(hard),
    };
    Ok((rest, Search::Compare { field: target, op, value }))
}

fn missing_value<'a>(i: Tokens<'a>, field: &str, op: Compare) -> Parsed<'a, Search> {
    let op = op.symbol();
    i.fail(
        Diagnostic::error(Code::SYNTAX, format!("expected a value after `{field}{op}`"))
            .at(i.span())
            .label("a value belongs here")
            .help(format!("Write `{field}{op}value`, `{field}{op}\"two words\"`, or `{field}{op}*` for any value.")),
    )
}

fn compare(i: Tokens<'_>) -> Parsed<'_, Compare> {
    let second = i.peek(1).filter(|t| t.glued);
    let op = |n: usize, c| Ok((i.skip(n), c));
    match (i.first().map(|t| t.kind), second.map(|t| t.kind)) {
        (Some(Kind::Symbol('!')), Some(Kind::Symbol('='))) => op(2, Compare::Ne),
        (Some(Kind::Symbol('<')), Some(Kind::Symbol('='))) => op(2, Compare::Le),
        (Some(Kind::Symbol('>')), Some(Kind::Symbol('='))) => op(2, Compare::Ge),
        (Some(Kind::Symbol('<')), Some(Kind::Symbol('>'))) => {
            i.fail(Diagnostic::error(Code::SYNTAX, "`<>` is SQL's way to say `not equal`").at(i.span_to(&i.skip(2))).help("Write `!=`.").fix("!="))
        }
        (Some(Kind::Symbol('=')), Some(Kind::Symbol('='))) => op(2, Compare::Eq),
        (Some(Kind::Symbol('=')), _) => op(1, Compare::Eq),
        (Some(Kind::Symbol('<')), _) => op(1, Compare::Lt),
        (Some(Kind::Symbol('>')), _) => op(1, Compare::Gt),
        _ => i.miss(Want::Comparison),
    }
}

/// What ends an unquoted value, beside blanks and unbalanced parentheses.
const VALUE_ENDS: &[char] = &['|', ']'];
/// Within a list commas end it too.
const ITEM_ENDS: &[char] = &['|', ']', ','];

fn value<'a>(i: Tokens<'a>, ends: &[char]) -> Parsed<'a, SearchValue> {
    match i.first() {
        Some(t) if t.kind == Kind::String => Ok((i.skip(1), SearchValue { text: unquote(i.text(t)), quoted: true, case: false, span: t.span })),
        Some(t) if t.kind == Kind::Macro => Ok((i.skip(1), SearchValue { text: i.text(t).to_string(), quoted: false, case: false, span: t.span })),
        // A single-quoted text is plain characters here, quotes and all.
        Some(t) if t.kind == Kind::Quoted => Ok((i.skip(1), SearchValue { text: i.text(t).to_string(), quoted: false, case: false, span: t.span })),
        Some(_) => {
            let mut rest = bare_value(i, ends);
            // A comma at the end separates; one in the middle belongs to the value.
            let n = i.until(&rest);
            if n > 1 && i.peek(n - 1).is_some_and(|t| t.is(',')) {
                rest = i.skip(n - 1);
            }
            if i.until(&rest) == 0 {
                return i.miss(Want::Value);
            }
            Ok((rest, SearchValue { text: unescape(&i.text_to(&rest)), quoted: false, case: false, span: i.span_to(&rest) }))
        }
        None => i.miss(Want::Value),
    }
}

/// An unquoted value; the first token may be one that a name cannot begin with, such as `=` in `x==`.
fn bare_value<'a>(i: Tokens<'a>, ends: &[char]) -> Tokens<'a> {
    let mut rest = run(i, ends);
    // `[` inside a value is a plain character; at the start it was a subsearch.
    while rest.first().is_some_and(|t| t.glued && (t.is('[') || t.kind == Kind::Quoted)) && i.until(&rest) > 0 {
        let next = run(rest.skip(1), ends);
        rest = if rest.skip(1).first().is_some_and(|t| t.glued) { next } else { rest.skip(1) };
        if rest.first().is_some_and(|t| t.is(']') && t.glued) {
            rest = rest.skip(1);
            let next = run(rest, ends);
            if rest.first().is_some_and(|t| t.glued) {
                rest = next;
            }
        }
    }
    rest
}

/// `(a, "b c", d*)`; blanks do for commas.
fn list(i: Tokens<'_>) -> Parsed<'_, Vec<SearchValue>> {
    let (i, open) = symbol('(')(i)?;
    let (mut i, _) = commas(i)?;
    let mut all = Vec::new();
    loop {
        if i.at_symbol(')') {
            return if all.is_empty() { i.fail(empty_list(open.to(i.span()))) } else { Ok((i.skip(1), all)) };
        }
        if i.is_empty() {
            return i.fail(Diagnostic::error(Code::UNTERMINATED, "this list is never closed").at(open).label("opened here").help("Add `)`."));
        }
        let (rest, item) = value(i, ITEM_ENDS)?;
        all.push(item);
        i = commas(rest)?.0;
    }
}

/// `IN ()`, in search and in eval: nothing could ever be in it.
pub(super) fn empty_list(span: Span) -> Diagnostic {
    Diagnostic::error(Code::ARGUMENTS, "this list is empty").at(span).help("Write the values between the parentheses: `field IN (a, b)`.")
}

/// A free word or phrase.
fn term(i: Tokens<'_>) -> Parsed<'_, Search> {
    match i.first() {
        Some(t) if t.kind == Kind::String => Ok((i.skip(1), Search::Term(SearchValue { text: unquote(i.text(t)), quoted: true, case: false, span: t.span }))),
        Some(t) if t.is(',') => i.miss(Want::SearchTerm),
        Some(t) if t.is('=') || (operator(i, "IN") && i.peek(1).is_some_and(|t| t.is('('))) => i.fail(
            Diagnostic::error(Code::SYNTAX, format!("`{}` has no field on its left", i.text(t)))
                .at(t.span)
                .help("Write `field=value`, `field IN (a, b)` or `NOT field IN (a, b)`; to search for the sign or the word itself, put it in quotes."),
        ),
        Some(_) => {
            let rest = run(i, &['|', '[', ']']);
            if i.until(&rest) == 0 {
                return i.miss(Want::SearchTerm);
            }
            Ok((rest, Search::Term(SearchValue { text: unescape(&i.text_to(&rest)), quoted: false, case: false, span: i.span_to(&rest) })))
        }
        None => i.miss(Want::SearchTerm),
    }
}
