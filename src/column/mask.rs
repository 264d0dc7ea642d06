//! A bit set over the rows of a batch.

use crate::machine::lanes::{self, Lanes, WORD, Work};

/// Of 64 rows fewer are tested one by one.
const FEW: u32 = 16;

/// Which rows of a batch are meant: one bit a row.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Mask {
    words: Vec<u64>,
    len: usize,
}

impl Mask {
    /// A mask of `len` rows, all set or all clear.
    pub fn new(len: usize, set: bool) -> Mask {
        let mut mask = Mask { words: vec![if set { u64::MAX } else { 0 }; len.div_ceil(64)], len };
        mask.trim();
        mask
    }

    /// A mask by a test on each row number.
    pub fn from_fn(len: usize, mut test: impl FnMut(usize) -> bool) -> Mask {
        let mut mask = Mask::new(len, false);
        for (w, word) in mask.words.iter_mut().enumerate() {
            let base = w * 64;
            for bit in 0..64.min(len - base) {
                *word |= u64::from(test(base + bit)) << bit;
            }
        }
        mask
    }

    /// A mask by a test on each item.
    pub fn of<T: Copy>(items: &[T], test: impl Fn(T) -> bool) -> Mask {
        Mask { words: items.chunks(64).map(|items| word_of(items, &test)).collect(), len: items.len() }
    }

    /// Those of its rows whose item passes a test. Items of other rows are not looked at, where that is most of them.
    pub fn among<T: Copy>(&self, items: &[T], test: impl Fn(T) -> bool) -> Mask {
        let word = |(items, set): (&[T], &u64)| match *set {
            0 => 0,
            set if set.count_ones() < FEW => {
                lanes::bits(set).filter(|bit| items.get(*bit).is_some_and(|item| test(*item))).fold(0, |word, bit| word | 1 << bit)
            }
            set => set & word_of(items, &test),
        };
        Mask { words: items.chunks(64).zip(&self.words).map(word).collect(), len: items.len() }
    }

    /// The rows whose number is one of a few.
    pub fn any_of(numbers: &[u32], few: &[u32]) -> Mask {
        Mask { words: lanes::run(AnyOf { numbers, few }), len: numbers.len() }
    }

    /// Rows in all.
    pub fn len(&self) -> usize {
        self.len
    }

    /// No rows at all?
    pub fn is_empty(&self) -> bool {
        self.len == 0
    }

    /// Is this row set? Rows past the end are not.
    pub fn get(&self, row: usize) -> bool {
        self.words.get(row / 64).is_some_and(|w| w >> (row % 64) & 1 == 1)
    }

    /// Sets or clears one row.
    pub fn set(&mut self, row: usize, on: bool) {
        if row >= self.len {
            return;
        }
        if let Some(w) = self.words.get_mut(row / 64) {
            *w = *w & !(1 << (row % 64)) | u64::from(on) << (row % 64);
        }
    }

    /// How many rows are set.
    pub fn count(&self) -> usize {
        self.words.iter().map(|w| w.count_ones() as usize).sum()
    }

    /// Are hardly any rows set, most words of them empty?
    pub fn is_sparse(&self) -> bool {
        self.words.iter().filter(|w| **w != 0).count() * 8 <= self.words.len()
    }

    /// Are all rows set?
    pub fn all(&self) -> bool {
        self.count() == self.len
    }

    /// Is no row set?
    pub fn none(&self) -> bool {
        self.words.iter().all(|w| *w == 0)
    }

    /// Keeps the rows that both have.
    pub fn and(&mut self, other: &Mask) {
        self.words.iter_mut().zip(&other.words).for_each(|(a, b)| *a &= b);
    }

    /// Keeps the rows that either has.
    pub fn or(&mut self, other: &Mask) {
        self.words.iter_mut().zip(&other.words).for_each(|(a, b)| *a |= b);
    }

    /// Turns every row over.
    pub fn invert(&mut self) {
        self.words.iter_mut().for_each(|w| *w = !*w);
        self.trim();
    }

    /// The rows that are set, ascending.
    pub fn rows(&self) -> impl Iterator<Item = usize> + '_ {
        self.words.iter().enumerate().flat_map(|(i, &word)| lanes::bits(word).map(move |bit| i * 64 + bit))
    }

    fn trim(&mut self) {
        let extra = self.words.len() * 64 - self.len;
        if let Some(last) = self.words.last_mut().filter(|_| extra > 0) {
            *last &= u64::MAX >> extra;
        }
    }
}

/// For each word of rows those whose number is one of a few.
struct AnyOf<'a> {
    numbers: &'a [u32],
    few: &'a [u32],
}

impl Work for AnyOf<'_> {
    type Answer = Vec<u64>;

    #[inline(always)]
    fn run<L: Lanes>(self, lanes: L) -> Vec<u64> {
        let (words, rest) = self.numbers.as_chunks::<WORD>();
        let mut all = Vec::with_capacity(words.len() + 1);
        all.extend(words.iter().map(|word| self.few.iter().fold(0, |bits, number| bits | lanes.find_code(word, *number))));
        if !rest.is_empty() {
            all.push(word_of(rest, &|n| self.few.contains(&n)));
        }
        all
    }
}

/// A bit for each of up to 64 items.
fn word_of<T: Copy>(items: &[T], test: &impl Fn(T) -> bool) -> u64 {
    items.iter().enumerate().fold(0, |word, (bit, item)| word | u64::from(test(*item)) << bit)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn counts_inverts_and_lists() {
        let mut m = Mask::from_fn(70, |i| i % 3 == 0);
        assert_eq!(m.count(), 24);
        m.invert();
        assert_eq!(m.count(), 46);
        assert_eq!(m.rows().take(3).collect::<Vec<_>>(), [1, 2, 4]);
        assert!(Mask::new(70, true).all() && Mask::new(0, true).none());
        assert!(!m.get(700));
        assert_eq!(Mask::of(&(0..70).collect::<Vec<usize>>(), |i| m.get(i)), m);
    }

    #[test]
    fn items_are_tested_among_some_rows() {
        let items: Vec<u32> = (0..1000).map(|i| i % 7).collect();
        for every in [1, 2, 40, 999] {
            let among = Mask::from_fn(items.len(), |i| i % every == 0);
            assert_eq!(among.among(&items, |n| n == 3), Mask::from_fn(items.len(), |i| i % every == 0 && i % 7 == 3), "{every}");
        }
        for len in [0, 1, 8, 63, 64, 65, 1000] {
            assert_eq!(Mask::any_of(&items[..len], &[3]), Mask::from_fn(len, |i| i % 7 == 3), "{len}");
            assert_eq!(Mask::any_of(&items[..len], &[6, 0, 9]), Mask::from_fn(len, |i| matches!(i % 7, 0 | 6)), "{len}");
        }
    }
}
