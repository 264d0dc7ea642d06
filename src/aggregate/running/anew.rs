//! What is left: the rows of the window, and the function over all of them.

use super::Running;
use crate::aggregate::{Aggregate, Call, Rows};
use crate::column::{Column, Value};
use std::collections::VecDeque;

/// Any other function: worked out over the rows of the window each time it is asked.
pub(super) struct Anew {
    function: &'static Aggregate,
    call: Call,
    rows: VecDeque<(Value<'static>, Option<f64>)>,
    heap: usize,
}

impl Anew {
    pub fn new(function: &'static Aggregate, call: &Call) -> Anew {
        Anew { function, call: call.clone(), rows: VecDeque::new(), heap: 0 }
    }
}

impl Running for Anew {
    fn push(&mut self, value: &Value<'_>, time: Option<f64>) {
        self.heap += value.heap_bytes();
        self.rows.push_back((value.clone().into_owned(), time));
    }

    fn pop(&mut self) {
        let bytes = self.rows.pop_front().map_or(0, |(v, _)| v.heap_bytes());
        self.heap -= bytes.min(self.heap);
    }

    fn value(&self) -> Value<'static> {
        let mut state = (self.function.make)(&self.call);
        let column: Column = self.rows.iter().map(|(v, _)| v.borrowed()).collect();
        let time: Column = self.rows.iter().map(|(_, t)| Value::from(*t)).collect();
        state.update(&Rows { groups: &vec![0; self.rows.len()], column: Some(&column), time: Some(&time) }, 1);
        state.finish(1).get(0).into_owned()
    }

    fn bytes(&self) -> usize {
        self.rows.len() * size_of::<(Value, Option<f64>)>() + self.heap
    }
}
