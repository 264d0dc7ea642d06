//! Looking for a text in large blocks of bytes, ASCII letters in either case.
//!
//! Two bytes of the text decide which places are looked at more closely. They are compared in [`blocks`], so that the speed is that of
//! memory as long as the two bytes seldom meet. Which two are seldom is counted on a sample of the very bytes that are searched.

use super::blocks::{self, Byte, LANES};
use crate::lanes;
use std::ops::Range;

/// A byte that is rarer than one in so many is looked for alone.
const RARE: u32 = 500;

/// Bytes of a sample.
const SAMPLE: usize = 2 << 10;

/// Bytes of each of many texts, at least.
const SMALLEST: usize = 64;

/// Bytes in which whole texts are counted.
const MIDDLE: usize = 16 << 10;

/// A place where the text stands takes the time of so many where its two bytes only meet.
const HIT: u64 = 32;

/// Looks for one text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Finder {
    /// Letters in lower case where case does not count.
    text: Box<[u8]>,
    any_case: bool,
}

/// How often each byte occurs in a sample, letters of either case as one.
pub struct Frequencies<'a> {
    counts: [u32; 256],
    sampled: u32,
    /// A larger part of the bytes, for whole texts.
    middle: &'a [u8],
}

impl<'a> Frequencies<'a> {
    /// Counts three parts of some bytes: the start of a file is often unlike the rest.
    pub fn of(bytes: &'a [u8]) -> Frequencies<'a> {
        let starts = [0, bytes.len() / 2, bytes.len().saturating_sub(SAMPLE)];
        Frequencies::count_in(starts.into_iter().filter_map(|s| bytes.get(s..(s + SAMPLE).min(bytes.len()))), bytes)
    }

    /// Counts a part of each of several texts, about as many bytes in all.
    pub fn of_all(texts: impl ExactSizeIterator<Item = &'a [u8]> + Clone) -> Frequencies<'a> {
        let share = (SAMPLE * 3 / texts.len().max(1)).max(SMALLEST);
        let longest = texts.clone().max_by_key(|t| t.len()).unwrap_or_default();
        let middle = |text: &'a [u8]| text.get((text.len() / 2).saturating_sub(share / 2)..(text.len() / 2 + share / 2).min(text.len()));
        Frequencies::count_in(texts.filter_map(middle), longest)
    }

    fn count_in(parts: impl Iterator<Item = &'a [u8]>, bytes: &'a [u8]) -> Frequencies<'a> {
        let (mut counts, mut sampled) = ([1; 256], 0);
        for part in parts {
            sampled += part.len() as u32;
            for b in part {
                if let Some(n) = counts.get_mut(usize::from(b.to_ascii_lowercase())) {
                    *n += 1;
                }
            }
        }
        let half = bytes.len() / 2;
        Frequencies { counts, sampled, middle: bytes.get(half.saturating_sub(MIDDLE / 2)..(half + MIDDLE / 2).min(bytes.len())).unwrap_or_default() }
    }

    /// Is the byte so rare that one looks for it alone?
    pub fn is_rare(&self, byte: u8) -> bool {
        self.count(byte) < self.sampled / RARE
    }

    fn count(&self, byte: u8) -> u32 {
        self.counts.get(usize::from(byte.to_ascii_lowercase())).copied().unwrap_or_default()
    }
}

impl Finder {
    /// Looks for a text of ASCII characters in any case.
    pub fn any_case(text: &str) -> Finder {
        Finder { text: text.to_ascii_lowercase().into_bytes().into(), any_case: true }
    }

    /// Looks for bytes as they are.
    pub fn exact(text: &[u8]) -> Finder {
        Finder { text: text.into(), any_case: false }
    }

    /// What is looked for.
    pub fn text(&self) -> std::borrow::Cow<'_, str> {
        String::from_utf8_lossy(&self.text)
    }

    /// How much work the text is likely to make in bytes like those counted: where its two rarest bytes meet, and where it stands itself.
    pub fn work(&self, counts: &Frequencies<'_>) -> u64 {
        let mut all: Vec<u32> = self.text.iter().map(|b| counts.count(*b)).collect();
        all.sort_unstable();
        let pair: u64 = all.iter().take(2).map(|n| u64::from(*n)).product();
        let mut places = Vec::new();
        self.places(counts.middle, 0..counts.middle.len(), counts, &mut places);
        let meetings = pair * counts.middle.len() as u64 / u64::from(counts.sampled.max(1)).pow(2);
        // Of two texts with the same bytes the longer one is the rarer.
        (meetings + places.len() as u64 * HIT) * 64 / (self.text.len() as u64 + 1)
    }

    /// Does the text stand at the start of these bytes?
    fn starts(&self, bytes: &[u8]) -> bool {
        match bytes.get(..self.text.len()) {
            Some(here) if self.any_case => here.iter().zip(&self.text).all(|(b, t)| b.to_ascii_lowercase() == *t),
            Some(here) => *here == *self.text,
            None => false,
        }
    }

    /// Does the text stand anywhere in these bytes?
    pub fn is_in(&self, bytes: &[u8]) -> bool {
        if !self.any_case {
            return memchr::memmem::find(bytes, &self.text).is_some();
        }
        let Some(first) = self.text.first() else { return true };
        let last = bytes.len().saturating_sub(self.text.len());
        let window = bytes.get(..(last + 1).min(bytes.len())).unwrap_or_default();
        memchr::memchr2_iter(*first, first.to_ascii_uppercase(), window).any(|at| bytes.get(at..).is_some_and(|b| self.starts(b)))
    }

    /// Adds the places in a range at which the text begins; it may reach beyond the end of the range.
    pub fn places(&self, bytes: &[u8], range: Range<usize>, counts: &Frequencies<'_>, into: &mut Vec<usize>) {
        self.places_and(None, bytes, range, counts, into);
    }

    /// The same, and in the same go the places of another byte, as many places further on as one of the text's bytes is: over ranges
    /// that follow one another, from the first byte to the last, these are all of them.
    pub fn places_and(&self, mut other: Option<(u8, &mut Vec<usize>)>, bytes: &[u8], range: Range<usize>, counts: &Frequencies<'_>, into: &mut Vec<usize>) {
        let (length, from) = (self.text.len(), range.start);
        let window = bytes.get(from..(range.end + length.max(1) - 1).min(bytes.len())).unwrap_or_default();
        let starts = (window.len() + 1).saturating_sub(length.max(1));
        let (first, second) = self.rarest(counts);
        // What the search for the text does not come by.
        let (head, tail) = (if from == 0 { first.offset } else { 0 }, if range.end == bytes.len() { first.offset + starts } else { window.len() });
        if let Some((byte, others)) = &mut other {
            let alone = [0..head.min(window.len()), tail.max(head)..window.len()];
            for part in if self.any_case && length > 0 { alone } else { [0..range.len(), 0..0] } {
                others.extend(memchr::memchr_iter(*byte, window.get(part.clone()).unwrap_or_default()).map(|at| from + part.start + at));
            }
        }
        if length == 0 || window.len() < length {
            return;
        }
        if !self.any_case {
            // Occurrences may overlap, which the iterator of `memmem` would pass over; what is looked for here does not.
            into.extend(memchr::memmem::find_iter(window, &self.text).map(|at| from + at));
            return;
        }
        let (Some(a), Some(b)) = (window.get(first.offset..first.offset + starts), window.get(second.offset..second.offset + starts)) else { return };
        let hit = |at: &usize| window.get(*at..).is_some_and(|w| self.starts(w));
        let (lower, upper) = (first.value, first.value.to_ascii_uppercase());
        if counts.is_rare(lower) {
            match other {
                // Three bytes can be looked for at once.
                Some((byte, others)) => {
                    for at in memchr::memchr3_iter(lower, upper, byte, a) {
                        if a.get(at) == Some(&byte) {
                            others.push(from + first.offset + at);
                        }
                        if a.get(at).is_some_and(|b| first.is(*b)) && hit(&at) {
                            into.push(from + at);
                        }
                    }
                }
                None => into.extend(memchr::memchr2_iter(lower, upper, a).filter(hit).map(|at| from + at)),
            }
            return;
        }
        let ((a_blocks, a_rest), (b_blocks, b_rest)) = (a.as_chunks::<LANES>(), b.as_chunks::<LANES>());
        let third = other.as_ref().map(|(byte, _)| *byte);
        blocks::search((a_blocks, &first), (b_blocks, &second), third, &mut |block, both, third| {
            let start = block * LANES;
            into.extend(lanes::bits(both).map(|at| start + at).filter(hit).map(|at| from + at));
            if let Some((_, others)) = &mut other {
                others.extend(lanes::bits(third).map(|at| from + first.offset + start + at));
            }
        });
        let rest = a_blocks.len() * LANES;
        into.extend((rest..rest + a_rest.len().min(b_rest.len())).filter(hit).map(|at| from + at));
        if let Some((byte, others)) = other {
            others.extend(memchr::memchr_iter(byte, a_rest).map(|at| from + first.offset + rest + at));
        }
    }

    /// The two rarest bytes of the text; the same one twice where it has but one.
    fn rarest(&self, counts: &Frequencies) -> (Byte, Byte) {
        let mut offsets: Vec<usize> = (0..self.text.len()).collect();
        offsets.sort_by_key(|&i| self.text.get(i).map(|b| counts.count(*b)));
        let byte = |n: usize| {
            let offset = offsets.get(n).or(offsets.first()).copied().unwrap_or_default();
            let value = self.text.get(offset).copied().unwrap_or_default();
            Byte { offset, value, fold: if self.any_case && value.is_ascii_lowercase() { 0x20 } else { 0 } }
        };
        (byte(0), byte(1))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn places(finder: &Finder, text: &str, from: usize, to: usize) -> Vec<usize> {
        let mut found = Vec::new();
        finder.places(text.as_bytes(), from..to, &Frequencies::of(text.as_bytes()), &mut found);
        found
    }

    #[test]
    fn finds_at_every_place_of_a_block_and_across_its_end() {
        for pad in (0..600).step_by(7) {
            let text = format!("{}RegSvcs.exe{}", "-".repeat(pad), "x".repeat(pad / 3));
            assert_eq!(places(&Finder::any_case("regsvcs.EXE"), &text, 0, text.len()), [pad], "{pad}");
            assert!(Finder::any_case("regsvcs.exe").is_in(text.as_bytes()));
            assert!(places(&Finder::exact(b"regsvcs"), &text, 0, text.len()).is_empty());
            assert_eq!(places(&Finder::any_case("regsvcs.exe"), &text, 0, pad + 1), [pad], "reaches beyond the end of the range");
            assert!(places(&Finder::any_case("regsvcs.exe"), &text, pad + 1, text.len()).is_empty());
        }
    }

    #[test]
    fn finds_all_of_them_also_where_they_overlap() {
        let text = "aAaa".repeat(50);
        assert_eq!(places(&Finder::any_case("aa"), &text, 0, text.len()).len(), 199);
        assert_eq!(places(&Finder::any_case("a"), &text, 10, 20).len(), 10);
        assert!(places(&Finder::any_case("abc"), "ab", 0, 2).is_empty());
        assert!(!Finder::any_case("abc").is_in(b"ab") && !Finder::any_case("@[").is_in(b"`{"));
    }

    #[test]
    fn another_byte_is_found_in_the_same_go() {
        // With a text whose bytes are rare, with one whose bytes are not, and with none to speak of.
        for (text, needle) in [("-".repeat(700), "quiz"), ("regsvcs".repeat(100), "regsvcs"), ("ab".repeat(300), "")] {
            for at in 0..text.len() {
                let bytes = [&text.as_bytes()[..at], b"!", &text.as_bytes()[at..]].concat();
                let (counts, mut found, mut others) = (Frequencies::of(&bytes), Vec::new(), Vec::new());
                for from in (0..bytes.len()).step_by(97) {
                    let range = from..(from + 97).min(bytes.len());
                    Finder::any_case(needle).places_and(Some((b'!', &mut others)), &bytes, range, &counts, &mut found);
                }
                assert_eq!(others, [at], "{needle}");
                let mut alone = Vec::new();
                Finder::any_case(needle).places(&bytes, 0..bytes.len(), &counts, &mut alone);
                assert_eq!(found, alone, "{needle} {at}");
            }
        }
    }

    #[test]
    fn a_text_with_rare_letters_is_rarer() {
        let text = "the event data name image system event data".repeat(20);
        let counts = Frequencies::of(text.as_bytes());
        assert!(Finder::any_case("regsvcs").work(&counts) < Finder::any_case("event").work(&counts));
    }
}
