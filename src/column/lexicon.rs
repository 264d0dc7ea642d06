//! Distinct texts, each with a number.

use super::growth::growth;
use foldhash::fast::RandomState;
use hashbrown::HashTable;
use std::hash::BuildHasher;
use std::sync::LazyLock;

/// One for all, so that what was worked out of a text in one lexicon holds in another.
static HASHER: LazyLock<RandomState> = LazyLock::new(RandomState::default);

/// Distinct texts, numbered as they come. They stand one behind the other in a few blocks, which never move.
#[derive(Clone, Debug, Default)]
pub struct Lexicon {
    blocks: Vec<String>,
    places: Vec<Place>,
    hashes: Vec<u32>,
    numbers: HashTable<u32>,
    /// Bytes of the blocks.
    room: usize,
}

/// Where a text stands.
#[derive(Clone, Copy, Debug)]
struct Place {
    block: u32,
    start: u32,
    length: u32,
}

/// Bytes of the first block, and of the largest one that is not made for a single text. Each is as long as all before it.
const BLOCK: usize = 4 << 10;
const LARGEST: usize = 1 << 20;

impl Lexicon {
    /// Texts so far.
    pub fn len(&self) -> usize {
        self.places.len()
    }

    /// No texts yet?
    pub fn is_empty(&self) -> bool {
        self.places.is_empty()
    }

    /// The text with this number.
    #[inline]
    pub fn get(&self, number: usize) -> Option<&str> {
        let place = self.places.get(number)?;
        let start = place.start as usize;
        self.blocks.get(place.block as usize)?.get(start..start + place.length as usize)
    }

    /// All texts, by number.
    pub fn iter(&self) -> impl Iterator<Item = &str> {
        (0..self.len()).map_while(|number| self.get(number))
    }

    /// The number of a text that is there.
    pub fn find(&self, text: &str) -> Option<u32> {
        self.look(text, hash(text))
    }

    /// The number of a text, which may be a new one.
    #[inline]
    pub fn number(&mut self, text: &str) -> u32 {
        let hash = hash(text);
        self.look(text, hash).unwrap_or_else(|| self.add(text, hash))
    }

    /// The number here of a text of another lexicon.
    pub fn number_of(&mut self, other: &Lexicon, number: usize) -> u32 {
        let (text, hash) = (other.get(number).unwrap_or_default(), other.hashes.get(number).copied().unwrap_or_default());
        self.look(text, hash).unwrap_or_else(|| self.add(text, hash))
    }

    /// A new number for a text, which may have one already. It is not found by its text.
    pub fn append(&mut self, text: &str) -> u32 {
        self.keep(text, hash(text))
    }

    /// Gives a number to what is no text.
    pub fn skip(&mut self) -> u32 {
        self.keep("", 0)
    }

    #[inline]
    fn look(&self, text: &str, hash: u32) -> Option<u32> {
        self.numbers.find(spread(hash), |number| self.get(*number as usize) == Some(text)).copied()
    }

    fn add(&mut self, text: &str, hash: u32) -> u32 {
        let number = self.keep(text, hash);
        self.numbers.insert_unique(spread(hash), number, |number| spread(self.hashes.get(*number as usize).copied().unwrap_or_default()));
        number
    }

    fn keep(&mut self, text: &str, hash: u32) -> u32 {
        if self.blocks.last().is_none_or(|block| block.capacity() - block.len() < text.len()) {
            let block = String::with_capacity(self.room.clamp(BLOCK, LARGEST).max(text.len()));
            self.room += block.capacity();
            self.blocks.push(block);
        }
        let block = self.blocks.len() - 1;
        let start = self.blocks.last_mut().map_or(0, |block| {
            block.push_str(text);
            block.len() - text.len()
        });
        self.places.push(Place { block: block as u32, start: start as u32, length: text.len() as u32 });
        self.hashes.push(hash);
        self.len() as u32 - 1
    }

    /// Bytes that are needed while it grows by so many texts, their own aside.
    pub fn growth(&self, more: usize) -> usize {
        let places = growth(self.len(), self.places.capacity(), more, size_of::<Place>() + 4);
        places + growth(self.numbers.len(), self.numbers.capacity(), more, 5)
    }

    /// Bytes held.
    pub fn bytes(&self) -> usize {
        self.room + self.places.capacity() * size_of::<Place>() + self.hashes.capacity() * 4 + self.numbers.allocation_size()
    }
}

/// What is kept of the hash of a text.
#[inline]
fn hash(text: &str) -> u32 {
    (HASHER.hash_one(text) >> 32) as u32
}

/// The same as a word that is good at both ends, as a table wants it.
#[inline]
fn spread(hash: u32) -> u64 {
    u64::from(hash).wrapping_mul(0x9e37_79b9_7f4a_7c15)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn texts_have_one_number_each() {
        let mut all = Lexicon::default();
        let texts: Vec<String> = (0..1000).map(|i| format!("{i}")).chain([String::new(), "é".into(), "long ".repeat(1000)]).collect();
        for _ in 0..2 {
            for (i, text) in texts.iter().enumerate() {
                assert_eq!(all.number(text), i as u32);
            }
        }
        assert!(all.iter().eq(texts.iter()));
        assert_eq!((all.len(), all.find("7"), all.find("x"), all.get(1003)), (1003, Some(7), None, None));
        let mut other = Lexicon::default();
        assert_eq!((other.number("é"), other.skip(), other.number("new")), (0, 1, 2));
        assert_eq!((other.get(1), other.find("")), (Some(""), None));
        assert_eq!((all.number_of(&other, 0), all.number_of(&other, 2)), (1001, 1003));
    }

    #[test]
    fn texts_never_move_and_need_their_room_once() {
        let mut all = Lexicon::default();
        let first = all.number("first");
        let place = |all: &Lexicon| all.get(first as usize).map(|text| text.as_ptr());
        let before = place(&all);
        (0..20_000).for_each(|i| _ = all.number(&format!("{i:0500}")));
        assert_eq!(place(&all), before);
        assert!((10_000_000..11_500_000).contains(&all.room) && all.bytes() < 13_000_000, "{} {}", all.room, all.bytes());
    }
}
