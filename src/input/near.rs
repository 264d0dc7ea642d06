//! Comparing a short text and finding a byte near by, where a call for it would cost more than the work.
//!
//! All of it looks at a fixed window of bytes without a branch inside; only what goes beyond the window is asked for by a call.

use crate::machine::lanes::{BLOCK, Lanes, WORD};

/// A text to compare with. What is compared at once comes first, so that it can lie within one line of a processor's cache.
#[derive(Clone, Debug)]
#[repr(C)]
pub struct Text {
    /// As much of it as there is room for, filled up.
    first: [u8; WORD],
    /// The places of the text in that, as bits.
    within: u64,
    /// What comes after that.
    rest: Option<Box<[u8]>>,
    length: u32,
}

impl Text {
    /// Keeps a text.
    pub fn new(text: &[u8]) -> Text {
        Text {
            first: std::array::from_fn(|i| text.get(i).copied().unwrap_or_default()),
            within: !u64::MAX.unbounded_shl(text.len() as u32),
            rest: text.get(WORD..).filter(|rest| !rest.is_empty()).map(Box::from),
            length: text.len() as u32,
        }
    }

    /// Bytes of it.
    #[inline(always)]
    pub fn len(&self) -> usize {
        self.length as usize
    }

    /// Is it short?
    pub fn is_short(&self) -> bool {
        self.rest.is_none()
    }

    /// Its first bytes: all of them, where it is short.
    pub fn start(&self) -> &[u8] {
        self.first.get(..self.len()).unwrap_or(&self.first)
    }

    /// Is it this text?
    pub fn is(&self, other: &[u8]) -> bool {
        self.len() == other.len() && self.begins_slowly(other, 0) && self.ends(other, 0)
    }

    /// Do its first bytes, as many as are compared at once, stand at this place?
    #[inline(always)]
    pub fn begins(&self, lanes: impl Lanes, bytes: &[u8], at: u32) -> bool {
        match bytes.get(at as usize..at as usize + WORD).and_then(|here| here.first_chunk()) {
            Some(here) => lanes.differ(&self.first, here) & self.within == 0,
            None => self.begins_slowly(bytes, at),
        }
    }

    /// Does what comes behind those stand there, too?
    #[inline(always)]
    pub fn ends(&self, bytes: &[u8], at: u32) -> bool {
        self.rest.as_ref().is_none_or(|rest| bytes.get(at as usize + WORD..).is_some_and(|behind| behind.starts_with(rest)))
    }

    /// Do its first bytes stand at this place, where the bytes end?
    #[cold]
    fn begins_slowly(&self, bytes: &[u8], at: u32) -> bool {
        bytes.get(at as usize..).is_some_and(|here| here.starts_with(self.start()))
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
    use crate::machine::lanes::Plain;

    #[test]
    fn texts_are_compared_at_every_length() {
        for length in 0..150 {
            let plain = vec![b'a'; length];
            let text = Text::new(&plain);
            let stands = |bytes: &[u8]| text.begins(Plain, bytes, 3) && text.ends(bytes, 3);
            assert_eq!((text.len(), text.is_short()), (length, length <= WORD));
            for behind in [0, 1, 15, 16, 40, 80] {
                let bytes = [&b"xyz"[..], &plain, &vec![b'a'; behind]].concat();
                assert!(stands(&bytes), "{length} {behind}");
                assert_eq!(text.is(bytes.get(3..).unwrap()), behind == 0);
                for at in 0..length {
                    let mut other = bytes.clone();
                    other[3 + at] = b'<';
                    assert!(!stands(&other), "{length} {behind} {at}");
                    assert!(!stands(&bytes[..3 + at]), "{length} {behind} {at}");
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
