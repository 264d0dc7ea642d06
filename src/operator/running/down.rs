//! filldown: the last value of a field where a row has none.

use super::Carry;
use crate::column::{Batch, Builder, Name, Value};
use crate::diagnostic::Diagnostic;
use crate::operator::Context;
use crate::plan::FieldPattern;
use indexmap::IndexMap;

pub(super) struct Down {
    fields: Vec<FieldPattern>,
    last: IndexMap<Name, Value<'static>>,
}

impl Down {
    pub fn new(fields: Vec<FieldPattern>) -> Down {
        Down { fields, last: IndexMap::new() }
    }
}

impl Carry for Down {
    fn apply(&mut self, mut batch: Batch, cx: &Context) -> Result<Batch, Diagnostic> {
        for name in batch.names().filter(|n| self.fields.iter().any(|f| f.matches(n))) {
            self.last.entry(name.clone()).or_default();
        }
        for (name, last) in &mut self.last {
            cx.check()?;
            let column = batch.column(name);
            if last.is_null() && column.all_null() {
                continue;
            }
            let mut out = Builder::new();
            for row in 0..batch.len() {
                if !column.is_null(row) {
                    *last = column.get(row).into_owned();
                }
                out.push(last.borrowed());
            }
            batch.set(name.clone(), out.finish());
        }
        Ok(batch)
    }

    fn bytes(&self) -> usize {
        self.last.iter().map(|(n, v)| n.len() + 64 + v.heap_bytes()).sum()
    }
}

#[cfg(test)]
mod tests {
    use crate::operator::testing::run;

    #[test]
    fn the_last_value_goes_on() {
        let rows = r#"[{"b":"1"},{"a":"x"},{"b":"2"},{}]"#;
        assert_eq!(run(rows, "* | filldown"), r#"[{"b":"1"},{"b":"1","a":"x"},{"b":"2","a":"x"},{"b":"2","a":"x"}]"#);
        assert_eq!(run(rows, "* | filldown a"), r#"[{"b":"1"},{"a":"x"},{"b":"2","a":"x"},{"a":"x"}]"#);
    }
}
