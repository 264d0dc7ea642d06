//! Comparing a short text and finding a byte near by, where a call for it would cost more than the work.
//!
//! All of it looks at a fixed window of bytes without a branch inside; only what goes beyond the window asks `memchr`.

use super::lanes::{BLOCK, Block, Lanes};

/// A text to compare with.
#[derive(Clone, Debug)]
pub struct Text {
    /// Its first block and its last one, the same and filled up where it is no longer than a block.
    first: Block,
    last: Block,
    /// The places of such a block behind the text, as bits.
    beyond: u32,
    length: u32,
    /// Where the last block begins, unless the text is long.
    last_at: u8,
    /// All of it, where that is longer than two blocks.
    long: Option<Box<[u8]>>,
}

/// Bytes of which a text that is not long is compared.
const REACH: usize = 2 * BLOCK;

impl Text {
    /// Keeps a text.
    pub fn new(text: &[u8]) -> Text {
        let last_at = text.len().saturating_sub(BLOCK);
        let block = |from: usize| std::array::from_fn(|i| text.get(from + i).copied().unwrap_or_default());
        Text {
            first: block(0),
            last: block(last_at),
            beyond: u32::MAX.unbounded_shl(text.len() as u32),
            length: text.len() as u32,
            last_at: last_at.min(BLOCK) as u8,
            long: (text.len() > REACH).then(|| text.into()),
        }
    }

    /// Bytes of it.
    #[inline(always)]
    pub fn len(&self) -> usize {
        self.length as usize
    }

    /// Is it this text?
    pub fn is(&self, other: &[u8]) -> bool {
        self.len() == other.len() && self.stands_slowly(other, 0)
    }

    /// Does the text stand at this place?
    #[inline(always)]
    pub fn stands(&self, lanes: impl Lanes, bytes: &[u8], at: usize) -> bool {
        match bytes.get(at..).and_then(|b| b.first_chunk::<{ REACH + BLOCK }>()) {
            Some(here) if self.long.is_none() => {
                let block = |at: usize| here.get(at..).and_then(|b| b.first_chunk());
                let (Some(first), Some(last)) = (block(0), block(usize::from(self.last_at) % REACH)) else { return false };
                lanes.equal(&self.first, first) & lanes.equal(&self.last, last) | self.beyond == u32::MAX
            }
            _ => self.stands_slowly(bytes, at),
        }
    }

    /// The same of a long text, or where the bytes end.
    #[inline(never)]
    fn stands_slowly(&self, bytes: &[u8], at: usize) -> bool {
        let Some(here) = bytes.get(at..at + self.len()) else { return false };
        match &self.long {
            Some(all) => here == &**all,
            None => {
                here.iter().zip(self.first).all(|(h, f)| *h == f)
                    && here.iter().rev().zip(self.last.get(..self.len().min(BLOCK)).unwrap_or_default().iter().rev()).all(|(h, l)| h == l)
            }
        }
    }
}

/// How far behind a place a byte is, unless another one comes before it.
#[inline(always)]
pub fn find<const BYTE: u8, const NOT: u8>(lanes: impl Lanes, bytes: &[u8], at: usize) -> Option<usize> {
    let rest = bytes.get(at..)?;
    let Some(block) = rest.first_chunk() else { return find_far::<BYTE, NOT>(rest, 0) };
    match lanes.equal(block, &[BYTE; BLOCK]) | lanes.equal(block, &[NOT; BLOCK]) {
        0 => find_far::<BYTE, NOT>(rest, BLOCK),
        found => {
            let length = found.trailing_zeros() as usize;
            (rest.get(length) == Some(&BYTE)).then_some(length)
        }
    }
}

/// The same beyond the first block, or where the bytes end in it.
#[inline(never)]
fn find_far<const BYTE: u8, const NOT: u8>(rest: &[u8], from: usize) -> Option<usize> {
    let found = from + memchr::memchr2(BYTE, NOT, rest.get(from..)?)?;
    (rest.get(found) == Some(&BYTE)).then_some(found)
}

/// Does a byte stand among so many?
#[inline(always)]
pub fn has<const BYTE: u8>(lanes: impl Lanes, bytes: &[u8], at: usize, length: usize) -> bool {
    let block = |at: usize| bytes.get(at..).and_then(|b| b.first_chunk::<BLOCK>());
    match (block(at), block(at + BLOCK)) {
        (Some(first), Some(second)) if length <= 2 * BLOCK => {
            let [first, second] = [first, second].map(|block| u64::from(lanes.equal(block, &[BYTE; BLOCK])));
            (first | second << BLOCK) & !u64::MAX.unbounded_shl(length as u32) != 0
        }
        _ => bytes.get(at..at + length).is_some_and(|value| memchr::memchr(BYTE, value).is_some()),
    }
}

/// The length of the number of digits, with a point between them or not, that ends before a comma or brace.
#[inline(always)]
pub fn number(lanes: impl Lanes, bytes: &[u8], at: usize) -> Option<usize> {
    let block = bytes.get(at..)?.first_chunk()?;
    let others = !lanes.digits(block);
    let mut length = others.trailing_zeros();
    if length > 0 && block.get(length as usize) == Some(&b'.') {
        length = (others & (others - 1)).trailing_zeros();
    }
    (length > 0 && matches!(block.get(length as usize), Some(b',' | b'}'))).then_some(length as usize)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::input::lanes::Plain;

    #[test]
    fn texts_are_compared_at_every_length() {
        for length in 0..100 {
            let plain = vec![b'a'; length];
            let text = Text::new(&plain);
            for behind in [0, 1, 15, 16, 40] {
                let bytes = [&b"xyz"[..], &plain, &vec![b'a'; behind]].concat();
                assert!(text.stands(Plain, &bytes, 3), "{length} {behind}");
                assert_eq!(text.is(bytes.get(3..).unwrap()), behind == 0);
                for at in 0..length {
                    let mut other = bytes.clone();
                    other[3 + at] = b'<';
                    assert!(!text.stands(Plain, &other, 3), "{length} {behind} {at}");
                    assert!(!text.stands(Plain, &bytes[..3 + at], 3), "{length} {behind} {at}");
                }
            }
        }
    }

    #[test]
    fn bytes_are_found_at_every_place() {
        for length in 0..200 {
            let text = vec![b'a'; length];
            assert_eq!(find::<b'<', b'<'>(Plain, &text, 0), None);
            for at in 0..length {
                let mut other = text.clone();
                other[at..].fill(b'<');
                assert_eq!(find::<b'<', b'<'>(Plain, &other, 0), Some(at), "{length} {at}");
                assert_eq!(find::<b'<', b'\n'>(Plain, &other, at / 2), Some(at - at / 2), "{length} {at}");
                assert_eq!(find::<b'\n', b'<'>(Plain, &other, 0), None);
                for long in [0, 1, at, at + 1, length] {
                    assert_eq!(has::<b'<'>(Plain, &other, 0, long), long > at, "{length} {at} {long}");
                }
            }
        }
        assert_eq!((find::<0xff, 0>(Plain, &[0x7f, 0xfe, 1, 0xff], 0), find::<b'a', b'a'>(Plain, b"a", 2)), (Some(3), None));
    }

    #[test]
    fn plain_numbers() {
        for (text, wanted) in
            [("1,", Some(1)), ("1741046402.143853}", Some(17)), ("5.,", Some(2)), ("-1,", None), ("1e5,", None), (".5,", None), ("1 ,", None), (",", None)]
        {
            let text = format!("{text:-<40}");
            assert_eq!(number(Plain, text.as_bytes(), 0), wanted, "{text}");
            assert_eq!(number(Plain, text.get(..20).unwrap().as_bytes(), 0), None);
        }
    }
}
