//! anomalies: how unexpected each event is, seen from the ones before it.
//!
//! Splunk's formula is (s(P and X) - s(P)) / (s(P) + s(X)) for an event X and the events P before it, s being how much there is in a text;
//! here s counts the distinct runs of three characters (Broder, "On the Resemblance and Containment of Documents", 1997).

use crate::column::{Batch, Builder, Column, Mask, cast};
use crate::diagnostic::Diagnostic;
use crate::operator::Context;
use crate::plan::study::Unexpected;
use foldhash::fast::RandomState;
use hashbrown::HashMap;
use std::collections::VecDeque;

/// Three characters, 21 bits each.
type Run = u64;

/// The last events of a group, and how often each run is in them.
#[derive(Default)]
struct Past {
    events: VecDeque<Vec<Run>>,
    counts: HashMap<Run, u32, RandomState>,
}

impl Past {
    fn unexpectedness(&self, event: &[Run]) -> f64 {
        let new = event.iter().filter(|run| !self.counts.contains_key(*run)).count();
        match self.counts.len() + event.len() {
            0 => 0.0,
            all => new as f64 / all as f64,
        }
    }

    fn add(&mut self, event: Vec<Run>, most: usize) {
        event.iter().for_each(|run| *self.counts.entry(*run).or_insert(0) += 1);
        self.events.push_back(event);
        while self.events.len() > most {
            for run in self.events.pop_front().into_iter().flatten() {
                if let Some(count) = self.counts.get_mut(&run) {
                    *count -= 1;
                    if *count == 0 {
                        self.counts.remove(&run);
                    }
                }
            }
        }
    }
}

/// Rows that are unexpected enough, or all, with `unexpectedness`.
pub(super) fn unexpected(mut batch: Batch, how: &Unexpected, cx: &Context) -> Result<Batch, Diagnostic> {
    let column = batch.column(&how.field);
    let by: Vec<_> = how.by.iter().map(|name| batch.column(name)).collect();
    let mut known = Past::default();
    how.expected.iter().for_each(|text| known.add(runs(text, how.normalize), usize::MAX));
    let mut groups: HashMap<Vec<String>, Past, RandomState> = HashMap::default();
    let mut scores = Vec::with_capacity(batch.len());
    for row in 0..batch.len() {
        cx.check()?;
        let key: Vec<String> = by.iter().map(|c| cast::join(c.get(row).each(), " ")).collect();
        let event = runs(&cast::join(column.get(row).each(), "\n"), how.normalize);
        let past = groups.entry(key).or_default();
        let expected = !how.expected.is_empty() && known.unexpectedness(&event) < how.expected_threshold;
        scores.push(if expected { 0.0 } else { past.unexpectedness(&event) });
        if past.events.len() < how.most {
            cx.memory.charge(event.len() * 24 + 64)?;
        }
        past.add(event, how.most);
    }
    let kept = Mask::from_fn(scores.len(), |row| how.label_only || scores.get(row).is_some_and(|s| *s >= how.threshold));
    let mut cells = Builder::new();
    scores.iter().for_each(|s| cells.push_number(*s));
    let cells: Column = cells.finish();
    batch.set("unexpectedness", cells);
    Ok(batch.filter(&kept))
}

/// The distinct runs of three characters; all digits are the same one where that is wanted.
fn runs(text: &str, normalize: bool) -> Vec<Run> {
    let same = |c: char| if normalize && c.is_ascii_digit() { '0' } else { c };
    let characters: Vec<u64> = text.chars().map(|c| u64::from(u32::from(same(c)))).collect();
    let mut all: Vec<Run> = match characters.len() {
        0 => Vec::new(),
        1 | 2 => vec![characters.iter().fold(0, |run, c| run << 21 | c)],
        _ => characters.windows(3).map(|w| w.iter().fold(0, |run, c| run << 21 | c)).collect(),
    };
    all.sort_unstable();
    all.dedup();
    all
}

#[cfg(test)]
mod tests {
    use crate::operator::testing::run;

    #[test]
    fn what_was_there_before_is_expected() {
        let rows = r#"[{"m":"login 1","h":"a"},{"m":"login 2","h":"b"},{"m":"kernel panic","h":"a"},{"m":"login 3","h":"a"},{}]"#;
        assert_eq!(run(rows, "* | anomalies field=m | table m"), r#"[{"m":"login 1"},{"m":"kernel panic"}]"#);
        let labels = run(rows, "* | anomalies field=m labelonly=t | table unexpectedness");
        assert_eq!(labels, r#"[{"unexpectedness":1},{"unexpectedness":0},{"unexpectedness":0.6666666666666666},{"unexpectedness":0},{"unexpectedness":0}]"#);
        assert_eq!(run(rows, "* | anomalies field=m normalize=f threshold=0.04 | stats count"), r#"[{"count":4}]"#);
        assert_eq!(run(rows, "* | anomalies field=m BY h | stats count"), r#"[{"count":3}]"#);
    }
}
