//! Detections over events, in one pass as far as they let themselves be planned.

use super::Located;
use crate::Engine;
use crate::column::Batch;
use crate::diagnostic::{Code, Diagnostic};
use crate::each::each;
use crate::engine::Planned;
use crate::knowledge::Detection;
use crate::plan::TimeRange;
use crate::time::modifier::relative_time;
use std::time::Duration;

/// How the run of a detection went. What there is to say has its places in the detection's file.
pub struct Run {
    pub located: Located,
    /// Its rows and warnings, or why there are none. What is wrong with the events is told by the first detection that reads them.
    pub result: Result<(Batch, Vec<Diagnostic>), Vec<Diagnostic>>,
    /// Time spent on it alone.
    pub spent: Duration,
}

impl Run {
    /// The rows, where it ran to its end.
    pub fn rows(&self) -> Option<&Batch> {
        self.result.as_ref().ok().map(|(rows, _)| rows)
    }
}

/// Runs detections over the events of an engine; how each went, in their order. `scheduled` searches the time of each one's own schedule.
pub fn run(engine: &Engine, detections: &[Detection], scheduled: bool) -> Vec<Run> {
    let mut planned = Vec::new();
    let runs: Vec<(Located, Result<(), Vec<Diagnostic>>)> = each(detections.iter().collect(), engine.settings.threads, |d| plan(engine, d, scheduled))
        .into_iter()
        .map(|(located, plan)| (located, plan.map(|p| planned.push(p))))
        .collect();
    let mut outcomes = engine.run_together(planned).into_iter();
    let mut told = Vec::new();
    let run = |(located, plan): (Located, Result<(), Vec<Diagnostic>>)| {
        let (result, spent) = match plan.map(|()| outcomes.next()) {
            Err(diagnostics) => (Err(diagnostics), Duration::ZERO),
            Ok(None) => (Err(Vec::new()), Duration::ZERO),
            Ok(Some(outcome)) => (outcome.answer.map(|a| (a.rows, a.warnings)).map_err(|f| f.diagnostics), outcome.spent),
        };
        let in_file = |diagnostics: Vec<Diagnostic>| -> Vec<Diagnostic> { diagnostics.iter().map(|d| located.diagnostic(d)).collect() };
        let result = match result {
            Ok((rows, warnings)) => {
                let mut warnings = in_file(warnings);
                warnings.retain(|w| w.span.is_some() || !told.contains(w));
                told.extend(warnings.iter().filter(|w| w.span.is_none()).cloned());
                Ok((rows, warnings))
            }
            Err(diagnostics) => Err(in_file(diagnostics)),
        };
        Run { located, result, spent }
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
