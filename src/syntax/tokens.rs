//! The grammar's input: a slice of tokens with the texts that they point into, and the primitives that every grammar uses.

use super::token::{Kind, Token, unescape};
use super::wanted::{Want, Wanted};
use crate::diagnostic::{Code, Diagnostic, Sources, Span};
use nom::error::{ErrorKind, ParseError};
use nom::{IResult, Input, Needed};
use std::cell::Cell;
use std::iter::{Copied, Enumerate};
use std::slice::Iter;

/// Parentheses, brackets and prefix operators may nest this deep.
pub const MAX_DEPTH: usize = 200;
/// The stack grows where less than this is left: a level of the grammar takes some tens of kilobytes at most.
const STACK_LEFT: usize = 256 << 10;
const STACK_SEGMENT: usize = 2 << 20;

/// What all parts of one parse share.
#[derive(Debug)]
pub struct Context<'a> {
    pub sources: &'a Sources,
    pub wanted: Wanted,
    depth: Cell<usize>,
    /// Stages that were begun so far, those of subsearches among them.
    pub stages: Cell<usize>,
}

impl<'a> Context<'a> {
    /// A fresh context over these sources.
    pub fn new(sources: &'a Sources) -> Context<'a> {
        Context { sources, wanted: Wanted::default(), depth: Cell::new(0), stages: Cell::new(0) }
    }
}

/// Tokens from `at` up to `end` of one expanded query.
#[derive(Clone, Copy, Debug)]
pub struct Tokens<'a> {
    all: &'a [Token],
    at: usize,
    end: usize,
    pub context: &'a Context<'a>,
}

/// Why a parser did not match. Soft misses carry nothing: what was wanted is in the context. A hard one carries the message.
#[derive(Clone, Debug, Default)]
pub struct Failure(pub Option<Box<Diagnostic>>);

impl<I> ParseError<I> for Failure {
    fn from_error_kind(_: I, _: ErrorKind) -> Failure {
        Failure(None)
    }
    fn append(_: I, _: ErrorKind, other: Failure) -> Failure {
        other
    }
}

/// What a parser over tokens gives.
pub type Parsed<'a, T> = IResult<Tokens<'a>, T, Failure>;

impl<'a> Tokens<'a> {
    /// All the tokens of a query.
    pub fn new(all: &'a [Token], context: &'a Context<'a>) -> Tokens<'a> {
        Tokens { all, at: 0, end: all.len(), context }
    }

    /// The next token.
    pub fn first(&self) -> Option<Token> {
        self.peek(0)
    }

    /// The token `n` places on.
    pub fn peek(&self, n: usize) -> Option<Token> {
        self.all.get(self.at + n).copied().filter(|_| self.at + n < self.end)
    }

    /// Position in the whole query, in tokens.
    pub fn position(&self) -> usize {
        self.at
    }

    /// Is nothing left?
    pub fn is_empty(&self) -> bool {
        self.at >= self.end
    }

    /// Without the first `n` tokens.
    pub fn skip(self, n: usize) -> Tokens<'a> {
        Tokens { at: (self.at + n).min(self.end), ..self }
    }

    /// Only the first `n` tokens.
    pub fn only(self, n: usize) -> Tokens<'a> {
        Tokens { end: (self.at + n).min(self.end), ..self }
    }

    /// How many tokens lie between here and `rest`, a later place of the same tokens.
    pub fn until(&self, rest: &Tokens<'a>) -> usize {
        rest.at.saturating_sub(self.at)
    }

    /// The text of a token.
    pub fn text(&self, token: Token) -> &'a str {
        self.context.sources.slice(token.span)
    }

    /// Is the next token this word, in any case?
    pub fn at_word(&self, word: &str) -> bool {
        self.first().is_some_and(|t| t.kind == Kind::Word && self.text(t).eq_ignore_ascii_case(word))
    }

    /// Is the next token this character?
    pub fn at_symbol(&self, c: char) -> bool {
        self.first().is_some_and(|t| t.is(c))
    }

    /// The place of the next token; behind the last one at the end.
    pub fn span(&self) -> Span {
        match (self.first(), self.at.checked_sub(1).and_then(|i| self.all.get(i))) {
            (Some(t), _) => t.span,
            (None, Some(last)) => last.span.after(),
            (None, None) => Span::default(),
        }
    }

    /// The place of the tokens between here and `rest`.
    pub fn span_to(&self, rest: &Tokens<'a>) -> Span {
        match self.all.get(rest.at.saturating_sub(1)).filter(|_| rest.at > self.at) {
            Some(last) => self.span().to(last.span),
            None => Span { end: self.span().start, ..self.span() },
        }
    }

    /// The text of glued tokens between here and `rest`, pieced together where it crosses into a macro body.
    pub fn text_to(&self, rest: &Tokens<'a>) -> String {
        let tokens = self.all.get(self.at..rest.at).unwrap_or_default();
        tokens.iter().map(|t| self.text(*t)).collect()
    }

    /// The text between here and `rest` with the blanks that it has in its source.
    pub fn source_to(&self, rest: &Tokens<'a>) -> String {
        let tokens = self.all.get(self.at..rest.at).unwrap_or_default();
        match (tokens.first(), tokens.last()) {
            (Some(a), Some(b)) if a.span.source == b.span.source => self.context.sources.slice(a.span.to(b.span)).to_string(),
            _ => tokens.iter().map(|t| format!("{}{}", if t.glued { "" } else { " " }, self.text(*t))).collect::<String>().trim_start().to_string(),
        }
    }

    /// The tokens between here and `rest` as text that reads as the same tokens, macros expanded.
    pub fn spelled_to(&self, rest: &Tokens<'a>) -> String {
        let tokens = self.all.get(self.at..rest.at).unwrap_or_default();
        let mut out = String::new();
        for (n, token) in tokens.iter().enumerate() {
            if n > 0 && !token.glued {
                out.push(' ');
            }
            out.push_str(self.text(*token));
        }
        out
    }

    /// Notes that something was wanted here, and misses softly.
    pub fn miss<T>(self, want: Want) -> Parsed<'a, T> {
        self.context.wanted.add(self.at, want);
        Err(nom::Err::Error(Failure(None)))
    }

    /// Stops the parse of this stage with a message.
    pub fn fail<T>(self, diagnostic: Diagnostic) -> Parsed<'a, T> {
        Err(hard(diagnostic))
    }

    /// Runs a parser one level deeper; nesting past the limit is an error, not a stack overflow.
    pub fn nested<T>(self, parser: impl FnOnce(Tokens<'a>) -> Parsed<'a, T>) -> Parsed<'a, T> {
        self.deeper(1, parser)
    }

    /// Runs a parser that weighs as much as several levels: a subsearch takes that much more stack.
    pub fn deeper<T>(self, levels: usize, parser: impl FnOnce(Tokens<'a>) -> Parsed<'a, T>) -> Parsed<'a, T> {
        let depth = self.context.depth.get();
        if depth + levels > MAX_DEPTH {
            return self.fail(
                Diagnostic::error(Code::NESTING, format!("this nests deeper than {MAX_DEPTH} levels"))
                    .at(self.span())
                    .help("Split the expression over several `eval` stages."),
            );
        }
        self.context.depth.set(depth + levels);
        let result = stacker::maybe_grow(STACK_LEFT, STACK_SEGMENT, || parser(self));
        self.context.depth.set(depth);
        result
    }
}

/// An error that ends the parse of the stage.
pub fn hard(diagnostic: Diagnostic) -> nom::Err<Failure> {
    nom::Err::Failure(Failure(Some(Box::new(diagnostic))))
}

/// This word, in any case.
pub fn word<'a>(word: &'static str) -> impl Fn(Tokens<'a>) -> Parsed<'a, Span> {
    move |i| if i.at_word(word) { Ok((i.skip(1), i.span())) } else { i.miss(Want::Keyword(word)) }
}

/// This character.
pub fn symbol<'a>(c: char) -> impl Fn(Tokens<'a>) -> Parsed<'a, Span> {
    move |i| if i.at_symbol(c) { Ok((i.skip(1), i.span())) } else { i.miss(Want::Symbol(c)) }
}

/// A double-quoted text, unescaped.
pub fn string(i: Tokens<'_>) -> Parsed<'_, String> {
    match i.first() {
        Some(t) if t.kind == Kind::String => Ok((i.skip(1), unquote(i.text(t)))),
        _ => i.miss(Want::String),
    }
}

/// The content of a quoted token, unescaped.
pub fn unquote(text: &str) -> String {
    let inner = text.get(1..text.len().saturating_sub(1)).unwrap_or_default();
    if text.starts_with('"') { unescape(inner) } else { inner.to_string() }
}

/// Commas between items of a list, as many as there are: shipped searches leave them out and double them.
pub fn commas(mut i: Tokens<'_>) -> Parsed<'_, usize> {
    let mut n = 0;
    while i.at_symbol(',') {
        i = i.skip(1);
        n += 1;
    }
    Ok((i, n))
}

/// The end of the stage.
pub fn end(i: Tokens<'_>) -> Parsed<'_, ()> {
    if i.is_empty() { Ok((i, ())) } else { i.miss(Want::End) }
}

impl<'a> Input for Tokens<'a> {
    type Item = Token;
    type Iter = Copied<Iter<'a, Token>>;
    type IterIndices = Enumerate<Self::Iter>;

    fn input_len(&self) -> usize {
        self.end.saturating_sub(self.at)
    }
    fn take(&self, n: usize) -> Self {
        self.only(n)
    }
    fn take_from(&self, n: usize) -> Self {
        self.skip(n)
    }
    fn take_split(&self, n: usize) -> (Self, Self) {
        (self.skip(n), self.only(n))
    }
    fn position<P: Fn(Token) -> bool>(&self, predicate: P) -> Option<usize> {
        self.iter_elements().position(predicate)
    }
    fn iter_elements(&self) -> Self::Iter {
        self.all.get(self.at..self.end).unwrap_or_default().iter().copied()
    }
    fn iter_indices(&self) -> Self::IterIndices {
        self.iter_elements().enumerate()
    }
    fn slice_index(&self, n: usize) -> Result<usize, Needed> {
        if n <= self.input_len() { Ok(n) } else { Err(Needed::new(n - self.input_len())) }
    }
}
