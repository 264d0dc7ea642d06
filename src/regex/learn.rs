//! A regular expression learnt from examples of what it is to take out of texts.
//!
//! Candidates are put together of what stands before the examples (a key such as `port=`, a word, a number of columns, separators),
//! of the examples' own shape (runs of digits, letters and signs; the kinds of their characters; all up to what follows), and of
//! what stands behind. They are tried from the ones that say most about the place to those that say least; the first that finds
//! an example in every text that has one, and never a counterexample, is taken.

use super::Regex;
use ::regex::escape;

/// Texts that are asked for counterexamples.
const ASKED: usize = 1000;

/// What is learnt: the value stands between what is before and behind it.
#[derive(Clone, Debug, PartialEq)]
pub struct Learnt {
    before: String,
    value: String,
    behind: String,
}

impl Learnt {
    /// The whole expression with a group of this name.
    pub fn pattern(&self, name: &str) -> String {
        format!("{}(?<{name}>{}){}", self.before, self.value, self.behind)
    }

    fn compile(&self) -> Option<Regex> {
        Regex::new(&format!("{}({}){}", self.before, self.value, self.behind)).ok()
    }
}

/// An example in a text.
struct Place<'a> {
    text: &'a str,
    start: usize,
    end: usize,
}

impl<'a> Place<'a> {
    /// The first example that stands in a text, best one that is no part of a longer word.
    fn of(text: &'a str, examples: &[String]) -> Option<Place<'a>> {
        let word = |c: Option<char>| c.is_some_and(char::is_alphanumeric);
        let all = || {
            examples.iter().filter(|e| !e.is_empty()).flat_map(|e| text.match_indices(e.as_str()).map(|(at, e)| Place { text, start: at, end: at + e.len() }))
        };
        let whole = |p: &Place<'_>| {
            let inside = p.text.get(p.start..p.end).unwrap_or_default();
            let starts = !(word(inside.chars().next()) && word(p.before().chars().next_back()));
            starts && !(word(inside.chars().next_back()) && word(p.behind().chars().next()))
        };
        let first = |a: &Place<'_>| (a.start, usize::MAX - a.end);
        all().filter(whole).min_by_key(first).or_else(|| all().min_by_key(first))
    }

    fn before(&self) -> &'a str {
        self.text.get(..self.start).unwrap_or_default()
    }

    fn value(&self) -> &'a str {
        self.text.get(self.start..self.end).unwrap_or_default()
    }

    fn behind(&self) -> &'a str {
        self.text.get(self.end..).unwrap_or_default()
    }
}

/// Learns from these texts, as many as `most` of those that have an example.
///
/// Gives `None` where no text has one; `Some(None)` where no expression fits.
pub fn learn<E>(texts: &[&str], examples: &[String], against: &[String], most: usize, go_on: impl Fn() -> Result<(), E>) -> Result<Option<Option<Learnt>>, E> {
    let mut places = Vec::new();
    for (n, text) in texts.iter().enumerate() {
        if n % 256 == 0 {
            go_on()?;
        }
        places.extend(Place::of(text, examples));
        if places.len() >= most {
            break;
        }
    }
    if places.is_empty() {
        return Ok(None);
    }
    let asked: Vec<&str> = texts.iter().filter(|t| against.iter().any(|a| !a.is_empty() && t.contains(a.as_str()))).take(ASKED).copied().collect();
    for candidate in candidates(&places) {
        go_on()?;
        let Some(regex) = candidate.compile() else { continue };
        let found = |text: &str| regex.captures_at(text, 0).and_then(|c| c.get(1).map(str::to_string));
        let finds = places.iter().all(|p| found(p.text).is_some_and(|v| examples.contains(&v)));
        if finds && !asked.iter().any(|text| found(text).is_some_and(|v| against.contains(&v))) {
            return Ok(Some(Some(candidate)));
        }
    }
    Ok(Some(None))
}

fn candidates(places: &[Place<'_>]) -> Vec<Learnt> {
    let values = Values::new(places);
    let behind = behind(places);
    let mut all = Vec::new();
    let mut add = |before: &str, values: &[&String], ends: &[String]| {
        for value in values {
            for behind in ends {
                all.push(Learnt { before: before.to_string(), value: (*value).clone(), behind: behind.clone() });
            }
        }
    };
    let shared = shared_suffix(places);
    let key = trailing(r#"[A-Za-z_][\w.\-]*["']?\s*[=:]\s*["'(\[]*$"#, &shared, places);
    let word = trailing(r"[A-Za-z_]\w*\W+$", &shared, places);
    let signs = trailing(r"\W+$", &shared, places);
    // A shape of digits and signs, as dates and addresses have, says more than one with words in it.
    let (first, second) = if values.words { (&values.kinds, &values.plain) } else { (&values.plain, &values.kinds) };
    let every: Vec<&String> = [first, second, &values.until, &values.counted].into_iter().flatten().collect();
    let shapes: Vec<&String> = [&values.plain, &values.counted].into_iter().flatten().collect();
    let edge = if values.starts_word { r"\b" } else { "" };
    if let Some(key) = &key {
        add(key, &every, &behind);
    }
    if values.structured && !values.words {
        add(edge, &shapes, &behind);
    }
    if places.iter().all(|p| p.start == 0) {
        add("^", &every, &behind);
    }
    if let Some(word) = &word {
        add(word, &every, &behind);
    }
    if values.structured && values.words {
        add(edge, &shapes, &behind);
    }
    for column in columns(places) {
        add(&column, &every, &behind);
    }
    if let Some(signs) = &signs {
        add(signs, &every, &behind);
    }
    add("", &every, &behind);
    all
}

/// The forms of the values.
struct Values {
    /// Runs of digits, letters and signs, where all examples have the same.
    plain: Option<String>,
    /// The same with the lengths of the runs.
    counted: Option<String>,
    /// The kinds of characters that occur.
    kinds: Option<String>,
    /// All up to the character that follows every example.
    until: Option<String>,
    /// Has the shape signs in it, so that it says much by itself?
    structured: bool,
    /// Are there letters in it?
    words: bool,
    starts_word: bool,
}

#[derive(Clone, Copy, PartialEq)]
enum Kind {
    Digits,
    Letters,
    Sign,
}

fn runs(text: &str) -> Vec<(Kind, String)> {
    let kind = |c: char| match c {
        c if c.is_ascii_digit() => Kind::Digits,
        c if c.is_alphabetic() => Kind::Letters,
        _ => Kind::Sign,
    };
    let mut all: Vec<(Kind, String)> = Vec::new();
    for c in text.chars() {
        match all.last_mut() {
            Some((k, run)) if *k == kind(c) => run.push(c),
            _ => all.push((kind(c), c.to_string())),
        }
    }
    all
}

impl Values {
    fn new(places: &[Place<'_>]) -> Values {
        let mut distinct: Vec<&str> = places.iter().map(Place::value).collect();
        distinct.sort_unstable();
        distinct.dedup();
        let all: Vec<Vec<(Kind, String)>> = distinct.iter().map(|v| runs(v)).collect();
        let first = all.first().cloned().unwrap_or_default();
        let same = all.iter().all(|r| r.len() == first.len() && r.iter().zip(&first).all(|(a, b)| a.0 == b.0 && (a.0 != Kind::Sign || a.1 == b.1)));
        let structured = same && first.len() > 1 && first.iter().any(|(k, _)| *k == Kind::Sign);
        // One run of letters is told by its kinds of characters.
        let shape = same && !(first.len() == 1 && first.first().is_some_and(|(k, _)| *k == Kind::Letters));
        let run = |n: usize, counted: bool| -> String {
            let Some((kind, text)) = first.get(n) else { return String::new() };
            let lengths = || all.iter().filter_map(|r| r.get(n)).map(|(_, t)| t.chars().count());
            let times = match (counted, lengths().min().unwrap_or(1), lengths().max().unwrap_or(1)) {
                (false, ..) => "+".to_string(),
                (true, a, b) if a == b => format!("{{{a}}}"),
                (true, a, b) => format!("{{{a},{b}}}"),
            };
            match kind {
                Kind::Digits => format!(r"\d{times}"),
                Kind::Letters if all.len() > 1 && all.iter().all(|r| r.get(n).is_some_and(|(_, t)| t == text)) => escape(text),
                Kind::Letters => format!("[A-Za-z]{times}"),
                Kind::Sign => escape(text),
            }
        };
        let whole = |counted: bool| shape.then(|| (0..first.len()).map(|n| run(n, counted)).collect::<String>());
        let mut signs: Vec<char> = distinct.iter().flat_map(|v| v.chars()).filter(|c| !c.is_alphanumeric() && *c != '_').collect();
        signs.sort_unstable();
        signs.dedup();
        let digits = distinct.iter().all(|v| v.chars().all(|c| c.is_ascii_digit()));
        let kinds = match (digits, signs.is_empty()) {
            (true, _) => r"\d+".to_string(),
            (_, true) => r"\w+".to_string(),
            // Within brackets these have a meaning of their own.
            _ => format!(r"[\w{}]+", signs.iter().map(|c| if r"\]^-[&~".contains(*c) { format!(r"\{c}") } else { c.to_string() }).collect::<String>()),
        };
        let next = common(places.iter().map(|p| p.behind().chars().next()));
        let until = match next {
            Some(Some(c)) if !c.is_alphanumeric() && !distinct.iter().any(|v| v.contains(c)) => Some(format!("[^{}]+", in_brackets(c))),
            Some(None) => Some(".+".to_string()),
            _ => None,
        };
        let words = first.iter().any(|(k, _)| *k == Kind::Letters);
        let starts_word = distinct.iter().all(|v| v.starts_with(|c: char| c.is_alphanumeric()));
        Values { plain: whole(false), counted: whole(true), kinds: Some(kinds), until, structured, words, starts_word }
    }
}

fn in_brackets(c: char) -> String {
    match c {
        c if c.is_whitespace() => r"\s".into(),
        c if r"\]^-[&~".contains(c) => format!(r"\{c}"),
        c => c.to_string(),
    }
}

/// What may stand behind a value: the edge of a word, then what follows every example.
fn behind(places: &[Place<'_>]) -> Vec<String> {
    let mut all = Vec::new();
    let ends_word = |p: &Place<'_>| p.value().ends_with(|c: char| c.is_alphanumeric()) && !p.behind().starts_with(|c: char| c.is_alphanumeric() || c == '_');
    all.push(if places.iter().all(ends_word) { r"\b".to_string() } else { String::new() });
    match common(places.iter().map(|p| p.behind().chars().next())) {
        Some(Some(c)) if c.is_whitespace() => all.push(r"\s".into()),
        Some(Some(c)) if !c.is_alphanumeric() => all.push(escape(&c.to_string())),
        Some(None) => all.push("$".into()),
        _ => {}
    }
    all
}

/// What all have, where all have the same.
fn common<T: PartialEq>(mut all: impl Iterator<Item = T>) -> Option<T> {
    let first = all.next()?;
    all.all(|x| x == first).then_some(first)
}

/// The text that stands before every example.
fn shared_suffix(places: &[Place<'_>]) -> String {
    let mut befores = places.iter().map(Place::before);
    let mut shared: Vec<char> = befores.next().unwrap_or_default().chars().rev().take(200).collect();
    for before in befores {
        let same = shared.iter().zip(before.chars().rev()).take_while(|(a, b)| **a == *b).count();
        shared.truncate(same);
    }
    shared.into_iter().rev().collect()
}

/// The end of the shared text that has a form, as an expression: blanks in any number, digits of any value.
fn trailing(form: &str, shared: &str, places: &[Place<'_>]) -> Option<String> {
    let (start, end) = Regex::new(form).ok()?.find_at(shared, 0)?;
    let text = shared.get(start..end)?;
    let mut out = String::new();
    // A word that is cut where the texts begin to differ is not whole.
    let whole = shared.get(..start).is_some_and(|b| b.ends_with(|c: char| !c.is_alphanumeric() && c != '_')) || places.iter().all(|p| p.start == shared.len());
    if whole && text.starts_with(|c: char| c.is_alphanumeric() || c == '_') {
        out.push_str(r"\b");
    }
    for (kind, run) in runs(text) {
        match kind {
            Kind::Digits => out.push_str(r"\d+"),
            Kind::Letters => out.push_str(&escape(&run)),
            Kind::Sign => {
                let mut blank = false;
                for c in run.chars() {
                    match (c.is_whitespace(), blank) {
                        (true, false) => out.push_str(r"\s+"),
                        (true, true) => {}
                        _ => out.push_str(&escape(&c.to_string())),
                    }
                    blank = c.is_whitespace();
                }
            }
        }
    }
    Some(out)
}

/// The column of the examples, for each separator by which all stand in the same one.
fn columns(places: &[Place<'_>]) -> Vec<String> {
    let mut all = Vec::new();
    for sep in ['\t', '|', ',', ';', ' '] {
        let column = |p: &Place<'_>| p.before().ends_with(sep).then(|| p.before().matches(sep).count());
        if let Some(Some(n)) = common(places.iter().map(column)) {
            let (out, sign) = if sep == ' ' { ("[^ ]*".to_string(), " ".to_string()) } else { (format!("[^{}]*", in_brackets(sep)), escape(&sep.to_string())) };
            all.push(format!("^(?:{out}{sign}){{{n}}}"));
        }
    }
    all
}

#[cfg(test)]
mod tests {
    use super::*;

    fn learnt(texts: &[&str], examples: &[&str], against: &[&str]) -> String {
        let owned = |all: &[&str]| all.iter().map(|t| t.to_string()).collect::<Vec<_>>();
        match learn(texts, &owned(examples), &owned(against), 100, || Ok::<(), ()>(())) {
            Ok(None) => "no example".into(),
            Ok(Some(None)) => "nothing".into(),
            Ok(Some(Some(l))) => l.pattern("x"),
            Err(()) => "stopped".into(),
        }
    }

    #[test]
    fn what_stands_around_examples_is_learnt() {
        for (texts, examples, against, want) in [
            (&["a port=3351 b", "a port=22 c", "x=1 port=9"][..], &["3351"][..], &[][..], r"\bport=(?<x>\d+)\b"),
            (&["on 7/01 it", "at 07/02", "or 99/2 so"], &["7/01", "07/02"], &[], r"\b(?<x>\d+/\d+)\b"),
            (&["on 7/01 it", "at 07/02", "or 99/2 so"], &["7/01", "07/02"], &["99/2"], r"\b(?<x>\d{1,2}/\d{2})\b"),
            (&["Failed for ann from 1.2.3.4", "Failed for bob from 1.2.3.5"], &["ann"], &[], r"\bfor\s+(?<x>\w+)\b"),
            (&["1,x1,a", "2,yy,b", "3,z,c"], &["x1", "yy"], &[], r"^(?:[^,]*,){1}(?<x>\w+)\b"),
            (&["src=1.2.3.4 dst=5.6.7.8", "src=1.1.1.1 dst=2.2.2.2"], &["5.6.7.8"], &[], r"\bdst=(?<x>\d+\.\d+\.\d+\.\d+)\b"),
            (&["GET /a/b.html 200", "GET /c 404"], &["/a/b.html"], &[], r"\bGET\s+(?<x>[\w./]+)\b"),
            (&["it was ann@x.org", "so bob@y.org did"], &["ann@x.org", "bob@y.org"], &[], r"\b(?<x>[A-Za-z]+@[A-Za-z]+\.org)\b"),
            (&["ann logged in", "bob logged in"], &["ann", "bob"], &[], r"^(?<x>\w+)\b"),
            (&["x y"], &["z"], &[], "no example"),
            (&["a a", "a"], &["a"], &["a"], "nothing"),
        ] {
            assert_eq!(learnt(texts, examples, against), want, "{examples:?} in {texts:?}");
        }
    }
}
