//! The rows of detections, as they are shown.

use super::Run;
use super::summary::{FIRST, time_of};
use crate::column::{Batch, Column, Name, Value};
use crate::each::each_of;
use crate::knowledge::Detection;
use crate::output::{Format, Options, Output, Sink, cell, json, visible};
use crate::time::Zone;
use std::io;
use std::sync::Arc;

/// Rows that are drawn before they are written, of all detections; one that has more is written as it is drawn.
const AHEAD: usize = 1 << 14;

/// How hits are shown.
pub struct Look {
    /// Where none is asked for, messages and tables for people.
    pub format: Option<Format>,
    pub options: Options,
    /// Rows of a detection's table at most.
    pub cap: usize,
}

/// The hits on their way out.
pub struct Hits {
    look: Look,
    out: Out,
}

enum Out {
    /// For people: a heading, then the message of each hit, or its row.
    Text(Option<Sink>),
    /// An object a hit.
    Objects { sink: Sink, array: bool, begun: bool },
    /// One table with the detection as its first column.
    Column(Output),
}

/// The hits of a detection as they will be written.
pub enum Drawn {
    Text(Sink),
    Objects(String),
    /// Nothing yet.
    Later,
}

/// Runs in their order, so many at a time as are drawn together.
pub fn together(detections: &[Detection], runs: Vec<Run>) -> impl Iterator<Item = Vec<(&Detection, Run)>> {
    let mut runs = detections.iter().zip(runs).peekable();
    std::iter::from_fn(move || {
        let (mut some, mut rows) = (vec![runs.next()?], 0);
        while let Some(next) = runs.next_if(|(_, run)| {
            rows += run.rows().map_or(0, Batch::len);
            rows <= AHEAD
        }) {
            some.push(next);
        }
        Some(some)
    })
}

impl Look {
    /// Draws the hits of a detection for people.
    fn text(&self, detection: &Detection, rows: &Batch, mut sink: Sink) -> io::Result<Sink> {
        sink.styled(&heading(detection, rows))?;
        if self.format.is_none() && detection.risk.message.is_some() {
            sink.text(&said(detection, rows, &self.options.zone))?;
        } else {
            let mut out = Output::new(self.format.unwrap_or_default(), &self.options, sink);
            out.rows(rows.slice(0, self.cap.min(rows.len())))?;
            sink = out.finish()?.0;
        }
        sink.text("\n")?;
        Ok(sink)
    }
}

/// An object a row, with what stands between them.
fn objects(detection: &Detection, rows: &Batch, array: bool) -> String {
    let objects = json::Objects::new(rows);
    let mut text = String::new();
    for row in 0..rows.len() {
        text.push_str(if array && row > 0 { ",\n" } else { "" });
        text.push_str("{\"detection\":");
        json::write_text(&detection.stem, &mut text);
        text.push_str(",\"row\":");
        objects.write(row, &mut text);
        text.push_str(if array { "}" } else { "}\n" });
    }
    text
}

impl Hits {
    /// Hits that look like this, into a sink.
    pub fn new(look: Look, sink: Sink) -> Hits {
        let out = match look.format.unwrap_or_default() {
            Format::Table | Format::Vertical => Out::Text(Some(sink)),
            Format::Ndjson => Out::Objects { sink, array: false, begun: false },
            Format::Json => Out::Objects { sink, array: true, begun: false },
            other => Out::Column(Output::new(other, &look.options, sink)),
        };
        Hits { look, out }
    }

    /// Draws the hits of some runs, on so many threads.
    pub fn draw(&self, runs: &[(&Detection, Run)], threads: usize) -> Vec<Drawn> {
        let sink = |rows: &Batch| match &self.out {
            Out::Text(sink) => sink.as_ref().filter(|_| rows.len() <= AHEAD).map(Sink::beside),
            _ => None,
        };
        let array = if let Out::Objects { array, .. } = &self.out { Some(*array) } else { None };
        let hits = runs.iter().enumerate().filter_map(|(place, (detection, run))| Some((place, *detection, run.rows().filter(|rows| !rows.is_empty())?)));
        let hits: Vec<_> = hits.map(|(place, detection, rows)| (place, detection, rows, sink(rows))).collect();
        let look = &self.look;
        let drawn = each_of(1, hits, threads, |(place, detection, rows, sink)| {
            let drawn = match (sink, array) {
                (Some(sink), _) => look.text(detection, rows, sink).map_or(Drawn::Later, Drawn::Text),
                (None, Some(array)) => Drawn::Objects(objects(detection, rows, array)),
                (None, None) => Drawn::Later,
            };
            (place, drawn)
        });
        let mut all: Vec<Drawn> = runs.iter().map(|_| Drawn::Later).collect();
        for (place, drawn) in drawn {
            if let Some(slot) = all.get_mut(place) {
                *slot = drawn;
            }
        }
        all
    }

    /// Writes the rows of a detection, which may have been drawn.
    pub fn rows(&mut self, detection: &Detection, rows: &Batch, drawn: Drawn) -> io::Result<()> {
        if rows.is_empty() {
            return Ok(());
        }
        match &mut self.out {
            Out::Text(slot) => {
                let Some(mut sink) = slot.take() else { return Ok(()) };
                *slot = Some(match drawn {
                    Drawn::Text(drawn) => {
                        sink.append(drawn)?;
                        sink
                    }
                    _ => self.look.text(detection, rows, sink)?,
                });
            }
            Out::Objects { sink, array, begun } => {
                if *array {
                    sink.text(if std::mem::replace(begun, true) { ",\n" } else { "[\n" })?;
                }
                match drawn {
                    Drawn::Objects(text) => sink.text(&text)?,
                    _ => sink.text(&objects(detection, rows, *array))?,
                }
            }
            Out::Column(out) => {
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
        let sink = match self.out {
            Out::Text(sink) => sink,
            Out::Objects { mut sink, array, begun } => {
                if array {
                    sink.text(if begun { "\n]\n" } else { "[]\n" })?;
                }
                Some(sink)
            }
            Out::Column(out) => Some(out.finish()?.0),
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
