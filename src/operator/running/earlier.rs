//! delta and autoregress: what a field held some rows before.

use super::Carry;
use crate::column::{Batch, Builder, Name, Value};
use crate::diagnostic::Diagnostic;
use crate::operator::Context;
use std::collections::VecDeque;

/// Looks back along one field.
pub(super) struct Earlier {
    field: Name,
    /// How far back, and the field that gets what is there.
    into: Vec<(usize, Name)>,
    /// The difference to the number there, not the value itself.
    difference: bool,
    /// The values of the rows before, latest first; no more than are looked at.
    before: VecDeque<Value<'static>>,
    heap: usize,
}

impl Earlier {
    pub fn values(field: Name, into: Vec<(usize, Name)>) -> Earlier {
        Earlier { field, into, difference: false, before: VecDeque::new(), heap: 0 }
    }

    pub fn difference(field: Name, back: usize, into: Name) -> Earlier {
        Earlier { difference: true, ..Earlier::values(field, vec![(back, into)]) }
    }
}

impl Carry for Earlier {
    fn apply(&mut self, mut batch: Batch, cx: &Context) -> Result<Batch, Diagnostic> {
        let column = batch.column(&self.field);
        let depth = self.into.iter().map(|(back, _)| *back).max().unwrap_or(0);
        let mut out: Vec<Builder> = self.into.iter().map(|_| Builder::new()).collect();
        for row in 0..batch.len() {
            if row % 1024 == 0 {
                cx.check()?;
            }
            for ((back, _), out) in self.into.iter().zip(&mut out) {
                let there = back.checked_sub(1).and_then(|n| self.before.get(n)).map_or(Value::Null, Value::borrowed);
                match (self.difference, column.number(row), there.as_number()) {
                    (false, ..) => out.push(there),
                    (true, Some(now), Some(then)) => out.push_number(now - then),
                    (true, ..) => out.push_null(),
                }
            }
            let value = column.get(row).into_owned();
            self.heap += value.heap_bytes();
            self.before.push_front(value);
            if self.before.len() > depth {
                self.heap -= self.before.pop_back().map_or(0, |v| v.heap_bytes()).min(self.heap);
            }
        }
        for ((_, name), column) in self.into.iter().zip(out) {
            batch.set(name.clone(), column.finish());
        }
        Ok(batch)
    }

    fn bytes(&self) -> usize {
        self.before.capacity() * size_of::<Value>() + self.heap
    }
}

#[cfg(test)]
mod tests {
    use crate::operator::testing::run;

    #[test]
    fn looks_back_across_batches() {
        let rows = r#"[{"n":"1"},{"n":"4"},{},{"n":"9"},{"n":"11"}]"#;
        for (query, want) in [
            ("delta n AS d", r#"[{},{"d":3},{},{},{"d":2}]"#),
            ("delta n AS d p=3", r#"[{},{},{},{"d":8},{"d":7}]"#),
            ("autoregress n AS d p=2", r#"[{},{},{"d":"1"},{"d":"4"},{}]"#),
            ("autoregress n AS d p=9", "[{},{},{},{},{}]"),
        ] {
            assert_eq!(run(rows, &format!("* | {query} | table d")), want, "{query}");
        }
    }
}
