//! A chunk becomes batches: the fields that are wanted, and what every event has. Pure, so that every thread can do it.

use super::detect::Layout;
use super::json::Flatten;
use super::sieve::{self, Check};
use super::slots::{Place, Repeats, SlotId, Slots};
use super::{Chunk, FileInfo, Format, Kind, Warnings, delimited, json, record, text, xml};
use crate::column::text::Buffer;
use crate::column::{Batch, Column, Mask, Value};
use crate::time::Zone;
use std::borrow::Cow;
use std::collections::HashSet;
use std::ops::Range;
use std::sync::{Arc, OnceLock};

/// Which fields a query needs.
#[derive(Clone, Debug)]
pub enum Wanted {
    /// Every field.
    All,
    /// These and no others, `_*` for all that begin so; `_time`, `_raw`, `index`, `host`, `source` and `sourcetype` count as any other.
    Only(HashSet<String>),
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
    const NAMES: [&str; 4] = ["index", "host", "source", "sourcetype"];

    /// By field name.
    pub fn find(name: &str) -> Option<Meta> {
        Meta::NAMES.iter().position(|n| *n == name).and_then(|i| Meta::ALL.get(i).copied())
    }
}

/// Is the field one that every event has, beside those of its own content?
pub fn is_internal(name: &str) -> bool {
    matches!(name, "_time" | "_raw") || Meta::find(name).is_some()
}

/// The time that a value of `_time` or of a time field says: seconds (also in milli-, micro- or nanoseconds), or an ISO form.
pub fn time_value(text: &str, zone: &Zone) -> Option<f64> {
    // What every event of Windows has is no number.
    if text.as_bytes().get(4) == Some(&b'-') {
        return crate::time::stamp::iso(text, zone);
    }
    match text.trim().parse::<f64>() {
        Ok(n) if n.is_finite() => {
            // 1e11 seconds is the year 5138: larger numbers count something finer.
            let scale = [(1e11, 1.0), (1e14, 1e3), (1e17, 1e6), (f64::INFINITY, 1e9)].into_iter().find(|(limit, _)| n.abs() < *limit)?.1;
            Some(n / scale)
        }
        _ => crate::time::stamp::iso(text, zone),
    }
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

/// Parses all records of a chunk. Rows are in order; a batch has at most `batch_rows` of them.
pub fn parse(chunk: &Chunk, wanted: &Wanted, options: &ParseOptions, warnings: &mut Warnings) -> Vec<Batch> {
    parse_where(chunk, &Check::none(), wanted, options, warnings)
}

/// Parses the records of a chunk that may matter: all that can pass, and maybe some more.
pub fn parse_where(chunk: &Chunk, check: &Check, wanted: &Wanted, options: &ParseOptions, warnings: &mut Warnings) -> Vec<Batch> {
    let decoded = chunk.decoded(warnings);
    let chunk = decoded.as_ref().unwrap_or(chunk);
    // Entities that become characters could hide any text.
    let blind = is_xml(chunk) && options.xml_entities == Entities::Decode;
    if blind || check.is_none() {
        return match std::str::from_utf8(&chunk.bytes) {
            Ok(text) => parse_text(chunk, text, Places::All, &OnceLock::new(), (wanted, options), warnings),
            Err(_) => parse_records(chunk, &records(chunk), wanted, options, warnings),
        };
    }
    parse_records(chunk, &sieve::candidates(check, chunk), wanted, options, warnings)
}

fn is_xml(chunk: &Chunk) -> bool {
    matches!(chunk.file.format, Format::WindowsXml | Format::Evtx)
}

/// Which records of a text are to be parsed.
enum Places<'a> {
    All,
    /// Those at these places of the text; the second ones are their places in the chunk.
    These(&'a [Range<usize>], &'a [Range<usize>]),
}

/// Parses some records of a chunk: those that a prefilter left. An EVTX chunk must be [`Chunk::decoded`] before.
pub fn parse_records(chunk: &Chunk, ranges: &[Range<usize>], wanted: &Wanted, options: &ParseOptions, warnings: &mut Warnings) -> Vec<Batch> {
    let (text, moved) = as_text(&chunk.bytes, ranges);
    let places = Places::These(moved.as_deref().unwrap_or(ranges), ranges);
    parse_text(chunk, &text, places, &OnceLock::new(), (wanted, options), warnings)
}

/// Parses all records of a chunk, whose bytes the columns keep.
pub fn parse_whole(chunk: Chunk, wanted: &Wanted, options: &ParseOptions, warnings: &mut Warnings) -> Vec<Batch> {
    let mut chunk = chunk.decoded(warnings).unwrap_or(chunk);
    match String::from_utf8(std::mem::take(&mut chunk.bytes)) {
        Ok(text) => {
            let text = Arc::new(text);
            let shared = OnceLock::from(text.clone());
            parse_text(&chunk, &text, Places::All, &shared, (wanted, options), warnings)
        }
        Err(e) => {
            chunk.bytes = e.into_bytes();
            parse_records(&chunk, &records(&chunk), wanted, options, warnings)
        }
    }
}

/// Parses records of a text.
fn parse_text(
    chunk: &Chunk,
    text: &str,
    places: Places<'_>,
    shared: &OnceLock<Buffer>,
    (wanted, options): (&Wanted, &ParseOptions),
    warnings: &mut Warnings,
) -> Vec<Batch> {
    let mut table = Table::new(text, shared, chunk, wanted, options);
    let mut json = Flatten::default();
    let mut xml = xml::Scanner::default();
    let all;
    let (places, origins) = match places {
        Places::These(places, origins) => (places, origins),
        Places::All if is_xml(chunk) && !chunk.raw => {
            xml.all(&mut table, &mut |at| warnings.add(&chunk.file.name, Kind::Damaged, chunk.offset + at as u64));
            return table.finish();
        }
        Places::All if chunk.file.format == Format::Json && chunk.file.layout == Layout::Lines && !chunk.raw => {
            json.lines(&mut table, &mut |at| warnings.add(&chunk.file.name, Kind::Damaged, chunk.offset + at as u64));
            return table.finish();
        }
        Places::All => {
            all = records_in(text.as_bytes(), chunk);
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
            Format::WindowsXml | Format::Evtx => xml.records(&mut table, range.clone(), &mut |at| {
                warnings.add(&chunk.file.name, Kind::Damaged, place + (at - range.start) as u64);
            }),
            Format::Json => json.record(&mut table, range.start, range.end).map(|()| table.end_row()),
            Format::Csv { delimiter } => {
                if let Some(kind) = delimited::record(&mut table, range.clone(), delimiter) {
                    warnings.add(&chunk.file.name, kind, place);
                }
                table.end_row();
                Some(())
            }
            Format::Text => {
                text::event(&mut table, range.clone());
                table.end_row();
                Some(())
            }
        };
        if ok.is_none() {
            table.raw_row(range.clone());
            warnings.add(&chunk.file.name, Kind::Damaged, place);
        }
    }
    table.finish()
}

/// The records as text, and their new places where they moved: few candidates are copied together, and what is no UTF-8 is
/// replaced.
fn as_text<'a>(bytes: &'a [u8], ranges: &[Range<usize>]) -> (Cow<'a, str>, Option<Vec<Range<usize>>>) {
    let needed: usize = ranges.iter().map(ExactSizeIterator::len).sum();
    if needed >= bytes.len() / 4
        && let Ok(text) = std::str::from_utf8(bytes)
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

/// Batches in the making: the columns of the content, and the columns that every event has.
pub struct Table<'a> {
    pub slots: Slots<'a>,
    text: &'a str,
    shared: &'a OnceLock<Buffer>,
    pub file: &'a FileInfo,
    wanted: &'a Wanted,
    options: &'a ParseOptions,
    wants_time: bool,
    /// NaN where a row has none.
    times: Vec<f64>,
    metas: [Repeats; 4],
    wants_meta: [bool; 4],
    raw: SlotId,
    wants_raw: bool,
    done: Vec<Batch>,
    /// Goes up when slot numbers lose their meaning.
    pub generation: u32,
}

impl<'a> Table<'a> {
    fn new(text: &'a str, shared: &'a OnceLock<Buffer>, chunk: &'a Chunk, wanted: &'a Wanted, options: &'a ParseOptions) -> Table<'a> {
        let mut table = Table {
            slots: Slots::new(text, shared, wanted, role_of(chunk.file.format), chunk.file.spec.time.clone()),
            text,
            shared,
            file: &chunk.file,
            wanted,
            options,
            wants_time: wanted.wants("_time"),
            times: Vec::new(),
            metas: Default::default(),
            wants_meta: Meta::NAMES.map(|n| wanted.wants(n)),
            raw: 0,
            wants_raw: wanted.wants("_raw"),
            done: Vec::new(),
            generation: 0,
        };
        table.raw = table.slots.find("_raw");
        table
    }

    /// The zone of timestamps without an offset.
    pub fn zone(&self) -> &'a Zone {
        &self.options.zone
    }

    /// The present, for dates without a year.
    pub fn now(&self) -> f64 {
        self.options.now
    }

    /// What becomes of entities.
    pub fn entities(&self) -> Entities {
        self.options.xml_entities
    }

    /// Is every field wanted, also those that only the content can name?
    pub fn wants_all(&self) -> bool {
        matches!(self.wanted, Wanted::All)
    }

    /// Is the field wanted, or one under it?
    pub fn wants_under(&self, path: &str) -> bool {
        self.wanted.wants_under(path)
    }

    /// Is the field wanted?
    pub fn wants(&self, name: &str) -> bool {
        self.wanted.wants(name)
    }

    /// Is `_time` wanted?
    pub fn wants_time(&self) -> bool {
        self.wants_time
    }

    /// Is one of the fields wanted that every event has?
    pub fn wants_meta(&self, meta: Meta) -> bool {
        self.wants_meta.get(meta as usize).copied().unwrap_or_default()
    }

    /// Sets `_time` of the row in the making.
    pub fn set_time(&mut self, time: Option<f64>) {
        if let (true, Some(time)) = (self.wants_time, time) {
            self.times.resize(self.slots.rows(), f64::NAN);
            self.times.push(time);
        }
    }

    /// Sets where the row in the making comes from.
    pub fn set_meta(&mut self, meta: Meta, place: Place) {
        let row = self.slots.rows();
        if self.wants_meta(meta)
            && let (Some(value), Some(repeats)) = (self.slots.at(place), self.metas.get_mut(meta as usize))
        {
            repeats.set(row, value);
        }
    }

    /// Sets the raw text of the row in the making.
    pub fn set_raw(&mut self, start: usize, end: usize) {
        if self.wants_raw {
            self.slots.push(self.raw, Place::text(start, end));
        }
    }

    /// A row of raw text alone, in place of what the row in the making has by now.
    pub fn raw_row(&mut self, range: Range<usize>) {
        let row = self.slots.rows();
        self.slots.clear_row();
        self.times.truncate(row);
        self.metas.iter_mut().for_each(|m| m.truncate(row));
        self.set_raw(range.start, range.end);
        self.end_row();
    }

    /// Ends the row, and the batch where it is full.
    pub fn end_row(&mut self) {
        self.slots.end_row();
        if self.slots.full(self.options.batch_rows.max(1)) {
            self.cut();
        }
    }

    fn cut(&mut self) {
        let mut fresh = Slots::new(self.text, self.shared, self.wanted, role_of(self.file.format), self.file.spec.time.clone());
        self.raw = fresh.find("_raw");
        self.generation += 1;
        let slots = std::mem::replace(&mut self.slots, fresh);
        let rows = slots.rows();
        let mut batch = Batch::new(rows);
        if self.wants_time {
            let mut times = std::mem::take(&mut self.times);
            times.resize(rows, f64::NAN);
            let valid = times.iter().any(|t| t.is_nan()).then(|| Mask::from_fn(rows, |i| times.get(i).is_some_and(|t| !t.is_nan())));
            let none = valid.as_ref().is_some_and(|v| v.rows().next().is_none());
            batch.set("_time", if none { Column::null(rows) } else { Column::Number { values: times, valid } });
        }
        slots.finish(&mut batch);
        let raw = batch.remove("_raw");
        for meta in Meta::ALL {
            let (Some(repeats), Some(&name)) = (self.metas.get_mut(meta as usize), Meta::NAMES.get(meta as usize)) else { continue };
            if self.wanted.wants(name) {
                let prefix = if meta == Meta::Source { self.file.source_prefix() } else { "" };
                batch.set(name, std::mem::take(repeats).finish(rows, prefix, self.file.default_meta(meta)));
            }
        }
        if self.wants_raw {
            batch.set("_raw", raw.unwrap_or_else(|| Arc::new(Column::Const(Value::Null, rows))));
        }
        self.done.push(batch);
    }

    fn finish(mut self) -> Vec<Batch> {
        if self.slots.rows() > 0 {
            self.cut();
        }
        self.done
    }
}

fn role_of(format: Format) -> fn(&str) -> u8 {
    match format {
        Format::Json => json::role,
        Format::Csv { .. } => json::role,
        _ => |name| u8::from(is_internal(name)),
    }
}
