//! Marks: the places at which values can end, found in one sweep before records are followed.
//!
//! Where the next mark is does not depend on what stands before it, so that a processor looks at many values of a record at once. In
//! XML every `<` is a mark; in JSON every `"` that no backslash escapes, and every line break, which no string goes over.

use crate::machine::lanes::{self, Lanes, WORD, Work};

/// Bytes that are looked at together: they stay near until the records in them are followed.
const SWEEP: usize = 16 << 10;

/// How far ahead of a sweep bytes are asked for.
const AHEAD: usize = 4 << 10;

/// And how far ahead of the records that are followed, as they may not even be near: the processor brings them meanwhile.
const FETCH: usize = 32 << 10;

/// Bytes that come at once.
const LINE: usize = 64;

/// Marks of one record at most: those of a longer one would fill the memory.
const MOST: usize = 1 << 17;

/// What has marks.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Language {
    #[default]
    Xml,
    Json,
}

/// The marks of a part of a text.
#[derive(Debug, Default)]
pub struct Marks {
    language: Language,
    /// The marks come first; what follows is room.
    places: Vec<u32>,
    count: usize,
    /// The first one that was not passed by.
    next: usize,
    /// The bytes whose marks are known.
    from: usize,
    to: usize,
    /// No string that the marks know of begins before.
    origin: usize,
    /// So far bytes were asked for.
    fetched: usize,
}

impl Marks {
    /// None are known.
    pub fn new(language: Language) -> Marks {
        Marks { language, ..Marks::default() }
    }

    /// Forgets those of a text that is no more.
    pub fn clear(&mut self) {
        (self.count, self.next, self.from, self.to, self.origin, self.fetched) = (0, 0, 0, 0, 0, 0);
    }

    /// Passes by so many marks: those of a record that ends at a place.
    #[inline(always)]
    pub fn pass(&mut self, lanes: impl Lanes, bytes: &[u8], marks: usize, end: usize) {
        self.next += marks;
        self.from = end;
        // Little at a time: who asks for much at once waits for it.
        self.fetched = self.fetched.max(end);
        while self.fetched < end + FETCH {
            lanes.fetch_early(bytes, self.fetched);
            self.fetched += LINE;
        }
    }

    /// Makes the marks from a record's start on known, at least to a place or the end of the text, unless there are far too many. Tells
    /// whether more are known than before.
    pub fn cover(&mut self, bytes: &[u8], start: usize, end: usize) -> bool {
        if start < self.from || start > self.to {
            (self.count, self.next, self.from, self.to, self.origin) = (0, 0, start, start, start);
        }
        while self.known().first().is_some_and(|place| (*place as usize) < start) {
            self.next += 1;
        }
        let before = self.to;
        while self.to < end.min(bytes.len()) && self.known().len() < MOST {
            self.places.copy_within(self.next.min(self.count)..self.count, 0);
            self.count -= self.next.min(self.count);
            (self.next, self.from) = (0, start);
            let reach = self.to.saturating_add(SWEEP).min(bytes.len());
            self.places.resize(self.places.len().max(self.count + SWEEP + WORD), 0);
            lanes::run(Sweep { marks: self, bytes, reach });
        }
        self.to > before
    }

    /// The marks at and behind the last start that was covered, as far as they are known.
    #[inline(always)]
    pub fn known(&self) -> &[u32] {
        self.places.get(self.next..self.count).unwrap_or_default()
    }

    /// How many bytes behind the start of a record its marks are known.
    pub fn reach(&self, start: usize) -> usize {
        self.to.saturating_sub(start)
    }

    /// How many marks stand in what lies between two values.
    pub fn count(language: Language, text: &[u8]) -> usize {
        match language {
            Language::Xml => memchr::memchr_iter(b'<', text).count(),
            Language::Json => {
                let mut escaped = false;
                let is_mark = |b: &&u8| {
                    let mark = **b == b'\n' || **b == b'"' && !escaped;
                    escaped = **b == b'\\' && !escaped;
                    mark
                };
                text.iter().filter(is_mark).count()
            }
        }
    }
}

/// Finds the marks up to a place.
struct Sweep<'a> {
    marks: &'a mut Marks,
    bytes: &'a [u8],
    reach: usize,
}

impl Work for Sweep<'_> {
    type Answer = ();

    #[inline(always)]
    fn run<L: Lanes>(self, lanes: L) {
        let Sweep { marks, bytes, reach } = self;

        match marks.language {
            Language::Xml => marks.add::<L, false>(lanes, bytes, reach),
            Language::Json => marks.add::<L, true>(lanes, bytes, reach),
        }
        marks.to = reach;
    }
}

impl Marks {
    /// Adds those of the bytes that come next.
    #[inline(always)]
    fn add<L: Lanes, const JSON: bool>(&mut self, lanes: L, bytes: &[u8], reach: usize) {
        let (Some(next), Some(known)) = (bytes.get(self.to..reach), bytes.get(self.origin..)) else { return };
        let (mut at, mut count) = (self.to - self.origin, self.count);
        // Does a backslash stand right before?
        let mut backslash = u64::from(known.get(at.wrapping_sub(1)) == Some(&b'\\'));
        let (words, last) = next.as_chunks::<WORD>();
        let mut rest = [0; WORD];
        rest.iter_mut().zip(last).for_each(|(r, l)| *r = *l);
        for word in words.iter().chain((!last.is_empty()).then_some(&rest)) {
            lanes.fetch(known, at + AHEAD);
            let bits = if JSON { of_json(lanes, word, &mut backslash, (known, at)) } else { lanes.find(word, b'<') };
            let Some(room) = self.places.get_mut(count..).and_then(|p| p.first_chunk_mut::<WORD>()) else { break };
            lanes.places(bits, (self.origin + at) as u32, room);
            count += bits.count_ones() as usize;
            at += WORD;
        }
        self.count = count;
    }
}

/// The line breaks and quotes of a word at a place, but for quotes that a backslash escapes.
#[inline(always)]
fn of_json(lanes: impl Lanes, word: &[u8; WORD], backslash: &mut u64, at: (&[u8], usize)) -> u64 {
    let (mut quotes, backslashes, breaks) = (lanes.find(word, b'"'), lanes.find(word, b'\\'), lanes.find(word, b'\n'));
    // Paths are full of backslashes, but hardly any stands before a quote.
    let suspects = quotes & (backslashes << 1 | *backslash);
    if suspects != 0 {
        quotes &= !escaped(suspects, at);
    }
    *backslash = backslashes >> (WORD - 1);
    quotes | breaks
}

/// Those of some quotes that a backslash escapes: an odd number of them stands before it. The quotes are bits of the word at a place.
#[cold]
#[inline(never)]
fn escaped(mut quotes: u64, (bytes, place): (&[u8], usize)) -> u64 {
    let mut all = 0;
    while quotes != 0 {
        let quote = quotes.trailing_zeros();
        let before = bytes.get(..place + quote as usize).unwrap_or_default();
        let odd = before.iter().rev().take_while(|b| **b == b'\\').count() % 2;
        all |= (odd as u64) << quote;
        quotes &= quotes - 1;
    }
    all
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// The marks, found one byte after the other.
    fn slowly(language: Language, text: &[u8], start: usize) -> Vec<u32> {
        (start..text.len()).filter(|i| Marks::count(language, &text[start..*i]) < Marks::count(language, &text[start..=*i])).map(|i| i as u32).collect()
    }

    proptest! {
        /// However the text is covered, the marks are the same.
        #[test]
        fn marks_are_found(text in r#"([<"\\a]{0,3}|\\{60,70}|a{50,70}|\n){0,12}"#, starts in prop::collection::vec((0..400usize, 0..400usize), 1..5)) {
            let bytes = text.as_bytes();
            for language in [Language::Xml, Language::Json] {
                let mut marks = Marks::new(language);
                let mut from = 0;
                for (start, length) in &starts {
                    // Records begin outside of strings, so no backslash stands before them.
                    let start = (*start).min(bytes.len());
                    if start.checked_sub(1).and_then(|i| bytes.get(i)) == Some(&b'\\') || start < from {
                        continue;
                    }
                    from = start;
                    marks.cover(bytes, start, start + length);
                    let wanted = slowly(language, bytes, start);
                    prop_assert_eq!(marks.known(), wanted.get(..marks.known().len()).unwrap());
                    prop_assert!(marks.reach(start) >= (*length).min(bytes.len() - start));
                    prop_assert!(wanted.iter().filter(|p| (**p as usize) < marks.to).count() == marks.known().len());
                }
            }
        }
    }
}
