//! Where two bytes meet: sixty-four places are compared at a time.

use crate::lanes::{self, Lanes, WORD, Work};

/// Places that are compared at a time.
pub const LANES: usize = WORD;

/// A byte of a text: where it stands, and the bit that letters of either case differ in.
pub struct Byte {
    pub offset: usize,
    pub value: u8,
    pub fold: u8,
}

impl Byte {
    /// Is it this one?
    #[inline(always)]
    pub fn is(&self, byte: u8) -> bool {
        byte | self.fold == self.value
    }
}

/// Blocks of places, and the byte that is to stand there.
type Side<'a> = (&'a [[u8; LANES]], &'a Byte);

/// Tells of each block, as bits, the places at which both bytes stand, and those of a third byte on the first side, where there are any.
pub fn search(first: Side<'_>, second: Side<'_>, third: Option<u8>, tell: &mut impl FnMut(usize, u64, u64)) {
    lanes::run(Search { first, second, third, tell });
}

struct Search<'a, T> {
    first: Side<'a>,
    second: Side<'a>,
    third: Option<u8>,
    tell: &'a mut T,
}

impl<T: FnMut(usize, u64, u64)> Work for Search<'_, T> {
    type Answer = ();

    #[inline(always)]
    fn run<L: Lanes>(self, lanes: L) {
        let ((a, first), (b, second)) = (self.first, self.second);
        let meet = |a, b| lanes.find_folded(a, first.fold, first.value) & lanes.find_folded(b, second.fold, second.value);
        let blocks = a.iter().zip(b).enumerate();
        match self.third {
            None => blocks.for_each(|(block, (a, b))| {
                let both = meet(a, b);
                if both != 0 {
                    (self.tell)(block, both, 0);
                }
            }),
            Some(third) => blocks.for_each(|(block, (a, b))| {
                let (both, third) = (meet(a, b), lanes.find(a, third));
                if both | third != 0 {
                    (self.tell)(block, both, third);
                }
            }),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_place_of_a_block_is_compared() {
        let (first, second) = (Byte { offset: 0, value: b'r', fold: 0x20 }, Byte { offset: 1, value: b'1', fold: 0 });
        for at in 0..3 * LANES {
            let here = 1 << (at % LANES);
            for (a, b, third, wanted) in [
                (b'R', b'1', None, Some((here, 0))),
                (b'r', b'1', Some(b'!'), Some((here, 0))),
                (b'r', b'2', Some(b'!'), None),
                (b'!', b'1', Some(b'!'), Some((0, here))),
                (b'2', b'1', None, None),
            ] {
                let (mut left, mut right) = ([[b'-'; LANES]; 3], [[b'-'; LANES]; 3]);
                (left.as_flattened_mut()[at], right.as_flattened_mut()[at]) = (a, b);
                let mut found = Vec::new();
                search((&left, &first), (&right, &second), third, &mut |block, both, third| found.push((block, both, third)));
                assert_eq!(found, wanted.map(|(both, third)| (at / LANES, both, third)).into_iter().collect::<Vec<_>>(), "{at} {a} {b}");
            }
        }
    }
}
