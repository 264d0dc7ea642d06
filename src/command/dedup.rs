//! dedup: the first rows of each combination of values.

use super::{Command, Kind, Stage, option, sort, stage};
use crate::card::{Example, Support};
use crate::diagnostic::{Code, Diagnostic};
use crate::plan::{Distinct, Node, Planner, SortKey};
use crate::syntax::field::{Field, field};
use crate::syntax::option::{Opt, count};
use crate::syntax::tokens::commas;
use crate::syntax::wanted::Want;
use crate::syntax::{Parsed, Tokens};
use nom::Parser;
use nom::combinator::opt;
use serde::Serialize;

static KEEPEVENTS: Opt<bool> = Opt::new("keepevents", "f", "Keep all rows, and take the fields out of those that are not the first.");
static KEEPEMPTY: Opt<bool> = Opt::new("keepempty", "f", "Keep all rows that lack one of the fields.");
static CONSECUTIVE: Opt<bool> = Opt::new("consecutive", "f", "Drop only rows that follow each other.");

pub const COMMAND: Command = Command {
    name: "dedup",
    aliases: &[],
    kind: Kind::Streaming,
    summary: "Keeps the first row, or the first few, of each combination of values; rows that lack a field go.",
    syntax: "dedup [<count>] <field> … [keepevents=<bool>] [keepempty=<bool>] [consecutive=<bool>] [sortby <sort-key> …]",
    options: &[&KEEPEVENTS.card, &KEEPEMPTY.card, &CONSECUTIVE.card],
    examples: &[
        Example { spl: r#"| makeresults count=3 | eval user="ann" | dedup user"#, shows: "one row" },
        Example { spl: r#"| makeresults count=3 | eval user="ann", host="web" | dedup 2 user, host"#, shows: "two rows of each pair" },
        Example { spl: r#"| makeresults count=3 | eval user="ann" | dedup user sortby -_time"#, shows: "the newest row, whatever the order was" },
    ],
    support: Support::Full,
    parse,
    file: file!(),
};

#[derive(Debug, Default, Serialize)]
struct Dedup {
    count: Option<u64>,
    fields: Vec<Field>,
    keep_events: bool,
    keep_empty: bool,
    consecutive: bool,
    sort: Vec<SortKey>,
}

fn parse(i: Tokens<'_>) -> Parsed<'_, Box<dyn Stage>> {
    if i.at_symbol('-') {
        return i.miss(Want::Number);
    }
    let (mut i, count) = opt(count).parse(i)?;
    let mut dedup = Dedup { count, ..Dedup::default() };
    while !i.is_empty() {
        i = if let Some(rest) =
            option(i, &COMMAND, [KEEPEVENTS.to(&mut dedup.keep_events), KEEPEMPTY.to(&mut dedup.keep_empty), CONSECUTIVE.to(&mut dedup.consecutive)])?
        {
            rest
        } else if i.at_word("sortby") && !dedup.fields.is_empty() {
            let (rest, keys) = sort::keys(i.skip(1))?;
            dedup.sort = keys;
            rest
        } else if let Ok((rest, field)) = field(i) {
            dedup.fields.push(field);
            commas(rest)?.0
        } else {
            break;
        };
    }
    if dedup.fields.is_empty() { i.miss(Want::Field) } else { stage(i, dedup) }
}

impl Stage for Dedup {
    fn plan(&self, planner: &mut Planner<'_>, input: Node) -> Result<Node, Diagnostic> {
        if self.count == Some(0) {
            return Err(Diagnostic::error(Code::ARGUMENTS, "dedup keeps one row or more of each combination, not 0"));
        }
        let mut input = Box::new(planner.started(input));
        if !self.sort.is_empty() {
            input = Box::new(Node::Sort { input, keys: self.sort.clone(), limit: None });
        }
        let distinct = Distinct {
            fields: self.fields.iter().map(|f| f.name.as_str().into()).collect(),
            count: self.count.unwrap_or(1),
            keep_events: self.keep_events,
            keep_empty: self.keep_empty,
            consecutive: self.consecutive,
        };
        Ok(Node::Distinct { input, distinct })
    }
}

#[cfg(test)]
mod tests {
    use crate::operator::testing::run;

    const ROWS: &str = r#"[{"n":"1","g":"a"},{"n":"2","g":"a"},{"n":"3"},{"n":"4","g":"b"},{"n":"5","g":"a"},{"n":"6","g":["a","b"]}]"#;

    #[test]
    fn keeps_the_first() {
        for (query, want) in [
            ("dedup g", "1 4 6"),
            ("dedup 2 g", "1 2 4 6"),
            ("dedup g keepempty=t", "1 3 4 6"),
            ("dedup keepempty=true g", "1 3 4 6"),
            ("dedup g consecutive=t", "1 4 5 6"),
            ("dedup g sortby -n", "6 5 4"),
            ("dedup g sortby - num(n)", "6 5 4"),
            ("dedup 1 g, n", "1 2 4 5 6"),
            ("dedup g keepevents=t", "1 2 4 5 6"),
        ] {
            let got = run(ROWS, &format!("* | {query} | stats list(n) AS n | eval n=mvjoin(n, \" \")"));
            assert_eq!(got, format!(r#"[{{"n":"{want}"}}]"#), "{query}");
        }
        assert_eq!(run(ROWS, "* | dedup g keepevents=t | table g | head 2"), r#"[{"g":"a"},{}]"#);
    }

    #[test]
    fn says_what_is_wrong() {
        for (query, want) in [("dedup", "expected"), ("dedup 0 g", "not 0"), ("dedup g keepempty=x", "`true` or `false`"), ("dedup g keep=t", "no option")] {
            let got = run(ROWS, &format!("* | {query}"));
            assert!(got.contains(want), "{query}: {got}");
        }
    }
}
