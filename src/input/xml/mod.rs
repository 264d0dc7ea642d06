//! Windows event XML into columns, the way Splunk's add-on names its fields.
//!
//! * `System`: children by name (`EventID` also as `EventCode`), attributes as `Provider_Name`, `Provider_Guid`, `SystemTime`,
//!   `Qualifiers`, and else as element and attribute (`Execution_ProcessID`, `Security_UserID`, `Correlation_ActivityID`).
//! * `EventData`: `Data` by its `Name`, repeated names and unnamed `Data` as multivalues, other elements by name.
//! * `UserData`, `RenderingInfo`: elements that hold text, by name.
//!
//! A field of `System` is not touched by later ones of the same name, an empty element is no field. Most events have a [shape](super::shape)
//! that was seen before, and are read by comparing what stands between their values.

mod act;
mod content;
pub(crate) mod tag;

use super::marks::Language;
use super::parse::Meta;
use super::record::Events;
use super::shape::{Found, Seams, Shapes, Stop, Traced};
use super::sieve::Test;
use super::slots::SlotId;
use super::table::Table;
use super::written::Written;
use act::{Act, perform, put};
use content::{Content, aside, close};
use hashbrown::HashMap;
use std::cell::Cell;
use std::ops::Range;
use tag::{Tag, attribute};

/// Elements may not nest deeper.
const DEPTH: usize = 200;

/// Tags that are remembered at most.
const TAGS: usize = 4096;

/// Begins the key of an attribute, as the number of a section begins that of an element.
const ATTRIBUTE: u8 = 9;

/// Events of a range that may be damaged one after the other before the rest of it is given up. Each try may look at all of the
/// range, so without a limit many openings in one long range would take for ever.
const TRIES: usize = 100;

/// Does the field have its name from an element or from `Data` alone? Others are put together from attributes of `System`.
pub fn is_plain_name(name: &str) -> bool {
    !name.is_empty() && name.bytes().all(|b| b.is_ascii_alphanumeric()) && !matches!(name, "SystemTime" | "Qualifiers" | "Data")
}

/// The names under which the values of a field may stand in event XML.
pub fn names_of(field: &str) -> &'static [&'static str] {
    match field {
        "EventCode" => &["EventID"],
        _ => &[],
    }
}

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

/// Reads events; what it learns about their tags is kept between them.
pub struct Scanner {
    shapes: Shapes<Act>,
    /// The values of the event that is being read.
    trace: Vec<Traced<Act>>,
    /// All its values lie in the text as they are.
    traceable: bool,
    /// May the last event that was read matter, as far as its values tell?
    matters: bool,
    /// Elements of text alone by section and opening tag, attributes of `System` by element and name.
    acts: HashMap<Vec<u8>, Option<Act>, foldhash::fast::RandomState>,
    generation: u32,
    /// Names of the open elements, by place.
    stack: Vec<(usize, usize)>,
    key: Vec<u8>,
    name: String,
}

impl Default for Scanner {
    fn default() -> Self {
        Scanner {
            shapes: Shapes::new(Language::Xml),
            trace: Vec::new(),
            traceable: false,
            matters: true,
            acts: HashMap::default(),
            generation: 0,
            stack: Vec::new(),
            key: Vec::new(),
            name: String::new(),
        }
    }
}

/// May an event matter that has these values, and did values decide that are always the same?
#[inline]
fn may_matter(table: &Table<'_>, found: impl Iterator<Item = Found<Act>> + Clone) -> (bool, bool) {
    let (text, always) = (table.slots.written(), Cell::new(true));
    let passes = |f: Found<Act>, test: &Test| {
        always.set(always.get() && f.constant);
        text.get(f.start..f.end).is_none_or(|value| test(value))
    };
    (table.may_matter(|slot, test| found.clone().any(|f| (f.act.slot == slot || f.act.alias == slot) && passes(f, test))), always.get())
}

impl Scanner {
    /// The same, which also notes what stands between values.
    pub fn telling() -> Scanner {
        Scanner { shapes: Shapes::telling(Language::Xml), ..Scanner::default() }
    }

    /// Begins with another text.
    pub fn begin(&mut self) {
        self.shapes.begin();
    }

    /// What stands between the values of the records that were followed so far, where that was noted.
    pub fn seams(&self) -> Option<&Seams> {
        self.shapes.seams()
    }

    /// Adds all events of the table's text as rows. `damaged` is told of events that became rows of raw text.
    pub fn all(&mut self, table: &mut Table<'_>, damaged: &mut dyn FnMut(usize)) {
        let mut events = Events::new(table.slots.written().bytes());
        loop {
            // An event of a known shape shows its end by itself.
            if let Some(end) = events.start().and_then(|start| self.known(table, start)) {
                events.go_behind(end);
                continue;
            }
            let Some(range) = events.next().filter(|_| !table.slots.written().is_broken()) else { return };
            if self.records(table, range.clone(), damaged).is_none() {
                table.raw_row(range.clone());
                damaged(range.start);
            }
        }
    }

    /// Reads the event that begins here, where its shape is known, into a row if it may matter; gives its end.
    fn known(&mut self, table: &mut Table<'_>, start: usize) -> Option<usize> {
        self.refresh(table);
        let end = self.shapes.read_open(table.slots.written().bytes(), start)?;
        if !table.asks() || self.shapes.decide(|found| may_matter(table, found.iter().copied())) {
            table.follows();
            self.shapes.found().iter().for_each(|f| perform(table, f.act, f.start, f.end));
            table.set_raw(start, end);
            table.end_row();
        }
        Some(end)
    }

    /// Forgets slots that have lost their meaning.
    fn refresh(&mut self, table: &Table<'_>) {
        if self.generation != table.slots.generation() {
            self.shapes.clear();
            self.acts.clear();
            self.generation = table.slots.generation();
        }
    }

    /// Adds the event in this range as a row. A damaged event that another one follows within the range becomes a row of raw text,
    /// of which `damaged` is told; `None` where the last one is damaged, with its row still to be made: the whole range then.
    pub fn records(&mut self, table: &mut Table<'_>, range: Range<usize>, damaged: &mut dyn FnMut(usize)) -> Option<()> {
        let mut start = range.start;
        let text = table.slots.written();
        for tries in 0.. {
            match self.event(table, start, range.end) {
                Ok(()) if self.matters => {
                    table.set_raw(start, range.end);
                    table.end_row();
                    return Some(());
                }
                // As if its shape had been known: which ones are is chance.
                Ok(()) => {
                    table.drop_row();
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
        self.refresh(table);
        if self.shapes.read(table.slots.written().bytes(), start, end).is_some() {
            self.matters = self.shapes.decide(|found| may_matter(table, found.iter().copied()));
            table.follows();
            self.shapes.found().iter().for_each(|f| perform(table, f.act, f.start, f.end));
            return Ok(());
        }
        let text = table.slots.written().before(end).ok_or(Fail::Damaged)?;
        // What is no UTF-8 is read again, as text: until then nothing is learnt of it.
        text.get(start..end).ok_or(Fail::Damaged)?;
        let bytes = text.bytes();
        self.stack.clear();
        self.trace.clear();
        (self.traceable, self.matters) = (true, true);
        let root = match Tag::open(bytes, start).filter(|_| bytes.get(start) == Some(&b'<')) {
            Some(tag) if tag.local(text) == "Event" => tag,
            _ => return Err(next_event(bytes, start + 1)),
        };
        if root.empty {
            return if root.end == end { Ok(()) } else { Err(next_event(bytes, root.end)) };
        }
        self.stack.push(root.name);
        match self.content(table, text, root.end) {
            Some(at) if at == end => {
                if self.traceable {
                    self.matters = may_matter(table, self.trace.iter().filter_map(|v| v.found(Language::Xml, bytes))).0;
                    self.shapes.learn(bytes, start, end, &self.trace);
                }
                Ok(())
            }
            _ => Err(next_event(bytes, root.end)),
        }
    }

    /// Reads from behind the opening tag of the root to behind its closing tag; `None` for what is no event.
    fn content(&mut self, table: &mut Table<'_>, text: Written<'_>, mut at: usize) -> Option<usize> {
        let bytes = text.bytes();
        let mut section = Section::Other;
        loop {
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

    /// An element inside a section, read whole where it holds text alone; else its content comes next.
    fn element(&mut self, table: &mut Table<'_>, text: Written<'_>, at: usize, tag: Tag, section: Section) -> Option<usize> {
        let bytes = text.bytes();
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
        let act = match self.acts.get(&self.key) {
            Some(act) => *act,
            None => {
                let act = self.learn(table, text, tag, section)?;
                self.remember(act)
            }
        };
        if content.plain {
            self.trace.push(Traced { start: content.start, end: content.end, stop: Stop::Mark, act });
        } else {
            self.traceable = false;
        }
        if let Some(act) = act {
            if content.plain {
                perform(table, act, content.start, content.end);
            } else if content.start < content.end {
                let entities = table.entities();
                let place = table.slots.decode(|out| content.write(text, entities, out));
                if !place.is_empty() {
                    put(table, act, place);
                }
            }
        }
        Some(content.next)
    }

    /// Keeps what was found out under the key, as long as there is room: tags that never repeat must not fill the memory.
    fn remember(&mut self, act: Option<Act>) -> Option<Act> {
        if self.acts.len() < TAGS {
            self.acts.insert(self.key.clone(), act);
        }
        act
    }

    /// What becomes of the text of an element; nothing where nobody wants it.
    fn learn(&mut self, table: &mut Table<'_>, text: Written<'_>, tag: Tag, section: Section) -> Option<Option<Act>> {
        let bytes = text.bytes();
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
            match local {
                "EventID" => {
                    alias = table.slots.find("EventCode");
                }
                "Computer" => meta = Some(Meta::Host).filter(|m| table.wants_meta(*m) && table.file.spec.host.is_none()),
                "Channel" => meta = Some(Meta::Source).filter(|m| table.wants_meta(*m) && table.file.spec.source.is_none()),
                _ => {}
            }
        }
        let wanted = table.slots.keeps(slot) || table.slots.keeps(alias) || meta.is_some() || table.is_telling();
        Some(wanted.then_some(Act { slot, alias, meta, time: false, system: section == Section::System }))
    }

    /// The attributes of an element of `System`.
    fn attributes(&mut self, table: &mut Table<'_>, text: Written<'_>, tag: Tag) {
        let bytes = text.bytes();
        let element = tag.local(text);
        let mut from = tag.attributes;
        while let Some((((n, m), (v, w)), next)) = attribute(bytes, from, tag.end) {
            from = next;
            let name = text.get(n..m).unwrap_or_default();
            if name.starts_with("xmlns") {
                continue;
            }
            self.key.clear();
            self.key.push(ATTRIBUTE);
            self.key.extend_from_slice(element.as_bytes());
            self.key.push(b' ');
            self.key.extend_from_slice(name.as_bytes());
            let act = match self.acts.get(&self.key) {
                Some(act) => *act,
                None => {
                    let act = self.learn_attribute(table, element, name);
                    self.remember(act)
                }
            };
            let stop = if bytes.get(w) == Some(&b'\'') { Stop::Apostrophe } else { Stop::Quote };
            self.trace.push(Traced { start: v, end: w, stop, act });
            if let Some(act) = act {
                perform(table, act, v, w);
            }
        }
    }

    /// What becomes of the value of an attribute; nothing where nobody wants it.
    fn learn_attribute(&mut self, table: &mut Table<'_>, element: &str, name: &str) -> Option<Act> {
        self.name.clear();
        if !matches!(name, "SystemTime" | "Qualifiers") {
            self.name.push_str(element);
            self.name.push('_');
        }
        self.name.push_str(name);
        let slot = table.slots.find(&self.name);
        let time = element == "TimeCreated" && name == "SystemTime" && table.wants_time();
        let keeps = table.slots.keeps(slot);
        (keeps || time || table.is_telling()).then_some(Act {
            slot: if keeps { slot } else { SlotId::MAX },
            alias: SlotId::MAX,
            meta: None,
            time,
            system: true,
        })
    }
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
