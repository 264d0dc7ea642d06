//! mvcombine: rows that agree in every other field become one row with a multivalue.

use super::key::Keys;
use super::{Context, Stream, Whole};
use crate::column::{Column, Name, Value};
use foldhash::fast::RandomState;
use hashbrown::HashMap;
use std::sync::Arc;

/// Combines; the first row of those that agree stands for them, and values come in the order of the rows.
pub fn combine(input: Stream, field: Name, cx: &Arc<Context>) -> Stream {
    Whole::stream(input, cx, move |mut batch, cx| {
        let column = batch.column(&field);
        let names: Vec<Name> = batch.names().filter(|n| **n != field).cloned().collect();
        let keys = Keys::new(&batch, &names);
        let mut places: HashMap<Box<[u8]>, usize, RandomState> = HashMap::default();
        let mut groups: Vec<(u32, Vec<Value<'_>>)> = Vec::new();
        let (mut key, mut bytes) = (Vec::new(), 0);
        for row in 0..batch.len() {
            cx.cancel.at(row)?;
            if row % 1024 == 0 {
                cx.memory.charge(std::mem::take(&mut bytes))?;
            }
            keys.write(row, &mut key);
            let values = column.get(row);
            match places.get(key.as_slice()).and_then(|&g| groups.get_mut(g)) {
                Some((_, all)) => all.push(values),
                None => {
                    bytes += key.len() + 64;
                    places.insert(key.as_slice().into(), groups.len());
                    groups.push((row as u32, vec![values]));
                }
            }
        }
        let rows: Vec<u32> = groups.iter().map(|(row, _)| *row).collect();
        let combined: Column = groups.into_iter().map(|(_, all)| Value::multi(all)).collect();
        batch = batch.take_while(&rows, || cx.cancel.check())?;
        if batch.get(&field).is_some() {
            batch.set(field, combined);
        }
        Ok(batch)
    })
}
