//! Detections over events, in one pass as far as they let themselves be planned.

use super::Located;
use crate::Engine;
use crate::column::Batch;
use crate::diagnostic::{Code, Diagnostic};
use crate::engine::Planned;
use crate::knowledge::Detection;
use crate::plan::TimeRange;
use crate::time::modifier::relative_time;
use std::time::Duration;

/// How the run of a detection went.
pub struct Run {
    pub located: Located,
    /// Its rows and warnings, or why there are none.
    pub result: Result<(Batch, Vec<Diagnostic>), Vec<Diagnostic>>,
    /// Time spent on it alone.
    pub spent: Duration,
}

/// Runs detections over the events of an engine; how each went, in their order. `scheduled` searches the time of each one's own schedule.
pub fn run(engine: &Engine, detections: &[Detection], scheduled: bool) -> Vec<Run> {
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
