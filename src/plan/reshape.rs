//! Nodes over whole results: a table turned into another, two results put together, and templates that run for fields, values
//! or rows.

use super::{Extension, FieldPattern, Node, Template};
use crate::column::Name;
use indexmap::IndexMap;
use std::sync::{Arc, Mutex};

/// All rows at once to others.
#[derive(Clone, Debug)]
pub enum Shape {
    Transpose(Transpose),
    Xyseries(Xyseries),
    Untable(Untable),
    /// A search expression of all rows, in a row of its own.
    Format(Format),
    /// What a subsearch hands over, in a row of its own.
    Return(Return),
    Selfjoin(Selfjoin),
    Diff(Diff),
    /// Consecutive spans of time, in place of the one row there.
    Times(Times),
    Fieldsummary(Fieldsummary),
    Contingency(Contingency),
    /// How often fields occur in the same rows.
    Correlate,
    Kmeans(Kmeans),
    Cluster(Cluster),
}

impl Shape {
    /// Does the order of the rows matter?
    pub fn ordered(&self) -> bool {
        // They only count.
        !matches!(self, Shape::Fieldsummary(_) | Shape::Contingency(_) | Shape::Correlate)
    }
}

/// Rows to columns.
#[derive(Clone, Debug)]
pub struct Transpose {
    /// The most rows that become columns; `None` for all.
    pub count: Option<u64>,
    /// The column with the names of the fields.
    pub column: Name,
    /// The field whose values name the new columns.
    pub header: Option<Name>,
    /// Keep fields without any value.
    pub include_empty: bool,
}

/// How two results become one.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Pairing {
    /// Fields of the second beside the rows of the first, first to first; `overwrite` where both have a value.
    Beside { overwrite: bool },
    /// Distinct rows of either.
    Union,
    /// Distinct rows that only one of them has.
    Difference,
    /// Distinct rows that both have.
    Intersection,
}

/// The fields that a `foreach` found, with what its wildcards stand for.
pub type Found = Arc<Mutex<IndexMap<Name, Vec<String>>>>;

/// What a template runs for.
#[derive(Clone, Debug)]
pub enum Repeat {
    /// Each field that a pattern names, over all rows: `foreach`. Where it shows, of the stages only what fields are shown as counts,
    /// of the fields that it found where it stands.
    Fields { template: Template, fields: Vec<FieldPattern>, marks: Marks, shows: bool, found: Found },
    /// Each value of a field, over the rows that have as many: `foreach` by values. The steps read the value and its number from
    /// fields named [`ITEM`] and [`ITER`].
    Values { field: Name, from: Values, steps: Vec<Extension> },
    /// Each of the first `most` rows: `map`. Its rows stand in place of the one that they are made for.
    Rows { template: Template, most: u64 },
    /// All rows, once: what the subsearches find stands between the pieces of the text.
    Filled { template: Template, pieces: Vec<String>, subsearches: Vec<Node> },
}

impl Repeat {
    /// What it does, as plans show it.
    pub fn words(&self) -> String {
        match self {
            Repeat::Fields { template, fields, .. } => format!("{} for each field of {fields:?}", template.text),
            Repeat::Rows { template, most } => format!("{} for each of the first {most} rows", template.text),
            Repeat::Filled { template, .. } => format!("{}, once its subsearches ran", template.text),
            Repeat::Values { field, steps, .. } => format!("{} steps for each value of {field}", steps.len()),
        }
    }
}

/// The field that holds the value of an iteration.
pub const ITEM: &str = "__foreach_item";
/// The field that holds its number, from 0.
pub const ITER: &str = "__foreach_iter";

/// Where the values of an iteration come from.
#[derive(Clone, Copy, Debug, PartialEq, serde::Serialize)]
pub enum Values {
    Multivalue,
    JsonArray,
    /// Several values as they are, a text that is a JSON array by its elements.
    Either,
}

/// What stands in a template for the field and the parts of its name.
#[derive(Clone, Debug, PartialEq, serde::Serialize)]
pub struct Marks {
    pub field: String,
    /// All that the wildcards stand for.
    pub matched: String,
    /// What the first, second and third wildcard stand for.
    pub segments: [String; 3],
}

impl Marks {
    /// A template with the name of a field, and what its wildcards stand for, in place of the marks.
    pub fn filled(&self, text: &str, name: &str, parts: &[String]) -> String {
        let part = |n: usize| parts.get(n).map(String::as_str).unwrap_or_default();
        let matched = parts.concat();
        let mut pairs: Vec<(&str, &str)> = vec![(&self.field, name), (&self.matched, &matched)];
        pairs.extend(self.segments.iter().enumerate().map(|(n, mark)| (mark.as_str(), part(n))));
        pairs.retain(|(mark, _)| !mark.is_empty());
        let mut out = String::with_capacity(text.len());
        let mut rest = text;
        // One pass, so that a name that holds a mark is not filled in again.
        while let Some(c) = rest.chars().next() {
            if let Some((mark, with)) = pairs.iter().find(|(mark, _)| rest.starts_with(mark)) {
                out.push_str(with);
                rest = rest.get(mark.len()..).unwrap_or_default();
            } else {
                out.push(c);
                rest = rest.get(c.len_utf8()..).unwrap_or_default();
            }
        }
        out
    }
}

/// A row a value of `row`, a column a value of `column`.
#[derive(Clone, Debug)]
pub struct Xyseries {
    pub row: Name,
    pub column: Name,
    /// The fields of the cells.
    pub cells: Vec<Name>,
    /// A new row where the value of `row` changes, in the order of the rows; else one a value, ascending.
    pub grouped: bool,
    /// How columns are called where there are several fields of cells: `$AGG$: $VAL$`.
    pub format: String,
}

/// A row a value of every other field.
#[derive(Clone, Debug)]
pub struct Untable {
    pub row: Name,
    pub name: Name,
    pub value: Name,
}

/// The pieces of a search expression.
#[derive(Clone, Debug)]
pub struct Format {
    /// Row prefix, column prefix, column separator, column end, row separator, row end.
    pub pieces: [String; 6],
    /// Between the values of one field.
    pub mvsep: String,
    /// The most rows; 0 for all.
    pub max: u64,
    /// Without rows.
    pub empty: String,
}

/// What `return` hands over of the first rows.
#[derive(Clone, Debug)]
pub struct Return {
    pub count: u64,
    /// The field, and the name that it gets; `None` for the bare value.
    pub items: Vec<(Name, Option<String>)>,
}

/// Rows with the fields of later rows that agree in some fields.
#[derive(Clone, Debug)]
pub struct Selfjoin {
    pub fields: Vec<Name>,
    pub overwrite: bool,
    /// Later rows taken for a row; 0 for all.
    pub max: u64,
    /// Keep rows that agree with no other.
    pub keep_single: bool,
}

/// The difference of two rows' texts.
#[derive(Clone, Debug)]
pub struct Diff {
    /// Places of the rows, from 1.
    pub first: u64,
    pub second: u64,
    pub attribute: Name,
    /// Lines that name what is compared.
    pub header: bool,
    /// The context format; else the unified one.
    pub context: bool,
    /// Bytes of each text that are compared; 0 for all.
    pub most: u64,
}

/// Spans of time: epoch seconds, `end` exclusive.
#[derive(Clone, Debug)]
pub struct Times {
    pub start: f64,
    pub end: f64,
    /// Days of the calendar, or seconds.
    pub days: bool,
    pub increment: u64,
}

/// A row a field.
#[derive(Clone, Debug)]
pub struct Fieldsummary {
    /// Empty for all but internal ones.
    pub fields: Vec<FieldPattern>,
    /// Distinct values that are listed; 0 for all.
    pub values: u64,
}

/// Counts of two fields' values.
#[derive(Clone, Debug)]
pub struct Contingency {
    pub row: Name,
    pub column: Name,
    /// The most rows and columns; 0 for all.
    pub most: (u64, u64),
    /// The part of all counts after which no more rows and columns are needed.
    pub cover: (f64, f64),
    /// The name of the totals.
    pub total: Option<String>,
}

/// Rows in groups around means.
#[derive(Clone, Debug)]
pub struct Kmeans {
    /// Empty for all that hold numbers.
    pub fields: Vec<FieldPattern>,
    /// How many groups, from and to; a range gives a table of how good each number is.
    pub k: (u64, u64),
    /// How often it begins anew.
    pub reps: u64,
    pub iterations: u64,
    /// A step that moves no mean further than this is the last one.
    pub tolerance: f64,
    pub distance: Distance,
    /// The field with the number of the group.
    pub number: Name,
    /// Show the means.
    pub centroids: bool,
}

/// How far two rows of numbers are from each other.
#[derive(Clone, Copy, Debug, PartialEq, serde::Serialize)]
pub enum Distance {
    Cityblock,
    Euclidean,
    SquaredEuclidean,
    Cosine,
}

/// Rows whose texts are much alike.
#[derive(Clone, Debug)]
pub struct Cluster {
    pub field: Name,
    /// From 0 to 1: how much alike.
    pub threshold: f64,
    /// Characters that part terms; all that are no letters, digits or underscores where there are none.
    pub delims: Option<String>,
    pub terms: Terms,
    /// The fields for the number of a cluster and its size.
    pub label: Name,
    pub count: Option<Name>,
    /// Keep all rows, with the number of their cluster.
    pub all: bool,
}

/// What of two texts is compared.
#[derive(Clone, Copy, Debug, PartialEq, serde::Serialize)]
pub enum Terms {
    /// Terms in their order.
    List,
    /// Terms in any order.
    Set,
    /// Runs of three characters.
    Trigrams,
}
