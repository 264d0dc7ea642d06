//! fillnull without a list: every field that has a value in some row.

use super::{Context, Stream, Whole, change};
use crate::column::{Name, Value};
use std::sync::Arc;

/// Fills every field but the internal ones, whose names begin with `_`. A column without any value is no field that occurs, and
/// stays empty.
pub fn fill(input: Stream, value: Value<'static>, cx: &Arc<Context>) -> Stream {
    Whole::stream(input, cx, move |mut batch, cx| {
        let names: Vec<Name> = batch.names().filter(|n| !n.starts_with('_')).cloned().collect();
        for name in names {
            cx.check()?;
            let column = batch.column(&name);
            if !column.all_null() {
                batch.set(name, change::filled(&column, &value));
            }
        }
        Ok(batch)
    })
}
