//! csv and tsv: one header, the fields of all rows. Several values of a field stand in one cell: in csv with line feeds between, as
//! Splunk exports them; in tsv with commas, as a cell there has no line feeds: those and tabs become blanks.

use super::{Export, Kept, Options, Sink, cell};
use crate::column::Batch;
use std::io;

#[derive(Clone, Copy, PartialEq)]
pub enum Kind {
    Csv,
    Tsv,
}

pub struct Delimited {
    kind: Kind,
    header: bool,
    kept: Kept,
}

impl Delimited {
    pub fn new(kind: Kind, options: &Options) -> Delimited {
        Delimited { kind, header: options.header, kept: Kept::default() }
    }

    /// Makes a cell of what was just written behind `start`: cells are written where they are to stand, as hardly any needs more.
    fn close(&self, start: usize, out: &mut String) {
        let text = out.get(start..).unwrap_or_default();
        let cell = match self.kind {
            Kind::Csv => quoted(text),
            Kind::Tsv => memchr::memchr3(b'\t', b'\n', b'\r', text.as_bytes()).map(|_| text.replace(['\t', '\n', '\r'], " ")),
        };
        if let Some(cell) = cell {
            out.truncate(start);
            out.push_str(&cell);
        }
    }

    /// Appends a line of cells, each of which is written by a function.
    fn line<T>(&self, cells: impl Iterator<Item = T>, write: impl Fn(T, &mut String), out: &mut String) {
        for (i, cell) in cells.enumerate() {
            if i > 0 {
                out.push(if self.kind == Kind::Csv { ',' } else { '\t' });
            }
            let start = out.len();
            write(cell, out);
            self.close(start, out);
        }
        out.push('\n');
    }
}

/// The text in quotes, where it needs them. A blank at either end is quoted too, so that it reads back.
fn quoted(text: &str) -> Option<String> {
    let needed = text.contains(['"', ',', '\n', '\r']) || text.starts_with(' ') || text.ends_with(' ');
    needed.then(|| format!("\"{}\"", text.replace('"', "\"\"")))
}

/// Bytes of lines that are handed over at a time.
const LINES: usize = 1 << 14;

impl Export for Delimited {
    fn rows(&mut self, batch: Batch, _: &mut Sink) -> io::Result<()> {
        self.kept.0.push(batch);
        Ok(())
    }

    fn finish(&mut self, sink: &mut Sink) -> io::Result<()> {
        let rows = self.kept.take();
        let separator = if self.kind == Kind::Csv { "\n" } else { "," };
        let columns: Vec<_> = rows.columns().map(|(_, column)| column).collect();
        let mut text = String::new();
        if self.header && !columns.is_empty() {
            self.line(rows.names(), |name, out| out.push_str(name), &mut text);
        }
        for row in 0..rows.len() {
            self.line(columns.iter(), |column, out| cell::write_plain(&column.get(row), separator, out), &mut text);
            if text.len() >= LINES {
                sink.text(&text)?;
                text.clear();
            }
        }
        sink.text(&text)
    }
}

#[cfg(test)]
mod tests {
    use super::super::{Format, testing::written};
    use super::*;
    use serde_json::json;

    #[test]
    fn the_header_is_the_union_of_all_batches() {
        let batches = [json!([{"a": "1,\"x\"", "m": ["p", "q"]}]), json!([{"b": "t\tn\n", "_time": 1.5}])];
        let options = Options::default();
        assert_eq!(written(Format::Csv, &options, &batches), "a,m,b,_time\n\"1,\"\"x\"\"\",\"p\nq\",,\n,,\"t\tn\n\",1.5\n");
        assert_eq!(written(Format::Tsv, &options, &batches), "a\tm\tb\t_time\n1,\"x\"\tp,q\t\t\n\t\tt n \t1.5\n");
        let bare = Options { header: false, ..options };
        assert_eq!(written(Format::Csv, &bare, &[json!([{"a": "1"}])]), "1\n");
        assert_eq!(written(Format::Csv, &bare, &[]), "");
    }
}
