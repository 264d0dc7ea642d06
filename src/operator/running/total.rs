//! accum: the sum so far of the numbers of a field.

use super::Carry;
use crate::column::{Batch, Builder, Name};
use crate::diagnostic::Diagnostic;
use crate::operator::Context;

pub(super) struct Total {
    pub field: Name,
    pub into: Name,
    pub sum: f64,
}

impl Carry for Total {
    /// Rows without a number in the field keep what they had.
    fn apply(&mut self, mut batch: Batch, _: &Context) -> Result<Batch, Diagnostic> {
        let (column, old) = (batch.column(&self.field), batch.column(&self.into));
        let mut out = Builder::new();
        for row in 0..batch.len() {
            match column.number(row) {
                Some(n) => {
                    self.sum += n;
                    out.push_number(self.sum);
                }
                None => out.push(old.get(row)),
            }
        }
        batch.set(self.into.clone(), out.finish());
        Ok(batch)
    }
}

#[cfg(test)]
mod tests {
    use crate::operator::testing::run;

    #[test]
    fn numbers_add_up() {
        let rows = r#"[{"n":"1"},{"n":"x","t":"kept"},{"n":"2.5"},{}]"#;
        assert_eq!(run(rows, "* | accum n AS t | table t"), r#"[{"t":1},{"t":"kept"},{"t":3.5},{}]"#);
    }
}
