//! sort: stable, with the first rows only where `head` or a limit asks for no more.

use super::{Context, Operator, Stream};
use crate::column::compare::Key;
use crate::column::{Batch, Column};
use crate::diagnostic::Diagnostic;
use crate::plan::SortKey;
use std::cmp::Ordering;
use std::sync::Arc;

/// The rows of a stream in order; the first `limit` of them.
pub fn sort(input: Stream, keys: Vec<SortKey>, limit: Option<u64>, cx: &Arc<Context>) -> Stream {
    Box::new(Sort { input: Some(input), keys, limit: limit.map_or(usize::MAX, |l| usize::try_from(l).unwrap_or(usize::MAX)), cx: cx.clone() })
}

struct Sort {
    input: Option<Stream>,
    keys: Vec<SortKey>,
    limit: usize,
    cx: Arc<Context>,
}

impl Operator for Sort {
    fn next(&mut self) -> Result<Option<Batch>, Diagnostic> {
        let Some(mut input) = self.input.take() else { return Ok(None) };
        let (mut parts, mut rows, mut charged) = (Vec::new(), 0, 0);
        // With a limit, what cannot be among the first rows any more is let go now and then.
        let prune_at = self.limit.saturating_mul(2).max(16_384);
        while let Some(batch) = input.next()? {
            self.cx.cancel.check()?;
            let bytes = batch.bytes();
            self.cx.memory.charge(bytes)?;
            charged += bytes;
            rows += batch.len();
            parts.push(batch);
            if rows > prune_at {
                let kept = self.first(Batch::concat(std::mem::take(&mut parts)));
                self.cx.memory.release(charged);
                charged = kept.bytes();
                self.cx.memory.charge(charged)?;
                rows = kept.len();
                parts.push(kept);
            }
        }
        let batch = self.first(Batch::concat(parts));
        Ok((!batch.is_empty()).then_some(batch))
    }
}

impl Sort {
    fn first(&self, batch: Batch) -> Batch {
        let order = order(&batch, &self.keys);
        batch.take(order.get(..self.limit.min(order.len())).unwrap_or_default())
    }
}

/// One key's values, read once.
enum Keys {
    Numbers(Vec<f64>),
    Any(Vec<Key>),
}

/// The row numbers in the order of the keys; equal rows stay as they were.
pub fn order(batch: &Batch, keys: &[SortKey]) -> Vec<u32> {
    let columns: Vec<(Keys, bool)> = keys.iter().map(|k| (read(&batch.column(&k.field), k), k.descending)).collect();
    let mut rows: Vec<u32> = (0..batch.len() as u32).collect();
    rows.sort_by(|&a, &b| {
        let (a, b) = (a as usize, b as usize);
        for (column, descending) in &columns {
            let o = match column {
                Keys::Numbers(n) => {
                    let o = n[a].total_cmp(&n[b]);
                    if *descending { o.reverse() } else { o }
                }
                Keys::Any(k) => k[a].order(&k[b], *descending),
            };
            if o != Ordering::Equal {
                return o;
            }
        }
        Ordering::Equal
    });
    rows
}

fn read(column: &Column, key: &SortKey) -> Keys {
    match column {
        Column::Number { values, valid: None } => Keys::Numbers(values.clone()),
        _ => Keys::Any((0..column.len()).map(|i| Key::new(&column.get(i), key.collation)).collect()),
    }
}
