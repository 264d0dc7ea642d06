//! What chart and timechart make of an aggregation: a table with a column a value.

use super::{AutoBin, BinSpan};
use crate::column::Name;
use crate::time::Span;

/// The column of an aggregation that says how many rows a cell stands for; no aggregate is called so.
pub const ROWS: &str = "\u{e000}rows";

/// `chart` and `timechart`: over an aggregation by the row field and, where there is one, the column field.
#[derive(Clone, Debug)]
pub struct Pivot {
    /// The field of the rows.
    pub row: Name,
    /// The field whose values become columns.
    pub column: Option<Name>,
    pub series: Series,
    /// The name of the column that sums up the values that are not kept; `None` leaves them out.
    pub other: Option<String>,
    /// The name of the column of rows without a value.
    pub null: String,
    /// How columns are called where there are several aggregates: `$AGG$: $VAL$`.
    pub format: String,
    /// timechart's rows.
    pub time: Option<Buckets>,
    /// Parts that the values of the row field are put into, in chart.
    pub parts: Option<Box<Parts>>,
}

/// The parts of chart's rows.
#[derive(Clone, Debug)]
pub struct Parts {
    /// How large a part is; `None` for one that follows from the values.
    pub span: Option<BinSpan>,
    /// What it follows from then.
    pub auto: AutoBin,
    /// Rows for parts without values.
    pub continuous: bool,
}

/// Which values of the column field get a column of their own.
#[derive(Clone, Debug, PartialEq, serde::Serialize)]
pub struct Series {
    /// What of a column's cells decides.
    pub score: Score,
    pub choice: Choice,
}

impl Default for Series {
    fn default() -> Series {
        Series { score: Score::sum(), choice: Choice::All }
    }
}

/// One number for all cells of a column.
#[derive(Clone, Debug, PartialEq, serde::Serialize)]
pub enum Score {
    /// How many rows there are with the value.
    Rows,
    /// A stats function over the cells of the first aggregate, by its name.
    Cells(String),
}

impl Score {
    /// The area under the curve.
    pub fn sum() -> Score {
        Score::Cells("sum".into())
    }
}

/// A choice by score.
#[derive(Clone, Copy, Debug, PartialEq, serde::Serialize)]
pub enum Choice {
    All,
    /// The highest, or all but those.
    Top {
        count: u64,
        kept: bool,
    },
    /// The lowest, or all but those.
    Bottom {
        count: u64,
        kept: bool,
    },
    Above(f64),
    Below(f64),
}

/// The rows of timechart.
#[derive(Clone, Debug)]
pub struct Buckets {
    /// How long a row is; `None` for one that follows from the range of time.
    pub span: Option<Span>,
    /// The most rows then.
    pub bins: u64,
    /// The least length then.
    pub minspan: Option<Span>,
    pub align: Option<f64>,
    /// Rows for times without events.
    pub continuous: bool,
    /// Keep the first and the last row where the search's range of time cuts them.
    pub partial: bool,
    /// Rows for the whole range of the search, not only from the first event to the last.
    pub fixed: bool,
}
