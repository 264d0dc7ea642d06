//! What went wrong while reading, counted by file and kind, so that a million damaged lines are one sentence.

use crate::diagnostic::{Code, Diagnostic};
use std::collections::BTreeMap;
use std::sync::Arc;

/// A kind of trouble with input.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Kind {
    /// A record that is not of its file's format; kept as raw text.
    Damaged,
    /// A record longer than the limit; kept as pieces of raw text.
    TooLong,
    /// A row with more cells than the header has.
    Surplus,
    /// A row whose last cell begins with a quote that is never closed: all that follows went into it.
    OpenQuote,
    /// A compressed file that ends early or is damaged inside.
    Truncated,
    /// A block of an EVTX file that cannot be read.
    Block,
}

/// Counted warnings. Merging is commutative, so the result does not depend on which thread was first.
#[derive(Clone, Debug, Default)]
pub struct Warnings {
    /// By file and kind: how many, and the first place in bytes of the unpacked file.
    all: BTreeMap<(Arc<str>, Kind), (u64, u64)>,
}

impl Warnings {
    /// None yet.
    pub fn new() -> Warnings {
        Warnings::default()
    }

    /// Counts one, at a byte of the unpacked file.
    pub fn add(&mut self, file: &Arc<str>, kind: Kind, place: u64) {
        let (count, first) = self.all.entry((file.clone(), kind)).or_insert((0, place));
        *count += 1;
        *first = place.min(*first);
    }

    /// Adds those of another part of the work.
    pub fn merge(&mut self, other: Warnings) {
        for (key, (n, place)) in other.all {
            let (count, first) = self.all.entry(key).or_insert((0, place));
            *count += n;
            *first = place.min(*first);
        }
    }

    /// Nothing went wrong?
    pub fn is_empty(&self) -> bool {
        self.all.is_empty()
    }

    /// How many of a kind, over all files.
    pub fn count(&self, kind: Kind) -> u64 {
        self.all.iter().filter(|((_, k), _)| *k == kind).map(|(_, (n, _))| n).sum()
    }

    /// One diagnostic a file and kind, by file name.
    pub fn diagnostics(&self) -> Vec<Diagnostic> {
        self.all.iter().map(|((file, kind), (count, place))| diagnostic(file, *kind, *count, *place)).collect()
    }
}

fn diagnostic(file: &str, kind: Kind, count: u64, place: u64) -> Diagnostic {
    let many = |one: &str, more: &str| if count == 1 { format!("1 {one}") } else { format!("{count} {more}") };
    let (code, what) = match kind {
        Kind::Damaged => (Code::DAMAGED, many("event is damaged and kept as raw text", "events are damaged and kept as raw text")),
        Kind::TooLong => {
            (Code::DAMAGED, many("piece of a record that is too long is kept as raw text", "pieces of records that are too long are kept as raw text"))
        }
        Kind::Surplus => (
            Code::DAMAGED,
            many("row has more cells than the header; the rest is in _raw only", "rows have more cells than the header; the rest is in _raw only"),
        ),
        Kind::OpenQuote => (
            Code::DAMAGED,
            many("row has a quote that is never closed; what follows it is one cell", "rows have a quote that is never closed; what follows it is one cell"),
        ),
        Kind::Truncated => (Code::TRUNCATED, "the compressed data ends early or is damaged; the whole events before that are kept".to_string()),
        Kind::Block => (Code::DAMAGED, many("block or record cannot be read and is skipped", "blocks or records cannot be read and are skipped")),
    };
    Diagnostic::warning(code, format!("{file}: {what}")).help(format!("The first place is byte {place} of the unpacked file."))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn merging_in_any_order_says_the_same() {
        let file: Arc<str> = "a.xml".into();
        let (mut a, mut b) = (Warnings::new(), Warnings::new());
        a.add(&file, Kind::Damaged, 70);
        b.add(&file, Kind::Damaged, 7);
        b.add(&file, Kind::Truncated, 90);
        let (mut ab, mut ba) = (a.clone(), b.clone());
        ab.merge(b);
        ba.merge(a);
        assert_eq!(ab.diagnostics(), ba.diagnostics());
        assert_eq!(ab.diagnostics().len(), 2);
        assert!(ab.diagnostics()[0].to_string().contains("2 events") && ab.diagnostics()[0].to_string().contains("byte 7 "));
        assert_eq!((ab.count(Kind::Damaged), Warnings::new().is_empty()), (2, true));
    }
}
