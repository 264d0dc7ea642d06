//! Several queries over one reading of the events.

use super::{Answer, Engine, Failure, Planned, Running, each, roomy};
use crate::column::Batch;
use crate::diagnostic::{Diagnostic, Sources};
use crate::operator::Context;
use crate::operator::pass::{self, Got, Pass, replace};
use std::sync::Arc;
use std::time::{Duration, Instant};

/// How one of several queries went, and the time that was spent on it alone.
pub struct Outcome {
    pub answer: Result<Answer, Failure>,
    pub spent: Duration,
}

/// A query between planning and running.
struct Waiting {
    planned: Planned,
    context: Arc<Context>,
}

impl Engine {
    /// Runs queries to their end, in one pass over the events as far as their plans allow. Each has its own budget of memory; what the pass
    /// collects for all of them has one more, and a query that does not fit into it runs alone afterwards.
    pub fn run_together(&self, queries: Vec<Planned>) -> Vec<Outcome> {
        let shared = Arc::new(self.context(self.env()));
        let prepared = each(queries, self.settings.threads, |planned| {
            let context = Arc::new(self.context(planned.env.clone()));
            // Where a part cannot be prepared, running the query tells why.
            let drafts = roomy(planned.stages, || pass::drafts(&planned.plan, &context)).unwrap_or_default();
            (Waiting { planned, context }, drafts)
        });
        let mut pass = Pass::new(shared.clone());
        let waiting: Vec<(Waiting, usize)> = prepared
            .into_iter()
            .map(|(waiting, drafts)| {
                let parts = drafts.len();
                drafts.into_iter().for_each(|d| pass.add(d));
                (waiting, parts)
            })
            .collect();
        let got = shared.env.ceilings.watch(|| pass.run());
        let mut input: Vec<Diagnostic> = shared.input_warnings.lock().map(|w| w.diagnostics()).unwrap_or_default();
        match got {
            Err(d) => waiting.into_iter().map(|(w, _)| w.failed(d.clone())).collect(),
            Ok(got) => {
                let mut got = got.into_iter();
                // One after the other: some write what a later one reads, and what the process holds is one query's.
                let mut outcomes: Vec<Outcome> = waiting.into_iter().map(|(w, parts)| self.rest(w, got.by_ref().take(parts).collect())).collect();
                // What is wrong with the input is told once.
                if let Some(first) = outcomes.iter_mut().find_map(|o| o.answer.as_mut().ok()) {
                    first.warnings.append(&mut input);
                }
                outcomes
            }
        }
    }

    /// What is left of a query after the pass.
    fn rest(&self, waiting: Waiting, got: Vec<Got>) -> Outcome {
        let start = Instant::now();
        let spent: Duration = got.iter().map(|g| g.spent).sum();
        let Waiting { mut planned, context, .. } = waiting;
        // What the pass holds for all is counted there.
        context.memory.begin();
        let rows: Option<Vec<Batch>> = got.into_iter().map(|g| g.rows).collect();
        let alone = rows.as_ref().is_none_or(Vec::is_empty);
        let answer = match rows.filter(|_| !alone) {
            Some(rows) => {
                planned.plan = roomy(planned.stages, || replace(planned.plan, &mut rows.into_iter()));
                self.start_in(planned, context)
            }
            None => self.start(planned),
        };
        let answer = answer.and_then(Running::finish);
        Outcome { answer, spent: spent + start.elapsed() }
    }
}

impl Waiting {
    fn failed(self, why: Diagnostic) -> Outcome {
        let sources: Sources = self.planned.sources;
        Outcome { answer: Err(Failure { sources, diagnostics: vec![why] }), spent: Duration::ZERO }
    }
}
