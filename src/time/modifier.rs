//! Splunk's time modifiers: `-7d@d`, `@w1+9h`, an epoch, or a date, as `earliest=`, `latest=` and `relative_time()` take them.

use super::civil::{self, DAY, SECOND};
use super::span::Span;
use super::stamp;
use super::strptime::strptime;
use super::unit::{Length, Unit};
use super::zone::Zone;
use std::fmt;

/// An instant told from another one: offsets and snaps, applied from left to right.
#[derive(Clone, Debug, PartialEq)]
pub struct Modifier {
    start: Start,
    steps: Vec<Step>,
}

#[derive(Clone, Debug, PartialEq)]
enum Start {
    Now,
    /// Seconds since 1970 UTC.
    Epoch(f64),
    /// A date and time as written; its zone, when it names none, is known when it is applied.
    Written(String),
}

#[derive(Clone, Copy, Debug, PartialEq)]
enum Step {
    Move(i64, Unit),
    /// Down to the start of the unit.
    Snap(Unit),
    /// Down to the last such weekday, 0 being Sunday.
    SnapWeekday(i64),
}

/// Why a text is no time modifier.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ModifierError {
    /// Where it goes wrong, in bytes from the start of the text.
    pub offset: usize,
    /// What is wrong and what to write, as a sentence.
    pub message: String,
}

impl fmt::Display for ModifierError {
    fn fmt(&self, f: &mut fmt::Formatter) -> fmt::Result {
        f.write_str(&self.message)
    }
}

impl std::error::Error for ModifierError {}

/// The forms of a time, for messages about a text that is none.
pub const FORMS: &str = "A time is relative, as -24h, -7d@d or now; a date, as 2024-03-01, 2024-03-01T10:00:00 or 03/01/2024:10:00:00; or seconds since 1970.";

const UNITS: &str = "s, m, h, d, w, mon, q or y";

/// Splunk's own way to write a date and time in `earliest=` and `latest=`.
const WRITTEN: &str = "%m/%d/%Y:%H:%M:%S";

impl Modifier {
    /// Reads a modifier.
    ///
    /// * relative: `[+|-]N unit` and `@unit` in any number, such as `-1d@d+9h`; no number means 1; `@w0` to `@w7` snap to a weekday, 0 and
    ///   7 being Sunday; `now` or `now()` may stand first
    /// * absolute: seconds since 1970 such as `1700000000.5`; `03/01/2024:10:00:00`; an ISO 8601 date or date and time. Steps may
    ///   not follow these.
    ///
    /// Real-time modifiers (`rt…`) are refused, as there is nothing to wait for in files.
    pub fn parse(text: &str) -> Result<Modifier, ModifierError> {
        let error = |offset, message: String| ModifierError { offset, message };
        let trimmed = text.trim();
        let lead = text.len() - text.trim_start().len();
        if trimmed.is_empty() {
            return Err(error(0, "A time modifier is empty: write one such as -24h, -7d@d or now.".into()));
        }
        if trimmed.starts_with("rt") {
            let message = "Real-time searches do not apply to files: write the modifier without `rt`, such as -5m or now.";
            return Err(error(lead, message.into()));
        }
        if let Some(start) = absolute(trimmed) {
            return Ok(Modifier { start, steps: Vec::new() });
        }
        let relative = trimmed.strip_prefix("now()").or_else(|| trimmed.strip_prefix("now")).unwrap_or(trimmed);
        let mut reader = Reader { text, at: lead + trimmed.len() - relative.len(), end: lead + trimmed.len() };
        let mut steps = Vec::new();
        while !reader.rest().is_empty() {
            steps.push(reader.step()?);
        }
        Ok(Modifier { start: Start::Now, steps })
    }

    /// Is it the same instant whatever `now` is?
    pub fn is_absolute(&self) -> bool {
        self.start != Start::Now
    }

    /// The instant in seconds, told from `now`.
    ///
    /// Seconds, minutes and hours are exact times; days, weeks, months and years keep the local clock time, and a day that the month
    /// lacks becomes its last. Snaps go down to the start of the unit in local time. What leaves the years 1 to 9999 stops at
    /// their end; `now` itself is given back when it lies outside.
    pub fn apply(&self, now: f64, zone: &Zone) -> f64 {
        let start = match &self.start {
            Start::Now => now,
            Start::Epoch(epoch) => *epoch,
            Start::Written(text) => return written(text, zone).unwrap_or(now),
        };
        let Some(micros) = civil::micros(start) else {
            return start;
        };
        if self.steps.is_empty() {
            return start;
        }
        civil::epoch(self.steps.iter().fold(micros, |at, step| limit(step.apply(at, zone))))
    }
}

/// Reads `modifier` and applies it to `now`, both as in [`Modifier`].
pub fn relative_time(now: f64, modifier: &str, zone: &Zone) -> Result<f64, ModifierError> {
    Ok(Modifier::parse(modifier)?.apply(now, zone))
}

fn absolute(text: &str) -> Option<Start> {
    let number = text.bytes().all(|b| b.is_ascii_digit() || b == b'.') && text.starts_with(|c: char| c.is_ascii_digit());
    if number {
        let epoch: f64 = text.parse().ok()?;
        return civil::micros(epoch).map(|_| Start::Epoch(epoch));
    }
    written(text, &Zone::utc()).map(|_| Start::Written(text.to_string()))
}

fn written(text: &str, zone: &Zone) -> Option<f64> {
    let slashes = || {
        let epoch = strptime(text, WRITTEN, zone, 0.0)?;
        // What strptime lets pass after the format, `10:00:00x`, is no date here: a fraction may follow, and nothing else.
        let tail = text.rsplit(':').next()?.get(2..)?;
        match tail.strip_prefix('.') {
            _ if tail.is_empty() => Some(epoch),
            Some(fraction) if !fraction.is_empty() && fraction.bytes().all(|b| b.is_ascii_digit()) => Some(epoch + tail.parse::<f64>().ok()?),
            _ => None,
        }
    };
    stamp::iso(text, zone).or_else(slashes)
}

struct Reader<'t> {
    text: &'t str,
    at: usize,
    end: usize,
}

impl<'t> Reader<'t> {
    fn rest(&self) -> &'t str {
        self.text.get(self.at..self.end).unwrap_or("")
    }

    fn take(&mut self, wanted: impl Fn(&u8) -> bool) -> &'t str {
        let rest = self.rest();
        let length = rest.bytes().take_while(wanted).count();
        self.at += length;
        rest.get(..length).unwrap_or("")
    }

    fn step(&mut self) -> Result<Step, ModifierError> {
        let start = self.at;
        let fail = |offset, message: String| Err(ModifierError { offset, message });
        let sign = self.rest().chars().next().unwrap_or(' ');
        if !matches!(sign, '+' | '-' | '@') {
            let rest = self.rest();
            let message = if rest.starts_with(|c: char| c.is_ascii_digit()) && start == 0 {
                format!("`{rest}` is neither an epoch nor a date; an offset begins with its sign: write -{rest} for the past.")
            } else {
                format!("A modifier goes on with +, - or @, not with `{rest}`: write one such as -1d@d+9h.")
            };
            return fail(start, message);
        }
        self.at += 1;
        let number_at = self.at;
        let digits = self.take(u8::is_ascii_digit);
        let unit_at = self.at;
        let name = self.take(u8::is_ascii_alphabetic);
        if name.is_empty() {
            let message = match (sign, self.rest().is_empty()) {
                ('@', _) => format!("A unit is missing after `@`: write {UNITS}, such as @d."),
                _ => format!("A unit is missing after `{sign}{digits}`: write {UNITS}, such as {sign}{digits}h."),
            };
            return fail(unit_at, message);
        }
        if sign == '@' && !digits.is_empty() {
            return fail(number_at, format!("A snap takes no number: write @{name}, and offsets before or after it."));
        }
        if sign == '@' && name == "w" && self.rest().starts_with(|c: char| c.is_ascii_digit()) {
            let weekday_at = self.at;
            return match self.take(u8::is_ascii_digit).parse() {
                Ok(day @ 0..=7) => Ok(Step::SnapWeekday(day % 7)),
                _ => fail(weekday_at, "Weekdays are @w0 (Sunday) to @w6 (Saturday); @w7 is Sunday too.".into()),
            };
        }
        let Some(unit) = Unit::from_name(name).filter(|unit| !unit.is_subsecond()) else {
            return fail(unit_at, format!("`{name}` is no unit of time: write {UNITS}, in lower case."));
        };
        if sign == '@' {
            return Ok(Step::Snap(unit));
        }
        let count: i64 = match digits {
            "" => 1,
            // More than this leaves the calendar in any unit.
            digits if digits.len() > 12 => {
                return fail(number_at, format!("`{digits}` is too large a number: write at most twelve digits."));
            }
            digits => digits.parse().unwrap_or(1),
        };
        Ok(Step::Move(if sign == '-' { -count } else { count }, unit))
    }
}

impl Step {
    fn apply(self, at: i64, zone: &Zone) -> i64 {
        match self {
            Step::Move(count, unit) => match unit.length() {
                Length::Micros(one) => at.saturating_add(count.saturating_mul(one)),
                Length::Days(one) => {
                    let moved = zone.to_local(at).saturating_add(count.saturating_mul(one).saturating_mul(DAY));
                    zone.to_utc(limit(moved))
                }
                Length::Months(one) => zone.to_utc(add_months(zone.to_local(at), count.saturating_mul(one))),
            },
            Step::Snap(unit) => {
                let down = Span::new(1, unit).map(|span| span.floor(civil::epoch(at), zone, None));
                down.and_then(civil::micros).unwrap_or(at)
            }
            Step::SnapWeekday(weekday) => {
                let day = zone.to_local(at).div_euclid(DAY);
                // Day 0, 1970-01-01, was a Thursday.
                let back = (day + 4 - weekday).rem_euclid(7);
                zone.to_utc((day - back).saturating_mul(DAY))
            }
        }
    }
}

/// Keeps an instant within the years 1 to 9999.
fn limit(micros: i64) -> i64 {
    micros.clamp(civil::MIN_SECONDS * SECOND, civil::MAX_SECONDS * SECOND)
}

/// Moves a local time by calendar months; a day that the month lacks becomes its last.
fn add_months(local: i64, months: i64) -> i64 {
    let (year, month, day) = civil::date(local.div_euclid(DAY));
    let number = (year * 12 + i64::from(month) - 1).saturating_add(months).clamp(12, 12 * 10_000 - 1);
    let (year, month) = (number.div_euclid(12), number.rem_euclid(12) as u32 + 1);
    let day = day.min(civil::days_in_month(year, month));
    civil::days(year, month, day) * DAY + local.rem_euclid(DAY)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// Written as `%F %T` in the zone: Friday 2024-05-31 13:47:33 UTC moved by the modifier.
    fn moved(text: &str, now: f64, zone: &str) -> String {
        let zone = Zone::parse(zone).unwrap();
        super::super::strftime(relative_time(now, text, &zone).unwrap(), "%F %T", &zone).unwrap()
    }

    #[test]
    fn offsets_and_snaps() {
        for (text, wanted) in [
            ("now", "2024-05-31 13:47:33"),
            ("now()", "2024-05-31 13:47:33"),
            ("now-1h", "2024-05-31 12:47:33"),
            ("-7d@d", "2024-05-24 00:00:00"),
            ("+1h", "2024-05-31 14:47:33"),
            ("-h", "2024-05-31 12:47:33"),
            ("-30m@h+5m", "2024-05-31 13:05:00"),
            ("@w", "2024-05-26 00:00:00"),
            ("@w0", "2024-05-26 00:00:00"),
            ("@w7", "2024-05-26 00:00:00"),
            ("@w1", "2024-05-27 00:00:00"),
            ("@w5", "2024-05-31 00:00:00"),
            ("@w6", "2024-05-25 00:00:00"),
            ("@q", "2024-04-01 00:00:00"),
            ("@mon", "2024-05-01 00:00:00"),
            ("-mon@mon", "2024-04-01 00:00:00"),
            ("-1mon", "2024-04-30 13:47:33"),
            ("-3mon", "2024-02-29 13:47:33"),
            ("+9months", "2025-02-28 13:47:33"),
            ("-1y@y", "2023-01-01 00:00:00"),
            ("-1d@d+9h", "2024-05-30 09:00:00"),
            ("-2weeks", "2024-05-17 13:47:33"),
            ("-1qtr@quarter", "2024-01-01 00:00:00"),
            ("@d-2hrs+15mins-10secs", "2024-05-30 22:14:50"),
            ("1700000000", "2023-11-14 22:13:20"),
            ("0", "1970-01-01 00:00:00"),
            ("03/01/2024:10:00:00", "2024-03-01 10:00:00"),
            ("2024-03-01T10:00:00", "2024-03-01 10:00:00"),
            ("2024-03-01 10:00:00", "2024-03-01 10:00:00"),
            ("2024-03-01", "2024-03-01 00:00:00"),
            ("2024-03-01T10:00:00Z", "2024-03-01 10:00:00"),
            ("2024-03-01T10:00:00+02:00", "2024-03-01 08:00:00"),
            (" -1d ", "2024-05-30 13:47:33"),
            ("-999999999999y", "0001-01-31 13:47:33"),
            ("+999999999999s", "9999-12-31 23:59:59"),
        ] {
            assert_eq!(moved(text, 1_717_163_253.0, "UTC"), wanted, "{text}");
        }
    }

    #[test]
    fn clocks_that_change() {
        // 2024-03-10 and 2024-11-03 12:00 in New York.
        for (text, now, wanted) in [
            ("-1d", 1_710_086_400.0, "2024-03-09 12:00:00"),
            ("-24h", 1_710_086_400.0, "2024-03-09 11:00:00"),
            ("@d", 1_710_086_400.0, "2024-03-10 00:00:00"),
            ("-1d@d", 1_730_653_200.0, "2024-11-02 00:00:00"),
            ("@w1", 1_730_653_200.0, "2024-10-28 00:00:00"),
            ("@h", 1_730_615_400.0, "2024-11-03 01:00:00"),
        ] {
            assert_eq!(moved(text, now, "America/New_York"), wanted, "{text}");
        }
        let berlin = Zone::parse("Europe/Berlin").unwrap();
        assert_eq!(relative_time(0.0, "2024-07-01", &berlin), Ok(1_719_784_800.0));
    }

    #[test]
    fn fractions_stay_unless_snapped() {
        assert_eq!(relative_time(10.25, "+1s", &Zone::utc()), Ok(11.25));
        assert_eq!(relative_time(10.25, "@s", &Zone::utc()), Ok(10.0));
        assert_eq!(relative_time(0.0, "1700000000.5", &Zone::utc()), Ok(1_700_000_000.5));
        assert_eq!(relative_time(0.0, "03/01/2024:10:00:00.25", &Zone::utc()), Ok(1_709_287_200.25));
    }

    #[test]
    fn errors_point_and_tell_what_to_do() {
        for (text, offset, part) in [
            ("", 0, "-7d@d"),
            ("rt-5m", 0, "without `rt`"),
            ("1h", 0, "-1h"),
            ("-5", 2, "-5h"),
            ("-5x", 2, "`x`"),
            ("@", 1, "@d"),
            ("-1d@", 4, "@d"),
            ("@w8", 2, "@w0"),
            ("@5d", 1, "no number"),
            ("-1d d", 3, "+, - or @"),
            ("-1D", 2, "lower case"),
            ("yesterday", 0, "+, - or @"),
            ("-5ms", 2, "`ms`"),
            ("-9999999999999d", 1, "twelve"),
            ("2024-13-01", 0, "date"),
            ("03/01/2024:10:00:00x", 0, "date"),
            ("1e400", 0, "epoch"),
            ("99999999999999999", 0, "epoch"),
            ("  -5x", 4, "`x`"),
            ("-é", 1, "missing"),
        ] {
            let error = Modifier::parse(text).unwrap_err();
            assert_eq!(error.offset, offset, "{text}: {error}");
            assert!(error.message.contains(part) && error.message.ends_with('.'), "{text}: {error}");
        }
    }

    #[test]
    fn an_instant_outside_the_calendar_is_given_back() {
        for now in [f64::INFINITY, 1e300, -1e300] {
            assert_eq!(relative_time(now, "-1d@mon", &Zone::utc()), Ok(now));
        }
        assert!(relative_time(f64::NAN, "-1d", &Zone::utc()).unwrap().is_nan());
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(300))]

        #[test]
        fn never_panics(text in "\\PC{0,16}", near in "(([-+@][0-9]{0,12}(s|m|h|d|w|mon|q|y|w[0-9])){0,4})", now in any::<f64>()) {
            for zone in ["UTC", "America/New_York"] {
                let zone = Zone::parse(zone).unwrap();
                for now in [now, 0.0, -6.2e10, 2.5e11] {
                    let _ = relative_time(now, &text, &zone);
                    let _ = relative_time(now, &near, &zone);
                }
            }
        }

        #[test]
        fn a_snap_is_not_later_and_snaps_once(now in 0i64..4_000_000_000, pick in 0usize..8) {
            let text = ["@s", "@m", "@h", "@d", "@w3", "@mon", "@q", "@y"][pick];
            let zone = Zone::parse("Europe/Berlin").unwrap();
            let once = relative_time(now as f64, text, &zone).unwrap();
            prop_assert!(once <= now as f64);
            prop_assert_eq!(relative_time(once, text, &zone).unwrap(), once);
        }
    }
}
