//! The values that a record gives to a field, found without parsing it.
//!
//! A name is looked for as text. Every place where it stands must be of a form that is known, and a value that is read here is the one
//! that the parser would read; where anything is unusual the answer is that one has to parse.

use crate::column::Name;
use crate::input::Format;
use crate::input::json::scan;
use memchr::memmem;
use std::sync::{LazyLock, OnceLock};

static ASIDE: LazyLock<memmem::Finder<'static>> = LazyLock::new(|| memmem::Finder::new("<!"));

static END_OF_SYSTEM: LazyLock<memmem::Finder<'static>> = LazyLock::new(|| memmem::Finder::new("</System"));

/// What a record shows of a field.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Seen {
    /// No value passes the test.
    Fails,
    /// One does.
    Passes,
    /// Only parsing can tell.
    Unsure,
}

/// A field name as records have it.
#[derive(Clone, Debug)]
pub struct FieldName {
    name: Name,
    /// Made when records are searched for it. Elsewhere, as a thousand queries have thousands of names, and most are never searched for.
    bare: OnceLock<Box<memmem::Finder<'static>>>,
    quoted: OnceLock<Box<memmem::Finder<'static>>>,
}

impl FieldName {
    /// A field of this name.
    pub fn new(name: impl Into<Name>) -> FieldName {
        FieldName { name: name.into(), bare: OnceLock::new(), quoted: OnceLock::new() }
    }

    /// The name.
    pub fn as_str(&self) -> &str {
        &self.name
    }

    /// Does a value of the field in this record pass?
    pub fn seen(&self, record: &[u8], format: Format, test: &dyn Fn(&str) -> bool) -> Seen {
        match format {
            Format::WindowsXml | Format::Evtx if crate::input::xml::is_plain_name(&self.name) => self.in_xml(record, test),
            Format::Json if self.name.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'_' | b'-' | b' ')) => self.in_json(record, test),
            _ => Seen::Unsure,
        }
    }

    fn in_xml(&self, record: &[u8], test: &dyn Fn(&str) -> bool) -> Seen {
        let (mut from, bare) = (0, self.bare.get_or_init(|| Box::new(memmem::Finder::new(&*self.name).into_owned())));
        while let Some(found) = record.get(from..).and_then(|r| bare.find(r)) {
            let start = from + found;
            let end = start + self.name.len();
            from = end;
            let byte = |at: Option<usize>| at.and_then(|at| record.get(at)).copied().unwrap_or(b' ');
            let value = match (byte(start.checked_sub(1)), byte(Some(end))) {
                (b'<', b'>') => end + 1,
                // An empty element has no value, the tag at the end no new one.
                (b'<', b'/') => continue,
                (b'/', b'>') if byte(start.checked_sub(2)) == b'<' => continue,
                // Part of a longer name.
                (b'<', b'A'..=b'Z' | b'a'..=b'z' | b'0'..=b'9' | b'_') => continue,
                (b'/', b'A'..=b'Z' | b'a'..=b'z' | b'0'..=b'9' | b'_') if byte(start.checked_sub(2)) == b'<' => continue,
                (q @ (b'\'' | b'"'), close) if q == close => {
                    let attribute = record.get(..start - 1).is_some_and(|r| r.ends_with(b"<Data Name="));
                    match (attribute, byte(Some(end + 1))) {
                        (true, b'>') => end + 2,
                        (true, b'/') => continue,
                        _ => return Seen::Unsure,
                    }
                }
                (b'<' | b':' | b'/', _) => return Seen::Unsure,
                _ => continue,
            };
            let Some(length) = record.get(value..).and_then(|r| memchr::memchr(b'<', r)) else { return Seen::Unsure };
            if byte(Some(value + length + 1)) != b'/' {
                return Seen::Unsure;
            }
            match record.get(value..value + length).map(std::str::from_utf8) {
                Some(Ok("")) => {}
                Some(Ok(text)) if test(text) => return Seen::Passes,
                Some(Ok(_)) => {}
                _ => return Seen::Unsure,
            }
            // What System says holds against all that comes later under the same name.
            let before = record.get(..start).unwrap_or_default();
            if byte(start.checked_sub(1)) == b'<' && length > 0 && in_system(before) {
                // A comment may have hidden what is no element.
                return if ASIDE.find(before).is_some() { Seen::Unsure } else { Seen::Fails };
            }
        }
        Seen::Fails
    }

    fn in_json(&self, record: &[u8], test: &dyn Fn(&str) -> bool) -> Seen {
        let (mut from, quoted) = (0, self.quoted.get_or_init(|| Box::new(memmem::Finder::new(&format!("\"{}\"", self.name)).into_owned())));
        while let Some(found) = record.get(from..).and_then(|r| quoted.find(r)) {
            from += found + self.name.len() + 2;
            let Some(colon) = behind_space(record, from).filter(|at| record.get(*at) == Some(&b':')) else { continue };
            let Some(value) = behind_space(record, colon + 1) else { return Seen::Unsure };
            let rest = record.get(value..).unwrap_or_default();
            let passes = match rest.first() {
                Some(b'"') => {
                    let Some((end, escaped)) = scan::string_end(rest, 0) else { return Seen::Unsure };
                    let Ok(text) = std::str::from_utf8(rest.get(1..end - 1).unwrap_or_default()) else { return Seen::Unsure };
                    if escaped {
                        let mut plain = String::with_capacity(text.len());
                        scan::unescape(text, &mut plain);
                        test(&plain)
                    } else {
                        test(text)
                    }
                }
                None | Some(b'{' | b'[') => return Seen::Unsure,
                Some(_) => {
                    let length = rest.iter().position(|b| matches!(b, b',' | b'}' | b']' | b' ' | b'\t' | b'\r' | b'\n')).unwrap_or(rest.len());
                    match rest.get(..length).map(std::str::from_utf8) {
                        Some(Ok("null")) => false,
                        Some(Ok(text)) => test(text),
                        _ => return Seen::Unsure,
                    }
                }
            };
            if passes {
                return Seen::Passes;
            }
        }
        Seen::Fails
    }
}

/// The first place at or behind `at` without white space.
fn behind_space(bytes: &[u8], at: usize) -> Option<usize> {
    bytes.get(at..)?.iter().position(|b| !matches!(b, b' ' | b'\t' | b'\r' | b'\n')).map(|i| at + i)
}

/// Does what follows these bytes of an event lie in its `System`, as its first part?
fn in_system(before: &[u8]) -> bool {
    let Some(root) = memchr::memchr(b'>', before) else { return false };
    let inside = behind_space(before, root + 1).and_then(|at| before.get(at..)).unwrap_or_default();
    before.starts_with(b"<Event") && inside.starts_with(b"<System>") && END_OF_SYSTEM.find(inside).is_none()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_of_event_xml() {
        let event = |inside: &str| {
            format!("<Event xmlns='x'><System>{inside}</System><EventData><Data Name='Image'>C:\\a.exe</Data><Data Name='EventID'>9</Data></EventData></Event>")
        };
        let seen = |name: &str, inside: &str, wanted: &str| FieldName::new(name).seen(event(inside).as_bytes(), Format::WindowsXml, &|v| v == wanted);
        for (name, inside, wanted, expected) in [
            ("EventID", "<EventID>3</EventID>", "3", Seen::Passes),
            ("EventID", "<EventID>3</EventID>", "9", Seen::Fails),
            ("EventID", "", "9", Seen::Passes),
            ("EventID", "<EventID Qualifiers='0'>3</EventID>", "3", Seen::Unsure),
            ("EventID", "<EventID/>", "9", Seen::Passes),
            ("EventID", "<!-- <EventID>4</EventID> --><EventID>3</EventID>", "3", Seen::Unsure),
            ("EventID", "<EventID><![CDATA[3]]></EventID>", "3", Seen::Unsure),
            ("EventID", "<e:EventID>3</e:EventID>", "3", Seen::Unsure),
            ("EventID", "<EventIDs>3</EventIDs>", "9", Seen::Passes),
            ("Image", "", "C:\\a.exe", Seen::Passes),
            ("Image", "<Images>Image</Images>", "b", Seen::Fails),
            ("Image", "<x y='Image'/>", "b", Seen::Unsure),
            ("Missing", "", "b", Seen::Fails),
            ("Provider_Name", "", "b", Seen::Unsure),
        ] {
            assert_eq!(seen(name, inside, wanted), expected, "{name} {inside}");
        }
    }

    #[test]
    fn values_of_json() {
        let seen = |name: &str, record: &str, wanted: &str| FieldName::new(name).seen(record.as_bytes(), Format::Json, &|v| v == wanted);
        for (record, wanted, expected) in [
            (r#"{"a":"x","b":1}"#, "x", Seen::Passes),
            (r#"{"a" : 12 }"#, "12", Seen::Passes),
            (r#"{"a":"x\\y"}"#, "x\\y", Seen::Passes),
            (r#"{"a":"x","a":"y"}"#, "y", Seen::Passes),
            (r#"{"a":null,"b":"a"}"#, "x", Seen::Fails),
            (r#"{"a":["x"]}"#, "x", Seen::Unsure),
            (r#"{"b":"\"a\":\"x\""}"#, "x", Seen::Fails),
            (r#"{"a":"x"#, "x", Seen::Unsure),
            (r#"{"a":"x""#, "y", Seen::Fails),
            (r#"{"n":{"a":"x"}}"#, "x", Seen::Passes),
        ] {
            assert_eq!(seen("a", record, wanted), expected, "{record}");
        }
        assert_eq!(seen("a.b", r#"{"a":{"b":1}}"#, "1"), Seen::Unsure);
    }
}
