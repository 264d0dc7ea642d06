//! The threads that share in the work of queries. They stay from one query to the next: one that waits is at work within microseconds, where a
//! new one may have to wait for the core of who called it, for milliseconds, and has to touch all of its memory for the first time.
//!
//! Whoever calls for help does the work as well, and all of it where nobody comes. A thread that helps calls nobody: so no one waits for
//! threads that wait themselves.

use rayon_core::{Scope, ThreadPool, ThreadPoolBuilder};
use std::sync::OnceLock;

/// Bytes of a thread's stack: as many as a main thread has.
const STACK: usize = 8 << 20;

/// All threads; `None` where none can be started, and for those that help themselves.
fn all() -> Option<&'static ThreadPool> {
    static ALL: OnceLock<Option<ThreadPool>> = OnceLock::new();
    let start = || {
        let cores = std::thread::available_parallelism().map_or(1, |n| n.get());
        // Who calls works too. Where the small tables of tests are asked, threads are to meet all the same.
        let threads = (cores - 1).max(if cfg!(debug_assertions) { 3 } else { 1 });
        let pool = ThreadPoolBuilder::new().num_threads(threads).stack_size(STACK).thread_name(|n| format!("worker {n}")).build().ok()?;
        // While this thread waits, they get to where they wait.
        pool.broadcast(|_| ());
        Some(pool)
    };
    if rayon_core::current_thread_index().is_some() { None } else { ALL.get_or_init(start).as_ref() }
}

/// Those who may be called while some work goes on.
pub struct Helpers<'a, 'scope>(Option<&'a Scope<'scope>>);

impl<'scope> Helpers<'_, 'scope> {
    /// Calls one to do this, if anyone is there.
    pub fn call(&self, work: impl FnOnce() + Send + 'scope) {
        if let Some(scope) = self.0 {
            scope.spawn(|_| work());
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

/// Calls one to do this, if anyone is there; nobody waits for it. It does not wait for anyone either, and does not panic.
pub fn call(work: impl FnOnce() + Send + 'static) -> bool {
    match all() {
        Some(pool) => {
            pool.spawn(work);
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
        assert_eq!((helped.into_inner(), alone.into_inner()), (4, 0));
    }
}
