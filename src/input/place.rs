//! Where values lie: in what was read, or among those that had to be decoded.

use super::codes::Decode;
use super::written::Written;

/// A place in the text of the chunk, in the buffer of decoded values, or in the one of kept values.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Place {
    pub start: u32,
    /// The top bits say that it lies in the buffer of decoded values, or of kept ones.
    length: u32,
}

const DECODED: u32 = 1 << 31;
const KEPT: u32 = 1 << 30;

/// No value is longer.
pub const LONGEST: usize = KEPT as usize - 1;

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
        if self == Place::NULL { 0 } else { (self.length & !(DECODED | KEPT)) as usize }
    }

    /// Does it lie in the decoded buffer?
    pub fn decoded(self) -> bool {
        self.length & DECODED != 0
    }

    /// Does it lie in the buffer of kept values?
    pub fn kept(self) -> bool {
        self.length & KEPT != 0
    }
}

/// What places point into.
pub struct Buffers<'a> {
    pub text: Written<'a>,
    pub decoded: String,
    /// Values as they were read, side by side.
    pub kept: Vec<u8>,
}

impl<'a> Buffers<'a> {
    /// A text, and nothing that was made of it.
    pub fn new(text: Written<'a>) -> Buffers<'a> {
        Buffers { text, decoded: String::new(), kept: Vec::new() }
    }

    /// The text at a place.
    #[inline]
    pub fn get(&self, place: Place) -> Option<&str> {
        if place == Place::NULL {
            return None;
        }
        let start = place.start as usize;
        let range = start..start + place.len();
        match (place.decoded(), place.kept()) {
            (true, _) => self.decoded.get(range),
            (_, true) => std::str::from_utf8(self.kept.get(range)?).ok(),
            _ => self.text.get(range),
        }
    }

    /// The same as bytes; no place has none.
    #[inline]
    pub fn bytes(&self, place: Place) -> &[u8] {
        let start = place.start as usize;
        let bytes = match (place.decoded(), place.kept()) {
            (true, _) => self.decoded.as_bytes(),
            (_, true) => &self.kept,
            _ => self.text.bytes(),
        };
        bytes.get(start..start + place.len()).unwrap_or_default()
    }

    /// Text that the input does not have as it is.
    pub fn write(&mut self, write: impl FnOnce(&mut String)) -> Place {
        let start = self.decoded.len();
        write(&mut self.decoded);
        Place { start: start as u32, length: (self.decoded.len() - start) as u32 | DECODED }
    }

    /// The place of what a value means.
    #[inline]
    pub fn decoded(&mut self, place: Place, decode: Option<Decode>) -> Place {
        let Some(decode) = decode else { return self.keep(place) };
        let start = place.start as usize;
        let written = self.text.get(start..start + place.len()).unwrap_or_default();
        self.write(|out| decode(written, out))
    }

    /// Of a text of which little is taken, the place of a copy beside the others: what is near is soon compared, and copied while it is at hand.
    #[inline]
    pub fn keep(&mut self, place: Place) -> Place {
        if self.text.is_text() || place.length & (DECODED | KEPT) != 0 {
            return place;
        }
        let start = place.start as usize;
        let value = self.text.bytes().get(start..start + place.len()).unwrap_or_default();
        let start = self.kept.len() as u32;
        self.kept.extend_from_slice(value);
        Place { start, length: value.len() as u32 | KEPT }
    }
}
