//! chart and timechart: from one row a combination to a table with a column a value.
//!
//! The aggregation below gives one row for each pair of row and column value. Columns that are not kept become OTHER: sums,
//! counts and extremes are put together from what is there; other aggregates (a mean, a distinct count) are worked out
//! once more over the rows with their label changed.

use super::series::{Cells, Frame};
use super::{Context, Operator, Stream, bin, build, drain};
use crate::aggregate::Stretch;
use crate::column::{Batch, Name, Value};
use crate::diagnostic::Diagnostic;
use crate::plan::{Aggregation, BinSpan, Buckets, Expr, Extension, Node, Parts, Pivot, Target, TimeRange};
use crate::time::{Span, span::auto_span};
use std::collections::HashSet;
use std::sync::Arc;

/// A table over an aggregation, or over rows that look like one.
pub fn pivot(input: Node, pivot: Pivot, cx: &Arc<Context>) -> Stream {
    Box::new(Pivoted { work: Some((input, pivot)), cx: cx.clone() })
}

struct Pivoted {
    work: Option<(Node, Pivot)>,
    cx: Arc<Context>,
}

impl Operator for Pivoted {
    fn next(&mut self) -> Result<Option<Batch>, Diagnostic> {
        let Some((input, pivot)) = self.work.take() else { return Ok(None) };
        let (rows, aggregation) = match input {
            Node::Aggregate { input, aggregation } => (*input, aggregation),
            other => (other, Aggregation::default()),
        };
        let table = run(rows, &aggregation, &pivot, &self.cx)?;
        Ok((!table.is_empty()).then_some(table))
    }
}

fn run(rows: Node, aggregation: &Aggregation, pivot: &Pivot, cx: &Arc<Context>) -> Result<Batch, Diagnostic> {
    let range = range_of(&rows);
    let mut aggregation = aggregation.clone();
    let (rows, span) = match (&pivot.time, &pivot.parts) {
        (Some(buckets), _) => {
            let (rows, span) = fitted(rows, &pivot.row, buckets, range, cx)?;
            let stretch = Stretch { span, align: buckets.align };
            aggregation.outputs.iter_mut().for_each(|o| o.call.stretch = Some(stretch));
            (rows, Some(BinSpan::Time { span, align: buckets.align }))
        }
        (None, Some(parts)) => sized(rows, parts, cx)?,
        (None, None) => (rows, None),
    };
    let rows = match &span {
        Some(span) => {
            let mut steps = Vec::new();
            if &*pivot.row == "_time" && aggregation.times.is_none() {
                steps.extend(aggregation.keep_times());
            }
            steps.push(Extension::Bin { field: pivot.row.clone(), span: span.clone(), into: pivot.row.clone() });
            Node::Extend { input: Box::new(rows), steps }
        }
        None => rows,
    };
    let aggregation = &aggregation;
    let frame = Frame { pivot, aggregation, span, range };
    let aggregate = |rows: Node| {
        let node = match aggregation.outputs.is_empty() {
            true => rows,
            false => Node::Aggregate { input: Box::new(rows), aggregation: aggregation.clone() },
        };
        Cells::new(&drain(build(node, cx)?, cx)?, &frame, cx)
    };
    let Some(column) = &pivot.column else { return aggregate(rows)?.table(&frame, cx) };
    let mut cells = aggregate(rows.clone())?;
    let kept = cells.chosen(&pivot.series, cx);
    if cells.values().any(|v| !kept.contains(v)) {
        match pivot.other {
            None => cells.keep(&kept),
            Some(_) if cells.fold(&kept) => {}
            Some(_) => {
                // A mark that no value has.
                let mut mark = String::from("OTHER");
                while cells.values().any(|v| *v == mark) {
                    mark.push('\0');
                }
                let steps = vec![relabel(column.clone(), kept, mark.clone())];
                cells = aggregate(Node::Extend { input: Box::new(rows), steps })?;
                cells.mark_other(&mark);
            }
        }
    }
    cells.table(&frame, cx)
}

/// The range of time of the events below.
fn range_of(node: &Node) -> TimeRange {
    match (node, node.inputs().first()) {
        // Before 1970 means all time.
        (Node::Scan(scan), _) => TimeRange { earliest: scan.range.earliest.filter(|e| *e > 0.0), ..scan.range },
        (_, Some(input)) => range_of(input),
        _ => TimeRange::default(),
    }
}

/// The length of the rows of timechart; one that follows from the events needs all of them first.
fn fitted(rows: Node, row: &Name, buckets: &Buckets, range: TimeRange, cx: &Arc<Context>) -> Result<(Node, Span), Diagnostic> {
    Ok(match (buckets.span, range.earliest, range.latest) {
        (Some(span), ..) => (rows, span),
        (None, Some(earliest), Some(latest)) => (rows, buckets.fitting(latest - earliest)),
        _ => {
            let all = drain(build(rows, cx)?, cx)?;
            let times = all.column(row);
            let (low, high) = (0..all.len()).filter_map(|i| times.number(i)).fold((f64::MAX, f64::MIN), |(l, h), t| (l.min(t), h.max(t)));
            let (low, high) = (range.earliest.unwrap_or(low), range.latest.unwrap_or(high));
            (Node::Rows(Arc::new(all)), buckets.fitting(high - low))
        }
    })
}

/// The size of the parts of chart; one that follows from the values needs all of them first, and is none where there are no numbers.
fn sized(rows: Node, parts: &Parts, cx: &Arc<Context>) -> Result<(Node, Option<BinSpan>), Diagnostic> {
    if let Some(span) = &parts.span {
        return Ok((rows, Some(span.clone())));
    }
    let all = drain(build(rows, cx)?, cx)?;
    let span = bin::choose(&all.column(&parts.auto.field), &parts.auto, cx)?;
    Ok((Node::Rows(Arc::new(all)), span))
}

impl Buckets {
    /// The length of a row for so many seconds.
    fn fitting(&self, seconds: f64) -> Span {
        let span = auto_span(seconds.max(0.0), u32::try_from(self.bins).unwrap_or(u32::MAX));
        match self.minspan {
            Some(least) if span.seconds() < least.seconds() => auto_span(least.seconds(), 1),
            _ => span,
        }
    }
}

/// Gives every value of the column field that is not kept the same label.
fn relabel(column: Name, kept: HashSet<String>, mark: String) -> Extension {
    let ready = crate::function::ready(move |args, _| {
        let label = |v: &Value<'_>| match v.as_text() {
            Some(t) if kept.contains(t.as_ref()) => v.clone().into_owned(),
            _ => Value::owned(mark.clone()),
        };
        Value::multi(args.first().into_iter().flat_map(|v| v.each().iter().map(label).collect::<Vec<_>>()))
    });
    let arg = Expr::Field(column.clone());
    match crate::function::find("coalesce") {
        Some(function) => Extension::Assign { target: Target::Field(column), expr: Expr::call(function, vec![arg], Some(Arc::new(ready))) },
        None => Extension::Assign { target: Target::Field(column), expr: arg },
    }
}
