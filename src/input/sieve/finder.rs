//! Looking for a text in large blocks of bytes, ASCII letters in either case.
//!
//! Two bytes of the text decide which places are looked at more closely. They are compared in [`blocks`], so that the speed is that of
//! memory as long as the two bytes seldom meet. Which two are seldom is counted on a sample of the very bytes that are searched.

use super::blocks::{self, Byte, LANES, Others};
use crate::machine::lanes;
use std::ops::Range;

/// A byte that is rarer than one in so many stands in few blocks.
const RARE: u32 = 500;

/// Bytes of a sample.
const SAMPLE: usize = 2 << 10;

/// Bytes of each of many texts, at least.
const SMALLEST: usize = 64;

/// Bytes in which whole texts are counted.
const MIDDLE: usize = 16 << 10;

/// A place where the text stands takes the time of so many where its two bytes only meet.
const HIT: u64 = 32;

/// Looks for a text of ASCII characters in any case.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Finder {
    /// Letters in lower case.
    text: Box<[u8]>,
}

/// How often each byte occurs in a sample, letters of either case as one.
pub struct Frequencies {
    counts: [u32; 256],
    sampled: u32,
}

/// What is counted on a sample of bytes before they are searched.
pub struct Sample<'a> {
    pub frequencies: Frequencies,
    /// A larger part of the bytes, for whole texts.
    middle: &'a [u8],
}

impl<'a> Sample<'a> {
    /// Counts three parts of some bytes: the start of a file is often unlike the rest.
    pub fn of(bytes: &'a [u8]) -> Sample<'a> {
        let starts = [0, bytes.len() / 2, bytes.len().saturating_sub(SAMPLE)];
        Sample::count_in(starts.into_iter().filter_map(|s| bytes.get(s..(s + SAMPLE).min(bytes.len()))), bytes)
    }

    /// Counts a part of each of several texts, about as many bytes in all.
    pub fn of_all(texts: impl ExactSizeIterator<Item = &'a [u8]> + Clone) -> Sample<'a> {
        let share = (SAMPLE * 3 / texts.len().max(1)).max(SMALLEST);
        let longest = texts.clone().max_by_key(|t| t.len()).unwrap_or_default();
        let middle = |text: &'a [u8]| text.get((text.len() / 2).saturating_sub(share / 2)..(text.len() / 2 + share / 2).min(text.len()));
        Sample::count_in(texts.filter_map(middle), longest)
    }

    fn count_in(parts: impl Iterator<Item = &'a [u8]>, bytes: &'a [u8]) -> Sample<'a> {
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
        let middle = bytes.get(half.saturating_sub(MIDDLE / 2)..(half + MIDDLE / 2).min(bytes.len())).unwrap_or_default();
        Sample { frequencies: Frequencies { counts, sampled }, middle }
    }
}

impl Frequencies {
    /// Is the byte so rare that most blocks have none?
    fn is_rare(&self, byte: u8) -> bool {
        self.count(byte) < self.sampled / RARE
    }

    fn count(&self, byte: u8) -> u32 {
        self.counts.get(usize::from(byte.to_ascii_lowercase())).copied().unwrap_or_default()
    }
}

impl Finder {
    /// Looks for this text.
    pub fn new(text: &str) -> Finder {
        Finder { text: text.to_ascii_lowercase().into_bytes().into() }
    }

    /// What is looked for.
    pub fn text(&self) -> std::borrow::Cow<'_, str> {
        String::from_utf8_lossy(&self.text)
    }

    /// How much work the text is likely to make in bytes like those counted: where its two rarest bytes meet, and where it stands itself.
    pub fn work(&self, sample: &Sample<'_>) -> u64 {
        let (counts, middle) = (&sample.frequencies, sample.middle);
        let mut all: Vec<u32> = self.text.iter().map(|b| counts.count(*b)).collect();
        all.sort_unstable();
        let pair: u64 = all.iter().take(2).map(|n| u64::from(*n)).product();
        let mut places = Vec::new();
        self.places(middle, 0..middle.len(), counts, &mut places);
        let meetings = pair * middle.len() as u64 / u64::from(counts.sampled.max(1)).pow(2);
        // Of two texts with the same bytes the longer one is the rarer.
        (meetings + places.len() as u64 * HIT) * 64 / (self.text.len() as u64 + 1)
    }

    /// Does the text stand at the start of these bytes?
    fn starts(&self, bytes: &[u8]) -> bool {
        bytes.get(..self.text.len()).is_some_and(|here| here.iter().zip(&self.text).all(|(b, t)| b.to_ascii_lowercase() == *t))
    }

    /// Does the text stand anywhere in these bytes?
    pub fn is_in(&self, bytes: &[u8]) -> bool {
        let Some(first) = self.text.first() else { return true };
        let last = bytes.len().saturating_sub(self.text.len());
        let window = bytes.get(..(last + 1).min(bytes.len())).unwrap_or_default();
        memchr::memchr2_iter(*first, first.to_ascii_uppercase(), window).any(|at| bytes.get(at..).is_some_and(|b| self.starts(b)))
    }

    /// Adds the places in a range at which the text begins; it may reach beyond the end of the range.
    pub fn places(&self, bytes: &[u8], range: Range<usize>, counts: &Frequencies, into: &mut Vec<usize>) {
        self.places_and(None, bytes, range, counts, into);
    }

    /// The same, and in the same go the places in the range at which one of some others begins.
    pub fn places_and(&self, mut beside: Option<(&Others, &mut Vec<usize>)>, bytes: &[u8], range: Range<usize>, counts: &Frequencies, into: &mut Vec<usize>) {
        let (length, from) = (self.text.len(), range.start);
        let window = bytes.get(from..(range.end + length.max(1) - 1).min(bytes.len())).unwrap_or_default();
        let starts = if length == 0 { 0 } else { (window.len() + 1).saturating_sub(length) };
        let (first, second) = self.rarest(counts);
        let part = |byte: &Byte| window.get(byte.offset..byte.offset + starts).unwrap_or_default();
        let hit = |at: &usize| window.get(*at..).is_some_and(|w| self.starts(w));
        let (mut a, mut b) = (part(&first).as_chunks().0, part(&second).as_chunks().0);
        let (here, next) = blocks::windows(bytes, range);
        let blocks = match &beside {
            Some(_) => a.len().min(next.len() / LANES),
            None => a.len(),
        };
        (a, b) = (a.get(..blocks).unwrap_or_default(), b.get(..blocks).unwrap_or_default());
        let others = beside.as_ref().map(|(others, _)| (here.as_chunks().0, next.as_chunks().0, *others));
        blocks::search((a, &first), (b, &second), counts.is_rare(first.value), others, &mut |block, both, others| {
            let start = block * LANES;
            into.extend(lanes::bits(both).map(|at| start + at).filter(hit).map(|at| from + at));
            if let Some((_, found)) = &mut beside {
                found.extend(lanes::bits(others).map(|at| from + start + at));
            }
        });
        let done = blocks * LANES;
        into.extend((done..starts).filter(hit).map(|at| from + at));
        if let Some((others, found)) = beside {
            found.extend(others.places((here, next), done).map(|at| from + at));
        }
    }

    /// The two rarest bytes of the text; the same one twice where it has but one.
    fn rarest(&self, counts: &Frequencies) -> (Byte, Byte) {
        let mut offsets: Vec<usize> = (0..self.text.len()).collect();
        offsets.sort_by_key(|&i| self.text.get(i).map(|b| counts.count(*b)));
        let byte = |n: usize| {
            let offset = offsets.get(n).or(offsets.first()).copied().unwrap_or_default();
            let value = self.text.get(offset).copied().unwrap_or_default();
            Byte { offset, value, fold: if value.is_ascii_lowercase() { 0x20 } else { 0 } }
        };
        (byte(0), byte(1))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn places(finder: &Finder, text: &str, from: usize, to: usize) -> Vec<usize> {
        let mut found = Vec::new();
        finder.places(text.as_bytes(), from..to, &Sample::of(text.as_bytes()).frequencies, &mut found);
        found
    }

    #[test]
    fn finds_at_every_place_of_a_block_and_across_its_end() {
        for pad in (0..600).step_by(7) {
            let text = format!("{}RegSvcs.exe{}", "-".repeat(pad), "x".repeat(pad / 3));
            assert_eq!(places(&Finder::new("regsvcs.EXE"), &text, 0, text.len()), [pad], "{pad}");
            assert!(Finder::new("regsvcs.exe").is_in(text.as_bytes()));
            assert_eq!(places(&Finder::new("regsvcs.exe"), &text, 0, pad + 1), [pad], "reaches beyond the end of the range");
            assert!(places(&Finder::new("regsvcs.exe"), &text, pad + 1, text.len()).is_empty());
        }
    }

    #[test]
    fn finds_all_of_them_also_where_they_overlap() {
        let text = "aAaa".repeat(50);
        assert_eq!(places(&Finder::new("aa"), &text, 0, text.len()).len(), 199);
        assert_eq!(places(&Finder::new("a"), &text, 10, 20).len(), 10);
        assert!(places(&Finder::new("abc"), "ab", 0, 2).is_empty());
        assert!(!Finder::new("abc").is_in(b"ab") && !Finder::new("@[").is_in(b"`{"));
    }

    #[test]
    fn others_are_found_in_the_same_go() {
        // With a text whose bytes are rare, with one whose bytes are not, and with none to speak of.
        for (text, needle) in [("-".repeat(700), "quiz"), ("regsvcs".repeat(100), "regsvcs"), ("ab".repeat(300), "")] {
            for at in 0..=text.len() {
                let bytes = [&text.as_bytes()[..at], b"<!", &text.as_bytes()[at..]].concat();
                let (sample, mut found, mut others) = (Sample::of(&bytes), Vec::new(), Vec::new());
                for from in (0..bytes.len()).step_by(97) {
                    let range = from..(from + 97).min(bytes.len());
                    let wanted = Others { ascii: Some(*b"<!"), beyond: [*b"\xc5\xbf", *b"\xe2\x84"] };
                    Finder::new(needle).places_and(Some((&wanted, &mut others)), &bytes, range, &sample.frequencies, &mut found);
                }
                assert_eq!(others, [at], "{needle}");
                let mut alone = Vec::new();
                Finder::new(needle).places(&bytes, 0..bytes.len(), &sample.frequencies, &mut alone);
                assert_eq!(found, alone, "{needle} {at}");
            }
        }
    }

    #[test]
    fn a_text_with_rare_letters_is_rarer() {
        let text = "the event data name image system event data".repeat(20);
        let counts = Sample::of(text.as_bytes());
        assert!(Finder::new("regsvcs").work(&counts) < Finder::new("event").work(&counts));
    }
}
