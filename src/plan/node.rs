//! The plan nodes. Each is what some commands mean; operators of the same noun run them.

use super::{Aggregation, Expr, Extension, FieldPattern, Pairing, Pivot, Predicate, Repeat, Shape, TimeRange};
use crate::column::compare::Collation;
use crate::column::{Batch, Name, Value};
use crate::knowledge::{Lookup, LookupIndex, LookupTable};
use crate::time::Span;
use std::sync::Arc;

/// A node with its inputs.
#[derive(Clone, Debug)]
pub enum Node {
    /// What stands before the first stage: all loaded events, or nothing for a command that makes its own rows.
    Start,
    /// Events of the store.
    Scan(Scan),
    /// Rows that are there: makeresults with data.
    Rows(Arc<Batch>),
    /// `makeresults`: empty rows with the time of now.
    Make { count: u64, annotate: bool },
    /// The rows of a lookup table.
    Table { name: String, table: Arc<LookupTable> },
    /// Keeps the rows that pass.
    Filter { input: Box<Node>, predicate: Predicate },
    /// Makes or changes fields row by row.
    Extend { input: Box<Node>, steps: Vec<Extension> },
    /// Keeps, orders or removes fields.
    Project { input: Box<Node>, projection: Projection },
    /// Gives fields other names.
    Rename { input: Box<Node>, renames: Vec<Rename> },
    /// One row a group.
    Aggregate { input: Box<Node>, aggregation: Aggregation },
    /// The aggregates of its group beside every row.
    Attach { input: Box<Node>, aggregation: Aggregation },
    /// The most or least common values.
    Top { input: Box<Node>, top: Top },
    /// Orders rows; keeps the first `limit` of them.
    Sort { input: Box<Node>, keys: Vec<SortKey>, limit: Option<u64> },
    /// Keeps rows from the start.
    Limit { input: Box<Node>, limit: Limit },
    /// Keeps the last rows, last one first.
    Tail { input: Box<Node>, count: u64 },
    /// Turns the order round.
    Reverse { input: Box<Node> },
    /// Keeps the first rows of each combination of values.
    Distinct { input: Box<Node>, distinct: Distinct },
    /// Puts numbers or times into equal parts whose size follows from the data.
    Bin { input: Box<Node>, bin: AutoBin },
    /// Values for missing ones, in every field that occurs anywhere.
    Fill { input: Box<Node>, value: Value<'static> },
    /// One row a value.
    Unnest { input: Box<Node>, field: Name, limit: Option<u64> },
    /// Rows that agree in every other field become one with a multivalue.
    Combine { input: Box<Node>, field: Name },
    /// Fields of a lookup table for the rows that match.
    Lookup { input: Box<Node>, lookup: LookupUse },
    /// The rows of one input with the fields of matching rows of another.
    Join { input: Box<Node>, other: Box<Node>, join: Join },
    /// The rows of one input behind those of another.
    Union { inputs: Vec<Node> },
    /// State carried from row to row.
    Running { input: Box<Node>, running: super::Running },
    /// Events that belong together become one.
    Session { input: Box<Node>, session: Box<super::Session> },
    /// A change that needs all rows at once.
    Rework { input: Box<Node>, rework: super::Rework },
    /// The same rows, written to a file on their way.
    Write { input: Box<Node>, write: Arc<super::write::Write> },
    /// A table with a row a value of one field and a column a value of another.
    Pivot { input: Box<Node>, pivot: Pivot },
    /// The rows of the [`Node::Fork`] around it.
    Held,
    /// Rows, and behind them what a branch over them makes.
    Fork { input: Box<Node>, branch: Box<Node> },
    /// Two results become one.
    Pair { input: Box<Node>, other: Box<Node>, pairing: Pairing },
    /// A template that runs for fields, values or rows.
    Repeat { input: Box<Node>, repeat: Arc<Repeat> },
    /// All rows at once to others.
    Reshape { input: Box<Node>, shape: Shape },
}

/// A scan of the loaded events.
#[derive(Clone, Debug, Default)]
pub struct Scan {
    pub range: TimeRange,
    /// The events come in the order that they are to keep, whatever their times.
    pub in_order: bool,
    /// Some may be rows of states, as sistats makes them.
    pub states: bool,
    /// The first filter above, as far as it can be asked of raw events.
    pub predicate: Option<Predicate>,
    /// The fields that the query needs.
    pub needs: super::Needs,
    /// Only what stands in the events: what rules make of it is made above.
    pub plain: bool,
}

/// What to keep of the fields.
#[derive(Clone, Debug)]
pub enum Projection {
    /// `fields`: these, in this order, and the internal fields.
    Keep(Vec<FieldPattern>),
    /// `table`: just these columns, in this order, also where they are missing.
    Table(Vec<FieldPattern>),
    /// `fields -`.
    Remove(Vec<FieldPattern>),
}

/// `rename from AS to`.
#[derive(Clone, Debug)]
pub struct Rename {
    pub from: FieldPattern,
    pub to: String,
}

/// One key of `sort`.
#[derive(Clone, Debug, PartialEq, serde::Serialize)]
pub struct SortKey {
    pub field: Name,
    pub descending: bool,
    pub collation: Collation,
}

/// How far `head` goes.
#[derive(Clone, Debug)]
pub enum Limit {
    Count(u64),
    /// One of Splunk's ceilings: cuts there with a warning that names what was cut.
    Ceiling {
        count: u64,
        what: &'static str,
    },
    /// What a command keeps where no count is given: cuts there with a warning, too.
    Unasked {
        count: u64,
        what: &'static str,
    },
    /// All rows; that there is none is an error at this place.
    AtLeastOne(crate::diagnostic::Span),
    /// While the expression is true; null counts as `null`; the first row that fails is kept where `keep_last`.
    While {
        expr: Expr,
        null: bool,
        keep_last: bool,
        count: Option<u64>,
    },
}

/// `dedup`.
#[derive(Clone, Debug)]
pub struct Distinct {
    pub fields: Vec<Name>,
    pub count: u64,
    pub keep_events: bool,
    pub keep_empty: bool,
    pub consecutive: bool,
}

/// `top` and `rare`.
#[derive(Clone, Debug)]
pub struct Top {
    pub fields: Vec<Name>,
    pub by: Vec<Name>,
    pub limit: u64,
    pub rare: bool,
    /// Names of the columns; `None` where they are not wanted.
    pub count: Option<Name>,
    pub percent: Option<Name>,
    /// The row that sums up the rest.
    pub other: Option<String>,
    /// Rows may stand for many, as sitop makes them.
    pub merges: bool,
}

/// The size of a bin.
#[derive(Clone, Debug, PartialEq)]
pub enum BinSpan {
    /// Of time, with the time that bins are aligned to.
    Time { span: Span, align: Option<f64> },
    /// Of numbers: `start-end` texts.
    Number(f64),
    /// `<coefficient>log<base>`.
    Log { coefficient: f64, base: f64 },
}

/// `bin` without a span.
#[derive(Clone, Debug)]
pub struct AutoBin {
    pub field: Name,
    pub into: Name,
    pub bins: u64,
    pub minspan: Option<Span>,
    pub start: Option<f64>,
    pub end: Option<f64>,
}

/// A lookup as a stage uses it.
#[derive(Clone, Debug)]
pub struct LookupUse {
    pub lookup: Arc<Lookup>,
    pub index: Arc<LookupIndex>,
    /// Lookup column and the event field that it is matched with.
    pub keys: Vec<(String, Name)>,
    /// Lookup column and the event field that it becomes.
    pub outputs: Vec<(String, Name)>,
    /// Overwrite what is there (`OUTPUT`), or only fill what is missing (`OUTPUTNEW`).
    pub overwrite: bool,
}

/// `join`.
#[derive(Clone, Debug)]
pub struct Join {
    /// Empty: the fields that both sides have.
    pub fields: Vec<Name>,
    pub outer: bool,
    pub overwrite: bool,
    /// Matching rows taken for one row; 0 for all.
    pub max: u64,
    /// `usetime` with `earlier`: only rows that are earlier (or, `false`, later) match.
    pub earlier: Option<bool>,
}

impl Node {
    /// What its filters search for, in lower case, as written: words, phrases and values of fields.
    pub fn search_terms(&self) -> Vec<String> {
        let mut terms = self.inputs().first().map(|input| input.search_terms()).unwrap_or_default();
        if let Node::Filter { predicate, .. } = self {
            predicate.terms(&mut terms);
        }
        terms
    }

    /// May its rows hold states, to be merged by a stats function?
    pub fn may_hold_states(&self) -> bool {
        match self {
            Node::Scan(scan) => scan.states,
            Node::Aggregate { aggregation, .. } => aggregation.gives,
            Node::Rows(_) | Node::Table { .. } | Node::Held => true,
            Node::Top { .. } | Node::Pivot { .. } => false,
            other => other.inputs().into_iter().any(Node::may_hold_states),
        }
    }

    /// The changes of single rows that it makes of held rows; the node itself where it is more than that.
    pub fn over_held(self) -> Result<Vec<Extension>, Node> {
        match self {
            Node::Held => Ok(Vec::new()),
            Node::Extend { input, steps } => match input.over_held() {
                Ok(below) => Ok(below.into_iter().chain(steps).collect()),
                Err(input) => Err(Node::Extend { input: Box::new(input), steps }),
            },
            other => Err(other),
        }
    }

    /// The first of its inputs; an empty one where it has none.
    pub fn into_input(self) -> Node {
        let mut first = None;
        self.map_inputs(|input| {
            first.get_or_insert(input);
            Node::Start
        });
        first.unwrap_or(Node::Start)
    }

    /// The same node with each input changed.
    pub fn map_inputs(self, mut f: impl FnMut(Node) -> Node) -> Node {
        let mut g = |mut input: Box<Node>| {
            *input = f(std::mem::replace(input.as_mut(), Node::Start));
            input
        };
        match self {
            Node::Start | Node::Held | Node::Scan(_) | Node::Rows(_) | Node::Make { .. } | Node::Table { .. } => self,
            Node::Filter { input, predicate } => Node::Filter { input: g(input), predicate },
            Node::Extend { input, steps } => Node::Extend { input: g(input), steps },
            Node::Project { input, projection } => Node::Project { input: g(input), projection },
            Node::Rename { input, renames } => Node::Rename { input: g(input), renames },
            Node::Aggregate { input, aggregation } => Node::Aggregate { input: g(input), aggregation },
            Node::Attach { input, aggregation } => Node::Attach { input: g(input), aggregation },
            Node::Top { input, top } => Node::Top { input: g(input), top },
            Node::Sort { input, keys, limit } => Node::Sort { input: g(input), keys, limit },
            Node::Limit { input, limit } => Node::Limit { input: g(input), limit },
            Node::Tail { input, count } => Node::Tail { input: g(input), count },
            Node::Reverse { input } => Node::Reverse { input: g(input) },
            Node::Distinct { input, distinct } => Node::Distinct { input: g(input), distinct },
            Node::Bin { input, bin } => Node::Bin { input: g(input), bin },
            Node::Fill { input, value } => Node::Fill { input: g(input), value },
            Node::Unnest { input, field, limit } => Node::Unnest { input: g(input), field, limit },
            Node::Combine { input, field } => Node::Combine { input: g(input), field },
            Node::Lookup { input, lookup } => Node::Lookup { input: g(input), lookup },
            Node::Join { input, other, join } => Node::Join { input: g(input), other: g(other), join },
            Node::Union { inputs } => Node::Union { inputs: inputs.into_iter().map(f).collect() },
            Node::Running { input, running } => Node::Running { input: g(input), running },
            Node::Session { input, session } => Node::Session { input: g(input), session },
            Node::Rework { input, rework } => Node::Rework { input: g(input), rework },
            Node::Write { input, write } => Node::Write { input: g(input), write },
            Node::Pivot { input, pivot } => Node::Pivot { input: g(input), pivot },
            Node::Fork { input, branch } => Node::Fork { input: g(input), branch: g(branch) },
            Node::Pair { input, other, pairing } => Node::Pair { input: g(input), other: g(other), pairing },
            Node::Repeat { input, repeat } => Node::Repeat { input: g(input), repeat },
            Node::Reshape { input, shape } => Node::Reshape { input: g(input), shape },
        }
    }

    /// The inputs, first the one that the rows come from.
    pub fn inputs(&self) -> Vec<&Node> {
        match self {
            Node::Start | Node::Held | Node::Scan(_) | Node::Rows(_) | Node::Make { .. } | Node::Table { .. } => Vec::new(),
            Node::Union { inputs } => inputs.iter().collect(),
            Node::Join { input, other, .. } | Node::Pair { input, other, .. } => vec![input, other],
            Node::Fork { input, branch } => vec![input, branch],
            Node::Filter { input, .. }
            | Node::Extend { input, .. }
            | Node::Project { input, .. }
            | Node::Rename { input, .. }
            | Node::Aggregate { input, .. }
            | Node::Attach { input, .. }
            | Node::Top { input, .. }
            | Node::Sort { input, .. }
            | Node::Limit { input, .. }
            | Node::Tail { input, .. }
            | Node::Reverse { input }
            | Node::Distinct { input, .. }
            | Node::Bin { input, .. }
            | Node::Fill { input, .. }
            | Node::Unnest { input, .. }
            | Node::Combine { input, .. }
            | Node::Lookup { input, .. }
            | Node::Running { input, .. }
            | Node::Session { input, .. }
            | Node::Rework { input, .. }
            | Node::Write { input, .. }
            | Node::Pivot { input, .. }
            | Node::Repeat { input, .. }
            | Node::Reshape { input, .. } => vec![input],
        }
    }
}
