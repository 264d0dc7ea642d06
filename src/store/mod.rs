//! Loaded events: files that are read when a query asks, and tables in memory with their columns dictionary-coded.

mod arriving;
mod encode;
mod index;
mod load;
mod table;
mod told;

pub use arriving::{Arriving, Way};
pub use encode::dictionary_now;
pub use load::load;
pub use table::Table;
pub use told::Told;

use crate::aggregate::stored::MARK;
use crate::column::{Batch, Name};
use crate::input::{InputFile, ParseOptions, ReadOptions};
use std::sync::Arc;

/// One source of events.
#[derive(Debug)]
pub enum Dataset {
    /// A file, read anew by each query.
    File(InputFile),
    /// Rows in memory.
    Table(Table),
    /// A file that becomes a table meanwhile.
    Arriving(Arc<Arriving>),
}

impl Dataset {
    /// Rows in memory.
    pub fn table(name: &str, segments: Vec<Batch>) -> Dataset {
        Dataset::Table(Table::new(name, segments))
    }

    /// What the dataset is called in `.sources`.
    pub fn name(&self) -> String {
        match self {
            Dataset::File(file) => file.name.to_string(),
            Dataset::Table(table) => table.name.clone(),
            Dataset::Arriving(a) => a.file.name.to_string(),
        }
    }

    /// Its rows, where they are all in memory.
    pub fn in_memory(&self) -> Option<&Table> {
        match self {
            Dataset::File(_) => None,
            Dataset::Table(table) => Some(table),
            Dataset::Arriving(a) => a.table(),
        }
    }

    /// Rows, where they are known.
    pub fn rows(&self) -> Option<usize> {
        self.in_memory().map(Table::rows)
    }

    /// Rows in memory that tell of its fields: all of them, or those of its beginning.
    pub fn known(&self) -> &[Batch] {
        match self {
            Dataset::File(_) => &[],
            Dataset::Table(table) => &table.segments,
            Dataset::Arriving(a) => a.known(),
        }
    }
}

impl From<Table> for Dataset {
    fn from(table: Table) -> Dataset {
        Dataset::Table(table)
    }
}

/// All datasets, in the order in which they were loaded.
#[derive(Clone, Debug, Default)]
pub struct Catalog {
    datasets: Vec<Arc<Dataset>>,
    options: ParseOptions,
    read: ReadOptions,
    in_order: bool,
    bare: bool,
}

impl Catalog {
    /// An empty catalog; files are read with these options.
    pub fn new(options: ParseOptions) -> Catalog {
        Catalog { datasets: Vec::new(), options, read: ReadOptions::default(), in_order: false, bare: false }
    }

    /// The same catalog, with files cut into other pieces.
    pub fn cut_by(self, read: ReadOptions) -> Catalog {
        Catalog { read, ..self }
    }

    /// A catalog of rows that stand in for what a search found: they keep the order in which they are given.
    pub fn of_rows(rows: Batch) -> Catalog {
        let mut catalog = Catalog { in_order: true, ..Catalog::default() };
        catalog.add(Dataset::table("rows", vec![rows]));
        catalog
    }

    /// Adds a dataset.
    pub fn add(&mut self, dataset: impl Into<Dataset>) {
        let dataset = dataset.into();
        if let Dataset::Table(table) = &dataset {
            self.bare |= table.segments.iter().any(|rows| rows.get("_raw").is_none_or(|raw| (0..rows.len()).any(|row| raw.is_null(row))));
        }
        self.datasets.push(Arc::new(dataset));
    }

    /// The datasets.
    pub fn datasets(&self) -> &[Arc<Dataset>] {
        &self.datasets
    }

    /// Do its rows keep their order, instead of coming newest first?
    pub fn in_order(&self) -> bool {
        self.in_order
    }

    /// May events be rows of states, as sistats makes them? Tables in memory show it; of a file its name says so, as collect gives it,
    /// or that it is loaded into a summary index.
    pub fn holds_states(&self) -> bool {
        self.datasets.iter().any(|dataset| match dataset.as_ref() {
            Dataset::File(file) => summary(file),
            Dataset::Arriving(a) => summary(&a.file) || holds_states(a.known()),
            Dataset::Table(table) => holds_states(&table.segments),
        })
    }

    /// Has it rows without a text of their own (`_raw`), whose fields are searched for words instead? Files never have.
    pub fn bare(&self) -> bool {
        self.bare
    }

    /// How files are read.
    pub fn parse_options(&self) -> &ParseOptions {
        &self.options
    }

    /// How files are cut into chunks.
    pub fn read_options(&self) -> &ReadOptions {
        &self.read
    }

    /// The fields of the tables in memory, for completion.
    pub fn fields(&self) -> Vec<Name> {
        let mut names: Vec<Name> = Vec::new();
        for dataset in &self.datasets {
            names.extend(dataset.known().iter().flat_map(|s| s.names().cloned()));
        }
        names.sort();
        names.dedup();
        names
    }
}

fn holds_states(rows: &[Batch]) -> bool {
    rows.iter().any(|batch| batch.get(MARK).is_some_and(|mark| !mark.all_null()))
}

/// Does a file stand for a summary index?
fn summary(file: &InputFile) -> bool {
    let (name, spec) = (file.name.to_ascii_lowercase(), &file.spec);
    name.ends_with(".stash")
        || name.ends_with(".hec.ndjson")
        || spec.sourcetype.as_deref() == Some("stash")
        || spec.index.as_deref().is_some_and(|index| index.contains("summary"))
}
