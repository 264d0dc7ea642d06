//! The rows of detections, as they are shown.

use super::summary::{FIRST, time_of};
use crate::column::{Batch, Column, Name, Value};
use crate::knowledge::Detection;
use crate::output::{Format, Options, Output, Sink, cell, json, visible};
use crate::time::Zone;
use std::io;
use std::sync::Arc;

/// The hits on their way out.
pub enum Hits {
    /// For people: a heading, then the message of each hit, or its row.
    Text { sink: Option<Sink>, format: Format, messages: bool, options: Options },
    /// An object a hit.
    Objects { sink: Sink, array: bool, begun: bool },
    /// One table with the detection as its first column.
    Column(Output),
}

impl Hits {
    /// In a format; where none is asked for, messages and tables for people.
    pub fn new(format: Option<Format>, options: Options, sink: Sink) -> Hits {
        match format.unwrap_or_default() {
            shown @ (Format::Table | Format::Vertical) => Hits::Text { sink: Some(sink), format: shown, messages: format.is_none(), options },
            Format::Ndjson => Hits::Objects { sink, array: false, begun: false },
            Format::Json => Hits::Objects { sink, array: true, begun: false },
            other => Hits::Column(Output::new(other, &options, sink)),
        }
    }

    /// Writes the rows of a detection; of a table no more than `cap`.
    pub fn rows(&mut self, detection: &Detection, rows: &Batch, cap: usize) -> io::Result<()> {
        if rows.is_empty() {
            return Ok(());
        }
        match self {
            Hits::Text { sink: slot, format, messages, options } => {
                let Some(mut sink) = slot.take() else { return Ok(()) };
                sink.styled(&heading(detection, rows))?;
                if *messages && detection.risk.message.is_some() {
                    sink.text(&said(detection, rows, &options.zone))?;
                    sink.text("\n")?;
                    *slot = Some(sink);
                    return Ok(());
                }
                let mut out = Output::new(*format, options, sink);
                out.rows(rows.slice(0, cap.min(rows.len())))?;
                let (mut sink, _) = out.finish()?;
                sink.text("\n")?;
                *slot = Some(sink);
            }
            Hits::Objects { sink, array, begun } => {
                let objects = json::Objects::new(rows);
                let mut text = String::new();
                for row in 0..rows.len() {
                    text.push_str(match (*array, *begun) {
                        (true, false) => "[\n",
                        (true, true) => ",\n",
                        (false, _) => "",
                    });
                    *begun = true;
                    text.push_str("{\"detection\":");
                    json::write_text(&detection.stem, &mut text);
                    text.push_str(",\"row\":");
                    objects.write(row, &mut text);
                    text.push_str(if *array { "}" } else { "}\n" });
                }
                sink.text(&text)?;
            }
            Hits::Column(out) => {
                let name = Column::Const(Value::owned(detection.stem.clone()), rows.len());
                let first: (Name, Arc<Column>) = ("detection".into(), Arc::new(name));
                let others = rows.columns().map(|(n, c)| (n.clone(), c.clone()));
                out.rows(rows.with_columns(std::iter::once(first).chain(others)))?;
            }
        }
        Ok(())
    }

    /// Writes the rest.
    pub fn finish(self) -> io::Result<()> {
        let sink = match self {
            Hits::Text { sink, .. } => sink,
            Hits::Objects { mut sink, array, begun } => {
                if array {
                    sink.text(if begun { "\n]\n" } else { "[]\n" })?;
                }
                Some(sink)
            }
            Hits::Column(out) => Some(out.finish()?.0),
        };
        sink.map_or(Ok(()), Sink::finish)
    }
}

/// What is said above the hits.
fn heading(detection: &Detection, rows: &Batch) -> String {
    let score = detection.risk.score.map(|s| format!("risk {}", crate::column::number::format(s)));
    let facts: Vec<String> = detection.kind.iter().cloned().chain(detection.mitre.iter().cloned()).chain(score).collect();
    let hits = if rows.len() == 1 { "1 hit".to_string() } else { format!("{} hits", rows.len()) };
    format!("\u{1b}[1m{}\u{1b}[0m  {}  {hits}\n", visible(&detection.name), visible(&facts.join(" · ")))
}

/// A line for each hit: when it was first, as far as the row tells, and the detection's message.
fn said(detection: &Detection, rows: &Batch, zone: &Zone) -> String {
    let mut out = String::new();
    for row in 0..rows.len() {
        let message = detection.message(rows, row).unwrap_or_default();
        let when = time_of(rows, row, FIRST, zone).map(|t| format!("{}  ", cell::time(t, zone))).unwrap_or_default();
        out.push_str(&format!("  • {when}{}\n", visible(&message.split_whitespace().collect::<Vec<_>>().join(" "))));
    }
    out
}
