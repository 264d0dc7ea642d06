//! top and rare.

use super::aggregate::PART;
use super::groups::{Groups, Piece, split};
use super::{Context, Once, Operator, Stream};
use crate::aggregate::{NO_GROUP, stored};
use crate::column::compare::{Collation, Key};
use crate::column::growth::growth;
use crate::column::{Batch, Column, Name, Value};
use crate::diagnostic::Diagnostic;
use crate::plan::Top;
use std::cmp::Ordering;
use std::ops::Range;
use std::sync::Arc;

/// The most or least common combinations of values, within each group of the by-fields where there are any. A row that lacks
/// one of the fields is not counted, each value of a multivalue is. Groups come in the order of their values; combinations
/// that are equally common too, those of top from the last text to the first. `percent` is of the counted rows of the group, to six decimals.
pub fn top(input: Stream, top: Top, cx: &Arc<Context>) -> Stream {
    Box::new(Common { input: Some(input), top, cx: cx.clone() })
}

/// Bytes held.
fn held(groups: &Groups, counts: &Vec<u64>) -> usize {
    groups.bytes() + counts.capacity() * size_of::<u64>()
}

struct Common {
    input: Option<Stream>,
    top: Top,
    cx: Arc<Context>,
}

impl Operator for Common {
    fn next(&mut self) -> Result<Option<Batch>, Diagnostic> {
        let Some(mut input) = self.input.take() else { return Ok(None) };
        let fields: Vec<Name> = self.top.by.iter().chain(&self.top.fields).cloned().collect();
        // A row of states stands for as many as it counts.
        let states = self.top.merges.then(|| [Name::from(stored::MARK), stored::ROWS.into()]);
        let mut groups = Groups::new(fields.len());
        let mut counts: Vec<u64> = Vec::new();
        let mut charged = 0;
        while let Some(batch) = input.next()? {
            let needed: Vec<(Name, Arc<Column>)> = fields.iter().chain(states.iter().flatten()).map(|f| (f.clone(), batch.column(f))).collect();
            let batch = batch.with_columns(needed);
            for start in (0..batch.len()).step_by(PART) {
                for Piece { batch, .. } in split(batch.slice(start, PART), &fields) {
                    self.cx.check()?;
                    let more = growth(counts.len(), counts.capacity(), batch.len(), size_of::<u64>());
                    self.cx.memory.fits(held(&groups, &counts).saturating_sub(charged) + groups.growth(batch.len()) + more)?;
                    let assigned = groups.assign(&batch, &fields, false);
                    counts.resize(groups.len(), 0);
                    let weights = states.as_ref().map(|[mark, rows]| (batch.column(mark), batch.column(rows)));
                    let weight = |row: usize| match &weights {
                        Some((mark, rows)) if !mark.is_null(row) => rows.number(row).map_or(0, |n| n as u64),
                        _ => 1,
                    };
                    for (row, g) in assigned.into_iter().enumerate().filter(|(_, g)| *g != NO_GROUP) {
                        if let Some(n) = counts.get_mut(g as usize) {
                            *n += weight(row);
                        }
                    }
                }
            }
            let bytes = held(&groups, &counts);
            self.cx.memory.charge(bytes.saturating_sub(charged))?;
            charged = charged.max(bytes);
        }
        let rows = self.rows(&groups, &counts);
        self.cx.memory.release(charged);
        Once::stream(rows?).next()
    }
}

/// A row of the result: a combination, or the rest of its group.
struct Row {
    group: u32,
    count: u64,
    total: u64,
    rest: bool,
}

impl Common {
    fn rows(&self, groups: &Groups, counts: &[u64]) -> Result<Batch, Diagnostic> {
        let by = self.top.by.len();
        let columns: Vec<Column> = (0..by + self.top.fields.len()).map(|i| groups.column(i)).collect();
        let key = |c: &Column, i: usize| self.cx.at(i).map(|()| Key::new(&c.get(i), Collation::Auto));
        let keys = columns.iter().map(|c| (0..c.len()).map(|i| key(c, i)).collect()).collect::<Result<Vec<Vec<Key>>, Diagnostic>>()?;
        // Values that are equal as numbers, as `1` and `1.0`, are two values all the same.
        let compare = |range: Range<usize>, a: u32, b: u32| {
            let (a, b) = (a as usize, b as usize);
            let text = |c: &Column| c.get(a).as_text().cmp(&c.get(b).as_text());
            let sides = keys.get(range.clone()).unwrap_or_default().iter().zip(columns.get(range).unwrap_or_default());
            sides.map(|(k, c)| k.get(a).cmp(&k.get(b)).then_with(|| text(c))).find(|o| o.is_ne()).unwrap_or(Ordering::Equal)
        };
        // Of values that are equally common the last one as text is the better one, as the reference of top has it.
        let backwards = |a: u32, b: u32| {
            let text = |c: &Column, row: u32| c.get(row as usize).as_text().map(|t| t.into_owned());
            columns.iter().skip(by).map(|c| text(c, b).cmp(&text(c, a))).find(|o| o.is_ne()).unwrap_or(Ordering::Equal)
        };
        let count = |g: u32| counts.get(g as usize).copied().unwrap_or_default();
        let in_order = |a: u32, b: u32| {
            let common = if self.top.rare { count(a).cmp(&count(b)) } else { count(b).cmp(&count(a)) };
            let tie = || if self.top.rare { compare(by..columns.len(), a, b) } else { backwards(a, b) };
            compare(0..by, a, b).then(common).then_with(tie)
        };
        let order = super::sort::sorted((0..groups.len() as u32).collect(), in_order, &self.cx)?;
        let limit = if self.top.limit == 0 { usize::MAX } else { usize::try_from(self.top.limit).unwrap_or(usize::MAX) };
        let mut rows = Vec::new();
        for group in order.chunk_by(|&a, &b| compare(0..by, a, b) == Ordering::Equal) {
            let total: u64 = group.iter().map(|&g| count(g)).sum();
            let kept = group.get(..limit.min(group.len())).unwrap_or_default();
            rows.extend(kept.iter().map(|&g| Row { group: g, count: count(g), total, rest: false }));
            let rest: u64 = group.iter().skip(limit).map(|&g| count(g)).sum();
            if let (Some(&g), true) = (group.first(), rest > 0 && self.top.other.is_some()) {
                rows.push(Row { group: g, count: rest, total, rest: true });
            }
        }
        Ok(self.batch(&columns, &rows))
    }

    fn batch(&self, columns: &[Column], rows: &[Row]) -> Batch {
        let mut batch = Batch::new(rows.len());
        let places: Vec<u32> = rows.iter().map(|r| r.group).collect();
        let other = self.top.other.as_deref().unwrap_or_default();
        for (i, (name, column)) in self.top.by.iter().chain(&self.top.fields).zip(columns).enumerate() {
            let column = column.take(&places);
            let is_by = i < self.top.by.len();
            let column: Column = rows.iter().enumerate().map(|(n, row)| if row.rest && !is_by { Value::text(other) } else { column.get(n) }).collect();
            batch.set(name.clone(), column);
        }
        if let Some(name) = &self.top.count {
            batch.set(name.clone(), Column::numbers(rows.iter().map(|r| r.count as f64).collect()));
        }
        if let Some(name) = &self.top.percent {
            let percent = |r: &Row| (r.count as f64 * 100.0 / r.total.max(1) as f64 * 1e6).round() / 1e6;
            batch.set(name.clone(), Column::numbers(rows.iter().map(percent).collect()));
        }
        batch
    }
}
