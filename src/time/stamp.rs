//! Timestamps in event text: the first one of a log line.

use super::civil::{self, Civil, SECOND};
use super::format::{MONTHS, WEEKDAYS};
pub use super::iso::{Recent, iso};
use super::iso::{clock, fraction, iso_start, offset};
use super::strptime::name;
use super::zone::Zone;

/// How far into an event a timestamp is looked for, in bytes; Splunk looks at 128 characters.
const REACH: usize = 150;

/// Reads up to `width` digits.
fn number(text: &str, width: usize) -> Option<(u32, &str)> {
    let length = text.bytes().take(width).take_while(u8::is_ascii_digit).count();
    let (digits, rest) = text.split_at_checked(length)?;
    Some((digits.parse().ok()?, rest))
}

/// The first timestamp near the start of a log line, in seconds; `None` when there is none.
///
/// Known are ISO forms (also behind an RFC 5424 priority), `Mar  1 10:00:00` (RFC 3164; the year is the latest that is not more than a day
/// after `now`), `10/Oct/2000:13:55:36 -0700`, `10/18/2019 09:30:00 AM`, `Thu Jul 18 09:30:00 [UTC] 2019`, and epochs of 10 digits (seconds,
/// with a fraction) or 13 (milliseconds) at the start or behind `audit(`, `ts=`, `"time":` and the like. Text without a zone is
/// local in `zone`.
pub fn find(text: &str, zone: &Zone, now: f64) -> Option<f64> {
    let bytes = text.as_bytes();
    let mut before = b' ';
    for (at, &byte) in bytes.iter().enumerate().take(REACH) {
        let is_start = !before.is_ascii_alphanumeric() && before != b'.';
        if is_start && byte.is_ascii_alphanumeric() {
            let micros = text
                .get(at..)
                .and_then(|rest| if byte.is_ascii_digit() { starts_with_digit(rest, text.get(..at)?, zone) } else { starts_with_month(rest, zone, now) });
            if let Some(micros) = micros {
                return Some(civil::epoch(micros));
            }
        }
        before = byte;
    }
    None
}

fn starts_with_digit(text: &str, before: &str, zone: &Zone) -> Option<i64> {
    let digits = text.bytes().take(14).take_while(u8::is_ascii_digit).count();
    match digits {
        4 => {
            let (micros, length) = iso_start(text, zone)?;
            let ends = !text.as_bytes().get(length).is_some_and(u8::is_ascii_digit);
            ends.then_some(micros)
        }
        1 | 2 => day_first(text, zone).or_else(|| month_first(text, zone)),
        10 | 13 if opens_epoch(before) => epoch(text, digits),
        _ => None,
    }
}

/// Does `before` say that a number behind it is an epoch: nothing, an opening, or a key whose name speaks of time?
fn opens_epoch(before: &str) -> bool {
    let before = before.trim_end();
    if before.is_empty() || before == "[" || before.ends_with("audit(") {
        return true;
    }
    let Some(key) = before.trim_end_matches('"').trim_end().strip_suffix([':', '=']) else {
        return false;
    };
    let key = key.trim_end().trim_end_matches('"');
    let start = key.rfind(|c: char| !c.is_ascii_alphanumeric() && c != '_').map_or(0, |at| at + 1);
    let name = key.get(start..).unwrap_or("").to_ascii_lowercase();
    name == "ts" || ["time", "epoch", "date", "_ts"].iter().any(|part| name.contains(part))
}

/// `1700000000`, `1700000000.123` or `1700000000123`.
fn epoch(text: &str, digits: usize) -> Option<i64> {
    let (number, rest) = text.split_at_checked(digits)?;
    let number: i64 = number.parse().ok()?;
    let micros = match rest.strip_prefix('.') {
        _ if digits == 13 => number * 1000,
        Some(rest) => number * SECOND + i64::from(fraction(rest.as_bytes()).0),
        None => number * SECOND,
    };
    Some(micros)
}

/// `10/Oct/2000:13:55:36 -0700`, `10-Oct-2000 13:55:36`, `10 Oct 2000 13:55:36`.
fn day_first(text: &str, zone: &Zone) -> Option<i64> {
    let (day, rest) = number(text, 2)?;
    let (month, rest) = name(rest.strip_prefix(['/', '-', ' '])?, &MONTHS)?;
    let (year, rest) = number(rest.strip_prefix(['/', '-', ' '])?, 4)?;
    let rest = rest.strip_prefix([':', ' ', 'T'])?;
    instant((i64::from(year), month + 1, day), rest, zone).map(|(micros, _)| micros)
}

/// `10/18/2019 09:30:00 AM`: the month first, as in the United States.
fn month_first(text: &str, zone: &Zone) -> Option<i64> {
    let (month, rest) = number(text, 2)?;
    let (day, rest) = number(rest.strip_prefix('/')?, 2)?;
    let (year, rest) = number(rest.strip_prefix('/')?, 4)?;
    let year = if year < 69 {
        year + 2000
    } else if year < 100 {
        year + 1900
    } else {
        year
    };
    let rest = rest.strip_prefix([' ', ':', 'T']).or_else(|| rest.strip_prefix(", "))?;
    instant((i64::from(year), month, day), rest.trim_start(), zone).map(|(micros, _)| micros)
}

/// `Mar  1 10:00:00`, `Mar 1 2024 10:00:00`, `Jul 18 09:30:00 UTC 2019`, each also behind a weekday.
fn starts_with_month(text: &str, zone: &Zone, now: f64) -> Option<i64> {
    let text = match name(text, &WEEKDAYS) {
        Some((_, rest)) => rest.trim_start_matches([',', ' ']),
        None => text,
    };
    let (month, rest) = name(text, &MONTHS)?;
    let (day, rest) = number(rest.strip_prefix(' ')?.trim_start(), 2)?;
    let rest = rest.trim_start_matches([',', ' ']);
    if let Some((year, after)) = number(rest, 4).filter(|_| rest.bytes().take(4).all(|b| b.is_ascii_digit())) {
        return instant((i64::from(year), month + 1, day), after.trim_start(), zone).map(|(micros, _)| micros);
    }
    let (time, micro, length) = clock(rest)?;
    // The year may follow, with the zone's name between.
    let after = rest.get(length..)?.trim_start();
    let letters = after.bytes().take_while(u8::is_ascii_uppercase).count();
    let named = after.get(..letters).filter(|name| (3..=4).contains(&name.len())).and_then(Zone::parse_abbreviation);
    let year_text = if named.is_some() { after.get(letters..)?.trim_start() } else { after };
    let year_digits = year_text.bytes().take_while(u8::is_ascii_digit).count();
    let in_zone = named.as_ref().unwrap_or(zone);
    let at = |year: i64| {
        let local = civil::checked_seconds((year, month + 1, day), time)?;
        Some(in_zone.to_utc_seconds(local) * SECOND + i64::from(micro))
    };
    let written = number(year_text, 4).filter(|(year, _)| year_digits == 4 && (1970..2100).contains(year));
    if let Some((year, _)) = written {
        return at(i64::from(year));
    }
    let now = civil::micros(now)?;
    let this_year = Civil::from_local(zone.to_local(now)).year;
    // Eight years back always hold a leap year, but for the turn of some centuries.
    (this_year - 8..=this_year + 1).rev().find_map(|year| at(year).filter(|&micros| micros <= now + civil::DAY))
}

/// A date, and the clock time and offset that `text` begins with: microseconds and what is left.
fn instant<'t>(date: (i64, u32, u32), text: &'t str, zone: &Zone) -> Option<(i64, &'t str)> {
    let ((hour, minute, second), micro, length) = clock(text)?;
    let rest = text.get(length..)?;
    let spaced = rest.trim_start_matches(' ');
    let (hour, rest) = match spaced.get(..2) {
        Some(mark) if mark.eq_ignore_ascii_case("pm") && (1..=12).contains(&hour) => (hour % 12 + 12, spaced.get(2..)?),
        Some(mark) if mark.eq_ignore_ascii_case("am") && (1..=12).contains(&hour) => (hour % 12, spaced.get(2..)?),
        _ => (hour, rest),
    };
    let local = civil::checked_seconds(date, (hour, minute, second))?;
    let spaced = rest.trim_start_matches(' ');
    let (seconds, rest) = match offset(spaced) {
        Some((offset, length)) => (local - i64::from(offset), spaced.get(length..)?),
        None => (zone.to_utc_seconds(local), rest),
    };
    Some((seconds * SECOND + i64::from(micro), rest))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// 2024-05-15 12:00:00 UTC
    const NOW: f64 = 1_715_774_400.0;

    #[test]
    fn finds_the_first_timestamp_of_a_line() {
        for (line, wanted) in [
            ("2018-03-06T08:14:06.638Z INFO x", 1_520_324_046.638),
            ("2018-03-06\t08:14:06\tIAD55-P5\t921", 1_520_324_046.0),
            ("[2018-03-06 08:14:06,638] x", 1_520_324_046.638),
            ("<34>1 2003-10-11T22:14:15.003Z host app", 1_065_910_455.003),
            ("<34>Mar  1 10:00:00 host su: x", 1_709_287_200.0),
            ("Dec 31 10:00:00 host x", 1_704_016_800.0),
            ("May 16 11:00:00 host", 1_715_857_200.0),
            ("May 17 11:00:00 host", 1_684_321_200.0),
            ("Feb 29 00:00:00 host", 1_709_164_800.0),
            ("Mar  1 10:00:00.25 host 1234 x", 1_709_287_200.25),
            ("127.0.0.1 - frank [10/Oct/2000:13:55:36 -0700] \"GET / HTTP/1.0\"", 971_211_336.0),
            ("10/18/2019 09:30:00 AM LogName=Security", 1_571_391_000.0),
            ("10/18/2019 12:30:00 PM", 1_571_401_800.0),
            ("Thu Jul 18 09:30:00 2019 x", 1_563_442_200.0),
            ("Thu Jul 18 09:30:00 EST 2019", 1_563_460_200.0),
            ("Thu, 18 Jul 2019 09:30:00 +0000", 1_563_442_200.0),
            ("1700000000.123456 x", 1_700_000_000.123_456),
            ("1700000000123 x", 1_700_000_000.123),
            ("type=SYSCALL msg=audit(1364481363.243:24287): x", 1_364_481_363.243),
            ("{\"ts\":1700000000.5,\"x\":1}", 1_700_000_000.5),
            ("{\"eventTime\": 1700000000123}", 1_700_000_000.123),
            ("id=1700000000 at 2024-03-01", 1_709_251_200.0),
            ("March 1, 2024 10:00:00", 1_709_287_200.0),
        ] {
            assert_eq!(find(line, &Zone::utc(), NOW), Some(wanted), "{line}");
        }
    }

    #[test]
    fn finds_nothing_in_other_lines() {
        let far = format!("{}2024-03-01", " ".repeat(200));
        for line in
            ["", "no time here", "10.0.0.1 1.2.3", "May be", "12345", "id=1700000000", "2024-99-01", "99/99/9999 10:00:00", "Mar 32 10:00:00", "日本語", &far]
        {
            assert_eq!(find(line, &Zone::utc(), NOW), None, "{line}");
        }
        assert_eq!(find("Mar 1 10:00:00", &Zone::utc(), f64::NAN), None);
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(300))]

        #[test]
        fn reads_back_iso(micros in 0i64..4_000_000_000_000_000) {
            let text = super::super::strftime(civil::epoch(micros), "%Y-%m-%dT%H:%M:%S.%6NZ", &Zone::utc()).unwrap();
            prop_assert_eq!(iso(&text, &Zone::utc()), Some(civil::epoch(micros)));
            prop_assert_eq!(find(&text, &Zone::utc(), NOW), Some(civil::epoch(micros)));
        }

        #[test]
        fn never_panics(text in "\\PC{0,40}", near in "[A-Za-z]{0,3}[-0-9:/ .,TZ+JanFebMar(\"=]{0,40}", now in any::<f64>()) {
            let berlin = Zone::parse("Europe/Berlin").unwrap();
            for text in [&text, &near] {
                iso(text, &berlin);
                find(text, &berlin, now);
                find(text, &berlin, 2.5e11);
                find(text, &berlin, -6.2e10);
            }
        }
    }
}
