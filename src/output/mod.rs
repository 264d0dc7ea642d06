//! Rows become text here: one file per format, and the sink that all of it goes through.
//!
//! ndjson, json and raw text stream; csv, tsv, markdown and tables need the union of all fields first and collect the rows.
//! `_time` is a number of epoch seconds in JSON, csv and tsv, so that it reads back, and a date in the formats for people.

pub mod cell;
mod cleaned;
mod delimited;
mod file;
mod gate;
pub mod json;
mod markdown;
mod raw;
pub mod sink;
pub mod table;

pub use cleaned::cleaned;
pub use file::Replacing;
pub use gate::Gate;
pub use sink::{Sink, visible};

use crate::column::Batch;
use crate::time::Zone;
use std::io;

/// How rows are written.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, clap::ValueEnum)]
pub enum Format {
    /// A table with borders, for people
    #[default]
    #[value(alias = "text")]
    Table,
    /// One line a field, for people
    Vertical,
    /// One array of objects
    Json,
    /// One object a line
    Ndjson,
    /// Comma-separated
    Csv,
    /// Tab-separated
    Tsv,
    /// A table for tickets and wikis
    Markdown,
    /// The events' own text
    Raw,
}

impl Format {
    /// Is it one of the JSON forms?
    pub fn is_json(self) -> bool {
        matches!(self, Format::Json | Format::Ndjson)
    }
}

/// How the formats look in detail.
#[derive(Clone, Debug)]
pub struct Options {
    /// Zone of times in the formats for people.
    pub zone: Zone,
    /// Write a header where the format has one.
    pub header: bool,
    /// Columns that a table may take; `None` for as many as it needs.
    pub width: Option<usize>,
    /// Write a table that would be too wide as one line a field.
    pub auto_vertical: bool,
    /// Rows shown at most by table and vertical.
    pub cap: Option<usize>,
}

impl Default for Options {
    fn default() -> Options {
        Options { zone: Zone::utc(), header: true, width: None, auto_vertical: false, cap: None }
    }
}

/// A format at work: takes batches, writes text.
trait Export {
    /// Writes, or keeps, the rows of a batch.
    fn rows(&mut self, batch: Batch, sink: &mut Sink) -> io::Result<()>;

    /// Writes what was kept, and what ends the text.
    fn finish(&mut self, sink: &mut Sink) -> io::Result<()>;

    /// Does it keep rows that come now until the end?
    fn collects(&self) -> bool {
        true
    }
}

/// Rows on their way out.
pub struct Output {
    export: Box<dyn Export>,
    sink: Sink,
    rows: usize,
}

impl Output {
    /// Rows in a format, into a sink.
    pub fn new(format: Format, options: &Options, sink: Sink) -> Output {
        let export: Box<dyn Export> = match format {
            Format::Table => Box::new(table::Table::new(options, false)),
            Format::Vertical => Box::new(table::Table::new(options, true)),
            Format::Json => Box::new(json::Array::default()),
            Format::Ndjson => Box::new(json::Lines),
            Format::Csv => Box::new(delimited::Delimited::new(delimited::Kind::Csv, options)),
            Format::Tsv => Box::new(delimited::Delimited::new(delimited::Kind::Tsv, options)),
            Format::Markdown => Box::new(markdown::Markdown::new(options)),
            Format::Raw => Box::new(raw::Raw),
        };
        Output { export, sink, rows: 0 }
    }

    /// Takes a batch.
    pub fn rows(&mut self, batch: Batch) -> io::Result<()> {
        self.rows += batch.len();
        self.export.rows(batch, &mut self.sink)
    }

    /// Are rows that come now kept in memory until the end?
    pub fn collects(&self) -> bool {
        self.export.collects()
    }

    /// Writes what is left; gives the sink back for what else is to be written, and the number of rows.
    pub fn finish(mut self) -> io::Result<(Sink, usize)> {
        self.export.finish(&mut self.sink)?;
        self.sink.flush()?;
        Ok((self.sink, self.rows))
    }
}

/// Batches kept until the end.
#[derive(Default)]
struct Kept(Vec<Batch>);

impl Kept {
    fn take(&mut self) -> Batch {
        Batch::concat(std::mem::take(&mut self.0))
    }
}

#[cfg(test)]
pub(crate) mod testing {
    use super::*;
    use std::sync::{Arc, Mutex};

    /// A writer whose text can be looked at.
    #[derive(Clone, Default)]
    pub struct Shared(Arc<Mutex<Vec<u8>>>);

    impl Shared {
        pub fn text(&self) -> String {
            String::from_utf8(self.0.lock().unwrap().clone()).unwrap()
        }
    }

    impl io::Write for Shared {
        fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
            self.0.lock().unwrap().extend_from_slice(bytes);
            Ok(bytes.len())
        }

        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }

    /// Rows given as JSON, in a format; each array is a batch.
    pub fn written(format: Format, options: &Options, batches: &[serde_json::Value]) -> String {
        let shared = Shared::default();
        let mut out = Output::new(format, options, Sink::new(Box::new(shared.clone()), false));
        for rows in batches {
            let rows: Vec<_> = rows.as_array().unwrap().iter().map(|r| r.as_object().unwrap().clone()).collect();
            out.rows(crate::input::rows(&rows)).unwrap();
        }
        drop(out.finish().unwrap());
        shared.text()
    }
}
