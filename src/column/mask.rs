//! A bit set over the rows of a batch.

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
        let word = |items: &[T]| items.iter().enumerate().fold(0, |word, (bit, item)| word | u64::from(test(*item)) << bit);
        Mask { words: items.chunks(64).map(word).collect(), len: items.len() }
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
        self.words.iter().enumerate().flat_map(|(i, &word)| {
            let mut w = word;
            std::iter::from_fn(move || {
                let bit = (w != 0).then(|| w.trailing_zeros() as usize)?;
                w &= w - 1;
                Some(i * 64 + bit)
            })
        })
    }

    fn trim(&mut self) {
        let extra = self.words.len() * 64 - self.len;
        if let Some(last) = self.words.last_mut().filter(|_| extra > 0) {
            *last &= u64::MAX >> extra;
        }
    }
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
}
