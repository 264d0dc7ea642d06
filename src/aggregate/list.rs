//! `list`: values in the order in which they came.

use super::{Call, State, stored};
use crate::column::Value;

/// The values as texts, up to the ceiling of the call; what comes after is dropped.
pub(super) struct List {
    values: Vec<Value<'static>>,
    limit: usize,
    /// Was there more?
    cut: bool,
    /// Bytes of the texts.
    heap: usize,
}

impl List {
    fn extend(&mut self, more: impl Iterator<Item = Value<'static>>) {
        for value in more {
            if self.values.len() >= self.limit {
                self.cut = true;
                break;
            }
            self.heap += value.heap_bytes();
            self.values.push(value);
        }
    }
}

impl State for List {
    fn new(call: &Call) -> Self {
        List { values: Vec::new(), limit: call.list_limit, cut: false, heap: 0 }
    }

    fn add(&mut self, value: Value<'_>, _: Option<f64>) {
        self.extend(value.each().iter().filter_map(|v| v.as_text().map(Value::owned)));
    }

    fn merge(&mut self, later: Self) {
        self.cut |= later.cut;
        self.extend(later.values.into_iter());
    }

    fn finish(self, call: &Call) -> Value<'static> {
        if self.cut {
            call.env.ceilings.list_was_cut(self.limit);
        }
        Value::multi(self.values)
    }

    fn store(self) -> Vec<(&'static str, Value<'static>)> {
        vec![("li", stored::joined(self.values.iter().filter_map(Value::as_text)))]
    }

    fn restore(call: &Call, piece: &dyn Fn(&str) -> Value<'static>) -> Self {
        let mut list = List::new(call);
        list.extend(stored::parted(&piece("li")).into_iter().map(Value::owned));
        list
    }

    fn bytes(&self) -> usize {
        self.values.capacity() * size_of::<Value>() + self.heap
    }
}

#[cfg(test)]
mod tests {
    use super::super::testing::{column, run};

    #[test]
    fn in_order_up_to_the_limit() {
        assert_eq!(run("list", &column(&["b", "-", "a|b", "c"]), &[0, 0, 0, 1], 3), ["b, a, b", "c", ""]);
        let many = run("list", &column(&["x"; 150]), &[0; 150], 1);
        assert_eq!(many[0].split(", ").count(), 100);
    }
}
