//! Many queries over one reading of the events.
//!
//! Each query's plan begins with a scan, the filter above it and changes of single rows; some end that part with an aggregation. These
//! parts are members of one pass: an event is parsed once, what many filters ask of a field is asked once for each value
//! ([`super::asked`]), and rows go only to the members that want them. What a plan does after that runs over the rows that its member got.

use super::aggregate::Partial;
use super::asked::{Ask, TestId, Tests};
use super::build::step;
use super::parallel::Prefix;
use super::scan::{self, in_range};
use super::{Context, Step, matching, prefilter};
use crate::column::{Batch, Mask, Name};
use crate::diagnostic::Diagnostic;
use crate::input::sieve::{self, Check};
use crate::plan::{Aggregation, Needs, Node, Predicate, Scan};
use foldhash::fast::RandomState;
use hashbrown::HashMap;
use std::borrow::Cow;
use std::cmp::Reverse;
use std::collections::BTreeSet;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

/// The first part of a plan, on its own so far.
pub struct Draft<'a> {
    cx: Arc<Context>,
    scan: &'a Scan,
    /// The filters right above the scan, the lowest one last.
    filters: Vec<&'a Predicate>,
    steps: Vec<Box<dyn Step>>,
    aggregation: Option<Arc<Aggregation>>,
}

/// The first part of a plan, as one of many.
struct Member<'a> {
    cx: Arc<Context>,
    scan: &'a Scan,
    ask: Ask,
    needs: Cow<'a, Needs>,
    steps: Vec<Box<dyn Step>>,
    aggregation: Option<Arc<Aggregation>>,
    /// Nanoseconds spent on it alone.
    spent: AtomicU64,
}

/// The queries of a pass.
pub struct Pass<'a> {
    cx: Arc<Context>,
    members: Vec<Member<'a>>,
    tests: Tests,
}

/// What a member got, as far as the pass went.
pub struct Got {
    cx: Arc<Context>,
    /// None where they were too many to be kept beside those of the others, and the member has to run alone.
    rows: Option<Rows>,
    /// Time spent on it alone.
    pub spent: Duration,
}

/// Rows of a member so far.
enum Rows {
    Batches(Vec<Batch>),
    Partial(Box<Partial>),
}

/// What a member has so far.
enum Total {
    Nothing,
    Rows(Rows),
    /// More than can be kept beside those of the others, or what cannot be had: it has to run alone, and tells why it cannot.
    TooMuch,
}

impl Total {
    fn bytes(&self) -> usize {
        match self {
            Total::Rows(Rows::Batches(all)) => all.iter().map(Batch::bytes).sum(),
            Total::Rows(Rows::Partial(partial)) => partial.bytes(),
            Total::Nothing | Total::TooMuch => 0,
        }
    }
}

/// The parts of a plan that begin at the events.
///
/// Errors: one of them cannot be prepared.
pub fn drafts<'a>(plan: &'a Node, cx: &Arc<Context>) -> Result<Vec<Draft<'a>>, Diagnostic> {
    let mut parts = Vec::new();
    find(plan, &mut parts);
    parts.into_iter().filter_map(|part| draft(part, cx).transpose()).collect()
}

/// `None` for what [`find`] does not give.
fn draft<'a>(node: &'a Node, cx: &Arc<Context>) -> Result<Option<Draft<'a>>, Diagnostic> {
    let (mut node, aggregation) = match node {
        Node::Aggregate { input, aggregation } => (input.as_ref(), Some(Arc::new(aggregation.clone()))),
        other => (other, None),
    };
    let (mut filters, mut steps): (Vec<(&Node, &Predicate)>, Vec<_>) = Default::default();
    loop {
        match node {
            Node::Scan(scan) => {
                steps.reverse();
                let filters = filters.into_iter().map(|(_, predicate)| predicate).collect();
                return Ok(Some(Draft { cx: cx.clone(), scan, filters, steps, aggregation }));
            }
            Node::Filter { input, predicate } => {
                filters.push((node, predicate));
                node = input;
            }
            other => {
                // They were not right above the scan.
                for (filter, _) in filters.drain(..) {
                    steps.extend(step(filter, cx)?.map(|(_, step)| step));
                }
                let Some((input, step)) = step(other, cx)? else { return Ok(None) };
                steps.push(step);
                node = input;
            }
        }
    }
}

impl<'a> Pass<'a> {
    /// No queries yet.
    pub fn new(cx: Arc<Context>) -> Pass<'a> {
        Pass { cx, members: Vec::new(), tests: Tests::default() }
    }

    /// Takes in a part of a query.
    pub fn add(&mut self, draft: Draft<'a>) {
        let Draft { cx, scan, filters, steps, aggregation } = draft;
        let ask = Ask::All(filters.iter().rev().map(|filter| self.tests.add(filter)).collect());
        let needs = scan::needed(&scan.needs, &cx);
        self.members.push(Member { cx, scan, ask, needs, steps, aggregation, spent: AtomicU64::new(0) });
    }

    /// Reads the events once; what each member got, in the order in which they were added.
    pub fn run(mut self) -> Result<Vec<Got>, Diagnostic> {
        self.tests.prepare();
        let needs = union_of(self.members.iter().map(|m| m.needs.as_ref()));
        let routes = Routes::new(&self.members, &self.tests);
        let (source, steps) = scan::events(&needs, self.check(&routes), &self.cx)?;
        let prefix = Prefix::new(source, steps, &self.cx);
        let mut totals: Vec<Total> = self.members.iter().map(|_| Total::Nothing).collect();
        let mut charged = vec![0; self.members.len()];
        let add = |rows: &mut HashMap<usize, Total, RandomState>, batch| self.route(&routes, &batch, rows);
        prefix.fold(HashMap::default, add, |partial| {
            let mut parts: Vec<_> = partial.into_iter().collect();
            parts.sort_by_key(|(m, _)| *m);
            for (m, mut rows) in parts {
                let (Some(total), Some(before), Some(member)) = (totals.get_mut(m), charged.get_mut(m), self.members.get(m)) else { continue };
                if let Total::Rows(Rows::Partial(partial)) = &mut rows {
                    partial.release(&member.cx);
                }
                let bytes = match (&mut *total, rows) {
                    (Total::TooMuch, _) => continue,
                    (_, Total::TooMuch) => None,
                    (Total::Nothing, rows) => {
                        let bytes = rows.bytes();
                        *total = rows;
                        Some(bytes)
                    }
                    (Total::Rows(Rows::Batches(all)), Total::Rows(Rows::Batches(more))) => {
                        let bytes = more.iter().map(Batch::bytes).sum::<usize>();
                        all.extend(more);
                        Some(*before + bytes)
                    }
                    (Total::Rows(Rows::Partial(all)), Total::Rows(Rows::Partial(more))) => {
                        all.merge(*more);
                        Some(all.bytes())
                    }
                    _ => continue,
                };
                if let Some(bytes) = bytes.filter(|bytes| self.cx.memory.takes(bytes.saturating_sub(*before))) {
                    *before = bytes.max(*before);
                } else {
                    *total = Total::TooMuch;
                    self.cx.memory.release(std::mem::take(before));
                }
            }
            Ok(())
        })?;
        self.cx.check()?;
        Ok(totals.into_iter().zip(self.members).map(|(total, member)| member.got(total)).collect())
    }

    /// What every raw record must show that may matter to any member: all that they ask where they are few, else of what each asks of values
    /// that which it shares with the most others. Texts of many are left out: they differ from one to the other, and each would be a search
    /// of its own.
    fn check(&self, routes: &Routes) -> Check {
        if !self.cx.optimise {
            return Check::none();
        }
        if self.members.len() <= sieve::ALTERNATIVES {
            let all = |m: &Member<'_>| m.scan.predicate.as_ref().map_or_else(Check::none, |p| prefilter::check(p, &m.cx.knowledge, &m.cx.env));
            if let Some(check) = Check::any_in_full(self.members.iter().map(all).collect()) {
                return check;
            }
        }
        let mut known: HashMap<TestId, Check, RandomState> = HashMap::default();
        let mut common = BTreeSet::new();
        for needed in &routes.needed {
            let asked = needed.iter().copied().find(|id| !known.entry(*id).or_insert_with(|| self.check_of(*id)).is_none());
            let Some(id) = asked else { return Check::none() };
            common.insert(id);
            if common.len() > COMMON {
                return Check::none();
            }
        }
        Check::Any(common.into_iter().filter_map(|id| known.remove(&id)).collect())
    }

    /// What a raw record must show to pass a test, if that is about a value.
    fn check_of(&self, id: TestId) -> Check {
        let Some((name, test)) = self.tests.get(id) else { return Check::none() };
        prefilter::value_check(name, test, &self.cx.knowledge, &self.cx.env)
    }

    /// Gives the rows of a batch to the members that want them.
    fn route(&self, routes: &Routes, batch: &Batch, rows: &mut HashMap<usize, Total, RandomState>) -> Result<(), Diagnostic> {
        let mut asked = self.tests.ask(batch, &routes.units);
        let of_test = |test| routes.by_test.get(&test).into_iter().flatten().map(move |m| (*m, Some(test)));
        let mut wanted: Vec<(usize, Option<TestId>)> = asked.tests().flat_map(of_test).collect();
        wanted.extend(routes.always.iter().map(|m| (*m, None)));
        wanted.sort_unstable();
        for (m, test) in wanted {
            let Some(member) = self.members.get(m) else { continue };
            let start = Instant::now();
            // The time is the member's, and not that of the reading for all.
            self.cx.cancel.pause();
            member.cx.cancel.begin(member.time_spent());
            let among = test.and_then(|test| asked.passed(test)).cloned().unwrap_or_else(|| Mask::new(batch.len(), true));
            let mut mask = asked.rows(&member.ask, among, &mut |p| matching::mask(p, batch, &member.cx));
            if !member.scan.range.is_all() && !mask.none() {
                mask.and(&in_range(&member.scan.range, batch));
            }
            // What was asked or done when its time or memory had run out is not whole.
            let out = member.cx.check().is_err();
            if out || !mask.none() {
                let found = rows.entry(m).or_insert_with(|| Total::Rows(member.nothing()));
                let failed = match found {
                    Total::Rows(rows) => out || member.cx.env.ceilings.watch(|| member.take(batch, &mask, rows)).is_err() || member.cx.check().is_err(),
                    Total::Nothing | Total::TooMuch => false,
                };
                if failed {
                    // The others are not to fail with it, unless all have to end.
                    self.cx.cancel.check()?;
                    if let Total::Rows(Rows::Partial(partial)) = found {
                        partial.release(&member.cx);
                    }
                    *found = Total::TooMuch;
                }
            }
            let spent = start.elapsed();
            member.spent.fetch_add(spent.as_nanos() as u64, Ordering::Relaxed);
            self.cx.cancel.resume(spent);
        }
        Ok(())
    }
}

/// More values than these are not asked for one by one.
const COMMON: usize = 32;

impl Member<'_> {
    /// Time that it took by itself so far, as if all threads had worked on it at once.
    fn time_spent(&self) -> Duration {
        Duration::from_nanos(self.spent.load(Ordering::Relaxed)) / self.cx.threads.max(1) as u32
    }

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
            Rows::Partial(partial) => partial.take(part, &self.cx)?,
        }
        Ok(())
    }

    fn got(self, total: Total) -> Got {
        let rows = match total {
            // Without rows there are no groups.
            Total::Nothing if self.aggregation.as_ref().is_none_or(|a| !a.by.is_empty()) => Some(Rows::Batches(Vec::new())),
            Total::Nothing => Some(self.nothing()),
            Total::Rows(rows) => Some(rows),
            Total::TooMuch => None,
        };
        Got { cx: self.cx, rows, spent: Duration::from_nanos(self.spent.into_inner()) }
    }
}

impl Got {
    /// How many rows it is, or will be; `None` where the member has to run alone.
    pub fn count(&self) -> Option<usize> {
        self.rows.as_ref().map(|rows| match rows {
            Rows::Batches(all) => all.iter().map(Batch::len).sum(),
            Rows::Partial(partial) => partial.rows(),
        })
    }

    /// The rows.
    pub fn finish(self) -> Result<Option<Batch>, Diagnostic> {
        let Got { cx, rows, .. } = self;
        cx.env.ceilings.watch(|| match rows {
            None => Ok(None),
            Some(Rows::Batches(all)) => Ok(Some(Batch::concat(all))),
            // As an aggregation of no rows gives none.
            Some(Rows::Partial(partial)) if partial.rows() == 0 => Ok(Some(Batch::default())),
            Some(Rows::Partial(partial)) => partial.finish(&cx).map(Some),
        })
    }
}

/// Which members may want the rows of a batch.
struct Routes {
    /// Those that want nothing unless some row passes this test.
    by_test: HashMap<TestId, Vec<usize>, RandomState>,
    always: Vec<usize>,
    /// What is asked for them.
    units: BTreeSet<usize>,
    /// The tests that some row has to pass for each member, those first that it shares with the most others.
    needed: Vec<Vec<TestId>>,
}

impl Routes {
    /// Every member by the test that it shares with the fewest others.
    fn new(members: &[Member<'_>], tests: &Tests) -> Routes {
        let mut shared: HashMap<TestId, usize, RandomState> = HashMap::default();
        let mut needed: Vec<Vec<TestId>> = members.iter().map(|m| m.ask.needed()).collect();
        needed.iter().flatten().for_each(|t| *shared.entry(*t).or_default() += 1);
        // Of tests that as many share, one for a value is asked quickest.
        let is_value = |id: &TestId| tests.get(*id).is_some_and(|(_, test)| test.is_value());
        needed.iter_mut().for_each(|needed| needed.sort_by_key(|id| Reverse((shared.get(id), is_value(id)))));
        let mut routes = Routes { by_test: HashMap::default(), always: Vec::new(), units: BTreeSet::new(), needed };
        for (m, needed) in routes.needed.iter().enumerate() {
            match needed.iter().min_by_key(|id| (shared.get(*id), !is_value(id))) {
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
