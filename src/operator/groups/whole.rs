//! Groups where multivalues count as a whole: rows that are the same in some fields.

use super::Groups;
use crate::column::{Batch, Column, Name};
use crate::diagnostic::Diagnostic;
use crate::operator::Context;
use crate::operator::aggregate::PART;

impl Groups {
    /// The group of every row, where a multivalue counts as a whole. [`NO_GROUP`] where a field is null, unless `keep_null`.
    pub fn whole(&mut self, batch: &Batch, by: &[Name], keep_null: bool, cx: &Context) -> Result<Vec<u32>, Diagnostic> {
        let held = self.bytes();
        let mut numbers = Vec::with_capacity(by.len());
        for (key, field) in self.keys.iter_mut().zip(by) {
            let (column, held) = (batch.column(field), key.bytes());
            numbers.push(match column.as_ref() {
                Column::Dict { .. } | Column::Const(..) => key.numbers(&column, keep_null).into_owned(),
                _ => {
                    let mut all = Vec::with_capacity(batch.len());
                    for start in (0..batch.len()).step_by(PART) {
                        cx.check()?;
                        cx.memory.fits(key.bytes().saturating_sub(held).saturating_add(key.growth(PART)))?;
                        let part = column.take(&(start as u32..batch.len().min(start + PART) as u32).collect::<Vec<_>>());
                        all.extend_from_slice(&key.numbers(&part, keep_null));
                    }
                    all
                }
            });
        }
        match numbers.as_mut_slice() {
            [] => {
                self.count = 1;
                Ok(vec![0; batch.len()])
            }
            [only] => Ok(self.groups_of(std::mem::take(only))),
            _ => {
                let mut all = Vec::with_capacity(batch.len());
                for start in (0..batch.len()).step_by(PART) {
                    cx.check()?;
                    cx.memory.fits(self.bytes().saturating_sub(held).saturating_add(self.growth(PART)))?;
                    let rows = start..batch.len().min(start + PART);
                    let part: Vec<&[u32]> = numbers.iter().map(|n| n.get(rows.clone()).unwrap_or_default()).collect();
                    all.extend(self.combined(&part));
                }
                Ok(all)
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::aggregate::NO_GROUP;
    use crate::operator::testing::{context, rows};

    #[test]
    fn rows_that_print_alike_are_the_same() {
        let batch = rows(
            r#"[{"a":"x","b":"y"},{"a":"xy","b":""},{"a":["x","y"]},{"a":"x"},{"a":"x","b":"y"},{"a":["xy"],"b":""},{"a":["x","y"]},{"a":["y","x"]},{"a":["1",2]},{"a":[1,"2"]}]"#,
        );
        for (by, keep_null, want) in [
            (&["a", "b"][..], true, &[0, 1, 2, 3, 0, 1, 2, 4, 5, 5][..]),
            (&["a", "b"], false, &[0, 1, NO_GROUP, NO_GROUP, 0, 1, NO_GROUP, NO_GROUP, NO_GROUP, NO_GROUP]),
            (&["a"], false, &[0, 1, 2, 0, 0, 1, 2, 3, 4, 4]),
            (&[], true, &[0; 10]),
        ] {
            let by: Vec<Name> = by.iter().map(|f| (*f).into()).collect();
            let mut groups = Groups::new(by.len());
            assert_eq!(groups.whole(&batch, &by, keep_null, &context()).as_deref(), Ok(want), "{by:?}");
        }
    }
}
