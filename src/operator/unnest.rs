//! mvexpand: one row a value.

use super::{Context, Step};
use crate::column::{Batch, Builder, Column, Name};
use crate::diagnostic::Diagnostic;

/// A row for each value of a field, the other fields beside it; rows without a value stay. `limit` is the most values that are
/// taken of a row; 0 and `None` take all.
pub struct Unnested {
    pub field: Name,
    pub limit: Option<u64>,
}

impl Step for Unnested {
    fn apply(&self, batch: Batch, cx: &Context) -> Result<Batch, Diagnostic> {
        let Some(column) = batch.get(&self.field) else { return Ok(batch) };
        let most = match self.limit {
            None | Some(0) => usize::MAX,
            Some(n) => usize::try_from(n).unwrap_or(usize::MAX),
        };
        if (0..batch.len()).all(|i| column.get(i).count() <= 1) {
            return Ok(batch);
        }
        let (mut rows, mut singles) = (Vec::new(), Builder::new());
        for i in 0..batch.len() {
            let value = column.get(i);
            if value.is_null() {
                rows.push(i as u32);
                singles.push_null();
            }
            for single in value.each().iter().take(most) {
                rows.push(i as u32);
                singles.push(single.borrowed());
            }
            if i % 1024 == 0 {
                cx.check()?;
            }
        }
        // A few rows may become very many: the account has to have room for them before they are made.
        let bytes = rows.len().saturating_mul(batch.names().len()).saturating_mul(12);
        cx.memory.charge(bytes)?;
        cx.memory.release(bytes);
        // The field itself gets other values: all of a row's beside each of them would be their square.
        let mut others = batch.clone();
        others.set(self.field.clone(), Column::null(batch.len()));
        let mut out = others.take(&rows);
        out.set(self.field.clone(), singles.finish());
        Ok(out)
    }
}
