//! loadjob: the rows of a search that was run before; here a saved search is run for it.

use super::outputcsv::within;
use super::{Command, Kind, Stage, stage};
use crate::card::{Example, Support};
use crate::diagnostic::{Code, Diagnostic, Span};
use crate::knowledge::LookupTable;
use crate::plan::{Node, Planner};
use crate::syntax::option::{Opt, at_option, raw_value, unknown_option};
use crate::syntax::wanted::Want;
use crate::syntax::{Parsed, Tokens};
use serde::Serialize;
use std::path::Path;
use std::sync::Arc;

static SAVEDSEARCH: Opt<Option<String>> = Opt::new("savedsearch", "", "The saved search, as `user:app:name`; user and app are not looked at.");
static JOB_DELEGATE: Opt<String> = Opt::new("job_delegate", "scheduler", "Who ran the search; it is run anew here.").idle();
static ARTIFACT_OFFSET: Opt<u64> = Opt::new("artifact_offset", "0", "How many runs to go back; there is one here.").idle();
static IGNORE_RUNNING: Opt<bool> = Opt::new("ignore_running", "t", "Pass over a run that is not done; there is none here.").idle();
static EVENTS: Opt<bool> = Opt::new("events", "f", "Load the events instead of the results; here both are what the search gives.").idle();

pub const COMMAND: Command = Command {
    name: "loadjob",
    aliases: &[],
    kind: Kind::Generating,
    summary: "Gives the rows of a saved search, which is run for it, or those of a job by its id: of `<id>/results.csv` in a lookups folder, as a server keeps it in `dispatch`.",
    syntax: "loadjob <id>|savedsearch=\"<user>:<app>:<name>\" [job_delegate=<user>] [artifact_offset=<n>] [ignore_running=<bool>] [events=<bool>]",
    options: &[&SAVEDSEARCH.card, &JOB_DELEGATE.card, &ARTIFACT_OFFSET.card, &IGNORE_RUNNING.card, &EVENTS.card],
    examples: &[Example { spl: "| loadjob savedsearch=\"admin:search:Logons\"", shows: "what the saved search finds" }],
    support: Support::Full,
    parse,
    file: file!(),
};

#[derive(Debug, Serialize)]
struct LoadJob {
    saved: Option<String>,
    id: Option<String>,
    #[serde(skip)]
    span: Span,
}

fn parse(mut i: Tokens<'_>) -> Parsed<'_, Box<dyn Stage>> {
    let mut job = LoadJob { saved: None, id: None, span: Span::default() };
    let (mut text, mut number, mut flag) = (String::new(), 0, false);
    while !i.is_empty() {
        i = if let Some(rest) = SAVEDSEARCH.read(i, &mut job.saved)? {
            job.span = i.span_to(&rest);
            rest
        } else if let Some(rest) = JOB_DELEGATE.read(i, &mut text)? {
            rest
        } else if let Some(rest) = ARTIFACT_OFFSET.read(i, &mut number)? {
            rest
        } else if let Some(rest) = [&IGNORE_RUNNING, &EVENTS].iter().find_map(|o| o.read(i, &mut flag).transpose()).transpose()? {
            rest
        } else if at_option(i) {
            return unknown_option(i, COMMAND.name, COMMAND.options);
        } else if job.id.is_none() {
            let (rest, id) = raw_value(i)?;
            (job.id, job.span) = (Some(id.text), id.span);
            rest
        } else {
            break;
        };
    }
    if job.saved.is_none() && job.id.is_none() { i.miss(Want::Option("savedsearch")) } else { stage(i, job) }
}

impl LoadJob {
    /// The rows of a job by its id, as a server keeps them in the job's folder.
    fn kept(&self, planner: &Planner<'_>) -> Result<Node, Diagnostic> {
        let id = self.id.as_deref().unwrap_or_default();
        let name = format!("{id}/results.csv");
        let here = planner.writes.as_ref().filter(|_| within(Path::new(""), id).is_ok()).and_then(|dir| {
            let files = [&name, &format!("{name}.gz")].map(|file| dir.join(file));
            files.into_iter().find(|file| file.is_file())
        });
        let table = match here {
            Some(file) => LookupTable::read(&file).map(Arc::new),
            None => planner.knowledge.lookups().file(&name),
        };
        let table = table.map_err(|why| {
            Diagnostic::error(Code::DATA_FILE, format!("the results of the job `{id}` are not there: {}", why.message))
                .at(self.span)
                .help("Put the job's folder of a server's `dispatch`, with `results.csv` or `results.csv.gz` in it, into a lookups/ folder; `savedsearch=` runs a saved search here.")
        })?;
        Ok(Node::Table { name, table })
    }
}

impl Stage for LoadJob {
    fn plan(&self, planner: &mut Planner<'_>, _: Node) -> Result<Node, Diagnostic> {
        let Some(saved) = &self.saved else { return self.kept(planner) };
        let mut parts = saved.splitn(3, ':');
        let (Some(_), Some(_), Some(name)) = (parts.next(), parts.next(), parts.next()) else {
            return Err(Diagnostic::error(Code::OPTION_VALUE, format!("`{saved}` is not written as `user:app:name`")).at(self.span));
        };
        planner.saved_search(name, &[])
    }
}
