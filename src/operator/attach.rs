//! eventstats: the aggregates of its group beside every row.

use super::aggregate::{PART, Partial};
use super::{Context, Stream, Whole};
use crate::aggregate::NO_GROUP;
use crate::plan::Aggregation;
use std::sync::Arc;

/// Adds the aggregates to every row of a stream; rows without the by-fields get nothing (SEMANTICS 3.12).
pub fn attach(input: Stream, spec: Aggregation, cx: &Arc<Context>) -> Stream {
    let spec = Arc::new(spec);
    Whole::stream(input, cx, move |batch, cx| {
        let mut partial = Partial::new(&spec);
        let mut out = batch.clone();
        let mut groups = Vec::with_capacity(batch.len());
        // Part by part, so that the query can be cancelled between.
        for start in (0..batch.len()).step_by(PART) {
            cx.check()?;
            cx.memory.fits(partial.growth(PART))?;
            let part = batch.slice(start, PART);
            let assigned = partial.update(part.clone(), cx);
            // A row with several values in a by-field belongs to several groups; it gets the first one's results.
            groups.extend(if assigned.groups.len() == part.len() { assigned.groups } else { first_groups(&part, &spec, assigned) });
        }
        let rows: Vec<u32> = groups.iter().map(|&g| if g == NO_GROUP { u32::MAX } else { g }).collect();
        let (_, columns) = partial.columns(cx)?;
        for (name, column) in columns {
            cx.check()?;
            out.set(name, column.take(&rows));
        }
        Ok(out)
    })
}

/// The group of each row's first combination of values: rows were repeated in place, so the first of a run is it.
fn first_groups(batch: &crate::column::Batch, spec: &Aggregation, assigned: super::groups::Assigned) -> Vec<u32> {
    let mut at = 0;
    (0..batch.len())
        .map(|i| {
            let copies = spec.by.iter().map(|f| batch.value(f, i).count().max(1)).fold(1usize, usize::saturating_mul);
            let group = assigned.groups.get(at).copied().unwrap_or(NO_GROUP);
            at = at.saturating_add(copies);
            group
        })
        .collect()
}
