//! `spl check`: what is wrong with searches, without running them.

use super::{DONE, Failed, Report, Shared, USAGE};
use crate::Engine;
use crate::detections::{self, Located, line_column};
use crate::diagnostic::{Code, Diagnostic, Kind, Severity, Sources, Span, render};
use crate::engine::Settings;
use crate::function::Env;
use crate::lint::{Query, lint};
use crate::output::{Format, Sink};
use crate::plan::{Node, Planner};
use crate::store::Catalog;
use crate::syntax::Pipeline;
use std::path::PathBuf;
use std::sync::Arc;

#[derive(Clone, Debug, clap::Args)]
#[command(after_help = "--format ndjson prints one object a diagnostic: file, severity, code, message, start, end, line, column.")]
pub struct Args {
    /// .spl files, contentctl .yml files, or directories
    #[arg(value_name = "PATH", default_value = "queries")]
    paths: Vec<PathBuf>,
}

pub fn run(shared: &Shared, args: &Args, report: &mut Report) -> Result<u8, Failed> {
    let settings = shared.settings()?;
    let found = detections::find(&args.paths, settings.threads)?;
    let knowledge = shared.knowledge(&found.macros, found.content.as_deref())?;
    report.plain(knowledge.warnings());
    let engine = Engine::new(Catalog::default(), knowledge, settings);
    let lines = match shared.format {
        None | Some(Format::Table) => false,
        Some(Format::Ndjson) => true,
        Some(_) => return Err(Failed::usage("`spl check` writes text or --format ndjson").into()),
    };
    let mut out = Out { sink: shared.sink()?, lines, errors: 0, warnings: 0, quiet: report.is_quiet() };
    for (file, d) in &found.unreadable {
        out.write(&file.display().to_string(), d, &Sources::default())?;
    }
    for detection in &found.detections {
        let (sources, diagnostics) = diagnose(&engine, &detection.search);
        if diagnostics.is_empty() {
            continue;
        }
        let located = Located::new(detection, &sources);
        for d in &diagnostics {
            out.write(&detection.file, &located.diagnostic(d), &located.sources)?;
        }
    }
    let (errors, warnings, files) = (out.errors, out.warnings, found.detections.len() + found.unreadable.len());
    out.sink.finish()?;
    let many = |n: usize, noun: &str| if n == 1 { format!("1 {noun}") } else { format!("{n} {noun}s") };
    let searches = if files == 1 { "1 search".to_string() } else { format!("{files} searches") };
    report.note(&format!("{searches} checked: {}, {}", many(errors, "error"), many(warnings, "warning")));
    Ok(if errors > 0 { USAGE } else { DONE })
}

struct Out {
    sink: Sink,
    lines: bool,
    quiet: bool,
    errors: usize,
    warnings: usize,
}

impl Out {
    fn write(&mut self, file: &str, d: &Diagnostic, sources: &Sources) -> Result<(), Failed> {
        match d.severity {
            Severity::Error => self.errors += 1,
            Severity::Warning => self.warnings += 1,
            Severity::Note => {}
        }
        if self.lines {
            return Ok(self.sink.text(&format!("{}\n", object(file, d, sources)))?);
        }
        if d.is_error() || !self.quiet {
            let text = render(&crate::output::cleaned(d), sources, self.sink.has_color());
            self.sink.styled(&format!("{text}\n\n"))?;
        }
        Ok(())
    }
}

/// A diagnostic as JSON. A place in a macro's body is that of the call; one that has none is the start of the file.
fn object(file: &str, d: &Diagnostic, sources: &Sources) -> serde_json::Value {
    let span = d.span.map(|s| sources.in_user_text(s)).unwrap_or_default();
    let text = sources.get(span.source).map(|s| s.text.clone()).unwrap_or_default();
    let (line, column) = line_column(&text, span.start);
    serde_json::json!({
        "file": file, "severity": d.severity, "code": d.code.id, "message": d.message, "help": d.help.join(" "),
        "start": span.start, "end": span.end, "line": line, "column": column,
    })
}

/// Everything that is wrong with a search: its syntax, then stage by stage what cannot be planned. What is known but not built or
/// needs a server, and lookups, saved searches and other objects that are not there, are warnings, and the stages after them are still looked at.
pub fn diagnose(engine: &Engine, text: &str) -> (Sources, Vec<Diagnostic>) {
    let parsed = engine.parse(text, None);
    let mut all = parsed.diagnostics;
    let whole = all.is_empty();
    let Settings { now, zone, limits, range, .. } = engine.settings.clone();
    let env = Arc::new(Env { now: now.unwrap_or_else(crate::time::clock), zone, ..Env::default() });
    let mut planner = Planner::new(&engine.knowledge, &parsed.sources, env, limits, range);
    planner.writes.clone_from(&engine.settings.writes);
    let mut node = Node::Start;
    for step in parsed.pipeline.stages.iter().cloned() {
        let one = Pipeline { span: step.span, stages: vec![step] };
        match planner.pipeline(&one, node.clone()) {
            Ok(next) => node = next,
            Err(d) => {
                node = planner.started(node);
                // Behind a stage that could not be read, others may seem to stand in the wrong place; a macro that was not
                // expanded is told of already.
                if whole || !matches!(d.code, c if c == Code::PLACE || c == Code::UNKNOWN_MACRO) {
                    all.push(d);
                }
            }
        }
    }
    all.append(&mut planner.warnings);
    if whole {
        all.extend(lint(&Query { engine, sources: &parsed.sources, tokens: &parsed.expanded, pipeline: &parsed.pipeline }));
    }
    for d in &mut all {
        if d.kind() == Kind::Unsupported || matches!(d.code, Code::LOOKUP | Code::SAVED_SEARCH | Code::NO_OBJECT) {
            d.severity = Severity::Warning;
        }
    }
    all.sort_by_key(|d| d.span.map_or((0, 0), |s: Span| (parsed.sources.in_user_text(s).start, s.start)));
    all.dedup();
    (parsed.sources, all)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::knowledge::Knowledge;

    fn found(text: &str) -> Vec<(&'static str, Severity)> {
        let engine = Engine::new(Catalog::default(), Knowledge::builtin(), Settings::default());
        diagnose(&engine, text).1.iter().map(|d| (d.code.id, d.severity)).collect()
    }

    #[test]
    fn every_stage_is_looked_at() {
        use Severity::Error;
        assert_eq!(found("index=a | stats count by x | sort - count"), []);
        assert_eq!(found("index=a | stast count | head 5 | sotr x"), [("SPL003", Error), ("SPL003", Error)]);
        assert_eq!(found("index=a | makeresults | head 5"), [("SPL025", Error)]);
        assert_eq!(found("index=a | stast count | makeresults"), [("SPL003", Error)]);
        assert_eq!(found("`nothing` | head 5"), [("SPL010", Error)]);
    }
}
