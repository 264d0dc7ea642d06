//! Macros, expanded on tokens: they may stand for a stage, a search term, an argument or several stages with pipes.

use super::lex::lex;
use super::token::{Kind, Token};
use crate::diagnostic::{Code, Diagnostic, Origin, Source, Sources, Span, did_you_mean};
use crate::knowledge::{Macro, Macros};

/// Splunk's own depth limit.
pub const MAX_DEPTH: usize = 100;
/// Tokens that all expansions of one query may make together.
pub const MAX_TOKENS: usize = 2_000_000;
/// Bytes of text that they may make together; a call counts as some too, so that macros which stand for nothing end as well.
const MAX_TEXT: usize = 64 << 20;
const CALL: usize = 1 << 10;

/// Evaluates a macro's `iseval` definition or its validation: constant eval text to its value as text, or a sentence.
pub type Evaluate<'a> = &'a dyn Fn(&str) -> Result<Option<String>, String>;

/// A query's tokens with every known macro put in. A macro that could not be expanded stays as it is, beside its error.
pub fn expand(tokens: Vec<Token>, sources: &mut Sources, macros: &Macros, evaluate: Evaluate<'_>) -> (Vec<Token>, Vec<Diagnostic>) {
    if !tokens.iter().any(|t| t.kind == Kind::Macro) {
        return (tokens, Vec::new());
    }
    let mut expander = Expander { sources, macros, evaluate, chain: Vec::new(), left: MAX_TEXT, out: Vec::with_capacity(tokens.len()), errors: Vec::new() };
    expander.run(&tokens, None);
    (expander.out, expander.errors)
}

/// A macro call, taken apart.
#[derive(Clone, Debug, PartialEq)]
pub struct Call {
    pub name: String,
    /// Values in order, or named as in `` `m(a=1, b=2)` ``.
    pub args: Vec<(Option<String>, String)>,
}

/// Reads the text between the backticks.
pub fn call(text: &str) -> Call {
    let inner = text.trim_matches('`').trim();
    let Some((name, rest)) = inner.split_once('(') else { return Call { name: inner.to_string(), args: Vec::new() } };
    let body = rest.trim_end().strip_suffix(')').unwrap_or(rest);
    let args = if body.trim().is_empty() { Vec::new() } else { arguments(body) };
    Call { name: name.trim().to_string(), args }
}

/// Splits at commas outside quotes and parentheses. A quoted argument keeps its commas and loses its quotes.
fn arguments(body: &str) -> Vec<(Option<String>, String)> {
    let (mut parts, mut start, mut quoted, mut escaped, mut depth) = (Vec::new(), 0, false, false, 0usize);
    for (at, c) in body.char_indices() {
        match c {
            _ if escaped => escaped = false,
            '\\' => escaped = true,
            '"' => quoted = !quoted,
            '(' if !quoted => depth += 1,
            ')' if !quoted => depth = depth.saturating_sub(1),
            ',' if !quoted && depth == 0 => {
                parts.push(&body[start..at]);
                start = at + 1;
            }
            _ => {}
        }
    }
    parts.push(&body[start..]);
    parts.into_iter().map(argument).collect()
}

fn argument(part: &str) -> (Option<String>, String) {
    let part = part.trim();
    if let Some((name, value)) = part.split_once('=') {
        let name = name.trim();
        if !name.is_empty() && name.chars().all(|c| c.is_ascii_alphanumeric() || c == '_' || c == '-') && !value.starts_with('=') {
            return (Some(name.to_string()), unquoted(value.trim()));
        }
    }
    (None, unquoted(part))
}

fn unquoted(text: &str) -> String {
    match text.strip_prefix('"').and_then(|t| t.strip_suffix('"')) {
        Some(inner) if text.len() > 1 => inner.replace("\\\"", "\""),
        _ => text.to_string(),
    }
}

struct Expander<'a> {
    sources: &'a mut Sources,
    macros: &'a Macros,
    evaluate: Evaluate<'a>,
    /// Names of the macros that are being expanded, outermost first.
    chain: Vec<String>,
    /// What is left of [`MAX_TEXT`]; nothing once a limit was passed.
    left: usize,
    out: Vec<Token>,
    errors: Vec<Diagnostic>,
}

impl Expander<'_> {
    /// Appends tokens; `glued` says whether the first one touches what was there before.
    fn run(&mut self, tokens: &[Token], glued: Option<bool>) {
        for (n, token) in tokens.iter().enumerate() {
            let mut token = *token;
            if let (0, Some(g)) = (n, glued) {
                token.glued = g;
            }
            if self.out.len() >= MAX_TOKENS && self.left > 0 {
                self.left = 0;
                self.errors.push(Diagnostic::error(Code::MACRO_LIMIT, format!("macros expand to more than {MAX_TOKENS} tokens")).at(token.span));
            }
            if self.left == 0 {
                return;
            }
            match token.kind {
                // One that is never closed is said by the lexer.
                Kind::Macro if !is_closed(self.sources.slice(token.span)) => self.out.push(token),
                Kind::Macro => match self.body(token) {
                    Ok(body) => self.run_body(&body, token),
                    Err(d) => {
                        self.errors.push(*d);
                        self.out.push(token);
                    }
                },
                _ => self.out.push(token),
            }
        }
    }

    fn run_body(&mut self, body: &(String, Vec<Token>), token: Token) {
        self.chain.push(body.0.clone());
        self.run(&body.1, Some(token.glued));
        self.chain.pop();
    }

    /// The tokens that a call stands for.
    fn body(&mut self, token: Token) -> Result<(String, Vec<Token>), Box<Diagnostic>> {
        let span = token.span;
        let call = call(self.sources.slice(span));
        let key = format!("{}({})", call.name, call.args.len());
        if self.chain.contains(&key) {
            let chain: Vec<_> = self.chain.iter().chain([&key]).map(|k| format!("`{}`", k.trim_end_matches("(0)"))).collect();
            return Err(Diagnostic::error(Code::MACRO_CYCLE, format!("the macro `{}` expands to itself", call.name))
                .at(span)
                .help(format!("The cycle is {}; change one of the definitions.", chain.join(" → ")))
                .into());
        }
        if self.chain.len() >= MAX_DEPTH {
            return Err(Diagnostic::error(Code::MACRO_LIMIT, format!("macros nest deeper than {MAX_DEPTH} levels"))
                .at(span)
                .help("Define the inner macros without each other.")
                .into());
        }
        let found = self.macros.find(&call.name, call.args.len());
        let cost = CALL + found.map_or(0, |m| size(m, &call));
        self.left = self.left.saturating_sub(cost);
        if self.left == 0 {
            return Err(Diagnostic::error(Code::MACRO_LIMIT, format!("macros expand to more than {} MiB of text", MAX_TEXT >> 20)).at(span).into());
        }
        let text = self.definition(&call, span)?;
        let source = self.sources.add(Source { text: text.as_str().into(), origin: Origin::Macro { name: call.name.clone(), call: span } });
        let lexemes = lex(&text, source);
        self.errors.extend(lexemes.errors);
        Ok((key, lexemes.tokens))
    }

    fn definition(&self, call: &Call, span: Span) -> Result<String, Box<Diagnostic>> {
        let Some(found) = self.macros.find(&call.name, call.args.len()) else { return self.missing(call, span) };
        let values = bind(found, call, span)?;
        let text = substitute(&found.definition, &values);
        if let Some(validation) = &found.validation {
            self.validate(found, &substitute(validation, &values), span)?;
        }
        if !found.iseval {
            return Ok(text);
        }
        match (self.evaluate)(&text) {
            Ok(Some(result)) => Ok(result),
            Ok(None) => Err(Diagnostic::error(Code::MACRO_VALIDATION, format!("the eval definition of the macro `{}` gives no value", call.name))
                .at(span)
                .help("It must give a string.")
                .into()),
            Err(why) => {
                Err(Diagnostic::error(Code::MACRO_VALIDATION, format!("the eval definition of the macro `{}` fails: {why}", call.name)).at(span).into())
            }
        }
    }

    /// A validation that gives a Boolean must be true; one that gives a string must be null, and the string is the message.
    fn validate(&self, found: &Macro, text: &str, span: Span) -> Result<(), Box<Diagnostic>> {
        let message = found.errormsg.clone();
        let refused = match (self.evaluate)(text) {
            Ok(None) => return Ok(()),
            Ok(Some(v)) if v == "True" => return Ok(()),
            Ok(Some(v)) if v == "False" => {
                message.unwrap_or_else(|| format!("the arguments do not pass `{}`", found.validation.as_deref().unwrap_or_default()))
            }
            Ok(Some(v)) => message.unwrap_or(v),
            Err(why) => match message {
                Some(message) => format!("{message} (its validation fails: {why})"),
                None => format!("its validation fails: {why}"),
            },
        };
        Err(Diagnostic::error(Code::MACRO_VALIDATION, format!("the macro `{}` refuses these arguments: {refused}", found.name)).at(span).into())
    }

    fn missing(&self, call: &Call, span: Span) -> Result<String, Box<Diagnostic>> {
        // The public library calls a filter macro at the end of every search, for the user to define.
        if call.name.ends_with("_filter") && call.args.is_empty() {
            return Ok("search *".into());
        }
        let arities: Vec<usize> = self.macros.by_name(&call.name).iter().map(|m| m.args.len()).collect();
        if !arities.is_empty() {
            let takes = arities.iter().map(usize::to_string).collect::<Vec<_>>().join(" or ");
            return Err(Diagnostic::error(
                Code::MACRO_ARGUMENTS,
                format!("the macro `{}` takes {takes} argument{}, not {}", call.name, if arities == [1] { "" } else { "s" }, call.args.len()),
            )
            .at(span)
            .help(if arities.iter().all(|n| *n < call.args.len()) {
                "Put an argument that holds a comma into double quotes.".to_string()
            } else {
                format!(
                    "Its arguments are {}.",
                    self.macros.by_name(&call.name).iter().map(|m| format!("({})", m.args.join(", "))).collect::<Vec<_>>().join(" or ")
                )
            })
            .into());
        }
        let mut d = Diagnostic::error(Code::UNKNOWN_MACRO, format!("unknown macro `{}`", call.name)).at(span);
        d.help.extend(did_you_mean(&call.name, self.macros.iter().map(|m| m.name.as_str())));
        Err(d.help("Define it in a macros.conf and load that with `--macros FILE` or `--app DIR`.").into())
    }
}

/// Does a call end with a backtick of its own?
fn is_closed(text: &str) -> bool {
    text.len() > 2 && text.ends_with('`') && !text.starts_with("```")
}

/// Bytes of text that a call makes at most, told before it is made.
fn size(found: &Macro, call: &Call) -> usize {
    let longest = call.args.iter().map(|(_, value)| value.len()).max().unwrap_or(0);
    let places = |text: &str| text.matches('$').count() / 2;
    let of = |text: &str| text.len().saturating_add(longest.saturating_mul(places(text)));
    of(&found.definition).saturating_add(found.validation.as_deref().map_or(0, of))
}

/// Arguments by name.
fn bind(found: &Macro, call: &Call, span: Span) -> Result<Vec<(String, String)>, Box<Diagnostic>> {
    let all_named = !call.args.is_empty() && call.args.iter().all(|(name, _)| name.as_ref().is_some_and(|n| found.args.contains(n)));
    if all_named {
        return Ok(call.args.iter().map(|(name, value)| (name.clone().unwrap_or_default(), value.clone())).collect());
    }
    if found.args.len() != call.args.len() {
        return Err(Diagnostic::error(
            Code::MACRO_ARGUMENTS,
            format!("the macro `{}` lists {} arguments in `args`, not {}", call.name, found.args.len(), call.args.len()),
        )
        .at(span)
        .into());
    }
    // A value such as `a=b` that names no argument is plain text.
    let text = |(name, value): &(Option<String>, String)| name.as_ref().map_or(value.clone(), |n| format!("{n}={value}"));
    Ok(found.args.iter().cloned().zip(call.args.iter().map(text)).collect())
}

/// Puts the values in for `$name$`, everywhere, also inside quotes, in one pass.
fn substitute(definition: &str, values: &[(String, String)]) -> String {
    let mut out = String::with_capacity(definition.len());
    let mut rest = definition;
    while let Some(at) = rest.find('$') {
        let (before, after) = rest.split_at(at);
        out.push_str(before);
        let hit = after[1..].find('$').and_then(|end| values.iter().find(|(name, _)| *name == after[1..1 + end]).map(|(_, v)| (end, v)));
        match hit {
            Some((end, value)) => {
                out.push_str(value);
                rest = &after[end + 2..];
            }
            None => {
                out.push('$');
                rest = &after[1..];
            }
        }
    }
    out.push_str(rest);
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn calls_are_taken_apart() {
        let c = call("`m(a, \"b, \\\"c\\\"\", x=1)`");
        assert_eq!(c.name, "m");
        assert_eq!(c.args, [(None, "a".into()), (None, "b, \"c\"".into()), (Some("x".into()), "1".into())]);
        assert_eq!(call("`m`").args, []);
        assert_eq!(call("`m()`").args, []);
        assert_eq!(call("`m(f(a,b))`").args.len(), 1);
    }

    #[test]
    fn arguments_go_in_everywhere_once() {
        let values = [("a".to_string(), "$b$".to_string()), ("b".to_string(), "2".to_string())];
        assert_eq!(substitute("x=$a$ \"$b$\" $c$ $$ $", &values), "x=$b$ \"2\" $c$ $$ $");
    }
}
