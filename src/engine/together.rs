//! Several queries over one reading of the events.

use super::{Answer, Engine, Failure, Planned, Running, roomy};
use crate::column::Batch;
use crate::diagnostic::{Diagnostic, Sources};
use crate::operator::Context;
use crate::operator::pass::{Got, Pass, replace};
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
    /// How many parts of it the pass does; none where it has to run alone.
    parts: usize,
}

impl Engine {
    /// Runs queries to their end, in one pass over the events as far as their plans allow. Each has its own budget of memory; what the pass
    /// collects for all of them has one more, and a query that does not fit into it runs alone afterwards.
    pub fn run_together(&self, queries: Vec<Planned>) -> Vec<Outcome> {
        let shared = Arc::new(self.context(self.env()));
        let mut pass = Pass::new(shared.clone());
        let mut waiting = Vec::new();
        for planned in queries {
            let context = Arc::new(self.context(planned.env.clone()));
            // Where a part cannot be prepared, running the query tells why.
            let parts = roomy(planned.stages, || pass.add(&planned.rewritten, &context)).unwrap_or_default();
            waiting.push(Waiting { planned, context, parts });
        }
        let got = shared.env.ceilings.watch(|| pass.run());
        let mut input: Vec<Diagnostic> = shared.input_warnings.lock().map(|w| w.diagnostics()).unwrap_or_default();
        match got {
            Err(d) => waiting.into_iter().map(|w| w.failed(d.clone())).collect(),
            Ok(got) => {
                let mut got = got.into_iter();
                waiting
                    .into_iter()
                    .map(|w| {
                        let parts: Vec<Got> = got.by_ref().take(w.parts).collect();
                        let mut outcome = self.rest(w, parts);
                        if let Ok(answer) = &mut outcome.answer {
                            // What is wrong with the input is told once.
                            answer.warnings.append(&mut input);
                        }
                        outcome
                    })
                    .collect()
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
                planned.rewritten = roomy(planned.stages, || replace(planned.rewritten, &mut rows.into_iter()));
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
