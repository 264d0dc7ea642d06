//! dedup: the first rows of each combination of values, given on as they come.

use super::groups::Groups;
use super::{Context, Operator, Stream};
use crate::aggregate::NO_GROUP;
use crate::column::{Batch, Column, Mask, Value};
use crate::diagnostic::Diagnostic;
use crate::plan::Distinct;
use std::sync::Arc;

/// Keeps the first rows of each combination; a multivalue counts as a whole.
pub fn distinct(input: Stream, distinct: Distinct, cx: &Arc<Context>) -> Stream {
    let groups = Groups::new(distinct.fields.len());
    Box::new(Dedup { input, distinct, cx: cx.clone(), groups, seen: Vec::new(), last: (NO_GROUP, 0), before: None, charged: 0 })
}

struct Dedup {
    input: Stream,
    distinct: Distinct,
    cx: Arc<Context>,
    groups: Groups,
    /// Rows of each group so far.
    seen: Vec<u64>,
    /// The group of the row before, and how many rows in a row had it: all that `consecutive` needs.
    last: (u32, u64),
    /// That row, where the rows before it are forgotten.
    before: Option<Batch>,
    charged: usize,
}

impl Operator for Dedup {
    fn next(&mut self) -> Result<Option<Batch>, Diagnostic> {
        while let Some(batch) = self.input.next()? {
            self.cx.check()?;
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
        if self.distinct.consecutive {
            self.forget()?;
        }
        let groups = self.groups.whole(&batch, &self.distinct.fields, false, &self.cx)?;
        match self.distinct.consecutive {
            true => self.before = Some(batch.slice(batch.len().saturating_sub(1), 1).packed()),
            false => self.seen.resize(self.groups.len(), 0),
        }
        let bytes = self.groups.bytes() + self.seen.capacity() * 8;
        self.cx.memory.charge(bytes.saturating_sub(self.charged))?;
        self.charged = bytes.max(self.charged);
        let (mut dropped, mut kept) = (Mask::new(batch.len(), false), Mask::new(batch.len(), true));
        for (row, group) in groups.into_iter().enumerate() {
            let before = if self.distinct.consecutive { self.in_a_row(group) } else { self.so_far(group) };
            if group == NO_GROUP {
                kept.set(row, self.distinct.keep_empty);
            } else if before >= self.distinct.count {
                dropped.set(row, true);
            }
        }
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

    /// Of all rows so far only the last one is kept.
    fn forget(&mut self) -> Result<(), Diagnostic> {
        self.groups = Groups::new(self.distinct.fields.len());
        self.last.0 = match &self.before {
            Some(row) => self.groups.whole(row, &self.distinct.fields, false, &self.cx)?.first().copied().unwrap_or(NO_GROUP),
            None => NO_GROUP,
        };
        Ok(())
    }

    /// How many rows before this one were of the group.
    fn so_far(&mut self, group: u32) -> u64 {
        self.seen.get_mut(group as usize).map_or(0, |n| std::mem::replace(n, n.saturating_add(1)))
    }

    /// How many rows just before this one were of the group. A row without one parts those on its sides.
    fn in_a_row(&mut self, group: u32) -> u64 {
        if self.last.0 != group {
            self.last = (group, 0);
        }
        self.last.1 += 1;
        self.last.1 - 1
    }
}

impl Drop for Dedup {
    fn drop(&mut self) {
        self.cx.memory.release(self.charged);
    }
}
