//! json and ndjson: an object a row, columns in order, missing values left out, several values as an array. Numbers that eval or
//! stats made are JSON numbers; what an event says is text, as it stands there.

use super::{Export, Sink};
use crate::column::{Batch, Column, Value, number};
use std::io;
use std::sync::Arc;

/// The rows of one batch as objects.
pub struct Objects {
    /// `"name":` and its column.
    columns: Vec<(String, Arc<Column>)>,
}

impl Objects {
    /// Objects of the rows of a batch.
    pub fn new(batch: &Batch) -> Objects {
        let key = |name: &str| {
            let mut out = String::new();
            write_text(name, &mut out);
            out.push(':');
            out
        };
        Objects { columns: batch.columns().filter(|(_, c)| !matches!(&***c, Column::Const(Value::Null, _))).map(|(n, c)| (key(n), c.clone())).collect() }
    }

    /// Appends the object of a row.
    pub fn write(&self, row: usize, out: &mut String) {
        out.push('{');
        let start = out.len();
        for (key, column) in &self.columns {
            let value = column.get(row);
            if value.is_null() {
                continue;
            }
            if out.len() > start {
                out.push(',');
            }
            out.push_str(key);
            write_value(&value, out);
        }
        out.push('}');
    }
}

fn write_value(value: &Value<'_>, out: &mut String) {
    match value {
        Value::Null => out.push_str("null"),
        Value::Number(n) if n.is_finite() => number::write(*n, out),
        Value::Text(t) => write_text(t, out),
        Value::Multi(all) => {
            out.push('[');
            for (i, v) in all.iter().enumerate() {
                if i > 0 {
                    out.push(',');
                }
                write_value(v, out);
            }
            out.push(']');
        }
        // JSON has no name for these numbers, and Splunk writes its Booleans as text.
        Value::Number(_) | Value::Bool(_) => write_text(&value.as_text().unwrap_or_default(), out),
    }
}

/// Appends a text with its quotes.
pub fn write_text(text: &str, out: &mut String) {
    out.push('"');
    let mut rest = text;
    // What needs no escape goes over in one piece.
    while let Some(at) = rest.bytes().position(|b| b < 0x20 || b == b'"' || b == b'\\') {
        let (plain, tail) = rest.split_at(at);
        let (special, tail) = tail.split_at(1);
        out.push_str(plain);
        match special {
            "\"" => out.push_str("\\\""),
            "\\" => out.push_str("\\\\"),
            "\n" => out.push_str("\\n"),
            "\r" => out.push_str("\\r"),
            "\t" => out.push_str("\\t"),
            other => out.push_str(&format!("\\u{:04x}", other.bytes().next().unwrap_or_default())),
        }
        rest = tail;
    }
    out.push_str(rest);
    out.push('"');
}

/// Text is handed on in pieces of about this many bytes.
const PIECE: usize = 64 << 10;

/// ndjson.
pub struct Lines;

impl Export for Lines {
    fn rows(&mut self, batch: Batch, sink: &mut Sink) -> io::Result<()> {
        let objects = Objects::new(&batch);
        let mut text = String::new();
        for row in 0..batch.len() {
            objects.write(row, &mut text);
            text.push('\n');
            if text.len() >= PIECE {
                sink.text(&text)?;
                text.clear();
            }
        }
        sink.text(&text)
    }

    fn finish(&mut self, _: &mut Sink) -> io::Result<()> {
        Ok(())
    }

    fn collects(&self) -> bool {
        false
    }
}

/// json.
#[derive(Default)]
pub struct Array {
    begun: bool,
}

impl Export for Array {
    fn rows(&mut self, batch: Batch, sink: &mut Sink) -> io::Result<()> {
        let objects = Objects::new(&batch);
        let mut text = String::new();
        for row in 0..batch.len() {
            text.push_str(if self.begun { ",\n" } else { "[\n" });
            self.begun = true;
            objects.write(row, &mut text);
            if text.len() >= PIECE {
                sink.text(&text)?;
                text.clear();
            }
        }
        sink.text(&text)
    }

    fn finish(&mut self, sink: &mut Sink) -> io::Result<()> {
        sink.text(if self.begun { "\n]\n" } else { "[]\n" })
    }

    fn collects(&self) -> bool {
        false
    }
}

#[cfg(test)]
mod tests {
    use super::super::{Format, Options, testing::written};
    use super::*;
    use serde_json::json;

    #[test]
    fn a_row_keeps_order_kinds_and_empty_text() {
        let mut batch = Batch::new(1);
        batch.set("n", Column::numbers(vec![2.0]));
        batch.set("none", Column::null(1));
        batch.set("m", [Value::multi([Value::text("a"), Value::Number(1.5)])].into_iter().collect::<Column>());
        batch.set("nan", Column::numbers(vec![f64::NAN]));
        batch.set("t \"q\"", [Value::text("")].into_iter().collect::<Column>());
        batch.set("a", [Value::text("10")].into_iter().collect::<Column>());
        let mut out = String::new();
        Objects::new(&batch).write(0, &mut out);
        assert_eq!(out, r#"{"n":2,"m":["a",1.5],"nan":"nan","t \"q\"":"","a":"10"}"#);
    }

    #[test]
    fn text_is_escaped_as_json_reads_it() {
        for text in ["", "plain", "a\"b\\c\n\r\t", "\u{0}\u{1b}\u{7f}", "é\u{202e}🙂"] {
            let mut out = String::new();
            write_text(text, &mut out);
            assert_eq!(serde_json::from_str::<String>(&out).unwrap(), text);
        }
    }

    #[test]
    fn lines_and_arrays() {
        let batches = [json!([{"a": "1"}, {"b": "2"}]), json!([{"c": "3"}])];
        let options = Options::default();
        assert_eq!(written(Format::Ndjson, &options, &batches), "{\"a\":\"1\"}\n{\"b\":\"2\"}\n{\"c\":\"3\"}\n");
        assert_eq!(written(Format::Json, &options, &batches), "[\n{\"a\":\"1\"},\n{\"b\":\"2\"},\n{\"c\":\"3\"}\n]\n");
        assert_eq!(written(Format::Json, &options, &[]), "[]\n");
    }
}
