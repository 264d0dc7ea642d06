//! uniq: rows that agree with the one before in every field go.

use super::Carry;
use crate::column::{Batch, Column, Mask, Name};
use crate::diagnostic::Diagnostic;
use crate::operator::Context;
use indexmap::IndexSet;
use std::sync::Arc;

/// Holds the last row, alone in a batch.
#[derive(Default)]
pub(super) struct Changed(Batch);

impl Carry for Changed {
    fn apply(&mut self, batch: Batch, cx: &Context) -> Result<Batch, Diagnostic> {
        let names: IndexSet<&Name> = self.0.names().chain(batch.names()).collect();
        let columns: Vec<(Arc<Column>, Arc<Column>)> = names.into_iter().map(|n| (self.0.column(n), batch.column(n))).collect();
        let first = self.0.is_empty();
        let mut kept = Mask::new(batch.len(), true);
        for row in 0..batch.len() {
            if row % 256 == 0 {
                cx.check()?;
            }
            let repeats = match row.checked_sub(1) {
                None => !first && columns.iter().all(|(last, now)| same(last, 0, now, row)),
                Some(before) => columns.iter().all(|(_, now)| same(now, before, now, row)),
            };
            kept.set(row, !repeats);
        }
        self.0 = batch.slice(batch.len().saturating_sub(1), 1);
        Ok(batch.filter(&kept))
    }

    fn bytes(&self) -> usize {
        self.0.bytes()
    }
}

/// Values are the same if they print alike.
fn same(a: &Column, i: usize, b: &Column, j: usize) -> bool {
    if let (Column::Dict { codes: x, values: v, .. }, Column::Dict { codes: y, values: w, .. }) = (a, b)
        && Arc::ptr_eq(v, w)
        && x.get(i) == y.get(j)
    {
        return true;
    }
    let (a, b) = (a.get(i), b.get(j));
    a == b || a.count() == b.count() && a.as_text() == b.as_text()
}

#[cfg(test)]
mod tests {
    use crate::operator::testing::run;

    #[test]
    fn only_neighbours_are_compared() {
        let rows = r#"[{"a":"1"},{"a":"1"},{"b":"1"},{"b":"1"},{"a":"1"},{},{}]"#;
        assert_eq!(run(rows, "* | uniq"), r#"[{"a":"1"},{"b":"1"},{"a":"1"},{}]"#);
    }
}
