//! searchtxn: from some events to all that share values with them, over any number of steps.

use crate::column::{Batch, Mask, Value};
use crate::diagnostic::{Code, Diagnostic};
use crate::operator::{Context, matching};
use crate::plan::rework::Related;
use foldhash::fast::RandomState;
use hashbrown::{HashMap, HashSet};
use std::collections::VecDeque;

/// The rows that are reached, in their order. Values of the first rows are followed first.
pub(super) fn related(batch: Batch, how: &Related, cx: &Context) -> Result<Batch, Diagnostic> {
    let seed = matching::mask(&how.seed, &batch, cx);
    let columns: Vec<_> = how.fields.iter().map(|f| batch.column(f)).collect();
    let mut rows_of: HashMap<(usize, String), Vec<u32>, RandomState> = HashMap::default();
    for row in 0..batch.len() {
        cx.at(row)?;
        for (field, column) in columns.iter().enumerate() {
            for text in column.get(row).each().iter().filter_map(Value::as_text) {
                cx.memory.charge(text.len() + 8)?;
                rows_of.entry((field, text.into_owned())).or_default().push(row as u32);
            }
        }
    }
    let mut reached = Mask::new(batch.len(), false);
    let mut open: VecDeque<usize> = seed.rows().collect();
    open.iter().for_each(|row| reached.set(*row, true));
    let mut followed: HashSet<(usize, String), RandomState> = HashSet::default();
    let mut steps = 0;
    while let Some(row) = open.pop_front() {
        cx.at(steps)?;
        steps += 1;
        for (field, column) in columns.iter().enumerate() {
            for text in column.get(row).each().iter().filter_map(Value::as_text) {
                let value = (field, text.into_owned());
                if followed.contains(&value) {
                    continue;
                }
                if followed.len() >= how.most {
                    cx.warn(
                        Diagnostic::warning(Code::ROWS, format!("searchtxn follows {} values, and there are more", how.most))
                            .help("Raise `max_terms`, or narrow the search."),
                    );
                    continue;
                }
                for next in rows_of.get(&value).into_iter().flatten() {
                    let next = *next as usize;
                    if !reached.get(next) {
                        reached.set(next, true);
                        open.push_back(next);
                    }
                }
                followed.insert(value);
            }
        }
    }
    Ok(batch.filter(&reached))
}
