//! From plan nodes to operators. Subsearches in predicates run here, before the rows that they decide over.

use super::first::{Choice, Wanted, first};
use super::matching::Matcher;
use super::parallel::{Parallel, Prefix};
use super::scan::{self, Source};
use super::sort::End;
use super::watched::{self, WatchedStep, WatchedStream};
use super::{Context, Once, Step, Stepped, Stream, Whole};
use crate::column::{Batch, Column, Value};
use crate::diagnostic::Diagnostic;
use crate::plan::explain;
use crate::plan::{Change, Conversion, Each, Extension, Node};
use std::sync::Arc;

/// A built node: rows, or a prefix that steps may still be added to and that runs on every core.
enum Built {
    Prefix { source: Box<dyn Source>, steps: Vec<Box<dyn Step>> },
    Stream(Stream),
}

impl Built {
    fn stream(self, cx: &Arc<Context>) -> Stream {
        match self {
            Built::Prefix { source, steps } => Parallel::stream(Prefix::new(source, steps, cx)),
            Built::Stream(s) => s,
        }
    }

    fn step(self, step: Box<dyn Step>, cx: &Arc<Context>) -> Built {
        match self {
            Built::Prefix { source, mut steps } => {
                steps.push(step);
                Built::Prefix { source, steps }
            }
            Built::Stream(input) => Built::Stream(Box::new(Stepped { input, step, cx: cx.clone() })),
        }
    }
}

/// The operators of a plan.
pub fn build(node: Node, cx: &Arc<Context>) -> Result<Stream, Diagnostic> {
    Ok(built(node, cx)?.stream(cx))
}

fn built(node: Node, cx: &Arc<Context>) -> Result<Built, Diagnostic> {
    let name = explain::describe(&node).0;
    let (scan, meter) = (matches!(node, Node::Scan(_)), cx.meters.as_ref().map(|m| m.enter(name)));
    let built = plainly(node, cx);
    if let Some(meters) = &cx.meters {
        meters.leave();
    }
    Ok(match built.map_err(|d| watched::named(d, name))? {
        Built::Prefix { source, mut steps } => {
            let step = if scan { None } else { steps.pop() };
            steps.push(Box::new(WatchedStep { step, name, meter }));
            Built::Prefix { source, steps }
        }
        Built::Stream(input) => Built::Stream(Box::new(WatchedStream { input, name, meter })),
    })
}

fn plainly(node: Node, cx: &Arc<Context>) -> Result<Built, Diagnostic> {
    let stream = |input: Box<Node>| build(*input, cx);
    let rows = match node {
        Node::Start => Once::stream(Batch::default()),
        Node::Scan(scan) => {
            let (source, steps) = scan::open(&scan, cx)?;
            return Ok(Built::Prefix { source, steps });
        }
        Node::Rows(batch) => Once::stream(batch.as_ref().clone()),
        Node::Make { count, annotate } => {
            // Rows without end would run for ever; what follows holds a place for each.
            cx.memory.fits(usize::try_from(count).unwrap_or(usize::MAX).saturating_mul(crate::column::batch::ROW_BYTES))?;
            Box::new(Make { left: count, annotate, cx: cx.clone() })
        }
        Node::Table { table, .. } => Once::stream(table.rows.clone()),
        // `convert auto` changes a field only if every row's value lets it.
        Node::Extend { input, steps } if steps.iter().any(needs_all_rows) => {
            Whole::stream(stream(input)?, cx, move |batch, cx| super::extend::Extend(steps).apply(batch, cx))
        }
        node @ (Node::Filter { .. } | Node::Extend { .. } | Node::Project { .. } | Node::Rename { .. } | Node::Lookup { .. } | Node::Unnest { .. }) => {
            let step = step(&node, cx)?.map(|(_, step)| step);
            let input = built(node.into_input(), cx)?;
            return Ok(match step {
                Some(step) => input.step(step, cx),
                None => input,
            });
        }
        Node::Aggregate { input, aggregation } => match built(*input, cx)? {
            Built::Prefix { source, steps } => super::aggregate::parallel(Prefix::new(source, steps, cx), aggregation, cx),
            Built::Stream(input) => super::aggregate::serial(input, aggregation, cx),
        },
        Node::Attach { input, aggregation } => super::attach::attach(stream(input)?, aggregation, cx),
        Node::Top { input, top } => super::top::top(stream(input)?, top, cx),
        Node::Sort { input, keys, limit: Some(limit) } if cx.optimise => match Wanted::new(keys.clone(), End::First, limit) {
            Some(wanted) => wanted_rows(*input, wanted, cx)?,
            None => super::sort::sort(stream(input)?, keys, Some(limit), cx),
        },
        Node::Tail { input, count } if cx.optimise => match *input {
            Node::Sort { input, keys, limit: None } => match Wanted::new(keys.clone(), End::Last, count) {
                Some(wanted) => wanted_rows(*input, wanted, cx)?,
                None => super::limit::tail(super::sort::sort(stream(input)?, keys, None, cx), count, cx),
            },
            input => super::limit::tail(build(input, cx)?, count, cx),
        },
        Node::Sort { input, keys, limit } => super::sort::sort(stream(input)?, keys, limit, cx),
        Node::Limit { input, limit } => super::limit::limit(stream(input)?, limit, cx),
        Node::Tail { input, count } => super::limit::tail(stream(input)?, count, cx),
        Node::Reverse { input } => {
            Whole::stream(stream(input)?, cx, |batch, cx| batch.take_while(&(0..batch.len() as u32).rev().collect::<Vec<_>>(), || cx.check()))
        }
        Node::Distinct { input, distinct } => super::distinct::distinct(stream(input)?, distinct, cx),
        Node::Bin { input, bin } => super::bin::auto(stream(input)?, bin, cx),
        Node::Fill { input, value } => super::fill::fill(stream(input)?, value, cx),
        Node::Combine { input, field } => super::combine::combine(stream(input)?, field, cx),
        Node::Join { input, other, join } => super::join::join(stream(input)?, build(*other, cx)?, join, cx),
        Node::Union { inputs } => {
            let inputs = inputs.into_iter().map(|i| build(i, cx)).collect::<Result<Vec<_>, _>>()?;
            Box::new(Union { inputs: inputs.into_iter(), open: None })
        }
        Node::Running { input, running } => super::running::running(stream(input)?, running, cx),
        Node::Session { input, session } => super::session::session(stream(input)?, *session, cx)?,
        Node::Rework { input, rework } => super::rework::rework(stream(input)?, rework, cx)?,
        Node::Write { input, write } => Whole::stream(stream(input)?, cx, move |rows, cx| super::write::write(rows, &write, cx)),
        Node::Pivot { input, pivot } => super::pivot::pivot(*input, pivot, cx),
        // A branch gets its rows before it is built.
        Node::Held => Once::stream(Batch::default()),
        Node::Fork { input, branch } => super::fork::fork(stream(input)?, *branch, cx),
        Node::Pair { input, other, pairing } => super::pair::pair(stream(input)?, stream(other)?, pairing, cx),
        Node::Repeat { input, repeat } => super::repeat::repeat(stream(input)?, repeat, cx),
        Node::Reshape { input, shape } => super::reshape::reshape(stream(input)?, shape, cx),
    };
    Ok(Built::Stream(rows))
}

/// The rows at one end of sorted rows.
fn wanted_rows(mut node: Node, wanted: Wanted, cx: &Arc<Context>) -> Result<Stream, Diagnostic> {
    let (choice, late) = Choice::new(&mut node, &wanted, cx)?.unzip();
    let rows = match built(node, cx)? {
        Built::Prefix { source, steps } => first(Prefix::new(source, steps, cx), choice, wanted, cx),
        Built::Stream(input) => match wanted.end {
            End::First => super::sort::sort(input, wanted.keys, Some(wanted.count as u64), cx),
            End::Last => super::limit::tail(super::sort::sort(input, wanted.keys, None, cx), wanted.count as u64, cx),
        },
    };
    Ok(match late.filter(|late| !late.is_empty()) {
        Some(late) => Box::new(Stepped { input: rows, step: Box::new(late), cx: cx.clone() }),
        None => rows,
    })
}

/// Must the change see all rows before it can change one?
pub fn needs_all_rows(step: &Extension) -> bool {
    matches!(step, Extension::Each(Each { change: Change::Convert(Conversion::Auto), .. }))
}

/// A node, and what is done to each batch of it.
pub type Above<'a> = (&'a Node, Box<dyn Step>);

/// What a node does to one batch at a time, and the node below it; `None` for one that does something else.
pub fn step<'a>(node: &'a Node, cx: &Arc<Context>) -> Result<Option<Above<'a>>, Diagnostic> {
    let (input, step): (&Node, Box<dyn Step>) = match node {
        Node::Filter { input, predicate } => (input, Box::new(super::extend::Filter(Matcher::new(super::subsearch::resolve(predicate.clone(), cx)?)))),
        Node::Extend { input, steps } if !steps.iter().any(needs_all_rows) => (input, Box::new(super::extend::Extend(steps.clone()))),
        Node::Project { input, projection } => (input, Box::new(super::project::Projected(projection.clone()))),
        Node::Rename { input, renames } => (input, Box::new(super::project::Renamed(renames.clone()))),
        Node::Lookup { input, lookup } => (input, Box::new(super::lookup::Looked(lookup.clone()))),
        Node::Unnest { input, field, limit } => (input, Box::new(super::unnest::Unnested { field: field.clone(), limit: *limit })),
        _ => return Ok(None),
    };
    Ok(Some((input, step)))
}

/// makeresults.
struct Make {
    left: u64,
    annotate: bool,
    cx: Arc<Context>,
}

impl super::Operator for Make {
    fn next(&mut self) -> Result<Option<Batch>, Diagnostic> {
        let rows = self.left.min(8192).min(self.cx.batch_rows as u64) as usize;
        if rows == 0 {
            return Ok(None);
        }
        self.cx.check()?;
        self.left -= rows as u64;
        let mut batch = Batch::new(rows);
        // Splunk gives whole seconds.
        batch.set("_time", Column::Const(Value::Number(self.cx.env.now.floor()), rows));
        if self.annotate {
            for field in ["_raw", "host", "source", "sourcetype", "splunk_server", "splunk_server_group"] {
                batch.set(field, Column::null(rows));
            }
        }
        Ok(Some(batch))
    }
}

/// append: one stream behind the other.
struct Union {
    inputs: std::vec::IntoIter<Stream>,
    open: Option<Stream>,
}

impl super::Operator for Union {
    fn next(&mut self) -> Result<Option<Batch>, Diagnostic> {
        loop {
            if let Some(batch) = self.open.as_mut().map_or(Ok(None), |s| s.next())? {
                return Ok(Some(batch));
            }
            match self.inputs.next() {
                Some(next) => self.open = Some(next),
                None => return Ok(None),
            }
        }
    }
}
