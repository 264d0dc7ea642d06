//! Is the text a whole query, or does more have to come?

use crate::diagnostic::Code;
use crate::syntax::{Kind, lex::lex};

/// Whether a query can be run as it stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Finished {
    Yes,
    /// A quote, a comment or a macro call is open.
    OpenText,
    /// A bracket or parenthesis is open.
    OpenBracket,
    /// The last character is a pipe or a comma.
    Trailing,
}

/// Looks at the tokens only: a text that is whole may still be wrong, and its errors then say so.
pub fn finished(text: &str) -> Finished {
    let lexemes = lex(text, Default::default());
    if lexemes.errors.iter().any(|e| e.code == Code::UNTERMINATED) {
        return Finished::OpenText;
    }
    let mut open = Vec::new();
    for token in &lexemes.tokens {
        match token.kind {
            Kind::Symbol(c @ ('(' | '[')) => open.push(c),
            // A closing one that fits nothing is an error, not a reason to wait.
            Kind::Symbol(')') if open.last() == Some(&'(') => drop(open.pop()),
            Kind::Symbol(']') if open.contains(&'[') => while open.pop().is_some_and(|c| c != '[') {},
            _ => {}
        }
    }
    match lexemes.tokens.last() {
        _ if !open.is_empty() => Finished::OpenBracket,
        Some(last) if last.is('|') || last.is(',') => Finished::Trailing,
        _ => Finished::Yes,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn waits_for_what_is_open() {
        for (text, want) in [
            ("", Finished::Yes),
            ("index=main | stats count", Finished::Yes),
            ("index=main |", Finished::Trailing),
            ("index=main | table a,", Finished::Trailing),
            ("a | where x=\"b", Finished::OpenText),
            ("a ```comment", Finished::OpenText),
            ("`macro(", Finished::OpenText),
            ("a | eval x=if(b, 1", Finished::OpenBracket),
            ("a [ search b", Finished::OpenBracket),
            ("a [ search (b ]", Finished::Yes),
            ("a ) ] b", Finished::Yes),
            ("a=\"|\"", Finished::Yes),
            ("a | ```later```", Finished::Trailing),
        ] {
            assert_eq!(finished(text), want, "{text}");
        }
    }
}
