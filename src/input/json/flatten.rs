//! One JSON record into the columns.

use super::scan::{self, DEPTH};
use crate::input::marks::Language;
use crate::input::parse::Meta;
use crate::input::place::Place;
use crate::input::record::Lines;
use crate::input::shape::{Found, Seams, Shapes, Stop, Traced};
use crate::input::sieve::Test;
use crate::input::slots::{NAMED_TIME, SlotId};
use crate::input::table::Table;
use std::cell::Cell;

/// Fields that hold the time of a record without `_time` in the logs of Windows and of cloud services, the best first. Names that
/// any record may have for any time (`timestamp`, `time`) are none: `--data …,time=FIELD` names those. `SystemTime` is also looked for inside `Event.System`,
/// where converters of EVTX put it.
const TIMES: &[&str] = &[
    "eventTime",
    "TimeGenerated",
    "EventTime",
    "TimeCreated",
    "SystemTime",
    "Event.System.TimeCreated.#attributes.SystemTime",
    "Event.System.TimeCreated.SystemTime",
    "Event.System.TimeCreated.@SystemTime",
    "CreationTime",
    "eventTimestamp",
    "requestReceivedTimestamp",
    "unixTime",
    "ts",
    "UtcTime",
];

/// A longer field name is none: paths of long keys, each with many fields in it, would be far more text than the record.
const NAME: usize = 512;

/// What a field means beyond its value, by number: 1 is `_time`, 2 is `_raw`, from 3 the metadata, from 16 the times.
pub fn role(name: &str) -> u8 {
    match name {
        "_time" => 1,
        "_raw" => 2,
        "index" | "host" | "source" | "sourcetype" => 3 + Meta::find(name).map_or(0, |m| m as u8),
        _ => TIMES.iter().position(|t| *t == name).map_or(0, |i| NAMED_TIME + 1 + i as u8),
    }
}

/// Reads records one by one; the buffers are kept between them.
pub struct Flatten {
    path: String,
    /// Are records wrapped, as for an HTTP event collector: `{"time": …, "event": …}`?
    wrapped: bool,
    /// Is the record an export, once that was asked?
    export: Option<bool>,
    says: Says,
    start: usize,
    end: usize,
    at: usize,
    shapes: Shapes<SlotId>,
    /// May the last record that was read matter, as far as its values tell?
    matters: bool,
    /// The values of the record that is being read.
    trace: Vec<Traced<SlotId>>,
    generation: u32,
}

/// What a record says of itself.
#[derive(Clone, Copy, Default)]
struct Says {
    /// Its time, and how good that one is.
    time: Option<(u8, Place)>,
    /// It has `_raw`.
    raw: bool,
}

impl Default for Flatten {
    fn default() -> Self {
        Flatten {
            path: String::new(),
            wrapped: false,
            export: None,
            says: Says::default(),
            start: 0,
            end: 0,
            at: 0,
            shapes: Shapes::new(Language::Json),
            matters: true,
            trace: Vec::new(),
            generation: 0,
        }
    }
}

impl Flatten {
    /// The same, which also notes what stands between values.
    pub fn telling() -> Flatten {
        Flatten { shapes: Shapes::telling(Language::Json), ..Flatten::default() }
    }

    /// Begins with another text.
    pub fn begin(&mut self) {
        self.shapes.begin();
    }

    /// What stands between the values of the records that were followed so far, where that was noted.
    pub fn seams(&self) -> Option<&Seams> {
        self.shapes.seams()
    }

    /// Adds the lines of the table's text as rows. `damaged` is told of those that became rows of raw text.
    pub fn lines(&mut self, table: &mut Table<'_>, damaged: &mut dyn FnMut(usize)) {
        let mut lines = Lines::new(table.slots.written().bytes());
        loop {
            // A record of a known shape shows its end by itself.
            if self.known_line(table, &mut lines).is_some() {
                continue;
            }
            let Some(line) = lines.next().filter(|_| !table.slots.written().is_broken()) else { return };
            match self.record(table, line.start, line.end) {
                Some(()) if self.matters => table.end_row(),
                // As if its shape had been known: which ones are is chance.
                Some(()) => table.drop_row(),
                None => {
                    table.raw_row(line.clone());
                    damaged(line.start);
                }
            }
        }
    }

    /// Reads the next line, where it is a record whose shape is known.
    fn known_line(&mut self, table: &mut Table<'_>, lines: &mut Lines<'_>) -> Option<()> {
        self.refresh(table);
        let start = lines.place();
        let end = self.shapes.read_open(table.slots.written().bytes(), start)?;
        lines.go_behind(end)?;
        if !table.asks() || self.shapes.decide(|found| may_matter(table, found.iter().copied())) {
            table.follows();
            let mut says = Says::default();
            self.shapes.found().iter().for_each(|f| says.take(table, *f));
            says.end(table, start, end);
            table.end_row();
        }
        Some(())
    }

    /// Forgets slots that have lost their meaning.
    fn refresh(&mut self, table: &Table<'_>) {
        if self.generation != table.slots.generation() {
            self.shapes.clear();
            self.generation = table.slots.generation();
        }
    }

    /// Adds the record at these bytes of the table's text as a row; `None` where it is no JSON object, nests too deep or is
    /// followed by something else. Values that were set by then are to be taken back.
    pub fn record(&mut self, table: &mut Table<'_>, start: usize, end: usize) -> Option<()> {
        self.refresh(table);
        let bytes = table.slots.written().bytes().get(..end)?;
        self.says = Says::default();
        match self.shapes.read(table.slots.written().bytes(), start, end) {
            Some(()) => {
                self.matters = self.shapes.decide(|found| may_matter(table, found.iter().copied()));
                table.follows();
                self.shapes.found().iter().for_each(|f| self.says.take(table, *f));
            }
            None => {
                // What is no UTF-8 is read again, as text: until then nothing is learnt of it.
                table.slots.written().get(start..end)?;
                self.path.clear();
                (self.export, self.start, self.end, self.at) = (None, start, end, start);
                self.whole(table, bytes)?;
                self.matters = may_matter(table, self.trace.iter().filter_map(|v| v.found(Language::Json, bytes))).0;
                self.shapes.learn(bytes, start, end, &self.trace);
            }
        }
        self.says.end(table, start, end);
        Some(())
    }

    /// Reads a record from its brace to its end.
    fn whole(&mut self, table: &mut Table<'_>, bytes: &[u8]) -> Option<()> {
        self.trace.clear();
        self.wrapped = table.file.is_wrapped();
        self.space(bytes);
        if bytes.get(self.at) != Some(&b'{') {
            return None;
        }
        self.object(table, bytes, 0)?;
        self.space(bytes);
        (self.at == self.end).then_some(())
    }

    /// Notes where a value lies, and its slot where somebody wants it, or is to know of it.
    fn traced(&mut self, table: &Table<'_>, start: usize, end: usize, stop: Stop, slot: SlotId) {
        let wanted = slot != SlotId::MAX && (table.slots.role(slot) != 0 || table.slots.keeps(slot));
        let act = (wanted || table.is_telling()).then_some(slot);
        self.trace.push(Traced { start, end, stop, act });
    }

    fn space(&mut self, bytes: &[u8]) {
        while let Some(b' ' | b'\t' | b'\r' | b'\n') = bytes.get(self.at) {
            self.at += 1;
        }
    }

    /// An object whose brace is here; `path` is its name.
    fn object(&mut self, table: &mut Table<'_>, bytes: &[u8], depth: usize) -> Option<()> {
        if depth > DEPTH {
            return None;
        }
        self.at += 1;
        self.space(bytes);
        if bytes.get(self.at) == Some(&b'}') {
            self.at += 1;
            return Some(());
        }
        let length = self.path.len();
        loop {
            self.space(bytes);
            if bytes.get(self.at) != Some(&b'"') {
                return None;
            }
            let (end, escaped) = scan::string_end(bytes, self.at)?;
            let text = table.slots.written();
            let inside = text.get(self.at + 1..end - 1)?;
            self.at = end;
            self.space(bytes);
            if bytes.get(self.at) != Some(&b':') {
                return None;
            }
            self.at += 1;
            self.space(bytes);
            if length + inside.len() > NAME {
                self.skip(table, bytes, depth)?;
            } else {
                let slot = self.name(table, bytes, depth, inside, escaped);
                self.value(table, bytes, depth, slot)?;
            }
            self.path.truncate(length);
            self.space(bytes);
            self.at += 1;
            match bytes.get(self.at - 1) {
                Some(b',') => {}
                Some(b'}') => return Some(()),
                _ => return None,
            }
        }
    }

    /// The slot of the field whose value is here; none for an object or array, which extends `path` instead.
    #[inline]
    fn name(&mut self, table: &mut Table<'_>, bytes: &[u8], depth: usize, key: &str, escaped: bool) -> SlotId {
        let nested = matches!(bytes.get(self.at), Some(b'{' | b'['));
        if depth == 0 && self.wrapped {
            match (key, nested) {
                ("event" | "fields", true) => return SlotId::MAX,
                ("event", false) => return table.slots.slot("_raw"),
                ("time", false) => return table.slots.slot("_time"),
                _ => {}
            }
        }
        if depth == 0 && !escaped && !nested {
            return table.slots.slot(key);
        }
        if depth > 0 && !(self.wrapped && self.path.is_empty()) {
            self.path.push('.');
        }
        if escaped {
            scan::unescape(key, &mut self.path)
        } else {
            self.path.push_str(key)
        }
        if nested { SlotId::MAX } else { table.slots.slot(&self.path) }
    }

    /// The value that is here: a scalar into its slot, an object or array under `path`.
    fn value(&mut self, table: &mut Table<'_>, bytes: &[u8], depth: usize, slot: SlotId) -> Option<()> {
        match bytes.get(self.at)? {
            b'"' => {
                let (end, escaped) = scan::string_end(bytes, self.at)?;
                let (start, end) = (std::mem::replace(&mut self.at, end) + 1, end - 1);
                self.traced(table, start, end, Stop::Mark, slot);
                self.says.scalar(table, slot, start, end, escaped)
            }
            b'{' | b'[' if !(table.wants_under(&self.path) || table.wants_time() || self.wrapped && self.path.is_empty()) => self.skip(table, bytes, depth),
            b'{' => self.object(table, bytes, depth + 1),
            b'[' => self.array(table, bytes, depth + 1),
            _ => {
                let start = self.at;
                let word = self.word(bytes)?;
                self.traced(table, start, self.at, Stop::Word, slot);
                match word {
                    Some((start, end)) => self.says.scalar(table, slot, start, end, false),
                    None => Some(()),
                }
            }
        }
    }

    /// Passes over a value that nobody wants, as strict as if it were read: whether a record is damaged must not depend on the
    /// query.
    fn skip(&mut self, table: &Table<'_>, bytes: &[u8], depth: usize) -> Option<()> {
        let (object, close) = match bytes.get(self.at)? {
            b'{' => (true, b'}'),
            b'[' => (false, b']'),
            b'"' => {
                let start = self.at + 1;
                self.at = scan::string_end(bytes, self.at)?.0;
                self.traced(table, start, self.at - 1, Stop::Mark, SlotId::MAX);
                return Some(());
            }
            _ => {
                let start = self.at;
                self.word(bytes)?;
                self.traced(table, start, self.at, Stop::Word, SlotId::MAX);
                return Some(());
            }
        };
        if depth >= DEPTH {
            return None;
        }
        self.at += 1;
        self.space(bytes);
        if bytes.get(self.at) == Some(&close) {
            self.at += 1;
            return Some(());
        }
        loop {
            self.space(bytes);
            if object {
                self.at = bytes.get(self.at).filter(|b| **b == b'"').and_then(|_| scan::string_end(bytes, self.at))?.0;
                self.space(bytes);
                self.at = bytes.get(self.at).filter(|b| **b == b':').map(|_| self.at + 1)?;
                self.space(bytes);
            }
            self.skip(table, bytes, depth + 1)?;
            self.space(bytes);
            self.at += 1;
            match bytes.get(self.at - 1) {
                Some(b',') => {}
                Some(b) if *b == close => return Some(()),
                _ => return None,
            }
        }
    }

    /// A number, `true`, `false` or `null`: its place, none for `null`.
    fn word(&mut self, bytes: &[u8]) -> Option<Option<(usize, usize)>> {
        let start = self.at;
        let rest = bytes.get(start..)?;
        self.at += scan::word(rest)?;
        Some((!rest.starts_with(b"null")).then_some((start, self.at)))
    }

    fn array(&mut self, table: &mut Table<'_>, bytes: &[u8], depth: usize) -> Option<()> {
        if depth > DEPTH {
            return None;
        }
        let open = self.at;
        self.at += 1;
        self.space(bytes);
        if bytes.get(self.at) == Some(&b']') {
            self.at += 1;
            return Some(());
        }
        let length = self.path.len();
        let plain = depth == 1 && self.is_export(bytes) && scan::is_flat(bytes.get(open..)?);
        if !plain {
            self.path.push_str("{}");
        }
        loop {
            self.space(bytes);
            let slot = match bytes.get(self.at) {
                Some(b'{' | b'[') => SlotId::MAX,
                _ => table.slots.slot(&self.path),
            };
            self.value(table, bytes, depth, slot)?;
            self.space(bytes);
            self.at += 1;
            match bytes.get(self.at - 1) {
                Some(b',') => {}
                Some(b']') => break,
                _ => return None,
            }
        }
        self.path.truncate(length);
        Some(())
    }

    /// Does the record have `_time` or `_raw` as a key of its own? Asked only where it has an array.
    fn is_export(&mut self, bytes: &[u8]) -> bool {
        let (start, end) = (self.start, self.end);
        *self.export.get_or_insert_with(|| scan::top_keys(bytes.get(start..end).unwrap_or_default()).any(|k| matches!(k, b"_time" | b"_raw")))
    }
}

/// May a record matter that has these values, and did values decide that are always the same? An escape could hide any text.
#[inline]
fn may_matter(table: &Table<'_>, found: impl Iterator<Item = Found<SlotId>> + Clone) -> (bool, bool) {
    let (text, always) = (table.slots.written(), Cell::new(true));
    let passes = |f: Found<SlotId>, test: &Test| {
        always.set(always.get() && f.constant);
        f.escaped || text.get(f.start..f.end).is_none_or(|value| test(value))
    };
    (table.may_matter(|slot, test| found.clone().any(|f| f.act == slot && passes(f, test))), always.get())
}

impl Says {
    /// A value of a record of known shape: what its role asks of it did not fail for the first one, and never does.
    #[inline]
    fn take(&mut self, table: &mut Table<'_>, found: Found<SlotId>) {
        let Found { start, end, act, escaped, .. } = found;
        let bytes = table.slots.written().bytes();
        let null = !escaped && bytes.get(start..end) == Some(b"null") && bytes.get(start.wrapping_sub(1)) != Some(&b'"');
        if !null {
            self.scalar(table, act, start, end, escaped);
        }
    }

    /// A scalar's text into its slot, or where its role says.
    #[inline]
    fn scalar(&mut self, table: &mut Table<'_>, slot: SlotId, start: usize, end: usize, escaped: bool) -> Option<()> {
        let role = table.slots.role(slot);
        if role == 0 && !table.slots.keeps(slot) {
            table.not_told(start, end);
            return Some(());
        }
        let written = Place::text(start, end);
        if escaped && table.is_telling() && table.slots.written().get(start..end).is_none_or(|written| !scan::stays(written)) {
            table.not_told(start, end);
        }
        if role == 0 {
            match escaped {
                true => table.slots.push_written(slot, written, scan::unescape),
                false => table.slots.push(slot, written),
            }
            return Some(());
        }
        let place = if escaped {
            let inside = table.slots.written().get(start..end)?;
            table.slots.decode(|out| scan::unescape(inside, out))
        } else {
            written
        };
        match role {
            1 => {
                self.time = Some((0, place));
                table.not_told(start, end);
            }
            2 => {
                self.raw = true;
                table.raw_from_elsewhere();
                table.slots.push(slot, place);
            }
            3..=6 => table.set_meta(Meta::ALL.get(usize::from(role) - 3).copied()?, place),
            _ => {
                if self.time.is_none_or(|(best, _)| role < best) {
                    self.time = Some((role, place));
                }
                table.slots.push(slot, place);
            }
        }
        Some(())
    }

    /// What the record says of itself into its row, once all of it is read.
    fn end(self, table: &mut Table<'_>, start: usize, end: usize) {
        if let Some((_, place)) = self.time {
            table.set_time(place);
        }
        if !self.raw {
            table.set_raw(start, end);
        }
    }
}
