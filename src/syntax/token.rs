//! Tokens.

use crate::diagnostic::Span;

/// What a token is. Its text is its span's.
#[derive(Clone, Copy, Debug, PartialEq, Eq, serde::Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Kind {
    /// A run of letters, digits and underscores.
    Word,
    /// `"…"`, quotes included.
    String,
    /// `'…'`, quotes included: a field name in eval, plain characters in search.
    Quoted,
    /// `` `name(args)` ``, backticks included.
    Macro,
    /// A backslash with the backslash or quote that it escapes, outside quotes.
    Escape,
    /// Any other character.
    Symbol(char),
}

/// A token with its place.
#[derive(Clone, Copy, Debug, PartialEq, Eq, serde::Serialize)]
pub struct Token {
    pub kind: Kind,
    pub span: Span,
    /// Does it touch the token before it, with no blank or comment between?
    pub glued: bool,
}

impl Token {
    /// Is it this character?
    pub fn is(&self, c: char) -> bool {
        self.kind == Kind::Symbol(c)
    }
}

/// A comment, kept beside the tokens for the formatter.
#[derive(Clone, Copy, Debug, PartialEq, Eq, serde::Serialize)]
pub struct Comment {
    /// Backticks included.
    pub span: Span,
    /// How many tokens stand before it.
    pub before: usize,
}

/// Resolves the escapes of a double-quoted text or an unquoted search value: `\\` is a backslash, `\"` a quote, and any other
/// backslash stays as it is, before a regex sees it.
pub fn unescape(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut chars = text.chars().peekable();
    while let Some(c) = chars.next() {
        match (c, chars.peek()) {
            ('\\', Some(&next @ ('\\' | '"'))) => {
                out.push(next);
                chars.next();
            }
            _ => out.push(c),
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_backslash_and_quote_are_escapes() {
        for (text, want) in [(r"C:\\Windows\*", r"C:\Windows\*"), (r#"say \"hi\""#, r#"say "hi""#), (r"\d+\n", r"\d+\n"), (r"\\\(", r"\\("), ("\\", "\\")] {
            assert_eq!(unescape(text), want);
        }
    }
}
