//! Field names outside eval: quoted, or a run of touching tokens such as `requestObject.metadata{}.x/y` or `a*`.

use super::token::Kind;
use super::tokens::{Parsed, Tokens, commas, unquote};
use super::wanted::Want;
use crate::diagnostic::Span;
use nom::Parser;
use nom::multi::many0;
use nom::sequence::terminated;

/// A field name, or a pattern of names where it holds `*`.
#[derive(Clone, Debug, PartialEq, serde::Serialize)]
pub struct Field {
    pub name: String,
    pub quoted: bool,
    #[serde(skip)]
    pub span: Span,
}

impl Field {
    /// Does it stand for several names?
    pub fn is_pattern(&self) -> bool {
        self.name.contains('*')
    }
}

/// Characters that end a bare name. Parentheses may stand inside as long as they close again: `aceFlags(inheritance)`.
const ENDS: &[char] = &[',', '|', '[', ']', '=', '<', '>', '`'];

/// A field name or pattern.
pub fn field(i: Tokens<'_>) -> Parsed<'_, Field> {
    match i.first() {
        Some(t) if matches!(t.kind, Kind::String | Kind::Quoted) => Ok((i.skip(1), Field { name: unquote(i.text(t)), quoted: true, span: t.span })),
        Some(_) => {
            let rest = run(i, ENDS);
            if i.until(&rest) == 0 {
                return i.miss(Want::Field);
            }
            Ok((rest, Field { name: i.text_to(&rest), quoted: false, span: i.span_to(&rest) }))
        }
        None => i.miss(Want::Field),
    }
}

/// A field that is not the name of an option (`span=5m`) or one of the keywords that end a list.
pub fn field_but<'a>(stops: &'static [&'static str]) -> impl Fn(Tokens<'a>) -> Parsed<'a, Field> {
    move |i| {
        if stops.iter().any(|s| i.at_word(s)) {
            return i.miss(Want::Field);
        }
        let (rest, name) = field(i)?;
        if rest.at_symbol('=') && !name.quoted { i.miss(Want::Field) } else { Ok((rest, name)) }
    }
}

/// Fields with blanks or commas between, up to a keyword, an option or the end; at least one.
pub fn fields<'a>(stops: &'static [&'static str]) -> impl FnMut(Tokens<'a>) -> Parsed<'a, Vec<Field>> {
    move |i| {
        let (i, _) = commas(i)?;
        let (rest, all) = many0(terminated(field_but(stops), commas)).parse(i)?;
        if all.is_empty() { i.miss(Want::Field) } else { Ok((rest, all)) }
    }
}

/// The end of a run of touching tokens that stops before quotes, blanks, the given characters and unbalanced parentheses.
pub fn run<'a>(mut i: Tokens<'a>, ends: &[char]) -> Tokens<'a> {
    let (mut depth, mut first) = (0usize, true);
    while let Some(t) = i.first() {
        if !first && !t.glued {
            break;
        }
        match t.kind {
            Kind::String | Kind::Quoted if depth == 0 => break,
            Kind::Symbol('(') => {
                // A run cannot begin with a parenthesis, and takes one in only if it closes within the run.
                if first || (depth == 0 && !closes(i)) {
                    break;
                }
                depth += 1;
            }
            Kind::Symbol(')') => match depth.checked_sub(1) {
                Some(d) => depth = d,
                None => break,
            },
            Kind::Macro if first => break,
            Kind::Symbol('!') if i.peek(1).is_some_and(|n| n.is('=') && n.glued) && ends.contains(&'=') => break,
            Kind::Symbol(c) if depth == 0 && ends.contains(&c) => break,
            Kind::Symbol('|' | '[' | ']') if depth == 0 && ends.contains(&'|') => break,
            _ => {}
        }
        first = false;
        i = i.skip(1);
    }
    i
}

/// Does the parenthesis here close before a blank?
fn closes(i: Tokens<'_>) -> bool {
    let mut depth = 0usize;
    for n in 0.. {
        match i.peek(n) {
            Some(t) if n == 0 || t.glued => match t.kind {
                Kind::Symbol('(') => depth += 1,
                Kind::Symbol(')') if depth == 1 => return true,
                Kind::Symbol(')') => depth -= 1,
                Kind::Symbol('|') => return false,
                _ => {}
            },
            _ => return false,
        }
    }
    false
}
