//! `.run`: detections over what is loaded.

use super::session::{Session, plain};
use super::show::unwritten;
use crate::Engine;
use crate::detections::summary::{self, Line};
use crate::detections::{self, Found, Hits, Look, Run};
use crate::diagnostic::{Code, Diagnostic, Sources};
use crate::engine::Failure;
use std::io;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Instant;

/// What is read when no path is given, as by `spl run`.
const DEFAULT: &str = "queries";

/// Runs the detections of a file or directory, and shows their hits and what they come to.
pub fn run(session: &mut Session, path: &str) -> Result<(), Box<Failure>> {
    let start = Instant::now();
    let path = PathBuf::from(if path.is_empty() { DEFAULT } else { path });
    let (engine, beside) = (session.with_range()?, session.beside.clone());
    let (found, warnings, runs) = session.attend(move || {
        let found = detections::find(&[path], engine.settings.threads).map_err(plain)?;
        let knowledge = Arc::new(beside(&found).map_err(plain)?);
        let warnings: Vec<Diagnostic> = knowledge.warnings().cloned().collect();
        let runs = detections::run(&Engine { knowledge, ..engine }, &found.detections, false);
        Ok((found, warnings, runs))
    })?;
    warnings.iter().chain(found.unreadable.iter().map(|(_, d)| d)).for_each(|d| session.diagnostic(d, &Sources::default()));
    let lines = show(session, &found, runs).map_err(|e| plain(unwritten(e)))?;
    if !session.options.quiet {
        session.remark(&format!("{}\n", summary::text(&lines, &session.engine.settings.zone)));
    }
    if session.timer {
        session.remark(&format!("{:.3} s\n", start.elapsed().as_secs_f64()));
    }
    match lines.iter().filter(|l| l.failed).count() + found.unreadable.len() {
        0 => Ok(()),
        failed => Err(plain(Diagnostic::error(Code::RUNTIME, format!("{failed} of {} searches failed", lines.len() + found.unreadable.len())))),
    }
}

/// Shows the hits of each detection, and why some failed.
fn show(session: &mut Session, found: &Found, runs: Vec<Run>) -> io::Result<Vec<Line>> {
    let (format, options) = session.output();
    let zone = options.zone;
    let look = Look { format: session.options.format, options, cap: session.cap_of(format) };
    let mut hits = Hits::new(look, session.sink());
    let mut lines = Vec::new();
    for some in detections::together(&found.detections, runs) {
        let drawn = hits.draw(&some, session.engine.settings.threads);
        for ((detection, Run { located, result, spent }), drawn) in some.into_iter().zip(drawn) {
            match result {
                Ok((rows, warnings)) => {
                    warnings.iter().for_each(|w| session.diagnostic(w, &located.sources));
                    hits.rows(detection, &rows, drawn)?;
                    lines.push(Line::new(detection, &rows, spent, &zone));
                }
                Err(diagnostics) => {
                    session.remark(&format!("{}:\n", detection.name));
                    diagnostics.iter().for_each(|d| session.diagnostic(d, &located.sources));
                    lines.push(Line::failed(detection, spent));
                }
            }
        }
    }
    hits.finish()?;
    Ok(lines)
}
