//! What every operator of one query shares: its budget, its cancel token, and what it may know.

use crate::diagnostic::{Code, Diagnostic};
use crate::function::Env;
use crate::input::Warnings;
use crate::knowledge::Knowledge;
use crate::machine::pages;
use crate::plan::Limits;
use crate::store::{Arriving, Catalog};
use std::sync::atomic::{AtomicBool, AtomicU64, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

/// The surroundings of one running query.
pub struct Context {
    pub env: Arc<Env>,
    pub memory: Memory,
    pub cancel: Cancel,
    pub limits: Limits,
    pub threads: usize,
    /// Rows of a batch at most; `usize::MAX` leaves them as the input cut them.
    pub batch_rows: usize,
    /// Leave out work that cannot change the rows.
    pub optimise: bool,
    pub store: Arc<Catalog>,
    pub knowledge: Arc<Knowledge>,
    /// What each operator takes, where that was asked.
    pub meters: Option<super::meter::Meters>,
    /// What was read so far.
    pub scanned: Scanned,
    /// What was wrong with the input.
    pub input_warnings: Mutex<Warnings>,
    /// Ceilings that cut, and the like.
    pub warnings: Mutex<Vec<Diagnostic>>,
}

impl Context {
    /// An error once the query is to end, or where the process holds more than the query may: things grow in loops, before anyone has charged for them.
    pub fn check(&self) -> Result<(), Diagnostic> {
        self.cancel.check()?;
        self.memory.check()
    }

    /// The same for a loop over rows, which need not look at each of them.
    pub fn at(&self, row: usize) -> Result<(), Diagnostic> {
        if row.is_multiple_of(PACE) { self.check() } else { Ok(()) }
    }

    /// The same for a loop that makes something: `bytes` are those that it holds, and those that it needs to grow by so many rows.
    pub fn grows(&self, row: usize, bytes: impl FnOnce(usize) -> usize) -> Result<(), Diagnostic> {
        if !row.is_multiple_of(PACE) {
            return Ok(());
        }
        self.check()?;
        self.memory.fits(bytes(PACE))
    }

    /// Notes a warning, once.
    pub fn warn(&self, warning: Diagnostic) {
        if let Ok(mut all) = self.warnings.lock()
            && !all.contains(&warning)
        {
            all.push(warning);
        }
    }
}

/// How much of the input was looked at.
#[derive(Debug, Default)]
pub struct Scanned {
    bytes: AtomicUsize,
    events: AtomicUsize,
}

impl Scanned {
    /// Counts bytes that were searched and events that were parsed.
    pub fn add(&self, bytes: usize, events: usize) {
        self.bytes.fetch_add(bytes, Ordering::Relaxed);
        self.events.fetch_add(events, Ordering::Relaxed);
    }

    /// Bytes of files, unpacked.
    pub fn bytes(&self) -> usize {
        self.bytes.load(Ordering::Relaxed)
    }

    /// Events that were parsed.
    pub fn events(&self) -> usize {
        self.events.load(Ordering::Relaxed)
    }
}

/// The memory account of a query, in bytes. What operators hold is charged; beside that the process itself is looked at now and then, as
/// what things really take is more than what one can count.
pub struct Memory {
    limit: usize,
    used: AtomicUsize,
    /// Something was left undone because it would not have fitted: the rows are not to be used.
    overdrawn: AtomicBool,
    /// What the process held when the query began.
    before: AtomicUsize,
    start: Instant,
    /// When the process was last looked at, in milliseconds since the start.
    looked: AtomicUsize,
}

/// How much the process may have more than before and than the query may hold: the odd megabyte that allocators keep, and a fiftieth of a
/// large ceiling.
const SLACK: usize = 4 << 20;

/// What the program itself takes counts too, up to this part of the ceiling: nobody means `--memory` to be beside that. Tables that were
/// loaded before are more, and do not count.
const OWN: usize = 8;

/// Who asks for more bytes than this is looked at each time.
const MUCH: usize = 16 << 20;

impl Memory {
    /// An account with a ceiling.
    pub fn new(limit: usize) -> Memory {
        let before = resident();
        Memory {
            limit,
            used: AtomicUsize::new(before.min(limit / OWN)),
            overdrawn: AtomicBool::new(false),
            before: AtomicUsize::new(before),
            start: Instant::now(),
            looked: AtomicUsize::new(0),
        }
    }

    /// What a query may hold.
    pub fn limit(&self) -> usize {
        self.limit
    }

    /// Takes bytes from the account.
    pub fn charge(&self, bytes: usize) -> Result<(), Diagnostic> {
        let used = self.used.fetch_add(bytes, Ordering::Relaxed).saturating_add(bytes);
        if used <= self.limit { self.check() } else { Err(self.error()) }
    }

    /// Takes bytes from the account where they fit, and tells whether they did: for what can be left out.
    pub fn takes(&self, bytes: usize) -> bool {
        let more = |used: usize| used.checked_add(bytes).filter(|all| *all <= self.limit);
        self.used.fetch_update(Ordering::Relaxed, Ordering::Relaxed, more).is_ok()
    }

    /// An error where the process holds more than the query may, or where something would not have fitted.
    pub fn check(&self) -> Result<(), Diagnostic> {
        if self.overdrawn.load(Ordering::Relaxed) {
            return Err(self.error());
        }
        let now = self.start.elapsed().as_millis() as usize;
        if now == self.looked.swap(now, Ordering::Relaxed) { Ok(()) } else { self.look() }
    }

    /// An error where the process holds more than the query may.
    fn look(&self) -> Result<(), Diagnostic> {
        // What a file takes that is loaded meanwhile is not the query's.
        if Arriving::any() {
            self.begin();
            return Ok(());
        }
        let before = self.before.load(Ordering::Relaxed);
        let before = before - before.min(self.limit / OWN);
        if resident().saturating_sub(before) > self.limit.saturating_add(SLACK.max(self.limit / 50)) { Err(self.error()) } else { Ok(()) }
    }

    /// Counts what the process takes from here on.
    pub fn begin(&self) {
        self.before.store(resident(), Ordering::Relaxed);
    }

    /// An error where so many bytes more would not fit; takes nothing. For what lives only as long as its batch.
    pub fn fits(&self, bytes: usize) -> Result<(), Diagnostic> {
        match self.used().saturating_add(bytes) {
            all if all > self.limit => Err(self.error()),
            // A millisecond is long where much is copied.
            _ if bytes > MUCH => self.check().and_then(|()| self.look()),
            _ => self.check(),
        }
    }

    /// As [`Memory::fits`], for work that cannot fail: it is left undone, and [`Memory::check`] tells of it.
    pub fn has_room(&self, bytes: usize) -> bool {
        let fits = self.fits(bytes).is_ok();
        if !fits {
            self.overdrawn.store(true, Ordering::Relaxed);
        }
        fits
    }

    /// Gives bytes back.
    pub fn release(&self, bytes: usize) {
        let _ = self.used.fetch_update(Ordering::Relaxed, Ordering::Relaxed, |used| Some(used.saturating_sub(bytes)));
    }

    /// Bytes in use.
    pub fn used(&self) -> usize {
        self.used.load(Ordering::Relaxed)
    }

    fn error(&self) -> Diagnostic {
        Diagnostic::error(Code::MEMORY, format!("the query needs more than {} MiB", self.limit / (1 << 20)))
            .help("Narrow the search, keep fewer fields with `fields`, or raise `--memory`.")
    }
}

/// So long the process counts as being as large as it was: to ask the system takes microseconds, which a thousand small queries
/// would spend on little else.
const FRESH: Duration = Duration::from_micros(200);

/// Bytes of memory that the process has; 0 where the system does not say.
fn resident() -> usize {
    static LAST: Mutex<Option<(Instant, usize)>> = Mutex::new(None);
    let mut last = LAST.lock().unwrap_or_else(|e| e.into_inner());
    match *last {
        Some((when, bytes)) if when.elapsed() < FRESH => bytes,
        _ => {
            let bytes = memory_stats::memory_stats().map_or(0, |m| m.physical_mem);
            // Who has that much goes on to have more.
            if bytes > pages::MUCH {
                pages::large();
            }
            *last = Some((Instant::now(), bytes));
            bytes
        }
    }
}

/// Rows between two looks at the token.
const PACE: usize = 4096;

/// Ends a query early: by the user, or by the clock.
#[derive(Clone, Debug, Default)]
pub struct Cancel {
    asked: Arc<AtomicBool>,
    clock: Option<Arc<Clock>>,
}

/// When a query has taken its time.
#[derive(Debug)]
struct Clock {
    /// Nanoseconds.
    allowed: u64,
    begun: Instant,
    /// Nanoseconds after that.
    end: AtomicU64,
    /// Somebody found it over, and may have left work undone: whatever is counted anew, it stays so.
    over: AtomicBool,
}

/// Nobody waits for longer; so much can be added once for each of many threads.
const FOREVER: u64 = 1 << 54;

impl Clock {
    fn new(allowed: Duration) -> Clock {
        let allowed = nanos(allowed).min(FOREVER);
        Clock { allowed, begun: Instant::now(), end: AtomicU64::new(allowed), over: AtomicBool::new(false) }
    }

    fn is_over(&self) -> bool {
        if nanos(self.begun.elapsed()) >= self.end.load(Ordering::Relaxed) {
            self.over.store(true, Ordering::Relaxed);
        }
        self.over.load(Ordering::Relaxed)
    }
}

fn nanos(time: Duration) -> u64 {
    time.as_nanos().try_into().unwrap_or(u64::MAX)
}

impl Cancel {
    /// The same token, with a time after which it runs out.
    pub fn within(self, allowed: Option<Duration>) -> Cancel {
        Cancel { clock: allowed.map(|allowed| Arc::new(Clock::new(allowed))), ..self }
    }

    /// Begins to count the time anew, of which so much is spent already.
    pub fn begin(&self, spent: Duration) {
        if let Some(clock) = &self.clock {
            clock.end.store(nanos(clock.begun.elapsed()) + clock.allowed.saturating_sub(nanos(spent)), Ordering::Relaxed);
        }
    }

    /// Something begins that has a time of its own, as long as this one's at most.
    pub fn pause(&self) {
        if let Some(clock) = &self.clock {
            clock.end.fetch_add(clock.allowed, Ordering::Relaxed);
        }
    }

    /// It has ended; so much of the time is not counted.
    pub fn resume(&self, uncounted: Duration) {
        if let Some(clock) = &self.clock {
            clock.end.fetch_sub(clock.allowed.saturating_sub(nanos(uncounted)), Ordering::Relaxed);
        }
    }

    /// Makes the token fresh again: for the next query of a shell.
    pub fn reset(&self) {
        self.asked.store(false, Ordering::Relaxed);
    }

    /// Asks the query to end.
    pub fn cancel(&self) {
        self.asked.store(true, Ordering::Relaxed);
    }

    /// The same for a loop over rows, which need not look at each of them.
    pub fn at(&self, row: usize) -> Result<(), Diagnostic> {
        if row.is_multiple_of(PACE) { self.check() } else { Ok(()) }
    }

    /// An error once the query is to end.
    pub fn check(&self) -> Result<(), Diagnostic> {
        if self.asked.load(Ordering::Relaxed) {
            return Err(Diagnostic::error(Code::CANCELLED, "the query was cancelled"));
        }
        if self.clock.as_ref().is_some_and(|clock| clock.is_over()) {
            return Err(Diagnostic::error(Code::TIMEOUT, "the query took longer than `--timeout` allows").help("Narrow the search, or raise `--timeout`."));
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn time_of_others_is_not_counted() {
        let minute = Duration::from_secs(60);
        let cancel = Cancel::default().within(Some(minute));
        assert!(cancel.check().is_ok());
        cancel.begin(minute / 2);
        assert!(cancel.check().is_ok());
        cancel.begin(minute);
        cancel.pause();
        assert!(cancel.check().is_ok());
        cancel.resume(minute / 2);
        assert!(cancel.check().is_ok());
        cancel.begin(minute);
        assert_eq!(cancel.check().unwrap_err().code, Code::TIMEOUT);
        // What was left undone stays so.
        cancel.begin(Duration::ZERO);
        assert!(cancel.check().is_err());
        let endless = Cancel::default().within(Some(Duration::MAX));
        for _ in 0..3 {
            endless.begin(Duration::ZERO);
            endless.pause();
            assert!(endless.check().is_ok());
        }
        assert!(Cancel::default().within(Some(Duration::ZERO)).check().is_err());
    }

    #[test]
    fn what_does_not_fit_is_not_taken() {
        let memory = Memory::new(1 << 30);
        let before = memory.used();
        assert!(!memory.takes(1 << 30) && !memory.takes(usize::MAX));
        assert_eq!(memory.used(), before);
        assert!(memory.takes(1000));
        assert_eq!(memory.used(), before + 1000);
    }
}
