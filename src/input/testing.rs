//! What tests of several formats share.

use super::{Chunk, ParseOptions, Wanted, Warnings, parse, parse_records, records};
use crate::column::Batch;
use proptest::prelude::*;

/// A text that ends early, at a place that a character begins at.
pub fn cut(mut text: String, damage: Option<usize>) -> String {
    text.truncate(damage.map_or(text.len(), |at| text.floor_char_boundary(at)));
    text
}

/// The fields of each row that have a value, by name.
fn rows(batch: &Batch) -> Vec<Vec<(String, String)>> {
    let row = |row| {
        let mut fields: Vec<_> = batch.columns().map(|(name, c)| (name.to_string(), format!("{:?}", c.get(row)))).filter(|(_, v)| v != "Null").collect();
        fields.sort();
        fields
    };
    (0..batch.len()).map(row).collect()
}

/// The records of a chunk are read the same together as each alone, and as many of them are damaged.
pub fn the_same_alone(chunk: &Chunk) -> Result<(), TestCaseError> {
    let (options, mut alone, mut together) = (ParseOptions::default(), Warnings::new(), Warnings::new());
    let ranges = records(chunk);
    let each = ranges.iter().flat_map(|range| parse_records(chunk, std::slice::from_ref(range), &Wanted::All, &options, &mut alone));
    let each = Batch::concat(each.collect());
    let all = Batch::concat(parse(chunk, &Wanted::All, &options, &mut together));
    prop_assert_eq!(rows(&all), rows(&each), "{}", String::from_utf8_lossy(&chunk.bytes));
    prop_assert_eq!(format!("{together:?}"), format!("{alone:?}"));
    Ok(())
}
