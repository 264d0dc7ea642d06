//! Syslog and plain text: time, host and process of the header, and `key=value` pairs.

use super::parse::{Meta, is_internal};
use super::place::Place;
use super::table::Table;
use crate::time::{Zone, stamp};
use std::ops::Range;

/// Pairs that are taken from one event at most, as in Splunk.
const PAIRS: usize = 100;

/// Bytes of an event that pairs are looked for in, as Splunk's `maxchars`.
const REACH: usize = 10_240;

/// Does a line begin, after white space, with a timestamp?
pub fn begins_with_time(line: &[u8]) -> bool {
    let text = line.trim_ascii_start();
    let head = || String::from_utf8_lossy(text.get(..text.len().min(40)).unwrap_or_default());
    // Most continuations are told by their first letters; only what looks like a date is looked at closely.
    match text {
        [b'0'..=b'9', b'0'..=b'9', b'/' | b'-' | b':', ..] | [b'0'..=b'9', _, _, b'0'..=b'9', b'/' | b'-', ..] => {
            stamp::find(&head(), &Zone::utc(), 0.0).is_some()
        }
        [b'A'..=b'Z', b'a'..=b'z', b'a'..=b'z', b' ', ..] => syslog_date(&head()).is_some(),
        _ => false,
    }
}

/// Does the first line of a file have a syslog header?
pub fn is_syslog(head: &[u8]) -> bool {
    let line = head.trim_ascii_start().split(|b| *b == b'\n').next().unwrap_or_default();
    Header::read(&String::from_utf8_lossy(line)).is_some()
}

/// Adds what an event says to the row in the making.
pub fn event(table: &mut Table<'_>, range: Range<usize>) {
    let text = table.slots.written().text();
    let Some(line) = text.get(range.clone()) else { return };
    table.set_raw(range.start, range.end);
    if table.wants_time() {
        let time = stamp::find(line, table.zone(), table.now());
        table.set_time_to(time);
    }
    if let Some(header) = Header::read(line) {
        let at = |part: &str| {
            let start = range.start + (part.as_ptr() as usize).wrapping_sub(line.as_ptr() as usize);
            Place::text(start, start + part.len())
        };
        if table.file.spec.host.is_none() {
            table.set_meta(Meta::Host, at(header.host));
        }
        for (name, value) in [("process", header.process), ("pid", header.pid)] {
            let slot = table.slots.find(name);
            if !value.is_empty() {
                table.slots.push(slot, at(value));
            }
        }
    }
    pairs(table, line, range.start);
}

/// The parts of a syslog header that are fields.
#[derive(Debug, PartialEq)]
struct Header<'t> {
    host: &'t str,
    process: &'t str,
    pid: &'t str,
}

impl<'t> Header<'t> {
    /// Reads `<pri>` (optional), an RFC 3164 date or an RFC 5424 version and timestamp, host, and process with its id.
    fn read(line: &'t str) -> Option<Header<'t>> {
        let priority = line.strip_prefix('<').and_then(|l| l.split_once('>')).filter(|(p, _)| p.len() <= 3 && p.bytes().all(|b| b.is_ascii_digit()));
        let line = priority.map_or(line, |(_, rest)| rest);
        if let Some(rest) = syslog_date(line) {
            let (host, rest) = rest.split_once(' ')?;
            return Header::tag(host, rest);
        }
        let (first, rest) = line.split_once(' ')?;
        if priority.is_some() && first == "1" {
            let mut parts = rest.splitn(5, ' ');
            let (_, host, process, pid) = (parts.next()?, parts.next()?, parts.next()?, parts.next()?);
            let value = |p: &'t str| if p == "-" { "" } else { p };
            return is_host(host).then_some(Header { host, process: value(process), pid: value(pid) });
        }
        // The newer form of rsyslog: an ISO timestamp, host and tag.
        if first.len() >= 19 && first.as_bytes().get(10) == Some(&b'T') && stamp::iso(first, &Zone::utc()).is_some() {
            let (host, rest) = rest.split_once(' ')?;
            return Header::tag(host, rest);
        }
        None
    }

    /// Host, and `process[pid]:` at the start of the rest.
    fn tag(host: &'t str, rest: &'t str) -> Option<Header<'t>> {
        if !is_host(host) {
            return None;
        }
        let tag = rest.split_once(':').map_or("", |(t, _)| t);
        let (process, pid) = match tag.split_once('[') {
            Some((process, pid)) => (process, pid.strip_suffix(']').unwrap_or_default()),
            None => (tag, ""),
        };
        let plain = !process.is_empty() && process.len() <= 64 && !process.contains(|c: char| c.is_whitespace() || c == '=' || c == '"');
        Some(if plain { Header { host, process, pid } } else { Header { host, process: "", pid: "" } })
    }
}

/// A host name or address.
fn is_host(host: &str) -> bool {
    !host.is_empty() && host.len() <= 255 && !host.ends_with(':') && host.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'.' | b'-' | b'_' | b':'))
}

/// What follows a date like `Oct  1 22:14:15 `, with a year allowed.
fn syslog_date(line: &str) -> Option<&str> {
    let month = line.get(..3)?;
    if !["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"].contains(&month) {
        return None;
    }
    let rest = line.get(3..)?.strip_prefix(' ')?.trim_start_matches(' ');
    let (day, rest) = rest.split_once(' ')?;
    let (clock, rest) = rest.split_once(' ').unwrap_or((rest, ""));
    let (clock, rest) = match clock.len() == 4 && clock.bytes().all(|b| b.is_ascii_digit()) {
        true => rest.split_once(' ')?,
        false => (clock, rest),
    };
    let digits = |t: &str, n: usize| !t.is_empty() && t.len() <= n && t.bytes().all(|b| b.is_ascii_digit());
    let clock = clock.trim_end_matches(':');
    let whole = clock.split_once('.').map_or(clock, |(whole, _)| whole);
    (digits(day, 2) && whole.split(':').count() == 3 && whole.split(':').all(|p| digits(p, 2))).then_some(rest)
}

/// `k=v`, `k="v w"`, `k='v'`: each into the field that the cleaned key names. The first value of a key counts. In a file that stands for a
/// summary index all pairs are taken, `\` takes the meaning of a quote away, and `host` and its kin are what the pairs say.
fn pairs(table: &mut Table<'_>, line: &str, start: usize) {
    let stash = table.file.is_stash();
    each_pair(line, if stash { Written::STASH } else { Written::AUTO }, |key, value, _| {
        let mut place = Place::text(start + value.start, start + value.end);
        if stash {
            let written = line.get(value).unwrap_or_default();
            if written.contains('\\') {
                place = table.slots.decode(|out| unescape(written, out));
            }
            if let Some(meta) = Meta::find(key) {
                if !table.file.says(meta) {
                    table.set_meta(meta, place);
                }
                return;
            }
        }
        let slot = table.slots.slot(key);
        if table.slots.keeps(slot) && !is_internal(key) && table.slots.value(slot).is_none() {
            table.slots.push(slot, place);
        }
    });
}

/// How pairs are written, and how many are taken.
#[derive(Clone, Copy, Debug)]
pub struct Written {
    /// Within `"` a `\` takes the meaning of a quote away.
    pub escaped: bool,
    /// Blanks at the ends of quoted values do not count.
    pub trim: bool,
    /// No more than Splunk takes of one event.
    pub limited: bool,
}

impl Written {
    /// As Splunk finds pairs in any event.
    pub const AUTO: Written = Written { escaped: false, trim: true, limited: true };
    const STASH: Written = Written { escaped: true, trim: false, limited: false };
}

/// Hands on each pair of a text: the key, the place of the value, and whether it stands in quotes. Empty values are none.
pub fn each_pair<'l>(line: &'l str, how: Written, mut take: impl FnMut(&'l str, Range<usize>, bool)) {
    let bytes = line.as_bytes();
    let reach = if how.limited { bytes.get(..bytes.len().min(REACH)).unwrap_or_default() } else { bytes };
    let (mut at, mut taken) = (0, 0);
    while let Some(found) = reach.get(at..).and_then(|b| memchr::memchr(b'=', b)) {
        let equals = at + found;
        let from = at;
        at = equals + 1;
        let length = bytes.get(from..equals).unwrap_or_default().iter().rev().take_while(|b| is_key(**b)).count();
        let key = line.get(equals - length..equals).unwrap_or_default().trim_start_matches(|c: char| !c.is_ascii_alphanumeric() && c != '_');
        if key.is_empty() || matches!(bytes.get(at), Some(b'=') | None) {
            continue;
        }
        let (mut value, end, quoted) = match bytes.get(at) {
            Some(b'"') if how.escaped => match line.get(at + 1..).and_then(closing) {
                Some(n) => (at + 1..at + 1 + n, at + n + 2, true),
                None => continue,
            },
            Some(quote @ (b'"' | b'\'')) => match bytes.get(at + 1..).and_then(|b| memchr::memchr(*quote, b)) {
                Some(n) => (at + 1..at + 1 + n, at + n + 2, true),
                None => continue,
            },
            _ => {
                let n = bytes.get(at..).unwrap_or_default().iter().take_while(|b| !ends_value(**b)).count();
                (at..at + n, at + n, false)
            }
        };
        at = end;
        if quoted && how.trim {
            let text = line.get(value.clone()).unwrap_or_default();
            let inner = text.trim_start_matches(' ');
            let first = value.start + text.len() - inner.len();
            value = first..first + inner.trim_end_matches(' ').len();
        }
        if value.is_empty() {
            continue;
        }
        take(key, value, quoted);
        taken += 1;
        if taken >= PAIRS && how.limited {
            return;
        }
    }
}

/// The place of the quote that closes a value; one with a `\` before it does not.
fn closing(text: &str) -> Option<usize> {
    let mut escaped = false;
    text.bytes().position(|b| {
        let ends = b == b'"' && !escaped;
        escaped = b == b'\\' && !escaped;
        ends
    })
}

fn unescape(text: &str, out: &mut String) {
    let mut chars = text.chars();
    while let Some(c) = chars.next() {
        out.push(if c == '\\' { chars.next().unwrap_or(c) } else { c });
    }
}

fn is_key(b: u8) -> bool {
    b.is_ascii_alphanumeric() || matches!(b, b'_' | b'.' | b':' | b'-')
}

/// Does this byte end an unquoted value?
fn ends_value(b: u8) -> bool {
    b.is_ascii_whitespace() || matches!(b, b',' | b';' | b'|' | b'&' | b'"' | b'\'' | b')' | b']' | b'}' | b'>')
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::column::{Batch, Value};
    use crate::input::{Format, ParseOptions, Wanted, Warnings};

    fn parse(text: &str) -> Batch {
        let chunk = crate::input::chunk::test_chunk(Format::Text, text.as_bytes());
        Batch::concat(crate::input::parse(&chunk, &Wanted::All, &ParseOptions::default(), &mut Warnings::new()))
    }

    #[test]
    fn headers() {
        let h = |host, process, pid| Some(Header { host, process, pid });
        for (line, wanted) in [
            ("Oct 11 22:14:15 mymachine su[42]: 'su root' failed", h("mymachine", "su", "42")),
            ("<34>Oct  1 22:14:15 10.0.0.1 kernel: x", h("10.0.0.1", "kernel", "")),
            ("<165>1 2003-10-11T22:14:15.003Z mymachine.example.com evntslog - ID47 [x] y", h("mymachine.example.com", "evntslog", "")),
            ("2024-01-02T03:04:05.678+01:00 web01 sshd[7]: Accepted", h("web01", "sshd", "7")),
            ("Oct 11 22:14:15 host user=a b: c", h("host", "", "")),
            ("just words here", None),
            ("<999999>Oct 11", None),
            ("", None),
        ] {
            assert_eq!(Header::read(line), wanted, "{line}");
        }
    }

    #[test]
    fn pairs_of_an_event() {
        let b = parse("x a=1 b=\"two words\", c='3'; d=/p?q=5&r=6 (e=7) f== g= s=\" in \" h=\"open i=9 a=2 host=no");
        for (name, wanted) in
            [("a", "1"), ("b", "two words"), ("c", "3"), ("d", "/p?q=5"), ("r", "6"), ("e", "7"), ("s", "in"), ("i", "9"), ("sourcetype", "text")]
        {
            assert_eq!(b.value(name, 0), Value::text(wanted), "{name}");
        }
        assert!(b.get("g").is_none() && b.get("f").is_none());
        let many: String = (0..5000).map(|i| format!("k{i}=v ")).collect();
        assert!(parse(&many).names().len() < 120);
    }

    #[test]
    fn pairs_of_a_summary_event() {
        let mut chunk = crate::input::chunk::test_chunk(Format::Text, br#"01/01/1970 00:01:00 +0000, host="h", v="a \"b\"\\c", index="i", host="no""#);
        let mut file = crate::input::chunk::FileInfo::clone(&chunk.file);
        file.sourcetype = "stash";
        chunk.file = std::sync::Arc::new(file);
        let b = Batch::concat(crate::input::parse(&chunk, &Wanted::All, &ParseOptions::default(), &mut Warnings::new()));
        for (name, wanted) in [("host", "no"), ("v", r#"a "b"\c"#), ("index", "i"), ("sourcetype", "stash")] {
            assert_eq!(b.value(name, 0), Value::text(wanted), "{name}");
        }
        assert_eq!(b.value("_time", 0), Value::Number(60.0));
    }

    #[test]
    fn events_over_lines() {
        let b = parse("Oct 11 22:14:15 h app[1]: first\n\tat x\n  at y\n 2024-01-02T03:04:05Z indented\nnext k=v\n");
        assert_eq!(b.len(), 3);
        assert_eq!((b.value("host", 0), b.value("process", 0), b.value("k", 2)), (Value::text("h"), Value::text("app"), Value::text("v")));
        parse("\0\u{fffd}=\u{e9}= =\"");
    }
}
