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

    fn code(&mut self, place: Place, decode: Option<Decode>, buffers: &mut Buffers<'_>) -> u32 {
        let text = buffers.get(place).unwrap_or_default();
        let hash = self.hasher.hash_one(text);
        let same = |k: &Known| k.hash == hash as u32 && k.written == decode.is_some() && buffers.get(k.place) == Some(text);
        if let Some(known) = self.known.find(hash, same) {
            return known.code;
        }
        let code = match decode {
            // What is written in several ways is one value.
            Some(_) => {
                let decoded = buffers.decoded(place, decode);
                self.code(decoded, None, buffers)
            }
            None => {
                self.values.push(place);
                self.values.len() as u32 - 1
            }
        };
        let known = Known { hash: hash as u32, place, written: decode.is_some(), code };
        let hasher = &self.hasher;
        self.known.insert_unique(hash, known, |k| hasher.hash_one(buffers.get(k.place).unwrap_or_default()));
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
        (self.given_up, self.present) = (false, 0);
        self.known.clear();
        self.values.clear();
        self.rows.clear();
    }
}
