//! Aggregations as stats, chart, timechart, eventstats and tstats have them: `count`, `avg(x) AS y`, `dc(eval(…))`, `values(*) AS *`.

use super::ast::Expr;
use super::expr::expr;
use super::field::{Field, field, run};
use super::option::at_option;
use super::token::Kind;
use super::tokens::{Parsed, Tokens, commas, symbol, word};
use super::wanted::Want;
use crate::aggregate;
use crate::diagnostic::{Code, Diagnostic, Span, did_you_mean};
use nom::Parser;
use nom::multi::many0;
use nom::sequence::terminated;

/// What an aggregation is over.
#[derive(Clone, Debug, PartialEq, serde::Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Argument {
    /// Nothing: `count`.
    None,
    /// A field, or a pattern of fields.
    Field(Field),
    /// `eval(…)`.
    Eval(Expr),
    /// The whole of it is an expression over other aggregations, which the text calls [`PART`](super::computed::PART) and a number.
    Computed { text: String, parts: Vec<Aggregation> },
}

/// One aggregation.
#[derive(Clone, Debug, PartialEq, serde::Serialize)]
pub struct Aggregation {
    /// The function's name as written.
    pub function: String,
    pub argument: Argument,
    /// The name after AS.
    pub alias: Option<Field>,
    /// The text as written, the default name of the column.
    pub text: String,
    #[serde(skip)]
    pub span: Span,
}

/// Aggregations with blanks or commas between; at least one.
pub fn aggregations(i: Tokens<'_>) -> Parsed<'_, Vec<Aggregation>> {
    several(i, aggregation)
}

/// The same, for commands where a function that stands alone is over every field.
pub fn aggregations_or_bare(i: Tokens<'_>) -> Parsed<'_, Vec<Aggregation>> {
    several(i, aggregation_or_bare)
}

fn several(i: Tokens<'_>, one: for<'a> fn(Tokens<'a>) -> Parsed<'a, Aggregation>) -> Parsed<'_, Vec<Aggregation>> {
    let (i, _) = commas(i)?;
    let (rest, all) = many0(terminated(one, commas)).parse(i)?;
    if all.is_empty() { i.miss(Want::Aggregate) } else { Ok((rest, all)) }
}

/// One aggregation with its AS.
pub fn aggregation(i: Tokens<'_>) -> Parsed<'_, Aggregation> {
    read(i, false)
}

/// One aggregation, or a function that stands alone: `sum` is `sum(*)`.
pub fn aggregation_or_bare(i: Tokens<'_>) -> Parsed<'_, Aggregation> {
    read(i, true)
}

fn read(i: Tokens<'_>, bare_is_all: bool) -> Parsed<'_, Aggregation> {
    let (rest, name) = name(i)?;
    let called = rest.at_symbol('(') && rest.first().is_some_and(|t| t.glued || aggregate::find(&name).is_some());
    let Some((function, _)) = aggregate::find(&name) else {
        if !called {
            return i.miss(Want::Aggregate);
        }
        let known = aggregate::all().map(|a| a.name);
        let mut d = Diagnostic::error(Code::UNKNOWN_FUNCTION, format!("unknown stats function `{name}`")).at(i.span_to(&rest));
        match aggregate::all().find(|a| a.numbered && (a.name == name || a.aliases.contains(&name.as_str()))) {
            Some(numbered) => d.help.push(format!("The percentile is part of the name: {}, as in `{name}95(x)`.", numbered.syntax)),
            None => d.help.extend(did_you_mean(&name, known)),
        }
        if d.help.is_empty() {
            let eval = crate::function::find(&name).is_some();
            d = d.help(if eval {
                format!("`{name}` is an eval function: write it inside, as in `count(eval({name}(…)))`.")
            } else {
                "`spl help functions` lists the stats functions.".into()
            });
        }
        return i.fail(d);
    };
    let (rest, argument) = if called { argument(rest, function.bare)? } else { (rest, Argument::None) };
    if argument == Argument::None && !function.bare {
        let at = i.span_to(&rest);
        if bare_is_all && alone(rest) {
            let (alias_at, text) = (rest, format!("{}(*)", i.source_to(&rest)));
            let argument = Argument::Field(Field { name: "*".into(), quoted: false, span: at });
            let (rest, alias) = alias(alias_at)?;
            return Ok((rest, Aggregation { function: name.to_ascii_lowercase(), argument, alias, text, span: at }));
        }
        return i.fail(Diagnostic::error(Code::ARGUMENTS, format!("`{name}` needs a field")).at(at).help(format!("Write it as {}.", function.syntax)));
    }
    let text = i.source_to(&rest);
    let span = i.span_to(&rest);
    let (rest, alias) = alias(rest)?;
    Ok((rest, Aggregation { function: name.to_ascii_lowercase(), argument, alias, text, span }))
}

/// Does the function before this stand alone? Another word there was meant for its field.
fn alone(i: Tokens<'_>) -> bool {
    let next = || i.first().map(|t| i.text(t));
    i.is_empty() || i.at_symbol(',') || i.at_word("BY") || i.at_word("AS") || at_option(i) || next().is_some_and(|word| aggregate::find(word).is_some())
}

/// The name of a function, with the number that may be part of it: `perc99.9`.
pub(super) fn name(i: Tokens<'_>) -> Parsed<'_, String> {
    match i.first() {
        Some(t) if t.kind == Kind::Word && !["BY", "AS", "OVER", "WHERE"].iter().any(|k| i.at_word(k)) => {
            let rest = i.skip(1);
            let fraction = rest.first().is_some_and(|d| d.glued && d.is('.'))
                && i.peek(2).is_some_and(|d| d.glued && d.kind == Kind::Word)
                && i.peek(3).is_some_and(|p| p.is('('));
            let rest = if fraction { i.skip(3) } else { rest };
            if rest.at_symbol('=') { i.miss(Want::Aggregate) } else { Ok((rest, i.text_to(&rest))) }
        }
        _ => i.miss(Want::Aggregate),
    }
}

fn argument(i: Tokens<'_>, bare: bool) -> Parsed<'_, Argument> {
    let (i, open) = symbol('(')(i)?;
    if i.at_symbol(')') {
        return if bare { Ok((i.skip(1), Argument::None)) } else { i.miss(Want::Field) };
    }
    let (rest, argument) = if i.at_word("eval") && i.peek(1).is_some_and(|t| t.is('(')) {
        let (rest, _) = symbol('(')(i.skip(1))?;
        let (rest, e) = expr(rest)?;
        let (rest, _) = symbol(')')(rest)?;
        (rest, Argument::Eval(e))
    } else if i.first().is_some_and(|t| matches!(t.kind, Kind::String | Kind::Quoted)) {
        let (rest, f) = field(i)?;
        (rest, Argument::Field(f))
    } else {
        inner(i)?
    };
    if rest.is_empty() {
        return rest.fail(Diagnostic::error(Code::UNTERMINATED, "this parenthesis is never closed").at(open).label("opened here").help("Add `)`."));
    }
    let (rest, _) = symbol(')')(rest)?;
    Ok((rest, argument))
}

/// A field, or, as tstats and sparkline have it, more than that: `sparkline(count, 1h)` keeps its text.
fn inner(i: Tokens<'_>) -> Parsed<'_, Argument> {
    let rest = run(i, &['|', ',']);
    if i.until(&rest) > 0 && rest.at_symbol(')') {
        return Ok((rest, Argument::Field(Field { name: i.text_to(&rest), quoted: false, span: i.span_to(&rest) })));
    }
    let mut rest = i;
    let mut depth = 0usize;
    while let Some(t) = rest.first() {
        match t.kind {
            Kind::Symbol('(') => depth += 1,
            Kind::Symbol(')') if depth == 0 => break,
            Kind::Symbol(')') => depth -= 1,
            Kind::Symbol('|') => return rest.miss(Want::Symbol(')')),
            _ => {}
        }
        rest = rest.skip(1);
    }
    if i.until(&rest) == 0 {
        return i.miss(Want::Field);
    }
    Ok((rest, Argument::Field(Field { name: i.source_to(&rest), quoted: false, span: i.span_to(&rest) })))
}

/// `AS name`, if it is there.
pub fn alias(i: Tokens<'_>) -> Parsed<'_, Option<Field>> {
    let Ok((rest, _)) = word("AS")(i) else { return Ok((i, None)) };
    let (rest, name) = field(rest)?;
    Ok((rest, Some(name)))
}
