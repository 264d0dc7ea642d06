//! `strftime`: an instant written by a format.

use super::civil::{self, Civil};
use super::format::{MINUTES_ONLY, MONTHS, Pad, Piece, WEEKDAYS, pieces};
use super::zone::Zone;
use std::fmt::Write;

/// A format, read once for a whole column of values.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Format {
    pieces: Vec<Piece>,
}

impl Format {
    /// Reads a format of `%` variables. Every text is a format: what is no variable stands for itself.
    ///
    /// The variables are those of Splunk's reference, and the rest of POSIX. Where the reference leaves it to the server's
    /// locale (`%c %+ %x %X`), US English is taken, with all digits. `%-d`, `%_d` and `%0e` choose the padding. `%Ez` is a
    /// signed number of minutes, such as `-480`.
    pub fn parse(format: &str) -> Format {
        Format { pieces: pieces(format) }
    }

    /// Appends the instant `epoch` (seconds) as seen in `zone`. `None`, and nothing written, when it has no civil time.
    pub fn write(&self, epoch: f64, zone: &Zone, out: &mut String) -> Option<()> {
        let micros = civil::micros(epoch)?;
        let seconds = micros.div_euclid(civil::SECOND);
        let offset = zone.offset_at(seconds);
        let civil = Civil::from_local(micros + i64::from(offset) * civil::SECOND);
        for piece in &self.pieces {
            match piece {
                Piece::Text(text) => out.push_str(text),
                Piece::Subsecond(digits) => subsecond(civil.micro, *digits, out),
                Piece::Offset(colons) => write_offset(offset, *colons, out),
                Piece::Variable('Z', _) => zone.write_abbreviation(seconds, out),
                Piece::Variable('s', _) => number(seconds, 1, Pad::None, out),
                Piece::Variable(letter, pad) => civil_variable(&civil, *letter, *pad, out),
            }
        }
        Some(())
    }
}

/// Writes the instant `epoch` (seconds) by a format; see [`Format::parse`]. `None` when it has no civil time.
pub fn strftime(epoch: f64, format: &str, zone: &Zone) -> Option<String> {
    let mut out = String::with_capacity(format.len() + 16);
    Format::parse(format).write(epoch, zone, &mut out)?;
    Some(out)
}

fn civil_variable(civil: &Civil, letter: char, pad: Option<Pad>, out: &mut String) {
    let hour12 = (civil.hour + 11) % 12 + 1;
    let (value, width, usual) = match letter {
        'a' => return out.push_str(name(&WEEKDAYS, civil.weekday, 3)),
        'A' => return out.push_str(name(&WEEKDAYS, civil.weekday, usize::MAX)),
        'b' => return out.push_str(name(&MONTHS, civil.month - 1, 3)),
        'B' => return out.push_str(name(&MONTHS, civil.month - 1, usize::MAX)),
        'p' => return out.push_str(if civil.hour < 12 { "AM" } else { "PM" }),
        'P' => return out.push_str(if civil.hour < 12 { "am" } else { "pm" }),
        'Y' => (civil.year, 4, Pad::Zero),
        'C' => (civil.year.div_euclid(100), 2, Pad::Zero),
        'y' => (civil.year.rem_euclid(100), 2, Pad::Zero),
        'G' => (civil.iso_week().0, 4, Pad::Zero),
        'g' => (civil.iso_week().0.rem_euclid(100), 2, Pad::Zero),
        'V' => (i64::from(civil.iso_week().1), 2, Pad::Zero),
        'U' => (i64::from(civil.week(0)), 2, Pad::Zero),
        'W' => (i64::from(civil.week(1)), 2, Pad::Zero),
        'm' => (i64::from(civil.month), 2, Pad::Zero),
        'd' => (i64::from(civil.day), 2, Pad::Zero),
        'e' => (i64::from(civil.day), 2, Pad::Space),
        'j' => (i64::from(civil.yearday), 3, Pad::Zero),
        'H' => (i64::from(civil.hour), 2, Pad::Zero),
        'k' => (i64::from(civil.hour), 2, Pad::Space),
        'I' => (i64::from(hour12), 2, Pad::Zero),
        'l' => (i64::from(hour12), 2, Pad::Space),
        'M' => (i64::from(civil.minute), 2, Pad::Zero),
        'S' => (i64::from(civil.second), 2, Pad::Zero),
        'u' => (i64::from((civil.weekday + 6) % 7 + 1), 1, Pad::None),
        'w' => (i64::from(civil.weekday), 1, Pad::None),
        _ => return,
    };
    number(value, width, pad.unwrap_or(usual), out);
}

fn name(names: &[&'static str], index: u32, length: usize) -> &'static str {
    let full = names.get(index as usize).copied().unwrap_or("");
    full.get(..length).unwrap_or(full)
}

/// Appends a number; two digits with zeros, the commonest case, go without the formatting machinery.
fn number(value: i64, width: usize, pad: Pad, out: &mut String) {
    if width == 2 && pad == Pad::Zero && (0..100).contains(&value) {
        out.push(char::from(b'0' + (value / 10) as u8));
        out.push(char::from(b'0' + (value % 10) as u8));
        return;
    }
    // Writing to a String cannot fail.
    let _ = match pad {
        Pad::None => write!(out, "{value}"),
        Pad::Space => write!(out, "{value:width$}"),
        Pad::Zero => write!(out, "{value:0width$}"),
    };
}

/// The first `digits` (1 to 9) of the second's fraction, cut, not rounded.
fn subsecond(micro: u32, digits: usize, out: &mut String) {
    let mut left = micro * 1000;
    let mut place = 100_000_000;
    for _ in 0..digits.min(9) {
        out.push(char::from(b'0' + (left / place % 10) as u8));
        left %= place;
        place = (place / 10).max(1);
    }
}

fn write_offset(offset: i32, colons: u8, out: &mut String) {
    let sign = if offset < 0 { '-' } else { '+' };
    let seconds = offset.unsigned_abs();
    let (hour, minute, second) = (seconds / 3600, seconds / 60 % 60, seconds % 60);
    let _ = match colons {
        MINUTES_ONLY => write!(out, "{sign}{}", seconds / 60),
        1 => write!(out, "{sign}{hour:02}:{minute:02}"),
        2 => write!(out, "{sign}{hour:02}:{minute:02}:{second:02}"),
        3 => write!(out, "{sign}{hour:02}"),
        _ => write!(out, "{sign}{hour:02}{minute:02}"),
    };
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn utc(epoch: f64, format: &str) -> String {
        strftime(epoch, format, &Zone::utc()).unwrap()
    }

    #[test]
    fn every_variable() {
        // Thursday 2019-07-18 09:30:00.123456 UTC
        let at = 1_563_442_200.123_456;
        for (format, wanted) in [
            ("%c", "Thu Jul 18 09:30:00 2019"),
            ("%+", "Thu Jul 18 09:30:00 UTC 2019"),
            ("%Ez", "+0"),
            ("%f", "123456"),
            ("%H", "09"),
            ("%I", "09"),
            ("%k", " 9"),
            ("%l", " 9"),
            ("%M", "30"),
            ("%N", "123456000"),
            ("%1N", "1"),
            ("%3N", "123"),
            ("%6N", "123456"),
            ("%9N", "123456000"),
            ("%p", "AM"),
            ("%Q", "123"),
            ("%3Q", "123"),
            ("%6Q", "123456"),
            ("%9Q", "123456000"),
            ("%S", "00"),
            ("%s", "1563442200"),
            ("%T", "09:30:00"),
            ("%X", "09:30:00"),
            ("%Z", "UTC"),
            ("%z", "+0000"),
            ("%:z", "+00:00"),
            ("%::z", "+00:00:00"),
            ("%:::z", "+00"),
            ("%%", "%"),
            ("%F", "2019-07-18"),
            ("%x", "07/18/2019"),
            ("%A", "Thursday"),
            ("%a", "Thu"),
            ("%w", "4"),
            ("%u", "4"),
            ("%d", "18"),
            ("%e", "18"),
            ("%j", "199"),
            ("%V", "29"),
            ("%U", "28"),
            ("%W", "28"),
            ("%G", "2019"),
            ("%g", "19"),
            ("%b", "Jul"),
            ("%B", "July"),
            ("%h", "Jul"),
            ("%m", "07"),
            ("%y", "19"),
            ("%Y", "2019"),
            ("%C", "20"),
            ("%D", "07/18/19"),
            ("%R", "09:30"),
            ("%r", "09:30:00 AM"),
            ("%n%t", "\n\t"),
            ("%-m/%-d", "7/18"),
            ("%-H", "9"),
            ("%_H", " 9"),
            ("%0k", "09"),
            ("%P", "am"),
        ] {
            assert_eq!(utc(at, format), wanted, "{format}");
        }
    }

    #[test]
    fn what_is_no_variable_stays() {
        for same in ["", "plain", "%", "100%", "%L", "%-", "%-?", "%4Z", "%E", "%Ex", "%:", "%:q", "%::::z", "%é", "日本%", "%0"] {
            assert_eq!(utc(0.0, same), same);
        }
        assert_eq!(utc(0.0, "%L%d"), "%L01");
    }

    #[test]
    fn offsets_follow_the_zone() {
        let at = |format, zone| strftime(1_720_000_000.0, format, &Zone::parse(zone).unwrap()).unwrap();
        assert_eq!(at("%Y-%m-%dT%H:%M:%S%:z %Z", "America/Los_Angeles"), "2024-07-03T02:46:40-07:00 PDT");
        assert_eq!(at("%z %::z %:::z %Ez", "Asia/Kolkata"), "+0530 +05:30:00 +05 +330");
        assert_eq!(at("%Ez", "-08:00"), "-480");
    }

    #[test]
    fn subseconds_are_cut_and_round_to_microseconds_only() {
        assert_eq!(utc(1.9999, "%S.%3N"), "01.999");
        assert_eq!(utc(1.999_999_9, "%S.%6N"), "02.000000");
        assert_eq!(utc(1.999, "%s"), "1");
        assert_eq!(utc(-0.25, "%F %T.%2N"), "1969-12-31 23:59:59.75");
    }

    #[test]
    fn no_civil_time_is_none() {
        for bad in [f64::NAN, f64::INFINITY, -f64::INFINITY, 1e300, -1e300, 1.7e15] {
            assert_eq!(strftime(bad, "%Y", &Zone::utc()), None);
        }
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(200))]
        #[test]
        fn never_panics(epoch in any::<f64>(), near in -7e10f64..3e11, format in "(%?[-_0-9:E]?\\PC)*") {
            for zone in ["UTC", "Europe/Berlin", "-12:34"] {
                let zone = Zone::parse(zone).unwrap();
                strftime(epoch, &format, &zone);
                strftime(near, &format, &zone);
            }
        }
    }
}
