//! Fields out of the text of one field: what `spath`, `extract`, `xmlkv`, `xpath`, `iplocation` and their like mean.

use super::xpath::XPath;
use super::{Extension, Needs};
use crate::column::Name;
use crate::knowledge::multikv::TableLayout;
use crate::knowledge::transform::How;
use crate::knowledge::{GeoIp, Transform};
use crate::path::Step;
use crate::regex::Regex;
use std::sync::Arc;

/// A field's text read as fields. It is read once per distinct value; where it gives nothing a field keeps what it has.
#[derive(Clone, Debug)]
pub struct Reading {
    /// The field that is read; each value of a multivalue by itself.
    pub field: Name,
    pub form: Form,
    /// The fields that the query needs: others are not made.
    pub wanted: Needs,
}

/// As what the text is read.
#[derive(Clone, Debug)]
pub enum Form {
    /// `spath`: everything in JSON or XML, of the first so many characters.
    Document { limit: usize },
    /// `spath` with a path, into one field.
    Path { path: Vec<Step>, output: Name },
    /// `extract` without a stanza.
    Pairs(Pairs),
    /// `fromjson`: the first level of an object.
    Object { prefix: String },
    /// `xmlkv`: elements that hold nothing but text.
    Elements,
    /// `xpath`, into one field.
    XPath { path: Arc<XPath>, output: Name, default: Option<String> },
    /// `multikv`: each row of a table as JSON.
    Table(Table),
    /// `iplocation`.
    Location { places: Option<Arc<GeoIp>>, prefix: String, all: bool, language: String },
}

/// Key and value pairs in text.
#[derive(Clone, Debug)]
pub struct Pairs {
    /// Characters between pairs, and between key and value; `None` leaves it to `auto`.
    pub delimiters: Option<(String, String)>,
    /// Find `key=value` wherever it stands.
    pub auto: bool,
    /// The most pairs.
    pub limit: usize,
    /// The most characters that are read.
    pub characters: usize,
    /// A key that comes again gets one more value; else its first value stays.
    pub repeat: bool,
    /// Characters of a key that are no letters, digits or `_` become `_`.
    pub clean: bool,
}

/// Where the tables of a text are.
#[derive(Clone, Debug)]
pub struct Table {
    pub output: Name,
    /// The columns to keep; all where there are none.
    pub fields: Vec<String>,
    /// Keep lines that hold one of these.
    pub filter: Vec<String>,
    /// The line of the headings, from 1.
    pub header_line: Option<usize>,
    pub header: bool,
    /// Look for another table behind a blank line.
    pub several: bool,
    /// Give the text itself too, as a first row.
    pub keep_original: bool,
    /// The sections that a stanza of multikv.conf describes, in place of the headings.
    pub layout: Option<Arc<TableLayout>>,
}

impl Reading {
    /// The step that reads a field so, and makes all that it finds.
    pub fn step(field: impl Into<Name>, form: Form) -> Extension {
        Extension::Read(Arc::new(Reading { field: field.into(), form, wanted: Needs::All }))
    }

    /// The fields that it may make; `None` where the text decides.
    pub fn made(&self) -> Option<Vec<Name>> {
        match &self.form {
            Form::Path { output, .. } | Form::XPath { output, .. } => Some(vec![output.clone()]),
            Form::Table(table) => Some(vec![table.output.clone()]),
            Form::Location { prefix, .. } => Some(PLACES.iter().map(|p| format!("{prefix}{p}").into()).collect()),
            _ => None,
        }
    }
}

/// The fields of `iplocation`, those of `allfields` last.
pub const PLACES: [&str; 8] = ["City", "Country", "Region", "lat", "lon", "Continent", "MetroCode", "Timezone"];

/// A stanza of transforms.conf with its regex compiled.
#[derive(Debug)]
pub struct Report {
    pub transform: Arc<Transform>,
    pub regex: Option<Regex>,
}

impl Report {
    /// Compiles. Errors: a bad regex, with the place of the stanza.
    pub fn new(transform: Arc<Transform>) -> Result<Report, crate::diagnostic::Diagnostic> {
        let regex = match &transform.how {
            How::Regex { regex, .. } => Some(Regex::new(regex).map_err(|why| transform.place.error(format!("{}: {why}", transform.name)))?),
            _ => None,
        };
        Ok(Report { transform, regex })
    }
}
