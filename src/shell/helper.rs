//! What rustyline asks while a line is typed, answered from [`crate::editor`].

use super::dot;
use super::session::Session;
use crate::column::Name;
use crate::editor::Known;
use crate::editor::complete::{Candidate, Kind, complete};
use crate::editor::highlight::{Class, classes};
use crate::knowledge::Knowledge;
use crate::output::visible;
use rustyline::completion::{Completer, Pair};
use rustyline::highlight::{CmdKind, Highlighter};
use rustyline::hint::{Hinter, HistoryHinter};
use rustyline::validate::Validator;
use rustyline::{Context, Result};
use std::borrow::Cow;
use std::sync::Arc;

/// What is known while a line is typed.
pub struct Helper {
    knowledge: Arc<Knowledge>,
    fields: Vec<Name>,
    /// The lines of the query that were entered already.
    before: String,
    color: bool,
    past: HistoryHinter,
}

impl Helper {
    /// As the session stands.
    pub fn new(session: &Session) -> Helper {
        let mut helper = Helper {
            knowledge: session.engine.knowledge.clone(),
            fields: Vec::new(),
            before: String::new(),
            color: session.options.color,
            past: HistoryHinter::new(),
        };
        helper.refresh(session, "");
        helper
    }

    /// For the next line of a query, after what was entered of it.
    pub fn refresh(&mut self, session: &Session, before: &str) {
        self.before = before.to_string();
        self.knowledge = session.engine.knowledge.clone();
        // A name that a terminal could obey is not offered.
        self.fields = session.fields().iter().filter(|f| matches!(visible(f), Cow::Borrowed(_)) && !f.contains('\n')).cloned().collect();
    }

    fn known(&self) -> Known<'_> {
        Known { knowledge: &self.knowledge, fields: &self.fields }
    }

    fn candidates(&self, line: &str, pos: usize) -> Vec<Candidate> {
        if self.before.is_empty() && line.starts_with('.') {
            return dot::complete(line, pos);
        }
        let shift = self.before.len();
        let mut all = complete(&format!("{}{line}", self.before), shift + pos, &self.known());
        all.retain(|c| c.range.start >= shift);
        all.iter_mut().for_each(|c| c.range = c.range.start - shift..c.range.end - shift);
        all
    }
}

impl Completer for Helper {
    type Candidate = Pair;

    fn complete(&self, line: &str, pos: usize, _: &Context<'_>) -> Result<(usize, Vec<Pair>)> {
        let all = self.candidates(line, pos);
        let start = all.iter().map(|c| c.range.start).min().unwrap_or(pos);
        let pair = |c: Candidate| {
            let between = line.get(start..c.range.start).unwrap_or_default();
            let space = if matches!(c.kind, Kind::Command | Kind::Keyword) && pos == line.len() { " " } else { "" };
            Pair { replacement: format!("{between}{}{space}", c.text), display: c.text }
        };
        Ok((start, all.into_iter().map(pair).collect()))
    }
}

impl Hinter for Helper {
    type Hint = String;

    /// The rest of the only candidate, or of an earlier entry that began alike.
    fn hint(&self, line: &str, pos: usize, ctx: &Context<'_>) -> Option<String> {
        if pos < line.len() || line.trim().is_empty() {
            return None;
        }
        if let [one] = self.candidates(line, pos).as_slice() {
            let typed = line.get(one.range.clone()).unwrap_or_default();
            let rest = one.text.strip_prefix(typed).filter(|r| !r.is_empty() && typed.len() > 1);
            if let Some(rest) = rest {
                return Some(rest.to_string());
            }
        }
        let past = if self.before.is_empty() { self.past.hint(line, pos, ctx) } else { None };
        past.map(|p| p.lines().next().unwrap_or_default().to_string()).filter(|p| !p.is_empty())
    }
}

impl Highlighter for Helper {
    fn highlight<'l>(&self, line: &'l str, _: usize) -> Cow<'l, str> {
        if !self.color || self.before.is_empty() && line.starts_with('.') {
            return Cow::Borrowed(line);
        }
        let shift = self.before.len();
        let mut out = String::with_capacity(line.len() * 2);
        let mut at = 0;
        for (range, class) in classes(&format!("{}{line}", self.before), &self.known()) {
            let (start, end) = (range.start.saturating_sub(shift).max(at), range.end.saturating_sub(shift));
            let (Some(plain), Some(part)) = (line.get(at..start), line.get(start..end).filter(|p| !p.is_empty())) else { continue };
            // A class that spans lines is coloured line by line, since the terminal's editor measures them so.
            out.push_str(&format!("{plain}\u{1b}[{}m{part}\u{1b}[0m", color(class)));
            at = end;
        }
        out.push_str(line.get(at..).unwrap_or_default());
        Cow::Owned(out)
    }

    fn highlight_hint<'h>(&self, hint: &'h str) -> Cow<'h, str> {
        if self.color { Cow::Owned(format!("\u{1b}[2m{hint}\u{1b}[0m")) } else { Cow::Borrowed(hint) }
    }

    fn highlight_char(&self, _: &str, _: usize, kind: CmdKind) -> bool {
        self.color && kind != CmdKind::MoveCursor
    }
}

/// A class as the parameters of a colour sequence.
fn color(class: Class) -> &'static str {
    match class {
        Class::Command => "1;34",
        Class::Function => "36",
        Class::Option => "35",
        Class::Field => "0",
        Class::String => "32",
        Class::Number => "33",
        Class::Operator => "1",
        Class::Macro => "95",
        Class::Comment => "2",
        Class::Error => "31",
    }
}

impl Validator for Helper {}
impl rustyline::Helper for Helper {}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::Catalog;
    use crate::{Engine, Settings};

    #[test]
    fn later_lines_know_the_earlier_ones_and_names_cannot_reach_the_terminal() {
        let row = serde_json::json!({"user": "a", "usr\u{1b}[2J": "b"});
        let rows = crate::input::rows(&[row.as_object().unwrap().clone()]);
        let session = Session::silent(Engine::new(Catalog::of_rows(rows), Knowledge::builtin(), Settings::default()));
        let mut helper = Helper::new(&session);
        helper.refresh(&session, "index=main\n| stats count by\n");
        let texts: Vec<_> = helper.candidates("us", 2).into_iter().map(|c| (c.range, c.text)).collect();
        assert_eq!(texts, [(0..2, "user".to_string())]);
        helper.color = true;
        assert_eq!(helper.highlight("us \"x\"", 0), "us \u{1b}[32m\"x\"\u{1b}[0m");
        helper.refresh(&session, "");
        assert_eq!(helper.candidates(".exp", 4).len(), 2);
    }
}
