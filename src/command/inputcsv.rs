//! inputcsv: reads the rows of a CSV file.

use super::inputlookup::{Read, read};
use super::outputcsv::{csv_name, within};
use super::{Command, Kind, Stage, stage};
use crate::card::{Example, Support};
use crate::diagnostic::Diagnostic;
use crate::knowledge::LookupTable;
use crate::plan::{Node, Planner};
use crate::syntax::option::Opt;
use crate::syntax::{Parsed, Tokens};
use serde::Serialize;
use std::sync::Arc;

static DISPATCH: Opt<bool> = Opt::new("dispatch", "f", "Read from the folder of the search job; there is one folder here.").idle();
static EVENTS: Opt<bool> = Opt::new("events", "f", "Take the rows as events; they are that here once they have `_time` and `_raw`.").idle();

pub const COMMAND: Command = Command {
    name: "inputcsv",
    aliases: &[],
    kind: Kind::Generating,
    summary: "Reads the rows of a CSV file: of a lookups folder, or, with `--allow-write`, of the current directory, where outputcsv writes.",
    syntax: "inputcsv [dispatch=<bool>] [append=<bool>] [strict=<bool>] [start=<n>] [max=<n>] [events=<bool>] <file> [WHERE <search>]",
    options: &[
        &DISPATCH.card,
        &super::inputlookup::APPEND.card,
        &super::inputlookup::STRICT.card,
        &super::inputlookup::START.card,
        &super::inputlookup::MAX.card,
        &EVENTS.card,
    ],
    examples: &[Example { spl: "| inputcsv start=100 max=500 result", shows: "500 rows of result.csv" }],
    support: Support::Full,
    parse,
    file: file!(),
};

#[derive(Debug, Serialize)]
struct InputCsv(Read);

fn parse(i: Tokens<'_>) -> Parsed<'_, Box<dyn Stage>> {
    let (rest, read) = read(i, &[&DISPATCH, &EVENTS])?;
    stage(rest, InputCsv(read))
}

impl Stage for InputCsv {
    fn plan(&self, planner: &mut Planner<'_>, input: Node) -> Result<Node, Diagnostic> {
        self.0.plan(planner, input, COMMAND.name, |planner, name, span| {
            let name = csv_name(name);
            let found = planner.knowledge.lookups().file(&name);
            match (&found, &planner.writes) {
                (Err(_), Some(dir)) if within(dir, &name).is_ok_and(|f| f.is_file()) => Ok(Arc::new(LookupTable::read(&within(dir, &name)?)?)),
                _ => found.map_err(|d| d.at(span)),
            }
        })
    }
}
