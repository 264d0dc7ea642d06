//! The records of a chunk that may matter.

use super::finder::Sample;
use super::hidden::Hidden;
use super::{BLOCK, Check};
use crate::input::detect::Layout;
use crate::input::parse::records;
use crate::input::{Chunk, Format, around};
use std::ops::Range;

/// The records of a chunk that may matter, in order.
pub fn candidates(check: &Check, chunk: &Chunk) -> Vec<Range<usize>> {
    if chunk.raw || check.is_none() {
        return records(chunk);
    }
    let (bytes, format) = (&*chunk.bytes, chunk.file.format);
    let sample = Sample::of(bytes);
    let hidden = Hidden::new(format);
    let blocks = || (0..bytes.len()).step_by(BLOCK).map(|from| from..(from + BLOCK).min(bytes.len()));
    let (mut places, mut passes) = (Vec::new(), Vec::new());
    if let Some((first, others)) = check.texts(&sample).filter(|_| has_places(chunk)).as_deref().and_then(|texts| texts.split_first()) {
        let mut begins = Vec::new();
        for range in blocks() {
            // The first text is looked for together with what could hide it.
            first.places_and(Some((&hidden.begins, &mut begins)), bytes, range.clone(), &sample.frequencies, &mut places);
            passes.extend(begins.drain(..).filter(|at| hidden.is_at(bytes, *at)));
            others.iter().for_each(|f| f.places(bytes, range.clone(), &sample.frequencies, &mut places));
        }
        return records_around(check, bytes, format, places, passes);
    }
    // What reads a value of XML sees by itself what could hide it.
    if format == Format::Json || check.asks_texts() {
        blocks().for_each(|range| hidden.places(bytes, range, &mut passes));
    }
    passes.sort_unstable();
    let mut passes = passes.into_iter().peekable();
    let mut all = records(chunk);
    all.retain(|r| {
        while passes.next_if(|at| *at < r.start).is_some() {}
        passes.peek().is_some_and(|at| *at < r.end) || bytes.get(r.clone()).is_some_and(|b| check.may_be(b, format))
    });
    all
}

/// Can the record around a place be found without reading all of the chunk?
fn has_places(chunk: &Chunk) -> bool {
    match chunk.file.format {
        Format::WindowsXml | Format::Evtx | Format::Text => true,
        Format::Json => chunk.file.layout == Layout::Lines,
        Format::Csv { .. } => false,
    }
}

/// The records around these places that may matter, and those around places that pass in any case.
fn records_around(check: &Check, bytes: &[u8], format: Format, places: Vec<usize>, passes: Vec<usize>) -> Vec<Range<usize>> {
    let mut all: Vec<(usize, bool)> = places.into_iter().map(|p| (p, false)).chain(passes.into_iter().map(|p| (p, true))).collect();
    all.sort_unstable();
    let mut found: Vec<Range<usize>> = Vec::new();
    let mut places = all.into_iter().peekable();
    let mut end = 0;
    while let Some((place, mut pass)) = places.next() {
        let whole = around::around(bytes, format, place, end);
        end = whole.end;
        while let Some((_, p)) = places.next_if(|(p, _)| *p < end) {
            pass |= p;
        }
        for range in around::within(bytes, format, whole) {
            if pass || bytes.get(range.clone()).is_some_and(|b| check.may_be(b, format)) {
                found.push(range);
            }
        }
    }
    found
}
