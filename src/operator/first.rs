//! The first or last rows of sorted events, as `head` and `tail` ask for them: each part of the input gives its own, on every core, and what
//! rules make of events is made for those rows alone.

use super::derive::Derivation;
use super::parallel::Prefix;
use super::scan::{self, Kept, Task};
use super::sort::{self, End};
use super::{Context, Operator, Step, Stream};
use crate::column::{Batch, Column, Mask, Name};
use crate::diagnostic::Diagnostic;
use crate::plan::{Needs, Node, SortKey};
use std::collections::BTreeSet;
use std::sync::Arc;

/// Which rows are wanted of some in the order of keys.
#[derive(Clone)]
pub struct Wanted {
    pub keys: Vec<SortKey>,
    /// The last ones are handed out from the last one back.
    pub end: End,
    /// So many, or all where there are fewer.
    pub count: usize,
}

impl Wanted {
    /// Some rows from one end; `None` where they are so many that one sorts all.
    pub fn new(keys: Vec<SortKey>, end: End, count: u64) -> Option<Wanted> {
        Some(Wanted { keys, end, count: usize::try_from(count).ok().filter(|n| *n <= MOST)? })
    }

    /// Their numbers in a batch, in the order of the keys.
    fn rows(&self, batch: &Batch, cx: &Context) -> Result<Vec<u32>, Diagnostic> {
        sort::rows_at_end(batch, &self.keys, self.end, self.count, cx)
    }
}

/// More rows than these are sorted with all others.
const MOST: usize = 16_384;

/// The choice of the wanted ones of the events that pass some filters: by the few fields that filters and keys read, so that all others, and what
/// rules make of them, are put together for the chosen rows alone.
pub struct Choice {
    /// Fields of the events to choose by, with those that the rules read for that.
    read: BTreeSet<Name>,
    /// The rules that make fields to choose by.
    early: Option<Derivation>,
    wanted: Wanted,
}

/// Where the numbers of rows stand meanwhile: no field has such a name.
const NUMBERS: &str = "\0row";

/// Where the values of a key stand until all rows are chosen: rules may have made them, and will make them again.
fn key_column(number: usize) -> Name {
    format!("\0key {number}").into()
}

impl Choice {
    /// A choice from the events of a scan below some filters, which from now on gives them as they are, and what is then to be made of the
    /// chosen ones. `None` where the node is something else, or an event may become several.
    pub fn new(node: &mut Node, wanted: &Wanted, cx: &Context) -> Result<Option<(Choice, Derivation)>, Diagnostic> {
        let mut read: BTreeSet<Name> = wanted.keys.iter().map(|k| k.field.clone()).collect();
        let mut node = node;
        loop {
            match node {
                Node::Filter { input, predicate } if !predicate.has_subsearch() => {
                    let mut names = Vec::new();
                    predicate.fields(&mut names);
                    read.extend(names);
                    node = input;
                }
                Node::Scan(s) => {
                    // The bounds of time read it; words are looked for in all fields where there is no text.
                    read.extend((!s.range.is_all()).then(|| "_time".into()));
                    let needs = scan::needed(&s.needs, cx).into_owned();
                    let late = Derivation::new(&cx.knowledge, &needs, cx)?;
                    if late.reads_again() || cx.store.bare() && read.contains("_raw") {
                        return Ok(None);
                    }
                    let chosen_by = Needs::Only(read);
                    let early = Derivation::new(&cx.knowledge, &chosen_by, cx)?;
                    let Needs::Only(read) = early.raw_needs(&chosen_by) else { return Ok(None) };
                    s.needs = late.raw_needs(&needs).and(read.iter().cloned());
                    s.plain = true;
                    let early = Some(early).filter(|e| !e.is_empty());
                    return Ok(Some((Choice { read, early, wanted: wanted.clone() }, late)));
                }
                _ => return Ok(None),
            }
        }
    }

    /// The wanted ones of the events of a task that pass, in order.
    pub fn of(&self, task: Task, kept: &mut Kept, filters: &[Box<dyn Step>], cx: &Context) -> Result<Vec<Batch>, Diagnostic> {
        let parts: Vec<(Mask, Batch)> = match task.segment() {
            Ok(part) => vec![part],
            Err(task) => task.read(kept, cx)?.into_iter().map(|rows| (Mask::new(rows.len(), true), rows)).collect(),
        };
        parts.into_iter().filter(|(may_be, _)| !may_be.none()).map(|(may_be, rows)| self.best(&may_be, &rows, filters, cx)).collect()
    }

    fn best(&self, may_be: &Mask, all: &Batch, filters: &[Box<dyn Step>], cx: &Context) -> Result<Batch, Diagnostic> {
        cx.memory.check()?;
        let mut some = all.clone();
        some.retain(|name| self.read.contains(name));
        some.set(NUMBERS, Column::numbers((0..all.len()).map(|row| row as f64).collect()));
        some = some.filter(may_be);
        for step in self.early.iter().map(|early| early as &dyn Step).chain(filters.iter().map(AsRef::as_ref)) {
            cx.check()?;
            some = step.apply(some, cx)?;
        }
        let numbers = some.column(NUMBERS);
        let best = self.wanted.rows(&some, cx)?;
        let rows: Vec<u32> = best.iter().filter_map(|row| numbers.number(*row as usize)).map(|n| n as u32).collect();
        // A few rows do not hold on to the text of all.
        let mut few = all.take_while(&rows, || cx.check())?.packed();
        for (number, key) in self.wanted.keys.iter().enumerate() {
            few.set(key_column(number), some.column(&key.field).take(&best));
        }
        Ok(few)
    }
}

/// The wanted rows of a prefix, which a choice may have been taken from.
pub fn first(prefix: Prefix, choice: Option<Choice>, mut wanted: Wanted, cx: &Arc<Context>) -> Stream {
    let prefix = match choice {
        Some(choice) => {
            wanted.keys.iter_mut().enumerate().for_each(|(number, key)| key.field = key_column(number));
            prefix.choosing(choice)
        }
        None => prefix,
    };
    Box::new(First { prefix: Some(prefix), wanted, cx: cx.clone() })
}

struct First {
    prefix: Option<Prefix>,
    wanted: Wanted,
    cx: Arc<Context>,
}

/// Candidates: rows of earlier parts first, so that equal rows keep their order.
#[derive(Default)]
struct Candidates {
    parts: Vec<Batch>,
    rows: usize,
}

/// Fewer candidates than these are not worth sorting.
const FEW: usize = 1024;

impl First {
    /// Adds rows, of which only those at the wanted end can matter.
    fn add(&self, candidates: &mut Candidates, batch: Batch) -> Result<(), Diagnostic> {
        let batch = if batch.len() > self.wanted.count { self.best(batch)? } else { batch };
        candidates.rows += batch.len();
        candidates.parts.push(batch);
        if candidates.rows > FEW.max(self.wanted.count.saturating_mul(2)) { self.settle(candidates) } else { Ok(()) }
    }

    /// Lets go what is not wanted any more.
    fn settle(&self, candidates: &mut Candidates) -> Result<(), Diagnostic> {
        let all = Batch::concat_while(std::mem::take(&mut candidates.parts), || self.cx.check())?;
        let best = self.best(all)?;
        candidates.rows = best.len();
        candidates.parts.push(best);
        Ok(())
    }

    /// The wanted rows of a batch, in order.
    fn best(&self, batch: Batch) -> Result<Batch, Diagnostic> {
        let rows = self.wanted.rows(&batch, &self.cx)?;
        Ok(batch.take_while(&rows, || self.cx.check())?.kept())
    }
}

impl Operator for First {
    fn next(&mut self) -> Result<Option<Batch>, Diagnostic> {
        let Some(prefix) = self.prefix.take() else { return Ok(None) };
        let (mut all, mut charged) = (Candidates::default(), 0);
        let this = &*self;
        prefix.fold(
            Candidates::default,
            |part, batch| this.add(part, batch),
            |part| {
                part.parts.into_iter().try_for_each(|batch| this.add(&mut all, batch))?;
                let bytes = all.parts.iter().map(Batch::bytes).sum::<usize>();
                match bytes.checked_sub(charged) {
                    Some(more) => this.cx.memory.charge(more)?,
                    None => this.cx.memory.release(charged - bytes),
                }
                charged = bytes;
                Ok(())
            },
        )?;
        self.settle(&mut all)?;
        let Some(mut rows) = all.parts.pop().filter(|batch| !batch.is_empty()) else { return Ok(None) };
        (0..self.wanted.keys.len()).for_each(|number| drop(rows.remove(&key_column(number))));
        Ok(Some(match self.wanted.end {
            End::First => rows,
            End::Last => rows.take(&(0..rows.len() as u32).rev().collect::<Vec<_>>()),
        }))
    }
}

#[cfg(test)]
mod tests {
    use crate::knowledge::Knowledge;
    use crate::store::{Catalog, Dataset};
    use crate::{Engine, Settings};

    const SYSMON: &str = "XmlWinEventLog:Microsoft-Windows-Sysmon/Operational";

    #[test]
    fn the_first_rows_are_those_of_a_whole_sort() {
        let rows: Vec<_> = (0..6_000)
            .map(|n| serde_json::json!({"_time": n * 7919 % 1000, "n": n, "source": SYSMON, "Image": format!("C:\\a\\{}.exe", n % 7)}))
            .filter_map(|row| row.as_object().cloned())
            .collect();
        let ask = |query: &str, threads, optimise| {
            let settings = Settings { threads, optimise, batch_rows: 100, ..Settings::default() };
            let mut store = Catalog::default();
            let segments = rows.chunks(700).map(crate::input::rows).collect();
            store.add(Dataset::table("rows", segments));
            let engine = Engine::new(store, Knowledge::builtin(), settings);
            let answer = engine.run(query).unwrap_or_else(|f| panic!("{f:?}"));
            (0..answer.rows.len()).map(|r| format!("{:?} {:?}", answer.rows.value("n", r), answer.rows.value("process_name", r))).collect::<Vec<_>>()
        };
        for query in [
            "* | head 7",
            "n>100 | head 300",
            "process_name=3.exe | head 5",
            "* | sort 5 -Image, n",
            "n<0 | head 5",
            "* | sort 20 -process_name",
            "* | sort 20 process_name, n",
            "n<4000 | sort 11 - n",
            "* | tail 9",
            "n>100 | tail 300",
            "* | sort 0 Image | tail 3",
            "* | sort 0 missing | tail 3",
        ] {
            let plain = ask(query, 1, false);
            assert!(plain.iter().all(|row| row.contains(".exe")), "{plain:?}");
            assert!([1, 2, 8].into_iter().all(|threads| ask(query, threads, true) == plain), "{query}");
        }
    }
}
