//! What commands carry from row to row, in their order.

use super::{Aggregation, Argument, Expr, FieldPattern};
use crate::column::Name;
use crate::time::Span;

/// What is carried.
#[derive(Clone, Debug)]
pub enum Running {
    /// `streamstats`.
    Statistics(Statistics),
    /// `accum`: the sum so far of the numbers.
    Total { field: Name, into: Name },
    /// `delta`: the difference to the row so many rows before.
    Difference { field: Name, into: Name, back: usize },
    /// `autoregress`: the values of so many rows before.
    Earlier { field: Name, into: Vec<(usize, Name)> },
    /// `trendline`.
    Trends(Vec<Trend>),
    /// `filldown`: the last value for missing ones.
    Down(Vec<FieldPattern>),
    /// `uniq`: only rows that differ from the one before.
    Changed,
}

/// `streamstats`.
#[derive(Clone, Debug)]
pub struct Statistics {
    pub aggregation: Aggregation,
    /// Does a row count in its own result?
    pub current: bool,
    /// Rows that count; `None` for all so far.
    pub window: Option<usize>,
    /// The window is Splunk's ceiling: that it cuts is a warning.
    pub ceiling: bool,
    /// Rows count whose time is less than this away.
    pub time_window: Option<Span>,
    /// One window over all rows, not one a group.
    pub global: bool,
    /// Numeric statistics only where all values are numbers.
    pub only_numbers: bool,
    pub reset_on_change: bool,
    pub reset_before: Option<Expr>,
    pub reset_after: Option<Expr>,
}

/// One moving average.
#[derive(Clone, Debug)]
pub struct Trend {
    pub kind: Average,
    pub period: usize,
    pub field: Name,
    pub into: Name,
}

/// Kinds of moving averages.
#[derive(Clone, Copy, Debug, PartialEq, Eq, serde::Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Average {
    /// All values weigh the same.
    Simple,
    /// Each value weighs less than the one after it, by a constant factor.
    Exponential,
    /// Weights fall in equal steps.
    Weighted,
}

impl Running {
    /// The fields read; `None` for all.
    pub fn reads(&self) -> Option<Vec<Name>> {
        Some(match self {
            Running::Statistics(s) => {
                let mut names = s.aggregation.by.clone();
                if s.aggregation.timed() || s.time_window.is_some() {
                    names.push("_time".into());
                }
                for output in &s.aggregation.outputs {
                    match &output.argument {
                        Argument::None => {}
                        Argument::Field(f) => names.push(f.clone()),
                        Argument::Pattern(_) => return None,
                        Argument::Expr(e) => e.fields(&mut names),
                    }
                }
                s.reset_before.iter().chain(&s.reset_after).for_each(|e| e.fields(&mut names));
                names
            }
            Running::Total { field, into } => vec![field.clone(), into.clone()],
            Running::Difference { field, .. } | Running::Earlier { field, .. } => vec![field.clone()],
            Running::Trends(trends) => trends.iter().map(|t| t.field.clone()).collect(),
            Running::Down(_) => Vec::new(),
            Running::Changed => return None,
        })
    }

    /// In a word, for the explained plan.
    pub fn describe(&self) -> String {
        match self {
            Running::Statistics(s) => {
                let names: Vec<_> = s.aggregation.outputs.iter().map(|o| o.name.to_string()).collect();
                let window = s.window.map_or(String::new(), |n| format!(" over {n} rows"));
                format!("{}{window}; by {:?}", names.join(", "), s.aggregation.by)
            }
            other => format!("{other:?}"),
        }
    }
}
