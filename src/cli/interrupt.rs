//! Ctrl-C: the first one asks the query to end, the second one ends the program.

use super::exit::INTERRUPTED;
use crate::operator::Cancel;
use std::sync::atomic::{AtomicBool, Ordering};

/// Lets Ctrl-C cancel the queries of this token.
pub fn install(cancel: &Cancel) {
    let (cancel, asked) = (cancel.clone(), AtomicBool::new(false));
    // Without a handler Ctrl-C ends the program at once, which is good enough.
    let _ = ctrlc::set_handler(move || {
        if asked.swap(true, Ordering::SeqCst) {
            std::process::exit(i32::from(INTERRUPTED));
        }
        cancel.cancel();
    });
}
