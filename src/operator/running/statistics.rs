//! streamstats: statistics over the rows so far, or over a window that moves along with them.

use super::Carry;
use crate::aggregate::running::{OnlyNumbers, Running, running};
use crate::aggregate::{self, NO_GROUP};
use crate::column::growth::growth;
use crate::column::{Batch, Builder, Column, Name, Value};
use crate::diagnostic::{Code, Diagnostic};
use crate::operator::groups::{Groups, split};
use crate::operator::{Context, evaluate};
use crate::plan::{self, Argument, Expr, Output};
use foldhash::fast::RandomState;
use hashbrown::HashMap;
use std::collections::VecDeque;
use std::sync::Arc;

/// Rows between two looks at the cancel token and the memory account.
const PACE: usize = 64;
/// Bytes of results between two looks.
const MADE: usize = 1 << 16;

pub(super) struct Statistics {
    spec: plan::Statistics,
    /// Patterns written out.
    outputs: Vec<Output>,
    groups: Groups,
    states: HashMap<u32, Group, RandomState>,
    /// The rows of the window over all groups: their groups and times.
    window: VecDeque<(Vec<u32>, Option<f64>)>,
    /// The groups of the last row that had any.
    last: Vec<u32>,
    bytes: usize,
    /// A row left because of the ceiling.
    cut: bool,
}

/// One group.
#[derive(Default)]
struct Group {
    states: Vec<Box<dyn Running>>,
    /// The times of the rows in the group's own window, where it has one.
    times: VecDeque<Option<f64>>,
}

impl Statistics {
    pub fn new(spec: plan::Statistics) -> Statistics {
        let groups = Groups::new(spec.aggregation.by.len());
        let outputs = spec.aggregation.outputs.clone();
        Statistics { spec, outputs, groups, states: HashMap::default(), window: VecDeque::new(), last: Vec::new(), bytes: 0, cut: false }
    }

    fn windowed(&self) -> bool {
        self.spec.window.is_some() || self.spec.time_window.is_some()
    }

    fn group(&mut self, group: u32) -> &mut Group {
        let windowed = self.windowed();
        let (outputs, only_numbers) = (&self.outputs, self.spec.only_numbers);
        self.states.entry(group).or_insert_with(|| {
            let state = |o: &Output| {
                let state = running(o.function, &o.call, windowed);
                match only_numbers && aggregate::OnlyNumbers::applies(o.function) {
                    true => OnlyNumbers::boxed(state, windowed),
                    false => state,
                }
            };
            Group { states: outputs.iter().map(state).collect(), times: VecDeque::new() }
        })
    }

    /// Everything is as if no row had been there.
    fn reset(&mut self) {
        self.states = HashMap::default();
        self.window.clear();
    }

    /// Rows leave that lie outside the window of a row at this time, when so many more are to fit.
    fn evict(&mut self, groups: &[u32], time: Option<f64>, more: usize) {
        let span = self.spec.time_window.map(|s| s.seconds());
        let count = self.spec.window.map_or(usize::MAX, |w| w.saturating_sub(more));
        let outside = |then: Option<f64>| matches!((span, then, time), (Some(span), Some(then), Some(now)) if (now - then).abs() >= span);
        if self.spec.global {
            while self.window.len() > count || self.window.front().is_some_and(|(_, then)| outside(*then)) {
                self.cut |= self.spec.ceiling && !self.window.front().is_some_and(|(_, then)| outside(*then));
                let Some((left, _)) = self.window.pop_front() else { break };
                left.iter().for_each(|g| self.leave(*g));
            }
            return;
        }
        for g in groups {
            while let Some(times) = self.states.get(g).map(|s| &s.times).filter(|t| t.len() > count || t.front().is_some_and(|then| outside(*then))) {
                self.cut |= self.spec.ceiling && !times.front().is_some_and(|then| outside(*then));
                self.leave(*g);
            }
        }
    }

    /// The oldest row of a group leaves.
    fn leave(&mut self, group: u32) {
        let Some(state) = self.states.get_mut(&group) else { return };
        let before: usize = state.states.iter().map(|s| s.bytes()).sum();
        state.states.iter_mut().for_each(|s| s.pop());
        state.times.pop_front();
        let after: usize = state.states.iter().map(|s| s.bytes()).sum();
        self.bytes = (self.bytes + after).saturating_sub(before);
    }

    fn join(&mut self, groups: &[u32], time: Option<f64>, values: &[Option<Arc<Column>>], row: usize) {
        let (windowed, global) = (self.windowed(), self.spec.global);
        for g in groups {
            let state = self.group(*g);
            if windowed && !global {
                state.times.push_back(time);
            }
            let (mut before, mut after) = (0, 0);
            for (state, column) in state.states.iter_mut().zip(values) {
                before += state.bytes();
                match column {
                    Some(column) => state.push(&column.get(row), time),
                    None => state.push(&Value::Bool(true), time),
                }
                after += state.bytes();
            }
            self.bytes = (self.bytes + after).saturating_sub(before);
        }
        if windowed && global {
            self.window.push_back((groups.to_vec(), time));
        }
    }

    /// The outputs with patterns written out for the fields that are there.
    fn write_out(&mut self, batch: &Batch) {
        let by = &self.spec.aggregation.by;
        let all = &self.spec.aggregation.outputs;
        let fixed = |name: &str| all.iter().any(|o| &*o.name == name && !matches!(o.argument, Argument::Pattern(_)));
        let one = |o: &Output| match &o.argument {
            Argument::Pattern(pattern) => batch
                .names()
                .filter(|n| pattern.matches(n) && !by.contains(n))
                .map(|n| Output { name: crate::operator::aggregate::pattern_name(o, pattern, n), argument: Argument::Field(n.clone()), ..o.clone() })
                .filter(|o| !fixed(&o.name))
                .collect(),
            _ => vec![o.clone()],
        };
        self.outputs = all.iter().flat_map(one).collect();
    }

    /// The groups of every row: several where a by-field has several values, none where one is missing.
    fn assign(&mut self, batch: &Batch, cx: &Context) -> Result<Vec<Vec<u32>>, Diagnostic> {
        let by = &self.spec.aggregation.by;
        let mut all: Vec<Vec<u32>> = vec![Vec::new(); batch.len()];
        let mut held = 0;
        for piece in split(batch.clone(), by) {
            cx.check()?;
            held += piece.batch.len() * size_of::<(u32, Group)>();
            cx.memory.fits(held + self.groups.growth(piece.batch.len()))?;
            for (row, group) in self.groups.assign(&piece.batch, by, false).into_iter().enumerate().filter(|(_, g)| *g != NO_GROUP) {
                all.get_mut(piece.origin(row)).into_iter().for_each(|groups| groups.push(group));
            }
        }
        Ok(all)
    }
}

/// The rows for which a condition holds, or the condition itself where it asks for results of the same row.
enum When {
    Rows(Option<crate::column::Mask>),
    Asked(Expr),
}

impl When {
    fn new(expr: Option<&Expr>, outputs: &[Output], batch: &Batch, cx: &Context) -> When {
        let Some(expr) = expr else { return When::Rows(None) };
        let mut names: Vec<Name> = Vec::new();
        expr.fields(&mut names);
        match outputs.iter().any(|o| names.contains(&o.name)) {
            true => When::Asked(expr.clone()),
            false => When::Rows(Some(evaluate::truth(expr, batch, cx))),
        }
    }

    fn holds(&self, row: usize, batch: &Batch, results: &[(Name, Value<'static>)], cx: &Context) -> bool {
        match self {
            When::Rows(mask) => mask.as_ref().is_some_and(|m| m.get(row)),
            When::Asked(expr) => {
                let mut one = batch.slice(row, 1);
                results.iter().for_each(|(name, value)| one.set(name.clone(), Column::Const(value.clone(), 1)));
                evaluate::truth(expr, &one, cx).get(0)
            }
        }
    }
}

impl Carry for Statistics {
    fn apply(&mut self, mut batch: Batch, cx: &Context) -> Result<Batch, Diagnostic> {
        if self.spec.aggregation.outputs.iter().any(|o| matches!(o.argument, Argument::Pattern(_))) {
            self.write_out(&batch);
        }
        let outputs = self.outputs.clone();
        let values: Vec<Option<Arc<Column>>> = outputs
            .iter()
            .map(|o| match &o.argument {
                Argument::Field(f) => Some(batch.column(f)),
                Argument::Expr(e) => Some(evaluate::evaluate(e, &batch, cx)),
                Argument::None | Argument::Pattern(_) => None,
            })
            .collect();
        let times = batch.column("_time");
        let states = growth(self.states.len(), self.states.capacity(), batch.len(), size_of::<(u32, Group)>());
        cx.memory.fits(states.saturating_add(self.groups.growth(batch.len())))?;
        let groups = self.assign(&batch, cx)?;
        let before = When::new(self.spec.reset_before.as_ref(), &[], &batch, cx);
        let after = When::new(self.spec.reset_after.as_ref(), &outputs, &batch, cx);
        let mut columns: Vec<Builder> = outputs.iter().map(|_| Builder::new()).collect();
        let (mut made, mut checked) = (0, 0);
        for (row, groups) in groups.iter().enumerate() {
            // One result may hold as many values as there are rows.
            if row % PACE == 0 || made > checked + MADE {
                checked = made;
                cx.check()?;
                cx.memory.fits(made + self.bytes)?;
            }
            if before.holds(row, &batch, &[], cx) {
                self.reset();
            }
            if self.spec.reset_on_change && !groups.is_empty() && self.last != *groups {
                if !self.last.is_empty() {
                    self.reset();
                }
                self.last.clone_from(groups);
            }
            let time = times.number(row);
            if self.spec.current {
                self.evict(groups, time, 1);
                self.join_if(groups, time, &values, row);
            } else {
                self.evict(groups, time, 0);
            }
            let results: Vec<Value<'static>> = match groups.first() {
                Some(g) => self.group(*g).states.iter().map(|s| s.value()).collect(),
                None => vec![Value::Null; outputs.len()],
            };
            if !self.spec.current {
                self.join_if(groups, time, &values, row);
            }
            made += results.iter().map(|v| v.heap_bytes() + 8).sum::<usize>();
            for (column, value) in columns.iter_mut().zip(&results) {
                column.push(value.borrowed());
            }
            if let When::Asked(_) = after {
                let results: Vec<(Name, Value<'static>)> = outputs.iter().map(|o| o.name.clone()).zip(results).collect();
                if after.holds(row, &batch, &results, cx) {
                    self.reset();
                }
            } else if after.holds(row, &batch, &[], cx) {
                self.reset();
            }
        }
        for (output, column) in outputs.iter().zip(columns) {
            batch.set(output.name.clone(), column.finish());
        }
        if std::mem::take(&mut self.cut) {
            self.spec.ceiling = false;
            let most = self.spec.window.unwrap_or_default();
            let cut = Diagnostic::warning(Code::ROWS, format!("a window of `streamstats` holds {most} rows at most; there were more"));
            cx.warn(cut.help("`--ceiling window=0` takes all rows."));
        }
        Ok(batch)
    }

    fn bytes(&self) -> usize {
        self.bytes + self.groups.bytes() + self.window.len() * 48 + self.states.capacity() * size_of::<(u32, Group)>()
    }
}

impl Statistics {
    /// Rows without all by-fields join no window.
    fn join_if(&mut self, groups: &[u32], time: Option<f64>, values: &[Option<Arc<Column>>], row: usize) {
        if !groups.is_empty() {
            self.join(groups, time, values, row);
        }
    }
}
