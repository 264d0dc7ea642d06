//! Batches in the making: what readers of all formats put records into.

use super::parse::{Entities, Meta, ParseOptions, Wanted, is_internal, time_value};
use super::place::Place;
use super::repeats::Repeats;
use super::sieve::{Asked, Check, Test};
use super::slots::{Outline, SlotId, Slots};
use super::written::Written;
use super::{Chunk, FileInfo, Format, json};
use crate::column::text::{Buffer, View};
use crate::column::{Batch, Column, Mask, Text, Value};
use crate::time::Zone;
use crate::time::stamp::Recent;
use std::ops::Range;
use std::sync::{Arc, OnceLock};

/// Batches in the making: the columns of the content, and the columns that every event has.
pub struct Table<'a> {
    pub slots: Slots<'a>,
    pub file: &'a FileInfo,
    wanted: &'a Wanted,
    options: &'a ParseOptions,
    check: &'a Check,
    /// What that asks of values that are found, if anything.
    asked: Option<Asked>,
    wants_time: bool,
    recent: Recent,
    /// NaN where a row has none.
    times: Vec<f64>,
    metas: [Repeats; 4],
    wants_meta: [bool; 4],
    raw: SlotId,
    wants_raw: bool,
    /// What the fields do not tell, where that is asked.
    untold: Option<Untold>,
    done: Vec<Parsed>,
}

/// Rows, with what their fields do not tell of their text.
pub struct Parsed {
    pub rows: Batch,
    /// For each row a part of its text that holds all that stands neither in its fields as it is nor between the values of a known
    /// shape; `None` where that was not asked, or is not known.
    pub untold: Option<Text>,
}

/// Bytes of the text for each row, as many as there are rows so far.
#[derive(Default)]
struct Untold {
    rows: Vec<Range<usize>>,
    /// The row in the making is a record of known shape.
    known: bool,
    /// What its fields have not told by now.
    open: Range<usize>,
    /// A row has text from elsewhere.
    lost: bool,
}

impl<'a> Table<'a> {
    /// No rows yet, with what is known of the fields of the file.
    pub fn new(
        text: Written<'a>,
        shared: &'a OnceLock<Buffer>,
        chunk: &'a Chunk,
        (wanted, options, check): (&'a Wanted, &'a ParseOptions, &'a Check),
        outline: Outline,
    ) -> Table<'a> {
        // Events of XML tell their time by themselves.
        let time = chunk.file.spec.time.clone().filter(|_| matches!(chunk.file.format, Format::Json | Format::Csv { .. }));
        let mut slots = Slots::new(text, shared, wanted, role_of(chunk.file.format), time, outline);
        Table {
            raw: slots.find("_raw"),
            asked: (!check.is_none()).then(|| Asked::new(check, &mut slots)),
            check,
            slots,
            file: &chunk.file,
            wanted,
            options,
            wants_time: wanted.wants("_time"),
            recent: Recent::default(),
            times: Vec::new(),
            metas: Default::default(),
            wants_meta: Meta::NAMES.map(|n| wanted.wants(n)),
            wants_raw: wanted.wants("_raw"),
            untold: None,
            done: Vec::new(),
        }
    }

    /// The same, which also finds out what the fields do not tell.
    pub fn telling(self) -> Table<'a> {
        Table { untold: Some(Untold::default()), ..self }
    }

    /// Is it asked what the fields do not tell?
    pub fn is_telling(&self) -> bool {
        self.untold.is_some()
    }

    /// The row in the making is a record whose shape is known, and so is what stands between its values. Said before its values and its raw
    /// text are set.
    pub fn follows(&mut self) {
        self.untold.iter_mut().for_each(|untold| untold.known = true);
    }

    /// No field has these bytes of the row in the making as they are.
    pub fn not_told(&mut self, start: usize, end: usize) {
        if let Some(Untold { open, .. }) = &mut self.untold {
            *open = if open.start >= open.end { start..end } else { open.start.min(start)..open.end.max(end) };
        }
    }

    /// The raw text of the row in the making is none of this text.
    pub fn raw_from_elsewhere(&mut self) {
        self.untold.iter_mut().for_each(|untold| untold.lost = true);
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

    /// Is it asked of records whether they matter?
    #[inline]
    pub fn asks(&self) -> bool {
        self.asked.is_some()
    }

    /// May a record matter whose values are found? The function tells whether a value in a slot passes a test, or could.
    #[inline]
    pub fn may_matter(&self, passes: impl Fn(SlotId, &Test) -> bool) -> bool {
        self.asked.as_ref().is_none_or(|asked| asked.may_be(&passes))
    }

    /// Sets `_time` of the row in the making to what the value at a place says, as [`time_value`] reads it.
    pub fn set_time(&mut self, place: Place) {
        if !self.wants_time {
            return;
        }
        let zone = &self.options.zone;
        let text = self.slots.bytes(place);
        let time = match text.get(4) {
            Some(b'-') => self.recent.iso(text, zone),
            _ => time_value(text, zone),
        };
        self.set_time_to(time);
    }

    /// Sets `_time` of the row in the making.
    pub fn set_time_to(&mut self, time: Option<f64>) {
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
            if let Some(untold) = self.untold.as_mut().filter(|_| repeats.has(row)) {
                // No column has what was there.
                untold.known = false;
            }
            repeats.set(row, value);
        }
    }

    /// Sets the raw text of the row in the making.
    pub fn set_raw(&mut self, start: usize, end: usize) {
        if self.wants_raw {
            self.slots.push(self.raw, Place::text(start, end));
        }
        if self.untold.as_ref().is_some_and(|untold| !untold.known) {
            self.not_told(start, end);
        }
    }

    /// Takes the row in the making away, as if it had never been.
    pub fn drop_row(&mut self) {
        let row = self.slots.rows();
        self.slots.clear_row();
        self.times.truncate(row);
        self.metas.iter_mut().for_each(|m| m.truncate(row));
    }

    /// A row of raw text alone, in place of what the row in the making has by now.
    pub fn raw_row(&mut self, range: Range<usize>) {
        self.drop_row();
        self.untold.iter_mut().for_each(|untold| untold.known = false);
        self.set_raw(range.start, range.end);
        self.end_row();
    }

    /// Ends the row, and the batch where it is full.
    pub fn end_row(&mut self) {
        if let Some(Untold { rows, known, open, .. }) = &mut self.untold {
            rows.push(std::mem::take(open));
            *known = false;
        }
        self.slots.end_row();
        if self.slots.full(self.options.batch_rows.max(1)) {
            self.cut();
        }
    }

    fn cut(&mut self) {
        let rows = self.slots.rows();
        let mut batch = Batch::new(rows);
        if self.wants_time {
            let mut times = std::mem::take(&mut self.times);
            times.resize(rows, f64::NAN);
            let valid = times.iter().any(|t| t.is_nan()).then(|| Mask::from_fn(rows, |i| times.get(i).is_some_and(|t| !t.is_nan())));
            let none = valid.as_ref().is_some_and(|v| v.rows().next().is_none());
            batch.set("_time", if none { Column::null(rows) } else { Column::Number { values: times, valid } });
        }
        let generation = self.slots.generation();
        self.slots.finish(&mut batch);
        if self.slots.generation() != generation {
            self.raw = self.slots.find("_raw");
            self.asked = (!self.check.is_none()).then(|| Asked::new(self.check, &mut self.slots));
        }
        let raw = batch.remove("_raw");
        for meta in Meta::ALL {
            let (Some(repeats), Some(&name)) = (self.metas.get_mut(meta as usize), Meta::NAMES.get(meta as usize)) else { continue };
            if self.wanted.wants(name) {
                if let Some(untold) = self.untold.as_mut().filter(|_| batch.get(name).is_some()) {
                    untold.lost = true;
                }
                let prefix = if meta == Meta::Source { self.file.source_prefix() } else { "" };
                batch.set(name, std::mem::take(repeats).finish(rows, prefix, self.file.default_meta(meta)));
            }
        }
        if self.wants_raw {
            batch.set("_raw", raw.unwrap_or_else(|| Arc::new(Column::Const(Value::Null, rows))));
        }
        let untold = self.untold.as_mut().and_then(|untold| std::mem::take(untold).text(&self.slots.shared()));
        self.done.push(Parsed { rows: batch, untold });
    }

    /// The batches, and what is known of the fields of the file.
    pub fn finish(mut self) -> (Vec<Parsed>, Outline) {
        if self.slots.rows() > 0 {
            self.cut();
        }
        (self.done, self.slots.into_outline())
    }
}

impl Untold {
    /// A text for each row.
    fn text(self, text: &Buffer) -> Option<Text> {
        let view = |part: &Range<usize>| if part.is_empty() { View::NULL } else { View::new(0, part.start, part.len()) };
        (!self.lost).then(|| Text::new(self.rows.iter().map(view).collect(), vec![text.clone()]).packed())
    }
}

fn role_of(format: Format) -> fn(&str) -> u8 {
    match format {
        Format::Json => json::role,
        Format::Csv { .. } => json::role,
        _ => |name| u8::from(is_internal(name)),
    }
}
