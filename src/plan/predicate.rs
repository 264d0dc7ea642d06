//! Compiled search expressions: what `search` asks of an event, with values read as text, wildcard, number or network.

use super::{Expr, Node, Planner, TimeRange};
use crate::column::{Hits, Memo, Name, number};
use crate::diagnostic::{Code, Diagnostic, Span};
use crate::syntax::ast::{Compare, Search, SearchField, SearchValue};
use crate::wildcard::Pattern;
use ipnet::IpNet;
use std::fmt;
use std::hash::{Hash, Hasher};
use std::sync::Arc;

/// A condition on a row; unlike an expression it is true or false, never unknown.
#[derive(Clone)]
pub enum Predicate {
    /// All of them; empty is true.
    And(Vec<Predicate>),
    /// Any of them; empty is false.
    Or(Vec<Predicate>),
    Not(Box<Predicate>),
    /// A field's value passes a test.
    Field {
        name: Name,
        test: Test,
        /// What the test said of the dictionaries of tables.
        hits: Memo<Arc<Hits>>,
    },
    /// Words anywhere in the event.
    Text(Phrase),
    /// Within a range of time.
    Time(TimeRange),
    /// An eval expression is true.
    Expr(Expr),
    /// The result of a subsearch, worked out before the query runs.
    Subsearch(Box<Node>),
    /// `field <op> [subsearch]`: the subsearch's first value.
    CompareSubsearch {
        name: Name,
        op: Compare,
        subsearch: Box<Node>,
    },
}

/// A test of one field. A multivalue passes when any of its values does.
#[derive(Clone)]
pub enum Test {
    /// There is a value.
    Exists,
    /// Nothing passes: `field!=*`.
    Never,
    /// Equal to a text, any case. Texts that are the same number differ, as Splunk has it ("1" is not "1.0"); a number that was
    /// worked out has no text of its own and is compared as one.
    Equal { text: Pattern, number: Option<f64> },
    /// An address within a network.
    Within(IpNet),
    /// A regular expression matches somewhere in it.
    Matches(std::sync::Arc<crate::regex::Regex>),
    /// Ordered: as numbers where both are, else as text.
    Order { op: Compare, text: String, number: Option<f64> },
    /// One of these.
    Any(Vec<Test>),
    /// There is a value, and it does not pass.
    Differs(Box<Test>),
}

impl Predicate {
    /// A test of a field's value.
    pub fn field(name: impl Into<Name>, test: Test) -> Predicate {
        Predicate::Field { name: name.into(), test, hits: Memo::default() }
    }
}

impl Test {
    /// Is it one value that is asked for?
    pub fn is_value(&self) -> bool {
        matches!(self, Test::Equal { text, .. } if text.is_literal())
    }
}

impl Hash for Test {
    fn hash<H: Hasher>(&self, state: &mut H) {
        std::mem::discriminant(self).hash(state);
        match self {
            Test::Equal { text, .. } => text.literals().for_each(|l| l.hash(state)),
            Test::Within(net) => net.hash(state),
            Test::Matches(regex) => regex.as_str().hash(state),
            Test::Order { text, .. } => text.hash(state),
            Test::Any(tests) => tests.iter().for_each(|t| t.hash(state)),
            Test::Differs(inner) => inner.hash(state),
            Test::Exists | Test::Never => {}
        }
    }
}

impl PartialEq for Test {
    fn eq(&self, other: &Test) -> bool {
        match (self, other) {
            (Test::Exists, Test::Exists) | (Test::Never, Test::Never) => true,
            (Test::Equal { text: a, number: n }, Test::Equal { text: b, number: m }) => a == b && n == m,
            (Test::Within(a), Test::Within(b)) => a == b,
            (Test::Matches(a), Test::Matches(b)) => a.as_str() == b.as_str(),
            (Test::Order { op: a, text: t, .. }, Test::Order { op: b, text: u, .. }) => a == b && t == u,
            (Test::Any(a), Test::Any(b)) => a == b,
            (Test::Differs(a), Test::Differs(b)) => a == b,
            _ => false,
        }
    }
}

/// A free-text term or phrase.
#[derive(Clone, Debug)]
pub struct Phrase {
    /// The text; `*` stands for any run.
    pub text: String,
    bound: Bound,
    regex: regex::Regex,
}

/// What may touch a term.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Bound {
    /// Anything but letters and digits.
    Minor,
    /// Only major breakers: blanks, brackets, quotes, commas… (`TERM`).
    Major,
}

impl Phrase {
    /// A phrase; `None` for one that is too large to search for.
    pub fn new(text: &str, case_sensitive: bool, bound: Bound) -> Option<Phrase> {
        let parts: Vec<String> = text.trim_matches('*').split('*').map(regex::escape).collect();
        let regex = regex::RegexBuilder::new(&parts.join(".*?")).case_insensitive(!case_sensitive).dot_matches_new_line(true).build().ok()?;
        Some(Phrase { text: text.to_string(), bound, regex })
    }

    /// Does it stand in an event? It begins and ends at a breaker, but where it begins or ends with `*`.
    pub fn found_in(&self, event: &str) -> bool {
        let (open, close) = (self.text.starts_with('*'), self.text.ends_with('*'));
        if open && close {
            return self.regex.is_match(event);
        }
        let inner = |c: Option<char>| c.is_some_and(|c| self.bound.joins(c));
        let mut from = 0;
        while let Some(m) = self.regex.find_at(event, from) {
            let before = event[..m.start()].chars().next_back();
            let after = event[m.end()..].chars().next();
            // A phrase that itself begins with a breaker is bounded there already.
            let starts = open || m.as_str().chars().next().is_none_or(|c| !self.bound.joins(c)) || !inner(before);
            let ends = close || m.as_str().chars().next_back().is_none_or(|c| !self.bound.joins(c)) || !inner(after);
            if starts && ends {
                return true;
            }
            let step = event[m.start()..].chars().next().map_or(1, char::len_utf8);
            from = m.start() + step;
            if from > event.len() {
                break;
            }
        }
        false
    }
}

impl Bound {
    /// Is this character part of a term, so that a term may not end beside it?
    fn joins(self, c: char) -> bool {
        match self {
            Bound::Minor => c.is_alphanumeric(),
            Bound::Major => !c.is_whitespace() && !"[]<>(){}|!;,'\"*&?+".contains(c),
        }
    }
}

impl Predicate {
    /// True of every row?
    pub fn is_all(&self) -> bool {
        matches!(self, Predicate::And(all) if all.iter().all(Predicate::is_all))
    }

    /// The fields that it reads.
    pub fn fields(&self, into: &mut Vec<Name>) {
        match self {
            Predicate::And(all) | Predicate::Or(all) => all.iter().for_each(|p| p.fields(into)),
            Predicate::Not(p) => p.fields(into),
            Predicate::Field { name, .. } | Predicate::CompareSubsearch { name, .. } => into.push(name.clone()),
            Predicate::Text(_) => into.push("_raw".into()),
            Predicate::Time(_) => into.push("_time".into()),
            Predicate::Expr(e) => e.fields(into),
            Predicate::Subsearch(_) => {}
        }
    }

    /// The texts that it searches for, in lower case; what is to be missing is none of them.
    pub fn terms(&self, into: &mut Vec<String>) {
        let mut add = |text: &str| {
            for part in text.split('*').map(str::trim).filter(|part| !part.is_empty()) {
                let part = part.to_lowercase();
                if !into.contains(&part) {
                    into.push(part);
                }
            }
        };
        match self {
            Predicate::And(all) | Predicate::Or(all) => all.iter().for_each(|p| p.terms(into)),
            Predicate::Text(phrase) => add(&phrase.text),
            Predicate::Field { test, .. } => test.texts().iter().for_each(|t| add(t)),
            _ => {}
        }
    }

    /// How many tests of fields it is made of, each of a list counted.
    pub fn tests(&self) -> usize {
        match self {
            Predicate::And(all) | Predicate::Or(all) => all.iter().map(Predicate::tests).sum(),
            Predicate::Not(p) => p.tests(),
            Predicate::Field { test: Test::Any(tests), .. } => tests.len(),
            Predicate::Field { .. } | Predicate::Text(_) => 1,
            _ => 0,
        }
    }

    /// Does it, or a part of it, wait for a subsearch? What that will ask for is not known before it ran.
    pub fn has_subsearch(&self) -> bool {
        match self {
            Predicate::And(all) | Predicate::Or(all) => all.iter().any(Predicate::has_subsearch),
            Predicate::Not(p) => p.has_subsearch(),
            Predicate::Subsearch(_) | Predicate::CompareSubsearch { .. } => true,
            _ => false,
        }
    }
}

impl Test {
    /// The texts that a value may be equal to.
    fn texts(&self) -> Vec<String> {
        match self {
            Test::Equal { text, .. } => text.literals().map(str::to_string).collect(),
            Test::Any(tests) => tests.iter().flat_map(Test::texts).collect(),
            _ => Vec::new(),
        }
    }

    /// `field <op> text`, as search reads it.
    pub fn compare(op: Compare, text: &str) -> Test {
        match op {
            Compare::Eq => Test::equal(text),
            Compare::Ne if text == "*" => Test::Never,
            Compare::Ne => Test::Differs(Box::new(Test::equal(text))),
            _ => Test::Order { op, text: text.to_string(), number: number::parse(text) },
        }
    }

    /// `field <op> value` as it is written: in `CASE(value)` the case of letters counts.
    fn written(op: Compare, value: &SearchValue) -> Test {
        let exact = || Test::Equal { text: Pattern::case_sensitive(&value.text), number: None };
        match op {
            Compare::Eq if value.case => exact(),
            Compare::Ne if value.case => Test::Differs(Box::new(exact())),
            _ => Test::compare(op, &value.text),
        }
    }

    /// `field=text`: any value, a network, a wildcard or a value.
    pub fn equal(text: &str) -> Test {
        if text == "*" {
            return Test::Exists;
        }
        match text.contains('/').then(|| text.parse::<IpNet>().ok()).flatten() {
            Some(net) => Test::Within(net),
            None => Test::Equal { text: Pattern::new(text), number: number::parse(text) },
        }
    }
}

/// As one would write it, for `spl explain`.
impl fmt::Debug for Predicate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let list = |f: &mut fmt::Formatter<'_>, all: &[Predicate], word: &str| {
            f.write_str("(")?;
            for (i, p) in all.iter().enumerate() {
                write!(f, "{}{p:?}", if i > 0 { word } else { "" })?;
            }
            f.write_str(")")
        };
        match self {
            Predicate::And(all) => list(f, all, " AND "),
            Predicate::Or(all) => list(f, all, " OR "),
            Predicate::Not(p) => write!(f, "NOT {p:?}"),
            Predicate::Field { name, test, .. } => write!(f, "{name}{test:?}"),
            Predicate::Text(phrase) => write!(f, "{:?}", phrase.text),
            Predicate::Time(range) => write!(f, "earliest={:?} latest={:?}", range.earliest, range.latest),
            Predicate::Expr(e) => write!(f, "{e:?}"),
            Predicate::Subsearch(_) => f.write_str("[subsearch]"),
            Predicate::CompareSubsearch { name, op, .. } => write!(f, "{name}{}[subsearch]", op.symbol()),
        }
    }
}

impl fmt::Debug for Test {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Test::Exists => f.write_str("=*"),
            Test::Never => f.write_str("!=*"),
            Test::Equal { text, .. } => write!(f, "={text:?}"),
            Test::Within(net) => write!(f, " within {net}"),
            Test::Matches(regex) => write!(f, " matches {:?}", regex.as_str()),
            Test::Order { op, text, .. } => write!(f, "{}{text:?}", op.symbol()),
            Test::Any(tests) => write!(f, " any of {tests:?}"),
            Test::Differs(inner) => write!(f, " exists and not{inner:?}"),
        }
    }
}

impl Planner<'_> {
    /// Compiles a search expression.
    pub fn predicate(&mut self, s: &Search) -> Result<Predicate, Diagnostic> {
        Ok(match s {
            Search::And(all) => self.conjunction(all)?,
            Search::Or(all) => Predicate::Or(all.iter().map(|p| self.predicate(p)).collect::<Result<_, _>>()?),
            Search::Not(inner) => Predicate::Not(Box::new(self.predicate(inner)?)),
            Search::Compare { field, op, value } => self.comparison(field, *op, value)?,
            Search::In { field, values } => Predicate::field(field.name.as_str(), Test::Any(values.iter().map(|v| Test::written(Compare::Eq, v)).collect())),
            Search::Term(v) => match self.indexed(v) {
                Some(field) => field,
                None => term(v)?,
            },
            Search::Directive { name, text, .. } => {
                let bound = if name == "TERM" { Bound::Major } else { Bound::Minor };
                phrase(text, name == "CASE", bound, s.span().unwrap_or(self.span))?
            }
            Search::Subsearch(p) => Predicate::Subsearch(Box::new(self.subsearch(p)?)),
            Search::CompareSubsearch { field, op, subsearch } => {
                Predicate::CompareSubsearch { name: field.name.as_str().into(), op: *op, subsearch: Box::new(self.subsearch(subsearch)?) }
            }
            Search::Macro { text, span } => return Err(Diagnostic::error(Code::UNKNOWN_MACRO, format!("the macro {text} was not expanded")).at(*span)),
        })
    }

    fn comparison(&mut self, field: &SearchField, op: Compare, value: &SearchValue) -> Result<Predicate, Diagnostic> {
        if let (Compare::Eq, Some(range)) = (op, self.time_modifier(field, value)?) {
            return Ok(Predicate::Time(range));
        }
        let differs = |p: Predicate| if op == Compare::Ne { Predicate::Not(Box::new(p)) } else { p };
        match field.name.as_str() {
            "savedsearch" | "savedsplunk" if matches!(op, Compare::Eq | Compare::Ne) => return Ok(differs(self.found_by(&value.text, value.span)?)),
            // There is one server here.
            "splunk_server" if op == Compare::Eq && matches!(value.text.as_str(), "local" | "*") => return Ok(Predicate::And(Vec::new())),
            "eventtype" if matches!(op, Compare::Eq | Compare::Ne) => {
                if let Some(p) = self.eventtype(&value.text, value.span)? {
                    return Ok(differs(p));
                }
            }
            "tag" if matches!(op, Compare::Eq | Compare::Ne) => {
                if let Some(p) = self.tag(None, &value.text) {
                    return Ok(differs(p));
                }
            }
            name if matches!(op, Compare::Eq | Compare::Ne) => {
                let tagged = match name {
                    "hosttag" => Some("host"),
                    "eventtypetag" => Some("eventtype"),
                    name => name.strip_prefix("tag::"),
                };
                if let Some(p) = tagged.and_then(|field| self.tag(Some(field), &value.text)) {
                    return Ok(differs(p));
                }
            }
            _ => {}
        }
        Ok(Predicate::field(field.name.as_str(), Test::written(op, value)))
    }

    /// `savedsearch=name`: what the search that is saved under the name finds, before its first pipe.
    fn found_by(&mut self, name: &str, span: Span) -> Result<Predicate, Diagnostic> {
        let search = self.saved(name, span)?.search.clone();
        let mut quoted = false;
        let end = search.find(|c| {
            quoted ^= c == '"';
            c == '|' && !quoted
        });
        let found = search.get(..end.unwrap_or(search.len())).unwrap_or_default().trim();
        if found.is_empty() && end.is_some() {
            return Err(Diagnostic::error(Code::ARGUMENTS, format!("the saved search `{name}` finds no events, it makes rows")).at(span));
        }
        self.search_text(found.strip_prefix("search ").unwrap_or(found), span)
    }

    /// `host::web1`: a field that the index has, with its value. What else has colons in it may also stand in the event's text.
    fn indexed(&self, v: &SearchValue) -> Option<Predicate> {
        let (name, value) = v.text.split_once("::").filter(|_| !v.quoted)?;
        let plain = |c: char| c.is_alphanumeric() || c == '_' || c == '.';
        if value.is_empty() || !name.starts_with(char::is_alphabetic) || !name.chars().all(plain) {
            return None;
        }
        let field = Predicate::field(name, Test::equal(value));
        match name {
            "host" | "source" | "sourcetype" | "index" => Some(field),
            _ => Some(Predicate::Or(vec![field, term(v).ok()?])),
        }
    }
}

fn term(v: &SearchValue) -> Result<Predicate, Diagnostic> {
    if !v.text.is_empty() && v.text.chars().all(|c| c == '*') {
        return Ok(Predicate::And(Vec::new()));
    }
    phrase(&v.text, false, Bound::Minor, v.span)
}

fn phrase(text: &str, case_sensitive: bool, bound: Bound, span: Span) -> Result<Predicate, Diagnostic> {
    let too_large = || Diagnostic::error(Code::SYNTAX, "this phrase is too long to search for").at(span).help("Search for a part of it.");
    Phrase::new(text, case_sensitive, bound).map(Predicate::Text).ok_or_else(too_large)
}
