//! Comparing a short text and finding a byte near by, where a call for it would cost more than the work.
//!
//! Both look at a fixed window of bytes without a branch inside; only what goes beyond the window asks `memchr`.

use wide::u8x16;

/// Bytes that one instruction compares.
const BLOCK: usize = 16;

/// Bytes in which one looks for the end of a value at once: most values are shorter.
const WINDOW: usize = 64;

/// Texts to compare with, each filled up to whole blocks.
#[derive(Debug, Default)]
pub struct Texts {
    blocks: Vec<[u8; BLOCK]>,
}

/// One of some [`Texts`].
#[derive(Clone, Copy, Debug)]
pub struct Text {
    first: u32,
    length: u32,
}

impl Text {
    /// Bytes of it.
    #[inline]
    pub fn len(self) -> usize {
        self.length as usize
    }
}

impl Texts {
    /// Forgets all of them.
    pub fn clear(&mut self) {
        self.blocks.clear();
    }

    /// Keeps a text.
    pub fn add(&mut self, text: &[u8]) -> Text {
        let added = Text { first: self.blocks.len() as u32, length: text.len() as u32 };
        let (whole, rest) = text.as_chunks::<BLOCK>();
        self.blocks.extend_from_slice(whole);
        if !rest.is_empty() {
            let mut block = [0; BLOCK];
            block.iter_mut().zip(rest).for_each(|(b, r)| *b = *r);
            self.blocks.push(block);
        }
        added
    }

    /// Is it this text?
    pub fn is(&self, text: Text, other: &[u8]) -> bool {
        text.len() == other.len() && self.stands(text, other, 0)
    }

    /// Does the text stand at this place?
    #[inline]
    pub fn stands(&self, text: Text, bytes: &[u8], at: usize) -> bool {
        let (first, count) = (text.first as usize, text.len().div_ceil(BLOCK));
        let Some(blocks) = self.blocks.get(first..first + count) else { return false };
        let Some(here) = bytes.get(at..at + count * BLOCK) else { return self.stands_at_end(text, bytes, at) };
        let ((last, whole), (here, _)) = match blocks.split_last() {
            Some(parts) => (parts, here.as_chunks::<BLOCK>()),
            None => return true,
        };
        let Some((here_last, here)) = here.split_last() else { return true };
        for (a, b) in whole.iter().zip(here) {
            if equal(*a, *b) != 0xffff {
                return false;
            }
        }
        let beyond = 0xffff_u32.unbounded_shl(text.length.wrapping_sub(1) % BLOCK as u32 + 1);
        equal(*last, *here_last) | beyond & 0xffff == 0xffff
    }

    /// The same where the bytes end before the text's last block does.
    #[cold]
    fn stands_at_end(&self, text: Text, bytes: &[u8], at: usize) -> bool {
        let Some(here) = bytes.get(at..at + text.len()) else { return false };
        let text = self.blocks.get(text.first as usize..).unwrap_or_default().as_flattened();
        text.get(..here.len()) == Some(here)
    }
}

/// The places at which two blocks agree, as bits.
#[inline]
fn equal(a: [u8; BLOCK], b: [u8; BLOCK]) -> u32 {
    u8x16::new(a).simd_eq(u8x16::new(b)).to_bitmask()
}

/// How far behind a place a byte is.
#[inline]
pub fn find<const BYTE: u8>(bytes: &[u8], at: usize) -> Option<usize> {
    let rest = bytes.get(at..)?;
    let Some((window, beyond)) = rest.split_first_chunk::<WINDOW>() else { return memchr::memchr(BYTE, rest) };
    let found = window.as_chunks::<BLOCK>().0.iter().rev().fold(0, |bits, block| bits << BLOCK | u64::from(equal(*block, [BYTE; BLOCK])));
    match found {
        0 => memchr::memchr(BYTE, beyond).map(|i| WINDOW + i),
        _ => Some(found.trailing_zeros() as usize),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn texts_are_compared_at_every_length() {
        for length in 0..60 {
            let mut texts = Texts::default();
            texts.add(b"another");
            let plain = vec![b'a'; length];
            let text = texts.add(&plain);
            texts.add(b"one more");
            for behind in [0, 1, 15, 16, 40] {
                let bytes = [&b"xyz"[..], &plain, &vec![b'a'; behind]].concat();
                assert!(texts.stands(text, &bytes, 3), "{length} {behind}");
                assert_eq!(texts.is(text, bytes.get(3..).unwrap()), behind == 0);
                for at in 0..length {
                    let mut other = bytes.clone();
                    other[3 + at] = b'<';
                    assert!(!texts.stands(text, &other, 3), "{length} {behind} {at}");
                    assert!(!texts.stands(text, &bytes[..3 + at], 3), "{length} {behind} {at}");
                }
            }
        }
    }

    #[test]
    fn bytes_are_found_at_every_place() {
        for length in 0..200 {
            let text = vec![b'a'; length];
            assert_eq!(find::<b'<'>(&text, 0), None);
            for at in 0..length {
                let mut other = text.clone();
                other[at..].fill(b'<');
                assert_eq!(find::<b'<'>(&other, 0), Some(at), "{length} {at}");
                assert_eq!(find::<b'<'>(&other, at / 2), Some(at - at / 2), "{length} {at}");
            }
        }
        assert_eq!((find::<0xff>(&[0x7f, 0xfe, 0, 0xff], 0), find::<b'a'>(b"a", 2)), (Some(3), None));
    }
}
