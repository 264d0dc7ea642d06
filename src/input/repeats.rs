//! Columns of few distinct values that every event has.

use crate::column::{Column, NO_CODE, Text, Value};
use hashbrown::HashMap;

/// A column of few distinct values, such as `source`.
#[derive(Debug, Default)]
pub struct Repeats {
    codes: Vec<u32>,
    values: Vec<String>,
    map: HashMap<String, u32, foldhash::fast::RandomState>,
}

impl Repeats {
    /// Sets the value of a row; rows between that were not set are null.
    pub fn set(&mut self, row: usize, value: &str) {
        let last = self.codes.last().copied().unwrap_or(NO_CODE);
        let code = match self.values.get(last as usize) {
            Some(v) if v == value => last,
            _ => match self.map.get(value) {
                Some(&code) => code,
                None => {
                    let code = self.values.len() as u32;
                    self.values.push(value.to_string());
                    self.map.insert(value.to_string(), code);
                    code
                }
            },
        };
        self.codes.resize(row, NO_CODE);
        self.codes.push(code);
    }

    /// Has the row a value?
    pub fn has(&self, row: usize) -> bool {
        self.codes.get(row).is_some_and(|code| *code != NO_CODE)
    }

    /// Takes the value of a row that turned out to be damaged away again.
    pub fn truncate(&mut self, rows: usize) {
        self.codes.truncate(rows);
    }

    /// The column: every value with a prefix, and the default where a row has none.
    pub fn finish(mut self, rows: usize, prefix: &str, default: Option<&str>) -> Column {
        self.codes.resize(rows, NO_CODE);
        if !prefix.is_empty() {
            self.values.iter_mut().for_each(|v| v.insert_str(0, prefix));
        }
        if let Some(default) = default.filter(|_| self.codes.contains(&NO_CODE)) {
            let code = self.values.len() as u32;
            self.values.push(default.to_string());
            self.codes.iter_mut().filter(|c| **c == NO_CODE).for_each(|c| *c = code);
        }
        match self.codes.first() {
            None => Column::null(0),
            Some(first) if self.codes.iter().all(|c| c == first) => {
                Column::Const(self.values.get(*first as usize).map_or(Value::Null, |v| Value::owned(v.as_str())), rows)
            }
            _ => {
                let values: Text = self.values.into_iter().map(Some).collect();
                Column::coded(self.codes, Column::Text(values))
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn repeats_become_a_constant_or_a_dictionary() {
        let mut r = Repeats::default();
        r.set(0, "x");
        r.set(1, "x");
        assert!(matches!(r.finish(2, "", None), Column::Const(..)));
        let mut r = Repeats::default();
        r.set(1, "x");
        r.set(2, "y");
        let c = r.finish(4, "p", None);
        assert_eq!((0..4).map(|i| c.get(i)).collect::<Vec<_>>(), [Value::Null, Value::text("px"), Value::text("py"), Value::Null]);
    }
}
