//! Ceilings on values that functions run into, noted while a query runs and told at its end.

use crate::diagnostic::{Code, Diagnostic};
use crate::regex;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering::Relaxed};

/// What was cut or given up so far in one query, on whatever thread.
#[derive(Debug, Default)]
pub struct Ceilings {
    /// The values that a `list()` kept where there were more; 0 where none was cut.
    list: AtomicUsize,
    range: AtomicBool,
    regex: AtomicBool,
}

impl Ceilings {
    /// A `list()` left values out and kept so many.
    pub fn list_was_cut(&self, kept: usize) {
        self.list.store(kept, Relaxed);
    }

    /// An `mvrange()` was asked for more values than it makes.
    pub fn range_was_too_long(&self) {
        self.range.store(true, Relaxed);
    }

    /// Does a piece of the query's work and notes whether a regular expression was given up in it, on this thread.
    pub fn watch<T>(&self, work: impl FnOnce() -> T) -> T {
        let (done, given_up) = regex::giving_up(work);
        if given_up > 0 {
            self.regex.store(true, Relaxed);
        }
        done
    }

    /// A warning for each ceiling that was reached.
    pub fn warnings(&self) -> Vec<Diagnostic> {
        let warning = |message: String| Diagnostic::warning(Code::ROWS, message);
        let list = Some(self.list.load(Relaxed)).filter(|kept| *kept > 0);
        let list = list.map(|kept| {
            warning(format!("`list()` keeps {kept} values a group; there were more"))
                .help("`--ceiling list=0` keeps all; `values()` keeps every distinct value.")
        });
        let range = || warning("`mvrange()` makes a million values at most, and gives null where there would be more".into());
        let regex = || {
            warning(
                "a regular expression took too many steps on some text, or the text, or what was to be made of it, was too long; that counts as no match"
                    .into(),
            )
            .help("Nested quantifiers such as `(a+)+` beside look-around or back-references take such time: write it with one.")
        };
        let range = self.range.load(Relaxed).then(range);
        let regex = self.regex.load(Relaxed).then(regex);
        list.into_iter().chain(range).chain(regex).collect()
    }
}
