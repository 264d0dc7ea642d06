//! eventcount: how many events the indexes hold.

use super::metadata::of_indexes;
use super::{Command, Kind, Stage, stage};
use crate::card::{Example, Support};
use crate::diagnostic::Diagnostic;
use crate::plan::{Node, Planner};
use crate::syntax::option::{Opt, at_option, unknown_option};
use crate::syntax::tokens::commas;
use crate::syntax::{Parsed, Tokens};
use serde::Serialize;

static INDEX: Opt<String> = Opt::new("index", "", "Only this index, or those that a wildcard fits; may stand several times.");
static SUMMARIZE: Opt<bool> = Opt::new("summarize", "t", "One number for all; else a row an index.");
static REPORT_SIZE: Opt<bool> = Opt::new("report_size", "f", "Add the size of the events' texts, in bytes, to the row of an index.");
static LIST_FEDERATED: Opt<bool> = Opt::new("list_federated_remote", "f", "Count the events of remote servers too; there are none here.").idle();
static LIST_VIX: Opt<bool> = Opt::new("list_vix", "t", "List virtual indexes too; there are none here.").idle();

pub const COMMAND: Command = Command {
    name: "eventcount",
    aliases: &[],
    kind: Kind::Generating,
    summary: "Counts the events of all indexes, or of each.",
    syntax: "eventcount [index=<name>] … [summarize=<bool>] [report_size=<bool>] [list_federated_remote=<bool>] [list_vix=<bool>]",
    options: &[&INDEX.card, &SUMMARIZE.card, &REPORT_SIZE.card, &LIST_FEDERATED.card, &LIST_VIX.card],
    examples: &[Example { spl: "| eventcount summarize=f index=*", shows: "one row an index" }],
    support: Support::Full,
    parse,
    file: file!(),
};

#[derive(Debug, Serialize)]
struct EventCount {
    indexes: Vec<String>,
    summarize: bool,
    report_size: bool,
}

fn parse(mut i: Tokens<'_>) -> Parsed<'_, Box<dyn Stage>> {
    let mut e = EventCount { indexes: Vec::new(), summarize: true, report_size: false };
    let (mut index, mut ignored) = (String::new(), false);
    while !i.is_empty() {
        i = if let Some(rest) = INDEX.read(i, &mut index)? {
            e.indexes.push(std::mem::take(&mut index));
            rest
        } else if let Some(rest) = SUMMARIZE.read(i, &mut e.summarize)? {
            rest
        } else if let Some(rest) = REPORT_SIZE.read(i, &mut e.report_size)? {
            rest
        } else if let Some(rest) = LIST_FEDERATED.read(i, &mut ignored)? {
            rest
        } else if let Some(rest) = LIST_VIX.read(i, &mut ignored)? {
            rest
        } else if at_option(i) {
            return unknown_option(i, COMMAND.name, COMMAND.options);
        } else {
            break;
        };
        i = commas(i)?.0;
    }
    stage(i, e)
}

impl Stage for EventCount {
    fn plan(&self, planner: &mut Planner<'_>, _: Node) -> Result<Node, Diagnostic> {
        let search = of_indexes(&self.indexes);
        let text = match (self.summarize, self.report_size) {
            (true, _) => format!("{search} | stats count"),
            (false, false) => format!("{search} | stats count BY index | eval server=\"local\" | table count index server"),
            (false, true) => {
                format!(
                    "{search} | stats count sum(eval(coalesce(len(_raw), 0))) AS size_bytes BY index | eval server=\"local\" | table count index server size_bytes"
                )
            }
        };
        planner.text(&text, "eventcount", Node::Start)
    }
}
