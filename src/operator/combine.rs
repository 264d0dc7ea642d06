//! mvcombine: rows that agree in every other field become one row with a multivalue.

use super::groups::{Groups, Members};
use super::{Context, Stream, Whole};
use crate::column::{Builder, Name, Value};
use std::sync::Arc;

/// Combines; the first row of those that agree stands for them, and values come in the order of the rows.
pub fn combine(input: Stream, field: Name, cx: &Arc<Context>) -> Stream {
    Whole::stream(input, cx, move |mut batch, cx| {
        let column = batch.column(&field);
        let names: Vec<Name> = batch.names().filter(|n| **n != field).cloned().collect();
        let mut groups = Groups::new(names.len());
        let of_rows = groups.whole(&batch, &names, true, cx)?;
        // Values once where they are put together, and again in the column.
        cx.memory.fits(groups.bytes() + batch.len() * (8 + 2 * size_of::<Value>()))?;
        let members = Members::new(&of_rows, groups.len());
        drop(groups);
        let mut combined = Builder::new();
        for (n, rows) in members.iter().enumerate() {
            cx.at(n)?;
            combined.push(Value::multi(rows.iter().map(|r| column.get(*r as usize))));
        }
        let firsts: Vec<u32> = members.iter().filter_map(|rows| rows.first().copied()).collect();
        batch = batch.take_while(&firsts, || cx.check())?;
        if batch.get(&field).is_some() {
            batch.set(field, combined.finish());
        }
        Ok(batch)
    })
}
