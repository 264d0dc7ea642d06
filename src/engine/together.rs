//! Several queries over one reading of the events.

use super::{Answer, Engine, Failure, Planned, Running, roomy};
use crate::column::Batch;
use crate::diagnostic::{Code, Diagnostic, Sources};
use crate::each::each;
use crate::operator::Context;
use crate::operator::pass::{self, Got, Pass, replace};
use crate::plan::Node;
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

/// More rows than these are not few.
const SMALL: usize = 1 << 12;

impl Engine {
    /// Runs queries to their end, in one pass over the events as far as their plans allow. Each has its own budget of memory; what the pass
    /// collects for all of them has one more, and a query that does not fit into it runs alone afterwards.
    pub fn run_together(&self, queries: Vec<Planned>) -> Vec<Outcome> {
        let (mut outcomes, mut input) = self.together(queries);
        // What is wrong with the input is told once.
        if let Some(first) = outcomes.iter_mut().find_map(|o| o.answer.as_mut().ok()) {
            first.warnings.append(&mut input);
        }
        outcomes
    }

    /// The same; also gives what is wrong with the input.
    fn together(&self, queries: Vec<Planned>) -> (Vec<Outcome>, Vec<Diagnostic>) {
        let shared = Arc::new(self.context(self.env()));
        let prepared = each(queries.iter().collect(), self.settings.threads, |planned| {
            let context = Arc::new(self.context(planned.env.clone()));
            // Where a part cannot be prepared, running the query tells why.
            let drafts = roomy(planned.stages, || pass::drafts(&planned.plan, &context)).unwrap_or_default();
            (context, drafts)
        });
        let mut pass = Pass::new(shared.clone());
        let prepared: Vec<(Arc<Context>, usize)> = prepared
            .into_iter()
            .map(|(context, drafts)| {
                let parts = drafts.len();
                drafts.into_iter().for_each(|d| pass.add(d));
                (context, parts)
            })
            .collect();
        let got = shared.env.ceilings.watch(|| pass.run());
        if queries.len() > 1 && got.as_ref().is_err_and(|d| d.code == Code::MEMORY) {
            return self.halves(queries);
        }
        let waiting = queries.into_iter().zip(prepared).map(|(planned, (context, parts))| (Waiting { planned, context }, parts));
        let mut input = shared.env.ceilings.warnings();
        input.extend(shared.input_warnings.lock().map(|w| w.diagnostics()).unwrap_or_default());
        let outcomes = match got {
            // Alone it tells where in its plan it needs so much.
            Err(d) if d.code == Code::MEMORY => waiting.map(|(w, _)| self.rest(w, Vec::new())).collect(),
            Err(d) => waiting.map(|(w, _)| w.failed(d.clone())).collect(),
            Ok(got) => self.rests(waiting.collect(), got),
        };
        (outcomes, input)
    }

    /// Queries that need too much together, in two passes, and so on: what only one of them needs does not fail the others.
    fn halves(&self, mut queries: Vec<Planned>) -> (Vec<Outcome>, Vec<Diagnostic>) {
        let later = queries.split_off(queries.len() / 2);
        let (mut outcomes, mut input) = self.together(queries);
        let (more, other) = self.together(later);
        outcomes.extend(more);
        input.extend(other.into_iter().filter(|warning| !input.contains(warning)).collect::<Vec<_>>());
        (outcomes, input)
    }

    /// What is left of the queries after the pass. Those that have little to do run on every core; the others one after the other: some write
    /// what a later one reads, and what the process holds is one query's.
    fn rests(&self, waiting: Vec<(Waiting, usize)>, got: Vec<Got>) -> Vec<Outcome> {
        let mut got = got.into_iter();
        let all = waiting.into_iter().enumerate().map(|(place, (w, parts))| (place, w, got.by_ref().take(parts).collect::<Vec<_>>()));
        let (small, other): (Vec<_>, Vec<_>) = all.partition(|(_, w, got)| is_small(&w.planned.plan, got));
        let rest = |(place, waiting, got)| (place, self.rest(waiting, got));
        let mut outcomes = each(small, self.settings.threads, rest);
        outcomes.extend(other.into_iter().map(rest));
        outcomes.sort_by_key(|(place, _)| *place);
        outcomes.into_iter().map(|(_, outcome)| outcome).collect()
    }

    /// What is left of a query after the pass.
    fn rest(&self, waiting: Waiting, got: Vec<Got>) -> Outcome {
        let start = Instant::now();
        let spent: Duration = got.iter().map(|g| g.spent).sum();
        let Waiting { mut planned, context, .. } = waiting;
        // What the pass holds for all is counted there, and the time that it took for others is theirs.
        context.memory.begin();
        context.cancel.begin(spent / self.settings.threads.max(1) as u32);
        if let Err(d) = context.cancel.check() {
            return Outcome { answer: Err(Failure { sources: planned.sources, diagnostics: vec![d] }), spent };
        }
        let rows: Result<Option<Vec<Batch>>, Diagnostic> = got.into_iter().map(Got::finish).collect();
        let answer = match rows {
            Err(d) => Err(Failure { sources: planned.sources, diagnostics: vec![d] }),
            Ok(Some(rows)) if !rows.is_empty() => {
                planned.plan = roomy(planned.stages, || replace(planned.plan, &mut rows.into_iter()));
                self.start_in(planned, context)
            }
            Ok(_) => self.start(planned),
        };
        let answer = answer.and_then(Running::finish);
        Outcome { answer, spent: spent + start.elapsed() }
    }
}

/// Is it quickly done: few rows, and nothing that makes more of them, or reads or writes a file?
fn is_small(plan: &Node, got: &[Got]) -> bool {
    let rows: Option<usize> = got.iter().map(Got::count).sum();
    let heavy = |node: &Node| match node {
        Node::Filter { predicate, .. } => predicate.has_subsearch(),
        Node::Scan(_) | Node::Rows(_) | Node::Extend { .. } | Node::Project { .. } | Node::Rename { .. } | Node::Aggregate { .. } => false,
        Node::Attach { .. } | Node::Sort { .. } | Node::Limit { .. } | Node::Tail { .. } | Node::Reverse { .. } | Node::Distinct { .. } => false,
        Node::Fill { .. } | Node::Lookup { .. } => false,
        _ => true,
    };
    !got.is_empty() && rows.is_some_and(|rows| rows <= SMALL) && !any(plan, &heavy)
}

/// Is something true of a node, or of one below it?
fn any(node: &Node, test: &dyn Fn(&Node) -> bool) -> bool {
    test(node) || node.inputs().into_iter().any(|input| any(input, test))
}

impl Waiting {
    fn failed(self, why: Diagnostic) -> Outcome {
        let sources: Sources = self.planned.sources;
        Outcome { answer: Err(Failure { sources, diagnostics: vec![why] }), spent: Duration::ZERO }
    }
}

#[cfg(test)]
mod tests {
    use crate::knowledge::Knowledge;
    use crate::store::{Catalog, Dataset};
    use crate::{Engine, Settings};

    #[test]
    fn tables_of_columns_have_the_cells_that_they_have_alone() {
        let rows =
            (0..9).map(|n| serde_json::json!({"_time": n * 1800, "a": n % 2, "b": n % 3, "n": n, "_raw": "x"})).filter_map(|row| row.as_object().cloned());
        let mut store = Catalog::default();
        store.add(Dataset::table("rows", vec![crate::input::rows(&rows.collect::<Vec<_>>())]));
        let engine = Engine::new(store, Knowledge::builtin(), Settings::default());
        let queries = [
            "n>5 | chart count over a by b",
            "earliest=0 latest=36000 n>5 | timechart span=1h count by b",
            "n<5 | stats count by a | append [search n>5 | chart avg(n) over a by b limit=1] | append [search n=8 | stats count]",
        ];
        let planned = queries.iter().map(|q| engine.plan(engine.parse(q, None)).unwrap_or_else(|f| panic!("{:?}", f.diagnostics)));
        let outcomes = engine.run_together(planned.collect());
        for (query, outcome) in queries.iter().zip(outcomes) {
            let shown = |answer: crate::engine::Answer| {
                let objects = crate::output::json::Objects::new(&answer.rows);
                let mut text = String::new();
                (0..answer.rows.len()).for_each(|row| objects.write(row, &mut text));
                text
            };
            let (together, alone) = (outcome.answer.map(shown).unwrap_or_default(), engine.run(query).map(shown).unwrap_or_default());
            assert!(!alone.is_empty());
            assert_eq!(together, alone, "{query}");
        }
    }
}
