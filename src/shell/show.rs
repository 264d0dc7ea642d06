//! Runs a query and shows its rows, with what there is to say about them.

use super::session::{Session, plain};
use crate::Engine;
use crate::diagnostic::{Code, Diagnostic};
use crate::engine::{Failure, Running};
use crate::output::{Format, Output};
use std::io;
use std::time::Instant;

/// Rows that came, and rows that were shown.
struct Count {
    rows: usize,
    shown: usize,
}

/// Runs a query and writes its rows, its warnings and the timing line.
pub fn rows(session: &mut Session, engine: &Engine, text: &str) -> Result<(), Box<Failure>> {
    let start = Instant::now();
    let planned = engine.plan(engine.parse(text, None))?;
    let mut running = engine.start(planned)?;
    let written = write(session, &mut running);
    let warnings = running.all_warnings();
    warnings.iter().for_each(|w| session.diagnostic(w, &running.sources));
    let count = written.map_err(|d| Box::new(Failure { sources: std::mem::take(&mut running.sources), diagnostics: vec![d] }))?;
    // The threads of the query end before its time is told.
    drop(running);
    if session.timer {
        let s = if count.rows == 1 { "" } else { "s" };
        session.remark(&format!("{} row{s} ({} shown) in {:.3} s\n", count.rows, count.shown, start.elapsed().as_secs_f64()));
    }
    Ok(())
}

/// Writes the rows; for people no more than the cap, though all are counted.
fn write(session: &Session, running: &mut Running) -> Result<Count, Diagnostic> {
    let (format, options) = session.output();
    let cap = session.cap.filter(|_| matches!(format, Format::Table | Format::Vertical)).unwrap_or(usize::MAX);
    let mut output = Output::new(format, &options, session.sink());
    let mut count = Count { rows: 0, shown: 0 };
    while let Some(batch) = running.next_batch()? {
        count.rows += batch.len();
        let batch = batch.slice(0, cap - count.shown.min(cap));
        if batch.is_empty() {
            continue;
        }
        count.shown += batch.len();
        if output.collects() {
            running.context.memory.charge(batch.bytes())?;
        }
        output.rows(batch).map_err(unwritten)?;
    }
    let (sink, _) = output.finish().map_err(unwritten)?;
    sink.finish().map_err(unwritten)?;
    Ok(count)
}

fn unwritten(e: io::Error) -> Diagnostic {
    Diagnostic::error(Code::RUNTIME, format!("the rows cannot be written: {e}"))
}

/// The plan of a query, as the commands lowered it and after the rewrites.
pub fn explain(session: &mut Session, text: &str) -> Result<(), Box<Failure>> {
    let engine = session.with_range()?;
    let planned = engine.plan(engine.parse(text, None))?;
    let (plan, rewritten) = (crate::plan::explain::text(&planned.plan), crate::plan::explain::text(&planned.rewritten));
    session.say(&if plan == rewritten { plan } else { format!("As written:\n{plan}\nAs run:\n{rewritten}") });
    Ok(())
}

/// A query with its macros put in.
pub fn expand(session: &mut Session, text: &str) -> Result<(), Box<Failure>> {
    let parsed = session.engine.parse(text, None);
    let mut out = String::new();
    for token in &parsed.expanded {
        out.push_str(if token.glued || out.is_empty() { "" } else { " " });
        out.push_str(parsed.sources.slice(token.span));
    }
    session.say(&format!("{out}\n"));
    if parsed.diagnostics.is_empty() { Ok(()) } else { Err(Box::new(Failure { sources: parsed.sources, diagnostics: parsed.diagnostics })) }
}

/// Loads files into tables.
pub fn load(session: &mut Session, spec: &str) -> Result<(), Box<Failure>> {
    let spec = crate::input::DataSpec::parse(spec).map_err(plain)?;
    let mut warnings = crate::input::Warnings::new();
    // Files that were read before one that cannot be read stay.
    let loaded = crate::input::expand(&spec).and_then(|files| {
        files.iter().try_for_each(|file| {
            session.engine.cancel.check()?;
            let options = session.engine.store.parse_options().clone();
            let dataset = crate::store::load(file, &Default::default(), &options, session.engine.settings.threads, &mut warnings)?;
            session.say(&format!("{}: {} events\n", dataset.name(), dataset.rows().unwrap_or_default()));
            std::sync::Arc::make_mut(&mut session.engine.store).add(dataset);
            Ok(())
        })
    });
    session.loaded();
    warnings.diagnostics().iter().for_each(|w| session.diagnostic(w, &Default::default()));
    loaded.map_err(plain)
}
