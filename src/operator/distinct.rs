//! dedup: the first rows of each combination of values, given on as they come.

use super::key::Keys;
use super::{Context, Operator, Stream};
use crate::column::{Batch, Column, Mask, Value};
use crate::diagnostic::Diagnostic;
use crate::plan::Distinct;
use foldhash::fast::RandomState;
use hashbrown::HashMap;
use std::sync::Arc;

/// Keeps the first rows of each combination; a multivalue counts as a whole.
pub fn distinct(input: Stream, distinct: Distinct, cx: &Arc<Context>) -> Stream {
    Box::new(Dedup { input, distinct, cx: cx.clone(), seen: HashMap::default(), last: (Vec::new(), 0) })
}

struct Dedup {
    input: Stream,
    distinct: Distinct,
    cx: Arc<Context>,
    seen: HashMap<Box<[u8]>, u64, RandomState>,
    /// The key of the row before, and how many rows in a row had it: all that `consecutive` needs.
    last: (Vec<u8>, u64),
}

impl Operator for Dedup {
    fn next(&mut self) -> Result<Option<Batch>, Diagnostic> {
        while let Some(batch) = self.input.next()? {
            self.cx.cancel.check()?;
            let batch = self.apply(batch)?;
            if !batch.is_empty() {
                return Ok(Some(batch));
            }
        }
        Ok(None)
    }
}

impl Dedup {
    fn apply(&mut self, mut batch: Batch) -> Result<Batch, Diagnostic> {
        let keys = Keys::new(&batch, &self.distinct.fields);
        let mut key = Vec::new();
        let (mut dropped, mut kept, mut bytes) = (Mask::new(batch.len(), false), Mask::new(batch.len(), true), 0);
        for row in 0..batch.len() {
            self.cx.cancel.at(row)?;
            if keys.lacks(row) {
                kept.set(row, self.distinct.keep_empty);
                // The rows on its sides do not follow each other.
                self.last.1 = 0;
                continue;
            }
            keys.write(row, &mut key);
            let before = if self.distinct.consecutive { self.in_a_row(&key) } else { self.so_far(&key, &mut bytes) };
            if before >= self.distinct.count {
                dropped.set(row, true);
            }
        }
        self.cx.memory.charge(bytes)?;
        if self.distinct.keep_events {
            for field in &self.distinct.fields {
                let Some(column) = batch.get(field) else { continue };
                let column: Column = (0..batch.len()).map(|i| if dropped.get(i) { Value::Null } else { column.get(i) }).collect();
                batch.set(field.clone(), column);
            }
        } else {
            dropped.invert();
            kept.and(&dropped);
        }
        Ok(batch.filter(&kept))
    }

    /// How many rows before this one had the key.
    fn so_far(&mut self, key: &[u8], bytes: &mut usize) -> u64 {
        match self.seen.get_mut(key) {
            Some(n) => std::mem::replace(n, n.saturating_add(1)),
            None => {
                *bytes += key.len() + 32;
                self.seen.insert(key.into(), 1);
                0
            }
        }
    }

    /// How many rows just before this one had the key.
    fn in_a_row(&mut self, key: &[u8]) -> u64 {
        if self.last.1 == 0 || self.last.0 != key {
            self.last = (key.to_vec(), 0);
        }
        self.last.1 += 1;
        self.last.1 - 1
    }
}

impl Drop for Dedup {
    fn drop(&mut self) {
        let bytes = self.seen.keys().map(|k| k.len() + 32).sum();
        self.cx.memory.release(bytes);
    }
}
