//! Many small things, or two larger ones, worked on by every core.

use crate::crew;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Mutex, MutexGuard};

/// Things that a thread takes at a time.
const BLOCK: usize = 16;

/// Does the same to each of the items; the results stand in their order. The calling thread works too; fewer than two blocks are its own.
pub fn each<T: Send, R: Send>(items: Vec<T>, threads: usize, work: impl Fn(T) -> R + Sync) -> Vec<R> {
    each_of(BLOCK, items, threads, work)
}

/// The same, where so many items are worth calling a thread.
pub fn each_of<T: Send, R: Send>(block: usize, items: Vec<T>, threads: usize, work: impl Fn(T) -> R + Sync) -> Vec<R> {
    let threads = threads.min(items.len() / block);
    if threads < 2 {
        return items.into_iter().map(work).collect();
    }
    let all = Mutex::new(Vec::with_capacity(items.len()));
    let open = Mutex::new(items.into_iter().enumerate());
    let worker = || {
        let mut done = Vec::new();
        loop {
            let some: Vec<(usize, T)> = lock(&open).by_ref().take(block).collect();
            if some.is_empty() {
                break lock(&all).append(&mut done);
            }
            done.extend(some.into_iter().map(|(place, item)| (place, work(item))));
        }
    };
    crew::share(|helpers| {
        (1..threads).for_each(|_| helpers.call(worker));
        worker();
    });
    let mut done = all.into_inner().unwrap_or_else(|e| e.into_inner());
    done.sort_unstable_by_key(|(place, _)| *place);
    done.into_iter().map(|(_, result)| result).collect()
}

/// Does two things, the second of them on another thread where one is free before the first is done.
pub fn both<A, B: Send>(threads: usize, here: impl FnOnce() -> A, there: impl Fn() -> B + Sync) -> (A, B) {
    if threads < 2 {
        return (here(), there());
    }
    let (begun, done) = (AtomicBool::new(false), Mutex::new(None));
    let first = crew::share(|helpers| {
        helpers.call(|| {
            if !begun.swap(true, Ordering::AcqRel) {
                *lock(&done) = Some(there());
            }
        });
        let first = here();
        begun.store(true, Ordering::Release);
        first
    });
    (first, done.into_inner().unwrap_or_else(|e| e.into_inner()).unwrap_or_else(there))
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(|e| e.into_inner())
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::atomic::AtomicUsize;

    #[test]
    fn two_things_are_done_once_each() {
        for threads in [1, 2] {
            let times = (AtomicUsize::new(0), AtomicUsize::new(0));
            let count = |times: &AtomicUsize| times.fetch_add(1, Ordering::Relaxed) + 1;
            assert_eq!(both(threads, || count(&times.0), || count(&times.1)), (1, 1));
        }
    }

    #[test]
    fn results_stand_in_the_order_of_the_items() {
        for items in [0, 1, BLOCK, 2 * BLOCK, 1000] {
            for threads in [0, 1, 2, 7] {
                let squares = each((0..items).collect(), threads, |n| n * n);
                assert_eq!(squares, (0..items).map(|n| n * n).collect::<Vec<_>>());
            }
        }
    }
}
