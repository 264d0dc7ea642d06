//! `spl run`: detections over events, and what they say of each hit.

use super::located::{self, Located};
use super::progress::Progress;
use super::{DONE, Failed, HIT, INTERRUPTED, Report, Shared, USAGE, interrupt};
use crate::Engine;
use crate::column::{Batch, Column, Name, Value};
use crate::diagnostic::{Code, Diagnostic};
use crate::engine::Planned;
use crate::input::{Warnings, parse::time_value};
use crate::knowledge::Detection;
use crate::output::{Format, Options, Output, Sink, cell, json, table, visible};
use crate::plan::TimeRange;
use crate::time::{Zone, modifier::relative_time};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

/// The summary names detections without hits up to so many.
const LISTED: usize = 20;

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
    let found = located::find(&args.paths)?;
    let settings = shared.settings()?;
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
    let mut out = Out::new(shared)?;
    let mut said: Vec<Diagnostic> = Vec::new();
    let mut summary = Vec::new();
    let mut progress = Progress::start(report);
    let results = results(&engine, &found.detections, args.scheduled);
    progress.stop();
    for (detection, Run { located, result, spent }) in found.detections.iter().zip(results) {
        match result {
            Ok((rows, warnings)) => {
                // A file that is read by every detection is damaged once.
                for w in warnings.into_iter().map(|w| located.diagnostic(&w)).filter(|w| w.span.is_some() || !said.contains(w)).collect::<Vec<_>>() {
                    report.diagnostic(&w, &located.sources);
                    said.push(w);
                }
                out.rows(detection, &rows)?;
                summary.push(Line { spent, ..Line::new(detection, &rows, shared) });
            }
            Err(diagnostics) => {
                if diagnostics.iter().any(|d| d.code == Code::CANCELLED) {
                    report.plain(&diagnostics);
                    return Err(Failed::Said(INTERRUPTED));
                }
                report.note(&format!("{}:", detection.name));
                diagnostics.iter().for_each(|d| report.diagnostic(&located.diagnostic(d), &located.sources));
                let code = diagnostics.iter().map(super::exit::code).max().unwrap_or(USAGE);
                summary.push(Line { name: detection.name.clone(), failed: Some(code), spent, ..Line::default() });
            }
        }
    }
    out.finish()?;
    report.note(&text(&summary, shared));
    if args.profile {
        report.note(&profile(&summary));
    }
    let unreadable = found.unreadable.iter().map(|_| USAGE);
    match summary.iter().filter_map(|l| l.failed).chain(unreadable).max() {
        Some(code) => Ok(code),
        None if args.fail_on_hit && summary.iter().any(|l| l.hits > 0) => Ok(HIT),
        None => Ok(DONE),
    }
}

/// How the run of a detection went.
struct Run {
    located: Located,
    result: Result<(Batch, Vec<Diagnostic>), Vec<Diagnostic>>,
    spent: Duration,
}

/// Runs detections in one pass over the events, as far as they let themselves be planned.
fn results(engine: &Engine, detections: &[Detection], scheduled: bool) -> Vec<Run> {
    let mut runs: Vec<(Located, Result<(), Vec<Diagnostic>>)> = Vec::new();
    let mut planned = Vec::new();
    for detection in detections {
        let (located, plan) = plan(engine, detection, scheduled);
        runs.push((located, plan.map(|p| planned.push(p))));
    }
    let mut outcomes = engine.run_together(planned).into_iter();
    let run = |(located, plan): (Located, Result<(), Vec<Diagnostic>>)| match plan.map(|()| outcomes.next()) {
        Err(diagnostics) => Run { located, result: Err(diagnostics), spent: Duration::ZERO },
        Ok(None) => Run { located, result: Err(Vec::new()), spent: Duration::ZERO },
        Ok(Some(outcome)) => {
            let result = outcome.answer.map(|a| (a.rows, a.warnings)).map_err(|f| f.diagnostics);
            Run { located, result, spent: outcome.spent }
        }
    };
    runs.into_iter().map(run).collect()
}

/// The plan of a detection.
fn plan(engine: &Engine, detection: &Detection, scheduled: bool) -> (Located, Result<Planned, Vec<Diagnostic>>) {
    let mut engine = engine.clone();
    let now = engine.settings.now.unwrap_or_else(crate::time::clock);
    let parsed = engine.parse(&detection.search, None);
    let located = Located::new(detection, &parsed.sources);
    if scheduled {
        let time = |text: &Option<String>| text.as_ref().map(|t| relative_time(now, t, &engine.settings.zone)).transpose();
        match (time(&detection.schedule.earliest), time(&detection.schedule.latest)) {
            // The flags win over the schedule.
            (Ok(earliest), Ok(latest)) => engine.settings.range = TimeRange { earliest, latest }.overridden_by(engine.settings.range),
            (Err(e), _) | (_, Err(e)) => {
                let d = Diagnostic::error(Code::TIME, format!("{}: the schedule of the detection: {e}", detection.file));
                return (located, Err(vec![d]));
            }
        }
    }
    (located, engine.plan(parsed).map_err(|f| f.diagnostics))
}

/// The hits on their way out.
enum Out {
    /// For people: a heading, then the message of each hit, or its row.
    Text { sink: Option<Sink>, format: Format, messages: bool, options: Options },
    /// An object a hit.
    Objects { sink: Sink, array: bool, begun: bool },
    /// One table with the detection as its first column.
    Column(Output),
}

impl Out {
    fn new(shared: &Shared) -> Result<Out, Diagnostic> {
        let sink = shared.sink()?;
        Ok(match shared.wanted_format().unwrap_or_default() {
            format @ (Format::Table | Format::Vertical) => {
                Out::Text { options: shared.options(&sink), sink: Some(sink), format, messages: shared.wanted_format().is_none() }
            }
            Format::Ndjson => Out::Objects { sink, array: false, begun: false },
            Format::Json => Out::Objects { sink, array: true, begun: false },
            _ => Out::Column(shared.output(sink)),
        })
    }

    fn rows(&mut self, detection: &Detection, rows: &Batch) -> Result<(), Failed> {
        if rows.is_empty() {
            return Ok(());
        }
        match self {
            Out::Text { sink: slot, format, messages, options } => {
                let Some(mut sink) = slot.take() else { return Ok(()) };
                sink.styled(&heading(detection, rows))?;
                if *messages && detection.risk.message.is_some() {
                    sink.text(&said(detection, rows, &options.zone))?;
                    sink.text("\n")?;
                    *slot = Some(sink);
                    return Ok(());
                }
                let mut out = Output::new(*format, options, sink);
                out.rows(rows.clone())?;
                let (mut sink, _) = out.finish()?;
                sink.text("\n")?;
                *slot = Some(sink);
            }
            Out::Objects { sink, array, begun } => {
                let objects = json::Objects::new(rows);
                let mut text = String::new();
                for row in 0..rows.len() {
                    text.push_str(match (*array, *begun) {
                        (true, false) => "[\n",
                        (true, true) => ",\n",
                        (false, _) => "",
                    });
                    *begun = true;
                    text.push_str("{\"detection\":");
                    json::write_text(&detection.stem, &mut text);
                    text.push_str(",\"row\":");
                    objects.write(row, &mut text);
                    text.push_str(if *array { "}" } else { "}\n" });
                }
                sink.text(&text)?;
            }
            Out::Column(out) => {
                let name = Column::Const(Value::owned(detection.stem.clone()), rows.len());
                let first: (Name, Arc<Column>) = ("detection".into(), Arc::new(name));
                let others = rows.columns().map(|(n, c)| (n.clone(), c.clone()));
                out.rows(rows.with_columns(std::iter::once(first).chain(others)))?;
            }
        }
        Ok(())
    }

    fn finish(self) -> Result<(), Failed> {
        let sink = match self {
            Out::Text { sink, .. } => sink,
            Out::Objects { mut sink, array, begun } => {
                if array {
                    sink.text(if begun { "\n]\n" } else { "[]\n" })?;
                }
                Some(sink)
            }
            Out::Column(out) => Some(out.finish()?.0),
        };
        Ok(sink.map_or(Ok(()), Sink::finish)?)
    }
}

/// What is said above the hits.
fn heading(detection: &Detection, rows: &Batch) -> String {
    let score = detection.risk.score.map(|s| format!("risk {}", crate::column::number::format(s)));
    let facts: Vec<String> = detection.kind.iter().cloned().chain(detection.mitre.iter().cloned()).chain(score).collect();
    let hits = if rows.len() == 1 { "1 hit".to_string() } else { format!("{} hits", rows.len()) };
    format!("\u{1b}[1m{}\u{1b}[0m  {}  {hits}\n", visible(&detection.name), visible(&facts.join(" · ")))
}

/// A line for each hit: when it was first, as far as the row tells, and the detection's message.
fn said(detection: &Detection, rows: &Batch, zone: &Zone) -> String {
    let mut out = String::new();
    for row in 0..rows.len() {
        let message = detection.message(rows, row).unwrap_or_default();
        let when = time_of(rows, row, FIRST, zone).map(|t| format!("{}  ", cell::time(t, zone))).unwrap_or_default();
        out.push_str(&format!("  • {when}{}\n", visible(&message.split_whitespace().collect::<Vec<_>>().join(" "))));
    }
    out
}

/// The columns that say when a hit was first, and last.
const FIRST: [&str; 2] = ["firstTime", "_time"];
const LAST: [&str; 2] = ["lastTime", "_time"];

/// The time in the first of these columns that has one.
fn time_of(rows: &Batch, row: usize, columns: [&str; 2], zone: &Zone) -> Option<f64> {
    columns.into_iter().find_map(|name| match rows.value(name, row) {
        Value::Number(t) => Some(t),
        Value::Text(t) => time_value(&t, zone),
        _ => None,
    })
}

/// A line of the summary.
#[derive(Default)]
struct Line {
    name: String,
    hits: usize,
    first: Option<f64>,
    last: Option<f64>,
    risk: Option<f64>,
    failed: Option<u8>,
    /// Time spent on it alone.
    spent: Duration,
}

impl Line {
    fn new(detection: &Detection, rows: &Batch, shared: &Shared) -> Line {
        let each = |columns| (0..rows.len()).filter_map(move |row| time_of(rows, row, columns, &shared.tz));
        Line {
            name: detection.name.clone(),
            hits: rows.len(),
            first: each(FIRST).reduce(f64::min),
            last: each(LAST).reduce(f64::max),
            risk: detection.risk.score,
            failed: None,
            spent: Duration::ZERO,
        }
    }
}

/// The time that each detection took, the slowest first: what they share, reading and parsing, is in none of them.
fn profile(lines: &[Line]) -> String {
    let mut lines: Vec<&Line> = lines.iter().collect();
    lines.sort_by_key(|l| std::cmp::Reverse(l.spent));
    let mut rows = Batch::new(lines.len());
    rows.set("detection", lines.iter().map(|l| Value::owned(l.name.clone())).collect::<Column>());
    rows.set("ms", lines.iter().map(|l| Value::Number((l.spent.as_secs_f64() * 1e6).round() / 1e3)).collect::<Column>());
    table::text(&rows, &Options { width: table::terminal_width(), ..Options::default() })
}

/// The summary: a table of the detections, those without hits only while they are few.
fn text(lines: &[Line], shared: &Shared) -> String {
    let hit = lines.iter().filter(|l| l.hits > 0).count();
    let failed = lines.iter().filter(|l| l.failed.is_some()).count();
    let listed: Vec<&Line> = lines.iter().filter(|l| lines.len() <= LISTED || l.hits > 0 || l.failed.is_some()).collect();
    let time = |t: Option<f64>| Value::from(t.map(|t| cell::time(t, &shared.tz)));
    let mut rows = Batch::new(listed.len());
    let mut set = |name: &str, value: &dyn Fn(&Line) -> Value<'static>| rows.set(name, listed.iter().map(|l| value(l)).collect::<Column>());
    set("detection", &|l| Value::owned(l.name.clone()));
    set("hits", &|l| if l.failed.is_some() { Value::text("failed") } else { Value::Number(l.hits as f64) });
    // Detections whose rows hold no times, or that have no risk, need no empty columns.
    if listed.iter().any(|l| l.first.is_some() || l.last.is_some()) {
        set("first", &|l| time(l.first));
        set("last", &|l| time(l.last));
    }
    if listed.iter().any(|l| l.risk.is_some() && l.hits > 0) {
        set("risk", &|l| l.risk.filter(|_| l.hits > 0).into());
    }
    let options = Options { width: table::terminal_width(), ..Options::default() };
    let failed = if failed > 0 { format!(", {failed} failed") } else { String::new() };
    let noun = if lines.len() == 1 { "detection" } else { "detections" };
    format!("{}{} {noun}, {hit} with hits{failed}", table::text(&rows, &options), lines.len())
}
