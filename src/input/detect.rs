//! What a file is, by its first bytes: compression, encoding, format.

use super::json::scan;
use encoding_rs::{Encoding, UTF_8, UTF_16BE, UTF_16LE};

/// A compression, by magic number.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Compression {
    None,
    Gzip,
    Zstd,
    Zip,
}

/// A format of records.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Format {
    /// Windows event XML: `<Event>…</Event>`, in any arrangement.
    WindowsXml,
    /// JSON objects: one a line, one after the other, or in an array.
    Json,
    /// Delimited text with a header line.
    Csv { delimiter: u8 },
    /// Windows' binary event log.
    Evtx,
    /// Syslog and any other text.
    Text,
}

impl Format {
    /// The names that `format=` takes.
    pub const NAMES: &[&str] = &["xml", "json", "ndjson", "csv", "tsv", "evtx", "text", "syslog"];

    /// A format by name.
    pub fn parse(name: &str) -> Option<Format> {
        Some(match name.to_ascii_lowercase().as_str() {
            "xml" => Format::WindowsXml,
            "json" | "ndjson" | "jsonl" => Format::Json,
            "csv" => Format::Csv { delimiter: b',' },
            "tsv" => Format::Csv { delimiter: b'\t' },
            "evtx" => Format::Evtx,
            "text" | "syslog" | "log" => Format::Text,
            _ => return None,
        })
    }
}

/// How records follow each other in a file, as far as cutting needs to know.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Layout {
    /// A record ends with its line.
    Lines,
    /// JSON values over any number of lines.
    Values,
}

/// The compression that a file begins with.
pub fn compression(head: &[u8]) -> Compression {
    match head {
        [0x1f, 0x8b, ..] => Compression::Gzip,
        [0x28, 0xb5, 0x2f, 0xfd, ..] | [0x50..=0x5f, 0x2a, 0x4d, 0x18, ..] => Compression::Zstd,
        [b'P', b'K', 3, 4, ..] | [b'P', b'K', 5, 6, ..] => Compression::Zip,
        _ => Compression::None,
    }
}

/// The encoding by byte order mark, or UTF-16 by the zero bytes of its ASCII, and the length of the mark.
pub fn encoding(head: &[u8]) -> (&'static Encoding, usize) {
    if let Some((encoding, length)) = Encoding::for_bom(head) {
        return (encoding, length);
    }
    match head {
        [b'<' | b'{' | b'[', 0, _, 0, ..] => (UTF_16LE, 0),
        [0, b'<' | b'{' | b'[', 0, _, ..] => (UTF_16BE, 0),
        _ => (UTF_8, 0),
    }
}

/// The format that unpacked, decoded bytes are in.
pub fn format(head: &[u8]) -> Format {
    if head.starts_with(b"ElfFile\0") {
        return Format::Evtx;
    }
    let text = head.trim_ascii_start();
    match text.first() {
        Some(b'<') if is_event_xml(text) => Format::WindowsXml,
        Some(b'{') => match text.get(1..).unwrap_or_default().trim_ascii_start().first() {
            Some(b'"' | b'}') | None => Format::Json,
            _ => Format::Text,
        },
        Some(b'[') => match text.get(1..).unwrap_or_default().trim_ascii_start().first() {
            Some(b'{' | b']') | None => Format::Json,
            _ => Format::Text,
        },
        _ => match delimiter(text) {
            Some(delimiter) => Format::Csv { delimiter },
            None => Format::Text,
        },
    }
}

/// One object a line, or values that may be spread over lines?
pub fn layout(head: &[u8]) -> Layout {
    let text = head.trim_ascii_start();
    if !text.starts_with(b"{") {
        return Layout::Values;
    }
    match scan::value_end(text) {
        Some(end) if matches!(text[end..].iter().find(|b| !matches!(b, b' ' | b'\t' | b'\r')), Some(b'\n') | None) => {
            // An object that is spread over lines is followed by others of its kind.
            if memchr::memchr(b'\n', &text[..end]).is_some() { Layout::Values } else { Layout::Lines }
        }
        Some(_) => Layout::Values,
        // The first record is cut off by the end of the head, or damaged. A line break right after the brace is pretty-printing.
        None => match memchr::memchr(b'\n', text) {
            Some(end) if text[1..end].trim_ascii().is_empty() => Layout::Values,
            Some(end) if text[end..].trim_ascii_start().starts_with(b"{") => Layout::Lines,
            _ => Layout::Values,
        },
    }
}

/// Does text that begins with `<` hold Windows events? `<134>…` is syslog.
fn is_event_xml(text: &[u8]) -> bool {
    let name = text.get(1).is_some_and(|b| b.is_ascii_alphabetic() || matches!(b, b'?' | b'!'));
    let window = text.get(..text.len().min(64 << 10)).unwrap_or_default();
    name && (memchr::memmem::find(window, b"Event").is_some())
}

/// The delimiter of a header line: its cells look like names, and the next line has as many cells.
fn delimiter(text: &[u8]) -> Option<u8> {
    let mut lines = text.split(|b| *b == b'\n').map(|l| l.trim_ascii_end()).filter(|l| !l.is_empty());
    let header = lines.next()?;
    let next = lines.next();
    [b',', b'\t', b';', b'|'].into_iter().find(|&d| {
        let cells: Vec<&[u8]> = header.split(|b| *b == d).map(<[u8]>::trim_ascii).collect();
        let count = |line: &[u8]| memchr::memchr_iter(d, line).count() + 1;
        let alike = next.is_none_or(|l| count(l) >= cells.len() || memchr::memchr(b'"', l).is_some());
        cells.len() > 1 && alike && cells.iter().all(|c| is_name(c))
    })
}

/// May this be a cell of a header? A name begins with a letter, `_` or `@`, and has no `=`.
fn is_name(cell: &[u8]) -> bool {
    let quoted = cell.strip_prefix(b"\"").and_then(|c| c.strip_suffix(b"\"")).filter(|c| !c.is_empty());
    let name = quoted.unwrap_or(cell);
    name.first().is_some_and(|b| b.is_ascii_alphabetic() || matches!(b, b'_' | b'@') || !b.is_ascii())
        && name.len() <= 128
        && !name.iter().any(|b| matches!(b, b'=' | b'"' | b'\'' | 0))
        && (quoted.is_some() || name.iter().filter(|b| **b == b' ').count() <= 4)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn formats_by_content() {
        let csv = |delimiter| Format::Csv { delimiter };
        let cases: &[(&[u8], Format)] = &[
            (b"<Event xmlns='x'><System>", Format::WindowsXml),
            (b"\n<?xml version='1.0'?>\n<!-- c -->\n<Events><Event>", Format::WindowsXml),
            (b"<134>Oct 11 22:14:15 host app: x", Format::Text),
            (b"{\"a\":1}\n", Format::Json),
            (b" [ {\"a\":1}]", Format::Json),
            (b"[2024-01-01] started", Format::Text),
            (b"{GUID} text", Format::Text),
            (b"a,b\n1,2\n", csv(b',')),
            (b"_time\thost\n1\tx\n", csv(b'\t')),
            (b"a;b;c\n1;2;3", csv(b';')),
            (b"a|b\n1|2", csv(b'|')),
            (b"\"a\",\"b c\"\n\"1\n2\",3", csv(b',')),
            (b"Oct 11 22:14:15 host app: x, y\nOct 11 22:14:16 host app: z", Format::Text),
            (b"user=a, host=b\nuser=c, host=d", Format::Text),
            (b"ElfFile\0\0\0", Format::Evtx),
            (b"", Format::Text),
        ];
        for (head, wanted) in cases {
            assert_eq!(format(head), *wanted, "{}", String::from_utf8_lossy(head));
        }
    }

    #[test]
    fn layouts_of_json() {
        for (head, wanted) in [
            ("{\"a\":1}\n{\"a\":2}\n", Layout::Lines),
            ("{\"a\":1}", Layout::Lines),
            ("{\"a\":1}{\"a\":2}", Layout::Values),
            ("{\n \"a\": 1\n}\n{\n", Layout::Values),
            ("[{\"a\":1},\n{\"a\":2}]", Layout::Values),
            ("{\"a\":\n", Layout::Values),
            ("{\"a\":oops\n{\"a\":2}\n", Layout::Lines),
        ] {
            assert_eq!(layout(head.as_bytes()), wanted, "{head}");
        }
    }

    #[test]
    fn encodings_and_compressions() {
        assert_eq!(encoding(b"\xff\xfe<\0E\0"), (UTF_16LE, 2));
        assert_eq!(encoding(b"<\0E\0"), (UTF_16LE, 0));
        assert_eq!(encoding(b"\xef\xbb\xbfa"), (UTF_8, 3));
        assert_eq!(encoding(b"a"), (UTF_8, 0));
        assert_eq!(compression(b"\x1f\x8b\x08"), Compression::Gzip);
        assert_eq!(compression(b"(\xb5/\xfd"), Compression::Zstd);
        assert_eq!(compression(b"PK\x03\x04"), Compression::Zip);
    }
}
