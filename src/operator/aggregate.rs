//! stats: partial aggregates of each task of the input, merged in their order.

use super::groups::{Counted, Groups, split};
use super::parallel::Prefix;
use super::{Context, Operator, Stream, evaluate};
use crate::aggregate::stored::{self, Pieces};
use crate::aggregate::{self, Accumulator, Rows};
use crate::column::growth::growth;
use crate::column::{Batch, Column, Name, Value};
use crate::diagnostic::Diagnostic;
use crate::each::{both, each_of};
use crate::plan::{Aggregation, Argument, Output, Role};
use indexmap::{IndexMap, IndexSet};
use std::sync::Arc;

/// Rows that are aggregated in one go, where a batch may have very many.
pub const PART: usize = 1 << 14;

/// The work on so many groups is worth another thread.
const MANY: usize = if cfg!(debug_assertions) { 2 } else { 1 << 12 };

fn threads(groups: usize, cx: &Context) -> usize {
    if groups < MANY { 1 } else { cx.threads }
}

/// The state of an aggregation over some rows.
pub struct Partial {
    spec: Arc<Aggregation>,
    pub groups: Groups,
    /// By column name; those of a pattern appear with the fields that match. The number of the output comes first, so that
    /// columns stand in the order in which they were written.
    states: IndexMap<(usize, Name), Box<dyn Accumulator>>,
    /// It is only to be merged into another one.
    part: bool,
    /// Bytes that the query was charged for it.
    charged: usize,
}

impl Partial {
    /// No rows yet.
    pub fn new(spec: &Arc<Aggregation>) -> Partial {
        Partial::with(spec, false)
    }

    /// The same, which is only to be merged into another one.
    pub fn part(spec: &Arc<Aggregation>) -> Partial {
        Partial::with(spec, true)
    }

    fn with(spec: &Arc<Aggregation>, part: bool) -> Partial {
        let states = spec
            .outputs
            .iter()
            .enumerate()
            .filter(|(_, o)| !matches!(o.argument, Argument::Pattern(_)))
            .map(|(i, o)| ((i, o.name.clone()), state(o, part)))
            .collect();
        Partial { spec: spec.clone(), groups: Groups::new(spec.by.len()), states, part, charged: 0 }
    }

    /// Takes the rows of a batch.
    pub fn take(&mut self, batch: Batch, cx: &Context) -> Result<(), Diagnostic> {
        let spec = self.spec.clone();
        let only_counts = spec.only_counts() && (!spec.merges || batch.get(stored::MARK).is_none());
        for piece in split(batch, &spec.by) {
            if piece.of.is_some() {
                self.room(cx)?;
            }
            if only_counts {
                self.count(&piece.batch);
            } else {
                self.update(piece.batch, cx);
            }
        }
        Ok(())
    }

    /// The same; gives each row the group of its first combination of values. No states are merged.
    pub fn first_groups(&mut self, batch: Batch, cx: &Context) -> Result<Vec<u32>, Diagnostic> {
        let (spec, mut first) = (self.spec.clone(), Vec::with_capacity(batch.len()));
        for piece in split(batch, &spec.by) {
            self.room(cx)?;
            let groups = self.update_plain(&piece.batch, cx);
            for (row, group) in groups.into_iter().enumerate() {
                if piece.origin(row) == first.len() {
                    first.push(group);
                }
            }
        }
        Ok(first)
    }

    /// Charges what it holds, and makes sure that one more piece of rows fits: combinations of values may be far more than rows.
    fn room(&mut self, cx: &Context) -> Result<(), Diagnostic> {
        cx.check()?;
        self.settle(cx)?;
        cx.memory.fits(self.growth(PART))
    }

    /// Charges what it holds beyond what it was charged for.
    pub fn settle(&mut self, cx: &Context) -> Result<(), Diagnostic> {
        let more = self.bytes().saturating_sub(self.charged);
        self.charged += more;
        cx.memory.charge(more)
    }

    /// Takes back what was charged for it: somebody else counts it from now on.
    pub fn release(&mut self, cx: &Context) {
        cx.memory.release(std::mem::take(&mut self.charged));
    }

    /// Takes rows of which nothing is asked but how many there are.
    fn count(&mut self, batch: &Batch) {
        let spec = self.spec.clone();
        let Counted { groups, rows } = self.groups.count(batch, &spec.by, spec.keep_null);
        for (i, output) in spec.outputs.iter().enumerate() {
            let state = self.states.entry((i, output.name.clone())).or_insert_with(|| output.state());
            state.merge(aggregate::counted(rows.clone()), &groups, self.groups.len());
        }
    }

    /// Takes rows that may be states.
    fn update(&mut self, batch: Batch, cx: &Context) {
        if self.spec.merges
            && let Some(mark) = batch.get(stored::MARK).cloned()
        {
            let mut from = 0;
            while from < batch.len() {
                let to = (from..batch.len()).find(|row| mark.is_null(*row) != mark.is_null(from)).unwrap_or(batch.len());
                let mut part = batch.slice(from, to - from);
                if mark.is_null(from) {
                    // Columns of states are no fields of events.
                    part.retain(|name| !name.starts_with("psrsvd_"));
                    self.update_plain(&part, cx);
                } else {
                    self.restore(&part);
                }
                from = to;
            }
            return;
        }
        self.update_plain(&batch, cx);
    }

    /// Takes in rows of states.
    fn restore(&mut self, rows: &Batch) {
        let spec = self.spec.clone();
        let assigned = self.groups.assign(rows, &spec.by, spec.keep_null);
        let groups = self.groups.len();
        for (i, output) in spec.outputs.iter().enumerate() {
            let subjects: Vec<(Name, Option<&str>)> = match &output.argument {
                Argument::Pattern(pattern) => {
                    let own: Vec<&str> = output.state().store(0).into_iter().map(|(piece, _)| piece).collect();
                    let fields: IndexSet<&str> = rows
                        .names()
                        .filter_map(|column| stored::field_of(column))
                        .filter(|(piece, field)| own.contains(piece) && pattern.matches(field))
                        .map(|(_, field)| field)
                        .collect();
                    fields.into_iter().map(|field| (self.named(output, pattern, field), Some(field))).collect()
                }
                _ => vec![(output.name.clone(), output.subject.as_deref())],
            };
            for (name, field) in subjects {
                let mut later = output.state();
                later.restore(&Pieces { rows, field }, rows.len());
                self.states.entry((i, name)).or_insert_with(|| output.state()).merge(later, &assigned, groups);
            }
        }
    }

    /// The column of one field of a pattern; states go by the field itself.
    fn named(&self, output: &crate::plan::Output, pattern: &crate::plan::FieldPattern, field: &str) -> Name {
        if self.spec.gives { field.into() } else { pattern_name(output, pattern, field) }
    }

    /// Takes rows of events; gives the group of each.
    fn update_plain(&mut self, batch: &Batch, cx: &Context) -> Vec<u32> {
        let spec = self.spec.clone();
        let groups = self.groups.assign(batch, &spec.by, spec.keep_null);
        let time = spec.time_field().map(|field| batch.column(&field));
        for (i, output) in spec.outputs.iter().enumerate() {
            let columns: Vec<(Name, Option<Arc<Column>>)> = match &output.argument {
                Argument::None => vec![(output.name.clone(), None)],
                Argument::Field(f) => vec![(output.name.clone(), Some(batch.column(f)))],
                Argument::Expr(e) => vec![(output.name.clone(), Some(evaluate::evaluate(e, batch, cx)))],
                Argument::Pattern(pattern) => batch
                    .columns()
                    .filter(|(name, _)| pattern.matches(name) && !spec.by.contains(name))
                    .map(|(name, c)| (self.named(output, pattern, name), Some(c.clone())))
                    .filter(|(name, _)| !spec.outputs.iter().any(|o| o.name == *name && !matches!(o.argument, Argument::Pattern(_))))
                    .collect(),
            };
            for (name, column) in columns {
                let state = self.states.entry((i, name)).or_insert_with(|| state(output, self.part));
                let rows = Rows { groups: &groups, column: column.as_deref(), time: time.as_deref() };
                state.update(&rows, self.groups.len());
            }
        }
        groups
    }

    /// Takes the rows of a batch of any size part by part, so that the query can be cancelled between.
    fn update_in_parts(&mut self, batch: &Batch, cx: &Context) -> Result<(), Diagnostic> {
        for start in (0..batch.len()).step_by(PART) {
            cx.check()?;
            self.take(batch.slice(start, PART), cx)?;
        }
        Ok(())
    }

    /// Takes in the rows that come after this one's.
    pub fn merge(&mut self, later: Partial) {
        let map = self.groups.merge(&later.groups);
        for (key, state) in later.states {
            let output = &self.spec.outputs[key.0];
            let mine = self.states.entry(key).or_insert_with(|| output.state());
            mine.merge(state, &map, self.groups.len());
        }
    }

    /// Bytes that are needed, beside those held, while its groups grow by so many.
    pub fn growth(&self, rows: usize) -> usize {
        // A state has a number for each group at least.
        let held = self.groups.len();
        self.groups.growth(rows) + self.states.len() * growth(held, held.next_power_of_two(), rows, size_of::<u64>())
    }

    /// Rows of results.
    pub fn rows(&self) -> usize {
        // Without by-fields there is always one row.
        if self.spec.by.is_empty() { 1 } else { self.groups.len() }
    }

    /// Bytes held.
    pub fn bytes(&self) -> usize {
        self.groups.bytes() + self.states.values().map(|s| s.bytes()).sum::<usize>()
    }

    /// The columns of the aggregates, a row a group, in the order in which they were written.
    pub fn columns(mut self, cx: &Context) -> Result<Vec<(Name, Column)>, Diagnostic> {
        let groups = self.rows();
        self.states.sort_by(|a, _, b, _| a.0.cmp(&b.0));
        let finish = |((_, name), state): ((usize, Name), Box<dyn Accumulator>)| {
            cx.check()?;
            Ok((name, state.finish(groups)))
        };
        each_of(1, self.states.into_iter().collect(), threads(groups, cx), finish).into_iter().collect()
    }

    /// The states as columns, a row a group, each once.
    fn stored(mut self, cx: &Context) -> Result<Vec<(Name, Column)>, Diagnostic> {
        let groups = self.rows();
        self.states.sort_by(|a, _, b, _| a.0.cmp(&b.0));
        let mut columns: IndexMap<Name, Column> = IndexMap::new();
        for ((i, name), state) in self.states {
            cx.check()?;
            let Some(output) = self.spec.outputs.get(i) else { continue };
            let field = if let Argument::Pattern(_) = output.argument { Some(&*name) } else { output.subject.as_deref() };
            for (piece, column) in state.store(groups) {
                columns.entry(stored::column_name(piece, field).into()).or_insert(column);
            }
        }
        columns.sort_keys();
        columns.insert(stored::MARK.into(), Column::Const(Value::Number(1.0), groups));
        Ok(columns.into_iter().collect())
    }

    /// The rows of results, sorted by the by-fields where the plan wants that.
    pub fn finish(self, cx: &Context) -> Result<Batch, Diagnostic> {
        let spec = self.spec.clone();
        let mut out = Batch::new(self.rows());
        for (i, field) in spec.by.iter().enumerate() {
            cx.check()?;
            out.set(field.clone(), self.groups.column(i));
        }
        let sorted = spec.sorted && !spec.by.is_empty();
        let threads = threads(out.len(), cx);
        let order = || sorted.then(|| super::sort::order_of_groups(&out, &spec.by, cx)).transpose();
        let columns = || if spec.gives { self.stored(cx) } else { self.columns(cx) };
        let (columns, order) = both(threads, columns, order);
        let (columns, order) = (columns?, order?);
        for (name, column) in columns {
            out.set(name, column);
        }
        for output in spec.outputs.iter().filter(|_| !spec.gives) {
            if let Role::Computed(expr) = &output.role {
                out.set(output.name.clone(), evaluate::evaluate(expr, &out, cx));
            }
        }
        for part in spec.outputs.iter().filter(|o| matches!(o.role, Role::Part)) {
            out.remove(&part.name);
        }
        match order {
            Some(rows) => out.reordered(&rows, || cx.check()),
            None => Ok(out),
        }
    }
}

/// The state of all groups of an output, without rows, for rows that are to come.
fn state(output: &Output, part: bool) -> Box<dyn Accumulator> {
    let mut state = output.state();
    if part {
        state.as_part();
    }
    state
}

/// `values(*) AS *_v`: the name of the column for one field.
pub fn pattern_name(output: &crate::plan::Output, pattern: &crate::plan::FieldPattern, field: &str) -> Name {
    let captured = pattern.wildcard.as_ref().and_then(|p| p.capture(field)).unwrap_or_default();
    if output.name.contains('*') && !output.name.contains('(') {
        return super::project::fill_stars(&output.name, &captured).into();
    }
    // Without AS a column is named as if it had been written out: avg(*) gives avg(bytes).
    let written = output.name.as_ref();
    match (written.find('('), written.rfind(')')) {
        (Some(open), Some(close)) if open < close => format!("{}({field}{}", &written[..open], &written[close..]).into(),
        _ => field.into(),
    }
}

/// Runs an aggregation over a prefix, on every core.
pub fn parallel(prefix: Prefix, spec: Aggregation, cx: &Arc<Context>) -> Stream {
    Box::new(Aggregate { source: Some(From::Prefix(Box::new(prefix))), spec: Arc::new(spec), cx: cx.clone() })
}

/// Runs an aggregation over a stream.
pub fn serial(input: Stream, spec: Aggregation, cx: &Arc<Context>) -> Stream {
    Box::new(Aggregate { source: Some(From::Stream(input)), spec: Arc::new(spec), cx: cx.clone() })
}

enum From {
    Prefix(Box<Prefix>),
    Stream(Stream),
}

struct Aggregate {
    source: Option<From>,
    spec: Arc<Aggregation>,
    cx: Arc<Context>,
}

impl Operator for Aggregate {
    fn next(&mut self) -> Result<Option<Batch>, Diagnostic> {
        let Some(source) = self.source.take() else { return Ok(None) };
        let mut total = Partial::new(&self.spec);
        match source {
            From::Stream(mut input) => {
                while let Some(batch) = input.next()? {
                    total.update_in_parts(&batch, &self.cx)?;
                    total.settle(&self.cx)?;
                }
            }
            From::Prefix(prefix) => {
                let (spec, cx) = (self.spec.clone(), self.cx.clone());
                let add = |partial: &mut Partial, batch| partial.take(batch, &cx);
                prefix.fold(
                    || Partial::part(&spec),
                    add,
                    |mut partial| {
                        self.cx.check()?;
                        partial.release(&self.cx);
                        self.cx.memory.fits(total.growth(partial.rows()))?;
                        total.merge(partial);
                        total.settle(&self.cx)
                    },
                )?;
            }
        }
        let batch = total.finish(&self.cx)?;
        Ok((!batch.is_empty()).then_some(batch))
    }
}
