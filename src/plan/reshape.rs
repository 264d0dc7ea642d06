//! Nodes over whole results: a table turned into another, two results put together, and templates that run for fields, values
//! or rows.

use super::{Extension, FieldPattern, Template};
use crate::column::Name;

/// All rows at once to others.
#[derive(Clone, Debug)]
pub enum Shape {
    Transpose(Transpose),
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

/// What a template runs for.
#[derive(Clone, Debug)]
pub enum Repeat {
    /// Each field that a pattern names, over all rows: `foreach`.
    Fields { template: Template, fields: Vec<FieldPattern>, marks: Marks },
    /// Each value of a field, over the rows that have as many: `foreach` by values. The steps read the value and its number from
    /// fields named [`ITEM`] and [`ITER`].
    Values { field: Name, from: Values, steps: Vec<Extension> },
}

impl Repeat {
    /// What it does, as plans show it.
    pub fn words(&self) -> String {
        match self {
            Repeat::Fields { template, fields, .. } => format!("{} for each field of {fields:?}", template.text),
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
