//! Walking over JSON text without building anything.

/// Nothing may nest deeper; jiter and serde_json stop at about the same.
pub const DEPTH: usize = 200;

/// The place behind a string whose opening quote is at `at`, and whether it has escapes.
#[inline]
pub fn string_end(bytes: &[u8], at: usize) -> Option<(usize, bool)> {
    let mut from = at + 1;
    let mut escaped = false;
    loop {
        let i = from + memchr::memchr2(b'"', b'\\', bytes.get(from..)?)?;
        if bytes.get(i) == Some(&b'"') {
            return Some((i + 1, escaped));
        }
        escaped = true;
        from = i + 2;
    }
}

/// The place behind the object or array that `bytes` begins with, or behind the scalar. Only brackets and strings are looked at.
pub fn value_end(bytes: &[u8]) -> Option<usize> {
    let mut scanner = Scanner::default();
    match bytes.first()? {
        b'"' => string_end(bytes, 0).map(|(end, _)| end),
        b'{' | b'[' => scanner.feed(bytes, 0),
        _ => Some(bytes.iter().position(|b| matches!(b, b',' | b'}' | b']' | b' ' | b'\t' | b'\r' | b'\n')).unwrap_or(bytes.len())),
    }
}

/// Does the array hold neither objects nor arrays?
pub fn is_flat(bytes: &[u8]) -> bool {
    let end = value_end(bytes).unwrap_or(0);
    let mut at = 1;
    while let Some(b) = bytes.get(..end).and_then(|b| b.get(at)) {
        match b {
            b'"' => match string_end(bytes, at) {
                Some((end, _)) => at = end,
                None => return false,
            },
            b'{' | b'[' => return false,
            _ => at += 1,
        }
    }
    true
}

/// The keys of an object, without what is nested in it; ends at the first thing that is no JSON.
pub fn top_keys(bytes: &[u8]) -> impl Iterator<Item = &[u8]> {
    let mut at = memchr::memchr(b'{', bytes).map_or(bytes.len(), |i| i + 1);
    std::iter::from_fn(move || {
        at += bytes.get(at..)?.iter().position(|b| !matches!(b, b' ' | b'\t' | b'\r' | b'\n' | b','))?;
        let (end, _) = bytes.get(at).filter(|b| **b == b'"').and_then(|_| string_end(bytes, at))?;
        let key = bytes.get(at + 1..end - 1)?;
        at = end + memchr::memchr(b':', bytes.get(end..)?)? + 1;
        at += bytes.get(at..)?.iter().position(|b| !b.is_ascii_whitespace())?;
        at += value_end(bytes.get(at..)?)?;
        Some(key)
    })
}

/// The length of the number, `true`, `false` or `null` that the bytes begin with; `None` for anything else.
#[inline]
pub fn word(bytes: &[u8]) -> Option<usize> {
    // JSON's number grammar, with a leading `+`, `.5` and `5.` let pass.
    let of_number = |b: &u8| b.is_ascii_digit() || matches!(b, b'-' | b'+' | b'.' | b'e' | b'E');
    let mut length = bytes.iter().take_while(|b| of_number(b)).count();
    if length > 0 {
        bytes.get(..length)?.iter().find(|b| b.is_ascii_digit())?;
    } else {
        length = [&b"null"[..], b"true", b"false"].iter().find(|w| bytes.starts_with(w))?.len();
    }
    matches!(bytes.get(length), None | Some(b',' | b'}' | b']' | b' ' | b'\t' | b'\r' | b'\n')).then_some(length)
}

/// Follows nesting over text that may come in pieces.
#[derive(Clone, Copy, Debug, Default)]
pub struct Scanner {
    depth: usize,
    in_string: bool,
    escape: bool,
}

impl Scanner {
    /// Goes on from `at`, which is where the last call stopped or the first opening bracket; the place behind the closing bracket
    /// of the outermost value.
    pub fn feed(&mut self, bytes: &[u8], mut at: usize) -> Option<usize> {
        while let Some(rest) = bytes.get(at..).filter(|r| !r.is_empty()) {
            if self.escape {
                self.escape = false;
                at += 1;
            } else if self.in_string {
                at += memchr::memchr2(b'"', b'\\', rest)? + 1;
                self.escape = bytes.get(at - 1) == Some(&b'\\');
                self.in_string = self.escape;
            } else {
                let skip = rest.iter().position(|b| matches!(b, b'"' | b'{' | b'}' | b'[' | b']'))?;
                at += skip + 1;
                match bytes.get(at - 1) {
                    Some(b'"') => self.in_string = true,
                    Some(b'{' | b'[') => self.depth += 1,
                    _ => {
                        self.depth = self.depth.saturating_sub(1);
                        if self.depth == 0 {
                            return Some(at);
                        }
                    }
                }
            }
        }
        None
    }
}

/// Writes a string's inside with its escapes resolved; half of a surrogate pair becomes U+FFFD, and an escape that
/// JSON does not have stays as it is written (paths with single backslashes are a common slip).
pub fn unescape(inside: &str, out: &mut String) {
    let mut rest = inside;
    while let Some(i) = memchr::memchr(b'\\', rest.as_bytes()) {
        out.push_str(rest.get(..i).unwrap_or_default());
        rest = rest.get(i + 1..).unwrap_or_default();
        match escape(rest) {
            Some((c, length)) => {
                out.push(c);
                rest = rest.get(length..).unwrap_or_default();
            }
            None => out.push('\\'),
        }
    }
    out.push_str(rest);
}

/// Does a string stand there as it means, but for escapes of one letter?
pub fn stays(inside: &str) -> bool {
    let bytes = inside.as_bytes();
    let mut at = 0;
    while let Some(found) = bytes.get(at..).and_then(|rest| memchr::memchr(b'\\', rest)) {
        if !matches!(bytes.get(at + found + 1), Some(b'"' | b'\\' | b'/' | b'b' | b'f' | b'n' | b'r' | b't')) {
            return false;
        }
        at += found + 2;
    }
    true
}

/// The character that an escape stands for, and the length of the escape without its backslash.
fn escape(text: &str) -> Option<(char, usize)> {
    Some(match text.as_bytes().first()? {
        b @ (b'"' | b'\\' | b'/') => (*b as char, 1),
        b'b' => ('\u{8}', 1),
        b'f' => ('\u{c}', 1),
        b'n' => ('\n', 1),
        b'r' => ('\r', 1),
        b't' => ('\t', 1),
        b'u' => {
            let high = unit(text.get(1..)?)?;
            let low = text.get(5..).and_then(|t| t.strip_prefix("\\u")).and_then(unit);
            match (high, low) {
                (0xd800..=0xdbff, Some(low @ 0xdc00..=0xdfff)) => {
                    (char::from_u32(0x10000 + ((high - 0xd800) << 10) + (low - 0xdc00)).unwrap_or('\u{fffd}'), 11)
                }
                _ => (char::from_u32(high).unwrap_or('\u{fffd}'), 5),
            }
        }
        _ => return None,
    })
}
/// Four hexadecimal digits.
fn unit(text: &str) -> Option<u32> {
    let digits = text.get(..4)?;
    if digits.bytes().all(|b| b.is_ascii_hexdigit()) { u32::from_str_radix(digits, 16).ok() } else { None }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ends_of_values() {
        for (text, end) in [
            ("{\"a\":\"}\"} x", Some(9)),
            ("{\"a\":[{}]}", Some(10)),
            ("\"a\\\"b\" ", Some(6)),
            ("12.5,", Some(4)),
            ("{\"a\":\"", None),
            ("\"\\", None),
            ("", None),
        ] {
            assert_eq!(value_end(text.as_bytes()), end, "{text}");
        }
        assert_eq!(value_end("[".repeat(100_000).as_bytes()), None);
    }

    #[test]
    fn escapes() {
        for (inside, wanted) in [
            (r"a\n\t\\\/\u00e9", "a\n\t\\/é"),
            (r"\ud83d\ude00!", "😀!"),
            (r"\ud83d x", "\u{fffd} x"),
            (r"\q", r"\q"),
            (r"\u12", r"\u12"),
            (r"\u+123\", r"\u+123\"),
        ] {
            let mut out = String::new();
            unescape(inside, &mut out);
            assert_eq!(out, wanted, "{inside}");
        }
    }
}
