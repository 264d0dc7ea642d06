//! Windows event XML into columns, the way Splunk's add-on names its fields.
//!
//! * `System`: children by name (`EventID` also as `EventCode`), attributes as `Provider_Name`, `Provider_Guid`, `SystemTime`,
//!   `Qualifiers`, and else as element and attribute (`Execution_ProcessID`, `Security_UserID`, `Correlation_ActivityID`).
//! * `EventData`: `Data` by its `Name`, repeated names and unnamed `Data` as multivalues, other elements by name.
//! * `UserData`, `RenderingInfo`: elements that hold text, by name.
//!
//! A field of `System` is not touched by later ones of the same name, an empty element is no field. A tag that was seen before is
//! recognised by its bytes: mostly by one comparison, as the one that followed last time.

pub(crate) mod tag;

use super::parse::{Entities, Meta, Table, time_value};
use super::slots::{Place, SlotId};
use hashbrown::HashMap;
use std::ops::Range;
use tag::{Tag, attribute};

/// Elements may not nest deeper.
const DEPTH: usize = 200;

/// Tags that are remembered at most.
const STEPS: usize = 4096;

/// Events of a range that may be damaged one after the other before the rest of it is given up. Each try may look at all of the
/// range, so without a limit many openings in one long range would take for ever.
const TRIES: usize = 100;

/// The part of an event that an element lies in.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Section {
    System,
    Data,
    Other,
}

/// Why an event was not read.
enum Fail {
    Damaged,
    /// Another event begins at this place.
    Again(usize),
}

/// An element of text alone, as it was seen before.
struct Step {
    /// The whole opening tag.
    open: Box<[u8]>,
    close: Box<[u8]>,
    slot: SlotId,
    /// A second name of the field.
    alias: SlotId,
    /// The value also goes there.
    meta: Option<Meta>,
    keep: bool,
    /// The steps that came after this one the last two times that they differed, the latest first.
    next: [u32; 2],
}

/// An attribute of an element of `System`, as it was seen before.
struct Known {
    element: Box<[u8]>,
    name: Box<[u8]>,
    slot: SlotId,
    keep: bool,
    time: bool,
}

/// Reads events; what it learns about their tags is kept between them.
#[derive(Default)]
pub struct Scanner {
    steps: Vec<Step>,
    index: HashMap<Vec<u8>, u32, foldhash::fast::RandomState>,
    last: u32,
    /// In the order in which they were first seen; the one at `known_next` is likely to be next.
    known: Vec<Known>,
    known_next: usize,
    generation: u32,
    /// Names of the open elements, by place.
    stack: Vec<(usize, usize)>,
    key: Vec<u8>,
    name: String,
}

impl Scanner {
    /// Adds the event in this range as a row. A damaged event that another one follows within the range becomes a row of raw text,
    /// of which `damaged` is told; `None` where the last one is damaged, with its row still to be made: the whole range then.
    pub fn records(&mut self, table: &mut Table<'_>, range: Range<usize>, damaged: &mut dyn FnMut(usize)) -> Option<()> {
        let mut start = range.start;
        let text = table.slots.text();
        for tries in 0.. {
            match self.event(table, start, range.end) {
                Ok(()) => {
                    table.set_raw(start, range.end);
                    table.end_row();
                    return Some(());
                }
                Err(Fail::Again(at)) if at > start && tries < TRIES => {
                    let end = start + text.get(start..at)?.trim_end().len();
                    table.raw_row(start..end);
                    damaged(start);
                    start = at;
                }
                Err(_) if start == range.start => return None,
                Err(_) => {
                    table.raw_row(start..range.end);
                    damaged(start);
                    return Some(());
                }
            }
        }
        None
    }

    fn event(&mut self, table: &mut Table<'_>, start: usize, end: usize) -> Result<(), Fail> {
        if self.generation != table.generation {
            self.steps.clear();
            self.index.clear();
            self.known.clear();
            self.generation = table.generation;
        }
        self.stack.clear();
        self.last = u32::MAX;
        self.known_next = 0;
        let text = table.slots.text().get(..end).ok_or(Fail::Damaged)?;
        let bytes = text.as_bytes();
        let root = match Tag::open(bytes, start).filter(|_| bytes.get(start) == Some(&b'<')) {
            Some(tag) if tag.local(text) == "Event" => tag,
            _ => return Err(next_event(bytes, start + 1)),
        };
        if root.empty {
            return if root.end == end { Ok(()) } else { Err(next_event(bytes, root.end)) };
        }
        self.stack.push(root.name);
        match self.content(table, text, root.end) {
            Some(at) if at == end => Ok(()),
            _ => Err(next_event(bytes, root.end)),
        }
    }

    /// Reads from behind the opening tag of the root to behind its closing tag; `None` for what is no event.
    fn content(&mut self, table: &mut Table<'_>, text: &str, mut at: usize) -> Option<usize> {
        let bytes = text.as_bytes();
        let mut section = Section::Other;
        loop {
            if section == Section::Data || section == Section::System {
                at = self.known(table, bytes, at);
            }
            at += memchr::memchr(b'<', bytes.get(at..)?)?;
            match bytes.get(at + 1)? {
                b'/' => {
                    let open = self.stack.pop()?;
                    at = close(bytes, at, open)?;
                    match self.stack.len() {
                        0 => return Some(at),
                        1 => section = Section::Other,
                        _ => {}
                    }
                }
                b'!' | b'?' => at = aside(bytes, at)?,
                _ => {
                    let tag = Tag::open(bytes, at)?;
                    let local = tag.local(text);
                    if self.stack.len() == 1 && !tag.empty {
                        section = match local {
                            "System" => Section::System,
                            "EventData" => Section::Data,
                            "Event" => return None,
                            _ => Section::Other,
                        };
                        self.stack.push(tag.name);
                        at = tag.end;
                        continue;
                    }
                    if local == "Event" || self.stack.len() > DEPTH {
                        return None;
                    }
                    at = self.element(table, text, at, tag, section)?;
                }
            }
        }
    }

    /// Reads elements as long as each is one that was seen before; where the first other thing begins.
    #[inline]
    fn known(&mut self, table: &mut Table<'_>, bytes: &[u8], mut at: usize) -> usize {
        loop {
            while let Some(b' ' | b'\t' | b'\r' | b'\n') = bytes.get(at) {
                at += 1;
            }
            let Some(last) = self.steps.get(self.last as usize) else { return at };
            let here = bytes.get(at..).unwrap_or_default();
            let guessed = last.next.into_iter().find_map(|id| {
                let step = self.steps.get(id as usize)?;
                Some((id, step, here.strip_prefix(&*step.open)?))
            });
            let Some((guess, step, rest)) = guessed else { return at };
            let Some(length) = memchr::memchr(b'<', rest) else { return at };
            if !rest.get(length..).is_some_and(|r| r.starts_with(&step.close)) {
                return at;
            }
            let start = at + step.open.len();
            if step.keep && length > 0 {
                let (slot, alias, meta) = (step.slot, step.alias, step.meta);
                push(table, slot, alias, meta, start, start + length);
            }
            self.last = guess;
            at = start + length + self.steps.get(guess as usize).map_or(0, |s| s.close.len());
        }
    }

    /// An element inside a section, read whole where it holds text alone; else its content comes next.
    fn element(&mut self, table: &mut Table<'_>, text: &str, at: usize, tag: Tag, section: Section) -> Option<usize> {
        let bytes = text.as_bytes();
        let attributes = section == Section::System && tag.attributes + 1 < tag.end;
        if attributes {
            self.attributes(table, text, tag);
        }
        if tag.empty {
            return Some(tag.end);
        }
        let Some(content) = Content::read(bytes, tag) else {
            self.stack.push(tag.name);
            return Some(tag.end);
        };
        self.key.clear();
        self.key.push(section as u8);
        // The attributes of System vary from event to event; its elements are known by their names.
        self.key.extend_from_slice(bytes.get(at..if attributes { tag.attributes } else { tag.end })?);
        let id = match self.index.get(&self.key) {
            Some(&id) => id,
            None => self.learn(table, text, at, tag, section, attributes)?,
        };
        if let Some(last) = self.steps.get_mut(self.last as usize).filter(|s| !s.next.contains(&id)) {
            last.next = [id, last.next[0]];
        }
        self.last = id;
        let step = self.steps.get(id as usize).filter(|s| s.keep && content.start < content.end);
        if let Some((slot, alias, meta)) = step.map(|s| (s.slot, s.alias, s.meta)) {
            if content.plain {
                push(table, slot, alias, meta, content.start, content.end);
            } else {
                let entities = table.entities();
                let place = table.slots.decode(|out| content.write(text, entities, out));
                put(table, slot, alias, meta, place);
            }
        }
        Some(content.next)
    }

    /// Remembers an element's tag with the field that it stands for.
    fn learn(&mut self, table: &mut Table<'_>, text: &str, at: usize, tag: Tag, section: Section, attributes: bool) -> Option<u32> {
        let bytes = text.as_bytes();
        let local = tag.local(text);
        self.name.clear();
        self.name.push_str(local);
        if matches!(local, "Data" | "ComplexData") && section == Section::Data {
            let mut from = tag.attributes;
            while let Some((((n, m), (v, w)), next)) = attribute(bytes, from, tag.end) {
                if text.get(n..m) == Some("Name") && v < w {
                    self.name.clear();
                    self.name.push_str(text.get(v..w)?);
                }
                from = next;
            }
        }
        // What every event has is not for its content to say.
        let slot = Some(table.slots.find(&self.name)).filter(|s| table.slots.role(*s) == 0).unwrap_or(SlotId::MAX);
        let (mut alias, mut meta) = (SlotId::MAX, None);
        if section == Section::System {
            table.slots.protect(slot);
            match local {
                "EventID" => {
                    alias = table.slots.find("EventCode");
                    table.slots.protect(alias);
                }
                "Computer" => meta = Some(Meta::Host).filter(|m| table.wants_meta(*m) && table.file.spec.host.is_none()),
                "Channel" => meta = Some(Meta::Source).filter(|m| table.wants_meta(*m) && table.file.spec.source.is_none()),
                _ => {}
            }
        }
        let mut close = b"</".to_vec();
        close.extend_from_slice(bytes.get(tag.name.0..tag.name.1)?);
        close.push(b'>');
        let step = Step {
            // Attributes have to be read each time, so such a tag is never guessed.
            open: if attributes { (*b"\0").into() } else { bytes.get(at..tag.end)?.into() },
            close: close.into(),
            slot,
            alias,
            meta,
            keep: table.slots.keeps(slot) || table.slots.keeps(alias) || meta.is_some(),
            next: [u32::MAX; 2],
        };
        // Tags that never repeat must not fill the memory: past the limit the last place is used again and again.
        let id = self.steps.len().min(STEPS);
        match self.steps.get_mut(id) {
            Some(last) => *last = step,
            None => {
                self.steps.push(step);
                if id < STEPS {
                    self.index.insert(self.key.clone(), id as u32);
                }
            }
        }
        Some(id as u32)
    }

    /// The attributes of an element of `System`.
    fn attributes(&mut self, table: &mut Table<'_>, text: &str, tag: Tag) {
        let bytes = text.as_bytes();
        let element = tag.local(text);
        let mut from = tag.attributes;
        while let Some((((n, m), (v, w)), next)) = attribute(bytes, from, tag.end) {
            from = next;
            if v == w {
                continue;
            }
            let name = bytes.get(n..m).unwrap_or_default();
            let is = |k: &Known| *k.name == *name && *k.element == *element.as_bytes();
            let id = match self.known.get(self.known_next) {
                Some(k) if is(k) => self.known_next,
                _ => match self.known.iter().position(is) {
                    Some(id) => id,
                    None => match self.learn_attribute(table, element, text.get(n..m).unwrap_or_default()) {
                        Some(id) => id,
                        None => continue,
                    },
                },
            };
            self.known_next = id + 1;
            let Some(known) = self.known.get(id) else { continue };
            if known.time {
                let time = text.get(v..w).and_then(|t| time_value(t, table.zone()));
                table.set_time(time);
            }
            if known.keep {
                push(table, known.slot, SlotId::MAX, None, v, w);
            }
        }
    }

    /// Remembers an attribute with the field that it stands for.
    fn learn_attribute(&mut self, table: &mut Table<'_>, element: &str, name: &str) -> Option<usize> {
        // Events have a dozen; a file that makes up new ones all the time must not slow down the search.
        if self.known.len() >= 100 || name.starts_with("xmlns") {
            return None;
        }
        self.name.clear();
        if !matches!(name, "SystemTime" | "Qualifiers") {
            self.name.push_str(element);
            self.name.push('_');
        }
        self.name.push_str(name);
        let slot = table.slots.find(&self.name);
        table.slots.protect(slot);
        self.known.push(Known {
            element: element.as_bytes().into(),
            name: name.as_bytes().into(),
            slot,
            keep: table.slots.keeps(slot),
            time: element == "TimeCreated" && name == "SystemTime" && table.wants_time(),
        });
        Some(self.known.len() - 1)
    }
}

/// A value from the text into its field.
#[inline]
fn push(table: &mut Table<'_>, slot: SlotId, alias: SlotId, meta: Option<Meta>, start: usize, end: usize) {
    let bytes = table.slots.text().as_bytes();
    let mut place = Place::text(start, end);
    match bytes.get(start) {
        // What pretty-printing leaves inside an empty element.
        Some(b'\n' | b'\r') if bytes.get(start..end).is_some_and(|v| v.trim_ascii().is_empty()) => return,
        _ => {}
    }
    if table.entities() == Entities::Decode {
        let value = table.slots.text().get(start..end).unwrap_or_default();
        if memchr::memchr(b'&', value.as_bytes()).is_some() {
            place = table.slots.decode(|out| tag::decode(value, out));
        }
    }
    put(table, slot, alias, meta, place);
}

/// A value into its field, unless a field of `System` has that name, and wherever else it belongs.
#[inline]
fn put(table: &mut Table<'_>, slot: SlotId, alias: SlotId, meta: Option<Meta>, place: Place) {
    for slot in [slot, alias] {
        if slot != SlotId::MAX {
            table.slots.push_unless_protected(slot, place);
        }
    }
    if let Some(meta) = meta {
        table.set_meta(meta, place);
    }
}

/// The content of an element that holds text alone.
struct Content {
    start: usize,
    end: usize,
    /// Behind the closing tag.
    next: usize,
    /// Neither CDATA nor comments.
    plain: bool,
}

impl Content {
    /// Reads the content behind an opening tag; `None` where there are elements in it, or no end.
    fn read(bytes: &[u8], tag: Tag) -> Option<Content> {
        let (mut at, mut plain) = (tag.end, true);
        loop {
            at += memchr::memchr(b'<', bytes.get(at..)?)?;
            match bytes.get(at + 1)? {
                b'/' => return Some(Content { start: tag.end, end: at, next: close(bytes, at, tag.name)?, plain }),
                b'!' => (at, plain) = (aside(bytes, at)?, false),
                _ => return None,
            }
        }
    }

    /// Writes the text: CDATA as it is, comments left out.
    fn write(&self, text: &str, entities: Entities, out: &mut String) {
        let mut rest = text.get(self.start..self.end).unwrap_or_default();
        while !rest.is_empty() {
            let plain = memchr::memchr(b'<', rest.as_bytes()).unwrap_or(rest.len());
            let (before, after) = rest.split_at_checked(plain).unwrap_or((rest, ""));
            match entities {
                Entities::Keep => out.push_str(before),
                Entities::Decode => tag::decode(before, out),
            }
            let length = aside(after.as_bytes(), 0).unwrap_or(after.len());
            let (mark, next) = after.split_at_checked(length).unwrap_or((after, ""));
            out.push_str(mark.strip_prefix("<![CDATA[").and_then(|m| m.strip_suffix("]]>")).unwrap_or_default());
            rest = next;
        }
    }
}

/// Behind the closing tag at `at`, which must have the name of the element that it closes.
fn close(bytes: &[u8], at: usize, name: (usize, usize)) -> Option<usize> {
    let name = bytes.get(name.0..name.1)?;
    let rest = bytes.get(at + 2..)?.strip_prefix(name)?;
    let end = rest.iter().position(|b| !b.is_ascii_whitespace())?;
    (rest.get(end) == Some(&b'>')).then_some(at + 2 + name.len() + end + 1)
}

/// Behind the comment, CDATA section or instruction at `at`.
fn aside(bytes: &[u8], at: usize) -> Option<usize> {
    let rest = bytes.get(at..)?;
    let mark: &[u8] = match rest {
        [b'<', b'!', b'-', b'-', ..] => b"-->",
        [b'<', b'!', b'[', ..] => b"]]>",
        [b'<', b'?', ..] => b"?>",
        _ => b">",
    };
    memchr::memmem::find(rest, mark).map(|i| at + i + mark.len())
}

/// How to go on after a failure: at the next event that begins in these bytes, if there is one.
fn next_event(bytes: &[u8], from: usize) -> Fail {
    let mut at = from;
    while let Some(found) = bytes.get(at..).and_then(|b| memchr::memmem::find(b, b"Event")) {
        at += found + b"Event".len();
        let behind = bytes.get(at).is_some_and(|b| b.is_ascii_whitespace() || matches!(b, b'>' | b'/'));
        let name = bytes.get(from..at - b"Event".len()).unwrap_or_default();
        let open = memchr::memrchr(b'<', name).filter(|i| {
            let prefix = name.get(i + 1..).unwrap_or_default();
            prefix.is_empty() || (prefix.ends_with(b":") && prefix.len() < 40 && prefix.iter().all(|b| b.is_ascii_alphanumeric() || *b == b':'))
        });
        if let (true, Some(open)) = (behind, open) {
            return Fail::Again(from + open);
        }
    }
    Fail::Damaged
}

#[cfg(test)]
mod tests;
