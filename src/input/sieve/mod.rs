//! Filter before you parse: which records of a chunk may hold what a query asks for.
//!
//! A [`Check`] says what every record that matters must show as raw bytes: texts that stand in it, values of fields. It may let
//! through too much, never too little; what it lets through is parsed and asked exactly. Three things could hide a text from a search of
//! the bytes, so records that have them always pass: escapes of JSON (`\u0041`), comments and CDATA of XML, and the two characters
//! outside ASCII that fold into it (`ſ`, `K`).

mod blocks;
mod finder;
mod hidden;
mod row;
mod search;
mod value;

pub use finder::Finder;
pub use row::Asked;
pub use search::candidates;
pub use value::FieldName;

use super::Format;
use crate::column::text::Buffer;
use crate::column::{Column, Hits, Memo};
use finder::Sample;
use hidden::Hidden;
use std::fmt;
use std::sync::Arc;
use value::Seen;

/// Bytes that are searched for one thing after the other while they are near.
const BLOCK: usize = 128 << 10;

/// More alternatives than these are not searched for one by one: for so many one search is still quicker than parsing.
pub const ALTERNATIVES: usize = 8;

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

    /// What every record must show that may matter to any of several, where one search tells.
    pub fn any_in_full(mut checks: Vec<Check>) -> Option<Check> {
        match checks.len() {
            1 => checks.pop(),
            few => (few <= ALTERNATIVES && checks.iter().all(Check::has_text)).then_some(Check::Any(checks)),
        }
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
        Check::All(parts.map(|p| Check::Text { finder: Finder::new(p), own, hits: Memo::default() }).collect())
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
    fn texts(&self, sample: &Sample<'_>) -> Option<Vec<&Finder>> {
        // Which of several makes the least work is worth a closer look.
        let work = |set: &Vec<&Finder>| set.iter().map(|f| f.work(sample)).sum::<u64>();
        match self {
            Check::Text { finder, .. } => Some(vec![finder]),
            Check::Value { .. } => None,
            Check::All(all) => {
                let mut sets: Vec<Vec<&Finder>> = all.iter().filter_map(|c| c.texts(sample)).collect();
                if sets.len() > 1 {
                    sets.sort_by_cached_key(work);
                }
                sets.into_iter().next()
            }
            Check::Any(any) => {
                let sets: Option<Vec<_>> = any.iter().map(|c| c.texts(sample)).collect();
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
    places_by(&Sample::of(longest.map_or(&[], |longest| longest.as_bytes())), check, buffers)
}

/// The same of buffers that are unlike each other.
pub fn places_of_several(check: &Check, buffers: &[Buffer]) -> Option<Vec<Vec<usize>>> {
    places_by(&Sample::of_all(buffers.iter().map(|b| b.as_bytes())), check, buffers)
}

fn places_by(sample: &Sample<'_>, check: &Check, buffers: &[Buffer]) -> Option<Vec<Vec<usize>>> {
    let (finders, counts) = (check.texts(sample)?, &sample.frequencies);
    let hidden = Hidden::new(Format::Text);
    let places = |buffer: &Buffer| {
        let (bytes, mut places) = (buffer.as_bytes(), Vec::new());
        for from in (0..bytes.len()).step_by(BLOCK) {
            let range = from..(from + BLOCK).min(bytes.len());
            if !buffer.is_ascii() {
                hidden.places(bytes, range.clone(), &mut places);
            }
            finders.iter().for_each(|f| f.places(bytes, range.clone(), counts, &mut places));
        }
        places.sort_unstable();
        places
    };
    Some(buffers.iter().map(places).collect())
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
