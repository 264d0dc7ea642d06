//! The threads that share in the work of queries. They stay from one query to the next: one that waits is at work within microseconds, where a
//! new one may have to wait for the core of who called it, for milliseconds, and has to touch all of its memory for the first time.
//!
//! Whoever calls for help does the work as well, and all of it where nobody is free: nobody waits for a thread that is still at work for a
//! query that was left behind. A thread that helps calls nobody.

use rayon_core::{Scope, ThreadPool, ThreadPoolBuilder};
use std::cell::Cell;
use std::sync::OnceLock;
use std::sync::atomic::{AtomicUsize, Ordering};

/// Bytes of a thread's stack: as many as a main thread has.
const STACK: usize = 8 << 20;

/// Threads that nobody has called.
static FREE: AtomicUsize = AtomicUsize::new(0);

/// One of them, called, until it is done.
struct Called;

impl Called {
    fn one() -> Option<Called> {
        FREE.fetch_update(Ordering::AcqRel, Ordering::Acquire, |free| free.checked_sub(1)).ok().map(|_| Called)
    }
}

impl Drop for Called {
    fn drop(&mut self) {
        FREE.fetch_add(1, Ordering::AcqRel);
    }
}

thread_local! {
    /// This thread does a part of what others have other parts of.
    static ENGAGED: Cell<bool> = const { Cell::new(false) };
}

/// Does work in which nobody is called: it is one of many pieces for every core, and its time is counted as one thread's.
pub fn engaged<R>(work: impl FnOnce() -> R) -> R {
    struct Before(bool);
    impl Drop for Before {
        fn drop(&mut self) {
            ENGAGED.set(self.0);
        }
    }
    let _before = Before(ENGAGED.replace(true));
    work()
}

/// All threads; `None` where none can be started, and on one of them: who helps calls nobody.
fn all() -> Option<&'static ThreadPool> {
    static ALL: OnceLock<Option<ThreadPool>> = OnceLock::new();
    let start = || {
        let cores = std::thread::available_parallelism().map_or(1, |n| n.get());
        // Who calls works too. Where the small tables of tests are asked, threads are to meet all the same.
        let threads = (cores - 1).max(if cfg!(debug_assertions) { 3 } else { 1 });
        let pool = ThreadPoolBuilder::new().num_threads(threads).stack_size(STACK).thread_name(|n| format!("worker {n}")).build().ok()?;
        // While this thread waits, they get to where they wait.
        pool.broadcast(|_| ());
        FREE.store(threads, Ordering::Release);
        Some(pool)
    };
    if ENGAGED.get() || rayon_core::current_thread_index().is_some() { None } else { ALL.get_or_init(start).as_ref() }
}

/// How many could be called at this moment.
pub fn free() -> usize {
    all().map_or(0, |_| FREE.load(Ordering::Acquire))
}

/// Which core this thread is on.
#[cfg(target_os = "linux")]
fn core() -> usize {
    rustix::thread::sched_getcpu()
}

/// Goes to another core than this one, where there is one. Linux may let who is called share the core of the caller although others idle: on a
/// virtual machine it takes a core for busy that the host has put to sleep, and moves nobody for milliseconds.
#[cfg(target_os = "linux")]
fn leave(core: usize) {
    use rustix::thread::{sched_getaffinity, sched_getcpu, sched_setaffinity};
    if sched_getcpu() != core {
        return;
    }
    if let Ok(all) = sched_getaffinity(None)
        && all.count() > 1
    {
        let mut others = all;
        others.unset(core);
        // Once it is elsewhere, it may go where it likes.
        let _ = sched_setaffinity(None, &others);
        let _ = sched_setaffinity(None, &all);
    }
}

/// Lets who was called onto this core for a moment, where the system put them here: they go to another one by themselves.
#[cfg(target_os = "linux")]
fn give_way() {
    std::thread::yield_now();
}

#[cfg(not(target_os = "linux"))]
fn give_way() {}

#[cfg(not(target_os = "linux"))]
fn core() -> usize {
    0
}

#[cfg(not(target_os = "linux"))]
fn leave(_: usize) {}

/// The work of one who was called, away from the core of who calls now.
fn apart(called: Called, work: impl FnOnce()) -> impl FnOnce() {
    let here = core();
    move || {
        let _called = called;
        leave(here);
        work();
    }
}

/// Those who may be called while some work goes on.
pub struct Helpers<'a, 'scope>(Option<&'a Scope<'scope>>);

impl<'scope> Helpers<'_, 'scope> {
    /// Calls one to do this, if anyone is free.
    pub fn call(&self, work: impl FnOnce() + Send + 'scope) {
        if let Some((scope, called)) = self.0.zip(Called::one()) {
            let work = apart(called, work);
            scope.spawn(|_| work());
            give_way();
        }
    }
}

/// Does work here, for which others may be called; it ends when they have ended. A panic of theirs goes on here.
pub fn share<'scope, R>(work: impl FnOnce(&Helpers<'_, 'scope>) -> R) -> R {
    match all() {
        Some(pool) => pool.in_place_scope(|scope| work(&Helpers(Some(scope)))),
        None => work(&Helpers(None)),
    }
}

/// Calls one to do this, if anyone is free; nobody waits for it. It does not panic.
pub fn call(work: impl FnOnce() + Send + 'static) -> bool {
    match all().zip(Called::one()) {
        Some((pool, called)) => {
            pool.spawn(apart(called, work));
            give_way();
            true
        }
        None => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::atomic::{AtomicUsize, Ordering};

    #[test]
    fn those_who_help_call_nobody() {
        let (helped, alone) = (AtomicUsize::new(0), AtomicUsize::new(0));
        share(|helpers| {
            for _ in 0..4 {
                helpers.call(|| {
                    helped.fetch_add(1, Ordering::Relaxed);
                    share(|helpers| helpers.call(|| _ = alone.fetch_add(1, Ordering::Relaxed)));
                });
            }
        });
        assert!(helped.into_inner() <= 4);
        assert_eq!(alone.into_inner(), 0);
    }

    #[test]
    fn nobody_is_called_within_a_piece_of_work() {
        let called = AtomicUsize::new(0);
        engaged(|| {
            engaged(|| ());
            assert_eq!(free(), 0);
            share(|helpers| helpers.call(|| _ = called.fetch_add(1, Ordering::Relaxed)));
        });
        assert_eq!(called.into_inner(), 0);
    }

    #[test]
    fn nobody_waits_for_those_who_are_at_work() {
        let (end, ended) = crossbeam_channel::bounded::<()>(0);
        // All that other tests leave free.
        while call({
            let ended = ended.clone();
            move || _ = ended.recv()
        }) {}
        let here = share(|helpers| {
            (0..4).for_each(|_| helpers.call(|| ()));
            std::thread::current().id()
        });
        assert_eq!(here, std::thread::current().id());
        drop(end);
    }
}
