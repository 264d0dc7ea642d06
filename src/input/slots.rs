//! Columns in the making: one slot a field, values as places in the text.
//!
//! Records of a file mostly carry the same fields in the same order, so a slot remembers which field followed it last time; that
//! one is compared before anything is hashed. A field that is not wanted has a slot without a column.

use super::Wanted;
use crate::column::text::{Buffer, View};
use crate::column::{Batch, Column, NO_CODE, Name, Text, Value};
use hashbrown::HashMap;
use std::sync::{Arc, OnceLock};

/// A place in the text of the chunk or in the buffer of decoded values.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Place {
    start: u32,
    /// The top bit says that it lies in the decoded buffer.
    len: u32,
}

const DECODED: u32 = 1 << 31;

impl Place {
    const NULL: Place = Place { start: u32::MAX, len: u32::MAX };

    /// Bytes `start..end` of the text.
    pub fn text(start: usize, end: usize) -> Place {
        Place { start: start as u32, len: end.saturating_sub(start) as u32 }
    }

    /// Is there nothing at this place?
    pub fn is_empty(self) -> bool {
        self.len() == 0
    }

    fn len(self) -> usize {
        if self == Place::NULL { 0 } else { (self.len & !DECODED) as usize }
    }

    fn decoded(self) -> bool {
        self.len & DECODED != 0
    }

    fn get<'t>(self, text: &'t str, decoded: &'t str) -> Option<&'t str> {
        if self == Place::NULL {
            return None;
        }
        let start = self.start as usize;
        if self.decoded() { decoded } else { text }.get(start..start + self.len())
    }
}

/// The number of a slot within its [`Slots`].
/// The role of the field that `--data …,time=FIELD` names: a time, better than any that is guessed.
pub const NAMED_TIME: u8 = 16;

pub type SlotId = u32;

const NO_SLOT: SlotId = u32::MAX;

#[derive(Debug)]
struct Slot {
    name: Name,
    /// Is there to be a column?
    keep: bool,
    /// What the field means to its format, as the format's own function says.
    role: u8,
    /// Set by the first, outranking part of a record; what comes later under this name is not taken.
    protected: bool,
    /// The slots that came after this one the last two times that they differed, the latest first.
    next: [SlotId; 2],
    /// Rows so far; shorter than the batch where the last rows have no value.
    places: Vec<Place>,
    /// Second and further values of a row, in order.
    more: Vec<(u32, Place)>,
}

/// A column of few distinct values, such as `source`.
#[derive(Debug, Default)]
pub struct Repeats {
    codes: Vec<u32>,
    values: Vec<String>,
    map: HashMap<String, u32, foldhash::fast::RandomState>,
}

impl Repeats {
    /// Sets the value of a row; rows between that were not set are null.
    pub fn set(&mut self, row: usize, value: &str) {
        let last = self.codes.last().copied().unwrap_or(NO_CODE);
        let code = match self.values.get(last as usize) {
            Some(v) if v == value => last,
            _ => match self.map.get(value) {
                Some(&code) => code,
                None => {
                    let code = self.values.len() as u32;
                    self.values.push(value.to_string());
                    self.map.insert(value.to_string(), code);
                    code
                }
            },
        };
        self.codes.resize(row, NO_CODE);
        self.codes.push(code);
    }

    /// Takes the value of a row that turned out to be damaged away again.
    pub fn truncate(&mut self, rows: usize) {
        self.codes.truncate(rows);
    }

    /// The column: every value with a prefix, and the default where a row has none.
    pub fn finish(mut self, rows: usize, prefix: &str, default: Option<&str>) -> Column {
        self.codes.resize(rows, NO_CODE);
        if !prefix.is_empty() {
            self.values.iter_mut().for_each(|v| v.insert_str(0, prefix));
        }
        if let Some(default) = default.filter(|_| self.codes.contains(&NO_CODE)) {
            let code = self.values.len() as u32;
            self.values.push(default.to_string());
            self.codes.iter_mut().filter(|c| **c == NO_CODE).for_each(|c| *c = code);
        }
        match self.codes.first() {
            None => Column::null(0),
            Some(first) if self.codes.iter().all(|c| c == first) => {
                Column::Const(self.values.get(*first as usize).map_or(Value::Null, |v| Value::owned(v.as_str())), rows)
            }
            _ => {
                let values: Text = self.values.into_iter().map(Some).collect();
                Column::coded(self.codes, Column::Text(values))
            }
        }
    }
}

/// The columns of a batch in the making, over one text.
pub struct Slots<'a> {
    text: &'a str,
    /// The same text as columns hold on to it, made when a batch first needs it.
    shared: &'a OnceLock<Buffer>,
    wanted: &'a Wanted,
    role: fn(&str) -> u8,
    /// The field that `--data …,time=FIELD` names.
    time: Option<Arc<str>>,
    slots: Vec<Slot>,
    index: HashMap<Name, SlotId, foldhash::fast::RandomState>,
    last: SlotId,
    /// The slot that usually begins a record.
    first: SlotId,
    decoded: String,
    row: usize,
    kept: usize,
    filled: usize,
}

impl<'a> Slots<'a> {
    /// No rows yet.
    pub fn new(text: &'a str, shared: &'a OnceLock<Buffer>, wanted: &'a Wanted, role: fn(&str) -> u8, time: Option<Arc<str>>) -> Slots<'a> {
        Slots {
            text,
            shared,
            wanted,
            role,
            time,
            slots: Vec::new(),
            index: HashMap::default(),
            last: NO_SLOT,
            first: NO_SLOT,
            decoded: String::new(),
            row: 0,
            kept: 0,
            filled: 0,
        }
    }

    /// Rows so far; also the number of the row in the making.
    pub fn rows(&self) -> usize {
        self.row
    }

    /// The text that places point into.
    pub fn text(&self) -> &'a str {
        self.text
    }

    /// The slot of a field.
    pub fn slot(&mut self, name: &str) -> SlotId {
        let guesses = self.slots.get(self.last as usize).map_or([self.first, NO_SLOT], |s| s.next);
        let is = |id: SlotId| self.slots.get(id as usize).is_some_and(|s| &*s.name == name);
        if is(guesses[0]) {
            self.last = guesses[0];
            return self.last;
        }
        let id = if is(guesses[1]) { guesses[1] } else { self.find(name) };
        match self.slots.get_mut(self.last as usize) {
            Some(last) => last.next = [id, last.next[0]],
            None => self.first = id,
        }
        self.last = id;
        id
    }

    /// The slot of a field, without a guess.
    pub fn find(&mut self, name: &str) -> SlotId {
        if let Some(&id) = self.index.get(name) {
            return id;
        }
        let (id, name): (SlotId, Name) = (self.slots.len() as SlotId, name.into());
        let keep = self.wanted.wants(&name);
        self.kept += usize::from(keep);
        self.slots.push(Slot {
            name: name.clone(),
            keep,
            role: if self.time.as_deref() == Some(&*name) { NAMED_TIME } else { (self.role)(&name) },
            protected: false,
            next: [NO_SLOT; 2],
            places: Vec::new(),
            more: Vec::new(),
        });
        self.index.insert(name, id);
        id
    }

    /// Is the field wanted?
    pub fn keeps(&self, id: SlotId) -> bool {
        self.slots.get(id as usize).is_some_and(|s| s.keep)
    }

    /// What the field means to its format; 0 for nothing special.
    pub fn role(&self, id: SlotId) -> u8 {
        self.slots.get(id as usize).map_or(0, |s| s.role)
    }

    /// Later values of a row do not add to the first ones of this field.
    pub fn protect(&mut self, id: SlotId) {
        if let Some(s) = self.slots.get_mut(id as usize) {
            s.protected = true;
        }
    }

    /// Gives the row in the making a value, or a further one.
    pub fn push(&mut self, id: SlotId, place: Place) {
        let row = self.row;
        let Some(slot) = self.slots.get_mut(id as usize).filter(|s| s.keep) else { return };
        self.filled += 1;
        if slot.places.len() > row {
            slot.more.push((row as u32, place));
        } else {
            slot.places.resize(row, Place::NULL);
            slot.places.push(place);
        }
    }

    /// Gives the row in the making a value, unless the field is protected and has one.
    pub fn push_unless_protected(&mut self, id: SlotId, place: Place) {
        let row = self.row;
        let Some(slot) = self.slots.get_mut(id as usize).filter(|s| s.keep) else { return };
        if slot.places.len() == row {
            slot.places.push(place);
        } else if slot.places.len() < row {
            slot.places.resize(row, Place::NULL);
            slot.places.push(place);
        } else if slot.protected {
            return;
        } else {
            slot.more.push((row as u32, place));
        }
        self.filled += 1;
    }

    /// Text that the input does not have as it is, to be pushed.
    pub fn decode(&mut self, write: impl FnOnce(&mut String)) -> Place {
        let start = self.decoded.len();
        write(&mut self.decoded);
        Place { start: start as u32, len: (self.decoded.len() - start) as u32 | DECODED }
    }

    /// The first value of the row in the making.
    pub fn value(&self, id: SlotId) -> Option<&str> {
        self.slots.get(id as usize)?.places.get(self.row)?.get(self.text, &self.decoded)
    }

    /// The text at a place.
    pub fn at(&self, place: Place) -> Option<&str> {
        place.get(self.text, &self.decoded)
    }

    /// Takes the values of one field of the row in the making away.
    pub fn clear_value(&mut self, id: SlotId) {
        let row = self.row;
        if let Some(slot) = self.slots.get_mut(id as usize) {
            slot.places.truncate(row);
            while slot.more.last().is_some_and(|(r, _)| *r as usize >= row) {
                slot.more.pop();
            }
        }
    }

    /// Takes the values of the row in the making away again: the record turned out to be damaged.
    pub fn clear_row(&mut self) {
        (0..self.slots.len() as SlotId).for_each(|id| self.clear_value(id));
        self.last = NO_SLOT;
    }

    /// Ends the row.
    pub fn end_row(&mut self) {
        self.row += 1;
        self.last = NO_SLOT;
    }

    /// Would more rows make the batch too long, or mostly holes? Records that share no fields would otherwise fill memory with
    /// rows times fields of nothing.
    pub fn full(&self, limit: usize) -> bool {
        let cells = self.kept * self.row;
        self.row >= limit || (cells > 8192 && cells > 32 * self.filled) || self.decoded.len() > (1 << 30)
    }

    /// Adds the columns to a batch of as many rows. Fields without a value have no column.
    pub fn finish(self, batch: &mut Batch) {
        let rows = self.row;
        let slots: Vec<Slot> = self.slots.into_iter().filter(|s| s.keep && !s.places.is_empty()).collect();
        let places = || slots.iter().flat_map(|s| s.places.iter().chain(s.more.iter().map(|(_, p)| p)));
        let used: usize = places().filter(|p| !p.decoded()).map(|p| p.len()).sum();
        // Columns that need little of the text get a copy of their own, and the rest of it can go.
        let mut packed = (used < self.text.len() / 2).then(|| String::with_capacity(used));
        let mut columns = Vec::with_capacity(slots.len());
        for slot in &slots {
            let mut view = |p: Place| match &mut packed {
                _ if p == Place::NULL => View::NULL,
                _ if p.decoded() => View::new(1, p.start as usize, p.len()),
                None => View::new(0, p.start as usize, p.len()),
                Some(packed) => {
                    let start = packed.len();
                    packed.push_str(p.get(self.text, "").unwrap_or_default());
                    View::new(0, start, packed.len() - start)
                }
            };
            let mut views = Vec::with_capacity(rows);
            if slot.more.is_empty() {
                views.extend(slot.places.iter().map(|p| view(*p)));
            }
            views.resize(rows, View::NULL);
            columns.push(views);
        }
        let text = match packed {
            Some(packed) => Arc::new(packed),
            None => self.shared.get_or_init(|| Arc::new(self.text.to_string())).clone(),
        };
        let mut buffers = vec![text];
        let decoded = Arc::new(self.decoded);
        if !decoded.is_empty() {
            buffers.push(decoded.clone());
        }
        for (slot, views) in slots.iter().zip(columns) {
            let column = if slot.more.is_empty() { Column::Text(Text::new(views, buffers.clone())) } else { multi(slot, rows, self.text, &decoded) };
            batch.set(slot.name.clone(), column);
        }
    }
}

/// A column with multivalues.
fn multi(slot: &Slot, rows: usize, text: &str, decoded: &str) -> Column {
    let mut more = slot.more.iter().peekable();
    let value = |p: &Place| p.get(text, decoded).map_or(Value::Null, Value::owned);
    let mut values = Vec::with_capacity(rows);
    for row in 0..rows {
        let first = slot.places.get(row).map_or(Value::Null, value);
        let mut all = vec![first];
        while let Some((_, p)) = more.next_if(|(r, _)| *r as usize == row) {
            all.push(value(p));
        }
        values.push(Value::multi(all));
    }
    Column::Mixed(values)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn build(wanted: &Wanted, rows: &[&[(&str, &str)]]) -> Batch {
        let text: String = rows.iter().flat_map(|r| r.iter().map(|(_, v)| *v)).collect();
        let shared = OnceLock::new();
        let mut slots = Slots::new(&text, &shared, wanted, |_| 0, None);
        let mut at = 0;
        for row in rows {
            for (name, value) in *row {
                let id = slots.slot(name);
                slots.push(id, Place::text(at, at + value.len()));
                at += value.len();
            }
            slots.end_row();
        }
        let mut batch = Batch::new(slots.rows());
        slots.finish(&mut batch);
        batch
    }

    #[test]
    fn values_multivalues_and_holes() {
        let b = build(&Wanted::All, &[&[("a", "1"), ("b", "2")], &[("b", "3"), ("b", "4")], &[("c", "5")]]);
        assert_eq!((b.value("a", 0), b.value("a", 2), b.value("c", 2)), (Value::text("1"), Value::Null, Value::text("5")));
        assert_eq!(b.value("b", 1), Value::multi([Value::text("3"), Value::text("4")]));
    }

    #[test]
    fn few_wanted_fields_do_not_hold_the_text() {
        let only = Wanted::only(["a"]);
        let b = build(&only, &[&[("a", "1"), ("b", "a long value that nobody asked for")]]);
        assert_eq!((b.names().len(), b.value("a", 0)), (1, Value::text("1")));
        assert!(b.bytes() < 20 + 16);
    }

    #[test]
    fn repeats_become_a_constant_or_a_dictionary() {
        let mut r = Repeats::default();
        r.set(0, "x");
        r.set(1, "x");
        assert!(matches!(r.finish(2, "", None), Column::Const(..)));
        let mut r = Repeats::default();
        r.set(1, "x");
        r.set(2, "y");
        let c = r.finish(4, "p", None);
        assert_eq!((0..4).map(|i| c.get(i)).collect::<Vec<_>>(), [Value::Null, Value::text("px"), Value::text("py"), Value::Null]);
    }
}
