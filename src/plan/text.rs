//! SPL given as text: saved searches, and commands that are short for others.

use super::{Limits, Node, Planner};
use crate::diagnostic::{Code, Diagnostic, Sources, Span};
use crate::knowledge::SavedSearch;
use crate::syntax::{self, expand::expand, lex::lex};
use crate::time::modifier::relative_time;

impl<'a> Planner<'a> {
    /// The plan of a pipeline over an input. Errors point to the stage that is being planned, and say what the text is.
    pub fn text(&mut self, text: &str, what: &str, input: Node) -> Result<Node, Diagnostic> {
        let span = self.span;
        let wrong = |d: Diagnostic| Diagnostic { span: None, message: format!("{what}: {}", d.message), others: Vec::new(), ..d }.at(span);
        if self.depth >= self.limits.depth {
            return Err(Diagnostic::error(Code::NESTING, format!("searches nest deeper than {} levels", self.limits.depth)).at(span));
        }
        let mut sources = Sources::new(text, None);
        let lexemes = lex(text, Default::default());
        let (knowledge, env) = (self.knowledge, self.env.clone());
        let evaluate = |text: &str| super::planner::constant(text, knowledge, &env);
        let (tokens, errors) = expand(lexemes.tokens, &mut sources, knowledge.macros(), &evaluate);
        let (pipeline, _, syntax_errors) = syntax::parse(&tokens, &sources);
        if let Some(d) = lexemes.errors.into_iter().chain(errors).chain(syntax_errors).next() {
            return Err(wrong(d));
        }
        let mut inner = Planner::new(knowledge, &sources, env.clone(), Limits::clone(&self.limits), self.range);
        (inner.in_order, inner.states, inner.depth) = (self.in_order, self.states, self.depth + 1);
        inner.writes.clone_from(&self.writes);
        let planned = inner.pipeline(&pipeline, input).map_err(wrong);
        let warnings = std::mem::take(&mut inner.warnings);
        self.warnings.extend(warnings.into_iter().map(wrong));
        planned
    }

    /// A saved search by the name that stands here.
    pub fn saved(&self, name: &str, span: Span) -> Result<&'a SavedSearch, Diagnostic> {
        let saved = self.knowledge.saved();
        saved.get(name).ok_or_else(|| {
            let mut d = Diagnostic::error(Code::SAVED_SEARCH, format!("there is no saved search `{name}`")).at(span);
            d.help.extend(crate::diagnostic::did_you_mean(name, saved.keys().map(String::as_str)));
            if d.help.is_empty() { d.help("Saved searches come from the savedsearches.conf of an app: `--app DIR`.") } else { d }
        })
    }

    /// The plan of a saved search, with `$name$` in it replaced, and within its own range of time.
    pub fn saved_search(&mut self, name: &str, replace: &[(String, String)]) -> Result<Node, Diagnostic> {
        let saved = self.saved(name, self.span)?;
        let text = replace.iter().fold(saved.search.clone(), |text, (name, value)| text.replace(&format!("${name}$"), value));
        let moment = |text: &Option<String>| {
            let read = |t: &String| relative_time(self.env.now, t, &self.env.zone).map_err(|e| saved.place.error(format!("{name}: {e}")));
            // Real-time ranges and `0` are all of time.
            text.as_ref().filter(|t| *t != "0" && !t.starts_with("rt")).map(read).transpose()
        };
        let range = super::TimeRange { earliest: moment(&saved.earliest)?, latest: moment(&saved.latest)? };
        let before = self.range;
        self.range = before.overridden_by(range);
        let planned = self.text(&text, &format!("the saved search `{name}`"), Node::Start).map(|node| self.started(node));
        self.range = before;
        planned
    }
}

/// A text as SPL writes it in double quotes.
pub fn quoted(text: &str) -> String {
    format!("\"{}\"", text.replace('\\', "\\\\").replace('"', "\\\""))
}
