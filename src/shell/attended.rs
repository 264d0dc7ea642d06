//! Work on a thread of its own, so that Ctrl-C gives the prompt back at once, whatever the work is doing.
//!
//! Work that is cancelled is left behind: it ends where it looks at its token next, and what it holds is freed there, which may take
//! longer than anyone waits. It writes through a [`Gate`] that is shut by then.

use super::session::plain;
use crate::diagnostic::{Code, Diagnostic};
use crate::engine::Failure;
use crate::operator::Cancel;
use crate::output::Gate;
use crossbeam_channel::{RecvTimeoutError, bounded};
use std::time::Duration;

/// How often Ctrl-C is looked for.
const LOOK: Duration = Duration::from_millis(10);
/// Bytes of the thread's stack: as many as a main thread has.
const STACK: usize = 8 << 20;

/// What work of one entry goes by.
#[derive(Clone, Debug, Default)]
pub struct Leave {
    /// Ends the work. Each entry has its own, so that what was left behind does not come to life again with the next one.
    pub cancel: Cancel,
    /// Before the work's output.
    pub gate: Gate,
}

/// Gives what the work gives, or the error of the interrupt, as soon as that is asked for.
pub fn attend<T: Send + 'static>(
    interrupt: &Cancel,
    leave: &Leave,
    work: impl FnOnce() -> Result<T, Box<Failure>> + Send + 'static,
) -> Result<T, Box<Failure>> {
    let (send, receive) = bounded(1);
    let started = std::thread::Builder::new().name("query".into()).stack_size(STACK).spawn(move || drop(send.send(work())));
    started.map_err(|e| plain(Diagnostic::error(Code::RUNTIME, format!("no thread can be started: {e}"))))?;
    loop {
        match receive.recv_timeout(LOOK) {
            Ok(done) => return done,
            Err(RecvTimeoutError::Disconnected) => {
                let error = Diagnostic::error(Code::RUNTIME, "the query's thread ended early; this is a bug in spl");
                return Err(plain(error.help("Please report it with the query.")));
            }
            Err(RecvTimeoutError::Timeout) => {
                if let Err(asked) = interrupt.check() {
                    leave.cancel.cancel();
                    leave.gate.shut();
                    return Err(plain(asked));
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::time::Instant;

    #[test]
    fn work_that_never_looks_is_left_behind() {
        let (interrupt, leave) = (Cancel::default(), Leave::default());
        let (asked, (end, ended)) = (interrupt.clone(), bounded::<()>(0));
        let started = Instant::now();
        let done = attend(&interrupt, &leave, move || {
            asked.cancel();
            // Ends with the test.
            let _ = ended.recv();
            Ok(())
        });
        let failure = done.unwrap_err();
        assert_eq!(failure.diagnostics.first().map(|d| d.code), Some(Code::CANCELLED));
        assert!(started.elapsed() < Duration::from_secs(1) && leave.cancel.check().is_err());
        drop(end);
    }

    #[test]
    fn work_that_ends_gives_its_result_and_a_crash_is_an_error() {
        let interrupt = Cancel::default();
        assert_eq!(attend(&interrupt, &Leave::default(), || Ok(42)).unwrap(), 42);
        let crashed = attend(&interrupt, &Leave::default(), || -> Result<(), _> { std::panic::resume_unwind(Box::new(())) });
        assert_eq!(crashed.unwrap_err().diagnostics.first().map(|d| d.code), Some(Code::RUNTIME));
    }
}
