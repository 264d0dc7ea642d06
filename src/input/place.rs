//! Where values lie: in what was read, or among those that had to be decoded.

use super::codes::Decode;
use super::written::Written;

/// A place in the text of the chunk or in the buffer of decoded values.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Place {
    pub start: u32,
    /// The top bit says that it lies in the decoded buffer.
    length: u32,
}

const DECODED: u32 = 1 << 31;

impl Place {
    /// No place.
    pub const NULL: Place = Place { start: u32::MAX, length: u32::MAX };

    /// Bytes `start..end` of the text.
    pub fn text(start: usize, end: usize) -> Place {
        Place { start: start as u32, length: end.saturating_sub(start) as u32 }
    }

    /// Is there nothing at this place?
    pub fn is_empty(self) -> bool {
        self.len() == 0
    }

    /// Bytes of it.
    pub fn len(self) -> usize {
        if self == Place::NULL { 0 } else { (self.length & !DECODED) as usize }
    }

    /// Does it lie in the decoded buffer?
    pub fn decoded(self) -> bool {
        self.length & DECODED != 0
    }
}

/// What places point into.
pub struct Buffers<'a> {
    pub text: Written<'a>,
    pub decoded: String,
}

impl Buffers<'_> {
    /// The text at a place.
    #[inline]
    pub fn get(&self, place: Place) -> Option<&str> {
        if place == Place::NULL {
            return None;
        }
        let start = place.start as usize;
        let range = start..start + place.len();
        if place.decoded() { self.decoded.get(range) } else { self.text.get(range) }
    }

    /// The same as bytes; no place has none.
    #[inline]
    pub fn bytes(&self, place: Place) -> &[u8] {
        let start = place.start as usize;
        let bytes = if place.decoded() { self.decoded.as_bytes() } else { self.text.bytes() };
        bytes.get(start..start + place.len()).unwrap_or_default()
    }

    /// Text that the input does not have as it is.
    pub fn write(&mut self, write: impl FnOnce(&mut String)) -> Place {
        let start = self.decoded.len();
        write(&mut self.decoded);
        Place { start: start as u32, length: (self.decoded.len() - start) as u32 | DECODED }
    }

    /// The place of what a value means.
    pub fn decoded(&mut self, place: Place, decode: Option<Decode>) -> Place {
        let Some(decode) = decode else { return place };
        let start = place.start as usize;
        let written = self.text.get(start..start + place.len()).unwrap_or_default();
        self.write(|out| decode(written, out))
    }
}
