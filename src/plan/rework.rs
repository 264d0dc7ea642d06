//! Changes of a whole result: what needs all rows at once, and is no aggregation.

use super::FieldPattern;
use crate::column::Name;
use crate::time::Span;
use std::sync::Arc;

/// What is done with the rows.
#[derive(Clone, Debug)]
pub enum Rework {
    /// `addtotals col=t`, `addcoltotals`: a last row with the sums of the columns.
    Totals { fields: Vec<FieldPattern>, label: Option<(Name, String)> },
    /// `makecontinuous`: rows for the values between.
    Continuous(Continuous),
    /// `rate_avg` and `rate_sum` of mstats: a metric, and where the growth of its counters since the point before goes.
    Increases(Vec<(Name, Name)>),
    /// `timewrap`: periods beside each other.
    Wrap(Wrap),
    /// `outlier`.
    Outliers(Outliers),
    /// `concurrency`: how many rows were under way when each began.
    Concurrency { start: Name, duration: Name, into: Name },
    /// `outputcsv` without a file: each row as a line of CSV, with its entities where it is for XML.
    CsvLine { into: Name, xml: bool },
    /// `sample`.
    Sample(Sample),
    /// `erex`.
    Learn(Arc<Learn>),
    /// `bucketdir`, `folderize`.
    Folders(Folders),
    /// `geom`.
    Outlines(Outlines),
    /// `lookup` with a geospatial lookup.
    Located(Located),
    /// `geomfilter`.
    Clip(Area),
    /// `searchtxn`.
    Related(Arc<Related>),
    /// Statistics.
    Study(Arc<super::Study>),
}

/// `makecontinuous`.
#[derive(Clone, Debug)]
pub struct Continuous {
    pub field: Name,
    /// `None` for one that follows from the values.
    pub span: Option<super::BinSpan>,
    pub bins: u64,
    pub start: Option<f64>,
    pub end: Option<f64>,
}

/// `timewrap`.
#[derive(Clone, Debug)]
pub struct Wrap {
    pub period: Span,
    pub naming: Naming,
    /// Where the latest period ends; `None` for the end of the rows.
    pub end: Option<f64>,
    pub format: String,
}

/// How timewrap calls its columns.
#[derive(Clone, Copy, Debug, PartialEq, Eq, serde::Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Naming {
    /// `count_1day_before`.
    Relative,
    /// By the start of the period.
    Exact,
    /// `count_s1`.
    Short,
}

/// `outlier`.
#[derive(Clone, Debug)]
pub struct Outliers {
    pub fields: Vec<FieldPattern>,
    /// Take rows out, instead of changing the values.
    pub remove: bool,
    /// How many interquartile ranges away from the quartiles a value may lie.
    pub param: f64,
    pub lower: bool,
    pub mark: bool,
}

/// `sample`.
#[derive(Clone, Debug)]
pub struct Sample {
    pub chance: Chance,
    pub seed: u64,
}

/// `erex`.
#[derive(Clone, Debug)]
pub struct Learn {
    pub from: Name,
    pub into: Name,
    pub examples: Vec<String>,
    pub against: Vec<String>,
    /// Rows that are learnt from.
    pub trainers: usize,
    /// Where what is learnt is told.
    pub place: crate::diagnostic::Span,
}

/// Rows of paths that become rows of folders.
#[derive(Clone, Debug)]
pub struct Folders {
    pub path: Name,
    pub size: Name,
    /// How many events a row stands for.
    pub count: Option<Name>,
    /// `None` for one that follows from the paths.
    pub sep: Option<String>,
    pub merge: Merge,
}

/// How folders are found.
#[derive(Clone, Copy, Debug)]
pub enum Merge {
    /// All of one depth, so many of them.
    Depth { least: usize, most: usize },
    /// One at a time, until so many rows remain.
    OneByOne { most: usize },
}

/// The outlines of regions that rows name.
#[derive(Clone, Debug)]
pub struct Outlines {
    /// `None` for the one that a row's `featureCollection` names.
    pub collection: Option<String>,
    /// The field with the region's name.
    pub id: Name,
    /// Add a row for every region that no row names.
    pub all: bool,
    /// Degrees that simplified lines may lie off.
    pub tolerance: f64,
    pub area: Area,
}

/// The regions of places.
#[derive(Clone, Debug)]
pub struct Located {
    pub collection: String,
    pub longitude: Name,
    pub latitude: Name,
    /// `featureId` or `featureCollection`, and the field that it becomes.
    pub outputs: Vec<(String, Name)>,
    /// Overwrite what is there, or only fill what is missing.
    pub overwrite: bool,
}

/// A rectangle of a map, in degrees.
#[derive(Clone, Copy, Debug, PartialEq, serde::Serialize)]
pub struct Area {
    pub min_x: f64,
    pub min_y: f64,
    pub max_x: f64,
    pub max_y: f64,
}

impl Area {
    /// All of it.
    pub const WORLD: Area = Area { min_x: -180.0, min_y: -90.0, max_x: 180.0, max_y: 90.0 };
}

/// Rows that share values with some, over any number of steps.
#[derive(Clone, Debug)]
pub struct Related {
    /// The rows to begin with.
    pub seed: super::Predicate,
    pub fields: Vec<Name>,
    /// Values that are followed.
    pub most: usize,
}

/// Which rows a sample takes.
#[derive(Clone, Debug)]
pub enum Chance {
    /// Each with the same chance, from 0 to 1.
    Ratio(f64),
    /// So many, of each group where there is a field.
    Count { count: u64, by: Option<Name> },
    /// Each with the chance that a field says, or with what that leaves to 1.
    Field { field: Name, inverse: bool },
    /// All, each in one of so many parts.
    Parts { parts: u64, into: Name },
}

impl Rework {
    /// The fields read besides those that are asked for; `None` for all.
    pub fn reads(&self) -> Option<Vec<Name>> {
        match self {
            Rework::Totals { .. } => Some(Vec::new()),
            Rework::CsvLine { .. } => None,
            // What is no metric is a dimension.
            Rework::Increases(_) => None,
            Rework::Continuous(c) => Some(vec![c.field.clone()]),
            Rework::Concurrency { start, duration, .. } => Some(vec![start.clone(), duration.clone()]),
            Rework::Outliers(o) if o.remove => o.fields.iter().map(|f| f.wildcard.is_none().then(|| f.text.as_str().into())).collect(),
            Rework::Outliers(_) => Some(Vec::new()),
            // Whether rows agree in a field is told of every field.
            Rework::Wrap(_) | Rework::Folders(_) => None,
            Rework::Sample(sample) => Some(match &sample.chance {
                Chance::Count { by, .. } => by.iter().cloned().collect(),
                Chance::Field { field, .. } => vec![field.clone()],
                Chance::Ratio(_) | Chance::Parts { .. } => Vec::new(),
            }),
            // Whether numbers become 0 is told of every field.
            Rework::Outlines(how) => (!how.all).then(|| vec![how.id.clone(), "featureCollection".into()]),
            Rework::Located(how) => Some(how.outputs.iter().map(|(_, f)| f.clone()).chain([how.longitude.clone(), how.latitude.clone()]).collect()),
            Rework::Clip(_) => Some(vec!["geom".into()]),
            Rework::Related(how) => {
                let mut names = how.fields.clone();
                how.seed.fields(&mut names);
                (!how.seed.has_subsearch()).then_some(names)
            }
            Rework::Learn(learn) => Some(vec![learn.from.clone(), learn.into.clone()]),
            Rework::Study(study) => study.reads(),
        }
    }
}
