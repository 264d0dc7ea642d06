//! Stages between pipes. Parsing goes on at the next top-level pipe, so that several errors are reported at once.

use super::token::{Kind, Token};
use super::tokens::{Context, Failure, Parsed, Tokens, end, symbol};
use super::wanted::{self, Want};
use crate::command::{self, Command, Stage};
use crate::diagnostic::{Code, Diagnostic, Sources, Span, did_you_mean};
use serde::Serialize;
use std::sync::Arc;

/// The stages of a query or a subsearch.
#[derive(Clone, Debug, Default)]
pub struct Pipeline {
    pub stages: Vec<Step>,
    pub span: Span,
}

/// One stage with its place.
#[derive(Clone, Debug)]
pub struct Step {
    pub command: &'static Command,
    pub name_span: Span,
    pub span: Span,
    pub stage: Arc<dyn Stage>,
}

impl Serialize for Pipeline {
    fn serialize<S: serde::Serializer>(&self, s: S) -> Result<S::Ok, S::Error> {
        s.collect_seq(self.stages.iter())
    }
}

impl Serialize for Step {
    fn serialize<S: serde::Serializer>(&self, s: S) -> Result<S::Ok, S::Error> {
        use serde::ser::SerializeMap;
        let mut map = s.serialize_map(Some(3))?;
        map.serialize_entry("command", self.command.name)?;
        map.serialize_entry("stage", &self.stage.tree())?;
        map.serialize_entry("span", &self.span)?;
        map.end()
    }
}

impl PartialEq for Pipeline {
    fn eq(&self, other: &Pipeline) -> bool {
        self.stages.len() == other.stages.len()
            && self.stages.iter().zip(&other.stages).all(|(a, b)| a.command.name == b.command.name && a.stage.tree() == b.stage.tree())
    }
}

/// Reads a whole query from its expanded tokens. What could be read is returned together with the number of its stages, those of
/// subsearches among them, and every error.
pub fn parse(tokens: &[Token], sources: &Sources) -> (Pipeline, usize, Vec<Diagnostic>) {
    let context = Context::new(sources);
    let input = Tokens::new(tokens, &context);
    let mut errors = Vec::new();
    let stages = stages(input, false, &mut errors);
    let span = input.span_to(&input.skip(tokens.len()));
    (Pipeline { stages, span }, context.stages.get(), errors)
}

/// What could stand at the end of a text, and in which stage: for completion.
#[derive(Clone, Debug)]
pub struct AtEnd {
    /// The command of the last stage; `None` where its name is still to come.
    pub command: Option<&'static Command>,
    pub wants: Vec<Want>,
}

/// What could stand at the end of this text. The tokens end where the cursor is, macros may stand in them unexpanded. Nothing is
/// wanted where the last stage is already wrong before its end.
pub fn wanted_at_end(tokens: &[Token], sources: &Sources) -> AtEnd {
    let context = Context::new(sources);
    let (inside, sub) = innermost(Tokens::new(tokens, &context));
    let mut parts = split(inside);
    let first = parts.len() <= 1;
    let last = parts.pop().unwrap_or(inside);
    if last.is_empty() && !first {
        return AtEnd { command: None, wants: vec![Want::Command] };
    }
    let Ok((rest, command, _)) = (if last.is_empty() { Ok((last, command::implied_search(), last.span())) } else { head(last, first, sub) }) else {
        return AtEnd { command: None, wants: Vec::new() };
    };
    if last.is_empty() {
        context.wanted.add(tokens.len(), Want::Command);
    }
    if let Ok((rest, _)) = (command.parse)(rest) {
        drop(end(rest));
    }
    let (at, wants) = context.wanted.take();
    AtEnd { command: Some(command), wants: if at >= tokens.len() { wants } else { Vec::new() } }
}

/// The inside of the innermost bracket that is still open, and whether there is one.
fn innermost(i: Tokens<'_>) -> (Tokens<'_>, bool) {
    let mut open = vec![i];
    let mut rest = i;
    while let Some(t) = rest.first() {
        rest = rest.skip(1);
        match t.kind {
            Kind::Symbol('[') => open.push(rest),
            Kind::Symbol(']') if open.len() > 1 => drop(open.pop()),
            _ => {}
        }
    }
    (open.last().copied().unwrap_or(i), open.len() > 1)
}

/// Stages of a query at most, those of its subsearches and the empty ones among them: a plan nests as deep as it has stages.
pub const MAX_STAGES: usize = 500;

/// As much of the nesting limit as one subsearch takes; Splunk allows 8 within each other.
const SUBSEARCH_LEVELS: usize = 12;

/// What stands in brackets, unread: for templates.
pub fn bracketed(i: Tokens<'_>) -> Parsed<'_, Tokens<'_>> {
    let Ok((inside, open)) = symbol('[')(i) else { return i.miss(Want::Subsearch) };
    match closing(inside) {
        Some(n) => Ok((inside.skip(n + 1), inside.only(n))),
        None => i.fail(Diagnostic::error(Code::UNTERMINATED, "this bracket is never closed").at(open).label("opened here").help("Add `]`.")),
    }
}

/// A subsearch in brackets. Its first stage may be a command without a pipe before it.
pub fn subsearch(i: Tokens<'_>) -> Parsed<'_, Pipeline> {
    let Ok((inside, open)) = symbol('[')(i) else { return i.miss(Want::Subsearch) };
    let Some(n) = closing(inside) else {
        return i.fail(Diagnostic::error(Code::UNTERMINATED, "this bracket is never closed").at(open).label("opened here").help("Add `]`."));
    };
    i.deeper(SUBSEARCH_LEVELS, |_| {
        let body = inside.only(n);
        let mut errors = Vec::new();
        let stages = stages(body, true, &mut errors);
        if let Some(first) = errors.into_iter().next() {
            return Err(super::tokens::hard(first));
        }
        let rest = inside.skip(n + 1);
        Ok((rest, Pipeline { stages, span: i.span_to(&rest) }))
    })
}

/// Tokens up to the bracket that closes.
fn closing(i: Tokens<'_>) -> Option<usize> {
    let mut depth = 0usize;
    for n in 0.. {
        match i.peek(n)?.kind {
            Kind::Symbol('[') => depth += 1,
            Kind::Symbol(']') if depth == 0 => return Some(n),
            Kind::Symbol(']') => depth -= 1,
            _ => {}
        }
    }
    None
}

/// The parts between top-level pipes, empty ones included.
fn split(i: Tokens<'_>) -> Vec<Tokens<'_>> {
    let mut parts = Vec::new();
    let (mut depth, mut start, mut n) = (0usize, i, 0usize);
    while let Some(t) = start.peek(n) {
        match t.kind {
            Kind::Symbol('[') => depth += 1,
            Kind::Symbol(']') => depth = depth.saturating_sub(1),
            Kind::Symbol('|') if depth == 0 => {
                parts.push(start.only(n));
                start = start.skip(n + 1);
                n = 0;
                continue;
            }
            _ => {}
        }
        n += 1;
    }
    parts.push(start);
    parts
}

fn stages(i: Tokens<'_>, sub: bool, errors: &mut Vec<Diagnostic>) -> Vec<Step> {
    let parts = split(i);
    let mut all = Vec::new();
    let count = parts.len();
    for (n, part) in parts.into_iter().enumerate() {
        // The pipe that a query begins with has no stage before it.
        i.context.stages.update(|all| all + usize::from(n > 0 || !part.is_empty()));
        if i.context.stages.get() > MAX_STAGES {
            let error = Diagnostic::error(Code::NESTING, format!("the query has more than {MAX_STAGES} stages")).at(part.span());
            errors.push(error.help("Put several steps into one stage: `eval` takes many assignments, `where` many conditions."));
            break;
        }
        if part.is_empty() {
            // A pipe may lead; an empty stage elsewhere is a slip.
            if n > 0 {
                let what = if n + 1 == count { "nothing follows this pipe" } else { "there is no command between these pipes" };
                let at = part.position().checked_sub(1).map_or(part.span(), |_| part.span());
                errors.push(Diagnostic::error(Code::SYNTAX, what).at(at).label("a command belongs here").help("Name a command, or remove the pipe."));
            }
            continue;
        }
        match stage(part, n == 0, sub) {
            Ok((_, step)) => all.push(step),
            Err(e) => errors.push(error(part, n == 0, sub, e)),
        }
    }
    all
}

/// The message of a stage that could not be read.
fn error(part: Tokens<'_>, first: bool, sub: bool, e: nom::Err<Failure>) -> Diagnostic {
    let (at, wants) = part.context.wanted.take();
    if let nom::Err::Failure(Failure(Some(d))) | nom::Err::Error(Failure(Some(d))) = e {
        return *d;
    }
    let place = part.skip(at.saturating_sub(part.position()));
    let found = place.first().map_or("the stage ends".to_string(), |t| format!("found `{}`", part.text(t)));
    let d = Diagnostic::error(Code::SYNTAX, format!("expected {}, but {found}", wanted::list(&wants))).at(place.span());
    match head(part, first, sub) {
        Ok((_, command, _)) => d.help(format!("The form is: {}", command.syntax)),
        Err(_) => d,
    }
}

fn stage<'a>(i: Tokens<'a>, first: bool, sub: bool) -> Parsed<'a, Step> {
    drop(i.context.wanted.take());
    let (rest, command, name_span) = head(i, first, sub)?;
    let read = (command.parse)(rest).and_then(|(rest, stage)| match end(rest) {
        Ok((rest, ())) => Ok((rest, stage)),
        Err(e) => too_much(rest, command, e),
    });
    let (rest, stage) = match read {
        Err(_) if !TAKES_SUBSEARCHES.contains(&command.name) && bracket_in_the_way(i) => filled(i)?,
        read => read?,
    };
    Ok((rest, Step { command, name_span, span: i.span_to(&rest), stage: stage.into() }))
}

/// Commands with a place for subsearches: one elsewhere in them is a mistake.
const TAKES_SUBSEARCHES: &[&str] = &["search", "append", "appendcols", "appendpipe", "join", "union", "multisearch", "set", "map", "foreach"];

/// Did reading a stage end at a subsearch, which its command does not know?
fn bracket_in_the_way(i: Tokens<'_>) -> bool {
    let at = i.skip(i.context.wanted.position().saturating_sub(i.position()));
    let begins = |t: &Token| t.is('|') || (t.kind == Kind::Word && command::find(i.text(*t)).is_some());
    at.at_symbol('[') && at.peek(1).is_some_and(|t| begins(&t))
}

/// A stage whose subsearches run before it is read.
fn filled(i: Tokens<'_>) -> Parsed<'_, Box<dyn Stage>> {
    let (mut pieces, mut subsearches) = (Vec::new(), Vec::new());
    let (mut from, mut at) = (i, i);
    let piece = |from: &Tokens<'_>, to: &Tokens<'_>, first: bool| {
        let blank = |t: Option<Token>| if t.is_some_and(|t| !t.glued) { " " } else { "" };
        format!("{}{}{}", if first { "" } else { blank(from.first()) }, from.spelled_to(to), blank(to.first()))
    };
    while let Some(t) = at.first() {
        if !t.is('[') {
            at = at.skip(1);
            continue;
        }
        pieces.push(piece(&from, &at, subsearches.is_empty()));
        let (rest, inner) = subsearch(at)?;
        subsearches.push(inner);
        (from, at) = (rest, rest);
    }
    pieces.push(piece(&from, &at, false));
    Ok((at, Box::new(command::Filled { pieces, subsearches, span: i.span_to(&at) })))
}

/// Something is left over: a misspelt option gets its own message.
fn too_much<'a, T>(i: Tokens<'a>, command: &Command, e: nom::Err<Failure>) -> Parsed<'a, T> {
    if super::option::at_option(i) && !command.options.is_empty() && !command.options.iter().any(|o| i.at_word(o.name)) {
        return super::option::unknown_option(i, command.name, command.options);
    }
    Err(e)
}

/// Which command the stage is: named, the implied search of a query's first stage, or a macro that was not expanded.
fn head<'a>(i: Tokens<'a>, first: bool, sub: bool) -> Result<(Tokens<'a>, &'static Command, Span), nom::Err<Failure>> {
    let Some(t) = i.first() else { return missing(i) };
    let implied = first
        && (!sub
            || t.kind != Kind::Word
            || i.peek(1).is_some_and(|n| matches!(n.kind, Kind::Symbol('=' | '!' | '<' | '>')))
            || command::find(i.text(t)).is_none());
    let explicit_search =
        i.at_word("search") && !i.peek(1).is_some_and(|n| n.glued && !n.is('[') && !n.is('(') && n.kind != Kind::String && n.kind != Kind::Macro);
    if implied && !explicit_search {
        return Ok((i, command::implied_search(), Span { end: t.span.start, ..t.span }));
    }
    match t.kind {
        Kind::Word => {
            let name = i.text(t);
            match command::find(name) {
                Some(command) => Ok((i.skip(1), command, t.span)),
                None => Err(super::tokens::hard(unknown(name, t.span, i))),
            }
        }
        Kind::Macro => Ok((i, command::unexpanded_macro(), t.span)),
        _ => missing(i),
    }
}

fn missing<T>(i: Tokens<'_>) -> Result<T, nom::Err<Failure>> {
    i.context.wanted.add(i.position(), Want::Command);
    Err(nom::Err::Error(Failure(None)))
}

fn unknown(name: &str, span: Span, i: Tokens<'_>) -> Diagnostic {
    let d = Diagnostic::error(Code::UNKNOWN_COMMAND, format!("unknown command `{name}`")).at(span);
    let comparison = i.peek(1).is_some_and(|t| matches!(t.kind, Kind::Symbol('=' | '!' | '<' | '>')));
    if comparison {
        return d
            .help("A comparison after a pipe needs a command: `| search …` for search terms, `| where …` for an expression.")
            .fix(format!("search {name}"));
    }
    let sql = match name.to_ascii_lowercase().as_str() {
        "select" => Some("SQL's SELECT is `table` or `fields` in SPL, and its functions stand in `stats`."),
        "group" | "groupby" => Some("SQL's GROUP BY is part of `stats`: `stats count by field`."),
        "order" | "orderby" => Some("SQL's ORDER BY is `sort`: `sort - count` for descending."),
        "limit" | "take" => Some("Keep the first rows with `head`: `head 10`."),
        "filter" => Some("Keep rows with `where` or `search`."),
        "count" | "avg" | "sum" | "min" | "max" | "values" | "dc" => Some("Statistics stand in `stats`: `stats count by field`."),
        "extend" | "let" | "set_field" => Some("Make a field with `eval`: `eval name = expression`."),
        "project" => Some("Choose fields with `table` or `fields`."),
        "summarize" | "aggregate" => Some("Aggregate with `stats`: `stats count by field`."),
        _ => None,
    };
    match sql.map(String::from).or_else(|| did_you_mean(name, command::all().map(|c| c.name))) {
        Some(help) => d.help(help),
        None => d.help("`spl help commands` lists the commands."),
    }
}
