//! ISO 8601 dates and times, read as fast as they can be.

use super::civil::{self, SECOND};
use super::zone::{self, Zone};

/// Reads a whole text (white space around it let pass) as ISO 8601, in seconds, microseconds kept and finer digits cut.
///
/// `2018-03-06`, then `T`, `t`, a space or a tab (as between the columns of web servers' logs) and `08:14` or `08:14:06`, a fraction after a dot or comma, and `Z`, `+hh`, `+hhmm` or
/// `+hh:mm` (the last two also behind a space, as `UTC` and `GMT`). Without an offset the time is local in `zone`. `None` for anything else and for dates that do not exist.
pub fn iso(text: &str, zone: &Zone) -> Option<f64> {
    let text = text.trim();
    let (micros, length) = iso_start(text, zone)?;
    (length == text.len()).then(|| civil::epoch(micros))
}

/// Reads one time after the other. Events that follow each other mostly happened within the same minute, whose start is worked out once.
#[derive(Debug, Default)]
pub struct Recent {
    /// `2018-03-06T08:14:`, of times in UTC.
    minute: [u8; MINUTE],
    /// Its start, in seconds.
    start: i64,
}

const MINUTE: usize = 17;

impl Recent {
    /// The same as [`iso`]; what is no UTF-8 is no time.
    pub fn iso(&mut self, text: &[u8], zone: &Zone) -> Option<f64> {
        let Some((minute, (second, micro))) = text.split_first_chunk().and_then(|(minute, rest)| Some((minute, within_minute(rest)?))) else {
            return iso(std::str::from_utf8(text).ok()?, zone);
        };
        if *minute != self.minute {
            let text = std::str::from_utf8(text).ok()?;
            let (micros, _) = iso_start(text, zone).filter(|(_, length)| *length == text.len())?;
            (self.minute, self.start) = (*minute, micros.div_euclid(SECOND) - i64::from(second));
        }
        Some(civil::epoch((self.start + i64::from(second)) * SECOND + i64::from(micro)))
    }
}

/// Seconds and microseconds of `06.6383800Z`; no leap seconds.
fn within_minute(bytes: &[u8]) -> Option<(u32, u32)> {
    let (second, rest) = match bytes {
        [s1, s2, rest @ ..] => (digit(*s1)? * 10 + digit(*s2)?, rest),
        _ => return None,
    };
    let (micro, end) = match rest {
        [b'.', digits @ ..] => match fraction(digits) {
            (_, 0) => return None,
            (micro, length) => (micro, digits.get(length..)?),
        },
        _ => (0, rest),
    };
    (end == b"Z" && second < 60).then_some((second, micro))
}

/// The ISO form that `text` begins with: microseconds since 1970 and its length in bytes.
pub(super) fn iso_start(text: &str, zone: &Zone) -> Option<(i64, usize)> {
    let bytes = text.as_bytes();
    let &[y1, y2, y3, y4, b'-', m1, m2, b'-', d1, d2, ..] = bytes else {
        return None;
    };
    let year = digit(y1)? * 1000 + digit(y2)? * 100 + digit(y3)? * 10 + digit(y4)?;
    let date = (i64::from(year), digit(m1)? * 10 + digit(m2)?, digit(d1)? * 10 + digit(d2)?);
    let clock = match bytes.get(10) {
        Some(b'T' | b't' | b' ' | b'\t') => clock(text.get(11..)?),
        _ => None,
    };
    let Some((time, micro, clock_length)) = clock else {
        let midnight = civil::checked_seconds(date, (0, 0, 0))?;
        return Some((zone.to_utc_seconds(midnight) * SECOND, 10));
    };
    let local = civil::checked_seconds(date, time)?;
    let mut length = 11 + clock_length;
    let seconds = match text.get(length..).and_then(|rest| offset(rest).or_else(|| spaced_offset(rest))) {
        Some((offset, offset_length)) => {
            length += offset_length;
            local - i64::from(offset)
        }
        None => zone.to_utc_seconds(local),
    };
    Some((seconds * SECOND + i64::from(micro), length))
}

/// A time of day in hours, minutes and seconds.
pub(super) type Clock = (u32, u32, u32);

/// The `hh:mm[:ss[.fraction]]` that `text` begins with, its microseconds and its length. Hours may have one digit.
pub(super) fn clock(text: &str) -> Option<(Clock, u32, usize)> {
    let bytes = text.as_bytes();
    let (hour, bytes_left, mut length) = match *bytes {
        [h1, h2, b':', ref rest @ ..] => (digit(h1)? * 10 + digit(h2)?, rest, 3),
        [h, b':', ref rest @ ..] => (digit(h)?, rest, 2),
        _ => return None,
    };
    let &[m1, m2, ref rest @ ..] = bytes_left else {
        return None;
    };
    let minute = digit(m1)? * 10 + digit(m2)?;
    length += 2;
    let &[b':', s1, s2, ref rest @ ..] = rest else {
        return Some(((hour, minute, 0), 0, length));
    };
    let second = digit(s1)? * 10 + digit(s2)?;
    length += 3;
    let &[b'.' | b',', ref digits @ ..] = rest else {
        return Some(((hour, minute, second), 0, length));
    };
    let (micro, digits) = fraction(digits);
    if digits > 0 {
        length += 1 + digits;
    }
    Some(((hour, minute, second), micro, length))
}

/// The microseconds of leading digits of a fraction, and how many digits there are.
pub(super) fn fraction(bytes: &[u8]) -> (u32, usize) {
    let (mut micro, mut place, mut digits) = (0, 100_000, 0);
    while let Some(digit) = bytes.get(digits).and_then(|&byte| digit(byte)) {
        micro += digit * place;
        place /= 10;
        digits += 1;
    }
    (micro, digits)
}

/// The offset that `text` begins with, `Z` or `+hh[[:]mm]`, in seconds, and its length.
pub(super) fn offset(text: &str) -> Option<(i32, usize)> {
    match text.as_bytes().first()? {
        b'Z' | b'z' => Some((0, 1)),
        b'+' | b'-' => zone::read_offset(text).map(|(seconds, rest)| (seconds, text.len() - rest.len())),
        _ => None,
    }
}

/// A full offset or a name of UTC behind one space, `2024-03-01 10:00:00 +0200`; a lone ` -5` is text that follows.
fn spaced_offset(text: &str) -> Option<(i32, usize)> {
    let text = text.strip_prefix(' ')?;
    match text.get(..3) {
        Some("UTC" | "GMT") => Some((0, 4)),
        _ => offset(text).filter(|&(_, length)| length >= 5).map(|(seconds, length)| (seconds, 1 + length)),
    }
}

fn digit(byte: u8) -> Option<u32> {
    byte.is_ascii_digit().then(|| u32::from(byte - b'0'))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_iso_forms() {
        for (text, wanted) in [
            ("2018-03-06T08:14:06.6383800Z", 1_520_324_046.638_38),
            ("2018-03-06 08:14:06,638", 1_520_324_046.638),
            ("2018-03-06T08:14:06+02:00", 1_520_316_846.0),
            ("2018-03-06T08:14:06.123456789-0530", 1_520_343_846.123_456),
            ("2018-03-06t08:14z", 1_520_324_040.0),
            ("2018-03-06", 1_520_294_400.0),
            ("2018-03-06 08:14:06 +0200", 1_520_316_846.0),
            ("2018-03-06 08:14:06 UTC", 1_520_324_046.0),
            (" 2018-03-06 08:14:06 ", 1_520_324_046.0),
            ("2016-12-31T23:59:60Z", 1_483_228_800.0),
            ("1969-12-31T23:59:59.5Z", -0.5),
        ] {
            assert_eq!(iso(text, &Zone::utc()), Some(wanted), "{text}");
        }
        let berlin = Zone::parse("Europe/Berlin").unwrap();
        assert_eq!(iso("2018-03-06 09:14:06", &berlin), Some(1_520_324_046.0));
        assert_eq!(iso("2018-03-06", &berlin), Some(1_520_290_800.0));
    }

    #[test]
    fn one_time_after_the_other_is_read_the_same() {
        let mut recent = Recent::default();
        let times = [
            "2018-03-06T08:14:06.6383800Z",
            "2018-03-06T08:14:59Z",
            "2018-03-06T08:14:60Z",
            "2018-03-06T08:14:61Z",
            "2018-03-06T08:14:06.Z",
            "2018-03-06T08:14:06.5",
            "2018-03-06T08:14:06.5+02:00",
            "2018-03-06T08:14:07,5Z",
            "2018-03-06T08:15:00.000001Z",
            "2018-13-06T08:15:00Z",
            "2018-13-06T08:15:01Z",
            "1969-12-31T23:59:59.5Z",
            "1969-12-31T23:59:58.25Z",
            "1969-12-31T23:59:5",
            "",
        ];
        let zone = Zone::parse("Europe/Berlin").unwrap();
        for text in times.iter().chain(times.iter().rev()) {
            assert_eq!(recent.iso(text.as_bytes(), &zone), iso(text, &zone), "{text}");
        }
    }

    #[test]
    fn refuses_what_is_not_iso() {
        for bad in [
            "",
            "2018",
            "2018-03",
            "2018-02-30",
            "2018-03-06T",
            "2018-03-06T25:00:00",
            "2018-03-06T08:14:06.",
            "2018-03-06T08:14:06Zx",
            "2018-03-06T08:14:6",
            "2018/03/06",
            "2018-03-06T08:14:06+2:00:00",
            "é018-03-06",
            "2018-03-06é",
            "2018-03-06T08:60",
            "2018-03-06 08:14:06 -5",
            "2018-03-06 08:14:06 Zulu",
        ] {
            assert_eq!(iso(bad, &Zone::utc()), None, "{bad}");
        }
    }
}
