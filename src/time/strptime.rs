//! `strptime`: text read by a format.

use super::civil::{self, Civil};
use super::format::{MINUTES_ONLY, MONTHS, Piece, WEEKDAYS, pieces};
use super::zone::{self, Zone};

/// A format to read by, split once for a whole column of values.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Pattern {
    pieces: Vec<Piece>,
}

/// What the text has told so far.
#[derive(Default)]
struct Found {
    epoch: Option<i64>,
    /// Nanoseconds within the second.
    nanos: u32,
    year: Option<i64>,
    short_year: Option<i64>,
    century: Option<i64>,
    month: Option<u32>,
    day: Option<u32>,
    yearday: Option<u32>,
    hour: Option<u32>,
    hour12: Option<u32>,
    afternoon: Option<bool>,
    minute: u32,
    second: u32,
    zone: Option<Zone>,
}

impl Pattern {
    /// Reads a format; the variables are those of [`super::Format::parse`].
    pub fn parse(format: &str) -> Pattern {
        Pattern { pieces: pieces(format) }
    }

    /// Reads `text` as an instant in seconds; `None` when it does not fit or names a date or time that does not exist.
    ///
    /// * Text after the last variable is let pass; white space in the format matches any run of it, also none.
    /// * Names of months and days may be full or short, in any case. A weekday or week number is read and does not count.
    /// * Subsecond variables read as many digits as they say, and pass over further ones.
    /// * No zone in the text: `zone`. No date: the day of `now`. A missing year is that of `now`; a missing month or day is the first,
    ///   but `%d` alone is a day of this month. No time: midnight. `%p` counts with `%I` and `%l` only.
    pub fn read(&self, text: &str, zone: &Zone, now: f64) -> Option<f64> {
        let mut found = Found::default();
        let mut rest = text;
        for (index, piece) in self.pieces.iter().enumerate() {
            rest = match piece {
                Piece::Text(literal) => skip_literal(literal, rest)?,
                Piece::Subsecond(digits) => {
                    let next_is_number = self.pieces.get(index + 1).is_some_and(reads_digits);
                    found.subsecond(rest, *digits, next_is_number)?
                }
                Piece::Offset(colons) => found.offset(rest.trim_start(), *colons)?,
                // `%s%3N`: an epoch in milliseconds has ten digits of seconds.
                Piece::Variable('s', _) if matches!(self.pieces.get(index + 1), Some(Piece::Subsecond(_))) => found.seconds(rest.trim_start(), 10)?,
                Piece::Variable(letter, _) => found.variable(*letter, rest.trim_start())?,
            };
        }
        found.instant(zone, now)
    }
}

/// Reads `text` by a format; see [`Pattern::read`].
pub fn strptime(text: &str, format: &str, zone: &Zone, now: f64) -> Option<f64> {
    Pattern::parse(format).read(text, zone, now)
}

/// Does the piece begin with a digit of its own?
fn reads_digits(piece: &Piece) -> bool {
    match piece {
        Piece::Variable(letter, _) => !matches!(letter, 'a' | 'A' | 'b' | 'B' | 'p' | 'P' | 'Z'),
        Piece::Subsecond(_) => true,
        Piece::Text(_) | Piece::Offset(_) => false,
    }
}

fn skip_literal<'t>(literal: &str, text: &'t str) -> Option<&'t str> {
    let mut rest = text;
    for wanted in literal.chars() {
        rest = if wanted.is_whitespace() { rest.trim_start() } else { rest.strip_prefix(wanted)? };
    }
    Some(rest)
}

/// Reads 1 to `width` digits whose value lies between `low` and `high`.
fn number(text: &str, width: usize, low: i64, high: i64) -> Option<(i64, &str)> {
    let length = text.bytes().take(width).take_while(u8::is_ascii_digit).count();
    let (digits, rest) = text.split_at_checked(length)?;
    let value = digits.parse().ok()?;
    (low <= value && value <= high).then_some((value, rest))
}

/// Reads a number below 100 of at most two digits.
fn two(text: &str, low: u32, high: u32) -> Option<(u32, &str)> {
    number(text, 2, i64::from(low), i64::from(high)).map(|(value, rest)| (value as u32, rest))
}

/// Reads a name, full or its first three letters, in any case; gives its place in the list.
pub(super) fn name<'t>(text: &'t str, names: &[&str]) -> Option<(u32, &'t str)> {
    let short = |text: &str| text.as_bytes().first_chunk::<3>().map(|letters| letters.map(|b| b.to_ascii_lowercase()));
    let wanted = short(text)?;
    let (index, full) = (0..).zip(names).find(|(_, full)| short(full) == Some(wanted))?;
    let is_full = text.get(..full.len()).is_some_and(|start| start.eq_ignore_ascii_case(full));
    let length = if is_full { full.len() } else { 3 };
    Some((index, text.get(length..)?))
}

impl Found {
    fn variable<'t>(&mut self, letter: char, text: &'t str) -> Option<&'t str> {
        let rest = match letter {
            'Y' | 'G' => {
                let (year, rest) = number(text, 4, 0, 9999)?;
                if letter == 'Y' {
                    self.year = Some(year);
                }
                rest
            }
            'C' => keep(number(text, 2, 0, 99)?, &mut self.century),
            'y' => keep(number(text, 2, 0, 99)?, &mut self.short_year),
            'm' => keep(two(text, 1, 12)?, &mut self.month),
            'd' | 'e' => keep(two(text, 1, 31)?, &mut self.day),
            'j' => {
                let (day, rest) = number(text, 3, 1, 366)?;
                keep((day as u32, rest), &mut self.yearday)
            }
            'H' | 'k' => keep(two(text, 0, 23)?, &mut self.hour),
            'I' | 'l' => keep(two(text, 1, 12)?, &mut self.hour12),
            'M' => set(two(text, 0, 59)?, &mut self.minute),
            'S' => set(two(text, 0, 60)?, &mut self.second),
            'b' | 'B' => {
                let (index, rest) = name(text, &MONTHS)?;
                keep((index + 1, rest), &mut self.month)
            }
            'a' | 'A' => name(text, &WEEKDAYS)?.1,
            'p' | 'P' => {
                let mark = text.get(..2)?;
                let afternoon = mark.eq_ignore_ascii_case("pm");
                (afternoon || mark.eq_ignore_ascii_case("am")).then_some(())?;
                keep((afternoon, text.get(2..)?), &mut self.afternoon)
            }
            's' => self.seconds(text, 20)?,
            'u' => number(text, 1, 1, 7)?.1,
            'w' => number(text, 1, 0, 6)?.1,
            'g' => number(text, 2, 0, 99)?.1,
            'U' | 'V' | 'W' => number(text, 2, 0, 53)?.1,
            'Z' => self.zone_name(text)?,
            _ => return None,
        };
        Some(rest)
    }

    /// `%s`: seconds since 1970 in at most so many digits.
    fn seconds<'t>(&mut self, text: &'t str, width: usize) -> Option<&'t str> {
        let (sign, digits) = text.strip_prefix('-').map_or((1, text), |digits| (-1, digits));
        let (seconds, rest) = number(digits, width, 0, civil::MAX_SECONDS)?;
        Some(keep((sign * seconds, rest), &mut self.epoch))
    }

    /// `%N`, `%Q`, `%f`: digits of the fraction. Digits beyond `width` are passed over when no number follows in the format.
    fn subsecond<'t>(&mut self, text: &'t str, width: usize, next_is_number: bool) -> Option<&'t str> {
        let all = text.bytes().take_while(u8::is_ascii_digit).count();
        let taken = all.min(width).min(9);
        let digits: u32 = text.get(..taken)?.parse().ok()?;
        self.nanos = digits.checked_mul(10_u32.checked_pow(9 - taken as u32)?)?;
        text.get(if next_is_number { taken } else { all }..)
    }

    /// `%z` and its kin: `Z`, `+hh`, `+hhmm`, `+hh:mm`, `UTC` or `GMT`; `%Ez`: signed minutes.
    fn offset<'t>(&mut self, text: &'t str, colons: u8) -> Option<&'t str> {
        if colons == MINUTES_ONLY {
            let (sign, digits) = match text.strip_prefix('-') {
                Some(digits) => (-1, digits),
                None => (1, text.strip_prefix('+').unwrap_or(text)),
            };
            let (minutes, rest) = number(digits, 4, 0, 1439)?;
            return Some(keep((Zone::fixed(sign * minutes as i32 * 60), rest), &mut self.zone));
        }
        if let Some((seconds, rest)) = zone::read_offset(text) {
            // The seconds of `%::z` do not count.
            let rest = if colons == 2 { rest.strip_prefix(':').map_or(Some(rest), |more| more.get(2..))? } else { rest };
            return Some(keep((Zone::fixed(seconds), rest), &mut self.zone));
        }
        let named = ["UTC", "GMT", "Z"].iter().find(|name| text.get(..name.len()).is_some_and(|start| start.eq_ignore_ascii_case(name)))?;
        Some(keep((Zone::utc(), text.get(named.len()..)?), &mut self.zone))
    }

    /// `%Z`: an abbreviation, an IANA name or an offset.
    fn zone_name<'t>(&mut self, text: &'t str) -> Option<&'t str> {
        if text.starts_with(['+', '-']) {
            return self.offset(text, 0);
        }
        let part_of_name = |b: &u8| b.is_ascii_alphanumeric() || matches!(b, b'/' | b'_' | b'-' | b'+');
        let letters = text.bytes().take_while(u8::is_ascii_alphabetic).count();
        let longest = text.bytes().take_while(part_of_name).count();
        [longest, letters].into_iter().find_map(|length| {
            let (name, rest) = text.split_at_checked(length)?;
            let zone = Zone::parse_abbreviation(name)?;
            Some(keep((zone, rest), &mut self.zone))
        })
    }

    fn instant(&self, zone: &Zone, now: f64) -> Option<f64> {
        let seconds = match self.epoch {
            Some(epoch) => epoch,
            None => {
                let zone = self.zone.as_ref().unwrap_or(zone);
                let local = self.local_seconds(|| Some(Civil::from_local(zone.to_local(civil::micros(now)?))))?;
                zone.to_utc_seconds(local)
            }
        };
        Some(seconds as f64 + f64::from(self.nanos) / 1e9)
    }

    /// The local time found, completed from `today`, which is asked only when something lacks.
    fn local_seconds(&self, today: impl Fn() -> Option<Civil>) -> Option<i64> {
        let year = match (self.year, self.short_year, self.century) {
            (Some(year), _, _) => Some(year),
            (None, short, Some(century)) => Some(century * 100 + short.unwrap_or(0)),
            (None, Some(short), None) => Some(if short < 69 { 2000 + short } else { 1900 + short }),
            (None, None, None) => None,
        };
        let date = match (year, self.month, self.day, self.yearday) {
            (Some(year), Some(month), day, _) => (year, month, day.unwrap_or(1)),
            (year, None, None, Some(yearday)) => {
                let year = year.or_else(|| Some(today()?.year))?;
                let date = civil::date(civil::checked_days(year, 1, 1)? + i64::from(yearday) - 1);
                (date.0 == year).then_some(date)?
            }
            (Some(year), None, day, _) => (year, 1, day.unwrap_or(1)),
            (None, Some(month), day, _) => (today()?.year, month, day.unwrap_or(1)),
            (None, None, Some(day), _) => today().map(|today| (today.year, today.month, day))?,
            (None, None, None, None) => today().map(|today| (today.year, today.month, today.day))?,
        };
        let hour = match (self.hour, self.hour12, self.afternoon) {
            (_, Some(hour), Some(afternoon)) => hour % 12 + 12 * u32::from(afternoon),
            (Some(hour), _, _) => hour,
            // A 12-hour clock without AM or PM: the hour as written, so that 12 is noon.
            (None, hour, _) => hour.unwrap_or(0),
        };
        civil::checked_seconds(date, (hour, self.minute, self.second))
    }
}

fn keep<'t, T>((value, rest): (T, &'t str), place: &mut Option<T>) -> &'t str {
    *place = Some(value);
    rest
}

fn set<'t, T>((value, rest): (T, &'t str), place: &mut T) -> &'t str {
    *place = value;
    rest
}

#[cfg(test)]
mod tests {
    use super::super::strftime::strftime;
    use super::*;
    use proptest::prelude::*;

    /// 2024-05-15 12:00:00 UTC
    const NOW: f64 = 1_715_774_400.0;

    fn utc(text: &str, format: &str) -> Option<f64> {
        strptime(text, format, &Zone::utc(), NOW)
    }

    #[test]
    fn dates_and_times() {
        for (text, format, wanted) in [
            ("2024-03-01 10:00:00", "%Y-%m-%d %H:%M:%S", 1_709_287_200.0),
            ("3/1/2024 9:5:7", "%m/%d/%Y %H:%M:%S", 1_709_283_907.0),
            ("01/MAR/2024:10:00:00 +0200", "%d/%b/%Y:%H:%M:%S %z", 1_709_280_000.0),
            ("friday 1 mar 24 12:30 am", "%A %d %B %y %I:%M %p", 1_709_253_000.0),
            ("Fri March 1 2024 12:30PM", "%a %b %e %Y %I:%M%p", 1_709_296_200.0),
            ("2024-03-01T10:00:00.25Z", "%Y-%m-%dT%H:%M:%S.%Q%z", 1_709_287_200.25),
            ("2024-03-01T10:00:00.250000Z", "%FT%T.%3N%Z", 1_709_287_200.25),
            ("20240301100000123", "%Y%m%d%H%M%S%3N", 1_709_287_200.123),
            ("2024-03-01 10:00:00 PST", "%F %T %Z", 1_709_316_000.0),
            ("2024-03-01 10:00:00 Europe/Berlin", "%F %T %Z", 1_709_283_600.0),
            ("Thu Jul 18 09:30:00 2019", "%c", 1_563_442_200.0),
            ("Thu Jul 18 09:30:00 UTC 2019", "%+", 1_563_442_200.0),
            ("07/18/19 09:30", "%D %R", 1_563_442_200.0),
            ("1700000000.5 tail", "%s.%N", 1_700_000_000.5),
            ("1700000000123", "%s%3N", 1_700_000_000.123),
            ("1700000000123456", "%s%6N", 1_700_000_000.123456),
            ("-5", "%s", -5.0),
            ("2024-061", "%Y-%j", 1_709_251_200.0),
            ("2024-03", "%Y-%m", 1_709_251_200.0),
            ("2024", "%Y", 1_704_067_200.0),
            ("69 68", "%y", -31_536_000.0),
            ("Mar 1", "%b %d", 1_709_251_200.0),
            ("10:30", "%H:%M", 1_715_769_000.0),
            ("12:30", "%I:%M", 1_715_776_200.0),
            ("2024-03-01and more", "%Y-%m-%d", 1_709_251_200.0),
            ("2024-03-01  \t10", "%Y-%m-%d %H", 1_709_287_200.0),
            ("2024-03-01 -480", "%F %Ez", 1_709_280_000.0),
            ("100% 2024", "100%% %Y", 1_704_067_200.0),
        ] {
            assert_eq!(utc(text, format), Some(wanted), "{text:?} by {format:?}");
        }
    }

    #[test]
    fn what_does_not_fit_is_none() {
        for (text, format) in [
            ("", "%Y"),
            ("not a date", "%Y-%m-%d"),
            ("2023-13-01", "%Y-%m-%d"),
            ("2023-02-30", "%Y-%m-%d"),
            ("25:00", "%H:%M"),
            ("10:60", "%H:%M"),
            ("13 PM", "%I %p"),
            ("10 XM", "%I %p"),
            ("2024/03/01", "%Y-%m-%d"),
            ("Foo 1", "%b %d"),
            ("2023-366", "%Y-%j"),
            ("10 +25:00", "%H %z"),
            ("10 NOWHERE", "%H %Z"),
            ("2024-03-01 10:00", "%F %T"),
            ("é", "%p"),
            ("é", "%b"),
            ("2024", "%Y%L"),
            ("1700000000123456", "%s"),
        ] {
            assert_eq!(utc(text, format), None, "{text:?} by {format:?}");
        }
        assert_eq!(strptime("10:00", "%H:%M", &Zone::utc(), f64::NAN), None);
    }

    #[test]
    fn local_time_is_that_of_the_zone() {
        let new_york = Zone::parse("America/New_York").unwrap();
        let read = |text| strptime(text, "%Y-%m-%d %H:%M", &new_york, NOW);
        assert_eq!(read("2024-07-01 12:00"), Some(1_719_849_600.0));
        assert_eq!(read("2024-03-10 02:30"), Some(1_710_055_800.0));
        assert_eq!(read("2024-11-03 01:30"), Some(1_730_611_800.0));
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(200))]

        #[test]
        fn reads_back_what_strftime_wrote(micros in -2_000_000_000_000_000i64..8_000_000_000_000_000, pick in 0usize..4) {
            let epoch = civil::epoch(micros);
            let zone = Zone::parse(["UTC", "Europe/Berlin", "+05:30", "America/New_York"][pick]).unwrap();
            for format in ["%Y-%m-%dT%H:%M:%S.%6N%z", "%A %d %B %Y %I:%M:%S.%f %p %:z", "%s.%Q %6N", "%Y %j %k:%M:%S.%9N %::z"] {
                // `%s.%Q %6N` also shows that a later fraction counts.
                let text = strftime(epoch, format, &zone).unwrap();
                let back = strptime(&text, format, &zone, NOW).unwrap();
                prop_assert!((back - epoch).abs() < 2e-5, "{} by {}: {} for {}", text, format, back, epoch);
            }
        }

        #[test]
        fn never_panics(text in "\\PC{0,24}", digits in "[-+0-9:/ .TZaApPmM]{0,24}", format in "(%?[-_0-9:E]?\\PC)*", now in any::<f64>()) {
            for text in [&text, &digits] {
                strptime(text, &format, &Zone::utc(), now);
                strptime(text, "%Y-%m-%d%H%M%S%N%z", &Zone::parse("Europe/Berlin").unwrap(), now);
                strptime(text, "%b%A%p%Z%Ez%s%j", &Zone::utc(), now);
            }
        }
    }
}
