//! The eval expression language: parentheses, unary minus, `* / %`, `+ - .`, comparisons with LIKE and IN, NOT, AND, OR, XOR,
//! from tight to loose. AND binds tighter than OR here, unlike in `search`.

use super::ast::{Expr, ExprNode};
use super::field::run;
use super::search::empty_list;
use super::token::{Kind, Token};
use super::tokens::{Parsed, Tokens, symbol, unquote};
use super::wanted::Want;
use crate::diagnostic::{Code, Diagnostic, Span};
use nom::Parser;
use nom::branch::alt;
use nom::combinator::opt;

/// Operators at one level may follow each other this often where each is a node of its own; longer chains are only of AND, OR
/// and `.`, which are flat.
const MAX_CHAIN: usize = 500;

/// A whole expression.
pub fn expr(i: Tokens<'_>) -> Parsed<'_, Expr> {
    i.nested(|i| chain(i, &["XOR"], |i| chain(i, &["OR"], |i| chain(i, &["AND"], negation))))
}

fn negation(i: Tokens<'_>) -> Parsed<'_, Expr> {
    if i.at_word("NOT") && !calls(i) || i.at_symbol('!') && !i.peek(1).is_some_and(|t| t.is('=')) {
        let op = i.span();
        let (rest, arg) = i.skip(1).nested(negation)?;
        let span = op.to(arg.span);
        return Ok((rest, Expr { node: ExprNode::Unary { op: "NOT".into(), arg: Box::new(arg) }, span }));
    }
    comparison(i)
}

/// Is the word here the name of a called function? `NOT (…)` is no call.
fn calls(i: Tokens<'_>) -> bool {
    !i.at_word("NOT") && i.peek(1).is_some_and(|t| t.is('('))
}

fn comparison(i: Tokens<'_>) -> Parsed<'_, Expr> {
    let (mut rest, mut left) = sum(i)?;
    for _ in 0..MAX_CHAIN {
        let negated = rest.at_word("NOT") && rest.skip(1).at_word("IN") || rest.at_word("NOT") && rest.skip(1).at_word("LIKE");
        let at = if negated { rest.skip(1) } else { rest };
        let (next, node) = if at.at_word("IN") {
            let (next, mut args) = list(at.skip(1))?;
            if args.is_empty() {
                return at.fail(empty_list(at.skip(1).span_to(&next)));
            }
            let mut all = vec![left.clone()];
            all.append(&mut args);
            (next, ExprNode::In(all))
        } else if at.at_word("LIKE") {
            let (next, right) = sum(at.skip(1))?;
            (next, ExprNode::Operator { op: "LIKE".into(), args: vec![left.clone(), right] })
        } else if let Ok((next, op)) = comparator(at) {
            let (next, right) = sum(next)?;
            (next, ExprNode::Operator { op: op.into(), args: vec![left.clone(), right] })
        } else {
            return Ok((rest, left));
        };
        let span = left.span.to(rest.span_to(&next));
        left = Expr { node, span };
        if negated {
            left = Expr { node: ExprNode::Unary { op: "NOT".into(), arg: Box::new(left) }, span };
        }
        rest = next;
    }
    too_long(rest)
}

fn comparator(i: Tokens<'_>) -> Parsed<'_, &'static str> {
    let second = i.peek(1).filter(|t| t.glued);
    let op = |n: usize, s| Ok((i.skip(n), s));
    match (i.first().map(|t| t.kind), second.map(|t| t.kind)) {
        (Some(Kind::Symbol('=')), Some(Kind::Symbol('='))) => op(2, "=="),
        (Some(Kind::Symbol('!')), Some(Kind::Symbol('='))) => op(2, "!="),
        (Some(Kind::Symbol('<')), Some(Kind::Symbol('='))) => op(2, "<="),
        (Some(Kind::Symbol('>')), Some(Kind::Symbol('='))) => op(2, ">="),
        (Some(Kind::Symbol('=')), _) => op(1, "="),
        (Some(Kind::Symbol('<')), _) => op(1, "<"),
        (Some(Kind::Symbol('>')), _) => op(1, ">"),
        _ => i.miss(Want::Comparison),
    }
}

fn sum(i: Tokens<'_>) -> Parsed<'_, Expr> {
    chain(i, &["+", "-", "."], |i| chain(i, &["*", "/", "%"], unary))
}

/// Operands with left-associative operators of one level between them.
fn chain<'a>(i: Tokens<'a>, ops: &[&'static str], operand: impl Fn(Tokens<'a>) -> Parsed<'a, Expr>) -> Parsed<'a, Expr> {
    let (mut rest, mut left) = operand(i)?;
    for _ in 0..MAX_CHAIN {
        // A chain of one flat operator takes all its operands in this inner loop.
        let Some(op) = ops.iter().find(|op| at_operator(rest, op)) else { return Ok((rest, left)) };
        let mut args = vec![left];
        while at_operator(rest, op) {
            let (next, right) = operand(rest.skip(1))?;
            args.push(right);
            rest = next;
            if !matches!(*op, "AND" | "OR" | ".") {
                break;
            }
        }
        let span = args.first().map_or(i.span(), |a| a.span).to(args.last().map_or(i.span(), |a| a.span));
        left = Expr { node: ExprNode::Operator { op: (*op).into(), args }, span };
    }
    too_long(rest)
}

fn too_long<T>(i: Tokens<'_>) -> Parsed<'_, T> {
    i.fail(
        Diagnostic::error(Code::NESTING, format!("more than {MAX_CHAIN} operators in one expression")).at(i.span()).help("Split it over several assignments."),
    )
}

fn at_operator(i: Tokens<'_>, op: &str) -> bool {
    match op.chars().next() {
        Some(c) if !c.is_alphabetic() => i.at_symbol(c),
        _ => i.at_word(op),
    }
}

fn unary(i: Tokens<'_>) -> Parsed<'_, Expr> {
    for op in ['-', '+'] {
        if i.at_symbol(op) {
            let at = i.span();
            let (rest, arg) = i.skip(1).nested(unary)?;
            let span = at.to(arg.span);
            let node = if op == '-' { ExprNode::Unary { op: "-".into(), arg: Box::new(arg) } } else { arg.node };
            return Ok((rest, Expr { node, span }));
        }
    }
    primary(i)
}

fn primary(i: Tokens<'_>) -> Parsed<'_, Expr> {
    alt((number, literal, call, parenthesised, template, bare)).parse(i)
}

fn parenthesised(i: Tokens<'_>) -> Parsed<'_, Expr> {
    let (rest, open) = symbol('(')(i)?;
    let (rest, inner) = expr(rest)?;
    if rest.is_empty() {
        return rest.fail(unclosed(open));
    }
    let (rest, _) = symbol(')')(rest)?;
    Ok((rest, inner))
}

/// `12`, `1.5`, `.5`, `1e3`: a number that no letter touches.
fn number(i: Tokens<'_>) -> Parsed<'_, Expr> {
    let digits = |t: Token| t.kind == Kind::Word && i.text(t).starts_with(|c: char| c.is_ascii_digit());
    let glued = |n: usize| i.peek(n).filter(|t| t.glued);
    let Some(first) = i.first() else { return i.miss(Want::Number) };
    // Tokens of the integer part, of the fraction, and of a signed exponent.
    let mut n = match first.kind {
        Kind::Word if digits(first) => 1,
        Kind::Symbol('.') if glued(1).is_some_and(digits) => 0,
        _ => return i.miss(Want::Number),
    };
    if glued(n).is_some_and(|t| t.is('.')) || n == 0 {
        n += 1;
        n += usize::from(glued(n).is_some_and(digits));
    }
    let ends_in_e = i.peek(n.saturating_sub(1)).is_some_and(|t| i.text(t).ends_with(['e', 'E']));
    if ends_in_e && glued(n).is_some_and(|t| t.is('-') || t.is('+')) && glued(n + 1).is_some_and(digits) {
        n += 2;
    }
    for n in (1..=n).rev() {
        let rest = i.skip(n);
        if let Ok(value) = i.text_to(&rest).parse::<f64>() {
            return Ok((rest, Expr { node: ExprNode::Number(value), span: i.span_to(&rest) }));
        }
    }
    i.miss(Want::Number)
}

fn literal(i: Tokens<'_>) -> Parsed<'_, Expr> {
    let Some(t) = i.first() else { return i.miss(Want::Expression) };
    let node = match t.kind {
        Kind::String => ExprNode::Text(unquote(i.text(t))),
        Kind::Quoted => ExprNode::Field(unquote(i.text(t))),
        Kind::Macro => ExprNode::Macro(i.text(t).to_string()),
        _ => return i.miss(Want::Expression),
    };
    Ok((i.skip(1), Expr { node, span: t.span }))
}

fn call(i: Tokens<'_>) -> Parsed<'_, Expr> {
    let is_name = i.first().is_some_and(|t| t.kind == Kind::Word);
    // `like(…)` and `in(…)` are functions where an operand stands.
    if !is_name || !i.peek(1).is_some_and(|t| t.is('(')) || ["AND", "OR", "XOR", "NOT"].iter().any(|k| i.at_word(k)) {
        return i.miss(Want::Function);
    }
    let name = i.text_to(&i.skip(1));
    let (rest, args) = i.skip(1).nested(list)?;
    Ok((rest, Expr { node: ExprNode::Call { name, args }, span: i.span_to(&rest) }))
}

fn keyword(i: Tokens<'_>) -> bool {
    ["AND", "OR", "XOR", "NOT", "LIKE", "IN"].iter().any(|k| i.at_word(k))
}

/// `(a, b, …)`, maybe empty. Commas are needed, doubled ones are tolerated.
fn list(i: Tokens<'_>) -> Parsed<'_, Vec<Expr>> {
    let (mut i, open) = symbol('(')(i)?;
    let mut all = Vec::new();
    loop {
        while i.at_symbol(',') {
            i = i.skip(1);
        }
        if i.at_symbol(')') {
            return Ok((i.skip(1), all));
        }
        if i.is_empty() {
            // For completion: an argument fits here.
            i.context.wanted.add(i.position(), Want::Expression);
            return i.fail(unclosed(open));
        }
        let (rest, item) = expr(i)?;
        all.push(item);
        i = rest;
        if !i.at_symbol(',') && !i.at_symbol(')') {
            if i.is_empty() {
                return i.fail(unclosed(open));
            }
            let (_, _) = alt((symbol(','), symbol(')'))).parse(i)?;
        }
    }
}

fn unclosed(open: Span) -> Diagnostic {
    Diagnostic::error(Code::UNTERMINATED, "this parenthesis is never closed").at(open).label("opened here").help("Add `)`.")
}

/// A `<<FIELD>>` or `$token$` of a template that is filled in before it runs.
fn template(i: Tokens<'_>) -> Parsed<'_, Expr> {
    let open = i.at_symbol('<') && i.peek(1).is_some_and(|t| t.is('<') && t.glued);
    let dollar = i.at_symbol('$');
    if !open && !dollar {
        return i.miss(Want::Expression);
    }
    let rest = if open { i.skip(2).skip(1).skip(2) } else { run(i, &[',', ')', '+', '=', '<', '>', '!', '|', '[']) };
    Ok((rest, Expr { node: ExprNode::Field(i.text_to(&rest)), span: i.span_to(&rest) }))
}

/// A bare field name: one word. An unquoted `a.b` is two fields with the concatenation operator between.
fn bare(i: Tokens<'_>) -> Parsed<'_, Expr> {
    match i.first() {
        Some(t) if t.kind == Kind::Word && !keyword(i) => {
            // `foo{}` and `a{}` name arrays of JSON; in eval they need quotes, but there is nothing else that they can mean.
            let braces = i.peek(1).is_some_and(|b| b.glued && b.is('{')) && i.peek(2).is_some_and(|b| b.glued && b.is('}'));
            let rest = i.skip(if braces { 3 } else { 1 });
            Ok((rest, Expr { node: ExprNode::Field(i.text_to(&rest)), span: i.span_to(&rest) }))
        }
        _ => i.miss(Want::Expression),
    }
}

/// `name = expr`, as eval and aggregations have it. The target may be quoted or hold `:`, `-`, `{field}`.
pub fn assignment(i: Tokens<'_>) -> Parsed<'_, (super::field::Field, Expr)> {
    let (rest, target) = super::field::field(i)?;
    let (rest, _) = symbol('=')(rest)?;
    let (rest, value) = expr(rest)?;
    Ok((rest, (target, value)))
}

/// An expression in parentheses or bare, where a stage takes exactly one.
pub fn whole(i: Tokens<'_>) -> Parsed<'_, Expr> {
    let (rest, e) = expr(i)?;
    let (rest, _) = opt(symbol(',')).parse(rest)?;
    Ok((rest, e))
}
