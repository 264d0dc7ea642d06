//! Filter before you parse: which records of a chunk may hold what a query asks for.
//!
//! A [`Check`] says what every record that matters must show as raw bytes: texts that stand in it, values of fields. It may let
//! through too much, never too little; what it lets through is parsed and asked exactly. Three things could hide a text from a search of
//! the bytes, so records that have them always pass: escapes of JSON (`\u0041`), comments and CDATA of XML, and the two characters
//! outside ASCII that fold into it (`ſ`, `K`).

mod blocks;
mod finder;
mod row;
mod value;

pub use finder::Finder;
pub use row::Asked;
pub use value::FieldName;

use super::detect::Layout;
use super::parse::records;
use super::{Chunk, Format, around};
use crate::column::text::Buffer;
use crate::column::{Column, Hits, Memo};
use finder::Frequencies;
use foldhash::fast::RandomState;
use hashbrown::HashMap;
use std::collections::BTreeMap;
use std::fmt;
use std::ops::Range;
use std::sync::Arc;
use value::Seen;

/// Bytes that are searched for one thing after the other while they are near.
const BLOCK: usize = 128 << 10;

/// More alternatives than these are not searched for one by one.
const ALTERNATIVES: usize = 8;

/// A shorter text says too little.
const SHORTEST: usize = 3;

/// A test of a value, as text.
pub type Test = Arc<dyn Fn(&str) -> bool + Send + Sync>;

/// Which values of a dictionary have a text.
pub type DictionaryHits = (Arc<Column>, Hits);

/// What a record must show.
#[derive(Clone)]
pub enum Check {
    /// All of these; nothing where there are none.
    All(Vec<Check>),
    /// One of these.
    Any(Vec<Check>),
    /// A text anywhere in it, in any case.
    Text {
        finder: Finder,
        /// It is asked of the record's own text, not of a field whose value stands in it, maybe in another form.
        own: bool,
        /// The dictionaries of a table whose values have it; nothing where the columns of the table cannot tell.
        hits: Memo<Option<Arc<[DictionaryHits]>>>,
    },
    /// A value that passes, in a field of one of these names.
    Value {
        names: Vec<FieldName>,
        test: Test,
        /// Texts that every value has that passes.
        parts: Arc<Check>,
        shown: String,
        /// What the test said of the dictionaries of tables.
        hits: Memo<Arc<Hits>>,
    },
}

impl Check {
    /// Nothing is asked.
    pub fn none() -> Check {
        Check::All(Vec::new())
    }

    /// Does every record pass?
    pub fn is_none(&self) -> bool {
        match self {
            Check::All(all) => all.iter().all(Check::is_none),
            Check::Any(any) => any.iter().any(Check::is_none),
            _ => false,
        }
    }

    /// Does every record that matters have one of some texts?
    fn has_text(&self) -> bool {
        match self {
            Check::All(all) => all.iter().any(Check::has_text),
            Check::Any(any) => !any.is_empty() && any.iter().all(Check::has_text),
            Check::Text { .. } => true,
            Check::Value { .. } => false,
        }
    }

    /// What every record must show that may matter to any of several: of what each asks of values, that which most of them ask. Texts
    /// of many are left out: they differ from one to the other, and each would be a search of its own.
    pub fn any_in_common(checks: Vec<Check>) -> Check {
        if let [one] = checks.as_slice() {
            return one.clone();
        }
        // A few can be asked in full: one search for the texts of all of them is still quicker than parsing.
        if checks.len() <= ALTERNATIVES && checks.iter().all(Check::has_text) {
            return Check::Any(checks);
        }
        fn values(check: &Check) -> impl Iterator<Item = (&str, &Check)> {
            let all = if let Check::All(all) = check { all } else { std::slice::from_ref(check) };
            all.iter().filter_map(|c| if let Check::Value { shown, .. } = c { Some((shown.as_str(), c)) } else { None })
        }
        let mut asked: HashMap<&str, usize, RandomState> = HashMap::default();
        checks.iter().flat_map(values).for_each(|(shown, _)| *asked.entry(shown).or_default() += 1);
        let mut common: BTreeMap<&str, &Check> = BTreeMap::new();
        for check in &checks {
            let Some((shown, most)) = values(check).max_by_key(|(shown, _)| asked.get(shown).copied()) else { return Check::none() };
            common.insert(shown, most);
        }
        if common.len() > ALTERNATIVES * 4 {
            return Check::none();
        }
        Check::Any(common.into_values().cloned().collect())
    }

    /// The parts of a field's value that stand in the raw record, however its format escapes the rest.
    pub fn text(text: &str) -> Check {
        Check::parts(text, false)
    }

    /// The same of a text that the record's own text must have.
    pub fn own_text(text: &str) -> Check {
        Check::parts(text, true)
    }

    fn parts(text: &str, own: bool) -> Check {
        let plain = |c: char| c.is_ascii() && !c.is_ascii_control() && !matches!(c, '"' | '\\' | '/' | '<' | '>' | '&' | '\'');
        let parts = text.split(|c| !plain(c)).filter(|p| p.len() >= SHORTEST);
        Check::All(parts.map(|p| Check::Text { finder: Finder::any_case(p), own, hits: Memo::default() }).collect())
    }

    /// Is any text asked for, beside values?
    pub fn asks_texts(&self) -> bool {
        match self {
            Check::All(all) | Check::Any(all) => all.iter().any(Check::asks_texts),
            Check::Text { .. } => true,
            Check::Value { .. } => false,
        }
    }

    /// May the record matter?
    fn may_be(&self, bytes: &[u8], format: Format) -> bool {
        match self {
            Check::All(all) => all.iter().all(|c| c.may_be(bytes, format)),
            Check::Any(any) => any.iter().any(|c| c.may_be(bytes, format)),
            Check::Text { finder, .. } => finder.is_in(bytes),
            Check::Value { names, test, .. } => names.iter().any(|n| n.seen(bytes, format, test.as_ref()) != Seen::Fails),
        }
    }

    /// Does a value, as text, have the texts that are asked for? What is asked of fields counts as given. Characters that fold
    /// into ASCII let it pass.
    pub fn passes_text(&self, value: &str) -> bool {
        match self {
            Check::All(all) => all.iter().all(|c| c.passes_text(value)),
            Check::Any(any) => any.iter().any(|c| c.passes_text(value)),
            Check::Text { finder, .. } => finder.is_in(value.as_bytes()) || (!value.is_ascii() && value.contains(['ſ', '\u{212a}'])),
            Check::Value { .. } => true,
        }
    }

    /// Texts of which every record that matters has one: of such sets that which makes the least work, by what was counted.
    fn texts(&self, counts: &Frequencies<'_>) -> Option<Vec<&Finder>> {
        // Which of several makes the least work is worth a closer look.
        let work = |set: &Vec<&Finder>| set.iter().map(|f| f.work(counts)).sum::<u64>();
        match self {
            Check::Text { finder, .. } => Some(vec![finder]),
            Check::Value { .. } => None,
            Check::All(all) => {
                let mut sets: Vec<Vec<&Finder>> = all.iter().filter_map(|c| c.texts(counts)).collect();
                if sets.len() > 1 {
                    sets.sort_by_cached_key(work);
                }
                sets.into_iter().next()
            }
            Check::Any(any) => {
                let sets: Option<Vec<_>> = any.iter().map(|c| c.texts(counts)).collect();
                sets.map(|s| s.into_iter().flatten().collect::<Vec<_>>()).filter(|s| (1..=ALTERNATIVES).contains(&s.len()))
            }
        }
    }
}

/// As `spl explain` shows it.
impl fmt::Debug for Check {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let list = |f: &mut fmt::Formatter<'_>, all: &[Check], word: &str| {
            for (i, c) in all.iter().enumerate() {
                write!(f, "{}", if i > 0 { word } else { "" })?;
                match c {
                    Check::All(inner) | Check::Any(inner) if inner.len() > 1 => write!(f, "({c:?})")?,
                    _ => write!(f, "{c:?}")?,
                }
            }
            Ok(())
        };
        match self {
            Check::All(all) => list(f, all, " AND "),
            Check::Any(any) => list(f, any, " OR "),
            Check::Text { finder, .. } => write!(f, "{:?}", finder.text()),
            Check::Value { shown, .. } => f.write_str(shown),
        }
    }
}

/// Where those texts begin in buffers of which every part that may matter has one, and what folds into parts of them; ascending, for each
/// buffer. `None` where there are no such texts.
pub fn places(check: &Check, buffers: &[Buffer]) -> Option<Vec<Vec<usize>>> {
    let longest = buffers.iter().max_by_key(|b| b.len());
    places_by(&Frequencies::of(longest.map_or(&[], |longest| longest.as_bytes())), check, buffers)
}

/// The same of buffers that are unlike each other.
pub fn places_of_several(check: &Check, buffers: &[Buffer]) -> Option<Vec<Vec<usize>>> {
    places_by(&Frequencies::of_all(buffers.iter().map(|b| b.as_bytes())), check, buffers)
}

fn places_by(counts: &Frequencies<'_>, check: &Check, buffers: &[Buffer]) -> Option<Vec<Vec<usize>>> {
    let finders = check.texts(counts)?;
    let hidden = Hidden::new(Format::Text);
    let places = |buffer: &Buffer| {
        let (bytes, mut places) = (buffer.as_bytes(), Vec::new());
        for from in (0..bytes.len()).step_by(BLOCK) {
            let range = from..(from + BLOCK).min(bytes.len());
            if !buffer.is_ascii() {
                hidden.places(bytes, range.clone(), counts, &mut places);
            }
            finders.iter().for_each(|f| f.places(bytes, range.clone(), counts, &mut places));
        }
        places.sort_unstable();
        places
    };
    Some(buffers.iter().map(places).collect())
}

/// The records of a chunk that may matter, in order.
pub fn candidates(check: &Check, chunk: &Chunk) -> Vec<Range<usize>> {
    if chunk.raw || check.is_none() {
        return records(chunk);
    }
    let (bytes, format) = (chunk.bytes.as_slice(), chunk.file.format);
    let counts = Frequencies::of(bytes);
    let hidden = Hidden::new(format);
    let mut passes = Vec::new();
    match check.texts(&counts).filter(|_| has_places(chunk)) {
        Some(texts) => {
            let (mut places, mut marks) = (Vec::new(), Vec::new());
            for from in (0..bytes.len()).step_by(BLOCK) {
                let range = from..(from + BLOCK).min(bytes.len());
                // The first text is looked for together with what could hide it.
                let mut rest = texts.iter();
                match (hidden.mark(), rest.next()) {
                    (Some(mark), Some(text)) if counts.is_rare(mark) => {
                        text.places_and(Some((mark, &mut marks)), bytes, range.clone(), &counts, &mut places);
                        hidden.beyond_ascii(bytes, range.clone(), &mut passes);
                    }
                    _ => {
                        hidden.places(bytes, range.clone(), &counts, &mut passes);
                        rest = texts.iter();
                    }
                }
                rest.for_each(|f| f.places(bytes, range.clone(), &counts, &mut places));
            }
            passes.extend(marks.into_iter().filter(|at| hidden.is_marked(bytes, *at)));
            records_around(check, bytes, format, places, passes)
        }
        None => {
            // What reads a value of XML sees by itself what could hide it.
            if hidden.json || check.asks_texts() {
                for from in (0..bytes.len()).step_by(BLOCK) {
                    hidden.places(bytes, from..(from + BLOCK).min(bytes.len()), &counts, &mut passes);
                }
            }
            passes.sort_unstable();
            let mut passes = passes.into_iter().peekable();
            let mut all = records(chunk);
            all.retain(|r| {
                while passes.next_if(|at| *at < r.start).is_some() {}
                passes.peek().is_some_and(|at| *at < r.end) || bytes.get(r.clone()).is_some_and(|b| check.may_be(b, format))
            });
            all
        }
    }
}

/// Can the record around a place be found without reading all of the chunk?
fn has_places(chunk: &Chunk) -> bool {
    match chunk.file.format {
        Format::WindowsXml | Format::Evtx | Format::Text => true,
        Format::Json => chunk.file.layout == Layout::Lines,
        Format::Csv { .. } => false,
    }
}

/// The records around these places that may matter, and those around places that pass in any case.
fn records_around(check: &Check, bytes: &[u8], format: Format, places: Vec<usize>, passes: Vec<usize>) -> Vec<Range<usize>> {
    let mut all: Vec<(usize, bool)> = places.into_iter().map(|p| (p, false)).chain(passes.into_iter().map(|p| (p, true))).collect();
    all.sort_unstable();
    let mut found: Vec<Range<usize>> = Vec::new();
    let mut places = all.into_iter().peekable();
    let mut end = 0;
    while let Some((place, mut pass)) = places.next() {
        let whole = around::around(bytes, format, place, end);
        end = whole.end;
        while let Some((_, p)) = places.next_if(|(p, _)| *p < end) {
            pass |= p;
        }
        for range in around::within(bytes, format, whole) {
            if pass || bytes.get(range.clone()).is_some_and(|b| check.may_be(b, format)) {
                found.push(range);
            }
        }
    }
    found
}

/// The characters outside ASCII that fold into it: they are looked for only where there is more than ASCII.
const FOLDING: [&[u8]; 2] = ["ſ".as_bytes(), "\u{212a}".as_bytes()];

/// What could hide a text from a search of the bytes.
struct Hidden {
    always: Vec<Finder>,
    json: bool,
}

impl Hidden {
    fn new(format: Format) -> Hidden {
        let always = match format {
            Format::Json => vec![Finder::exact(b"\\u")],
            Format::WindowsXml | Format::Evtx => vec![Finder::exact(b"<!")],
            _ => Vec::new(),
        };
        Hidden { always, json: format == Format::Json }
    }

    /// A byte that stands in all that is always looked for, if it has one that is worth to be looked for alone.
    fn mark(&self) -> Option<u8> {
        (!self.json && !self.always.is_empty()).then_some(b'!')
    }

    /// Does the byte at this place belong to what is looked for?
    fn is_marked(&self, bytes: &[u8], at: usize) -> bool {
        at.checked_sub(1).and_then(|at| bytes.get(at)) == Some(&b'<')
    }

    fn places(&self, bytes: &[u8], range: Range<usize>, counts: &Frequencies<'_>, into: &mut Vec<usize>) {
        let before = into.len();
        self.always.iter().for_each(|f| f.places(bytes, range.clone(), counts, into));
        if self.json {
            // Of the escapes by number those that stand for ASCII or fold into it.
            let hides = |at: &usize| bytes.get(at + 2..at + 4).is_some_and(|d| matches!(d, b"00" | b"01" | b"21"));
            let kept: Vec<usize> = into.drain(before..).filter(hides).collect();
            into.extend(kept);
        }
        self.beyond_ascii(bytes, range, into);
    }

    /// The characters outside ASCII that fold into it. They may reach beyond the end of the range.
    fn beyond_ascii(&self, bytes: &[u8], range: Range<usize>, into: &mut Vec<usize>) {
        let Some(here) = bytes.get(range.clone()).filter(|here| !here.is_ascii()) else { return };
        let [long_s, kelvin] = FOLDING;
        let found = memchr::memchr2_iter(long_s[0], kelvin[0], here).map(|at| range.start + at);
        into.extend(found.filter(|at| bytes.get(*at..).is_some_and(|rest| rest.starts_with(long_s) || rest.starts_with(kelvin))));
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::input::chunk::test_chunk;

    fn found(check: &Check, format: Format, text: &str) -> Vec<String> {
        let chunk = test_chunk(format, text.as_bytes());
        candidates(check, &chunk).into_iter().map(|r| text[r].to_string()).collect()
    }

    fn event(inside: &str) -> String {
        format!("<Event><System><EventID>3</EventID></System><EventData><Data Name='Image'>{inside}</Data></EventData></Event>")
    }

    #[test]
    fn records_around_a_text() {
        let (a, b) = (event("C:\\RegSvcs.exe"), event("C:\\other.exe"));
        let text = format!("<Events>\n{b}\n{a}{b}\n{a}\n{}</Events>", b.repeat(300));
        assert_eq!(found(&Check::text("\\regsvcs.exe"), Format::WindowsXml, &text), [a.as_str(), a.as_str()]);
        let lines = "{\"a\":\"x\"}\n{\"a\":\"RegSvcs\"}\r\n\n{\"a\":\"\\u0072egsvcs\"}\n{\"a\":\"C:\\\\users\"}";
        assert_eq!(found(&Check::text("regsvcs"), Format::Json, lines), ["{\"a\":\"RegSvcs\"}", "{\"a\":\"\\u0072egsvcs\"}"]);
        let log = "1 a\n2 x\n  needle\n\tmore\n3 b\n";
        assert_eq!(found(&Check::text("needle"), Format::Text, log), ["2 x\n  needle\n\tmore"]);
        assert_eq!(found(&Check::text("needle"), Format::Csv { delimiter: b',' }, "a,\"x\nneedle\"\nb,c\n"), ["a,\"x\nneedle\""]);
    }

    #[test]
    fn what_could_hide_a_text_passes() {
        for inside in ["reg<!-- -->svcs", "<![CDATA[x]]>", "regſvcs", "\u{212a}"] {
            let text = format!("{}{}", event("a"), event(inside));
            assert_eq!(found(&Check::text("regsvcs"), Format::WindowsXml, &text), [event(inside)], "{inside}");
        }
        assert!(Check::text("\\é\"ab").is_none());
    }

    #[test]
    fn values_decide_where_there_is_no_text() {
        let test: Test = Arc::new(|v| v == "3");
        let value = |name: &str| Check::Value {
            names: vec![FieldName::new(name)],
            test: test.clone(),
            parts: Arc::new(Check::none()),
            shown: String::new(),
            hits: Memo::default(),
        };
        let text = event("a") + &event("b").replace(">3<", ">4<");
        assert_eq!(found(&value("EventID"), Format::WindowsXml, &text), [event("a")]);
        assert_eq!(found(&Check::Any(vec![value("EventID"), Check::text("bbb")]), Format::WindowsXml, &text), [event("a")]);
        assert_eq!(found(&Check::Any(vec![]), Format::WindowsXml, &text).len(), 0);
        assert_eq!(found(&Check::none(), Format::WindowsXml, &text).len(), 2);
    }
}
