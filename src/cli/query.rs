//! `spl query`: one query over files, read as it runs.

use super::progress::Progress;
use super::{DONE, Failed, Report, Shared, interrupt};
use crate::Engine;
use crate::detections::{self, Located};
use crate::diagnostic::{Code, Diagnostic};
use crate::engine::{Failure, Running};
use crate::knowledge::{Detection, Knowledge};
use crate::output::Output;
use crate::plan::Node;
use std::io;
use std::path::PathBuf;
use std::time::Instant;

#[derive(Clone, Debug, clap::Args)]
#[command(
    after_help = "Put -- before a query that begins with a minus sign.\n\nExample: spl query 'EventID=3 | stats count by process_name' --data events.xml"
)]
pub struct Args {
    #[command(flatten)]
    query: Text,
}

/// A query as it is given: as an argument, in a file, or on standard input.
#[derive(Clone, Debug, clap::Args)]
pub struct Text {
    /// The query; `-` reads it from standard input
    #[arg(value_name = "SPL", required_unless_present = "file")]
    query: Option<String>,
    /// Read the query from a .spl or contentctl .yml file; a macros.conf beside it is used, and the macros and lookups of a contentctl checkout
    #[arg(long, short, value_name = "FILE", conflicts_with = "query")]
    file: Option<PathBuf>,
}

/// A query that was read, and what is known for it.
pub struct Written {
    pub text: String,
    /// The file that it stands in.
    pub detection: Option<Detection>,
    pub knowledge: Knowledge,
}

impl Text {
    /// The query, with the knowledge that lies beside its file.
    pub fn read(&self, shared: &Shared) -> Result<Written, Diagnostic> {
        let alone = |text: String| Ok(Written { text, detection: None, knowledge: shared.knowledge(&[], None)? });
        match (&self.file, self.query.as_deref().unwrap_or_default()) {
            (Some(file), _) => {
                let mut found = detections::one(file)?;
                let knowledge = shared.knowledge(&found.macros, found.content.as_deref())?;
                let detection = found.detections.pop();
                Ok(Written { text: detection.as_ref().map(|d| d.search.clone()).unwrap_or_default(), detection, knowledge })
            }
            (None, "-") => {
                shared.stdin_is_free("the query")?;
                let text = io::read_to_string(io::stdin()).map_err(|e| Diagnostic::error(Code::DATA_FILE, format!("cannot read the query: {e}")))?;
                alone(text.trim_end().to_string())
            }
            (None, query) => alone(query.to_string()),
        }
    }
}

/// The failure of a query, with its places in the query's file.
pub fn in_file(failure: Failure, detection: Option<&Detection>) -> Failure {
    let Some(detection) = detection else { return failure };
    let located = Located::new(detection, &failure.sources);
    Failure { diagnostics: failure.diagnostics.iter().map(|d| located.diagnostic(d)).collect(), sources: located.sources }
}

pub fn run(shared: &Shared, args: &Args, report: &mut Report) -> Result<u8, Failed> {
    let start = Instant::now();
    let settings = shared.settings()?;
    let Written { text, detection, knowledge } = args.query.read(shared)?;
    report.plain(knowledge.warnings());
    let catalog = shared.streamed(shared.files(None)?, &settings);
    let no_data = catalog.datasets().is_empty();
    let engine = Engine::new(catalog, knowledge, settings);
    interrupt::install(&engine.cancel);
    let place = |failure| in_file(failure, detection.as_ref());
    let planned = engine.plan(engine.parse(&text, None)).map_err(place)?;
    if no_data && scans(&planned.plan) {
        report.plain([&Diagnostic::warning(Code::DATA_FILE, "there are no events to search").help("Name some with --data PATH.")]);
    }
    let mut running = engine.start(planned).map_err(place)?;
    let output = shared.output(shared.sink()?);
    let mut progress = Progress::start(report);
    let rows = write(&mut running, output, &mut progress);
    progress.stop();
    let warnings = running.all_warnings();
    let sources = running.sources;
    let shown = place(Failure { sources: sources.clone(), diagnostics: warnings });
    shown.diagnostics.iter().for_each(|w| report.diagnostic(w, &shown.sources));
    let rows = match rows {
        Ok(rows) => rows,
        Err(Cause::Write(e)) => return Err(e.into()),
        Err(Cause::Query(d)) => return Err(place(Failure { sources, diagnostics: vec![d] }).into()),
    };
    if report.is_terminal() {
        let noun = if rows == 1 { "row" } else { "rows" };
        report.note(&format!("{rows} {noun}, {:.3} s", start.elapsed().as_secs_f64()));
    }
    Ok(DONE)
}

/// Writes all rows; gives their number.
fn write(running: &mut Running, mut output: Output, progress: &mut Progress) -> Result<usize, Cause> {
    while let Some(mut batch) = running.next_batch().map_err(Cause::Query)? {
        if output.collects() {
            batch = batch.kept();
            running.context.memory.charge(batch.bytes()).map_err(Cause::Query)?;
        } else {
            progress.stop();
        }
        output.rows(batch).map_err(Cause::Write)?;
    }
    progress.stop();
    let (sink, rows) = output.finish().map_err(Cause::Write)?;
    sink.finish().map_err(Cause::Write)?;
    Ok(rows)
}

enum Cause {
    Query(Diagnostic),
    Write(io::Error),
}

/// Does a plan read events?
fn scans(node: &Node) -> bool {
    matches!(node, Node::Scan(_)) || node.inputs().into_iter().any(scans)
}
