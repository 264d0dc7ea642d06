//! scrub: results without what tells whom they are about.

use super::{Command, Kind, Stage, stage};
use crate::card::{Example, Support};
use crate::diagnostic::{Code, Diagnostic, Span};
use crate::plan::scrub::{Scrub, words};
use crate::plan::{Change, Each, Extension, FieldPattern, Node, Planner};
use crate::regex::Regex;
use crate::syntax::option::{Opt, raw_value};
use crate::syntax::tokens::commas;
use crate::syntax::wanted::Want;
use crate::syntax::{Parsed, Tokens};
use serde::Serialize;
use std::sync::Arc;

static PUBLIC: Opt<String> = Opt::new("public-terms", "public-terms.txt", "A file of words that stay, one a line.");
static PRIVATE: Opt<String> = Opt::new("private-terms", "private-terms.txt", "A file of words that are always replaced.");
static NAMES: Opt<String> = Opt::new("name-terms", "names.txt", "A file of names, which are replaced by each other.");
static DICTIONARY: Opt<String> = Opt::new("dictionary", "dictionary.txt", "A file of words that stay, but for the private ones.");
static TIMECONFIG: Opt<String> = Opt::new(
    "timeconfig",
    "anonymizer-time.ini",
    "A file of regular expressions, one a line: the digits of what they match are replaced. Without one common forms of times stay.",
);
static NAMESPACE: Opt<String> = Opt::new("namespace", "", "The app whose `anonymizer` folder has the files; by default those of all apps are looked through.");

pub const COMMAND: Command = Command {
    name: "scrub",
    aliases: &[],
    kind: Kind::Streaming,
    summary: "Replaces names, words, addresses and long numbers in `_raw` and the fields by made-up ones of the same length and shape, the same one each time; what names a value, short words and common words of logs stay.",
    syntax: "scrub [public-terms=<file>] [private-terms=<file>] [name-terms=<file>] [dictionary=<file>] [timeconfig=<file>] [namespace=<app>]",
    options: &[&PUBLIC.card, &PRIVATE.card, &NAMES.card, &DICTIONARY.card, &TIMECONFIG.card, &NAMESPACE.card],
    examples: &[Example {
        spl: "| makeresults | eval _raw=\"user=carol@adalberto.com failed from 10.1.22.133\" | scrub",
        shows: "another name, host and address; `user`, `com`, `failed` and `from` stay",
    }],
    support: Support::Partial("the form of Splunk's time configuration files is not published: a regular expression a line stands for it"),
    parse,
    file: file!(),
};

/// Fields that say nothing of whom they are about. Those whose names begin with `_` stay too, but for `_raw`.
const LEFT: [&str; 7] = ["date_*", "eventtype", "linecount", "punct", "sourcetype", "timeendpos", "timestartpos"];

const FILES: [&Opt<String>; 6] = [&PUBLIC, &PRIVATE, &NAMES, &DICTIONARY, &TIMECONFIG, &NAMESPACE];

#[derive(Debug, Default, Serialize)]
struct Tree {
    /// What each option says, in the order of [`FILES`].
    files: [Option<Written>; 6],
}

#[derive(Clone, Debug, Serialize)]
struct Written {
    name: String,
    #[serde(skip)]
    span: Span,
}

fn parse(mut i: Tokens<'_>) -> Parsed<'_, Box<dyn Stage>> {
    let mut tree = Tree::default();
    while !i.is_empty() {
        // The names of options have `-` in them, which parts tokens.
        let end = (0..).find(|n| i.peek(*n).is_none_or(|t| t.is('=') || *n > 0 && !t.glued)).unwrap_or_default();
        if end == 0 || !i.peek(end).is_some_and(|t| t.is('=')) {
            return i.miss(Want::End);
        }
        let (name, at) = (i.text_to(&i.skip(end)), i.skip(end + 1));
        let Some(n) = FILES.iter().position(|o| o.card.name.eq_ignore_ascii_case(&name)) else {
            let mut d = Diagnostic::error(Code::UNKNOWN_OPTION, format!("`scrub` has no option `{name}`")).at(i.span_to(&at));
            d.help.extend(crate::diagnostic::did_you_mean(&name, FILES.iter().map(|o| o.card.name)));
            return i.fail(d);
        };
        let (rest, value) = raw_value(at)?;
        if n < 5 && (value.text.contains(['/', '\\']) || value.text.starts_with("..")) {
            let d = Diagnostic::error(Code::OPTION_VALUE, "the file is named without its folder").at(value.span);
            return i.fail(d.help("Files lie in the `anonymizer` folder of an app; `namespace` names the app."));
        }
        if let Some(place) = tree.files.get_mut(n) {
            *place = Some(Written { name: value.text, span: value.span });
        }
        i = commas(rest)?.0;
    }
    stage(i, tree)
}

/// The lists that come with the program.
const BUILTIN: [&str; 6] = ["", "", include_str!("../knowledge/defaults/names.txt"), include_str!("../knowledge/defaults/dictionary.txt"), "", ""];

/// Forms of times in logs.
const TIMES: [&str; 5] = [
    r"\b\d{4}[-/]\d\d[-/]\d\d(?:[T ]\d\d:\d\d(?::\d\d(?:[.,]\d+)?)?(?:Z|[+-]\d\d:?\d\d)?)?",
    r"\b\d\d?[-/](?:\d\d?|[A-Z][a-z][a-z])[-/]\d{4}(?:[: ]\d\d:\d\d(?::\d\d(?:[.,]\d+)?)?(?: [+-]\d{4})?)?",
    r"\b(?:Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec) +\d\d?(?: \d{4})?(?:,? \d\d:\d\d:\d\d(?:[.,]\d+)?)?",
    r"\b\d\d:\d\d:\d\d(?:[.,]\d+)?\b",
    r"\b1[5-9]\d{8}(?:\.\d+)?\b",
];

impl Tree {
    /// The text of a list: a file of an app, or what comes with the program.
    fn text(&self, n: usize, planner: &Planner<'_>) -> Result<String, Diagnostic> {
        let written = self.files.get(n).and_then(Option::as_ref);
        let namespace = self.files.last().and_then(Option::as_ref);
        let option = FILES.get(n).map_or("", |o| o.card.default);
        let name = written.map_or(option, |w| &w.name);
        match (planner.knowledge.anonymizer(namespace.map(|w| w.name.as_str()), name)?, written) {
            (Some(text), _) => Ok(text),
            (None, None) => Ok(BUILTIN.get(n).copied().unwrap_or_default().to_string()),
            (None, Some(written)) => Err(Diagnostic::error(Code::ARGUMENTS, format!("no app has a file `{name}` in its `anonymizer` folder"))
                .at(written.span)
                .help("Give the app with `--app DIR`; its files lie in DIR/anonymizer.")),
        }
    }
}

impl Stage for Tree {
    fn plan(&self, planner: &mut Planner<'_>, input: Node) -> Result<Node, Diagnostic> {
        if let Some(written) = self.files.last().and_then(Option::as_ref)
            && !planner.knowledge.has_app(&written.name)
        {
            let d = Diagnostic::error(Code::ARGUMENTS, format!("there is no app `{}`", written.name)).at(written.span);
            return Err(d.help("Apps are those given with `--app DIR`, by the name of their folder."));
        }
        let compile = |text: &str, span: Option<Span>| {
            Regex::new(text).map_err(|why| {
                let d = Diagnostic::error(Code::REGEX, format!("`{text}` does not compile: {why}"));
                span.map_or_else(|| d.clone(), |s| d.clone().at(s))
            })
        };
        let times = self.text(4, planner)?;
        let lines = times.lines().map(str::trim).filter(|l| !l.is_empty() && !l.starts_with('#'));
        let place = self.files.get(4).and_then(Option::as_ref).map(|w| w.span);
        let times: Vec<Regex> = lines.map(|l| compile(l, place)).collect::<Result<_, _>>()?;
        let how = Scrub {
            public: words(&self.text(0, planner)?).collect(),
            private: words(&self.text(1, planner)?).collect(),
            names: words(&self.text(2, planner)?).collect(),
            dictionary: words(&self.text(3, planner)?).collect(),
            kept: if times.is_empty() { TIMES.iter().map(|t| compile(t, None)).collect::<Result<_, _>>()? } else { Vec::new() },
            times,
        };
        let patterns = |names: &[&str]| names.iter().map(|n| FieldPattern::new(n)).collect();
        let each = Each { fields: patterns(&["_raw", "*"]), except: patterns(&LEFT), into: None, create: false, change: Change::Scrub(Arc::new(how)) };
        Ok(Node::Extend { input: Box::new(planner.started(input)), steps: vec![Extension::Each(each)] })
    }
}

#[cfg(test)]
mod tests {
    use crate::knowledge::Knowledge;
    use crate::operator::testing::{rows, shown};
    use crate::store::Catalog;
    use crate::{Engine, Settings};

    #[test]
    fn lists_of_apps_decide() {
        let dir = tempfile::tempdir().unwrap();
        let app = dir.path().join("mine");
        std::fs::create_dir_all(app.join("anonymizer")).unwrap();
        std::fs::create_dir_all(app.join("default")).unwrap();
        for (name, text) in [
            ("p.txt", "# mine\nAcme\n4711123\n"),
            ("q.txt", "failed\n"),
            ("t.ini", "\\d\\d:\\d\\d\n"),
            ("bad.ini", "(\n"),
            ("n.txt", "zed\nyak\n"),
            ("d.txt", "blau\n"),
        ] {
            std::fs::write(app.join("anonymizer").join(name), text).unwrap();
        }
        let mut knowledge = Knowledge::builtin();
        knowledge.add_app(&app).unwrap();
        let events = r#"[{"_raw":"Acme 4711123 failed zed 12:34","sourcetype":"Acme","date_zone":"Acme","_time":5,"who":["zed","blau"]}]"#;
        let engine = Engine::new(Catalog::of_rows(rows(events)), knowledge, Settings::default());
        let got = |query: &str| match engine.run(&format!("* | {query}")) {
            Ok(answer) => shown(&answer.rows),
            Err(failure) => failure.diagnostics[0].to_string(),
        };
        let all = got("scrub public-terms=p.txt private-terms=q.txt name-terms=\"n.txt\" dictionary=d.txt timeconfig=t.ini namespace=mine");
        assert!(
            all.contains("Acme 4711123") && !all.contains("failed") && all.contains("yak") && all.contains(r#""who":["yak","blau"]"#) && !all.contains("12:34"),
            "{all}"
        );
        let plain = got("scrub");
        assert!(
            !plain.contains("4711123")
                && plain.contains("failed")
                && plain.contains(r#""sourcetype":"Acme","date_zone":"Acme""#)
                && plain.contains(r#""_time":5"#),
            "{plain}"
        );
        for (query, want) in [
            ("scrub public-terms=none.txt", "no app has a file `none.txt`"),
            ("scrub namespace=other", "there is no app `other`"),
            ("scrub public-terms=../p.txt", "without its folder"),
            ("scrub public-term=p.txt", "`public-terms`"),
            ("scrub timeconfig=bad.ini", "does not compile"),
            ("scrub x", "expected"),
        ] {
            let got = got(query);
            assert!(got.contains(want), "{query}: {got}");
        }
    }
}
