//! A chunk becomes batches: the fields that are wanted, and what every event has. Pure, so that every thread can do it.

use super::detect::Layout;
use super::json::Flatten;
use super::plain::Bytes;
use super::shape::Seams;
use super::sieve::{self, Check};
use super::slots::Outline;
use super::table::{Parsed, Table};
use super::written::Written;
use super::{Chunk, FileInfo, Format, Kind, Warnings, delimited, record, text, xml};
use crate::column::text::Buffer;
use crate::column::{Batch, number};
use crate::diagnostic::Diagnostic;
use crate::time::Zone;
use foldhash::fast::RandomState;
use hashbrown::HashSet;
use std::borrow::Cow;
use std::cell::Cell;
use std::ops::Range;
use std::sync::{Arc, OnceLock};

/// Which fields a query needs.
#[derive(Clone, Debug)]
pub enum Wanted {
    /// Every field.
    All,
    /// These and no others, `_*` for all that begin so; `_time`, `_raw`, `index`, `host`, `source` and `sourcetype` count as any other.
    Only(HashSet<String, RandomState>),
}

impl Wanted {
    /// Only these fields.
    pub fn only<S: Into<String>>(names: impl IntoIterator<Item = S>) -> Wanted {
        Wanted::Only(names.into_iter().map(Into::into).collect())
    }

    /// Is this field wanted?
    pub fn wants(&self, name: &str) -> bool {
        match self {
            Wanted::All => true,
            Wanted::Only(names) => names.contains(name) || name.starts_with('_') && names.contains("_*"),
        }
    }

    /// Is a field wanted that lies under this one: `a.b`, `a{}`?
    pub fn wants_under(&self, path: &str) -> bool {
        match self {
            Wanted::All => true,
            Wanted::Only(names) if path.starts_with('_') && names.contains("_*") => true,
            Wanted::Only(names) => names.iter().any(|n| n.strip_prefix(path).is_some_and(|rest| rest.is_empty() || rest.starts_with(['.', '{']))),
        }
    }
}

/// What becomes of `&amp;` and its kin in values taken from event XML.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Entities {
    /// They stay, as in Splunk.
    #[default]
    Keep,
    /// They become the characters that they stand for.
    Decode,
}

/// How to parse.
#[derive(Clone, Debug)]
pub struct ParseOptions {
    pub xml_entities: Entities,
    /// Rows of a batch at most.
    pub batch_rows: usize,
    /// The zone of timestamps without an offset.
    pub zone: Zone,
    /// The present, in epoch seconds: dates without a year are the latest before it.
    pub now: f64,
}

impl Default for ParseOptions {
    fn default() -> Self {
        let now = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).map_or(0.0, |d| d.as_secs_f64());
        ParseOptions { xml_entities: Entities::Keep, batch_rows: 8192, zone: Zone::utc(), now }
    }
}

/// The fields that say where an event comes from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Meta {
    Index,
    Host,
    Source,
    Sourcetype,
}

impl Meta {
    /// All of them, by number.
    pub const ALL: [Meta; 4] = [Meta::Index, Meta::Host, Meta::Source, Meta::Sourcetype];
    /// Their names, by number.
    pub const NAMES: [&str; 4] = ["index", "host", "source", "sourcetype"];

    /// By field name.
    pub fn find(name: &str) -> Option<Meta> {
        Meta::NAMES.iter().position(|n| *n == name).and_then(|i| Meta::ALL.get(i).copied())
    }
}

/// Is the field one that every event has, beside those of its own content?
pub fn is_internal(name: &str) -> bool {
    matches!(name, "_time" | "_raw") || Meta::find(name).is_some()
}

/// The time that a value of `_time` or of a time field says: seconds (also in milli-, micro- or nanoseconds), or an ISO form. What is no UTF-8
/// says none.
pub fn time_value(text: &[u8], zone: &Zone) -> Option<f64> {
    let number = match number::plain(text) {
        Some(n) => n,
        None => {
            let text = std::str::from_utf8(text).ok()?;
            match text.trim().parse::<f64>() {
                Ok(n) if n.is_finite() => n,
                _ => return crate::time::stamp::iso(text, zone),
            }
        }
    };
    // 1e11 seconds is the year 5138: larger numbers count something finer.
    let scale = [(1e11, 1.0), (1e14, 1e3), (1e17, 1e6), (f64::INFINITY, 1e9)].into_iter().find(|(limit, _)| number.abs() < *limit)?.1;
    Some(number / scale)
}

/// The records of a chunk, in order.
pub fn records(chunk: &Chunk) -> Vec<Range<usize>> {
    records_in(&chunk.bytes, chunk)
}

/// The same of bytes that were those of a chunk.
fn records_in(bytes: &[u8], chunk: &Chunk) -> Vec<Range<usize>> {
    if chunk.raw {
        return std::iter::once(0..bytes.len()).collect();
    }
    match chunk.file.format {
        Format::WindowsXml | Format::Evtx => record::Events::new(bytes).collect(),
        Format::Json => record::json(bytes, chunk.file.layout),
        Format::Csv { .. } => record::quoted_lines(bytes),
        Format::Text => record::events(bytes),
    }
}

/// Parses all records of a chunk, as a [`Parser`] does.
pub fn parse(chunk: &Chunk, wanted: &Wanted, options: &ParseOptions, warnings: &mut Warnings) -> Vec<Batch> {
    Parser::new(wanted.clone(), options.clone()).parse_where(chunk, &Check::none(), warnings)
}

/// Parses some records of a chunk, as a [`Parser`] does.
pub fn parse_records(chunk: &Chunk, ranges: &[Range<usize>], wanted: &Wanted, options: &ParseOptions, warnings: &mut Warnings) -> Vec<Batch> {
    rows(Parser::new(wanted.clone(), options.clone()).records(chunk, ranges, warnings))
}

fn rows(parsed: Vec<Parsed>) -> Vec<Batch> {
    parsed.into_iter().map(|p| p.rows).collect()
}

fn is_xml(chunk: &Chunk) -> bool {
    matches!(chunk.file.format, Format::WindowsXml | Format::Evtx)
}

/// Are records read one behind the other, without looking for their ends first?
fn reads_through(chunk: &Chunk) -> bool {
    !chunk.raw && (is_xml(chunk) || chunk.file.format == Format::Json && chunk.file.layout == Layout::Lines)
}

/// Are all its records read? Values are found sooner so than by searching for their names.
fn asks_all(chunk: &Chunk, check: &Check) -> bool {
    check.is_none() || !check.asks_texts() && reads_through(chunk)
}

/// Which records of a text are to be parsed.
enum Places<'a> {
    All,
    /// Those at these places of the text; the second ones are their places in the chunk.
    These(&'a [Range<usize>], &'a [Range<usize>]),
}

/// Parses chunks one after the other: what it learns of the records of a file serves for the next chunk of that file, and changes no
/// row. Rows are in order; a batch has at most `batch_rows` of them.
pub struct Parser {
    wanted: Wanted,
    options: ParseOptions,
    /// It is asked what the fields do not tell.
    tells: bool,
    /// The file of the last chunk, and whether that had to be read again as it is no UTF-8.
    file: Option<Arc<FileInfo>>,
    broken: bool,
    outline: Outline,
    json: Flatten,
    xml: xml::Scanner,
}

impl Parser {
    /// Nothing is known yet.
    pub fn new(wanted: Wanted, options: ParseOptions) -> Parser {
        Parser { wanted, options, tells: false, file: None, broken: false, outline: Outline::default(), json: Flatten::default(), xml: xml::Scanner::default() }
    }

    /// Nothing is known yet; every field is wanted, and what they do not tell.
    pub fn telling(options: ParseOptions) -> Parser {
        Parser { tells: true, json: Flatten::telling(), xml: xml::Scanner::telling(), ..Parser::new(Wanted::All, options) }
    }

    /// Reads a chunk into a buffer, or looks at it in place, and parses the records that may matter. Gives how many bytes there were.
    pub fn read_where(&mut self, mut chunk: Chunk, buffer: &mut Vec<u8>, check: &Check, warnings: &mut Warnings) -> Result<(usize, Vec<Batch>), Diagnostic> {
        if self.may_look(&chunk, check) && chunk.look() {
            let mut told = Warnings::new();
            let parsed = self.parse_where(&chunk, check, &mut told);
            if chunk.bytes.are_the_same() {
                warnings.merge(told);
                return Ok((chunk.bytes.len(), parsed));
            }
            // What was learnt from bytes that changed meanwhile holds for nothing.
            *self = match self.tells {
                true => Parser::telling(self.options.clone()),
                false => Parser::new(self.wanted.clone(), self.options.clone()),
            };
        }
        chunk.read(std::mem::take(buffer))?;
        let parsed = self.parse_where(&chunk, check, warnings);
        *buffer = chunk.bytes.into_vec();
        Ok((buffer.len(), parsed))
    }

    /// Parses the records of a chunk that may matter: all that can pass, and maybe some more.
    pub fn parse_where(&mut self, chunk: &Chunk, check: &Check, warnings: &mut Warnings) -> Vec<Batch> {
        let decoded = chunk.decoded(warnings);
        let chunk = decoded.as_ref().unwrap_or(chunk);
        let check = self.asked(chunk, check);
        if asks_all(chunk, &check) {
            let mut told = Warnings::new();
            let parsed = match self.asks_little(chunk) {
                true => self.bytes(chunk, &check, &mut told),
                false => {
                    let text = simdutf8::basic::from_utf8(&chunk.bytes).ok().map(Written::Text);
                    text.map(|text| self.text(chunk, text, Places::All, (&check, &OnceLock::new()), &mut told))
                }
            };
            if let Some(parsed) = parsed {
                warnings.merge(told);
                return rows(parsed);
            }
        }
        rows(self.records(chunk, &sieve::candidates(&check, chunk), warnings))
    }

    /// What is asked of the records of a chunk: entities that become characters could hide any text.
    fn asked<'a>(&self, chunk: &Chunk, check: &'a Check) -> Cow<'a, Check> {
        match is_xml(chunk) && self.options.xml_entities == Entities::Decode {
            true => Cow::Owned(Check::none()),
            false => Cow::Borrowed(check),
        }
    }

    /// Parses all records of a chunk, of which little is asked; nothing where that turns out to be no UTF-8.
    fn bytes(&mut self, chunk: &Chunk, check: &Check, warnings: &mut Warnings) -> Option<Vec<Parsed>> {
        let broken = Cell::new(false);
        let parsed = self.text(chunk, Written::Bytes(&chunk.bytes, &broken), Places::All, (check, &OnceLock::new()), warnings);
        self.broken |= broken.get();
        (!broken.get()).then_some(parsed)
    }

    /// Is so little of the text wanted that it need not be known to be UTF-8 before? The readers ask for what they take.
    fn asks_little(&self, chunk: &Chunk) -> bool {
        let few = matches!(self.wanted, Wanted::Only(_)) && !self.wanted.wants("_raw") && !self.tells;
        few && reads_through(chunk) && !(self.broken && self.is_in(chunk))
    }

    /// Is a copy of the chunk not worth making, because little of it is taken?
    fn may_look(&self, chunk: &Chunk, check: &Check) -> bool {
        let check = self.asked(chunk, check);
        if asks_all(chunk, &check) { self.asks_little(chunk) } else { check.asks_texts() }
    }

    /// Is the chunk one of the file of the last one?
    fn is_in(&self, chunk: &Chunk) -> bool {
        self.file.as_ref().is_some_and(|file| Arc::ptr_eq(file, &chunk.file))
    }

    /// Parses some records of a chunk: those that a prefilter left. An EVTX chunk must be [`Chunk::decoded`] before.
    fn records(&mut self, chunk: &Chunk, ranges: &[Range<usize>], warnings: &mut Warnings) -> Vec<Parsed> {
        let (text, moved) = as_text(chunk, ranges);
        let places = Places::These(moved.as_deref().unwrap_or(ranges), ranges);
        self.text(chunk, Written::Text(&text), places, (&Check::none(), &OnceLock::new()), warnings)
    }

    /// Parses all records of a chunk, whose bytes the columns keep.
    pub fn parse_whole(&mut self, chunk: Chunk, warnings: &mut Warnings) -> Vec<Parsed> {
        let mut chunk = chunk.decoded(warnings).unwrap_or(chunk);
        match String::from_utf8(std::mem::take(&mut chunk.bytes).into_vec()) {
            Ok(text) => {
                let text = Buffer::from(text);
                let shared = OnceLock::from(text.clone());
                self.text(&chunk, Written::Text(&text), Places::All, (&Check::none(), &shared), warnings)
            }
            Err(e) => {
                chunk.bytes = Bytes::Read(e.into_bytes());
                self.records(&chunk, &records(&chunk), warnings)
            }
        }
    }

    /// What stands between the values of all records that were followed so far.
    pub fn seams(&self) -> Seams {
        let mut seams = Seams::default();
        [self.json.seams(), self.xml.seams()].into_iter().flatten().for_each(|more| seams.merge(more));
        seams
    }

    /// Parses records of a text, those that cannot pass the check left out where their shape is known.
    fn text(
        &mut self,
        chunk: &Chunk,
        text: Written<'_>,
        places: Places<'_>,
        (check, shared): (&Check, &OnceLock<Buffer>),
        warnings: &mut Warnings,
    ) -> Vec<Parsed> {
        if !self.is_in(chunk) {
            self.outline.clear();
            (self.file, self.broken) = (Some(chunk.file.clone()), false);
        }
        let mut table = Table::new(text, shared, chunk, (&self.wanted, &self.options, check), std::mem::take(&mut self.outline));
        if self.tells && reads_through(chunk) {
            table = table.telling();
        }
        self.json.begin();
        self.xml.begin();
        read(&mut self.json, &mut self.xml, &mut table, chunk, places, warnings);
        let batches;
        (batches, self.outline) = table.finish();
        batches
    }
}

/// Reads records of a text into its table.
fn read(json: &mut Flatten, xml: &mut xml::Scanner, table: &mut Table<'_>, chunk: &Chunk, places: Places<'_>, warnings: &mut Warnings) {
    let mut damaged = |at: usize| warnings.add(&chunk.file.name, Kind::Damaged, chunk.offset + at as u64);
    let all;
    let (places, origins) = match places {
        Places::These(places, origins) => (places, origins),
        Places::All if reads_through(chunk) && is_xml(chunk) => return xml.all(table, &mut damaged),
        Places::All if reads_through(chunk) => return json.lines(table, &mut damaged),
        Places::All => {
            all = records_in(table.slots.written().bytes(), chunk);
            (all.as_slice(), all.as_slice())
        }
    };
    for (range, origin) in places.iter().zip(origins) {
        let place = chunk.offset + origin.start as u64;
        if chunk.raw {
            table.raw_row(range.clone());
            continue;
        }
        let ok = match chunk.file.format {
            Format::WindowsXml | Format::Evtx => xml.records(table, range.clone(), &mut |at| {
                warnings.add(&chunk.file.name, Kind::Damaged, place + (at - range.start) as u64);
            }),
            Format::Json => json.record(table, range.start, range.end).map(|()| table.end_row()),
            Format::Csv { delimiter } => {
                if let Some(kind) = delimited::record(table, range.clone(), delimiter) {
                    warnings.add(&chunk.file.name, kind, place);
                }
                table.end_row();
                Some(())
            }
            Format::Text => {
                text::event(table, range.clone());
                table.end_row();
                Some(())
            }
        };
        if ok.is_none() {
            table.raw_row(range.clone());
            warnings.add(&chunk.file.name, Kind::Damaged, place);
        }
    }
}

/// The records as text, and their new places where they moved: few candidates are copied together, and what is no UTF-8 is
/// replaced.
fn as_text<'a>(chunk: &'a Chunk, ranges: &[Range<usize>]) -> (Cow<'a, str>, Option<Vec<Range<usize>>>) {
    let bytes = &*chunk.bytes;
    let needed: usize = ranges.iter().map(ExactSizeIterator::len).sum();
    if needed >= bytes.len() / 4
        && matches!(chunk.bytes, Bytes::Read(_))
        && let Ok(text) = simdutf8::basic::from_utf8(bytes)
    {
        return (Cow::Borrowed(text), None);
    }
    let mut text = String::with_capacity(needed);
    let moved = ranges.iter().map(|r| {
        let start = text.len();
        let record = bytes.get(r.clone()).unwrap_or_default();
        match std::str::from_utf8(record) {
            Ok(valid) => text.push_str(valid),
            Err(_) => text.push_str(&String::from_utf8_lossy(record)),
        }
        start..text.len()
    });
    let moved = moved.collect();
    (Cow::Owned(text), Some(moved))
}
