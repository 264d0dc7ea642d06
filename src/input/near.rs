//! Comparing a short text and finding a byte near by, where a call for it would cost more than the work.
//!
//! All of it looks at a fixed window of bytes without a branch inside; only what goes beyond the window asks `memchr`.

use crate::lanes::{BLOCK, Block, Lanes};

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
    /// What is behind the first block, where the text is longer than two; such a text has no last block.
    long: Option<Box<Long>>,
}

/// Whole blocks, the last one filled up.
#[derive(Clone, Debug)]
struct Long {
    rest: Vec<Block>,
    /// The places of the last block behind the text, as bits.
    beyond: u32,
}

/// Bytes of which a text that is not long is compared.
const REACH: usize = 2 * BLOCK;

impl Text {
    /// Keeps a text.
    pub fn new(text: &[u8]) -> Text {
        let block = |from: usize| std::array::from_fn(|i| text.get(from + i).copied().unwrap_or_default());
        let long = (text.len() > REACH).then(|| {
            let rest: Vec<Block> = (BLOCK..text.len()).step_by(BLOCK).map(block).collect();
            let beyond = u32::MAX.unbounded_shl((text.len() - rest.len() * BLOCK) as u32);
            Box::new(Long { rest, beyond })
        });
        let last_at = if long.is_some() { 0 } else { text.len().saturating_sub(BLOCK) };
        Text {
            first: block(0),
            last: block(last_at),
            beyond: u32::MAX.unbounded_shl(text.len() as u32),
            length: text.len() as u32,
            last_at: last_at as u8,
            long,
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
        let Some(here) = bytes.get(at..).and_then(|b| b.first_chunk::<{ REACH + BLOCK }>()) else { return self.stands_slowly(bytes, at) };
        let block = |at: usize| here.get(at..).and_then(|b| b.first_chunk());
        let (Some(first), Some(last)) = (block(0), block(usize::from(self.last_at) % REACH)) else { return false };
        let ends = lanes.equal(&self.first, first) & lanes.equal(&self.last, last) | self.beyond == u32::MAX;
        match &self.long {
            Some(long) if ends => {
                std::hint::cold_path();
                long.stands(lanes, bytes, at + BLOCK)
            }
            _ => ends,
        }
    }

    /// The same where the bytes end.
    #[cold]
    fn stands_slowly(&self, bytes: &[u8], at: usize) -> bool {
        let short = self.first.get(..self.len().min(BLOCK)).unwrap_or_default();
        let Some(here) = bytes.get(at..at + self.len()).filter(|here| here.starts_with(short)) else { return false };
        match &self.long {
            Some(long) => here.get(BLOCK..) == Some(long.rest.as_flattened().get(..here.len() - BLOCK).unwrap_or_default()),
            None => here.ends_with(self.last.get(..short.len()).unwrap_or_default()),
        }
    }
}

impl Long {
    /// Does the rest of the text stand at this place?
    #[inline(always)]
    fn stands(&self, lanes: impl Lanes, bytes: &[u8], at: usize) -> bool {
        let Some(here) = bytes.get(at..at + self.rest.len() * BLOCK) else { return self.stands_slowly(bytes, at) };
        let mut blocks = self.rest.iter().zip(here.as_chunks().0);
        let last = blocks.next_back().is_none_or(|(a, b)| lanes.equal(a, b) | self.beyond == u32::MAX);
        last && blocks.all(|(a, b)| lanes.equal(a, b) == u32::MAX)
    }

    /// The same where the bytes end.
    #[cold]
    fn stands_slowly(&self, bytes: &[u8], at: usize) -> bool {
        let length = self.rest.len() * BLOCK - self.beyond.count_ones() as usize;
        bytes.get(at..at + length).is_some_and(|here| self.rest.as_flattened().starts_with(here))
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
    use crate::lanes::Plain;

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
