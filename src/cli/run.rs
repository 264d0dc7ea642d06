//! `spl run`: detections over events, and what they say of each hit.

use super::progress::Progress;
use super::{DONE, Failed, HIT, INTERRUPTED, Report, Shared, USAGE, interrupt};
use crate::Engine;
use crate::detections::summary::{self, Line};
use crate::detections::{self, Hits, Look, Run};
use crate::diagnostic::Code;
use crate::input::Warnings;
use std::path::{Path, PathBuf};

#[derive(Clone, Debug, clap::Args)]
#[command(
    after_help = "Shows the time and the message of each hit, or its row where the detection has no message; --format table or vertical shows the rows of all. Reads datasets/ where there is no --data. A macros.conf beside the .spl files is used, and so are the macros and lookups of a contentctl checkout."
)]
pub struct Args {
    /// .spl files, contentctl .yml files, or directories
    #[arg(value_name = "PATH", default_value = "queries")]
    paths: Vec<PathBuf>,
    /// Search the time of each detection's own schedule, up to now
    #[arg(long)]
    scheduled: bool,
    /// Exit code 1 when anything hit
    #[arg(long)]
    fail_on_hit: bool,
    /// Say how long each detection took beside what they share, the slowest first
    #[arg(long)]
    profile: bool,
}

pub fn run(shared: &Shared, args: &Args, report: &mut Report) -> Result<u8, Failed> {
    let settings = shared.settings()?;
    let found = detections::find(&args.paths, settings.threads)?;
    let knowledge = shared.knowledge(&found.macros, found.content.as_deref())?;
    report.plain(knowledge.warnings());
    report.plain(found.unreadable.iter().map(|(_, d)| d));
    let files = shared.files(Some(Path::new("datasets")))?;
    let mut warnings = Warnings::new();
    // Standard input can be read once only, and a query may read twice.
    let catalog = match files.iter().any(|f| f.path.is_none()) {
        true => shared.loaded(&files, &settings, &mut warnings)?,
        false => shared.streamed(files, &settings),
    };
    report.plain(&warnings.diagnostics());
    let engine = Engine::new(catalog, knowledge, settings);
    interrupt::install(&engine.cancel);
    let sink = shared.sink()?;
    let mut out = Hits::new(Look { format: shared.wanted_format(), options: shared.options(&sink), cap: usize::MAX }, sink);
    let (mut lines, mut worst) = (Vec::new(), None);
    let mut progress = Progress::start(report);
    let runs = detections::run(&engine, &found.detections, args.scheduled);
    progress.stop();
    for some in detections::together(&found.detections, runs) {
        let drawn = out.draw(&some, engine.settings.threads);
        for ((detection, Run { located, result, spent }), drawn) in some.into_iter().zip(drawn) {
            match result {
                Ok((rows, warnings)) => {
                    warnings.iter().for_each(|w| report.diagnostic(w, &located.sources));
                    out.rows(detection, &rows, drawn)?;
                    lines.push(Line::new(detection, &rows, spent, &shared.tz));
                }
                Err(diagnostics) => {
                    if diagnostics.iter().any(|d| d.code == Code::CANCELLED) {
                        report.plain(&diagnostics);
                        return Err(Failed::Said(INTERRUPTED));
                    }
                    report.note(&format!("{}:", detection.name));
                    diagnostics.iter().for_each(|d| report.diagnostic(d, &located.sources));
                    worst = worst.max(Some(diagnostics.iter().map(super::exit::code).max().unwrap_or(USAGE)));
                    lines.push(Line::failed(detection, spent));
                }
            }
        }
    }
    out.finish()?;
    report.note(&summary::text(&lines, &shared.tz));
    if args.profile {
        report.note(&summary::profile(&lines));
    }
    let unreadable = found.unreadable.first().map(|_| USAGE);
    Ok(match worst.max(unreadable) {
        Some(code) => code,
        None if args.fail_on_hit && lines.iter().any(|l| l.hits > 0) => HIT,
        None => DONE,
    })
}
