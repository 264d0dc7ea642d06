//! Statistics over a whole result: forecasts, clusters, anomalies, associations.

use crate::column::Name;

/// What is worked out.
#[derive(Clone, Debug)]
pub enum Study {
    /// `predict`: series with the same options together.
    Predict(Vec<Predict>),
    /// `anomalydetection` by histograms.
    Improbable(Improbable),
    /// `anomalousvalue`.
    Unusual(Unusual),
    /// `anomalies`.
    Unexpected(Unexpected),
    /// `associate`.
    Associations(Associated),
    /// `arules`.
    Rules(Rules),
    /// `analyzefields`, by the class field.
    Classes(Name),
    /// `localize`.
    Localize(Localize),
    /// `x11`.
    Adjust(Adjust),
    /// `findtypes`, `typelearner`.
    Types(Types),
    /// `relevancy`, to these terms.
    Relevancy(Vec<String>),
    /// `findkeywords`.
    Keywords { label: Name, dedup: bool },
    /// `cofilter`.
    Shared { user: Name, item: Name },
}

/// `predict`, with one set of options.
#[derive(Clone, Debug)]
pub struct Predict {
    pub series: Vec<Forecast>,
    pub algorithm: Algorithm,
    /// The second series of the bivariate algorithms.
    pub correlate: Option<Name>,
    /// Rows behind the last one that is used.
    pub future: usize,
    /// Last rows that are not used.
    pub holdback: usize,
    /// Rows of a season; `None` for what the data shows.
    pub period: Option<usize>,
    pub lower: Bound,
    pub upper: Bound,
}

/// One series of `predict`.
#[derive(Clone, Debug)]
pub struct Forecast {
    pub field: Name,
    pub into: Name,
    /// Worked out, not shown.
    pub hidden: bool,
}

/// One side of an interval that holds so many percent of the values to be expected.
#[derive(Clone, Debug, serde::Serialize)]
pub struct Bound {
    pub percent: f64,
    /// Stands before the forecast's name, which is put in parentheses.
    pub label: String,
}

/// The models of `predict`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, serde::Serialize)]
pub enum Algorithm {
    /// Local level.
    Ll,
    /// Local level with a trend.
    Llt,
    /// Seasonal local level.
    Llp,
    /// LLT and LLP together.
    Llp5,
    /// One series with the help of another.
    Llb,
    /// Two series at once.
    BiLl,
}

/// What is shown of anomalies.
#[derive(Clone, Copy, Debug, PartialEq, Eq, serde::Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Show {
    /// The rows that have some.
    Filter,
    /// All rows.
    Annotate,
    /// A table of numbers.
    Summary,
}

/// `anomalydetection method=histogram`.
#[derive(Clone, Debug)]
pub struct Improbable {
    /// Empty for all.
    pub fields: Vec<Name>,
    pub show: Show,
    /// A probability; `None` for one that follows from the data.
    pub threshold: Option<f64>,
    /// The one that follows is to be the lower one.
    pub cutoff: bool,
}

/// `anomalousvalue`; shares are from 0 to 1.
#[derive(Clone, Debug)]
pub struct Unusual {
    /// Empty for all.
    pub fields: Vec<Name>,
    pub show: Show,
    /// Shares of anomalous values with which a field counts.
    pub most_anomalous: f64,
    pub least_anomalous: f64,
    /// Rows that must have the field, and the share of them.
    pub least_count: u64,
    pub least_share: f64,
    pub threshold: f64,
}

/// `anomalies`.
#[derive(Clone, Debug)]
pub struct Unexpected {
    pub field: Name,
    pub threshold: f64,
    /// Keep all rows.
    pub label_only: bool,
    /// All digits are the same.
    pub normalize: bool,
    /// How many rows before one count.
    pub most: usize,
    /// Texts like these are expected.
    pub expected: Vec<String>,
    pub expected_threshold: f64,
    pub by: Vec<Name>,
}

/// `associate`.
#[derive(Clone, Debug)]
pub struct Associated {
    /// Empty for all.
    pub fields: Vec<Name>,
    /// Rows that a value must have, and the share of them.
    pub least_count: u64,
    pub least_share: f64,
    /// Bits.
    pub improvement: f64,
}

/// `arules`.
#[derive(Clone, Debug)]
pub struct Rules {
    pub fields: Vec<Name>,
    /// Rows that values must have together.
    pub support: u64,
    /// From 0 to 1.
    pub confidence: f64,
}

/// `localize`, in seconds.
#[derive(Clone, Debug)]
pub struct Localize {
    pub pause: f64,
    pub after: f64,
    pub before: f64,
}

/// `x11`.
#[derive(Clone, Debug)]
pub struct Adjust {
    /// Divide by the season, instead of subtracting it.
    pub ratios: bool,
    /// Rows of a season; `None` for what the data shows.
    pub period: Option<usize>,
    pub field: Name,
    pub into: Name,
}

/// `findtypes`, `typelearner`.
#[derive(Clone, Debug)]
pub struct Types {
    /// Events are grouped by so many characters of it; `None` for the punctuation of their text.
    pub field: Option<Name>,
    pub length: usize,
    /// Searches at most.
    pub most: usize,
    /// Look at phrases, instead of words.
    pub phrases: bool,
    /// Only events without an event type.
    pub only_uncovered: bool,
    /// Events that are looked at.
    pub events: usize,
}

impl Study {
    /// The fields read besides those that are asked for; `None` for all.
    pub fn reads(&self) -> Option<Vec<Name>> {
        match self {
            Study::Predict(all) => {
                let fields = all.iter().flat_map(|p| p.series.iter().map(|s| s.field.clone()).chain(p.correlate.clone()));
                Some(fields.chain(["_time".into()]).collect())
            }
            Study::Classes(_) => None,
            Study::Rules(r) => Some(r.fields.clone()),
            Study::Localize(_) => Some(vec!["_time".into()]),
            Study::Types(t) => Some(["_raw", "sourcetype", "eventtype"].map(Name::from).into_iter().chain(t.field.clone()).collect()),
            Study::Adjust(a) => Some(vec![a.field.clone()]),
            Study::Associations(Associated { fields, .. }) | Study::Improbable(Improbable { fields, .. }) | Study::Unusual(Unusual { fields, .. }) => {
                (!fields.is_empty()).then(|| fields.clone())
            }
            Study::Relevancy(_) => Some(vec!["_raw".into()]),
            Study::Keywords { label, .. } => Some(vec!["_raw".into(), label.clone()]),
            Study::Shared { user, item } => Some(vec![user.clone(), item.clone()]),
            Study::Unexpected(u) => Some(u.by.iter().cloned().chain([u.field.clone()]).collect()),
        }
    }
}
