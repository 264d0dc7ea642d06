//! A large file on its way into memory: until it is there, queries read the file itself, with the same rows.

use super::{Table, load};
use crate::column::Batch;
use crate::diagnostic::Diagnostic;
use crate::input::{self, Chunks, InputFile, ParseOptions, ReadOptions, Wanted, Warnings};
use std::sync::atomic::{AtomicBool, AtomicU64, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, OnceLock};
use std::time::{Duration, Instant};

/// A file that is being read into memory by a thread of its own.
#[derive(Debug)]
pub struct Arriving {
    pub file: InputFile,
    /// The events of its beginning, to tell of its fields.
    sample: Vec<Batch>,
    done: OnceLock<(Table, Warnings)>,
    warned: AtomicBool,
    /// The queries that read the file meanwhile, by when they began.
    queries: Mutex<Vec<Instant>>,
}

/// Loading gives way to the query that holds it.
#[derive(Debug)]
pub struct Way {
    file: Arc<Arriving>,
    since: Instant,
}

impl Drop for Way {
    fn drop(&mut self) {
        let mut queries = self.file.queries();
        if let Some(mine) = queries.iter().position(|since| *since == self.since) {
            queries.remove(mine);
        }
    }
}

/// From this size on, in bytes, one need not wait for a file.
const LARGE: u64 = 256 << 20;

/// Files that are being loaded.
static UNDER_WAY: AtomicUsize = AtomicUsize::new(0);

/// So long a query that reads a file has the processor to itself: most have their answer by then, and the others must not keep the file
/// from arriving.
const WAY: Duration = Duration::from_millis(500);

/// How often one looks whether the way is free.
const LOOK: Duration = Duration::from_millis(1);

impl Arriving {
    /// Is any file being loaded?
    pub fn any() -> bool {
        UNDER_WAY.load(Ordering::Relaxed) > 0
    }

    /// Is the file large, and one that can be read twice?
    pub fn worth_it(file: &InputFile) -> bool {
        file.path.as_ref().and_then(|p| std::fs::metadata(p).ok()).is_some_and(|m| m.is_file() && m.len() >= LARGE)
    }

    /// Begins to read a file. Errors: a file that cannot be read. Where that happens later, queries go on reading the file and tell of it.
    pub fn start(file: InputFile, options: &ParseOptions, threads: usize) -> Result<Arc<Arriving>, Diagnostic> {
        let first = Chunks::open(&file, &ReadOptions::of_tables())?.next()?;
        let sample = first.map(|chunk| input::parse(&chunk, &Wanted::All, options, &mut Warnings::new())).unwrap_or_default();
        let arriving = Arc::new(Arriving { file, sample, done: OnceLock::new(), warned: AtomicBool::new(false), queries: Mutex::default() });
        let (here, options) = (arriving.clone(), options.clone());
        UNDER_WAY.fetch_add(1, Ordering::Relaxed);
        std::thread::spawn(move || {
            let mut warnings = Warnings::new();
            let (begun, waited) = (Instant::now(), AtomicU64::new(0));
            // Nobody else holds it any more when the session has ended.
            let go_on = || {
                while here.is_queried() && Arc::strong_count(&here) > 1 {
                    let since = Instant::now();
                    if !may_wait(begun.elapsed(), Duration::from_micros(waited.load(Ordering::Relaxed))) {
                        break;
                    }
                    std::thread::sleep(LOOK);
                    waited.fetch_add(since.elapsed().as_micros() as u64 / threads.max(1) as u64, Ordering::Relaxed);
                }
                if Arc::strong_count(&here) > 1 { Ok(()) } else { Err(Diagnostic::error(crate::diagnostic::Code::CANCELLED, "nobody waits for it")) }
            };
            if let Ok(table) = load(&here.file, &ReadOptions::of_tables(), &options, threads, &go_on, &mut warnings) {
                let _ = here.done.set((table, warnings));
            }
            UNDER_WAY.fetch_sub(1, Ordering::Relaxed);
        });
        Ok(arriving)
    }

    /// The right of way for a query that reads the file.
    pub fn give_way(self: &Arc<Self>) -> Way {
        let since = Instant::now();
        self.queries().push(since);
        Way { file: self.clone(), since }
    }

    fn queries(&self) -> MutexGuard<'_, Vec<Instant>> {
        self.queries.lock().unwrap_or_else(|e| e.into_inner())
    }

    /// Does a query read the file that has not done so for long?
    fn is_queried(&self) -> bool {
        self.queries().iter().any(|since| since.elapsed() < WAY)
    }

    /// Its rows, once they are there.
    pub fn table(&self) -> Option<&Table> {
        self.done.get().map(|(table, _)| table)
    }

    /// What can be told of its fields by now.
    pub fn known(&self) -> &[Batch] {
        self.table().map_or(&self.sample, |table| &table.segments)
    }

    /// What was damaged in it: told once, by the first query that meets its rows in memory.
    pub fn tell(&self) -> Option<&Warnings> {
        let (_, warnings) = self.done.get()?;
        (!self.warned.swap(true, Ordering::Relaxed)).then_some(warnings)
    }
}

/// May loading wait, which began so long ago and has waited so long by now? For half of the time: one query after the other must not keep the
/// file from arriving either.
fn may_wait(elapsed: Duration, waited: Duration) -> bool {
    waited <= elapsed.saturating_sub(waited) + WAY
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::knowledge::Knowledge;
    use crate::store::{Catalog, Dataset};
    use crate::{Engine, engine::Settings};

    #[test]
    fn loading_gives_way_to_queries_for_a_while() {
        let (_dir, file) = input::chunk::test_file("a.json", b"{\"n\":1}\n".repeat(500).as_slice());
        let arriving = Arriving::start(file, &ParseOptions::default(), 1).unwrap();
        let (way, begun) = (arriving.give_way(), Instant::now());
        assert!(arriving.is_queried());
        while arriving.is_queried() {
            std::thread::sleep(LOOK);
        }
        assert!(begun.elapsed() >= WAY, "a query that takes longer does not keep the file");
        let other = arriving.give_way();
        drop(way);
        assert!(arriving.is_queried(), "the other one reads it still");
        drop(other);
        assert!(!arriving.is_queried());
    }

    #[test]
    fn many_short_queries_do_not_keep_the_file() {
        let (mut now, mut waited, step) = (Duration::ZERO, Duration::ZERO, Duration::from_millis(1));
        for _ in 0..10_000 {
            waited += if may_wait(now, waited) { step } else { Duration::ZERO };
            now += step;
        }
        assert!((5.0..5.5).contains(&waited.as_secs_f64()), "{waited:?} of {now:?}");
    }

    #[test]
    fn rows_are_the_same_before_and_after_it_is_there() {
        let text: String = (0..5000).map(|i| format!("{{\"n\":{i}}}\n")).collect::<String>() + "{broken\n";
        let (_dir, file) = input::chunk::test_file("a.json", text.as_bytes());
        let arriving = Arriving::start(file, &ParseOptions::default(), 2).unwrap();
        assert!(arriving.known().iter().any(|b| b.get("n").is_some()));
        let mut catalog = Catalog::default();
        catalog.add(Dataset::Arriving(arriving.clone()));
        let engine = Engine::new(catalog, Knowledge::builtin(), Settings::default());
        let count = || engine.run("n>=10 | stats count").unwrap();
        // It may have arrived by now, and told what was damaged.
        let first = count();
        assert_eq!(first.rows.value("count", 0).as_number(), Some(4990.0));
        for _ in 0..500 {
            if arriving.table().is_some() {
                break;
            }
            std::thread::sleep(Duration::from_millis(10));
        }
        assert!(arriving.table().is_some());
        let told = count();
        assert_eq!(told.rows.value("count", 0).as_number(), Some(4990.0));
        assert!(told.warnings.len() == 1 || first.warnings.len() == 1);
        assert_eq!(count().warnings.len(), 0, "told once");
    }
}
