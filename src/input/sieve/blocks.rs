//! Where two bytes meet: sixty-four places are compared at a time, in a form that compilers turn into vector instructions.

use crate::lanes::{self, Lanes, Work};

/// Places that are compared before one asks whether any of them fits.
pub const LANES: usize = 64;

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

/// Tells of each block in which both bytes stand at the same place, and of each in which a third one stands anywhere on the first side.
pub fn search(first: Side<'_>, second: Side<'_>, third: Option<u8>, tell: &mut impl FnMut(usize, bool, bool)) {
    lanes::run(Search { first, second, third, tell });
}

struct Search<'a, T> {
    first: Side<'a>,
    second: Side<'a>,
    third: Option<u8>,
    tell: &'a mut T,
}

impl<T: FnMut(usize, bool, bool)> Work for Search<'_, T> {
    type Answer = ();

    #[inline(always)]
    fn run<L: Lanes>(self, _: L) {
        search_plainly(self.first, self.second, self.third, self.tell);
    }
}

#[inline(always)]
fn search_plainly((a, first): Side<'_>, (b, second): Side<'_>, third: Option<u8>, tell: &mut impl FnMut(usize, bool, bool)) {
    for (block, (a, b)) in a.iter().zip(b).enumerate() {
        let (text, byte) = match third {
            Some(third) => meet_or(a, first, b, second, third),
            None => (meet(a, first, b, second), false),
        };
        if text || byte {
            tell(block, text, byte);
        }
    }
}

/// Do both bytes stand where they have to, in any of the lanes? Without a branch inside.
#[inline(always)]
fn meet(a: &[u8; LANES], first: &Byte, b: &[u8; LANES], second: &Byte) -> bool {
    let mut least = u8::MAX;
    for (x, y) in a.iter().zip(b) {
        least = least.min(((x | first.fold) ^ first.value) | ((y | second.fold) ^ second.value));
    }
    least == 0
}

/// The same, and whether a third byte stands in any of the lanes of the first one.
#[inline(always)]
fn meet_or(a: &[u8; LANES], first: &Byte, b: &[u8; LANES], second: &Byte, third: u8) -> (bool, bool) {
    let (mut least, mut other) = (u8::MAX, u8::MAX);
    for (x, y) in a.iter().zip(b) {
        least = least.min(((x | first.fold) ^ first.value) | ((y | second.fold) ^ second.value));
        other = other.min(x ^ third);
    }
    (least == 0, other == 0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_place_of_a_block_is_compared_by_both_loops() {
        let (first, second) = (Byte { offset: 0, value: b'r', fold: 0x20 }, Byte { offset: 1, value: b'1', fold: 0 });
        for at in 0..3 * LANES {
            for (a, b, third, wanted) in [
                (b'R', b'1', None, Some((true, false))),
                (b'r', b'1', Some(b'!'), Some((true, false))),
                (b'r', b'2', Some(b'!'), None),
                (b'!', b'1', Some(b'!'), Some((false, true))),
                (b'2', b'1', None, None),
            ] {
                let (mut left, mut right) = ([[b'-'; LANES]; 3], [[b'-'; LANES]; 3]);
                (left.as_flattened_mut()[at], right.as_flattened_mut()[at]) = (a, b);
                let wanted: Vec<_> = wanted.map(|(text, byte)| (at / LANES, text, byte)).into_iter().collect();
                let (mut found, mut plainly) = (Vec::new(), Vec::new());
                search((&left, &first), (&right, &second), third, &mut |block, text, byte| found.push((block, text, byte)));
                search_plainly((&left, &first), (&right, &second), third, &mut |block, text, byte| plainly.push((block, text, byte)));
                assert_eq!((&found, &plainly), (&wanted, &wanted), "{at} {a} {b}");
            }
        }
    }
}
