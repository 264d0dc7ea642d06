//! makeresults: makes rows that have only the time of now.

use super::{Command, Kind, Stage, stage};
use crate::card::{Example, Support};
use crate::diagnostic::Code;
use crate::diagnostic::Diagnostic;
use crate::plan::{Node, Planner};
use crate::syntax::option::{Opt, count};
use crate::syntax::{Parsed, Tokens};
use serde::Serialize;
use std::sync::Arc;

static COUNT: Opt<u64> = Opt::new("count", "1", "How many rows.");
static ANNOTATE: Opt<bool> = Opt::new("annotate", "f", "Add the other internal fields, empty.");
static FORMAT: Opt<String> = Opt::new("format", "", "The format of `data`: csv or json.");
static DATA: Opt<String> = Opt::new("data", "", "Rows as text.");
static SERVER: Opt<String> = Opt::with_aliases("splunk_server", &["splunk_server_group"], "local", "Where to run; there is one place here.").idle();

pub const COMMAND: Command = Command {
    name: "makeresults",
    aliases: &[],
    kind: Kind::Generating,
    summary: "Makes rows that have only the time of now.",
    syntax: "makeresults [count=<n>] [annotate=<bool>] [format=csv|json data=<text>]",
    options: &[&COUNT.card, &ANNOTATE.card, &FORMAT.card, &DATA.card, &SERVER.card],
    examples: &[Example { spl: "| makeresults count=2 | eval x=1", shows: "two rows to try expressions on" }],
    support: Support::Full,
    parse,
    file: file!(),
};

#[derive(Debug, Serialize)]
struct MakeResults {
    count: u64,
    annotate: bool,
    format: String,
    data: String,
}

fn parse(mut i: Tokens<'_>) -> Parsed<'_, Box<dyn Stage>> {
    let mut make = MakeResults { count: 1, annotate: false, format: String::new(), data: String::new() };
    let mut other = String::new();
    loop {
        i = if let Some(rest) = COUNT.read(i, &mut make.count)? {
            rest
        } else if let Some(rest) = ANNOTATE.read(i, &mut make.annotate)? {
            rest
        } else if let Some(rest) = FORMAT.read(i, &mut make.format)? {
            rest
        } else if let Some(rest) = DATA.read(i, &mut make.data)? {
            rest
        } else if let Some(rest) = SERVER.read(i, &mut other)? {
            rest
        } else if let Ok((rest, n)) = count(i) {
            // The reference itself writes `makeresults 1` in an example.
            make.count = n;
            rest
        } else {
            return stage(i, make);
        };
    }
}

impl Stage for MakeResults {
    fn plan(&self, planner: &mut Planner<'_>, _: Node) -> Result<Node, Diagnostic> {
        let bad = |why: String| Diagnostic::error(Code::OPTION_VALUE, why).at(planner.span);
        match self.format.as_str() {
            "" if self.data.is_empty() => Ok(Node::Make { count: self.count, annotate: self.annotate }),
            "json" => {
                let rows: Vec<serde_json::Map<String, serde_json::Value>> =
                    serde_json::from_str(&self.data).map_err(|e| bad(format!("`data` is no JSON array of objects: {e}")))?;
                Ok(Node::Rows(Arc::new(crate::input::rows(&rows))))
            }
            "csv" => {
                let table = crate::knowledge::LookupTable::from_csv(self.data.as_bytes()).map_err(|e| bad(format!("`data` {e}")))?;
                Ok(Node::Rows(Arc::new(table.rows)))
            }
            other => Err(bad(format!("`format` takes `csv` or `json`, not `{other}`"))),
        }
    }
}
