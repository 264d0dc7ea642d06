//! `list()`: the values in the order of the rows.

use super::Running;
use crate::aggregate::Call;
use crate::column::Value;
use std::collections::VecDeque;

/// The first values by their texts, up to the ceiling of the call.
pub(super) struct List {
    call: Call,
    rows: VecDeque<Vec<Value<'static>>>,
    values: usize,
    windowed: bool,
}

impl List {
    pub fn boxed(call: &Call, windowed: bool) -> Box<dyn Running> {
        Box::new(List { call: call.clone(), rows: VecDeque::new(), values: 0, windowed })
    }
}

impl Running for List {
    fn push(&mut self, value: &Value<'_>, _: Option<f64>) {
        // What can never be shown need not be kept; that there is more is.
        if self.windowed || self.values <= self.call.list_limit {
            let row: Vec<Value<'static>> = value.each().iter().filter_map(|v| v.as_text().map(Value::owned)).collect();
            self.values += row.len();
            self.rows.push_back(row);
        }
    }

    fn pop(&mut self) {
        self.values -= self.rows.pop_front().map_or(0, |row| row.len());
    }

    fn value(&self) -> Value<'static> {
        let limit = self.call.list_limit;
        if self.values > limit {
            self.call.env.ceilings.list_was_cut(limit);
        }
        Value::multi(self.rows.iter().flatten().take(limit).cloned())
    }

    fn bytes(&self) -> usize {
        self.rows.len() * 24 + self.values * 48
    }
}
