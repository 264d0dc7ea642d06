//! The texts between the values of records that were followed: with the values they are all that such a record consists of.

use hashbrown::HashSet;

/// Bytes of all texts at most.
const BYTES: usize = 4 << 20;

/// Distinct texts that stand between values, before the first one or behind the last one. They are never forgotten.
#[derive(Clone, Debug, Default)]
pub struct Seams {
    texts: HashSet<Box<str>, foldhash::fast::RandomState>,
    /// The ASCII characters that stand next to values.
    edges: u128,
    bytes: usize,
    /// There were more than are kept, or some that tell nothing.
    lost: bool,
}

impl Seams {
    /// Keeps a text that stands next to values.
    pub fn add(&mut self, text: &[u8]) {
        match (std::str::from_utf8(text), text.first(), text.last()) {
            (Ok(text), Some(first), Some(last)) if first.is_ascii() && last.is_ascii() => {
                self.edges |= edge(*first) | edge(*last);
                self.keep(text);
            }
            _ => self.lost = true,
        }
    }

    /// The same of a text that stands in the place of values.
    pub fn keep(&mut self, text: &str) {
        if self.lost || self.texts.contains(text) {
            return;
        }
        self.bytes += text.len();
        self.lost = self.bytes > BYTES;
        self.texts.insert(text.into());
    }

    /// Takes in those of others.
    pub fn merge(&mut self, others: &Seams) {
        others.texts.iter().for_each(|text| self.keep(text));
        self.edges |= others.edges;
        self.lost |= others.lost;
    }

    /// Are some of them not known?
    pub fn are_lost(&self) -> bool {
        self.lost
    }

    /// All of them, sorted.
    pub fn texts(&self) -> Vec<&str> {
        let mut texts: Vec<&str> = self.texts.iter().map(AsRef::as_ref).collect();
        texts.sort_unstable();
        texts
    }

    /// Could a text of ASCII characters begin in a value and end outside, or the other way round?
    pub fn may_cut(&self, text: &str) -> bool {
        text.bytes().any(|b| self.edges & edge(b) != 0)
    }
}

/// The bit of a character of ASCII, letters of either case as one.
fn edge(byte: u8) -> u128 {
    1u128.checked_shl(byte.to_ascii_lowercase().into()).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn seams_tell_what_may_stand_across_them() {
        let mut seams = Seams::default();
        ["<a>", "<a>", "</a> Z"].iter().for_each(|text| seams.add(text.as_bytes()));
        assert_eq!(seams.texts(), ["</a> Z", "<a>"]);
        assert_eq!(["bc/", "x<y", "z", ">", "é"].map(|text| seams.may_cut(text)), [false, true, true, true, false]);
        let mut others = Seams::default();
        others.add(b"\"");
        seams.merge(&others);
        assert!(seams.may_cut("\"") && !seams.are_lost());
        others.add("é".as_bytes());
        seams.merge(&others);
        assert!(seams.are_lost());
        let mut many = Seams::default();
        many.add(&vec![b'x'; BYTES + 1]);
        assert!(many.are_lost());
    }
}
