//! Rows as keys: texts that are equal where rows agree in some fields.

use crate::column::{Batch, Column, Name};
use std::sync::Arc;

/// Writes the key of any row of a batch.
pub struct Keys {
    columns: Vec<Arc<Column>>,
}

impl Keys {
    /// Over these fields.
    pub fn new<'n>(batch: &Batch, fields: impl IntoIterator<Item = &'n Name>) -> Keys {
        Keys { columns: fields.into_iter().map(|f| batch.column(f)).collect() }
    }

    /// Does the row lack one of the fields?
    pub fn lacks(&self, row: usize) -> bool {
        self.columns.iter().any(|c| c.is_null(row))
    }

    /// The key of a row. Values that print alike are the same; a multivalue is all of its values in their order.
    pub fn write(&self, row: usize, key: &mut Vec<u8>) {
        key.clear();
        for column in &self.columns {
            let value = column.get(row);
            key.extend((value.count() as u32).to_le_bytes());
            for text in value.each().iter().filter_map(|v| v.as_text()) {
                key.extend((text.len() as u64).to_le_bytes());
                key.extend(text.as_bytes());
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::operator::testing::rows;

    #[test]
    fn keys_tell_values_apart() {
        let batch = rows(r#"[{"a":"x","b":"y"},{"a":"xy","b":""},{"a":["x","y"]},{"a":"x"},{"a":"x","b":"y"}]"#);
        let keys = Keys::new(&batch, batch.names());
        let key = |i| {
            let mut out = Vec::new();
            keys.write(i, &mut out);
            out
        };
        assert_eq!(key(0), key(4));
        assert_eq!((0..4).map(key).collect::<std::collections::HashSet<_>>().len(), 4);
        assert!(keys.lacks(3) && !keys.lacks(1));
    }
}
