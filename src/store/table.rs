//! Rows in memory, with what is known of them as a whole.

use super::Told;
use super::index::{Entry, Index};
use crate::column::Batch;
use std::sync::Arc;

/// Rows in memory, in segments of some tens of thousands.
#[derive(Debug)]
pub struct Table {
    pub name: String,
    pub segments: Vec<Batch>,
    /// What the columns do not tell of the texts of rows, where that is known.
    pub told: Option<Arc<Told>>,
    index: Index,
}

impl Table {
    /// Rows of which nothing else is known.
    pub fn new(name: &str, segments: Vec<Batch>) -> Table {
        Table::telling(name, segments, None)
    }

    /// Rows, and what their columns do not tell.
    pub fn telling(name: &str, segments: Vec<Batch>, told: Option<Arc<Told>>) -> Table {
        Table { name: name.to_string(), segments, told, index: Index::default() }
    }

    /// How many there are.
    pub fn rows(&self) -> usize {
        self.segments.iter().map(Batch::len).sum()
    }

    /// What is known of where the values of a field stand.
    pub fn index(&self, field: &str) -> Arc<Entry> {
        self.index.entry(&self.segments, field)
    }
}
