//! `spl query`: one query over files, read as it runs.

use super::progress::Progress;
use super::{DONE, Failed, Report, Shared, interrupt};
use crate::Engine;
use crate::engine::{Failure, Running};
use crate::output::Output;
use std::time::Instant;

#[derive(Clone, Debug, clap::Args)]
#[command(
    after_help = "Put -- before a query that begins with a minus sign.\n\nExample: spl query 'EventID=3 | stats count by process_name' --data events.xml"
)]
pub struct Args {
    /// The query
    #[arg(value_name = "SPL")]
    query: String,
}

pub fn run(shared: &Shared, args: &Args, report: &mut Report) -> Result<u8, Failed> {
    let start = Instant::now();
    let settings = shared.settings()?;
    let knowledge = shared.knowledge(&[])?;
    report.plain(knowledge.warnings());
    let catalog = shared.streamed(shared.files(None)?, &settings);
    let engine = Engine::new(catalog, knowledge, settings);
    interrupt::install(&engine.cancel);
    let planned = engine.plan(engine.parse(&args.query, None))?;
    let mut running = engine.start(planned)?;
    let output = shared.output(shared.sink()?);
    let mut progress = Progress::start(report);
    let rows = write(&mut running, output, &mut progress);
    progress.stop();
    let warnings = running.all_warnings();
    warnings.iter().for_each(|w| report.diagnostic(w, &running.sources));
    let rows = rows.map_err(|e| e.of(running))?;
    if report.is_terminal() {
        report.note(&format!("{rows} rows, {:.3} s", start.elapsed().as_secs_f64()));
    }
    Ok(DONE)
}

/// Writes all rows; gives their number.
fn write(running: &mut Running, mut output: Output, progress: &mut Progress) -> Result<usize, Cause> {
    while let Some(batch) = running.next_batch().map_err(Cause::Query)? {
        if output.collects() {
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
    Query(crate::diagnostic::Diagnostic),
    Write(std::io::Error),
}

impl Cause {
    fn of(self, running: Running) -> Failed {
        match self {
            Cause::Query(d) => Failure { sources: running.sources, diagnostics: vec![d] }.into(),
            Cause::Write(e) => e.into(),
        }
    }
}
