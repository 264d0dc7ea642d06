//! Events of the store as tasks: chunks of files, or segments of loaded tables.

use super::derive::Derivation;
use super::prefilter::rare::{self, Places};
use super::prefilter::{self, Segment};
use super::{Context, Step};
use crate::column::{Batch, Mask, Name};
use crate::diagnostic::Diagnostic;
use crate::input::sieve::Check;
use crate::input::{Chunk, Chunks, ParseOptions, Parser, Wanted, Warnings};
use crate::plan::{Needs, Scan, TimeRange};
use crate::store::{Dataset, Table, Way, dictionary_now};
use std::borrow::Cow;
use std::collections::BTreeSet;
use std::sync::Arc;

/// Rows whose raw text is long to search.
const LONG: usize = 4096;

/// Few rows of several segments are one task, up to so many.
const TOGETHER: usize = 8192;

/// A segment counts for so many long tasks: of the little work in one, merging what is made of it is a larger part than of a chunk's, so that
/// longer runs are better.
const MERGED: usize = 2;

/// The index of a field takes at most this part of the memory that a query may have.
const INDEX: usize = 64;

/// Hands out tasks, one after another.
pub trait Source: Send {
    /// The next task and its number, counting from 0 without gaps.
    fn next(&mut self) -> Result<Option<(u64, Task)>, Diagnostic>;

    /// Rows in memory that are still to come, as far as that is known.
    fn rows(&self) -> usize {
        0
    }

    /// Long tasks that are still to come, about; `None` where that is not known.
    fn left(&self) -> Option<usize> {
        None
    }
}

/// How the chunks of a scan are read.
pub struct Reading {
    wanted: Wanted,
    /// What a raw record must show to be parsed.
    check: Check,
    /// Fields that others are made from.
    coded: BTreeSet<Name>,
    options: ParseOptions,
}

impl Reading {
    /// A loaded table has all its columns; the query sees the ones it needs.
    fn seen(&self, rows: &Batch) -> Batch {
        rows.with_columns(rows.columns().filter(|(name, _)| self.wanted.wants(name)).map(|(name, column)| (name.clone(), column.clone())))
    }
}

/// What a thread keeps from one task to the next.
#[derive(Default)]
pub struct Kept {
    /// For the bytes of a chunk.
    buffer: Vec<u8>,
    /// For the chunks of a scan.
    parser: Option<(Arc<Reading>, Parser)>,
}

impl Kept {
    fn parser(&mut self, reading: &Arc<Reading>) -> &mut Parser {
        let parser = self.parser.take().filter(|(of, _)| Arc::ptr_eq(of, reading));
        &mut self.parser.insert(parser.unwrap_or_else(|| (reading.clone(), Parser::new(reading.wanted.clone(), reading.options.clone())))).1
    }
}

/// A piece of input, cut by size.
pub enum Task {
    /// Bytes of a file, still to be parsed.
    Chunk { chunk: Chunk, reading: Arc<Reading> },
    /// Rows that are there.
    Batch(Batch),
    /// Rows of a loaded table, by the place of their segment; not all may matter.
    Segment { table: Arc<Dataset>, at: usize, reading: Arc<Reading> },
    /// Few rows of a loaded table.
    Few { table: Arc<Dataset>, rows: Vec<Places>, reading: Arc<Reading> },
}

impl Task {
    /// Does it take much longer than it takes to call another thread: are there bytes to be read and parsed, or to be searched?
    pub fn is_long(&self) -> bool {
        match self {
            Task::Chunk { .. } => true,
            Task::Segment { table, at, reading } => {
                let Some(table) = table.in_memory() else { return false };
                table.segments.get(*at).is_some_and(|rows| rows.len() >= LONG) && table.told.is_none() && prefilter::searches_raw(&reading.check)
            }
            Task::Batch(_) | Task::Few { .. } => false,
        }
    }

    /// The rows of a segment that may matter, by their numbers, and all of them with all that is wanted; another task stays what it is.
    pub fn segment(self) -> Result<(Mask, Batch), Task> {
        let Task::Segment { table, at, reading } = &self else { return Err(self) };
        let found = table.in_memory().and_then(|table| Some((table, table.segments.get(*at)?)));
        let Some((table, rows)) = found else { return Ok((Mask::new(0, false), Batch::new(0))) };
        let may_be = prefilter::mask(&reading.check, &Segment { rows, told: table.told.as_ref().map(|told| (told, *at)) });
        if may_be.none() {
            return Ok((may_be, Batch::new(rows.len())));
        }
        Ok((may_be, reading.seen(rows)))
    }

    /// The rows of the task.
    pub fn read(self, kept: &mut Kept, cx: &Context) -> Result<Vec<Batch>, Diagnostic> {
        match self {
            Task::Batch(batch) => Ok(vec![batch]),
            segment @ Task::Segment { .. } => match segment.segment() {
                Ok((may_be, rows)) if !may_be.none() => Ok(vec![rows.filter(&may_be)]),
                _ => Ok(Vec::new()),
            },
            Task::Few { table, rows, reading } => {
                let segments = table.in_memory().map_or(&[][..], |table| &table.segments);
                let parts = rows.iter().filter_map(|(at, rows)| Some(reading.seen(segments.get(*at)?).take(rows)));
                Ok(vec![Batch::concat_while(parts.collect(), || cx.check())?])
            }
            Task::Chunk { chunk, reading } => {
                let mut warnings = Warnings::new();
                let mut buffer = std::mem::take(&mut kept.buffer);
                let (bytes, batches) = kept.parser(&reading).read_where(chunk, &mut buffer, &reading.check, &mut warnings)?;
                kept.buffer = buffer;
                cx.scanned.add(bytes, batches.iter().map(Batch::len).sum());
                if !warnings.is_empty()
                    && let Ok(mut all) = cx.input_warnings.lock()
                {
                    all.merge(warnings);
                }
                Ok(batches.into_iter().map(|b| coded(b, &reading.coded)).collect())
            }
        }
    }
}

/// Rows that are there, as a source.
pub struct Rows(pub std::vec::IntoIter<Batch>, pub u64);

impl Source for Rows {
    fn next(&mut self) -> Result<Option<(u64, Task)>, Diagnostic> {
        Ok(self.0.next().map(|batch| {
            self.1 += 1;
            (self.1 - 1, Task::Batch(batch))
        }))
    }
}

/// All datasets of the store, one after another.
struct Events {
    datasets: std::vec::IntoIter<Arc<Dataset>>,
    open: Option<Open>,
    reading: Arc<Reading>,
    number: u64,
    cx: Arc<Context>,
}

enum Open {
    /// A file; loading it gives way meanwhile.
    File { chunks: Box<Chunks>, _way: Option<Way> },
    /// Rows in memory, and the place of the next segment.
    Table(Arc<Dataset>, usize),
    /// Few rows in memory.
    Few(Arc<Dataset>, std::vec::IntoIter<Places>),
}

impl Source for Events {
    fn rows(&self) -> usize {
        match &self.open {
            Some(Open::Table(table, next)) => table.in_memory().into_iter().flat_map(|t| &t.segments).skip(*next).map(Batch::len).sum(),
            _ => 0,
        }
    }

    fn left(&self) -> Option<usize> {
        match &self.open {
            _ if !self.datasets.as_slice().is_empty() => None,
            Some(Open::File { chunks, .. }) => chunks.left(),
            Some(Open::Table(table, next)) => table.in_memory().map(|t| t.segments.len().saturating_sub(*next) * MERGED),
            _ => None,
        }
    }

    fn next(&mut self) -> Result<Option<(u64, Task)>, Diagnostic> {
        loop {
            let task = match &mut self.open {
                Some(Open::Table(table, next)) if table.in_memory().is_some_and(|t| *next < t.segments.len()) => {
                    *next += 1;
                    Some(Task::Segment { table: table.clone(), at: *next - 1, reading: self.reading.clone() })
                }
                Some(Open::Table(..)) => None,
                Some(Open::Few(table, places)) => {
                    let rows = together(places);
                    (!rows.is_empty()).then(|| Task::Few { table: table.clone(), rows, reading: self.reading.clone() })
                }
                Some(Open::File { chunks, .. }) => match chunks.next_unread()? {
                    Some(chunk) => Some(Task::Chunk { chunk, reading: self.reading.clone() }),
                    None => {
                        let warnings = chunks.take_warnings();
                        if let Ok(mut all) = self.cx.input_warnings.lock() {
                            all.merge(warnings);
                        }
                        None
                    }
                },
                None => None,
            };
            if let Some(task) = task {
                self.number += 1;
                return Ok(Some((self.number - 1, task)));
            }
            let Some(dataset) = self.datasets.next() else { return Ok(None) };
            self.open = Some(match dataset.as_ref() {
                Dataset::File(file) => Open::File { chunks: Box::new(Chunks::open(file, self.cx.store.read_options())?), _way: None },
                Dataset::Table(table) => self.table(&dataset, table),
                Dataset::Arriving(a) => match a.table() {
                    Some(table) => {
                        if let (Some(warnings), Ok(mut all)) = (a.tell(), self.cx.input_warnings.lock()) {
                            all.merge(warnings.clone());
                        }
                        self.table(&dataset, table)
                    }
                    None => Open::File { chunks: Box::new(Chunks::open(&a.file, self.cx.store.read_options())?), _way: Some(a.give_way()) },
                },
            });
        }
    }
}

/// The next few rows, of so many segments as make one task.
fn together(places: &mut std::vec::IntoIter<Places>) -> Vec<Places> {
    let mut all = 0;
    let fits = |(_, rows): &&Places| {
        let first = all == 0;
        all += rows.len();
        first || all <= TOGETHER
    };
    let segments = places.as_slice().iter().take_while(fits).count();
    places.by_ref().take(segments).collect()
}

impl Events {
    /// The rows of a table that may matter: few of them, or segment after segment.
    fn table(&self, dataset: &Arc<Dataset>, table: &Table) -> Open {
        match rare::rows(&self.reading.check, table, self.cx.memory.limit() / INDEX) {
            Some(places) => Open::Few(dataset.clone(), places.into_iter()),
            None => Open::Table(dataset.clone(), 0),
        }
    }
}

/// A source, and the first steps of its rows.
pub type Opened = (Box<dyn Source>, Vec<Box<dyn Step>>);

/// The source of a scan with the steps that belong to it: derived fields, the range of time.
pub fn open(scan: &Scan, cx: &Arc<Context>) -> Result<Opened, Diagnostic> {
    let check = match &scan.predicate {
        Some(predicate) if cx.optimise => prefilter::check(predicate, &cx.knowledge, &cx.env),
        _ => Check::none(),
    };
    let needs = needed(&scan.needs, cx);
    let (source, mut steps) = if scan.plain { (plain_events(&needs, BTreeSet::new(), check, cx), Vec::new()) } else { events(&needs, check, cx)? };
    if !scan.range.is_all() {
        steps.insert(0, Box::new(InRange(scan.range)));
    }
    Ok((source, steps))
}

/// The fields that a scan must give. Words are looked for in all fields of rows that have no `_raw`.
pub fn needed<'a>(needs: &'a Needs, cx: &Context) -> Cow<'a, Needs> {
    if cx.store.bare() && needs.has("_raw") { Cow::Owned(Needs::All) } else { Cow::Borrowed(needs) }
}

/// All events that may pass a check, with the steps that make the needed fields.
pub fn events(needs: &Needs, check: Check, cx: &Arc<Context>) -> Result<Opened, Diagnostic> {
    let derivation = Derivation::new(&cx.knowledge, needs, cx)?;
    let coded = if derivation.is_empty() { BTreeSet::new() } else { derivation.inputs().clone() };
    let source = plain_events(&derivation.raw_needs(needs), coded, check, cx);
    let mut steps: Vec<Box<dyn Step>> = Vec::new();
    if !derivation.is_empty() {
        steps.push(Box::new(derivation));
    }
    Ok((source, steps))
}

/// All events that may pass a check, as they are; with dictionaries for some fields.
fn plain_events(needs: &Needs, coded: BTreeSet<Name>, check: Check, cx: &Arc<Context>) -> Box<dyn Source> {
    let wanted = match needs {
        Needs::All => Wanted::All,
        Needs::Only(set) => Wanted::only(set.iter().map(|n| n.to_string())),
    };
    let datasets: Vec<_> = cx.store.datasets().to_vec();
    let options = ParseOptions { zone: cx.env.zone, now: cx.env.now, ..cx.store.parse_options().clone() };
    let reading = Arc::new(Reading { wanted, check, coded, options });
    Box::new(Events { datasets: datasets.into_iter(), open: None, reading, number: 0, cx: cx.clone() })
}

struct InRange(TimeRange);

impl Step for InRange {
    fn apply(&self, batch: Batch, _: &Context) -> Result<Batch, Diagnostic> {
        let mask = in_range(&self.0, &batch);
        Ok(batch.filter(&mask))
    }
}

/// The rows whose time lies in a range.
pub fn in_range(range: &TimeRange, batch: &Batch) -> Mask {
    let time = batch.column("_time");
    Mask::from_fn(batch.len(), |i| range.contains(time.number(i)))
}

/// Gives fields a dictionary where their values repeat, so that what is made of them is made once for each.
fn coded(mut batch: Batch, names: &BTreeSet<Name>) -> Batch {
    if batch.len() >= FEW {
        for name in names {
            if let Some(coded) = batch.get(name).and_then(|c| dictionary_now(c)) {
                batch.set(name.clone(), coded);
            }
        }
    }
    batch
}

/// In fewer rows nothing repeats enough.
const FEW: usize = 64;

/// The fields that every event has, whatever is extracted from it.
pub const INTERNAL: [&str; 6] = ["_time", "_raw", "index", "host", "source", "sourcetype"];

/// Internal fields as names.
pub fn internal() -> impl Iterator<Item = Name> {
    INTERNAL.iter().map(|n| Name::from(*n))
}
