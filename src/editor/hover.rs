//! The card of the word under the cursor.

use super::Known;
use super::place::{command_at, names_command, stage_start, text_of};
use crate::aggregate::{self, Aggregate};
use crate::card::{Example, Support};
use crate::command::{self, Command};
use crate::diagnostic::Span;
use crate::function::{self, Function};
use crate::knowledge::Macros;
use crate::syntax::option::OptCard;
use crate::syntax::{Kind, Token, expand, lex::lex};

/// A card and the word that it is about.
#[derive(Clone, Debug, PartialEq)]
pub struct Hover {
    pub span: Span,
    /// Plain text, several lines; without a line feed at its end.
    pub text: String,
}

/// The card of the word at this byte offset, where there is one.
pub fn hover(text: &str, at: usize, known: &Known<'_>) -> Option<Hover> {
    let tokens = lex(text, Default::default()).tokens;
    let n = tokens.iter().position(|t| t.span.start <= at && at < t.span.end).or_else(|| tokens.iter().position(|t| t.span.end == at))?;
    let token = *tokens.get(n)?;
    let word = text_of(text, token);
    let card = match token.kind {
        Kind::Macro => macro_card(word, known.knowledge.macros())?,
        Kind::Word if stage_start(&tokens, n) == n && names_command(&tokens, text, n) => command_card(command::find(word)?),
        Kind::Word => word_card(&tokens, text, n, word)?,
        _ => return None,
    };
    Some(Hover { span: token.span, text: card })
}

fn word_card(tokens: &[Token], text: &str, n: usize, word: &str) -> Option<String> {
    let command = command_at(tokens, text, n)?;
    let next = tokens.get(n + 1).copied();
    if next.is_some_and(|t| t.is('=')) {
        return command
            .options
            .iter()
            .find(|o| o.name.eq_ignore_ascii_case(word) || o.aliases.iter().any(|a| a.eq_ignore_ascii_case(word)))
            .map(|o| option_line(o));
    }
    let called = next.is_some_and(|t| t.is('('));
    let aggregate = || aggregate::find(word).map(|(a, _)| a).filter(|a| aggregates(command) && (called || a.bare)).map(aggregate_card);
    let function = || function::find(word).filter(|_| called).map(function_card);
    if in_eval(tokens, text, n) { function() } else { aggregate().or_else(function) }
}

/// Does the command take stats functions?
pub fn aggregates(command: &Command) -> bool {
    command.name.ends_with("stats") || command.name.ends_with("chart") || command.name == "sparkline"
}

/// Does the token stand within `eval(…)` of an aggregation?
fn in_eval(tokens: &[Token], text: &str, n: usize) -> bool {
    let start = stage_start(tokens, n);
    let mut open = Vec::new();
    for at in start..n {
        match tokens.get(at).map(|t| t.kind) {
            Some(Kind::Symbol('(')) => open.push(at > start && tokens.get(at - 1).is_some_and(|t| text_of(text, *t).eq_ignore_ascii_case("eval"))),
            Some(Kind::Symbol(')')) => drop(open.pop()),
            _ => {}
        }
    }
    open.contains(&true)
}

/// A command's card.
pub fn command_card(c: &Command) -> String {
    let mut lines = vec![c.syntax.to_string(), String::new(), c.summary.to_string()];
    if !c.aliases.is_empty() {
        lines.push(format!("Also written {}.", c.aliases.join(", ")));
    }
    if !c.options.is_empty() {
        lines.push(String::new());
        lines.extend(c.options.iter().filter(|o| !o.name.is_empty()).map(|o| format!("  {}", option_line(o))));
    }
    finish(lines, c.examples, c.support)
}

/// An eval function's card.
pub fn function_card(f: &Function) -> String {
    finish(vec![f.syntax.to_string(), String::new(), f.summary.to_string()], f.examples, f.support)
}

/// A stats function's card.
pub fn aggregate_card(a: &Aggregate) -> String {
    let mut lines = vec![a.syntax.to_string(), String::new(), a.summary.to_string()];
    if !a.aliases.is_empty() {
        lines.push(format!("Also written {}.", a.aliases.join(", ")));
    }
    finish(lines, a.examples, a.support)
}

/// A macro's card: every definition of its name, the one that is called first.
fn macro_card(written: &str, macros: &Macros) -> Option<String> {
    let call = expand::call(written);
    let mut all: Vec<_> = macros.by_name(&call.name).iter().collect();
    all.sort_by_key(|m| m.args.len() != call.args.len());
    let card = |m: &&std::sync::Arc<crate::knowledge::Macro>| {
        let args = if m.args.is_empty() { String::new() } else { format!("({})", m.args.join(", ")) };
        let described = m.description.as_ref().map_or(String::new(), |d| format!("\n{d}"));
        format!("`{}{args}`{described}\n{}", m.name, m.definition)
    };
    (!all.is_empty()).then(|| all.iter().map(card).collect::<Vec<_>>().join("\n\n"))
}

/// One line about an option.
pub fn option_line(o: &OptCard) -> String {
    let default = if o.default.is_empty() { String::new() } else { format!(" Default: {}.", o.default) };
    format!("{}=…  {}{default}", o.name, o.summary)
}

fn finish(mut lines: Vec<String>, examples: &[Example], support: Support) -> String {
    if let Some(e) = examples.first() {
        lines.extend([String::new(), format!("{}  → {}", e.spl, e.shows)]);
    }
    lines.extend(match support {
        Support::Full => None,
        Support::Partial(what) => Some(format!("Not yet: {what}.")),
        Support::Planned => Some("Known, not built yet.".to_string()),
        Support::Outside(why) => Some(format!("Never run here: {why}.")),
    });
    lines.join("\n")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::knowledge::Knowledge;

    #[test]
    fn cards_come_for_what_the_word_means_there() {
        let knowledge = Knowledge::builtin();
        let known = Known { knowledge: &knowledge, fields: &[] };
        for (text, word, begins) in [
            ("a | head 5", "head", Some("head [")),
            ("a | head limit=5", "limit", Some("limit=…")),
            ("a | stats max(x)", "max", Some("max(<field>")),
            ("a | stats count(eval(max(x,1)=2))", "max", Some("max(<")),
            ("a | eval y=lower(x)", "lower", Some("lower(")),
            ("a | stats count by b", "count", Some("count")),
            ("head 5", "head", None),
            ("a | nosuch 5", "nosuch", None),
            ("`nosuch`", "nosuch", None),
        ] {
            let at = text.find(word).unwrap();
            let card = hover(text, at, &known).map(|h| h.text);
            assert_eq!(card.as_deref().map(|c| begins.is_some_and(|b| c.starts_with(b))), begins.map(|_| true), "{text}: {card:?}");
        }
        assert_eq!(hover("", 0, &known), None);
        assert_eq!(hover("é", 99, &known), None);
    }
}
