//! Where two bytes meet: sixty-four places are compared at a time.

use crate::machine::lanes::{self, Lanes, WORD, Work};
use std::ops::Range;

/// Places that are compared at a time.
pub const LANES: usize = WORD;

/// How far ahead bytes are asked for, which may come from far: so far that they are there in time, and so near that they are still there.
const FETCH: usize = 4 << 10;

/// A byte of a text: where it stands, and the bit that letters of either case differ in.
pub struct Byte {
    pub offset: usize,
    pub value: u8,
    pub fold: u8,
}

/// Bytes that follow one another.
pub type Pair = [u8; 2];

/// What is looked for beside a text.
#[derive(Clone, Copy, Debug)]
pub struct Others {
    /// In ASCII, if anything.
    pub ascii: Option<Pair>,
    /// The first two bytes of characters.
    pub beyond: [Pair; 2],
}

impl Others {
    /// The places of two windows, from one on, at which one of them begins: what blocks leave over.
    pub fn places<'a>(&'a self, (here, next): (&'a [u8], &'a [u8]), from: usize) -> impl Iterator<Item = usize> + 'a {
        let rest = |window: &'a [u8]| window.get(from..).unwrap_or_default();
        let pairs = rest(here).iter().zip(rest(next)).map(|(first, second)| [*first, *second]).enumerate();
        pairs.filter(|(_, pair)| self.ascii == Some(*pair) || self.beyond.contains(pair)).map(move |(at, _)| from + at)
    }

    #[inline(always)]
    fn find<L: Lanes>(&self, lanes: L, here: &[u8; LANES], next: &[u8; LANES]) -> u64 {
        let mut found = match self.ascii {
            Some(ascii) => pair(lanes, ascii, here, next),
            None => 0,
        };
        if lanes.find_above(here, self.least()) != 0 {
            let [one, two] = self.beyond;
            found |= pair(lanes, one, here, next) | pair(lanes, two, here, next);
        }
        found
    }

    /// The smallest byte with which one of the characters begins: those of western languages are below.
    #[inline(always)]
    fn least(&self) -> u8 {
        let [[one, _], [two, _]] = self.beyond;
        one.min(two)
    }
}

/// The places at which a pair begins.
#[inline(always)]
fn pair<L: Lanes>(lanes: L, [first, second]: Pair, here: &[u8; LANES], next: &[u8; LANES]) -> u64 {
    lanes.find(next, second) & lanes.find(here, first)
}

/// The places at which both bytes stand; where the first one is rare, the second one is looked for only beside it.
#[inline(always)]
fn meet<L: Lanes, const RARE: bool>(lanes: L, (a, first): (&[u8; LANES], &Byte), (b, second): (&[u8; LANES], &Byte)) -> u64 {
    let found = lanes.find_folded(a, first.fold, first.value);
    if RARE && found == 0 {
        return 0;
    }
    found & lanes.find_folded(b, second.fold, second.value)
}

/// Blocks of places, and the byte that is to stand there.
type Side<'a> = (&'a [[u8; LANES]], &'a Byte);

/// The bytes of a range, and those a byte further on, as many.
pub fn windows(bytes: &[u8], range: Range<usize>) -> (&[u8], &[u8]) {
    let next = bytes.get(range.start + 1..(range.end + 1).min(bytes.len())).unwrap_or_default();
    (bytes.get(range.start..range.start + next.len()).unwrap_or_default(), next)
}

/// Blocks of places, those a byte further on, and what may begin there.
pub type Beside<'a> = (&'a [[u8; LANES]], &'a [[u8; LANES]], &'a Others);

/// Tells of each block, as bits, the places at which both bytes stand, and those at which one of the others begins. Where the first byte is
/// rare, the second one is looked at only beside it.
pub fn search(first: Side<'_>, second: Side<'_>, rare: bool, beside: Option<Beside<'_>>, tell: &mut impl FnMut(usize, u64, u64)) {
    match rare {
        true => lanes::run(Search::<_, true> { first, second, beside, tell }),
        false => lanes::run(Search::<_, false> { first, second, beside, tell }),
    }
}

/// Tells of each block, as bits, the places at which one of the others begins.
pub fn others(beside: Beside<'_>, tell: &mut impl FnMut(usize, u64)) {
    lanes::run(Alone { beside, tell });
}

struct Search<'a, T, const RARE: bool> {
    first: Side<'a>,
    second: Side<'a>,
    beside: Option<Beside<'a>>,
    tell: &'a mut T,
}

impl<T: FnMut(usize, u64, u64), const RARE: bool> Work for Search<'_, T, RARE> {
    type Answer = ();

    #[inline(always)]
    fn run<L: Lanes>(self, lanes: L) {
        let ((a, first), (b, second)) = (self.first, self.second);
        let fetch = |block: usize| lanes.fetch(a.as_flattened(), block * LANES + FETCH);
        let Some((here, next, others)) = self.beside else {
            for (block, (a, b)) in a.iter().zip(b).enumerate() {
                fetch(block);
                let both = meet::<L, RARE>(lanes, (a, first), (b, second));
                if both != 0 {
                    (self.tell)(block, both, 0);
                }
            }
            return;
        };
        for (block, ((a, b), (here, next))) in a.iter().zip(b).zip(here.iter().zip(next)).enumerate() {
            fetch(block);
            let (both, others) = (meet::<L, RARE>(lanes, (a, first), (b, second)), others.find(lanes, here, next));
            if both | others != 0 {
                (self.tell)(block, both, others);
            }
        }
    }
}

struct Alone<'a, T> {
    beside: Beside<'a>,
    tell: &'a mut T,
}

impl<T: FnMut(usize, u64)> Work for Alone<'_, T> {
    type Answer = ();

    #[inline(always)]
    fn run<L: Lanes>(self, lanes: L) {
        let (here, next, others) = self.beside;
        let fetch = |block: usize| lanes.fetch(here.as_flattened(), block * LANES + FETCH);
        for (block, (here, next)) in here.iter().zip(next).enumerate() {
            fetch(block);
            let found = others.find(lanes, here, next);
            if found != 0 {
                (self.tell)(block, found);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_place_of_a_block_is_compared() {
        let (first, second) = (Byte { offset: 0, value: b'r', fold: 0x20 }, Byte { offset: 1, value: b'1', fold: 0 });
        let beyond = [*b"\xc5\xbf", *b"\xe2\x84"];
        for at in 0..3 * LANES {
            let here = 1 << (at % LANES);
            for (a, b, others, wanted) in [
                (b'R', b'1', None, Some((here, 0))),
                (b'r', b'1', Some(*b"!?"), Some((here, 0))),
                (b'r', b'2', Some(*b"!?"), None),
                (b'!', b'1', Some(*b"!1"), Some((0, here))),
                (0xe2, 0x84, Some(*b"!1"), Some((0, here))),
                (0xe2, 0x80, Some(*b"!1"), None),
                (b'2', b'1', None, None),
            ] {
                let (mut left, mut right) = ([[b'-'; LANES]; 3], [[b'-'; LANES]; 3]);
                (left.as_flattened_mut()[at], right.as_flattened_mut()[at]) = (a, b);
                let wanted = wanted.map(|(both, others)| (at / LANES, both, others)).into_iter().collect::<Vec<_>>();
                for rare in [true, false] {
                    let others = others.map(|ascii| Others { ascii: Some(ascii), beyond });
                    let mut found = Vec::new();
                    let beside = others.as_ref().map(|o| (&left[..], &right[..], o));
                    search((&left, &first), (&right, &second), rare, beside, &mut |block, both, others| found.push((block, both, others)));
                    assert_eq!(found, wanted, "{at} {a} {b}");
                }
            }
        }
    }
}
