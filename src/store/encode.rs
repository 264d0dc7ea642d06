//! Dictionary coding of columns at load time: values that repeat become codes, so that predicates, functions and groups work
//! on the distinct ones.

use crate::column::{Batch, Column, NO_CODE, Text};
use foldhash::fast::RandomState;
use hashbrown::HashMap;
use std::sync::Arc;

/// A column repeats enough for a dictionary when its distinct values are at most one in this many rows.
const WORTH: usize = 4;

/// The batch with every column that repeats dictionary-coded.
pub fn encode(batch: Batch) -> Batch {
    let columns: Vec<_> = batch.columns().map(|(n, c)| (n.clone(), dictionary(c, c.len() / WORTH).map_or_else(|| c.clone(), Arc::new))).collect();
    batch.with_columns(columns)
}

/// A dictionary for the work of one query on a column, also where its values repeat little: looking one up is cheap beside what is made of it.
pub fn dictionary_now(column: &Column) -> Option<Column> {
    dictionary(column, column.len() / 4 * 3)
}

/// A dictionary of so many values at most for a text column; `None` where it hardly repeats or is of another kind.
fn dictionary(column: &Column, limit: usize) -> Option<Column> {
    let Column::Text(text) = column else { return None };
    let mut codes = Vec::with_capacity(text.len());
    let mut seen: HashMap<&str, u32, RandomState> = HashMap::default();
    let mut values: Vec<&str> = Vec::new();
    for i in 0..text.len() {
        codes.push(match text.get(i) {
            None => NO_CODE,
            Some(t) => *seen.entry(t).or_insert_with(|| {
                values.push(t);
                values.len() as u32 - 1
            }),
        });
        if values.len() > limit {
            return None;
        }
    }
    let values: Text = values.into_iter().map(Some).collect();
    Some(Column::Dict { codes, values: Arc::new(Column::Text(values)) })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_columns_that_repeat_get_a_dictionary() {
        let repeating: Text = (0..40).map(|i| Some(if i % 2 == 0 { "a" } else { "b" })).collect();
        let coded = dictionary(&Column::Text(repeating.clone()), 10).expect("repeats");
        assert!((0..40).all(|i| coded.get(i).as_text().as_deref() == repeating.get(i)));
        let unique: Text = (0..40).map(|i| Some(i.to_string())).collect();
        assert!(dictionary_now(&Column::Text(unique)).is_none());
    }
}
