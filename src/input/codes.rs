//! Codes for the values of one field in the rows of a batch, as long as they repeat: a value is decoded, kept and later asked for once.

use super::place::{Buffers, Place};
use crate::column::NO_CODE;
use foldhash::fast::RandomState;
use hashbrown::HashTable;
use std::hash::BuildHasher;

/// Values after which codes are given up where more than half of the values are new.
const TRIAL: usize = 256;

/// Batches for which a field is then left alone, at most.
const LONGEST_REST: u32 = 64;

/// A longer value is not compared with others.
const LONG: usize = 256;

/// Turns a value as it is written into what it means.
pub type Decode = fn(&str, &mut String);

/// The codes of a batch.
#[derive(Debug, Default)]
pub struct Codes {
    hasher: RandomState,
    known: HashTable<Known>,
    /// By code.
    pub values: Vec<Place>,
    /// By row, up to the last row with a value.
    pub rows: Vec<u32>,
    /// Rows with a value.
    present: usize,
    /// No more codes are given in this batch.
    given_up: bool,
    /// Batches for which none are given, and for how many they were not the last time.
    rest: u32,
    rested: u32,
}

/// A value that has a code.
#[derive(Clone, Copy, Debug)]
struct Known {
    hash: u32,
    place: Place,
    /// It is not what stands there, but what that means.
    written: bool,
    code: u32,
}

impl Codes {
    /// The place of a value of a row, decoded where that has to be.
    #[inline]
    pub fn place(&mut self, row: usize, place: Place, decode: Option<Decode>, buffers: &mut Buffers<'_>) -> Place {
        if self.given_up || self.rest > 0 {
            return buffers.decoded(place, decode);
        }
        let code = self.code(place, decode, buffers);
        self.rows.resize(row, NO_CODE);
        self.rows.push(code);
        self.present += 1;
        if self.present >= TRIAL && self.values.len() * 2 > self.present || place.len() > LONG {
            self.given_up = true;
        }
        self.values.get(code as usize).copied().unwrap_or(place)
    }

    #[inline]
    fn code(&mut self, place: Place, decode: Option<Decode>, buffers: &mut Buffers<'_>) -> u32 {
        let value = buffers.bytes(place);
        let hash = self.hasher.hash_one(value);
        let equal = |k: &Known| k.hash == hash as u32 && k.written == decode.is_some() && buffers.bytes(k.place) == value;
        match self.known.find(hash, equal) {
            Some(known) => known.code,
            None => self.new_code(hash, place, decode, buffers),
        }
    }

    fn new_code(&mut self, hash: u64, place: Place, decode: Option<Decode>, buffers: &mut Buffers<'_>) -> u32 {
        let kept = buffers.keep(place);
        let code = match decode {
            // What is written in several ways is one value.
            Some(_) => {
                let decoded = buffers.decoded(place, decode);
                self.code(decoded, None, buffers)
            }
            None => {
                self.values.push(kept);
                self.values.len() as u32 - 1
            }
        };
        let known = Known { hash: hash as u32, place: kept, written: decode.is_some(), code };
        let hasher = &self.hasher;
        self.known.insert_unique(hash, known, |k| hasher.hash_one(buffers.bytes(k.place)));
        code
    }

    /// Takes the codes of a row and of those behind it away again.
    pub fn truncate(&mut self, rows: usize) {
        self.present -= self.rows.get(rows..).unwrap_or_default().iter().filter(|c| **c != NO_CODE).count();
        self.rows.truncate(rows);
    }

    /// Has every value a code, and is there one value in two rows at most?
    pub fn repeat(&self) -> bool {
        !self.given_up && self.rest == 0 && self.values.len() * 2 <= self.present
    }

    /// Begins the next batch.
    pub fn next(&mut self) {
        if self.given_up {
            self.rested = (self.rested * 2).clamp(1, LONGEST_REST);
            self.rest = self.rested;
        } else {
            self.rest = self.rest.saturating_sub(1);
        }
        self.clear();
    }

    /// Takes all codes of this batch away again.
    pub fn clear(&mut self) {
        (self.given_up, self.present) = (false, 0);
        self.known.clear();
        self.values.clear();
        self.rows.clear();
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::input::json::scan::unescape;
    use crate::input::written::Written;

    /// The values of rows as they are written, coded.
    fn coded(written: &[String]) -> (Codes, Vec<Option<String>>) {
        let text = written.concat();
        let mut buffers = Buffers::new(Written::Text(&text));
        let (mut codes, mut at, mut values) = (Codes::default(), 0, Vec::new());
        for (row, value) in written.iter().enumerate() {
            let place = Place::text(at, at + value.len());
            let decode: Option<Decode> = value.contains('\\').then_some(unescape);
            let place = codes.place(row, place, decode, &mut buffers);
            values.push(buffers.get(place).map(String::from));
            at += value.len();
        }
        (codes, values)
    }

    #[test]
    fn a_value_has_one_code_however_it_is_written() {
        let (codes, values) = coded(&["a".into(), r"\u0061".into(), r"b\\c".into(), "a".into(), r"b\\c".into(), String::new()]);
        assert_eq!((codes.rows, codes.values.len()), (vec![0, 0, 1, 0, 1, 2], 3));
        assert!(values.iter().flatten().eq(["a", "a", r"b\c", "a", r"b\c", ""]));
    }

    #[test]
    fn codes_are_given_up_where_values_do_not_repeat() {
        let rows = |value: &dyn Fn(usize) -> String| coded(&(0..2000).map(value).collect::<Vec<_>>());
        let (few, _) = rows(&|row| format!("value {}", row % 10));
        assert!(few.repeat());
        let (mut many, values) = rows(&|row| format!("value {row}"));
        assert!(!many.repeat() && values.last() == Some(&Some("value 1999".into())));
        many.next();
        assert_eq!((many.rest, many.rows.len()), (1, 0));
        many.next();
        assert_eq!(many.rest, 0);
    }
}
