//! What tests of several formats share.

use super::sieve::{Check, FieldName};
use super::{Chunk, ParseOptions, Parser, Wanted, Warnings, parse, parse_records, records};
use crate::column::{Batch, Memo};
use proptest::prelude::*;

/// A text that ends early, at a place that a character begins at.
pub fn cut(mut text: String, damage: Option<usize>) -> String {
    text.truncate(damage.map_or(text.len(), |at| text.floor_char_boundary(at)));
    text
}

/// The fields of each row that have a value, by name.
pub fn rows(batch: &Batch) -> Vec<Vec<(String, String)>> {
    let row = |row| {
        let mut fields: Vec<_> = batch.columns().map(|(name, c)| (name.to_string(), format!("{:?}", c.get(row)))).filter(|(_, v)| v != "Null").collect();
        fields.sort();
        fields
    };
    (0..batch.len()).map(row).collect()
}

/// The records of a chunk are read the same together as each alone and as often as one likes, and as many of them are damaged.
pub fn the_same_alone(chunk: &Chunk) -> Result<(), TestCaseError> {
    let (options, mut alone, mut together) = (ParseOptions::default(), Warnings::new(), Warnings::new());
    let ranges = records(chunk);
    let each = ranges.iter().flat_map(|range| parse_records(chunk, std::slice::from_ref(range), &Wanted::All, &options, &mut alone));
    let each = Batch::concat(each.collect());
    let all = Batch::concat(parse(chunk, &Wanted::All, &options, &mut together));
    prop_assert_eq!(rows(&all), rows(&each), "{}", String::from_utf8_lossy(&chunk.bytes));
    prop_assert_eq!(format!("{together:?}"), format!("{alone:?}"));
    // What was learnt of a chunk changes nothing in the next one.
    let mut parser = Parser::new(Wanted::All, options);
    for _ in 0..3 {
        let again = parser.parse_where(chunk, &Check::none(), &mut Warnings::new());
        prop_assert_eq!(rows(&Batch::concat(again)), rows(&all));
    }
    Ok(())
}

/// A check of one field's values leaves out no row that has one of them, and makes none of what is not there, with every field wanted or that
/// one alone.
pub fn the_same_checked(chunk: &Chunk, field: &str) -> Result<(), TestCaseError> {
    let (options, mut warnings) = (ParseOptions::default(), Warnings::new());
    for value in ["1", "a", "é", "C:\\a.exe"] {
        let check = Check::Value {
            names: vec![FieldName::new(field)],
            test: std::sync::Arc::new(move |text: &str| text == value),
            parts: std::sync::Arc::new(Check::none()),
            shown: String::new(),
            hits: Memo::default(),
        };
        for wanted in [Wanted::All, Wanted::only([field])] {
            let passing = |batches: Vec<Batch>| {
                let all = Batch::concat(batches);
                let passes = |row: &usize| all.value(field, *row).each().iter().any(|v| v.as_text().as_deref() == Some(value));
                let kept: Vec<u32> = (0..all.len()).filter(passes).map(|row| row as u32).collect();
                (rows(&all.take(&kept)), all.len())
            };
            let (plain, most) = passing(parse(chunk, &wanted, &options, &mut warnings));
            let mut parser = Parser::new(wanted, options.clone());
            let first = parser.parse_where(chunk, &check, &mut warnings);
            let (checked, some) = passing(first.clone());
            prop_assert_eq!((&plain, some <= most), (&checked, true), "{} {}", value, String::from_utf8_lossy(&chunk.bytes));
            // Which shapes are known by then changes neither the rows nor the order of the fields.
            for _ in 0..2 {
                let again = parser.parse_where(chunk, &check, &mut warnings);
                let all = |batches: &[Batch]| batches.iter().map(|b| (rows(b), b.names().map(ToString::to_string).collect::<Vec<_>>())).collect::<Vec<_>>();
                prop_assert_eq!(all(&again), all(&first), "{} {}", value, String::from_utf8_lossy(&chunk.bytes));
            }
        }
    }
    Ok(())
}
