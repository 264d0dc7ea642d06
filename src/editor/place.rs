//! Where in a query a token stands: in which stage, and as what.

use crate::command::{self, Command};
use crate::syntax::{Kind, Token};

/// The text of a token.
pub fn text_of(text: &str, token: Token) -> &str {
    text.get(token.span.start..token.span.end).unwrap_or_default()
}

/// Number of the first token of the stage that token `n` belongs to: the one behind the last pipe or bracket at its level.
pub fn stage_start(tokens: &[Token], n: usize) -> usize {
    let mut depth = 0usize;
    for (at, token) in tokens.iter().enumerate().take(n).rev() {
        match token.kind {
            Kind::Symbol(']') => depth += 1,
            Kind::Symbol('[') if depth == 0 => return at + 1,
            Kind::Symbol('[') => depth -= 1,
            Kind::Symbol('|') if depth == 0 => return at + 1,
            _ => {}
        }
    }
    0
}

/// Is this token, the first of its stage, the name of a command? After a pipe it always is; the first word of a query only as
/// `search`; in a bracket any known name that is not compared.
pub fn names_command(tokens: &[Token], text: &str, start: usize) -> bool {
    let Some(token) = tokens.get(start).filter(|t| t.kind == Kind::Word) else { return false };
    let word = text_of(text, *token);
    let compared = tokens.get(start + 1).is_some_and(|t| matches!(t.kind, Kind::Symbol('=' | '!' | '<' | '>')));
    match start.checked_sub(1).and_then(|p| tokens.get(p)).map(|t| t.kind) {
        Some(Kind::Symbol('|')) => true,
        Some(_) => command::find(word).is_some() && !compared,
        None => word.eq_ignore_ascii_case("search") && !compared,
    }
}

/// The command of the stage that token `n` belongs to, the implied search included.
pub fn command_at(tokens: &[Token], text: &str, n: usize) -> Option<&'static Command> {
    let start = stage_start(tokens, n);
    if names_command(tokens, text, start) {
        return tokens.get(start).and_then(|t| command::find(text_of(text, *t)));
    }
    let after_pipe = start.checked_sub(1).and_then(|p| tokens.get(p)).is_some_and(|t| t.is('|'));
    (!after_pipe).then(command::implied_search)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::syntax::lex::lex;

    #[test]
    fn stages_are_found_through_brackets() {
        for (text, want) in [
            ("index=main", Some("search")),
            ("a | stats count by b", Some("stats")),
            ("search a", Some("search")),
            ("a [ fields b", Some("fields")),
            ("a [ fields b | x ] c", Some("search")),
            ("a | nosuch b", None),
            ("|", None),
            ("", Some("search")),
        ] {
            let tokens = lex(text, Default::default()).tokens;
            assert_eq!(command_at(&tokens, text, tokens.len()).map(|c| c.name), want, "{text}");
        }
    }
}
