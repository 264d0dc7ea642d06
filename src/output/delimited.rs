//! csv and tsv: one header, the fields of all rows. Several values of a field stand in one cell: in csv with line feeds between, as
//! Splunk exports them; in tsv with commas, as a cell there has no line feeds: those and tabs become blanks.

use super::{Export, Kept, Options, Sink, cell};
use crate::column::Batch;
use std::borrow::Cow;
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

    fn line<'a>(&self, cells: impl Iterator<Item = Cow<'a, str>>, out: &mut String) {
        for (i, text) in cells.enumerate() {
            match self.kind {
                Kind::Csv => {
                    if i > 0 {
                        out.push(',');
                    }
                    quoted(&text, out);
                }
                Kind::Tsv => {
                    if i > 0 {
                        out.push('\t');
                    }
                    // Hardly any cell has one of them.
                    match memchr::memchr3(b'\t', b'\n', b'\r', text.as_bytes()) {
                        Some(_) => out.push_str(&text.replace(['\t', '\n', '\r'], " ")),
                        None => out.push_str(&text),
                    }
                }
            }
        }
        out.push('\n');
    }
}

/// Quotes where the text needs them. A first blank or a lone empty cell is quoted too, so that it reads back.
fn quoted(text: &str, out: &mut String) {
    if text.contains(['"', ',', '\n', '\r']) || text.starts_with(' ') || text.ends_with(' ') {
        out.push('"');
        out.push_str(&text.replace('"', "\"\""));
        out.push('"');
    } else {
        out.push_str(text);
    }
}

impl Export for Delimited {
    fn rows(&mut self, batch: Batch, _: &mut Sink) -> io::Result<()> {
        self.kept.0.push(batch);
        Ok(())
    }

    fn finish(&mut self, sink: &mut Sink) -> io::Result<()> {
        let rows = self.kept.take();
        let separator = if self.kind == Kind::Csv { "\n" } else { "," };
        let mut text = String::new();
        if self.header && rows.names().len() > 0 {
            self.line(rows.names().map(|n| Cow::Borrowed(&**n)), &mut text);
        }
        for row in 0..rows.len() {
            let values: Vec<_> = rows.columns().map(|(_, c)| c.get(row)).collect();
            self.line(values.iter().map(|v| cell::plain(v, separator)), &mut text);
            sink.text(&text)?;
            text.clear();
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
