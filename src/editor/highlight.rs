//! Which class each part of a query belongs to, for colours.

use super::Known;
use super::hover::aggregates;
use super::place::{command_at, names_command, stage_start, text_of};
use crate::syntax::{Kind, Token, expand, lex::lex};
use crate::{aggregate, command, function};
use std::ops::Range;

/// What a part of a text is. Parts without a class are plain.
#[derive(Clone, Copy, Debug, PartialEq, Eq, serde::Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Class {
    Command,
    Function,
    /// The name of an option, as in `limit=`.
    Option,
    Field,
    String,
    Number,
    /// Operators, pipes and the words that work like them.
    Operator,
    Macro,
    Comment,
    Error,
}

/// Words that stand between others.
const KEYWORDS: &[&str] = &["AND", "OR", "NOT", "XOR", "LIKE", "IN", "BY", "AS", "OVER", "OUTPUT", "OUTPUTNEW", "WHERE"];

/// The classes of a text's parts, in their order, without overlaps.
pub fn classes(text: &str, known: &Known<'_>) -> Vec<(Range<usize>, Class)> {
    let lexemes = lex(text, Default::default());
    let tokens = &lexemes.tokens;
    let wrong: Vec<usize> = lexemes.errors.iter().filter_map(|e| e.span).map(|s| s.start).collect();
    let mut out: Vec<_> = lexemes.comments.iter().map(|c| (c.span.start..c.span.end, Class::Comment)).collect();
    for (n, token) in tokens.iter().enumerate() {
        // An open string or macro call is still being typed: it keeps its colour.
        let open = wrong.contains(&token.span.start) && matches!(token.kind, Kind::Symbol(_));
        let class = if open { Some(Class::Error) } else { class(tokens, text, n, *token, known) };
        out.extend(class.map(|c| (token.span.start..token.span.end, c)));
    }
    out.sort_by_key(|(range, _)| range.start);
    out
}

fn class(tokens: &[Token], text: &str, n: usize, token: Token, known: &Known<'_>) -> Option<Class> {
    let next = tokens.get(n + 1).copied();
    match token.kind {
        Kind::String => Some(Class::String),
        Kind::Quoted => Some(Class::Field),
        Kind::Escape => None,
        Kind::Macro => Some(macro_class(text_of(text, token), known)),
        Kind::Symbol('|' | '=' | '<' | '>' | '!' | '+' | '*' | '/' | '%' | '[' | ']') => Some(Class::Operator),
        Kind::Symbol(_) => None,
        Kind::Word => word_class(tokens, text, n, text_of(text, token), next, known),
    }
}

/// A closed call of a macro that is not known is an error; Splunk's own content ends in filters that need not be defined.
fn macro_class(written: &str, known: &Known<'_>) -> Class {
    let closed = written.len() > 1 && written.ends_with('`');
    let call = expand::call(written);
    let found = !known.knowledge.macros().by_name(&call.name).is_empty() || call.name.ends_with("_filter");
    if closed && !found { Class::Error } else { Class::Macro }
}

fn word_class(tokens: &[Token], text: &str, n: usize, word: &str, next: Option<Token>, known: &Known<'_>) -> Option<Class> {
    let start = stage_start(tokens, n);
    if start == n && names_command(tokens, text, n) {
        // The word at the very end may still grow.
        let whole = next.is_some() || text.ends_with(char::is_whitespace);
        return match command::find(word) {
            Some(_) => Some(Class::Command),
            None => whole.then_some(Class::Error),
        };
    }
    if KEYWORDS.iter().any(|k| k.eq_ignore_ascii_case(word)) {
        return Some(Class::Operator);
    }
    let command = command_at(tokens, text, n)?;
    let called = next.is_some_and(|t| t.is('('));
    if called && (function::find(word).is_some() || aggregate::find(word).is_some()) {
        return Some(Class::Function);
    }
    let grouped = || tokens.get(start..n).unwrap_or_default().iter().any(|t| text_of(text, *t).eq_ignore_ascii_case("by"));
    if aggregates(command) && aggregate::find(word).is_some_and(|(a, _)| a.bare) && !grouped() {
        return Some(Class::Function);
    }
    if next.is_some_and(|t| t.is('=')) && command.options.iter().any(|o| o.name.eq_ignore_ascii_case(word)) {
        return Some(Class::Option);
    }
    if word.parse::<f64>().is_ok() && word.starts_with(|c: char| c.is_ascii_digit()) {
        return Some(Class::Number);
    }
    let compared = next.is_some_and(|t| matches!(t.kind, Kind::Symbol('=' | '!' | '<' | '>')));
    let loaded = || known.fields.binary_search_by(|f| (**f).cmp(word)).is_ok();
    (compared || loaded()).then_some(Class::Field)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::knowledge::Knowledge;

    fn shown(text: &str) -> String {
        let knowledge = Knowledge::builtin();
        let fields = ["dest".into(), "user".into()];
        let all = classes(text, &Known { knowledge: &knowledge, fields: &fields });
        assert!(all.windows(2).all(|w| w[0].0.end <= w[1].0.start), "{all:?}");
        all.into_iter().map(|(r, c)| format!("{}:{}", &text[r], format!("{c:?}").to_lowercase())).collect::<Vec<_>>().join(" ")
    }

    #[test]
    fn words_mean_what_their_place_makes_them() {
        assert_eq!(shown("x=1 OR \"b\" ```c```"), "x:field =:operator 1:number OR:operator \"b\":string ```c```:comment");
        assert_eq!(shown("a | stats count max(user) by count"), "|:operator stats:command count:function max:function user:field by:operator");
        assert_eq!(shown("| head limit=5"), "|:operator head:command limit:option =:operator 5:number");
        assert_eq!(shown("a | stast x"), "|:operator stast:error");
        assert_eq!(shown("a | sta"), "|:operator");
        assert_eq!(shown("`nosuch` `x_filter` `ope"), "`nosuch`:error `x_filter`:macro `ope:macro");
        assert_eq!(shown("a=“b”"), "a:field =:operator “:error ”:error");
        assert_eq!(shown("é \"open"), "\"open:string");
    }
}
