//! The record around a place in a chunk, found without reading the rest of it.

use super::Format;
use super::record::{continues, event, events, is_close, lines};
use memchr::memmem;
use std::ops::Range;
use std::sync::LazyLock;

/// How far back one looks at first for the end of the record before.
const NEAR: usize = 1 << 10;

const CLOSE: &[u8] = b"Event>";

static CLOSES: LazyLock<memmem::Finder<'static>> = LazyLock::new(|| memmem::Finder::new(CLOSE));

/// From the end of the record before a place to the end of the one that it lies in. Between `from` and the place there is the end of a
/// record, or `from` is one.
pub fn around(bytes: &[u8], format: Format, place: usize, from: usize) -> Range<usize> {
    match format {
        Format::WindowsXml | Format::Evtx => event_start(bytes, place, from)..event_end(bytes, place),
        Format::Text => {
            let mut line = line_start(bytes, place, from)..line_end(bytes, place);
            while line.start > from && goes_on(bytes, line.start..line_end(bytes, line.start)) {
                line.start = line_start(bytes, line.start - 1, from);
            }
            while line.end < bytes.len() && goes_on(bytes, line.end..line_end(bytes, line.end)) {
                line.end = line_end(bytes, line.end);
            }
            line
        }
        Format::Json | Format::Csv { .. } => line_start(bytes, place, from)..line_end(bytes, place),
    }
}

/// The records of such a range, without what stands between them.
pub fn within(bytes: &[u8], format: Format, whole: Range<usize>) -> Vec<Range<usize>> {
    let mut found = match format {
        Format::WindowsXml | Format::Evtx => {
            return event(bytes, whole.start, whole.end).into_iter().collect();
        }
        Format::Text => events(bytes.get(whole.clone()).unwrap_or_default()),
        Format::Json | Format::Csv { .. } => lines(bytes.get(whole.clone()).unwrap_or_default()),
    };
    found.iter_mut().for_each(|r| *r = r.start + whole.start..r.end + whole.start);
    found
}

/// Behind the last closing tag of an event before a place.
fn event_start(bytes: &[u8], place: usize, from: usize) -> usize {
    let mut back = NEAR;
    loop {
        let window = place.saturating_sub(back).max(from);
        let closes = CLOSES.find_iter(bytes.get(window..place).unwrap_or_default()).map(|i| window + i);
        if let Some(at) = closes.filter(|at| is_close(bytes, *at)).last() {
            return at + CLOSE.len();
        }
        if window == from {
            return from;
        }
        back *= 4;
    }
}

/// Behind the first closing tag of an event that ends behind a place.
fn event_end(bytes: &[u8], place: usize) -> usize {
    let from = place.saturating_sub(CLOSE.len() - 1);
    let mut closes = CLOSES.find_iter(bytes.get(from..).unwrap_or_default()).map(|i| from + i);
    closes.find(|at| is_close(bytes, *at)).map_or(bytes.len(), |at| at + CLOSE.len())
}

fn line_start(bytes: &[u8], place: usize, from: usize) -> usize {
    bytes.get(from..place).and_then(|b| memchr::memrchr(b'\n', b)).map_or(from, |i| from + i + 1)
}

fn line_end(bytes: &[u8], place: usize) -> usize {
    bytes.get(place..).and_then(|b| memchr::memchr(b'\n', b)).map_or(bytes.len(), |i| place + i + 1)
}

/// Is the line empty, or part of the event of a line before it?
fn goes_on(bytes: &[u8], line: Range<usize>) -> bool {
    let line = bytes.get(line).unwrap_or_default();
    line.trim_ascii().is_empty() || continues(line)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::input::record;

    /// Every place of a record leads to that record.
    fn same_everywhere(text: &str, format: Format, records: Vec<Range<usize>>) {
        for r in &records {
            for place in r.clone() {
                let found = within(text.as_bytes(), format, around(text.as_bytes(), format, place, 0));
                assert!(found.contains(r), "{:?} at {place}: {found:?}", &text[r.clone()]);
            }
        }
    }

    #[test]
    fn every_place_leads_to_its_record() {
        let xml = "<?xml version='1.0'?><Events>\n<Event><a>Event></a></Event> <x:Event>b</x:Event>\n<!-- c --><Event/>\n</Events> tail";
        same_everywhere(xml, Format::WindowsXml, record::Events::new(xml.as_bytes()).collect());
        let long = format!("<Event>{}</Event>", "x".repeat(40_000)).repeat(3);
        assert_eq!(around(long.as_bytes(), Format::WindowsXml, 70_000, 0), 40_015..80_030);
        let text = "a\n b\n\n\tc\n\nd\ne\n  2024-01-01 00:00:00 own\n f\n";
        same_everywhere(text, Format::Text, record::events(text.as_bytes()));
        let json = "{\"a\":1}\r\n\n{}\n{\"b\"";
        same_everywhere(json, Format::Json, record::lines(json.as_bytes()));
    }
}
