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
    /// A value may stand there with a backslash and a letter in place of a character.
    escapes: bool,
    /// There were more than are kept, or some that tell nothing.
    lost: bool,
}

impl Seams {
    /// Between values of JSON: no field has what `null` says, and strings have escapes.
    pub fn of_json() -> Seams {
        let mut seams = Seams { escapes: true, ..Seams::default() };
        seams.add_value("null");
        seams
    }

    /// Keeps a text that stands next to values.
    pub fn add(&mut self, text: &[u8]) {
        match (std::str::from_utf8(text), text.first(), text.last()) {
            (Ok(text), Some(first), Some(last)) if first.is_ascii() && last.is_ascii() => {
                self.edges |= edge(*first) | edge(*last);
                self.add_value(text);
            }
            _ => self.lose(),
        }
    }

    /// Keeps a value that is in no field: it stands between seams like any other, so that none of its characters is an edge.
    fn add_value(&mut self, text: &str) {
        if self.lost || self.texts.contains(text) {
            return;
        }
        self.bytes += text.len();
        self.texts.insert(text.into());
        if self.bytes > BYTES {
            self.lose();
        }
    }

    fn lose(&mut self) {
        (self.lost, self.texts) = (true, HashSet::default());
    }

    /// Takes in those of others, if there are any.
    pub fn merge(&mut self, others: &Seams) {
        if others.edges == 0 && !others.lost {
            return;
        }
        self.escapes |= others.escapes;
        self.edges |= others.edges;
        others.texts.iter().for_each(|text| self.add_value(text));
        if others.lost {
            self.lose();
        }
    }

    /// Are some of them not known?
    pub fn are_lost(&self) -> bool {
        self.lost
    }

    /// May values stand there with a backslash and a letter in place of a character?
    pub fn have_escapes(&self) -> bool {
        self.escapes
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
