//! What could hide a text from a search of the bytes.

use super::blocks::{self, LANES, Others};
use crate::input::Format;
use crate::machine::lanes;
use std::ops::Range;

/// The characters outside ASCII that fold into it.
const FOLDING: [&[u8]; 2] = ["ſ".as_bytes(), "\u{212a}".as_bytes()];

/// What could hide a text, by the two bytes with which it begins.
pub struct Hidden {
    /// Escapes of JSON, or comments and CDATA of XML, and the characters of [`FOLDING`].
    pub begins: Others,
}

impl Hidden {
    /// In a format.
    pub fn new(format: Format) -> Hidden {
        let ascii = match format {
            Format::Json => Some(*b"\\u"),
            Format::WindowsXml | Format::Evtx => Some(*b"<!"),
            Format::Csv { .. } | Format::Text => None,
        };
        Hidden { begins: Others { ascii, beyond: FOLDING.map(|c| c.first_chunk().copied().unwrap_or_default()) } }
    }

    /// Does what begins at this place hide a text? Of the escapes by number those do that stand for ASCII or fold into it.
    pub fn is_at(&self, bytes: &[u8], at: usize) -> bool {
        match bytes.get(at..).unwrap_or_default() {
            [b'\\', _, digits @ ..] => matches!(digits, [b'0', b'0' | b'1', ..] | [b'2', b'1', ..]),
            [b'<', ..] => true,
            rest => FOLDING.iter().any(|c| rest.starts_with(c)),
        }
    }

    /// Adds the places in a range at which something begins that hides a text; it may reach beyond the end of the range.
    pub fn places(&self, bytes: &[u8], range: Range<usize>, into: &mut Vec<usize>) {
        let (here, next) = blocks::windows(bytes, range.clone());
        let mut found = |at: usize| {
            if self.is_at(bytes, range.start + at) {
                into.push(range.start + at);
            }
        };
        blocks::others((here.as_chunks().0, next.as_chunks().0, &self.begins), &mut |block, bits| {
            lanes::bits(bits).for_each(|at| found(block * LANES + at));
        });
        self.begins.places((here, next), next.len() - next.len() % LANES).for_each(found);
    }
}
