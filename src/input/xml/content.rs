//! What stands between the tags of an element that holds text alone.

use super::tag::{self, Tag};
use crate::input::parse::Entities;
use crate::input::written::Written;

/// The content of an element that holds text alone.
pub struct Content {
    pub start: usize,
    pub end: usize,
    /// Behind the closing tag.
    pub next: usize,
    /// Neither CDATA nor comments.
    pub plain: bool,
}

impl Content {
    /// Reads the content behind an opening tag; `None` where there are elements in it, or no end.
    pub fn read(bytes: &[u8], tag: Tag) -> Option<Content> {
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
    pub fn write(&self, text: Written<'_>, entities: Entities, out: &mut String) {
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
pub fn close(bytes: &[u8], at: usize, name: (usize, usize)) -> Option<usize> {
    let name = bytes.get(name.0..name.1)?;
    let rest = bytes.get(at + 2..)?.strip_prefix(name)?;
    let end = rest.iter().position(|b| !b.is_ascii_whitespace())?;
    (rest.get(end) == Some(&b'>')).then_some(at + 2 + name.len() + end + 1)
}

/// Behind the comment, CDATA section or instruction at `at`.
pub fn aside(bytes: &[u8], at: usize) -> Option<usize> {
    let rest = bytes.get(at..)?;
    let mark: &[u8] = match rest {
        [b'<', b'!', b'-', b'-', ..] => b"-->",
        [b'<', b'!', b'[', ..] => b"]]>",
        [b'<', b'?', ..] => b"?>",
        _ => b">",
    };
    memchr::memmem::find(rest, mark).map(|i| at + i + mark.len())
}
