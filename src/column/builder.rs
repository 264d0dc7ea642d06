//! Building a column value by value; the representation follows from the values.

use super::growth::growth;
use super::text::{Buffer, View};
use super::{Column, Mask, Text, Value};

/// A buffer of so many bytes goes on in another one instead of growing: to move much text costs time, and memory twice.
const BUFFER: usize = 1 << 20;

/// A fresh buffer has room for at most so many bytes beyond what comes first.
const LARGEST: usize = 8 << 20;

/// Starts without a representation and takes the narrowest that fits what was pushed.
#[derive(Debug, Default)]
pub struct Builder {
    state: State,
    /// Rows without a value before the first one.
    nulls: usize,
    /// Bytes that values hold outside of the column.
    heap: usize,
}

#[derive(Debug, Default)]
enum State {
    #[default]
    Nulls,
    Text {
        views: Vec<View>,
        /// Full buffers are never moved: the last one is written to.
        full: Vec<Buffer>,
        full_bytes: usize,
        buffer: String,
    },
    Number {
        values: Vec<f64>,
        missing: Vec<u32>,
    },
    Mixed(Vec<Value<'static>>),
}

impl Builder {
    /// An empty column of no kind yet.
    pub fn new() -> Builder {
        Builder::default()
    }

    /// Rows pushed so far.
    pub fn len(&self) -> usize {
        match &self.state {
            State::Nulls => self.nulls,
            State::Text { views, .. } => views.len(),
            State::Number { values, .. } => values.len(),
            State::Mixed(values) => values.len(),
        }
    }

    /// Bytes held so far.
    pub fn bytes(&self) -> usize {
        self.heap
            + match &self.state {
                State::Nulls => 0,
                State::Text { views, full_bytes, buffer, .. } => std::mem::size_of_val(views.as_slice()) + full_bytes + buffer.capacity(),
                State::Number { values, .. } => std::mem::size_of_val(values.as_slice()),
                State::Mixed(values) => std::mem::size_of_val(values.as_slice()),
            }
    }

    /// Bytes that are needed beside those held while it grows by so many rows, their texts aside.
    pub fn growth(&self, more: usize) -> usize {
        match &self.state {
            State::Nulls => 0,
            State::Text { views, .. } => growth(views.len(), views.capacity(), more, size_of::<View>()),
            State::Number { values, .. } => growth(values.len(), values.capacity(), more, size_of::<f64>()),
            State::Mixed(values) => growth(values.len(), values.capacity(), more, size_of::<Value>()),
        }
    }

    /// Nothing pushed yet?
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Appends one row.
    pub fn push(&mut self, value: Value<'_>) {
        match value {
            Value::Null => self.push_null(),
            Value::Text(t) => self.push_text(&t),
            Value::Number(n) => self.push_number(n),
            other => self.push_mixed(other.into_owned()),
        }
    }

    /// Appends a row without a value.
    pub fn push_null(&mut self) {
        match &mut self.state {
            State::Nulls => self.nulls += 1,
            State::Text { views, .. } => views.push(View::NULL),
            State::Number { values, missing } => {
                missing.push(values.len() as u32);
                values.push(0.0);
            }
            State::Mixed(values) => values.push(Value::Null),
        }
    }

    /// Appends text.
    pub fn push_text(&mut self, text: &str) {
        if let State::Nulls = self.state {
            self.state = State::Text { views: vec![View::NULL; self.nulls], full: Vec::new(), full_bytes: 0, buffer: String::new() };
        }
        match &mut self.state {
            // Views count in 32 bits: a text that passes that is an owned value.
            State::Text { views, full, full_bytes, buffer } if text.len() < u32::MAX as usize - LARGEST => {
                if buffer.capacity() >= BUFFER && buffer.capacity() - buffer.len() < text.len() {
                    let room = (buffer.capacity() * 2).min(LARGEST).max(text.len());
                    *full_bytes += buffer.capacity();
                    full.push(std::mem::replace(buffer, String::with_capacity(room)).into());
                }
                views.push(View::new(full.len(), buffer.len(), text.len()));
                buffer.push_str(text);
            }
            _ => self.push_mixed(Value::owned(text)),
        }
    }

    /// Appends a number.
    pub fn push_number(&mut self, n: f64) {
        if let State::Nulls = self.state {
            self.state = State::Number { values: vec![0.0; self.nulls], missing: (0..self.nulls as u32).collect() };
        }
        match &mut self.state {
            State::Number { values, .. } => values.push(n),
            _ => self.push_mixed(Value::Number(n)),
        }
    }

    /// Makes the column as long as `len` with rows without a value.
    pub fn pad(&mut self, len: usize) {
        while self.len() < len {
            self.push_null();
        }
    }

    /// The column.
    pub fn finish(self) -> Column {
        match self.state {
            State::Nulls => Column::null(self.nulls),
            State::Text { views, mut full, buffer, .. } => {
                full.push(buffer.into());
                Column::Text(Text::new(views, full))
            }
            State::Number { values, missing } => {
                let valid = (!missing.is_empty()).then(|| {
                    let mut mask = Mask::new(values.len(), true);
                    missing.iter().for_each(|&i| mask.set(i as usize, false));
                    mask
                });
                Column::Number { values, valid }
            }
            State::Mixed(values) => Column::Mixed(values),
        }
    }

    /// Appends as an owned value; what is there goes over to owned values first.
    fn push_mixed(&mut self, value: Value<'static>) {
        self.heap += value.heap_bytes();
        if let State::Mixed(values) = &mut self.state {
            values.push(value);
            return;
        }
        let heap = self.heap;
        let so_far = std::mem::take(self).finish();
        self.heap = heap;
        let mut values: Vec<_> = (0..so_far.len()).map(|i| so_far.get(i).into_owned()).collect();
        values.push(value);
        self.state = State::Mixed(values);
    }
}

impl<'a> FromIterator<Value<'a>> for Column {
    fn from_iter<I: IntoIterator<Item = Value<'a>>>(values: I) -> Column {
        let mut b = Builder::new();
        values.into_iter().for_each(|v| b.push(v));
        b.finish()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn much_text_lies_in_several_buffers() {
        let long = "x".repeat(BUFFER / 3);
        let texts: Vec<String> = (0..40).map(|i| format!("{i}{}", &long[..long.len() / (i % 4 + 1)])).collect();
        let column: Column = texts.iter().map(|t| Value::text(t.as_str())).collect();
        assert!(matches!(&column, Column::Text(t) if t.buffers().len() > 2));
        assert!(texts.iter().enumerate().all(|(i, t)| column.get(i) == Value::text(t.as_str())));
    }

    #[test]
    fn the_representation_follows_the_values() {
        let text: Column = [Value::Null, Value::text("a")].into_iter().collect();
        assert!(matches!(text, Column::Text(_)) && text.is_null(0));
        let numbers: Column = [Value::Null, Value::Number(1.0), Value::Null].into_iter().collect();
        assert!(matches!(numbers, Column::Number { .. }) && numbers.is_null(2) && numbers.number(1) == Some(1.0));
        let mixed: Column = [Value::Null, Value::Number(1.0), Value::text("a"), Value::Bool(true)].into_iter().collect();
        assert_eq!((mixed.len(), mixed.get(2)), (4, Value::text("a")));
        assert!(matches!(Column::from_iter([Value::Null]), Column::Const(Value::Null, 1)));
    }
}
