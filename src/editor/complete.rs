//! What could be typed at the cursor: from what the grammar wants there, the cards, the loaded fields, macros and lookups.

use super::Known;
use super::place::text_of;
use crate::aggregate;
use crate::card::Support;
use crate::command;
use crate::diagnostic::Sources;
use crate::function;
use crate::syntax::option::OptCard;
use crate::syntax::pipeline::{AtEnd, wanted_at_end};
use crate::syntax::wanted::Want;
use crate::syntax::{Kind as TokenKind, Token, lex::lex};
use std::ops::Range;

/// What a candidate is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, serde::Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Kind {
    Command,
    Option,
    Keyword,
    Value,
    Field,
    Aggregate,
    Function,
    Macro,
    Lookup,
}

/// Something that fits at the cursor.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize)]
pub struct Candidate {
    pub kind: Kind,
    /// What to put in.
    pub text: String,
    /// In place of these bytes, which end at the cursor.
    pub range: Range<usize>,
    /// One line; may be empty.
    pub doc: String,
}

/// The candidates at a byte offset, by kind and name, each once.
pub fn complete(text: &str, cursor: usize, known: &Known<'_>) -> Vec<Candidate> {
    let cursor = text.floor_char_boundary(cursor.min(text.len()));
    let (before, after) = text.split_at(cursor);
    let lexemes = lex(before, Default::default());
    let mut all = match lexemes.errors.iter().filter_map(|e| e.span).next_back().and_then(|s| lexemes.tokens.iter().find(|t| t.span.start == s.start)) {
        Some(open) if open.kind == TokenKind::Macro => macro_call(before, *open, after, known),
        Some(open) if open.kind == TokenKind::String => Vec::new(),
        _ => Place::new(before, after, known).candidates(),
    };
    all.sort_by(|a, b| (a.kind, &a.text).cmp(&(b.kind, &b.text)));
    all.dedup_by(|a, b| a.text == b.text && a.range == b.range);
    all
}

/// Within backticks: names of macros, and fields for their arguments.
fn macro_call(before: &str, open: Token, after: &str, known: &Known<'_>) -> Vec<Candidate> {
    let written = text_of(before, open).trim_start_matches('`');
    if written.contains('(') {
        let start = word_start(before, |c| c.is_alphanumeric() || c == '_');
        return fields(before, start, known, |name| Some(name.to_string()));
    }
    let range = before.len() - written.len()..before.len();
    let close = |end: &'static str| if after.starts_with('`') { "" } else { end };
    let of = |m: &std::sync::Arc<crate::knowledge::Macro>| Candidate {
        kind: Kind::Macro,
        text: if m.args.is_empty() { format!("{}{}", m.name, close("`")) } else { format!("{}(", m.name) },
        range: range.clone(),
        doc: m.description.clone().unwrap_or_else(|| one_line(&m.definition)),
    };
    known.knowledge.macros().iter().filter(|m| begins(&m.name, written)).map(of).collect()
}

/// The cursor in plain text, with what stands around it.
struct Place<'a> {
    before: &'a str,
    after: &'a str,
    known: &'a Known<'a>,
    /// Start of the word under the cursor, as eval cuts words.
    short: usize,
    /// Start of the name under the cursor, dots, braces and an opening single quote included.
    long: usize,
    end: AtEnd,
    /// Tokens before the word.
    tokens: Vec<Token>,
}

impl<'a> Place<'a> {
    fn new(before: &'a str, after: &'a str, known: &'a Known<'a>) -> Place<'a> {
        let short = word_start(before, |c| c.is_alphanumeric() || c == '_');
        let long = word_start(before, |c| c.is_alphanumeric() || matches!(c, '_' | '.' | '{' | '}' | ':'));
        let quoted = before.get(..long).is_some_and(|b| b.ends_with('\''));
        let long = if quoted { long - 1 } else { long };
        let cut = |at: usize| {
            let text = before.get(..at).unwrap_or_default();
            let sources = Sources::new(text, None);
            let tokens = lex(text, Default::default()).tokens;
            (wanted_at_end(&tokens, &sources), tokens)
        };
        let (end, tokens) = match cut(long) {
            // `a.b`: the long name is no place of the grammar, its last part may be.
            (end, _) if end.wants.is_empty() && short > long && !quoted => cut(short),
            found => found,
        };
        Place { before, after, known, short, long, end, tokens }
    }

    fn candidates(&self) -> Vec<Candidate> {
        let search = self.wants(Want::SearchTerm);
        // A search value such as `C:\Win` is no place for a name.
        let touches = self.before.get(..self.long).and_then(|b| b.chars().next_back()).is_some_and(|c| !c.is_whitespace() && !"=(,|[<>!".contains(c));
        if search && touches {
            return Vec::new();
        }
        let mut all = Vec::new();
        if let Some(option) = self.option().filter(|_| !search) {
            self.values(option, &mut all);
            return all;
        }
        if self.short > self.long && self.wants(Want::Expression) {
            // A loaded `a.b` is more likely meant than the end of an expression `a . b`.
            all.extend(fields(self.before, self.long, self.known, |name| Some(in_eval(name))));
            if !all.is_empty() {
                return all;
            }
        }
        self.end.wants.iter().for_each(|want| self.candidates_of(*want, search, &mut all));
        if self.end.wants.is_empty() {
            // The stage is wrong further left, or only looked at there: offer what it may have anywhere.
            self.options(&mut all);
            all.extend(fields(self.before, self.long, self.known, |name| Some(bare(name))));
        }
        all
    }

    fn wants(&self, want: Want) -> bool {
        self.end.wants.contains(&want)
    }

    fn candidates_of(&self, want: Want, search: bool, all: &mut Vec<Candidate>) {
        match want {
            Want::Command => self.commands(search, all),
            Want::Keyword(k) => {
                let upper = self.word().starts_with(|c: char| c.is_uppercase());
                self.offer(Kind::Keyword, &if upper { k.to_uppercase() } else { k.to_lowercase() }, "", all);
            }
            Want::Option(name) if !name.is_empty() => {
                let card = self.end.command.and_then(|c| c.options.iter().find(|o| o.name == name));
                self.offer(Kind::Option, &format!("{name}="), card.map_or("", |o| o.summary), all);
            }
            Want::SearchTerm => {
                let equals = if self.after.trim_start().starts_with(['=', '!', '<', '>']) { "" } else { "=" };
                all.extend(fields(self.before, self.long, self.known, |name| Some(format!("{}{equals}", bare(name)))));
                if !self.word().is_empty() {
                    ["AND", "OR", "NOT"].iter().for_each(|k| self.offer(Kind::Keyword, k, "", all));
                }
            }
            Want::Field if !search => all.extend(fields(self.before, self.long, self.known, |name| Some(bare(name)))),
            Want::Expression => {
                all.extend(fields(self.before, self.short, self.known, |name| Some(in_eval(name))));
                self.functions(all);
            }
            Want::Function => self.functions(all),
            Want::Aggregate => {
                for a in aggregate::all().filter(|a| built(a.support)) {
                    let name = if a.numbered { format!("{}95", a.name) } else { a.name.to_string() };
                    self.offer(Kind::Aggregate, &if a.bare { name } else { format!("{name}(") }, a.summary, all);
                }
            }
            Want::Lookup => {
                for def in self.known.knowledge.lookups().defs() {
                    self.offer(Kind::Lookup, &def.name, def.filename.as_deref().unwrap_or_default(), all);
                }
            }
            _ => {}
        }
    }

    /// Commands; where a query begins those that make rows, with the pipe that they need.
    fn commands(&self, search: bool, all: &mut Vec<Candidate>) {
        let starts = search && self.tokens.is_empty();
        for c in command::all().filter(|c| built(c.support)) {
            match starts {
                true if c.kind == command::Kind::Generating && !self.word().is_empty() => {
                    if begins(c.name, self.word()) {
                        let range = self.short..self.before.len();
                        all.push(Candidate { kind: Kind::Command, text: format!("| {}", c.name), range, doc: c.summary.into() });
                    }
                }
                true => {}
                false => self.offer(Kind::Command, c.name, c.summary, all),
            }
        }
    }

    fn functions(&self, all: &mut Vec<Candidate>) {
        function::all().filter(|f| built(f.support)).for_each(|f| self.offer(Kind::Function, &format!("{}(", f.name), f.summary, all));
    }

    fn options(&self, all: &mut Vec<Candidate>) {
        for o in self.end.command.iter().flat_map(|c| c.options).filter(|o| !o.name.is_empty()) {
            self.offer(Kind::Option, &format!("{}=", o.name), o.summary, all);
        }
    }

    /// The option of the command that gets its value here.
    fn option(&self) -> Option<&'static OptCard> {
        let [.., name, equals] = self.tokens.as_slice() else { return None };
        let name = text_of(self.before, *name);
        let command = self.end.command.filter(|c| equals.is('=') && c.name != command::implied_search().name)?;
        command.options.iter().find(|o| o.name.eq_ignore_ascii_case(name) || o.aliases.iter().any(|a| a.eq_ignore_ascii_case(name))).copied()
    }

    /// What an option may be set to: `true` or `false`, or, as for `rex field=`, a field.
    fn values(&self, option: &OptCard, all: &mut Vec<Candidate>) {
        if matches!(option.default, "t" | "f" | "true" | "false") {
            ["true", "false"].iter().for_each(|v| self.offer(Kind::Value, v, option.summary, all));
        } else {
            all.extend(fields(self.before, self.long, self.known, |name| Some(bare(name))));
        }
    }

    /// The word under the cursor, up to the cursor.
    fn word(&self) -> &str {
        self.before.get(self.short..).unwrap_or_default()
    }

    fn offer(&self, kind: Kind, text: &str, doc: &str, all: &mut Vec<Candidate>) {
        let quoted = self.before.get(self.long..).is_some_and(|w| w.starts_with('\''));
        if begins(text, self.word()) && !quoted {
            all.push(Candidate { kind, text: text.to_string(), range: self.short..self.before.len(), doc: doc.to_string() });
        }
    }
}

/// The loaded fields that begin as the text from `start` does, written as the place needs them.
fn fields(before: &str, start: usize, known: &Known<'_>, write: impl Fn(&str) -> Option<String>) -> Vec<Candidate> {
    let typed = before.get(start..).unwrap_or_default();
    let (typed, quoted) = typed.strip_prefix('\'').map_or((typed, false), |t| (t, true));
    let as_field = |name: &str| if quoted { Some(format!("'{name}'")) } else { write(name) };
    known
        .fields
        .iter()
        .filter(|n| begins(n, typed))
        .filter_map(|n| as_field(n))
        .map(|text| Candidate { kind: Kind::Field, text, range: start..before.len(), doc: String::new() })
        .collect()
}

/// A field name outside eval: quoted where it would end early.
fn bare(name: &str) -> String {
    let plain = name.chars().all(|c| c.is_alphanumeric() || matches!(c, '_' | '.' | '{' | '}' | ':' | '-' | '/' | '@' | '#'));
    if plain { name.to_string() } else { format!("\"{}\"", name.replace('\\', "\\\\").replace('"', "\\\"")) }
}

/// A field name in eval: quoted unless it is one word, which does not begin with a digit.
fn in_eval(name: &str) -> String {
    let plain = name.chars().all(|c| c.is_alphanumeric() || c == '_') && !name.starts_with(|c: char| c.is_ascii_digit());
    if plain { name.to_string() } else { format!("'{name}'") }
}

fn built(support: Support) -> bool {
    matches!(support, Support::Full | Support::Partial(_))
}

/// Does a name begin with what was typed, in any case?
fn begins(name: &str, typed: &str) -> bool {
    let mut name = name.chars().flat_map(char::to_lowercase);
    typed.chars().flat_map(char::to_lowercase).all(|c| name.next() == Some(c))
}

fn word_start(text: &str, part: impl Fn(char) -> bool) -> usize {
    text.trim_end_matches(part).len()
}

/// The first line of a text, shortened.
fn one_line(text: &str) -> String {
    let line = text.lines().next().unwrap_or_default();
    let mut out: String = line.chars().take(80).collect();
    if out.len() < text.len() {
        out.push('…');
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::column::Name;
    use crate::knowledge::Knowledge;

    fn texts(text: &str) -> Vec<String> {
        let mut knowledge = Knowledge::builtin();
        let dir = tempfile::tempdir().unwrap();
        let file = dir.path().join("macros.conf");
        std::fs::write(&file, "[sysmon]\ndefinition=x\n[security_content_ctime(1)]\nargs=field\ndefinition=y $field$\n").unwrap();
        knowledge.add_macros(&file).unwrap();
        let mut fields: Vec<Name> = ["process_name", "process_path", "user", "a.b{}.c", "two words", "Image"].map(Name::from).to_vec();
        fields.sort();
        let known = Known { knowledge: &knowledge, fields: &fields };
        let cursor = text.find('¦').unwrap();
        let plain = text.replace('¦', "");
        complete(&plain, cursor, &known).into_iter().map(|c| format!("{}{}{}", &plain[..c.range.start], c.text, &plain[cursor..])).collect()
    }

    #[test]
    fn the_grammar_decides_what_fits() {
        for (text, want) in [
            ("a | hea¦", vec!["a | head"]),
            ("a|hea¦", vec!["a|head"]),
            ("a | head lim¦", vec!["a | head limit="]),
            ("a | head keeplast=¦", vec!["a | head keeplast=true", "a | head keeplast=false"]),
            ("proc¦", vec!["process_name=", "process_path="]),
            ("process_n¦=x", vec!["process_name=x"]),
            ("x=1 proc¦", vec!["x=1 process_name=", "x=1 process_path="]),
            ("make¦", vec!["| makeresults"]),
            ("a | stats count by us¦", vec!["a | stats count by user"]),
            ("a | stats count b¦", vec!["a | stats count by"]),
            ("a | stats exactp¦", vec!["a | stats exactperc95("]),
            ("a | stats dc(us¦", vec!["a | stats dc(user"]),
            ("a | eval x=tostr¦", vec!["a | eval x=tostring("]),
            ("a | eval x=lower(us¦", vec!["a | eval x=lower(user"]),
            ("a | where a.b¦", vec!["a | where 'a.b{}.c'"]),
            ("a | where 'tw¦", vec!["a | where 'two words'"]),
            ("a | table tw¦", vec!["a | table \"two words\""]),
            ("a | table a.b¦", vec!["a | table a.b{}.c"]),
            ("a | table use¦ | head", vec!["a | table user | head"]),
            ("a [ search x | hea¦", vec!["a [ search x | head"]),
            ("a [ inputl¦", vec!["a [ inputlookup"]),
            ("`sys¦", vec!["`sysmon`"]),
            ("`sys¦`", vec!["`sysmon`"]),
            ("a | `security¦", vec!["a | `security_content_ctime("]),
            ("a | `security_content_ctime(us¦", vec!["a | `security_content_ctime(user"]),
            ("a | where x=\"us¦", vec![]),
            ("Image=C:\\us¦", vec![]),
            ("```us¦", vec![]),
            ("é | hea¦", vec!["é | head"]),
        ] {
            let (mut found, mut want) = (texts(text), want);
            found.sort();
            want.sort();
            assert_eq!(found, want, "{text}");
        }
    }

    #[test]
    fn strange_places_are_harmless() {
        for text in ["¦", "|¦", "| ¦", "[¦", "]¦", "a | nosuch ¦", "'¦", "`¦", "\"¦", "((((¦", "a | stats ¦ | x", "🦀¦", "a=¦", "| eval ¦"] {
            texts(text);
        }
        let knowledge = Knowledge::builtin();
        assert!(complete("a | hea", 999, &Known { knowledge: &knowledge, fields: &[] }).iter().any(|c| c.text == "head"));
    }
}
