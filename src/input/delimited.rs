//! CSV, TSV and their kin: a header line, then one event a record.
//!
//! An export of Splunk has multivalues in `__mv_*` columns; they become the value of the column that they stand beside.

use super::Kind;
use super::parse::Meta;
use super::place::Place;
use super::slots::SlotId;
use super::table::Table;
use std::ops::Range;

/// What the header line says.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Header {
    pub names: Vec<String>,
    /// Is there a column `_time`, so that no other is looked at for the time?
    has_time: bool,
    has_raw: bool,
}

impl Header {
    /// Reads a header line. An unnamed column is `fieldN`, counted from 1.
    pub fn read(line: &str, delimiter: u8) -> Header {
        let mut names = Vec::new();
        let mut at = 0;
        while let Some((cell, next)) = cell(line.as_bytes(), at, line.len(), delimiter) {
            let mut name = String::new();
            cell.write(line, &mut name);
            let name = name.trim();
            names.push(if name.is_empty() { format!("field{}", names.len() + 1) } else { name.to_string() });
            at = next;
        }
        Header { has_time: names.iter().any(|n| n == "_time"), has_raw: names.iter().any(|n| n == "_raw"), names }
    }
}

/// A cell: where its inside is, and whether quotes in it are doubled.
struct Cell {
    start: usize,
    end: usize,
    doubled: bool,
    /// Its quote is never closed.
    open: bool,
}

impl Cell {
    fn write(&self, text: &str, out: &mut String) {
        let inside = text.get(self.start..self.end).unwrap_or_default();
        if self.doubled { out.push_str(&inside.replace("\"\"", "\"")) } else { out.push_str(inside) }
    }
}

/// The cell at `at`, and where the next one begins; `None` behind the last.
fn cell(bytes: &[u8], at: usize, end: usize, delimiter: u8) -> Option<(Cell, usize)> {
    let rest = bytes.get(at..end)?;
    if rest.first() != Some(&b'"') {
        let length = memchr::memchr(delimiter, rest).unwrap_or(rest.len());
        return Some((Cell { start: at, end: at + length, doubled: false, open: false }, at + length + 1));
    }
    let (mut from, mut doubled) = (at + 1, false);
    loop {
        let Some(found) = bytes.get(from..end).and_then(|b| memchr::memchr(b'"', b)) else {
            return Some((Cell { start: at + 1, end, doubled, open: true }, end + 1));
        };
        let quote = from + found;
        if bytes.get(..end).and_then(|b| b.get(quote + 1)) == Some(&b'"') {
            (doubled, from) = (true, quote + 2);
            continue;
        }
        // What stands between the closing quote and the delimiter is dropped.
        let gap = bytes.get(quote + 1..end).map_or(0, |b| memchr::memchr(delimiter, b).unwrap_or(b.len()));
        return Some((Cell { start: at + 1, end: quote, doubled, open: false }, quote + 1 + gap + 1));
    }
}

/// Adds a record to the row in the making; what is wrong with it, such as more cells than the header has, which are in `_raw` only.
pub fn record(table: &mut Table<'_>, range: Range<usize>, delimiter: u8) -> Option<Kind> {
    let text = table.slots.written().text();
    let header = &table.file.header;
    let mut time: Option<(u8, Place)> = None;
    let mut at = range.start;
    let mut names = header.names.iter();
    let mut trouble = None;
    while let Some((cell, next)) = cell(text.as_bytes(), at, range.end, delimiter) {
        at = next;
        if cell.open {
            trouble = Some(Kind::OpenQuote);
        }
        let Some(name) = names.next() else {
            trouble = trouble.or(Some(Kind::Surplus));
            break;
        };
        if cell.start == cell.end {
            continue;
        }
        let parallel = name.strip_prefix("__mv_");
        let slot = table.slots.slot(parallel.unwrap_or(name));
        let role = if parallel.is_some() { 0 } else { table.slots.role(slot) };
        if !table.slots.keeps(slot) && role == 0 {
            continue;
        }
        let place = if cell.doubled { table.slots.decode(|out| cell.write(text, out)) } else { Place::text(cell.start, cell.end) };
        match role {
            _ if parallel.is_some() => values(table, slot, text.get(cell.start..cell.end).unwrap_or_default(), cell.start),
            1 => time = Some((0, place)),
            3..=6 => {
                if let Some(meta) = Meta::ALL.get(usize::from(role) - 3) {
                    table.set_meta(*meta, place);
                }
            }
            _ => {
                if role > 2 && !header.has_time && time.is_none_or(|(best, _)| role < best) {
                    time = Some((role, place));
                }
                table.slots.push(slot, place);
            }
        }
    }
    if let Some((_, place)) = time {
        table.set_time(place);
    }
    if !header.has_raw {
        table.set_raw(range.start, range.end);
    }
    trouble
}

/// The values of an `__mv_` cell, `$a$;$b$` with `$$` for a dollar, in place of the joined value that came before.
fn values(table: &mut Table<'_>, slot: SlotId, cell: &str, start: usize) {
    if !cell.starts_with('$') {
        return;
    }
    table.slots.clear_value(slot);
    let bytes = cell.as_bytes();
    let mut at = 0;
    while bytes.get(at) == Some(&b'$') {
        let inside = at + 1;
        let (mut from, mut doubled) = (inside, false);
        let end = loop {
            match bytes.get(from..).and_then(|b| memchr::memchr(b'$', b)) {
                Some(n) if bytes.get(from + n + 1) == Some(&b'$') => (doubled, from) = (true, from + n + 2),
                Some(n) => break from + n,
                None => break bytes.len(),
            }
        };
        let value = cell.get(inside..end).unwrap_or_default();
        let place = if doubled || memchr::memchr(b'"', value.as_bytes()).is_some() {
            table.slots.decode(|out| out.push_str(&value.replace("$$", "$").replace("\"\"", "\"")))
        } else {
            Place::text(start + inside, start + end)
        };
        table.slots.push(slot, place);
        at = end + 2;
    }
}

#[cfg(test)]
mod tests {
    use crate::column::{Batch, Value};
    use crate::input::chunk::test_file;
    use crate::input::{Chunks, Kind, ParseOptions, ReadOptions, Wanted, Warnings};

    fn parse(text: &str) -> (Batch, Warnings) {
        let (_dir, file) = test_file("a.csv", text.as_bytes());
        let mut chunks = Chunks::open(&file, &ReadOptions::default()).unwrap();
        let (mut warnings, mut all) = (Warnings::new(), Vec::new());
        while let Some(chunk) = chunks.next().unwrap() {
            all.extend(crate::input::parse(&chunk, &Wanted::All, &ParseOptions::default(), &mut warnings));
        }
        (Batch::concat(all), warnings)
    }

    #[test]
    fn cells_quotes_and_ragged_rows() {
        let (b, w) = parse("a,\"b b\",c\n1,\"x, \"\"y\"\"\nz\",\n2\n3,4,5,6\n");
        assert_eq!((b.len(), w.count(Kind::Surplus)), (3, 1));
        assert_eq!((b.value("b b", 0), b.value("c", 0), b.value("b b", 1)), (Value::text("x, \"y\"\nz"), Value::Null, Value::Null));
        assert_eq!((b.value("c", 2), b.value("_raw", 2)), (Value::text("5"), Value::text("3,4,5,6")));
    }

    #[test]
    fn exports_read_back() {
        let (b, _) = parse("_time,host,m,__mv_m,_raw\n1700000000.5,h,\"a\nb$\",\"$a$;$b$$$\",text\n");
        assert_eq!((b.value("_time", 0), b.value("host", 0), b.value("_raw", 0)), (Value::Number(1_700_000_000.5), Value::text("h"), Value::text("text")));
        assert_eq!(b.value("m", 0), Value::multi([Value::text("a"), Value::text("b$")]));
        assert!(b.get("__mv_m").is_none());
    }

    #[test]
    fn hostile_cells() {
        let (b, w) = parse("a,b\n1,\"never closed\n2,3\n");
        assert_eq!((b.len(), w.count(Kind::OpenQuote)), (1, 1));
        parse("a,b\n\"never closed,1\n2,3\n\0,\"\"\"\n");
        parse("a,b\n");
        parse("a,__mv_a\nx,$\n");
    }
}
