//! Runs a query and shows its rows, with what there is to say about them.

use super::session::{Session, plain};
use crate::Engine;
use crate::diagnostic::{Code, Diagnostic, Sources};
use crate::engine::{Failure, Running};
use crate::input::{self, DataSpec, InputFile, Warnings};
use crate::output::{self, Format, Output, Sink};
use crate::store::{self, Arriving, Dataset};
use std::io;
use std::sync::Arc;
use std::time::Instant;

/// Rows that came, and rows that were shown.
struct Count {
    rows: usize,
    shown: usize,
}

/// A query that ended, well or not.
struct Ended {
    count: Result<Count, Diagnostic>,
    warnings: Vec<Diagnostic>,
    sources: Sources,
}

/// Runs a query and writes its rows, its warnings and the timing line.
pub fn rows(session: &mut Session, engine: Engine, text: &str) -> Result<(), Box<Failure>> {
    let start = Instant::now();
    let (text, shown) = (text.to_string(), Shown::of(session));
    let ended = session.attend(move || {
        let planned = engine.plan(engine.parse(&text, None))?;
        let mut running = engine.start(planned)?;
        let count = shown.write(&mut running);
        // The threads of the query end before its time is told.
        Ok(Ended { count, warnings: running.all_warnings(), sources: running.sources })
    })?;
    ended.warnings.iter().for_each(|w| session.diagnostic(w, &ended.sources));
    let count = ended.count.map_err(|d| Box::new(Failure { sources: ended.sources, diagnostics: vec![d] }))?;
    if session.timer {
        let s = if count.rows == 1 { "" } else { "s" };
        session.remark(&format!("{} row{s} ({} shown) in {:.3} s\n", count.rows, count.shown, start.elapsed().as_secs_f64()));
    }
    Ok(())
}

/// How and where the rows of a query are shown.
struct Shown {
    format: Format,
    options: output::Options,
    cap: usize,
    sink: Sink,
}

impl Shown {
    /// As the session has it: for people no more rows than the cap.
    fn of(session: &Session) -> Shown {
        let (format, options) = session.output();
        Shown { format, options, cap: session.cap_of(format), sink: session.sink() }
    }

    /// Writes the rows; past the cap they are only counted.
    fn write(self, running: &mut Running) -> Result<Count, Diagnostic> {
        let mut output = Output::new(self.format, &self.options, self.sink);
        let mut count = Count { rows: 0, shown: 0 };
        while let Some(batch) = running.next_batch()? {
            count.rows += batch.len();
            let batch = batch.slice(0, self.cap - count.shown.min(self.cap)).kept();
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
}

/// Rows that could not be written.
pub fn unwritten(e: io::Error) -> Diagnostic {
    Diagnostic::error(Code::RUNTIME, format!("the rows cannot be written: {e}"))
}

/// The plan of a query, as the commands lowered it and after the rewrites.
pub fn explain(session: &mut Session, text: &str) -> Result<(), Box<Failure>> {
    let engine = session.with_range()?;
    let lowered = engine.lower(engine.parse(text, None))?;
    let plan = crate::plan::explain::text(&lowered.plan);
    let rewritten = crate::plan::explain::text(&engine.rewrite(lowered).plan);
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
    let spec = DataSpec::parse(spec).map_err(plain)?;
    let files = session.attend(move || input::expand(&spec).map_err(plain))?;
    let mut warnings = Warnings::new();
    // Files that were read before one that cannot be read stay.
    let loaded = files.into_iter().try_for_each(|file| one(session, file, &mut warnings));
    session.loaded();
    warnings.diagnostics().iter().for_each(|w| session.diagnostic(w, &Default::default()));
    loaded
}

/// Loads one file, and says so.
fn one(session: &mut Session, file: InputFile, warnings: &mut Warnings) -> Result<(), Box<Failure>> {
    let engine = session.engine.clone();
    if Arriving::worth_it(&file) {
        let arriving = session.attend(move || Arriving::start(file, engine.store.parse_options(), engine.settings.threads).map_err(plain))?;
        session.say(&format!("{}: loading; until it is in memory, queries read the file\n", arriving.file.name));
        Arc::make_mut(&mut session.engine.store).add(Dataset::Arriving(arriving));
        return Ok(());
    }
    let (table, found) = session.attend(move || {
        let (mut found, go_on) = (Warnings::new(), || engine.cancel.check());
        let table = store::load(&file, &Default::default(), engine.store.parse_options(), engine.settings.threads, &go_on, &mut found);
        Ok((table, found))
    })?;
    warnings.merge(found);
    let table = table.map_err(plain)?;
    session.say(&format!("{}: {} events\n", table.name, table.rows()));
    Arc::make_mut(&mut session.engine.store).add(table);
    Ok(())
}
