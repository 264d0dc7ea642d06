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
            // A row with several values in a by-field belongs to several groups; it gets the first one's results.
            groups.extend(partial.first_groups(batch.slice(start, PART), cx)?);
        }
        let rows: Vec<u32> = groups.iter().map(|&g| if g == NO_GROUP { u32::MAX } else { g }).collect();
        partial.release(cx);
        for (name, column) in partial.columns(cx)? {
            cx.check()?;
            out.set(name, column.take(&rows));
        }
        Ok(out)
    })
}
