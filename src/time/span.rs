//! Spans: the width of the time buckets of `bin` and `timechart`.

use super::civil::{self, DAY, SECOND};
use super::unit::{Length, Unit};
use super::zone::Zone;
use std::fmt;

/// So many units of time. Shown as it is typed: `5m`, `1mon`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Span {
    /// At least 1.
    count: u32,
    unit: Unit,
    /// The day that weeks begin with: 0 is Sunday.
    weekday: u8,
}

/// The day number of 1970-01-04, the first Sunday: weeks begin on Sundays where no other day is asked for.
const FIRST_SUNDAY: i64 = 3;

/// Widths that are chosen when none is given, finest first.
const NICE: &[(u32, Unit)] = &[
    (1, Unit::Second),
    (5, Unit::Second),
    (10, Unit::Second),
    (30, Unit::Second),
    (1, Unit::Minute),
    (5, Unit::Minute),
    (10, Unit::Minute),
    (30, Unit::Minute),
    (1, Unit::Hour),
    (1, Unit::Day),
    (1, Unit::Month),
    (1, Unit::Year),
    (10, Unit::Year),
    (100, Unit::Year),
];

/// The width for ranges that nothing finer fits.
const COARSEST: Span = Span { count: 1000, unit: Unit::Year, weekday: 0 };

impl Span {
    /// `None` for a count of 0.
    pub fn new(count: u32, unit: Unit) -> Option<Span> {
        (count > 0).then_some(Span { count, unit, weekday: 0 })
    }

    /// Reads `5m`, `1mon`, `100ms`, `h` (one hour), `30` (seconds). Units are those of [`Unit::from_name`]; no space between. What stands
    /// behind `@` says where the buckets begin: of weeks on which day (`w@w1`), of other units it is the unit that they begin with anyway.
    pub fn parse(text: &str) -> Option<Span> {
        if let Some((span, snap)) = text.split_once('@') {
            let span = Span::parse(span.trim_start_matches(['+', '-']))?;
            let (unit, day) = snap.split_at(snap.trim_end_matches(|c: char| c.is_ascii_digit()).len());
            let unit = Unit::from_name(unit)?;
            return match day {
                "" => Some(span),
                // Sunday is 0 and 7.
                day if unit == Unit::Week => day.parse().ok().filter(|d| *d <= 7).map(|d: u8| Span { weekday: d % 7, ..span }),
                _ => None,
            };
        }
        let digits = text.bytes().take_while(u8::is_ascii_digit).count();
        let (count, unit) = text.split_at_checked(digits)?;
        let unit = match (count, unit) {
            ("", "") => return None,
            (_, "") => Unit::Second,
            (_, name) => Unit::from_name(name)?,
        };
        let count = if count.is_empty() { 1 } else { count.parse().ok()? };
        Span::new(count, unit)
    }

    pub fn count(&self) -> u32 {
        self.count
    }

    pub fn unit(&self) -> Unit {
        self.unit
    }

    /// How many seconds the span lasts, with months of 30 days and years of 365: to compare spans, not to add them.
    pub fn seconds(&self) -> f64 {
        let days = |days: i64| days as f64 * 86_400.0;
        let one = match self.unit.length() {
            Length::Micros(micros) => civil::epoch(micros),
            Length::Days(count) => days(count),
            Length::Months(12) => days(365),
            Length::Months(count) => days(count * 30),
        };
        one * f64::from(self.count)
    }

    /// The start of the bucket that holds the instant `epoch` (seconds).
    ///
    /// * Widths below a day that divide a day are counted from local midnight, others from 1970 UTC; with `align` (an instant in seconds)
    ///   both are counted from there.
    /// * Days, weeks (from Sunday) and months are those of the local calendar, so that a day lasts 23 or 25 hours when clocks
    ///   change, and `align` does not count. Several days or weeks are counted from 1970, months from the year 0: `3mon` are quarters.
    ///
    /// An instant without a civil time is given back as it is.
    pub fn floor(&self, epoch: f64, zone: &Zone, align: Option<f64>) -> f64 {
        match civil::micros(epoch) {
            Some(micros) => civil::epoch(self.floor_micros(micros, zone, align.and_then(civil::micros))),
            None => epoch,
        }
    }

    /// The start of the bucket after the one that holds `epoch`, both in seconds; see [`Span::floor`]. An instant without a civil time is
    /// given back as it is.
    pub fn next(&self, epoch: f64, zone: &Zone, align: Option<f64>) -> f64 {
        match civil::micros(epoch) {
            Some(micros) => civil::epoch(self.next_micros(micros, zone, align.and_then(civil::micros))),
            None => epoch,
        }
    }

    fn floor_micros(&self, at: i64, zone: &Zone, align: Option<i64>) -> i64 {
        let count = i64::from(self.count);
        match (self.unit.length(), align) {
            (Length::Micros(one), Some(align)) => align.saturating_add(down(at.saturating_sub(align), one.saturating_mul(count))),
            (Length::Micros(one), None) => {
                let width = one.saturating_mul(count);
                let local = zone.to_local(at);
                match DAY % width {
                    // Within an hour that comes twice, the offset of the instant itself tells which.
                    0 if width <= 3600 * SECOND => at - (local - down(local, width)),
                    0 => zone.to_utc(down(local, width)).min(at),
                    _ => down(at, width),
                }
            }
            _ => zone.to_utc(self.floor_calendar(zone.to_local(at))).min(at),
        }
    }

    fn next_micros(&self, at: i64, zone: &Zone, align: Option<i64>) -> i64 {
        let start = self.floor_micros(at, zone, align);
        let count = i64::from(self.count);
        let width = match self.unit.length() {
            Length::Micros(one) => one.saturating_mul(count),
            Length::Days(one) => one.saturating_mul(count).saturating_mul(DAY),
            Length::Months(_) => 0,
        };
        let next = match (self.unit.length(), align) {
            (Length::Micros(_), None) if width > 3600 * SECOND && DAY % width == 0 => zone.to_utc(down(zone.to_local(at), width).saturating_add(width)),
            (Length::Micros(_), _) => start.saturating_add(width),
            (Length::Days(_), _) => zone.to_utc(self.floor_calendar(zone.to_local(at)).saturating_add(width)),
            (Length::Months(one), _) => {
                let month = month_number(self.floor_calendar(zone.to_local(at)));
                zone.to_utc(month_start(month.saturating_add(one.saturating_mul(count))))
            }
        };
        // Whatever a zone does to its clocks, buckets go forward.
        if next > at { next } else { at.saturating_add(width.max(SECOND)) }
    }

    /// The local start of the bucket of days, weeks or months that holds a local time; both in microseconds.
    fn floor_calendar(&self, local: i64) -> i64 {
        let count = i64::from(self.count);
        let day = local.div_euclid(DAY);
        match self.unit.length() {
            Length::Months(one) => month_start(down(month_number(local), one.saturating_mul(count))),
            Length::Days(7) => {
                let first = FIRST_SUNDAY + i64::from(self.weekday);
                (first + down(day - first, count.saturating_mul(7))).saturating_mul(DAY)
            }
            Length::Days(one) => down(day, one.saturating_mul(count)).saturating_mul(DAY),
            Length::Micros(_) => local,
        }
    }
}

impl fmt::Display for Span {
    fn fmt(&self, f: &mut fmt::Formatter) -> fmt::Result {
        write!(f, "{}{}", self.count, self.unit.name())?;
        if self.weekday > 0 { write!(f, "@w{}", self.weekday) } else { Ok(()) }
    }
}

/// The finest span of round width that cuts `range_seconds` into at most `bins` buckets: a day and 100 bins give `30m`.
pub fn auto_span(range_seconds: f64, bins: u32) -> Span {
    let bins = f64::from(bins.max(1));
    let fits = |span: &Span| range_seconds.abs() / span.seconds() <= bins;
    NICE.iter().map(|&(count, unit)| Span { count, unit, weekday: 0 }).find(fits).unwrap_or(COARSEST)
}

/// The greatest multiple of `width` that is not above `value`.
fn down(value: i64, width: i64) -> i64 {
    value.saturating_sub(value.checked_rem_euclid(width).unwrap_or(0))
}

/// Months since the year 0 of a local time in microseconds.
fn month_number(local: i64) -> i64 {
    let (year, month, _) = civil::date(local.div_euclid(DAY));
    year * 12 + i64::from(month) - 1
}

/// The local start of a month, counted since the year 0, in microseconds.
fn month_start(month: i64) -> i64 {
    // Beyond these years microseconds would not fit.
    let month = month.clamp(0, 12 * 200_000);
    civil::days(month.div_euclid(12), month.rem_euclid(12) as u32 + 1, 1).saturating_mul(DAY)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn span(text: &str) -> Span {
        Span::parse(text).unwrap()
    }

    #[test]
    fn reads_and_writes() {
        for (text, shown) in [("5m", "5m"), ("1", "1s"), ("h", "1h"), ("100ms", "100ms"), ("2weeks", "2w"), ("1month", "1mon"), ("1qtr", "1q")] {
            assert_eq!(span(text).to_string(), shown);
        }
        for bad in ["", "0s", "5x", "m5", "-5m", "5 m", "99999999999s", "1.5h", "é"] {
            assert_eq!(Span::parse(bad), None, "{bad}");
        }
    }

    #[test]
    fn floors_in_utc() {
        // Friday 2024-03-01 10:47:33.75
        let at = 1_709_290_053.75;
        for (text, wanted) in [
            ("100ms", 1_709_290_053.7),
            ("10s", 1_709_290_050.0),
            ("5m", 1_709_289_900.0),
            ("1h", 1_709_287_200.0),
            ("4h", 1_709_280_000.0),
            ("1d", 1_709_251_200.0),
            ("1w", 1_708_819_200.0),
            ("1mon", 1_709_251_200.0),
            ("1q", 1_704_067_200.0),
            ("3mon", 1_704_067_200.0),
            ("1y", 1_704_067_200.0),
            ("7s", 1_709_290_051.0),
        ] {
            assert_eq!(span(text).floor(at, &Zone::utc(), None), wanted, "{text}");
        }
    }

    #[test]
    fn days_follow_daylight_saving() {
        let new_york = Zone::parse("America/New_York").unwrap();
        let day = span("1d");
        let start = day.floor(1_710_061_200.0, &new_york, None);
        assert_eq!(start, 1_710_046_800.0);
        assert_eq!(day.next(start, &new_york, None) - start, 23.0 * 3600.0);
        let autumn = day.floor(1_730_624_400.0, &new_york, None);
        assert_eq!(day.next(autumn, &new_york, None) - autumn, 25.0 * 3600.0);
        // 01:30 the second time belongs to the second 01:00.
        assert_eq!(span("1h").floor(1_730_615_400.0, &new_york, None), 1_730_613_600.0);
        assert_eq!(span("12h").floor(1_730_624_400.0, &new_york, None), 1_730_606_400.0);
    }

    #[test]
    fn alignment_moves_buckets_below_a_day() {
        assert_eq!(span("1h").floor(10_000.0, &Zone::utc(), Some(900.0)), 8_100.0);
        assert_eq!(span("1h").floor(100.0, &Zone::utc(), Some(900.0)), -2_700.0);
        assert_eq!(span("1d").floor(100_000.0, &Zone::utc(), Some(900.0)), 86_400.0);
    }

    #[test]
    fn chooses_round_widths() {
        let hours = 3600.0;
        for (range, wanted) in [
            (0.25 * hours, "10s"),
            (hours, "1m"),
            (4.0 * hours, "5m"),
            (24.0 * hours, "30m"),
            (168.0 * hours, "1d"),
            (720.0 * hours, "1d"),
            (8760.0 * hours, "1mon"),
            (0.0, "1s"),
            (f64::NAN, "1000y"),
            (1e300, "1000y"),
        ] {
            assert_eq!(auto_span(range, 100).to_string(), wanted);
        }
        assert_eq!(auto_span(10.0, 0).to_string(), "10s");
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(300))]

        #[test]
        fn an_instant_lies_in_its_bucket(at in 0i64..4_000_000_000, pick in 0usize..12, zone in 0usize..4, count in 1u32..30) {
            let unit = NAMES[pick];
            let zone = Zone::parse(["UTC", "America/New_York", "Australia/Lord_Howe", "+05:45"][zone]).unwrap();
            let span = Span::new(count, unit).unwrap();
            let at = at as f64;
            let start = span.floor(at, &zone, None);
            let next = span.next(at, &zone, None);
            prop_assert!(start <= at && at < next, "{} {} {} {}", span, start, at, next);
            prop_assert!(span.floor(start, &zone, None) == start, "{} {}", span, start);
        }

        #[test]
        fn never_panics(at in any::<f64>(), align in any::<Option<f64>>(), count in 1u32.., pick in 0usize..12) {
            let span = Span::new(count, NAMES[pick]).unwrap();
            for at in [at, -6.2e10, 2.5e11, 0.0] {
                for align in [align, Some(-6.2e10), None] {
                    span.floor(at, &Zone::parse("Europe/Berlin").unwrap(), align);
                    span.next(at, &Zone::utc(), align);
                }
            }
        }
    }

    const NAMES: [Unit; 12] = [
        Unit::Microsecond,
        Unit::Millisecond,
        Unit::Centisecond,
        Unit::Decisecond,
        Unit::Second,
        Unit::Minute,
        Unit::Hour,
        Unit::Day,
        Unit::Week,
        Unit::Month,
        Unit::Quarter,
        Unit::Year,
    ];
}
