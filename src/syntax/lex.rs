//! Text to tokens.

use super::token::{Comment, Kind, Token};
use crate::diagnostic::{Code, Diagnostic, SourceId, Span};
use nom::branch::alt;
use nom::bytes::complete::{tag, take_until, take_while1};
use nom::character::complete::{anychar, multispace1};
use nom::combinator::{recognize, verify};
use nom::error::Error;
use nom::sequence::delimited;
use nom::{IResult, Parser};

type Lexed<'a> = IResult<&'a str, Piece, Error<&'a str>>;

/// One step of the lexer.
#[derive(Clone, Copy)]
enum Piece {
    Space,
    Comment,
    Token(Kind),
}

/// What a text consists of.
#[derive(Clone, Debug, Default)]
pub struct Lexemes {
    pub tokens: Vec<Token>,
    pub comments: Vec<Comment>,
    /// Unclosed quotes, comments and macro calls, typographic quotes: the tokens go on behind them.
    pub errors: Vec<Diagnostic>,
}

/// Cuts a source text into tokens. Never fails: what is wrong is reported beside the tokens.
pub fn lex(text: &str, source: SourceId) -> Lexemes {
    let mut out = Lexemes::default();
    let mut rest = text;
    let mut glued = false;
    while !rest.is_empty() {
        let start = text.len() - rest.len();
        let previous = text[..start].chars().next_back();
        let (next, piece) = match piece(rest, previous) {
            Ok((next, piece)) if next.len() < rest.len() => (next, piece),
            _ => break,
        };
        let span = Span::new(source, start, text.len() - next.len());
        match piece {
            Piece::Space => glued = false,
            Piece::Comment => {
                out.comments.push(Comment { span, before: out.tokens.len() });
                glued = false;
            }
            Piece::Token(kind) => {
                check(kind, rest, span, &mut out.errors);
                out.tokens.push(Token { kind, span, glued: glued && !out.tokens.is_empty() });
                glued = true;
            }
        }
        rest = next;
    }
    out
}

fn piece<'a>(i: &'a str, previous: Option<char>) -> Lexed<'a> {
    if i.starts_with('\'')
        && !previous.is_some_and(word_char)
        && let Ok(quoted) = quoted(i)
    {
        return Ok(quoted);
    }
    alt((space, comment, word, string, macro_call, escape, template, symbol)).parse(i)
}

fn space(i: &str) -> Lexed<'_> {
    multispace1.map(|_| Piece::Space).parse(i)
}

fn comment(i: &str) -> Lexed<'_> {
    delimited(tag("```"), take_until("```"), tag("```")).map(|_| Piece::Comment).parse(i)
}

fn word_char(c: char) -> bool {
    c.is_alphanumeric() || c == '_'
}

fn word(i: &str) -> Lexed<'_> {
    take_while1(word_char).map(|_| Piece::Token(Kind::Word)).parse(i)
}

/// A double-quoted text to its closing quote; a backslash takes the next character with it. Without a closing quote it runs to
/// the end of the text, and `check` reports it.
fn string(i: &str) -> Lexed<'_> {
    let (body, _) = tag("\"").parse(i)?;
    let end = closing(body, '"').map_or(i.len(), |at| at + 2);
    Ok((&i[end..], Piece::Token(Kind::String)))
}

/// Byte offset of the first unescaped `quote`.
fn closing(body: &str, quote: char) -> Option<usize> {
    let mut escaped = false;
    for (at, c) in body.char_indices() {
        match c {
            _ if escaped => escaped = false,
            '\\' => escaped = true,
            c if c == quote => return Some(at),
            _ => {}
        }
    }
    None
}

/// A single-quoted text on one line, not followed by a letter: an apostrophe in a word is none.
fn quoted(i: &str) -> Lexed<'_> {
    let line = |s: &str| !s.contains('\n') && !s.is_empty();
    let (rest, _) = recognize(delimited(tag("'"), verify(take_until("'"), line), tag("'"))).parse(i)?;
    if rest.chars().next().is_some_and(word_char) {
        Err(nom::Err::Error(Error::new(i, nom::error::ErrorKind::Verify)))
    } else {
        Ok((rest, Piece::Token(Kind::Quoted)))
    }
}

/// A macro call to its closing backtick; backticks within double quotes belong to the arguments.
fn macro_call(i: &str) -> Lexed<'_> {
    let (body, _) = tag("`").parse(i)?;
    if body.starts_with("``") {
        // A comment that is never closed: the rest of the text.
        return Ok(("", Piece::Token(Kind::Macro)));
    }
    let (mut quoted, mut escaped) = (false, false);
    for (at, c) in body.char_indices() {
        match c {
            _ if escaped => escaped = false,
            '\\' if quoted => escaped = true,
            '"' => quoted = !quoted,
            '`' if !quoted => return Ok((&body[at + 1..], Piece::Token(Kind::Macro))),
            _ => {}
        }
    }
    Ok(("", Piece::Token(Kind::Macro)))
}

fn escape(i: &str) -> Lexed<'_> {
    alt((tag("\\\\"), tag("\\\""))).map(|_| Piece::Token(Kind::Escape)).parse(i)
}

/// `$token|s$`: a dashboard's token with a filter; its bar is no pipe.
fn template(i: &str) -> Lexed<'_> {
    let name = take_while1(|c: char| word_char(c) || matches!(c, '.' | ':' | '-'));
    let filter = take_while1(|c: char| c.is_ascii_lowercase());
    recognize((tag("$"), name, tag("|"), filter, tag("$"))).map(|_| Piece::Token(Kind::Word)).parse(i)
}

fn symbol(i: &str) -> Lexed<'_> {
    anychar.map(|c| Piece::Token(Kind::Symbol(c))).parse(i)
}

/// Reports tokens that are wrong in themselves.
fn check(kind: Kind, rest: &str, span: Span, errors: &mut Vec<Diagnostic>) {
    let body = rest.get(..span.end - span.start).unwrap_or_default();
    let unterminated = |what: &str, how: &str| {
        let first = Span { end: span.start + 1, ..span };
        Diagnostic::error(Code::UNTERMINATED, format!("this {what} is never closed")).at(first).label("opened here").help(how)
    };
    match kind {
        Kind::String if body.len() < 2 || closing(&body[1..], '"').is_none() => {
            errors.push(unterminated("quote", "Close it with `\"`; inside, write `\\\"` for a quote and `\\\\` for a backslash at the end."));
        }
        Kind::Macro if body.starts_with("```") => errors.push(unterminated("comment", "Close it with three backticks.")),
        Kind::Macro if body.len() < 2 || !body.ends_with('`') || rest.starts_with("``") => {
            errors.push(unterminated("macro call", "A macro call stands between two backticks: `name(arguments)`."));
        }
        Kind::Symbol(c @ ('“' | '”' | '„' | '«' | '»' | '‘' | '’')) => {
            let right = if matches!(c, '‘' | '’') { "'" } else { "\"" };
            errors.push(
                Diagnostic::error(Code::SMART_QUOTES, format!("`{c}` is a typographic quote, not one of SPL's"))
                    .at(span)
                    .help(format!("Type `{right}` instead; text pasted from a web page often carries such quotes."))
                    .fix(right),
            );
        }
        Kind::Symbol(c) if c.is_control() => {
            errors.push(Diagnostic::error(Code::UNEXPECTED_CHARACTER, format!("control character U+{:04X}", u32::from(c))).at(span).help("Remove it."));
        }
        _ => {}
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn texts(text: &str) -> Vec<String> {
        lex(text, SourceId(0)).tokens.iter().map(|t| format!("{}{}", if t.glued { "+" } else { "" }, &text[t.span.start..t.span.end])).collect()
    }

    #[test]
    fn cuts_fine_tokens_and_remembers_what_touches() {
        assert_eq!(texts("a*b 10.0.0.0/8"), ["a", "+*", "+b", "10", "+.", "+0", "+.", "+0", "+.", "+0", "+/", "+8"]);
        assert_eq!(texts(r#"x="a \"b\"" y"#), ["x", "+=", r#"+"a \"b\"""#, "y"]);
        assert_eq!(texts(r#"f=*\"p\":true*"#), ["f", "+=", "+*", "+\\\"", "+p", "+\\\"", "+:", "+true", "+*"]);
        assert_eq!(texts(r#""\\" x"#), [r#""\\""#, "x"]);
        assert_eq!(texts("IN ($a.b|s$)"), ["IN", "(", "+$a.b|s$", "+)"]);
        assert_eq!(texts("don't 'a b' c"), ["don", "+'", "+t", "'a b'", "c"]);
    }

    #[test]
    fn macros_and_comments() {
        assert_eq!(texts("`m` ```x | \"y``` `f(\"a`b\", c)`|z"), ["`m`", "`f(\"a`b\", c)`", "+|", "+z"]);
        assert_eq!(texts(r#"split(p,"`")"#), ["split", "+(", "+p", "+,", "+\"`\"", "+)"]);
    }

    #[test]
    fn unclosed_things_are_reported_where_they_open() {
        for (text, at) in [("a \"b", 2), ("a `b", 2), ("a ```b", 2), ("x `", 2), ("“", 0), ("\"", 0)] {
            let l = lex(text, SourceId(0));
            assert_eq!(l.errors.iter().filter_map(|e| e.span).map(|s| s.start).collect::<Vec<_>>(), [at], "{text}");
        }
        assert!(lex("\"ok\" `m` ```c```", SourceId(0)).errors.is_empty());
    }
}
