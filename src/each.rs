//! Many small things, worked on by every core.

use std::sync::Mutex;
use std::thread::Builder;

/// Things that a thread takes at a time.
const BLOCK: usize = 16;
/// Bytes of a thread's stack: as many as a main thread has.
const STACK: usize = 8 << 20;

/// Does the same to each of the items; the results stand in their order. The calling thread works too; fewer than two blocks are its own.
pub fn each<T: Send, R: Send>(items: Vec<T>, threads: usize, work: impl Fn(T) -> R + Sync) -> Vec<R> {
    let threads = threads.min(items.len() / BLOCK);
    if threads < 2 {
        return items.into_iter().map(work).collect();
    }
    let open = Mutex::new(items.into_iter().enumerate());
    let take = || -> Vec<(usize, T)> { open.lock().map(|mut open| open.by_ref().take(BLOCK).collect()).unwrap_or_default() };
    let worker = || {
        let mut done = Vec::new();
        loop {
            let block = take();
            if block.is_empty() {
                return done;
            }
            done.extend(block.into_iter().map(|(place, item)| (place, work(item))));
        }
    };
    let mut done = std::thread::scope(|scope| {
        let others: Vec<_> = (1..threads).filter_map(|_| Builder::new().stack_size(STACK).spawn_scoped(scope, worker).ok()).collect();
        let mut done = worker();
        for other in others {
            match other.join() {
                Ok(more) => done.extend(more),
                Err(fault) => std::panic::resume_unwind(fault),
            }
        }
        done
    });
    done.sort_unstable_by_key(|(place, _)| *place);
    done.into_iter().map(|(_, result)| result).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

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
