//! Many queries over one reading of the events.
//!
//! Each query's plan begins with a scan, the filter above it and changes of single rows; some end that part with an aggregation. These
//! parts are members of one pass: an event is parsed once, what many filters ask of a field is asked once for each value
//! ([`asked`]), and rows go only to the members that want them. What a plan does after that runs over the rows that its member got.

mod asked;

use super::aggregate::Partial;
use super::build::{Split, step};
use super::parallel::Prefix;
use super::scan::{self, in_range};
use super::{Context, Step, matching, prefilter};
use crate::column::{Batch, Mask, Name};
use crate::diagnostic::Diagnostic;
use crate::each::each;
use crate::input::sieve::Check;
use crate::plan::{Aggregation, Needs, Node, Predicate, Scan, TimeRange};
use asked::{Ask, TestId, Tests};
use foldhash::fast::RandomState;
use hashbrown::HashMap;
use std::borrow::Cow;
use std::collections::BTreeSet;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

/// The first part of a plan, on its own so far.
pub struct Draft {
    cx: Arc<Context>,
    scan: Scan,
    predicate: Predicate,
    /// What it asks of raw records.
    check: Check,
    steps: Vec<Box<dyn Step>>,
    aggregation: Option<Arc<Aggregation>>,
}

/// The first part of a plan, as one of many.
struct Member {
    cx: Arc<Context>,
    range: TimeRange,
    ask: Ask,
    needs: Needs,
    steps: Vec<Box<dyn Step>>,
    aggregation: Option<Arc<Aggregation>>,
    /// Nanoseconds spent on it alone.
    spent: AtomicU64,
}

/// The queries of a pass.
pub struct Pass {
    cx: Arc<Context>,
    members: Vec<Member>,
    tests: Tests,
    /// What each member asks of raw records.
    checks: Vec<Check>,
}

/// What a member got.
pub struct Got {
    /// Its rows; none where they were too many to be kept beside those of the others, and the member has to run alone.
    pub rows: Option<Batch>,
    pub spent: Duration,
}

/// Rows of a member so far.
enum Rows {
    Batches(Vec<Batch>),
    Partial(Box<Partial>),
}

/// The parts of a plan that begin at the events.
///
/// Errors: one of them cannot be prepared.
pub fn drafts(plan: &Node, cx: &Arc<Context>) -> Result<Vec<Draft>, Diagnostic> {
    let mut parts = Vec::new();
    find(plan, &mut parts);
    parts.into_iter().map(|part| draft(part, cx)).collect()
}

fn draft(node: &Node, cx: &Arc<Context>) -> Result<Draft, Diagnostic> {
    let (node, aggregation) = match node {
        Node::Aggregate { input, aggregation } => (input.as_ref(), Some(Arc::new(aggregation.clone()))),
        other => (other, None),
    };
    let (mut node, mut steps) = (Cow::Borrowed(node), Vec::new());
    let (scan, predicate) = loop {
        match node.as_ref() {
            Node::Filter { input, predicate } => {
                if let Node::Scan(scan) = input.as_ref() {
                    break (scan.clone(), predicate.clone());
                }
            }
            Node::Scan(scan) => break (scan.clone(), Predicate::And(Vec::new())),
            _ => {}
        }
        match step(node.into_owned(), cx)? {
            Split::Step { input, step } => {
                steps.push(step);
                node = Cow::Owned(*input);
            }
            // `find` gives nothing else.
            Split::Other(_) => break (Scan::default(), Predicate::Or(Vec::new())),
        }
    };
    steps.reverse();
    let check = if cx.optimise { prefilter::check(scan.predicate.as_ref().unwrap_or(&predicate), &cx.knowledge, &cx.env) } else { Check::none() };
    Ok(Draft { cx: cx.clone(), scan, predicate, check, steps, aggregation })
}

impl Pass {
    /// No queries yet.
    pub fn new(cx: Arc<Context>) -> Pass {
        Pass { cx, members: Vec::new(), tests: Tests::default(), checks: Vec::new() }
    }

    /// Takes in a part of a query.
    pub fn add(&mut self, draft: Draft) {
        let Draft { cx, scan, predicate, check, steps, aggregation } = draft;
        self.checks.push(check);
        let ask = self.tests.add(&predicate);
        let needs = scan::needed(scan.needs, &cx);
        self.members.push(Member { cx, range: scan.range, ask, needs, steps, aggregation, spent: AtomicU64::new(0) });
    }

    /// Reads the events once; the rows of each member, in the order in which they were added.
    pub fn run(mut self) -> Result<Vec<Got>, Diagnostic> {
        self.tests.prepare();
        let needs = union_of(self.members.iter().map(|m| &m.needs));
        let (source, steps) = scan::events(&needs, Check::any_in_common(std::mem::take(&mut self.checks)), &self.cx)?;
        let prefix = Prefix::new(source, steps, &self.cx);
        let routes = Routes::new(&self.members, &self.tests);
        let mut totals: Vec<Option<Rows>> = self.members.iter().map(|m| Some(m.nothing())).collect();
        let mut charged = vec![0; self.members.len()];
        let add = |rows: &mut HashMap<usize, Rows, RandomState>, batch| self.route(&routes, &batch, rows);
        prefix.fold(HashMap::default, add, |partial| {
            let mut parts: Vec<_> = partial.into_iter().collect();
            parts.sort_by_key(|(m, _)| *m);
            for (m, rows) in parts {
                let (Some(total), Some(before)) = (totals.get_mut(m), charged.get_mut(m)) else { continue };
                let bytes = match (total.as_mut(), rows) {
                    (Some(Rows::Batches(all)), Rows::Batches(more)) => {
                        let bytes = more.iter().map(Batch::bytes).sum::<usize>();
                        all.extend(more);
                        *before + bytes
                    }
                    (Some(Rows::Partial(all)), Rows::Partial(more)) => {
                        all.merge(*more);
                        all.bytes()
                    }
                    _ => continue,
                };
                if self.cx.memory.takes(bytes.saturating_sub(*before)) {
                    *before = bytes.max(*before);
                } else {
                    *total = None;
                    self.cx.memory.release(std::mem::take(before));
                }
            }
            Ok(())
        })?;
        let all: Vec<(Option<Rows>, &Member)> = totals.into_iter().zip(&self.members).collect();
        each(all, self.cx.threads, |(rows, member)| self.cx.env.ceilings.watch(|| member.got(rows))).into_iter().collect()
    }

    /// Gives the rows of a batch to the members that want them.
    fn route(&self, routes: &Routes, batch: &Batch, rows: &mut HashMap<usize, Rows, RandomState>) -> Result<(), Diagnostic> {
        let mut asked = self.tests.ask(batch, &routes.units);
        let mut wanted: Vec<usize> = asked.tests().flat_map(|t| routes.by_test.get(&t).into_iter().flatten().copied()).collect();
        wanted.extend(&routes.always);
        wanted.sort_unstable();
        for m in wanted {
            let Some(member) = self.members.get(m) else { continue };
            let start = Instant::now();
            let mut mask = asked.rows(&member.ask, Mask::new(batch.len(), true), &mut |p| matching::mask(p, batch, &member.cx));
            if !member.range.is_all() && !mask.none() {
                mask.and(&in_range(&member.range, batch));
            }
            if !mask.none() {
                let found = rows.entry(m).or_insert_with(|| member.nothing());
                member.take(batch, &mask, found)?;
            }
            member.spent.fetch_add(start.elapsed().as_nanos() as u64, Ordering::Relaxed);
        }
        Ok(())
    }
}

impl Member {
    fn nothing(&self) -> Rows {
        match &self.aggregation {
            Some(a) => Rows::Partial(Box::new(Partial::new(a))),
            None => Rows::Batches(Vec::new()),
        }
    }

    /// Takes the rows that passed the filter through the steps.
    fn take(&self, batch: &Batch, mask: &Mask, into: &mut Rows) -> Result<(), Diagnostic> {
        let columns = batch.columns().filter(|(n, _)| self.needs.has(n)).map(|(n, c)| (n.clone(), c.clone()));
        let mut part = batch.with_columns(columns.collect::<Vec<_>>()).filter(mask);
        for step in &self.steps {
            if part.is_empty() {
                return Ok(());
            }
            part = step.apply(part, &self.cx)?;
        }
        match into {
            _ if part.is_empty() => {}
            // They are kept to the end of the pass; what lies around them need not be.
            Rows::Batches(all) => all.push(part.packed()),
            Rows::Partial(partial) => partial.take(part, &self.cx),
        }
        Ok(())
    }

    fn got(&self, rows: Option<Rows>) -> Result<Got, Diagnostic> {
        let start = Instant::now();
        let rows = match rows {
            None => None,
            Some(Rows::Batches(all)) => Some(Batch::concat(all)),
            Some(Rows::Partial(partial)) => Some(partial.finish(&self.cx)?),
        };
        Ok(Got { rows, spent: Duration::from_nanos(self.spent.load(Ordering::Relaxed)) + start.elapsed() })
    }
}

/// Which members may want the rows of a batch.
struct Routes {
    /// Those that want nothing unless some row passes this test.
    by_test: HashMap<TestId, Vec<usize>, RandomState>,
    always: Vec<usize>,
    /// What is asked for them.
    units: BTreeSet<usize>,
}

impl Routes {
    /// Every member by the test that it shares with the fewest others.
    fn new(members: &[Member], tests: &Tests) -> Routes {
        let mut shared: HashMap<TestId, usize, RandomState> = HashMap::default();
        let needed: Vec<Vec<TestId>> = members.iter().map(|m| m.ask.needed()).collect();
        needed.iter().flatten().for_each(|t| *shared.entry(*t).or_default() += 1);
        let mut routes = Routes { by_test: HashMap::default(), always: Vec::new(), units: BTreeSet::new() };
        for (m, needed) in needed.iter().enumerate() {
            match needed.iter().min_by_key(|t| shared.get(*t).copied().unwrap_or_default()) {
                Some(test) => routes.by_test.entry(*test).or_default().push(m),
                None => routes.always.push(m),
            }
        }
        routes.units = tests.units(routes.by_test.keys());
        routes
    }
}

/// The parts of a plan that a pass can do: from the events up to the first node that needs more than one batch, or an aggregation.
fn find<'a>(node: &'a Node, into: &mut Vec<&'a Node>) {
    let part = match node {
        Node::Aggregate { input, .. } => is_rowwise(input),
        other => is_rowwise(other),
    };
    match node {
        _ if part => into.push(node),
        // It works on the aggregation itself, and on the time that is searched.
        Node::Pivot { .. } => {}
        _ => node.inputs().into_iter().for_each(|i| find(i, into)),
    }
}

/// Puts rows in the place of the parts that [`find`] finds, in the same order.
pub fn replace(node: Node, rows: &mut dyn Iterator<Item = Batch>) -> Node {
    let mut parts = Vec::new();
    find(&node, &mut parts);
    match parts.first().map(|part| std::ptr::eq(*part, &node)) {
        None => node,
        Some(true) => rows.next().map_or(node, |batch| Node::Rows(Arc::new(batch))),
        Some(false) => node.map_inputs(|input| replace(input, rows)),
    }
}

/// A scan with changes of single rows over it.
fn is_rowwise(node: &Node) -> bool {
    match node {
        Node::Scan(_) => true,
        Node::Filter { input, predicate } => !predicate.has_subsearch() && is_rowwise(input),
        Node::Extend { input, steps } => !steps.iter().any(super::build::needs_all_rows) && is_rowwise(input),
        Node::Project { input, .. } | Node::Rename { input, .. } | Node::Lookup { input, .. } | Node::Unnest { input, .. } => is_rowwise(input),
        _ => false,
    }
}

fn union_of<'a>(needs: impl Iterator<Item = &'a Needs>) -> Needs {
    let mut all: BTreeSet<Name> = BTreeSet::new();
    for n in needs {
        match n {
            Needs::All => return Needs::All,
            Needs::Only(set) => all.extend(set.iter().cloned()),
        }
    }
    Needs::Only(all)
}
