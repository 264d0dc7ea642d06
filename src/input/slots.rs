//! Columns in the making: one slot a field, values as places in the text.
//!
//! Records of a file mostly carry the same fields in the same order, so a slot remembers which field followed it last time; that
//! one is compared before anything is hashed. A field that is not wanted has a slot without a column.

use super::Wanted;
use super::codes::{Codes, Decode};
use super::place::{Buffers, Place};
use super::written::Written;
use crate::column::text::{Buffer, View};
use crate::column::{Batch, Column, NO_CODE, Name, Text, Value};
use hashbrown::HashMap;
use std::sync::{Arc, OnceLock};

/// The role of the field that `--data …,time=FIELD` names: a time, better than any that is guessed.
pub const NAMED_TIME: u8 = 16;

/// The number of a slot within its [`Outline`].
pub type SlotId = u32;

const NO_SLOT: SlotId = u32::MAX;

#[derive(Debug)]
struct Slot {
    name: Name,
    /// Is there to be a column?
    keep: bool,
    /// What the field means to its format, as the format's own function says.
    role: u8,
    /// The row whose value comes from the first, outranking part of its record; what comes later under this name is not taken.
    settled: Option<usize>,
    /// It has had a value in this batch.
    used: bool,
    /// The slots that came after this one the last two times that they differed, the latest first.
    next: [SlotId; 2],
    /// Rows so far; shorter than the batch where the last rows have no value.
    places: Vec<Place>,
    /// Second and further values of a row, in order.
    more: Vec<(u32, Place)>,
    codes: Codes,
}

/// The part of a record that a value comes from.
#[derive(Clone, Copy, PartialEq)]
enum Rank {
    /// All are alike.
    Plain,
    /// What it says is all that there is of a field.
    First,
    /// It says nothing of fields that the first one told.
    Later,
}

/// Slots at most that are kept from one batch to the next: records that share no fields must not fill the memory.
const SLOTS: usize = 4096;

/// What is known of the fields of records, without their values: kept from one batch to the next, and to the next text.
#[derive(Debug, Default)]
pub struct Outline {
    slots: Vec<Slot>,
    index: HashMap<Name, SlotId, foldhash::fast::RandomState>,
    /// The slot that usually begins a record.
    first: Option<SlotId>,
    /// Goes up when slot numbers lose their meaning.
    generation: u32,
}

impl Outline {
    /// Forgets all slots.
    pub fn clear(&mut self) {
        *self = Outline { generation: self.generation + 1, ..Outline::default() };
    }
}

/// The columns of a batch in the making, over one text.
pub struct Slots<'a> {
    buffers: Buffers<'a>,
    /// The same text as columns hold on to it, made when a batch first needs it.
    shared: &'a OnceLock<Buffer>,
    wanted: &'a Wanted,
    role: fn(&str) -> u8,
    /// The field that `--data …,time=FIELD` names.
    time: Option<Arc<str>>,
    outline: Outline,
    last: SlotId,
    row: usize,
    /// Slots with values, in the order of their first ones.
    used: Vec<SlotId>,
    /// So many of them had one before the row in the making.
    used_before: usize,
    /// Values.
    filled: usize,
}

impl<'a> Slots<'a> {
    /// No rows yet.
    pub fn new(
        text: Written<'a>,
        shared: &'a OnceLock<Buffer>,
        wanted: &'a Wanted,
        role: fn(&str) -> u8,
        time: Option<Arc<str>>,
        outline: Outline,
    ) -> Slots<'a> {
        let buffers = Buffers::new(text);
        Slots { buffers, shared, wanted, role, time, outline, last: NO_SLOT, row: 0, used: Vec::new(), used_before: 0, filled: 0 }
    }

    /// What is known of the fields, for the next text.
    pub fn into_outline(self) -> Outline {
        self.outline
    }

    /// Goes up when slot numbers lose their meaning.
    pub fn generation(&self) -> u32 {
        self.outline.generation
    }

    /// Rows so far; also the number of the row in the making.
    pub fn rows(&self) -> usize {
        self.row
    }

    /// The text as columns hold on to it.
    pub fn shared(&self) -> Buffer {
        self.shared.get_or_init(|| self.buffers.text.text().to_string().into()).clone()
    }

    /// What places point into.
    #[inline(always)]
    pub fn written(&self) -> Written<'a> {
        self.buffers.text
    }

    /// The slot of a field.
    pub fn slot(&mut self, name: &str) -> SlotId {
        let guesses = self.outline.slots.get(self.last as usize).map_or([self.outline.first.unwrap_or(NO_SLOT), NO_SLOT], |s| s.next);
        let is = |id: SlotId| self.outline.slots.get(id as usize).is_some_and(|s| &*s.name == name);
        if is(guesses[0]) {
            self.last = guesses[0];
            return self.last;
        }
        let id = if is(guesses[1]) { guesses[1] } else { self.find(name) };
        match self.outline.slots.get_mut(self.last as usize) {
            Some(last) => last.next = [id, last.next[0]],
            None => self.outline.first = Some(id),
        }
        self.last = id;
        id
    }

    /// The slot of a field, without a guess.
    pub fn find(&mut self, name: &str) -> SlotId {
        if let Some(&id) = self.outline.index.get(name) {
            return id;
        }
        let (id, name): (SlotId, Name) = (self.outline.slots.len() as SlotId, name.into());
        let keep = self.wanted.wants(&name);
        self.outline.slots.push(Slot {
            name: name.clone(),
            keep,
            role: if self.time.as_deref() == Some(&*name) { NAMED_TIME } else { (self.role)(&name) },
            settled: None,
            used: false,
            next: [NO_SLOT; 2],
            places: Vec::new(),
            more: Vec::new(),
            codes: Codes::default(),
        });
        self.outline.index.insert(name, id);
        id
    }

    /// Is the field wanted?
    pub fn keeps(&self, id: SlotId) -> bool {
        self.outline.slots.get(id as usize).is_some_and(|s| s.keep)
    }

    /// What the field means to its format; 0 for nothing special.
    pub fn role(&self, id: SlotId) -> u8 {
        self.outline.slots.get(id as usize).map_or(0, |s| s.role)
    }

    /// Gives the row in the making a value, or a further one.
    pub fn push(&mut self, id: SlotId, place: Place) {
        self.put(id, place, None, Rank::Plain);
    }

    /// The same of a value that means something else than it is written.
    pub fn push_written(&mut self, id: SlotId, place: Place, decode: Decode) {
        self.put(id, place, Some(decode), Rank::Plain);
    }

    /// Gives the row in the making a value of a part of its record that outranks others, or of one that is outranked; false where it was, or
    /// nobody wants it.
    pub fn push_ranked(&mut self, id: SlotId, place: Place, outranks: bool) -> bool {
        self.put(id, place, None, if outranks { Rank::First } else { Rank::Later })
    }

    #[inline]
    fn put(&mut self, id: SlotId, place: Place, decode: Option<Decode>, rank: Rank) -> bool {
        let row = self.row;
        let Some(slot) = self.outline.slots.get_mut(id as usize).filter(|s| s.keep) else { return false };
        if slot.places.len() > row {
            if rank != Rank::Plain && slot.settled == Some(row) {
                return false;
            }
            slot.more.push((row as u32, self.buffers.decoded(place, decode)));
        } else {
            if !slot.used {
                slot.used = true;
                self.used.push(id);
            }
            slot.places.resize(row, Place::NULL);
            slot.places.push(slot.codes.place(row, place, decode, &mut self.buffers));
            if rank == Rank::First {
                slot.settled = Some(row);
            }
        }
        self.filled += 1;
        true
    }

    /// Text that the input does not have as it is, to be pushed.
    pub fn decode(&mut self, write: impl FnOnce(&mut String)) -> Place {
        self.buffers.write(write)
    }

    /// The first value of the row in the making.
    pub fn value(&self, id: SlotId) -> Option<&str> {
        self.buffers.get(*self.outline.slots.get(id as usize)?.places.get(self.row)?)
    }

    /// What stands at a place; nothing at none.
    pub fn bytes(&self, place: Place) -> &[u8] {
        self.buffers.bytes(place)
    }

    /// The text at a place.
    pub fn at(&self, place: Place) -> Option<&str> {
        self.buffers.get(place)
    }

    /// Takes the values of one field of the row in the making away.
    pub fn clear_value(&mut self, id: SlotId) {
        let row = self.row;
        if let Some(slot) = self.outline.slots.get_mut(id as usize) {
            slot.places.truncate(row);
            slot.codes.truncate(row);
            slot.settled = slot.settled.filter(|settled| *settled < row);
            while slot.more.last().is_some_and(|(r, _)| *r as usize >= row) {
                slot.more.pop();
            }
        }
    }

    /// Takes the values of the row in the making away again, as if they had never been: the record turned out to be damaged, or not to
    /// matter.
    pub fn clear_row(&mut self) {
        let mut used = std::mem::take(&mut self.used);
        used.iter().for_each(|id| self.clear_value(*id));
        for id in used.drain(self.used_before.min(used.len())..) {
            if let Some(slot) = self.outline.slots.get_mut(id as usize) {
                slot.used = false;
                slot.places.clear();
                slot.codes.clear();
            }
        }
        (self.used, self.last) = (used, NO_SLOT);
    }

    /// Ends the row.
    pub fn end_row(&mut self) {
        self.row += 1;
        self.used_before = self.used.len();
        self.last = NO_SLOT;
    }

    /// Would more rows make the batch too long, or mostly holes? Records that share no fields would otherwise fill memory with
    /// rows times fields of nothing.
    pub fn full(&self, limit: usize) -> bool {
        let cells = self.used.len() * self.row;
        self.row >= limit || (cells > 8192 && cells > 32 * self.filled) || self.buffers.decoded.len().max(self.buffers.kept.len()) > (1 << 30)
    }

    /// Adds the columns to a batch of as many rows, and begins the next one. Fields without a value have no column.
    pub fn finish(&mut self, batch: &mut Batch) {
        let rows = std::mem::take(&mut self.row);
        let used = std::mem::take(&mut self.used);
        self.used_before = 0;
        let slots: Vec<&Slot> = used.iter().filter_map(|id| self.outline.slots.get(*id as usize)).filter(|s| !s.places.is_empty()).collect();
        let places = slots.iter().flat_map(|s| s.values().iter().chain(s.more.iter().map(|(_, p)| p)));
        let needed: usize = places.filter(|p| !p.decoded() && !p.kept()).map(|p| p.len()).sum();
        let Buffers { text, decoded, kept } = &mut self.buffers;
        let (decoded, mut kept) = (std::mem::take(decoded), std::mem::take(kept));
        // Columns that need little of the text get a copy of their own, and the rest of it can go.
        let packed = needed < text.bytes().len() / 2 || !text.is_text();
        kept.reserve(if packed { needed } else { 0 });
        let views: Vec<Vec<View>> = slots.iter().map(|slot| slot.views(text.bytes(), &mut kept, packed)).collect();
        let second = match packed {
            true => {
                let ends = views.iter().flatten().flat_map(|v| [Some(v.start()), v.end()]).flatten();
                text.taken(kept, ends.filter(|(buffer, _)| *buffer == 1).map(|(_, end)| end as usize)).into()
            }
            false => self.shared.get_or_init(|| text.text().to_string().into()).clone(),
        };
        let buffers = vec![Buffer::from(decoded), second];
        for (slot, views) in slots.iter().zip(views) {
            batch.set(slot.name.clone(), slot.column(rows, views, buffers.clone()));
        }
        (self.filled, self.last) = (0, NO_SLOT);
        if self.outline.slots.len() > SLOTS {
            self.outline.clear();
        }
        for id in used {
            if let Some(slot) = self.outline.slots.get_mut(id as usize) {
                (slot.used, slot.settled) = (false, None);
                slot.places.clear();
                slot.more.clear();
                slot.codes.next();
            }
        }
    }
}

impl Slot {
    /// Do its values have codes that are worth it?
    fn is_coded(&self) -> bool {
        self.more.is_empty() && self.codes.repeat()
    }

    /// The values that the column needs.
    fn values(&self) -> &[Place] {
        if self.is_coded() { &self.codes.values } else { &self.places }
    }

    /// Where those values lie, and after them the further ones of rows that have more than one: decoded values are the first buffer, the
    /// text or what is kept of it is the second. What is packed goes from the text to what is kept.
    fn views(&self, text: &[u8], kept: &mut Vec<u8>, packed: bool) -> Vec<View> {
        let view = |p: &Place| {
            let (start, length) = (p.start as usize, p.len());
            if *p == Place::NULL {
                return View::NULL;
            }
            if p.decoded() || p.kept() || !packed {
                return View::new(usize::from(!p.decoded()), start, length);
            }
            let place = kept.len();
            kept.extend_from_slice(text.get(start..start + length).unwrap_or_default());
            View::new(1, place, length)
        };
        self.values().iter().chain(self.more.iter().map(|(_, p)| p)).map(view).collect()
    }

    /// The column of so many rows.
    fn column(&self, rows: usize, mut views: Vec<View>, buffers: Vec<Buffer>) -> Column {
        if self.is_coded() {
            let mut codes = self.codes.rows.clone();
            codes.resize(rows, NO_CODE);
            return Column::coded(codes, Column::Text(Text::new(views, buffers)));
        }
        if self.more.is_empty() {
            views.resize(rows, View::NULL);
            return Column::Text(Text::new(views, buffers));
        }
        let all = Text::new(views, buffers);
        let value = |i: usize| all.get(i).map_or(Value::Null, Value::owned);
        let mut more = self.more.iter().zip(self.places.len()..).peekable();
        let row = |row: usize| {
            let mut values = vec![if row < self.places.len() { value(row) } else { Value::Null }];
            while let Some((_, i)) = more.next_if(|((r, _), _)| *r as usize == row) {
                values.push(value(i));
            }
            Value::multi(values)
        };
        Column::Mixed((0..rows).map(row).collect())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn build(wanted: &Wanted, rows: &[&[(&str, &str)]]) -> Batch {
        let text: String = rows.iter().flat_map(|r| r.iter().map(|(_, v)| *v)).collect();
        let shared = OnceLock::new();
        let mut slots = Slots::new(Written::Text(&text), &shared, wanted, |_| 0, None, Outline::default());
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
}
