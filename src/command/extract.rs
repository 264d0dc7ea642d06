//! extract: fields from key and value pairs in the event.

use super::{Command, Kind, Stage, option, stage};
use crate::card::{Example, Support};
use crate::diagnostic::{Code, Diagnostic, Span};
use crate::plan::reading::Pairs;
use crate::plan::{Extension, Form, Node, Planner, Reading, Report};
use crate::syntax::option::{Opt, raw_value};
use crate::syntax::tokens::commas;
use crate::syntax::{Parsed, Tokens};
use serde::Serialize;
use std::sync::Arc;

static PAIRDELIM: Opt<Option<String>> = Opt::new("pairdelim", "", "The characters between pairs; each of them ends one.");
static KVDELIM: Opt<Option<String>> = Opt::new("kvdelim", "", "The characters between a key and its value; each of them does.");
static AUTO: Opt<bool> = Opt::new("auto", "t", "Take `key=value` wherever it stands, beside what the delimiters give.");
static LIMIT: Opt<u64> = Opt::new("limit", "50", "The most pairs of an event.");
static MAXCHARS: Opt<u64> = Opt::new("maxchars", "10240", "How many characters of the event are read.");
static MV_ADD: Opt<bool> = Opt::new("mv_add", "f", "A key that comes again gets one more value; else its first value stays.");
static CLEAN_KEYS: Opt<bool> = Opt::new("clean_keys", "t", "Put `_` in place of characters of a key that are no letters or digits.");
static RELOAD: Opt<bool> = Opt::new("reload", "f", "Read props.conf and transforms.conf again; they are read at the start here.").idle();
static SEGMENT: Opt<bool> = Opt::new("segment", "f", "Mark the keys in the event as terms; it changes no field.").idle();

pub const COMMAND: Command = Command {
    name: "extract",
    aliases: &["kv"],
    kind: Kind::Streaming,
    summary: "Makes fields of the key and value pairs of `_raw`, or of what stanzas of transforms.conf find.",
    syntax: "extract [pairdelim=<chars>] [kvdelim=<chars>] [auto=<bool>] [limit=<n>] [maxchars=<n>] [mv_add=<bool>] [clean_keys=<bool>] [reload=<bool>] [segment=<bool>] [<stanza> …]",
    options: &[&PAIRDELIM.card, &KVDELIM.card, &AUTO.card, &LIMIT.card, &MAXCHARS.card, &MV_ADD.card, &CLEAN_KEYS.card, &RELOAD.card, &SEGMENT.card],
    examples: &[
        Example { spl: r#"| makeresults | eval _raw="user=ann, cmd=\"ls -l\"" | extract"#, shows: "user and cmd" },
        Example { spl: r#"| makeresults | eval _raw="user:ann|port:22" | extract pairdelim="|" kvdelim=":""#, shows: "pairs between delimiters" },
    ],
    support: Support::Full,
    parse,
    file: file!(),
};

#[derive(Debug, Serialize)]
struct Extract {
    pairdelim: Option<String>,
    kvdelim: Option<String>,
    auto: bool,
    limit: u64,
    maxchars: u64,
    mv_add: bool,
    clean_keys: bool,
    stanzas: Vec<String>,
    #[serde(skip)]
    spans: Vec<Span>,
}

fn parse(mut i: Tokens<'_>) -> Parsed<'_, Box<dyn Stage>> {
    let mut e = Extract {
        pairdelim: None,
        kvdelim: None,
        auto: true,
        limit: 50,
        maxchars: 10_240,
        mv_add: false,
        clean_keys: true,
        stanzas: Vec::new(),
        spans: Vec::new(),
    };
    while !i.is_empty() {
        let slots = [
            PAIRDELIM.to(&mut e.pairdelim),
            KVDELIM.to(&mut e.kvdelim),
            AUTO.to(&mut e.auto),
            LIMIT.to(&mut e.limit),
            MAXCHARS.to(&mut e.maxchars),
            MV_ADD.to(&mut e.mv_add),
            CLEAN_KEYS.to(&mut e.clean_keys),
            RELOAD.unused(),
            SEGMENT.unused(),
        ];
        i = if let Some(rest) = option(i, &COMMAND, slots)? {
            rest
        } else {
            let (rest, stanza) = raw_value(i)?;
            e.stanzas.push(stanza.text);
            e.spans.push(stanza.span);
            rest
        };
        i = commas(i)?.0;
    }
    stage(i, e)
}

impl Stage for Extract {
    fn plan(&self, planner: &mut Planner<'_>, input: Node) -> Result<Node, Diagnostic> {
        let mut steps = Vec::new();
        for (name, span) in self.stanzas.iter().zip(&self.spans) {
            let missing = || Diagnostic::error(Code::ARGUMENTS, format!("transforms.conf has no stanza `{name}`"));
            let transform = planner.knowledge.transform(name).ok_or_else(|| missing().at(*span).help("Give its app with --app."))?;
            let transform = transform.map_err(|why| Diagnostic::error(Code::ARGUMENTS, why).at(*span))?;
            steps.push(Extension::Report(Arc::new(Report::new(Arc::new(transform))?)));
        }
        let delimiters = match (&self.pairdelim, &self.kvdelim) {
            (None, None) => None,
            // The one that is not given is what pairs have without it.
            (pairs, keys) => Some((pairs.clone().unwrap_or_else(|| " ,;|&\t\n".into()), keys.clone().unwrap_or_else(|| "=".into()))),
        };
        if steps.is_empty() || delimiters.is_some() {
            let at_most = |n: u64| usize::try_from(n).unwrap_or(usize::MAX);
            let pairs = Pairs {
                delimiters,
                auto: self.auto,
                limit: at_most(self.limit),
                characters: at_most(self.maxchars),
                repeat: self.mv_add,
                clean: self.clean_keys,
            };
            steps.push(Reading::step("_raw", Form::Pairs(pairs)));
        }
        Ok(Node::Extend { input: Box::new(planner.started(input)), steps })
    }
}

#[cfg(test)]
mod tests {
    use crate::operator::testing::run;

    #[test]
    fn options_choose_the_pairs() {
        let rows = r#"[{"_raw":"a.b=1; c:2|a.b=3 d=\"x y\"","c":"old"},{"x":"1"}]"#;
        for (query, want) in [
            ("extract | table a_b, d, c", r#"[{"a_b":"1","d":"x y","c":"old"},{}]"#),
            ("kv mv_add=t clean_keys=f | table a.b", r#"[{"a.b":["1","3"]},{}]"#),
            (r#"extract pairdelim="|;", kvdelim=":", auto=f | table c, d"#, r#"[{"c":"2"},{}]"#),
            ("extract limit=1 reload=t segment=f | table a_b, d", r#"[{"a_b":"1"},{}]"#),
            ("extract maxchars=5 | table a_b, d", r#"[{"a_b":"1"},{}]"#),
        ] {
            assert_eq!(run(rows, &format!("* | {query}")), want, "{query}");
        }
        for (query, want) in [("extract nosuch", "no stanza `nosuch`"), ("extract limit=x", "whole number"), ("extract pairdelm=x", "`pairdelim`")] {
            let got = run("[]", &format!("* | {query}"));
            assert!(got.contains(want), "{query}: {got}");
        }
    }
}
