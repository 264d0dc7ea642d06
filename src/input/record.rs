//! Where records begin and end, for cutting a file into chunks and a chunk into records. Both read the same boundaries, so that
//! the size of chunks never shows.

use super::detect::Layout;
use super::json::scan::Scanner;
use memchr::memmem::Finder;
use std::ops::Range;

/// The last place at which a piece of a file may be cut: just behind a record. `None` where no record ends in it.
pub fn last_event_end(bytes: &[u8]) -> Option<usize> {
    let mut end = bytes.len();
    while let Some(at) = bytes.get(..end).and_then(|b| memchr::memmem::rfind(b, b"Event>")) {
        if is_close(bytes, at) {
            return Some(at + b"Event>".len());
        }
        end = at;
    }
    None
}

/// Does `Event>` at this place close an event: `</Event>`, `</ns:Event>`?
pub fn is_close(bytes: &[u8], at: usize) -> bool {
    let before = bytes.get(at.saturating_sub(40)..at).unwrap_or_default();
    match before.last() {
        Some(b'/') => before.ends_with(b"</"),
        Some(b':') => memchr::memrchr(b'<', before)
            .and_then(|i| before.get(i + 1..before.len() - 1))
            .is_some_and(|p| p.first() == Some(&b'/') && p.iter().skip(1).all(|b| b.is_ascii_alphanumeric() || matches!(b, b'_' | b'-' | b'.'))),
        _ => false,
    }
}

/// Events of XML: everything up to a closing `</Event>`, without the white space, declarations, comments and tags of a root around it.
pub struct Events<'a> {
    bytes: &'a [u8],
    finder: Finder<'static>,
    /// Behind the last event; none behind the last bytes.
    at: Option<usize>,
}

impl<'a> Events<'a> {
    /// The events of some bytes.
    pub fn new(bytes: &'a [u8]) -> Events<'a> {
        Events { bytes, finder: Finder::new(b"Event>"), at: Some(0) }
    }

    /// Where the next event begins, if nothing but white space stands before it.
    pub fn start(&self) -> Option<usize> {
        let rest = self.bytes.get(self.at?..)?;
        let space = rest.iter().position(|b| !b.is_ascii_whitespace())?;
        rest.get(space..)?.starts_with(b"<Event").then_some(self.at? + space)
    }

    /// Goes behind an event whose end somebody else found.
    pub fn go_behind(&mut self, end: usize) {
        self.at = Some(end);
    }

    /// Behind the next closing tag; to the end of the bytes where there is none.
    fn end(&self, start: usize) -> Option<usize> {
        let mut from = start;
        while let Some(found) = self.bytes.get(from..).and_then(|b| self.finder.find(b)) {
            let at = from + found;
            from = at + b"Event>".len();
            if is_close(self.bytes, at) {
                return Some(from);
            }
        }
        None
    }
}

impl Iterator for Events<'_> {
    type Item = Range<usize>;

    fn next(&mut self) -> Option<Range<usize>> {
        loop {
            let start = self.at?;
            self.at = self.end(start);
            if let Some(event) = event(self.bytes, start, self.at.unwrap_or(self.bytes.len())) {
                return Some(event);
            }
        }
    }
}

/// An event without what may stand between events; none where only that is there.
pub fn event(bytes: &[u8], start: usize, end: usize) -> Option<Range<usize>> {
    let mut at = start;
    while let Some(text) = bytes.get(at..end).filter(|t| !t.is_empty()) {
        let skip = match text {
            [b' ' | b'\t' | b'\r' | b'\n', ..] => text.iter().position(|b| !b.is_ascii_whitespace()),
            [b'<', b'?', ..] => behind(text, b"?>"),
            [b'<', b'!', b'-', b'-', ..] => behind(text, b"-->"),
            [b'<', b'!', ..] => behind(text, b">"),
            [b'<', b'/', ..] if !text.starts_with(b"</Event>") => behind(text, b">"),
            [b'<', rest @ ..] if is_root(rest) => behind(text, b">"),
            _ => return Some(at..at + text.trim_ascii_end().len()),
        };
        let Some(skip) = skip else {
            // White space to the end, or a declaration that never ends.
            return Some(at..at + text.trim_ascii_end().len()).filter(|r| !r.is_empty());
        };
        at += skip;
    }
    None
}

/// The place behind the first such mark.
fn behind(text: &[u8], mark: &[u8]) -> Option<usize> {
    memchr::memmem::find(text, mark).map(|i| i + mark.len())
}

/// Is this the opening tag of something that holds events: any element but `Event` itself?
fn is_root(tag: &[u8]) -> bool {
    let length = tag.iter().position(|b| b.is_ascii_whitespace() || matches!(b, b'>' | b'/')).unwrap_or(tag.len());
    let name = tag.get(..length).unwrap_or_default();
    let local = memchr::memrchr(b':', name).and_then(|i| name.get(i + 1..)).unwrap_or(name);
    local != b"Event" && name.first().is_some_and(|b| b.is_ascii_alphabetic() || *b == b'_')
}

/// JSON records: lines, or values with whatever stands between values of an array left out.
pub fn json(bytes: &[u8], layout: Layout) -> Vec<Range<usize>> {
    match layout {
        Layout::Lines => lines(bytes),
        Layout::Values => {
            let mut ranges = Vec::new();
            let mut at = 0;
            while let Some((range, _)) = next_value(bytes, at) {
                at = range.end;
                ranges.push(range);
            }
            ranges
        }
    }
}

/// The next value at or behind a place, an object or the junk before the next one, and whether it ends in these bytes. One that
/// does not end reaches to the end of them.
fn next_value(bytes: &[u8], from: usize) -> Option<(Range<usize>, bool)> {
    let start = from + bytes.get(from..)?.iter().position(|b| !matches!(b, b' ' | b'\t' | b'\r' | b'\n' | b',' | b'[' | b']'))?;
    if bytes.get(start) == Some(&b'{') {
        let end = Scanner::default().feed(bytes, start);
        return Some((start..end.unwrap_or(bytes.len()), end.is_some()));
    }
    let rest = bytes.get(start..)?;
    let end = memchr::memchr2(b'{', b'\n', rest);
    let junk = rest.get(..end.unwrap_or(rest.len()))?;
    let length = junk.iter().rposition(|b| !matches!(b, b' ' | b'\t' | b'\r')).map_or(junk.len(), |i| i + 1);
    Some((start..start + length, end.is_some()))
}

/// The end of the last whole value of a piece of a file.
pub fn last_value_end(bytes: &[u8]) -> Option<usize> {
    let (mut at, mut last) = (0, None);
    while let Some((range, true)) = next_value(bytes, at) {
        (at, last) = (range.end, Some(range.end));
    }
    last
}

/// Lines without their ends, empty ones left out.
pub fn lines(bytes: &[u8]) -> Vec<Range<usize>> {
    let mut ranges = Vec::with_capacity(bytes.len() / 512 + 1);
    ranges.extend(Lines::new(bytes));
    ranges
}

/// Lines without their ends, empty ones left out.
pub struct Lines<'a> {
    bytes: &'a [u8],
    /// Behind the last line.
    at: usize,
}

impl<'a> Lines<'a> {
    /// The lines of some bytes.
    pub fn new(bytes: &'a [u8]) -> Lines<'a> {
        Lines { bytes, at: 0 }
    }

    /// Where the next line begins.
    pub fn place(&self) -> usize {
        self.at
    }

    /// Goes behind the line that ends at a place, if one does.
    pub fn go_behind(&mut self, end: usize) -> Option<()> {
        let rest = self.bytes.get(end..)?;
        self.at = match rest {
            [] => end,
            [b'\n', ..] => end + 1,
            [b'\r', b'\n', ..] => end + 2,
            _ => return None,
        };
        Some(())
    }
}

impl Iterator for Lines<'_> {
    type Item = Range<usize>;

    fn next(&mut self) -> Option<Range<usize>> {
        loop {
            let rest = self.bytes.get(self.at..).filter(|r| !r.is_empty())?;
            let length = memchr::memchr(b'\n', rest).unwrap_or(rest.len());
            let start = self.at;
            self.at += length + 1;
            if let Some(line) = line(self.bytes, start, start + length) {
                return Some(line);
            }
        }
    }
}

/// A line without its end; none where there is nothing on it.
fn line(bytes: &[u8], start: usize, mut end: usize) -> Option<Range<usize>> {
    while end > start && bytes.get(end - 1) == Some(&b'\r') {
        end -= 1;
    }
    bytes.get(start..end).is_some_and(|l| !l.trim_ascii().is_empty()).then_some(start..end)
}

/// Lines of delimited text: a line break inside quotes ends nothing.
pub fn quoted_lines(bytes: &[u8]) -> Vec<Range<usize>> {
    let mut ranges = Vec::new();
    let (mut start, mut quoted) = (0, false);
    for at in memchr::memchr2_iter(b'\n', b'"', bytes) {
        if bytes.get(at) == Some(&b'"') {
            quoted = !quoted;
        } else if !quoted {
            ranges.extend(line(bytes, start, at));
            start = at + 1;
        }
    }
    ranges.extend(line(bytes, start, bytes.len()));
    ranges
}

/// Behind the last line break that is outside quotes.
pub fn last_quoted_line_end(bytes: &[u8]) -> Option<usize> {
    let (mut last, mut quoted) = (None, false);
    for at in memchr::memchr2_iter(b'\n', b'"', bytes) {
        if bytes.get(at) == Some(&b'"') {
            quoted = !quoted;
        } else if !quoted {
            last = Some(at + 1);
        }
    }
    last
}

/// Behind the last line break.
pub fn last_line_end(bytes: &[u8]) -> Option<usize> {
    memchr::memrchr(b'\n', bytes).map(|i| i + 1)
}

/// Events of plain text: a line, with the lines after it that begin with white space and with no timestamp.
pub fn events(bytes: &[u8]) -> Vec<Range<usize>> {
    let mut ranges: Vec<Range<usize>> = Vec::with_capacity(bytes.len() / 128 + 1);
    for line in lines(bytes) {
        match ranges.last_mut() {
            Some(last) if continues(bytes.get(line.clone()).unwrap_or_default()) => last.end = line.end,
            _ => ranges.push(line),
        }
    }
    ranges
}

/// Behind the last line break that a new event follows.
pub fn last_text_end(bytes: &[u8]) -> Option<usize> {
    memchr::memrchr_iter(b'\n', bytes).map(|i| i + 1).find(|&end| {
        let rest = bytes.get(end..).unwrap_or_default();
        // An indented or empty line may be cut off before it shows what it is.
        rest.first().is_some_and(|b| !b.is_ascii_whitespace())
    })
}

/// Does the line belong to the event before it?
pub fn continues(line: &[u8]) -> bool {
    line.first().is_some_and(|b| matches!(b, b' ' | b'\t')) && !super::text::begins_with_time(line)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn texts(bytes: &str, ranges: Vec<Range<usize>>) -> Vec<&str> {
        ranges.into_iter().map(|r| &bytes[r]).collect()
    }

    #[test]
    fn events_of_xml() {
        for (text, wanted) in [
            ("<Event a='1'>x</Event><Event>y</Event>\n", vec!["<Event a='1'>x</Event>", "<Event>y</Event>"]),
            ("<?xml version='1.0'?>\n<!-- c <Event> -->\n<Events>\n <Event>y</Event>\n</Events>\n", vec!["<Event>y</Event>"]),
            ("<e:Events><e:Event>y</e:Event></e:Events>", vec!["<e:Event>y</e:Event>"]),
            ("junk <Event>y</Event>", vec!["junk <Event>y</Event>"]),
            ("<Event>y</Event><Event>cut", vec!["<Event>y</Event>", "<Event>cut"]),
            ("<Event>y<a>Event></a></Event>", vec!["<Event>y<a>Event></a></Event>"]),
            ("<!-- never", vec!["<!-- never"]),
            ("", vec![]),
        ] {
            assert_eq!(texts(text, Events::new(text.as_bytes()).collect()), wanted, "{text}");
        }
    }

    #[test]
    fn values_of_json() {
        for (text, wanted) in [
            ("[{\"a\":1},\n {\"a\":{\"b\":2}}\n]", vec!["{\"a\":1}", "{\"a\":{\"b\":2}}"]),
            ("{\"a\":1}{\"a\":2}", vec!["{\"a\":1}", "{\"a\":2}"]),
            ("oops {\"a\":1} \n{\"a\"", vec!["oops", "{\"a\":1}", "{\"a\""]),
            ("", vec![]),
        ] {
            assert_eq!(texts(text, json(text.as_bytes(), Layout::Values)), wanted, "{text}");
        }
        assert_eq!(last_value_end(b"{\"a\":1},{\"b\""), Some(7));
        assert_eq!(last_value_end(b"{\"b\""), None);
    }

    #[test]
    fn lines_and_events() {
        let text = "a\r\n\n b\n\tc\nd";
        assert_eq!(texts(text, events(text.as_bytes())), ["a\r\n\n b\n\tc", "d"]);
        assert_eq!(texts(text, lines(text.as_bytes())), ["a", " b", "\tc", "d"]);
        let csv = "a,\"b\nc\"\nd";
        assert_eq!(texts(csv, quoted_lines(csv.as_bytes())), ["a,\"b\nc\"", "d"]);
        assert_eq!((last_quoted_line_end(b"a\n\"b\n"), last_text_end(b"a\nb\n c\n"), last_event_end(b"<Event></Event> <Ev")), (Some(2), Some(2), Some(15)));
    }
}
