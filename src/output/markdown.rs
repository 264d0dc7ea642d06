//! A Markdown table, with everything escaped that Markdown or HTML would take for itself.

use super::{Export, Kept, Options, Sink, cell, visible};
use crate::column::Batch;
use crate::time::Zone;
use std::io;

pub struct Markdown {
    zone: Zone,
    kept: Kept,
}

impl Markdown {
    pub fn new(options: &Options) -> Markdown {
        Markdown { zone: options.zone, kept: Kept::default() }
    }
}

impl Export for Markdown {
    fn rows(&mut self, batch: Batch, _: &mut Sink) -> io::Result<()> {
        self.kept.0.push(batch);
        Ok(())
    }

    fn finish(&mut self, sink: &mut Sink) -> io::Result<()> {
        let rows = self.kept.take();
        let fields = cell::shown_fields(&rows, false);
        if fields.is_empty() {
            return Ok(());
        }
        let line = |cells: Vec<String>| format!("| {} |\n", cells.join(" | "));
        sink.text(&line(fields.iter().map(|f| escaped(f)).collect()))?;
        sink.text(&line(fields.iter().map(|_| "---".to_string()).collect()))?;
        for row in 0..rows.len() {
            let value = |f: &String| escaped(&cell::shown(f, &rows.value(f, row), &self.zone));
            sink.text(&line(fields.iter().map(value).collect()))?;
        }
        Ok(())
    }
}

fn escaped(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in visible(text).chars() {
        match c {
            '\\' | '|' | '*' | '`' | '[' | ']' => out.extend(['\\', c]),
            '<' => out.push_str("&lt;"),
            '&' => out.push_str("&amp;"),
            '\n' => out.push_str("<br>"),
            '\t' => out.push(' '),
            c => out.push(c),
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::super::{Format, testing::written};
    use super::*;
    use serde_json::json;

    #[test]
    fn cells_cannot_leave_the_table() {
        let text = written(Format::Markdown, &Options::default(), &[json!([{"_time": 0, "a": "x|y\n<b>", "p": "C:\\*"}])]);
        assert_eq!(text, "| _time | a | p |\n| --- | --- | --- |\n| 1970-01-01 00:00:00.000 | x\\|y<br>&lt;b> | C:\\\\\\* |\n");
    }
}
