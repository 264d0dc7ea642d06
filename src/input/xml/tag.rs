//! Tags, attributes and entities of XML, read tolerantly.

use crate::input::written::Written;

/// An opening tag.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Tag {
    /// The whole name, with its prefix.
    pub name: (usize, usize),
    /// Behind the name, where attributes begin.
    pub attributes: usize,
    /// Behind the `>`.
    pub end: usize,
    /// `<a/>`: there is no content.
    pub empty: bool,
}

impl Tag {
    /// The opening tag whose `<` is at `at`; `None` where it has no name or does not end.
    pub fn open(bytes: &[u8], at: usize) -> Option<Tag> {
        let start = at + 1;
        let length = bytes.get(start..)?.iter().position(|b| matches!(b, b' ' | b'\t' | b'\r' | b'\n' | b'>' | b'/' | b'<'))?;
        if length == 0 {
            return None;
        }
        let attributes = start + length;
        let end = tag_end(bytes, attributes)?;
        Some(Tag { name: (start, attributes), attributes, end, empty: bytes.get(end - 2) == Some(&b'/') })
    }

    /// The name without its prefix.
    pub fn local<'t>(&self, text: Written<'t>) -> &'t str {
        let name = text.get(self.name.0..self.name.1).unwrap_or_default();
        memchr::memchr(b':', name.as_bytes()).and_then(|i| name.get(i + 1..)).unwrap_or(name)
    }
}

/// Behind the `>` that ends a tag; one inside quotes does not.
pub fn tag_end(bytes: &[u8], mut at: usize) -> Option<usize> {
    loop {
        at += memchr::memchr3(b'>', b'\'', b'"', bytes.get(at..)?)?;
        match bytes.get(at)? {
            b'>' => return Some(at + 1),
            quote => at += 2 + memchr::memchr(*quote, bytes.get(at + 1..)?)?,
        }
    }
}

/// An attribute: places of its name and its value.
pub type Attribute = ((usize, usize), (usize, usize));

/// The attribute at or behind `at`, and where to go on.
pub fn attribute(bytes: &[u8], at: usize, end: usize) -> Option<(Attribute, usize)> {
    let start = at + bytes.get(at..end)?.iter().position(|b| !b.is_ascii_whitespace())?;
    let length = bytes.get(start..end)?.iter().position(|b| matches!(b, b'=' | b' ' | b'\t' | b'\r' | b'\n' | b'>'))?;
    let mut value = start + length;
    while bytes.get(value).is_some_and(|b| b.is_ascii_whitespace() || *b == b'=') && value < end {
        value += 1;
    }
    let quote = *bytes.get(value).filter(|b| matches!(b, b'\'' | b'"'))?;
    let inside = value + 1;
    let close = inside + memchr::memchr(quote, bytes.get(inside..end)?)?;
    Some((((start, start + length), (inside, close)), close + 1))
}

/// Writes text with its entities resolved: the five of XML and numeric ones; any other stays as it is.
pub fn decode(text: &str, out: &mut String) {
    let mut rest = text;
    while let Some(i) = memchr::memchr(b'&', rest.as_bytes()) {
        out.push_str(rest.get(..i).unwrap_or_default());
        rest = rest.get(i..).unwrap_or_default();
        let window = rest.as_bytes().get(..rest.len().min(12)).unwrap_or_default();
        let entity = memchr::memchr(b';', window).and_then(|end| Some((entity(rest.get(1..end)?)?, end + 1)));
        let (c, length) = entity.unwrap_or(('&', 1));
        out.push(c);
        rest = rest.get(length..).unwrap_or_default();
    }
    out.push_str(rest);
}

fn entity(name: &str) -> Option<char> {
    Some(match name {
        "amp" => '&',
        "lt" => '<',
        "gt" => '>',
        "quot" => '"',
        "apos" => '\'',
        _ => {
            let digits = name.strip_prefix('#')?;
            let code = match digits.strip_prefix(['x', 'X']) {
                Some(hex) if hex.bytes().all(|b| b.is_ascii_hexdigit()) => u32::from_str_radix(hex, 16).ok()?,
                None if digits.bytes().all(|b| b.is_ascii_digit()) => digits.parse().ok()?,
                _ => return None,
            };
            char::from_u32(code)?
        }
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tags_and_attributes() {
        let text = "<e:Data Name = \"a>b\" x='1'/>";
        let tag = Tag::open(text.as_bytes(), 0).unwrap();
        assert_eq!((tag.local(Written::Text(text)), tag.end, tag.empty), ("Data", text.len(), true));
        let (((n, m), (v, w)), next) = attribute(text.as_bytes(), tag.attributes, tag.end).unwrap();
        assert_eq!((&text[n..m], &text[v..w]), ("Name", "a>b"));
        let (((n, m), (v, w)), next) = attribute(text.as_bytes(), next, tag.end).unwrap();
        assert_eq!((&text[n..m], &text[v..w]), ("x", "1"));
        assert_eq!(attribute(text.as_bytes(), next, tag.end), None);
        for bad in ["<", "<>", "<a", "<a b='", "< a>"] {
            assert_eq!(Tag::open(bad.as_bytes(), 0), None, "{bad}");
        }
    }

    #[test]
    fn entities() {
        for (text, wanted) in [
            ("a&amp;&lt;b&gt;&quot;&apos;", "a&<b>\"'"),
            ("&#10;&#x41;&#X1F600;", "\nA😀"),
            ("&unknown; & &#xD800; &#99999999; &#+1; &", "&unknown; & &#xD800; &#99999999; &#+1; &"),
            ("&lol9;&lol9;", "&lol9;&lol9;"),
        ] {
            let mut out = String::new();
            decode(text, &mut out);
            assert_eq!(out, wanted);
        }
    }
}
