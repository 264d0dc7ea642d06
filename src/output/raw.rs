//! The events' own text, one after another. A row that is no event is written as its values with tabs between.

use super::{Export, Sink, cell};
use crate::column::{Batch, Value};
use std::io;

pub struct Raw;

impl Export for Raw {
    fn rows(&mut self, batch: Batch, sink: &mut Sink) -> io::Result<()> {
        for row in 0..batch.len() {
            match batch.value("_raw", row) {
                Value::Null => {
                    let values: Vec<_> = batch.columns().map(|(_, c)| c.get(row)).collect();
                    let cells: Vec<_> = values.iter().filter(|v| !v.is_null()).map(|v| cell::plain(v, ",")).collect();
                    sink.text(&cells.join("\t"))?;
                }
                raw => sink.text(&raw.as_text().unwrap_or_default())?,
            }
            sink.text("\n")?;
        }
        Ok(())
    }

    fn finish(&mut self, _: &mut Sink) -> io::Result<()> {
        Ok(())
    }

    fn collects(&self) -> bool {
        false
    }
}

#[cfg(test)]
mod tests {
    use super::super::{Format, Options, testing::written};
    use serde_json::json;

    #[test]
    fn events_as_they_were_and_rows_as_values() {
        let rows = [json!([{"_raw": "<Event/>\u{1b}", "a": "1"}, {"a": "1", "b": ["x", "y"]}])];
        assert_eq!(written(Format::Raw, &Options::default(), &rows), "<Event/>\u{1b}\n1\tx,y\n");
    }
}
