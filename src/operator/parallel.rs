//! The streaming prefix of a plan on every core.
//!
//! Work is cut by the input into tasks of a fixed size, never by the number of threads. Each task runs through all steps on one
//! thread; results are put back in the order of the tasks, so that the output is the same for any number of threads.

use super::first::Choice;
use super::scan::{Kept, Source, Task};
use super::{Context, Operator, Step, Stream};
use crate::column::Batch;
use crate::crew;
use crate::diagnostic::{Code, Diagnostic};
use crossbeam_channel::bounded;
use std::collections::{BTreeMap, VecDeque};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Condvar, Mutex, MutexGuard};
use std::time::{Duration, Instant};

/// Work that takes no longer is not worth another thread. Where the small tables of tests are asked, threads are to meet all the same.
const ALONE: Duration = if cfg!(debug_assertions) { Duration::ZERO } else { Duration::from_micros(200) };

/// A run has at most one in so many of the tasks that are left.
const ENDING: usize = 8;

/// So many rows in memory are more than one thread's work.
const ROWS: usize = 1 << 17;

/// A source with the steps that every batch of it goes through.
pub struct Prefix {
    source: Mutex<Box<dyn Source>>,
    steps: Vec<Box<dyn Step>>,
    /// How rows are chosen before they are put together, where few are wanted and the steps only filter.
    choice: Option<Choice>,
    cx: Arc<Context>,
    stop: AtomicBool,
    /// Tasks that were handed out.
    handed: AtomicU64,
}

impl Prefix {
    /// A source and steps.
    pub fn new(source: Box<dyn Source>, steps: Vec<Box<dyn Step>>, cx: &Arc<Context>) -> Prefix {
        Prefix { source: Mutex::new(source), steps, choice: None, cx: cx.clone(), stop: AtomicBool::new(false), handed: AtomicU64::new(0) }
    }

    /// The same, of whose rows only the first ones are wanted: the steps are filters.
    pub fn choosing(self, choice: Choice) -> Prefix {
        Prefix { choice: Some(choice), ..self }
    }

    /// The next task with its number.
    fn take(&self) -> Result<Option<(u64, Task)>, Diagnostic> {
        if self.stop.load(Ordering::Relaxed) {
            return Ok(None);
        }
        self.cx.check()?;
        let mut source = self.source.lock().map_err(|_| crashed())?;
        let task = source.next()?;
        self.handed.fetch_add(u64::from(task.is_some()), Ordering::Relaxed);
        Ok(task)
    }

    /// The next tasks that make one partial result, with the number of their run: ever more of them, so that a large input has few
    /// partial results and a small one still keeps every core busy, and fewer again before the end, where threads wait for each other.
    fn take_run(&self, taken: &Mutex<u64>) -> Result<Option<(u64, Vec<Task>)>, Diagnostic> {
        let mut number = taken.lock().map_err(|_| crashed())?;
        let mut tasks = Vec::new();
        let left = self.source.lock().map_err(|_| crashed())?.left();
        while tasks.len() < run_length(*number, left)
            && let Some((_, task)) = self.take()?
        {
            tasks.push(task);
        }
        if tasks.is_empty() {
            return Ok(None);
        }
        *number += 1;
        Ok(Some((*number - 1, tasks)))
    }

    /// The rows of a task after every step.
    fn run(&self, task: Task, kept: &mut Kept) -> Result<Vec<Batch>, Diagnostic> {
        crew::engaged(|| self.cx.env.ceilings.watch(|| self.steps(task, kept)))
    }

    fn steps(&self, task: Task, kept: &mut Kept) -> Result<Vec<Batch>, Diagnostic> {
        if let Some(choice) = &self.choice {
            return choice.of(task, kept, &self.steps, &self.cx);
        }
        let mut out = Vec::new();
        for batch in task.read(kept, &self.cx)? {
            let rows = self.cx.batch_rows.min(batch.len()).max(1);
            for start in (0..batch.len()).step_by(rows) {
                self.cx.check()?;
                self.cx.memory.check()?;
                let mut part = batch.slice(start, rows);
                for step in &self.steps {
                    if part.is_empty() {
                        break;
                    }
                    part = step.apply(part, &self.cx)?;
                }
                if !part.is_empty() {
                    out.push(part);
                }
            }
        }
        Ok(out)
    }

    /// Folds the rows of some tasks at a time into a partial result on every core, and hands the partials over in the order of the tasks.
    pub fn fold<P: Send>(
        self,
        make: impl Fn() -> P + Sync,
        add: impl Fn(&mut P, Batch) -> Result<(), Diagnostic> + Sync,
        mut merge: impl FnMut(P) -> Result<(), Diagnostic>,
    ) -> Result<(), Diagnostic> {
        let threads = self.cx.threads.max(1);
        let taken = Mutex::new(0);
        let folded = |tasks: Vec<Task>, kept: &mut Kept| {
            let mut partial = make();
            for task in tasks {
                for batch in self.run(task, kept)? {
                    self.cx.check()?;
                    add(&mut partial, batch)?;
                }
            }
            Ok(partial)
        };
        let partial = |tasks: Vec<Task>, kept: &mut Kept| crew::engaged(|| self.cx.env.ceilings.watch(|| folded(tasks, kept)));
        let (send, receive) = bounded::<(u64, Result<P, Diagnostic>)>(threads * 2);
        let (this, taken, partial) = (&self, &taken, &partial);
        let (mut waiting, mut expected) = (BTreeMap::new(), 0);
        let mut merge_next = |number: u64, result: Result<P, Diagnostic>| {
            waiting.insert(number, result?);
            while let Some(partial) = waiting.remove(&expected) {
                merge(partial)?;
                expected += 1;
            }
            Ok(())
        };
        crew::share(|helpers| {
            let begun = Instant::now();
            let mut send = Some(send).filter(|_| threads > 1);
            let mut kept = Kept::default();
            let mut all = || {
                while let Some((number, tasks)) = self.take_run(taken)? {
                    // This thread begins; the others come once there is work for them.
                    let many = send.is_some() && self.source.lock().is_ok_and(|s| s.rows() >= ROWS);
                    if let Some(send) = send.take_if(|_| many || begun.elapsed() > ALONE || tasks.iter().any(Task::is_long)) {
                        for _ in 1..threads {
                            let send = send.clone();
                            helpers.call(move || {
                                let mut kept = Kept::default();
                                loop {
                                    let (number, result) = match this.take_run(taken) {
                                        Ok(Some((number, tasks))) => (number, partial(tasks, &mut kept)),
                                        Ok(None) => break,
                                        Err(e) => (0, Err(e)),
                                    };
                                    let failed = result.is_err();
                                    if send.send((number, result)).is_err() || failed {
                                        break;
                                    }
                                }
                            });
                        }
                    }
                    merge_next(number, partial(tasks, &mut kept))?;
                    receive.try_iter().try_for_each(|(number, result)| merge_next(number, result))?;
                }
                send = None;
                receive.iter().try_for_each(|(number, result)| merge_next(number, result))
            };
            let result = all();
            this.stop.store(true, Ordering::Relaxed);
            drop(receive);
            result
        })
    }
}

/// Tasks of the run with this number, when so many are left.
fn run_length(number: u64, left: Option<usize>) -> usize {
    let most = left.map_or(usize::MAX, |left| (left / ENDING).max(1));
    most.min(1 << (number / 4).min(4))
}

/// The rows of a prefix as a stream.
pub struct Parallel {
    shared: Arc<Shared>,
    /// May others be called?
    called: bool,
    expected: u64,
    ready: VecDeque<Batch>,
    /// For the tasks that are done here.
    kept: Kept,
    begun: Option<Instant>,
}

/// What a stream shares with those who help.
struct Shared {
    prefix: Prefix,
    results: Mutex<Results>,
    /// There is a result more, or one less to wait for.
    changed: Condvar,
}

#[derive(Default)]
struct Results {
    /// Rows by the number of their task, until their turn comes.
    done: BTreeMap<u64, Vec<Batch>>,
    failed: Option<Diagnostic>,
    /// Who was called and has not ended.
    helpers: usize,
    /// Those of them who are at a task, or take one.
    at_work: usize,
}

impl Parallel {
    /// A stream that does its first tasks itself, and calls others once there is work for them.
    pub fn stream(prefix: Prefix) -> Stream {
        let shared = Shared { prefix, results: Mutex::default(), changed: Condvar::new() };
        Box::new(Parallel { shared: Arc::new(shared), called: false, expected: 0, ready: VecDeque::new(), kept: Kept::default(), begun: None })
    }

    /// Calls as many as may help, where there is room for what they do.
    fn call(&self) {
        let threads = self.shared.prefix.cx.threads;
        let mut results = self.shared.results();
        while self.called && results.helpers + 1 < threads && !self.shared.is_full(&results) {
            let shared = self.shared.clone();
            if !crew::call(move || shared.help()) {
                break;
            }
            results.helpers += 1;
        }
    }
}

impl Shared {
    fn results(&self) -> MutexGuard<'_, Results> {
        self.results.lock().unwrap_or_else(|e| e.into_inner())
    }

    /// Do so many results wait for their turn that nobody should make more?
    fn is_full(&self, results: &Results) -> bool {
        results.done.len() + results.at_work >= self.prefix.cx.threads * 2
    }

    /// Does tasks until there are none left, or nobody wants them yet.
    fn help(&self) {
        let mut kept = Kept::default();
        loop {
            let mut results = self.results();
            if self.is_full(&results) || self.prefix.stop.load(Ordering::Relaxed) {
                results.helpers -= 1;
                return;
            }
            results.at_work += 1;
            drop(results);
            let done = catch_unwind(AssertUnwindSafe(|| {
                let Some((number, task)) = self.prefix.take()? else { return Ok(None) };
                let rows = self.prefix.run(task, &mut kept)?;
                Ok(Some((number, rows.into_iter().map(Batch::kept).collect())))
            }));
            let mut results = self.results();
            results.at_work -= 1;
            let goes_on = match done.unwrap_or_else(|_| Err(crashed())) {
                Ok(Some((number, rows))) => {
                    results.done.insert(number, rows);
                    true
                }
                Ok(None) => false,
                Err(e) => {
                    results.failed.get_or_insert(e);
                    false
                }
            };
            results.helpers -= usize::from(!goes_on);
            self.changed.notify_all();
            if !goes_on {
                return;
            }
        }
    }
}

impl Operator for Parallel {
    fn next(&mut self) -> Result<Option<Batch>, Diagnostic> {
        let begun = *self.begun.get_or_insert_with(Instant::now);
        loop {
            if let Some(batch) = self.ready.pop_front() {
                return Ok(Some(batch));
            }
            let mut results = self.shared.results();
            if let Some(e) = results.failed.take() {
                return Err(e);
            }
            if let Some(batches) = results.done.remove(&self.expected) {
                drop(results);
                self.expected += 1;
                self.ready.extend(batches);
                self.call();
                continue;
            }
            let full = self.shared.is_full(&results);
            drop(results);
            let prefix = &self.shared.prefix;
            if let Some((number, task)) = if full { None } else { prefix.take()? } {
                self.called = self.called || prefix.cx.threads > 1 && (task.is_long() || begun.elapsed() > ALONE);
                self.call();
                let rows = prefix.run(task, &mut self.kept)?;
                let rows = if number == self.expected { rows } else { rows.into_iter().map(Batch::kept).collect() };
                self.shared.results().done.insert(number, rows);
                continue;
            }
            let missing = |results: &mut Results| results.at_work > 0 && results.failed.is_none() && !results.done.contains_key(&self.expected);
            let results = self.shared.changed.wait_while(self.shared.results(), missing).unwrap_or_else(|e| e.into_inner());
            if results.at_work == 0 && results.failed.is_none() && !results.done.contains_key(&self.expected) {
                return if self.expected == prefix.handed.load(Ordering::Relaxed) { Ok(None) } else { Err(crashed()) };
            }
        }
    }
}

impl Drop for Parallel {
    fn drop(&mut self) {
        self.shared.prefix.stop.store(true, Ordering::Relaxed);
        // What they hold is free when the stream is gone.
        drop(self.shared.changed.wait_while(self.shared.results(), |results| results.at_work > 0));
    }
}

fn crashed() -> Diagnostic {
    Diagnostic::error(Code::RUNTIME, "a worker thread ended early; this is a bug in spl").help("Please report it with the query.")
}
