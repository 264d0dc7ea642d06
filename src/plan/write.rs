//! Files that a query writes: `outputlookup`, `outputcsv`, `collect`. Only where the user allows it, and whole or not at all.

use crate::column::Name;
use std::path::PathBuf;

/// Rows that go into a file on their way.
#[derive(Clone, Debug)]
pub struct Write {
    pub file: PathBuf,
    pub layout: Layout,
    /// Keep what the file holds, and write behind it.
    pub append: bool,
    /// Write a file also where there are no rows; else one that is there goes.
    pub create_empty: bool,
    /// Empty a file that is there where there are no rows; else it stays.
    pub override_if_empty: bool,
    /// The most rows.
    pub max: Option<u64>,
    /// Rows of the file with the same value here are replaced; the others stay.
    pub key: Option<Name>,
}

/// How rows become bytes.
#[derive(Clone, Debug)]
pub enum Layout {
    /// CSV with a header; with `__mv_` columns for multivalues where `multivalues` says so.
    Csv { multivalues: bool },
    /// A line an event: its `_raw`, or `time, field="value", …`.
    Events { time: bool, marker: String },
    /// A JSON object a row: its time and all fields but internal ones, their values in lower case if so wanted.
    Rows { lower: bool },
    /// A JSON object an event, as an HTTP event collector takes them.
    Hec { index: String, host: Option<String>, source: Option<String>, sourcetype: String },
}
