//! A fault of the program itself, or of a crate that it uses: one message and an exit code of its own, no dump.

use crate::diagnostic::{Code, Diagnostic};
use std::panic::{AssertUnwindSafe, PanicHookInfo, catch_unwind, set_hook};
use std::sync::atomic::{AtomicBool, Ordering};

/// Was a fault met since the work that is guarded began, on whatever thread?
static MET: AtomicBool = AtomicBool::new(false);

/// Lets a panic on any thread be one message, in place of the dump that the runtime would print.
pub fn install(say: impl Fn(&Diagnostic) + Send + Sync + 'static) {
    set_hook(Box::new(move |info| {
        if !MET.swap(true, Ordering::SeqCst) {
            say(&diagnostic(info));
        }
    }));
}

/// Does work; `None` where it met a fault, which is told by then. Rows that a thread did not live to give may lack.
pub fn guarded<T>(work: impl FnOnce() -> T) -> Option<T> {
    MET.store(false, Ordering::SeqCst);
    let done = catch_unwind(AssertUnwindSafe(work)).ok();
    let met = MET.swap(false, Ordering::SeqCst);
    done.filter(|_| !met)
}

/// Was one met, and told, in the work that is guarded now? What fails for it needs no message of its own.
pub fn met() -> bool {
    MET.load(Ordering::SeqCst)
}

fn diagnostic(info: &PanicHookInfo<'_>) -> Diagnostic {
    let what = info.payload_as_str().unwrap_or("no reason is given").lines().next().unwrap_or_default();
    let place = info.location().map(|l| format!(" ({}:{})", l.file(), l.line())).unwrap_or_default();
    Diagnostic::error(Code::FAULT, format!("internal error: {what}{place}"))
        .help("This is a fault of spl, not of the query or the data; please report it with both.")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_fault_is_caught_and_work_without_one_goes_through() {
        assert_eq!(guarded(|| 1), Some(1));
        assert_eq!(guarded(|| -> u8 { std::panic::resume_unwind(Box::new("a fault")) }), None);
        assert_eq!(guarded(|| 2), Some(2));
    }
}
