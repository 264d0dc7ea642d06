//! The cells of chart and timechart: which columns are kept, what goes into OTHER, and the table.

use super::Context;
use super::bin::Scale;
use crate::aggregate::{self, Call, NO_GROUP, Rows};
use crate::column::compare::Key;
use crate::column::{Batch, Column, Name, Value};
use crate::diagnostic::{Code, Diagnostic};
use crate::plan::{Aggregation, Argument, BinSpan, Choice, Output, Pivot, Role, Score, Series, TimeRange, pivot::ROWS};
use indexmap::{IndexMap, IndexSet};
use std::collections::{BTreeSet, HashSet};

/// Splunk refuses a timechart with more rows.
const MAX_ROWS: usize = 50_000;

/// What the table is made by.
pub struct Frame<'a> {
    pub pivot: &'a Pivot,
    pub aggregation: &'a Aggregation,
    /// How large a row's part of the row field is, where it is one.
    pub span: Option<BinSpan>,
    /// The range of time of the search.
    pub range: TimeRange,
}

/// A column of the table; the order is that of the columns.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
enum Label {
    /// There is no column field.
    None,
    Value(String),
    Null,
    Other,
}

/// The aggregates of one row and column.
struct Cell {
    row: Value<'static>,
    label: Label,
    values: Vec<Value<'static>>,
    /// How many rows it is of, where that is known.
    rows: f64,
}

/// The aggregated rows.
pub struct Cells {
    aggregates: Vec<Aggregate>,
    cells: Vec<Cell>,
    /// Rows that may have lost all their cells, and stay nevertheless.
    rows: Vec<Value<'static>>,
}

struct Aggregate {
    name: Name,
    /// What a cell without rows holds: 0 for counts.
    empty: Value<'static>,
    fold: Option<Fold>,
}

impl Cells {
    /// The cells of an aggregation's rows.
    pub fn new(batch: &Batch, frame: &Frame<'_>, cx: &Context) -> Result<Cells, Diagnostic> {
        let Pivot { row, column, .. } = frame.pivot;
        let columns: Vec<_> = batch.columns().filter(|(n, _)| *n != row && Some(*n) != column.as_ref() && &***n != ROWS).collect();
        let aggregates = columns.iter().map(|(name, _)| Aggregate::of(name, frame.aggregation)).collect();
        let counts = batch.column(ROWS);
        let texts: usize = batch.columns().map(|(_, column)| column.text_bytes()).sum();
        cx.memory.charge(batch.len().saturating_mul(size_of::<Cell>() + columns.len() * size_of::<Value<'_>>()).saturating_add(texts))?;
        let cells = (0..batch.len()).map(|i| {
            cx.at(i)?;
            let values = columns.iter().map(|(_, column)| column.get(i).into_owned());
            let row = batch.value(row, i).into_owned();
            let label = match column.as_ref().map(|c| batch.value(c, i)) {
                None => Label::None,
                Some(v) => v.as_text().map_or(Label::Null, |t| Label::Value(t.into_owned())),
            };
            Ok(Cell { values: values.collect(), row, label, rows: counts.number(i).unwrap_or_default() })
        });
        Ok(Cells { cells: cells.collect::<Result<_, Diagnostic>>()?, aggregates, rows: Vec::new() })
    }

    /// The values of the column field.
    pub fn values(&self) -> impl Iterator<Item = &String> {
        self.cells.iter().filter_map(Cell::value)
    }

    /// The values that are chosen: of values with the same score the first by name is better, one without a score is the worst.
    pub fn chosen(&self, series: &Series, cx: &Context) -> HashSet<String> {
        let mut scored = self.scores(&series.score, cx);
        let lowest = matches!(series.choice, Choice::Bottom { .. });
        let rank = |score: Option<f64>| score.map_or(f64::INFINITY, |s| if lowest { s } else { -s });
        scored.sort_by(|a, b| a.1.is_none().cmp(&b.1.is_none()).then(rank(a.1).total_cmp(&rank(b.1))).then_with(|| a.0.cmp(b.0)));
        let chosen = |i: usize, score: Option<f64>| match series.choice {
            Choice::All => true,
            Choice::Top { count, kept } | Choice::Bottom { count, kept } => ((i as u64) < count) == kept,
            Choice::Above(n) => score.is_some_and(|s| s > n),
            Choice::Below(n) => score.is_some_and(|s| s < n),
        };
        scored.into_iter().enumerate().filter(|(i, (_, score))| chosen(*i, *score)).map(|(_, (value, _))| value.clone()).collect()
    }

    /// The values of the column field with their scores.
    fn scores(&self, score: &Score, cx: &Context) -> Vec<(&String, Option<f64>)> {
        let values: IndexSet<&String> = self.values().collect();
        let group = |cell: &Cell| cell.value().and_then(|v| values.get_index_of(v)).map_or(NO_GROUP, |g| g as u32);
        let found = match score {
            Score::Rows => None,
            Score::Cells(name) => aggregate::find(name).map(|(function, number)| (function, number, name)),
        };
        let Some((function, number, name)) = found else {
            let mut rows = vec![0.0; values.len()];
            for cell in &self.cells {
                rows.get_mut(group(cell) as usize).into_iter().for_each(|n| *n += cell.rows);
            }
            return values.into_iter().zip(rows.into_iter().map(Some)).collect();
        };
        let call = Call { name: name.clone(), number, list_limit: 0, inside: Default::default(), stretch: None, stored: false, env: cx.env.clone() };
        let groups: Vec<u32> = self.cells.iter().map(group).collect();
        let column: Column = self.cells.iter().map(|c| c.values.first().map_or(Value::Null, Value::borrowed)).collect();
        let time: Column = self.cells.iter().map(|c| c.row.borrowed()).collect();
        let mut state = (function.make)(&call);
        state.update(&Rows { groups: &groups, column: Some(&column), time: Some(&time) }, values.len());
        let scores = state.finish(values.len());
        values.into_iter().enumerate().map(|(i, value)| (value, scores.number(i))).collect()
    }

    /// Leaves out the other values.
    pub fn keep(&mut self, kept: &HashSet<String>) {
        let (stay, go) = std::mem::take(&mut self.cells).into_iter().partition(|c| c.value().is_none_or(|v| kept.contains(v)));
        self.cells = stay;
        self.rows = Vec::into_iter(go).map(|c| c.row).collect();
    }

    /// Puts the other values of a row into one cell; `false`, and nothing done, where that cannot be told from the cells.
    pub fn fold(&mut self, kept: &HashSet<String>) -> bool {
        let Some(folds) = self.aggregates.iter().map(|a| a.fold).collect::<Option<Vec<_>>>() else { return false };
        // Extremes of text go by all values together.
        let text = |(v, f): (&Value<'_>, &Fold)| !matches!(f, Fold::Sum) && !v.is_null() && v.as_number().is_none();
        if self.cells.iter().any(|c| c.values.iter().zip(&folds).any(text)) {
            return false;
        }
        let mut others: IndexMap<String, Cell> = IndexMap::new();
        let (stay, go): (Vec<Cell>, Vec<Cell>) = std::mem::take(&mut self.cells).into_iter().partition(|c| c.value().is_none_or(|v| kept.contains(v)));
        for cell in go {
            let row = cell.row.as_text().unwrap_or_default().into_owned();
            match others.get_mut(&row) {
                Some(other) => other.values.iter_mut().zip(cell.values).zip(&folds).for_each(|((a, b), fold)| fold.into_first(a, b)),
                None => drop(others.insert(row, Cell { label: Label::Other, ..cell })),
            }
        }
        self.cells = stay.into_iter().chain(others.into_values()).collect();
        true
    }

    /// The cells whose value is the mark are OTHER's.
    pub fn mark_other(&mut self, mark: &str) {
        self.cells.iter_mut().filter(|c| c.value().is_some_and(|v| v == mark)).for_each(|c| c.label = Label::Other);
    }

    /// The table: a row a value of the row field, in ascending order; columns by name as text, NULL and OTHER last.
    pub fn table(self, frame: &Frame<'_>, cx: &Context) -> Result<Batch, Diagnostic> {
        let rows = self.rows(frame, cx)?;
        let labels: IndexSet<Label> = self.cells.iter().map(|c| c.label.clone()).collect::<BTreeSet<_>>().into_iter().collect();
        let size = rows.len().saturating_mul(labels.len()).saturating_mul(self.aggregates.len());
        cx.memory.fits(size.saturating_mul(size_of::<f64>()))?;
        let mut places: Vec<Vec<(usize, &Cell)>> = vec![Vec::new(); labels.len()];
        for (i, cell) in self.cells.iter().enumerate() {
            cx.at(i)?;
            let row = cell.row.as_text().and_then(|t| rows.get_index_of(t.as_ref()));
            let of_label = labels.get_index_of(&cell.label).and_then(|label| places.get_mut(label));
            of_label.zip(row).into_iter().for_each(|(of_label, row)| of_label.push((row, cell)));
        }
        let mut out = Batch::new(rows.len());
        out.set(frame.pivot.row.clone(), rows.into_values().collect::<Column>());
        let names = Names { pivot: frame.pivot, several: self.aggregates.len() > 1 };
        let mut seen = Default::default();
        for (a, aggregate) in self.aggregates.iter().enumerate() {
            let mut column = vec![&aggregate.empty; out.len()];
            for (label, of_label) in labels.iter().zip(&places) {
                cx.check()?;
                for (row, cell) in of_label {
                    column.get_mut(*row).zip(cell.values.get(a)).into_iter().for_each(|(place, value)| *place = value);
                }
                let name = names.of(&aggregate.name, label, &out);
                let made: Column = column.iter().map(|value| value.borrowed()).collect();
                cx.memory.charge(made.bytes(&mut seen))?;
                out.set(name, made);
                // The next one begins as this one did.
                of_label.iter().for_each(|(row, _)| column.get_mut(*row).into_iter().for_each(|place| *place = &aggregate.empty));
            }
        }
        Ok(out)
    }

    /// The values of the row field by their text: those that occur, or all of a stretch of time.
    fn rows(&self, frame: &Frame<'_>, cx: &Context) -> Result<IndexMap<String, Value<'static>>, Diagnostic> {
        let text = |v: &Value<'static>| v.as_text().unwrap_or_default().into_owned();
        let all = self.cells.iter().map(|c| &c.row).chain(&self.rows);
        let (buckets, span, align) = match (&frame.pivot.time, &frame.span) {
            (Some(buckets), Some(BinSpan::Time { span, align })) => (buckets, *span, *align),
            (_, Some(span)) => return parted(all.map(|v| (text(v), v.clone())).collect(), span, frame, cx),
            (_, None) => {
                // Cells that became OTHER stand last: the order is made anew.
                let mut rows: IndexMap<_, _> = all.map(|v| (text(v), v.clone())).collect();
                rows.sort_by_cached_key(|text, v| (Key::new(v, Default::default()), text.clone()));
                return Ok(rows);
            }
        };
        let zone = &cx.env.zone;
        let mut times: Vec<f64> = all.filter_map(Value::as_number).collect();
        times.sort_by(f64::total_cmp);
        times.dedup();
        let (Some(&first), Some(&last)) = (times.first(), times.last()) else { return Ok(IndexMap::new()) };
        if buckets.continuous {
            let start = frame.range.earliest.filter(|_| buckets.fixed).map_or(first, |e| span.floor(e, zone, align).min(first));
            let end = frame.range.latest.filter(|_| buckets.fixed).unwrap_or(last);
            times.clear();
            let mut at = start;
            while at <= last || at < end {
                if times.len() >= MAX_ROWS {
                    let error = Diagnostic::error(Code::ROWS, format!("a span of {span} would make more than {MAX_ROWS} rows"));
                    return Err(error.help("Take a longer span, a shorter range of time, or `cont=f` for the times that have events."));
                }
                times.push(at);
                at = span.next(at, zone, align);
            }
        }
        if !buckets.partial {
            let whole = |t: &f64| frame.range.earliest.is_none_or(|e| *t >= e) && frame.range.latest.is_none_or(|l| span.next(*t, zone, align) <= l);
            times.retain(whole);
        }
        Ok(times.into_iter().map(|t| (text(&Value::Number(t)), Value::Number(t))).collect())
    }
}

/// The rows of chart in the order of their parts, with those that no value lies in where they are to be continuous (and no logarithms, as
/// the reference shows them); what lies in no part comes last.
fn parted(found: IndexMap<String, Value<'static>>, span: &BinSpan, frame: &Frame<'_>, cx: &Context) -> Result<IndexMap<String, Value<'static>>, Diagnostic> {
    let Some(parts) = &frame.pivot.parts else { return Ok(found) };
    let scale = Scale { span, zone: &cx.env.zone };
    let (mut placed, mut others): (Vec<_>, Vec<_>) = found.into_iter().map(|row| (scale.place(&row.1), row)).partition(|(place, _)| place.is_some());
    placed.sort_by(|a, b| a.0.unwrap_or_default().total_cmp(&b.0.unwrap_or_default()));
    others.sort_by_cached_key(|(_, (text, v))| (Key::new(v, Default::default()), text.clone()));
    if let BinSpan::Log { .. } = span {
        // Numbers of which there is no logarithm lie below every part.
        let (below, others): (Vec<_>, Vec<_>) = others.into_iter().partition(|(_, (_, v))| v.as_number().is_some());
        return Ok(below.into_iter().chain(placed).chain(others).map(|(_, row)| row).collect());
    }
    let (first, last) = (placed.first().and_then(|p| p.0), placed.last().and_then(|p| p.0));
    if let (true, Some(first), Some(last)) = (parts.continuous, first, last) {
        let first = parts.auto.start.and_then(|n| scale.holding(n)).map_or(first, |n| n.min(first));
        // The end itself is no part of a range that ends there.
        let last = parts.auto.end.and_then(|n| scale.before(n)).map_or(last, |n| n.max(last));
        let mut rows = IndexMap::new();
        let mut at = first;
        while at <= last {
            if rows.len() >= MAX_ROWS {
                let error = Diagnostic::error(Code::ROWS, format!("parts of this size would make more than {MAX_ROWS} rows"));
                return Err(error.help("Take a larger span, or `cont=f` for the parts that have values."));
            }
            cx.at(rows.len())?;
            let value = scale.value(at);
            rows.insert(value.as_text().unwrap_or_default().into_owned(), value);
            at = scale.next(at);
        }
        rows.extend(others.into_iter().map(|(_, row)| row));
        return Ok(rows);
    }
    Ok(placed.into_iter().chain(others).map(|(_, row)| row).collect())
}

impl Cell {
    fn value(&self) -> Option<&String> {
        match &self.label {
            Label::Value(v) => Some(v),
            _ => None,
        }
    }
}

impl Aggregate {
    fn of(name: &Name, aggregation: &Aggregation) -> Aggregate {
        let called = |o: &&Output| match &o.argument {
            Argument::Pattern(_) => crate::wildcard::Pattern::case_sensitive(&o.name).matches(name),
            _ => o.name == *name,
        };
        let output = aggregation.outputs.iter().find(|o| called(o) && matches!(o.role, Role::Result));
        let empty = output.map_or(Value::Null, |o| (o.function.make)(&o.call).finish(1).get(0).into_owned());
        Aggregate { name: name.clone(), empty, fold: output.and_then(|o| Fold::of(o.function.name)) }
    }
}

/// How values of several columns become one, for aggregates where that is the same as aggregating their rows.
#[derive(Clone, Copy)]
enum Fold {
    Sum,
    Min,
    Max,
}

impl Fold {
    fn of(function: &str) -> Option<Fold> {
        Some(match function {
            "count" | "sum" | "per_second" | "per_minute" | "per_hour" | "per_day" => Fold::Sum,
            "min" => Fold::Min,
            "max" => Fold::Max,
            _ => return None,
        })
    }

    /// Numbers alone; a missing one changes nothing.
    fn into_first(self, a: &mut Value<'static>, b: Value<'static>) {
        *a = match (a.as_number(), b.as_number()) {
            (Some(x), Some(y)) => Value::Number(match self {
                Fold::Sum => x + y,
                Fold::Min => x.min(y),
                Fold::Max => x.max(y),
            }),
            (None, Some(_)) => b,
            _ => return,
        };
    }
}

/// How columns are called.
struct Names<'a> {
    pivot: &'a Pivot,
    several: bool,
}

impl Names<'_> {
    /// The name of a column. Values that begin with `_` would be internal fields: they get `VALUE` before them, as in Splunk, and
    /// so do those whose name is taken.
    fn of(&self, aggregate: &str, label: &Label, taken: &Batch) -> Name {
        let other = self.pivot.other.as_deref().unwrap_or("OTHER");
        let value = match label {
            Label::None => return aggregate.into(),
            Label::Null => self.pivot.null.clone(),
            Label::Other => other.to_string(),
            Label::Value(v) if v.is_empty() || v.starts_with('_') => format!("VALUE{v}"),
            Label::Value(v) => v.clone(),
        };
        let mut name = if self.several { self.pivot.format.replace("$AGG$", aggregate).replace("$VAL$", &value) } else { value };
        while taken.get(&name).is_some() {
            name.insert_str(0, "VALUE_");
        }
        name.into()
    }
}
