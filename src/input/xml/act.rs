//! What becomes of a value of an event.

use super::tag;
use crate::input::parse::{Entities, Meta};
use crate::input::place::Place;
use crate::input::slots::SlotId;
use crate::input::table::Table;

/// What becomes of a value.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Act {
    pub slot: SlotId,
    /// A second name of the field.
    pub alias: SlotId,
    /// The value also goes there.
    pub meta: Option<Meta>,
    /// The value is the event's time.
    pub time: bool,
    /// It stands in `System`.
    pub system: bool,
}

/// A value from the text to where it belongs.
#[inline]
pub fn perform(table: &mut Table<'_>, act: Act, start: usize, end: usize) {
    if start == end {
        return;
    }
    let text = table.slots.written();
    if act.time {
        table.set_time(Place::text(start, end));
    }
    let mut place = Place::text(start, end);
    match text.bytes().get(start) {
        // What pretty-printing leaves inside an empty element.
        Some(b'\n' | b'\r') if text.bytes().get(start..end).is_some_and(|v| v.trim_ascii().is_empty()) => return table.not_told(start, end),
        _ => {}
    }
    if table.entities() == Entities::Decode {
        let value = text.get(start..end).unwrap_or_default();
        if memchr::memchr(b'&', value.as_bytes()).is_some() {
            place = table.slots.decode(|out| tag::decode(value, out));
        }
    }
    if !put(table, act, place) || place.decoded() {
        table.not_told(start, end);
    }
}

/// A value into its field, unless a field of `System` has that name, and wherever else it belongs; tells whether it became the field's.
#[inline]
pub fn put(table: &mut Table<'_>, act: Act, place: Place) -> bool {
    let mut told = false;
    for slot in [act.slot, act.alias] {
        if slot != SlotId::MAX {
            told |= table.slots.push_ranked(slot, place, act.system);
        }
    }
    if let Some(meta) = act.meta {
        table.set_meta(meta, place);
    }
    told
}
