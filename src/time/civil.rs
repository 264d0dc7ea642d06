//! The Gregorian calendar in plain integers: days, dates and the parts of a local time.

/// Microseconds in a second.
pub const SECOND: i64 = 1_000_000;
/// Microseconds in a day of 24 hours.
pub const DAY: i64 = 86_400 * SECOND;
/// 0001-01-01T00:00:00 in seconds: nothing earlier has a civil time here.
pub const MIN_SECONDS: i64 = -62_135_596_800;
/// 9999-12-31T23:59:59 in seconds: nothing later has a civil time here.
pub const MAX_SECONDS: i64 = 253_402_300_799;

/// The whole microseconds nearest to `epoch` seconds; `None` for NaN, infinities and anything outside the years 1 to 9999.
pub fn micros(epoch: f64) -> Option<i64> {
    let inside = epoch >= MIN_SECONDS as f64 && epoch <= MAX_SECONDS as f64;
    inside.then(|| (epoch * SECOND as f64).round() as i64)
}

/// Seconds from whole microseconds.
pub fn epoch(micros: i64) -> f64 {
    micros as f64 / SECOND as f64
}

/// Is `year` a leap year?
pub fn is_leap(year: i64) -> bool {
    year % 4 == 0 && (year % 100 != 0 || year % 400 == 0)
}

/// How many days the month (1 to 12) has; 0 for any other number.
pub fn days_in_month(year: i64, month: u32) -> u32 {
    match month {
        1 | 3 | 5 | 7 | 8 | 10 | 12 => 31,
        4 | 6 | 9 | 11 => 30,
        2 if is_leap(year) => 29,
        2 => 28,
        _ => 0,
    }
}

/// Days from 1970-01-01 to the date. Years count from March inside, so that the leap day comes last.
pub fn days(year: i64, month: u32, day: u32) -> i64 {
    let year = if month <= 2 { year - 1 } else { year };
    let era = year.div_euclid(400);
    let year_of_era = year.rem_euclid(400);
    let month_from_march = (i64::from(month) + 9).rem_euclid(12);
    let day_of_year = (153 * month_from_march + 2) / 5 + i64::from(day) - 1;
    let day_of_era = year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year;
    era * 146_097 + day_of_era - 719_468
}

/// The date (year, month, day) that is `days` after 1970-01-01.
pub fn date(days: i64) -> (i64, u32, u32) {
    let shifted = days.saturating_add(719_468);
    let era = shifted.div_euclid(146_097);
    let day_of_era = shifted.rem_euclid(146_097);
    let year_of_era = (day_of_era - day_of_era / 1_460 + day_of_era / 36_524 - day_of_era / 146_096) / 365;
    let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let month_from_march = (5 * day_of_year + 2) / 153;
    let day = (day_of_year - (153 * month_from_march + 2) / 5 + 1) as u32;
    let month = if month_from_march < 10 { month_from_march + 3 } else { month_from_march - 9 } as u32;
    let year = year_of_era + era * 400 + i64::from(month <= 2);
    (year, month, day)
}

/// Days from 1970-01-01 to a date that must exist, in the years 1 to 9999.
pub fn checked_days(year: i64, month: u32, day: u32) -> Option<i64> {
    let exists = (1..=9999).contains(&year) && day >= 1 && day <= days_in_month(year, month);
    exists.then(|| days(year, month, day))
}

/// Seconds of a local date and time that must exist. Second 60 is taken, and is the first second of the next minute.
pub fn checked_seconds(date: (i64, u32, u32), time: (u32, u32, u32)) -> Option<i64> {
    let (hour, minute, second) = time;
    let days = checked_days(date.0, date.1, date.2)?;
    let exists = hour < 24 && minute < 60 && second <= 60;
    exists.then(|| days * 86_400 + i64::from(hour * 3600 + minute * 60 + second))
}

/// The parts of a local time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Civil {
    pub year: i64,
    /// 1 to 12.
    pub month: u32,
    /// 1 to 31.
    pub day: u32,
    pub hour: u32,
    pub minute: u32,
    pub second: u32,
    /// 0 to 999,999.
    pub micro: u32,
    /// 0 is Sunday.
    pub weekday: u32,
    /// 1 to 366.
    pub yearday: u32,
}

impl Civil {
    /// Splits local microseconds since 1970-01-01T00:00:00 local time.
    pub fn from_local(micros: i64) -> Civil {
        let day_number = micros.div_euclid(DAY);
        let in_day = micros.rem_euclid(DAY);
        let (year, month, day) = date(day_number);
        let second = (in_day / SECOND) as u32;
        Civil {
            year,
            month,
            day,
            hour: second / 3600,
            minute: second / 60 % 60,
            second: second % 60,
            micro: (in_day % SECOND) as u32,
            weekday: (day_number + 4).rem_euclid(7) as u32,
            yearday: (day_number - days(year, 1, 1) + 1) as u32,
        }
    }

    /// The week of the year, 0 to 53, when weeks begin on `first` (0 Sunday, 1 Monday); days before the first such day are in week 0.
    pub fn week(&self, first: u32) -> u32 {
        (self.yearday + 6 - (self.weekday + 7 - first) % 7) / 7
    }

    /// ISO 8601 year and week, 1 to 53: the week belongs to the year that has its Thursday.
    pub fn iso_week(&self) -> (i64, u32) {
        let monday_based = i64::from((self.weekday + 6) % 7);
        let thursday = days(self.year, self.month, self.day) - monday_based + 3;
        let (year, _, _) = date(thursday);
        let week = (thursday - days(year, 1, 1)) / 7 + 1;
        (year, week as u32)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dates_and_days_are_inverse() {
        for day in (-719_162..2_932_896).step_by(37) {
            let (y, m, d) = date(day);
            assert_eq!(checked_days(y, m, d), Some(day));
        }
        assert_eq!(days(1970, 1, 1), 0);
        assert_eq!(date(11_016), (2000, 2, 29));
    }

    #[test]
    fn impossible_dates_are_refused() {
        for (y, m, d) in [(2023, 2, 29), (2024, 2, 30), (2024, 13, 1), (2024, 0, 1), (2024, 4, 31), (0, 1, 1), (10_000, 1, 1), (1900, 2, 29)] {
            assert_eq!(checked_days(y, m, d), None, "{y}-{m}-{d}");
        }
        assert_eq!(checked_seconds((2024, 1, 1), (24, 0, 0)), None);
        assert_eq!(checked_seconds((1970, 1, 1), (0, 0, 60)), Some(60));
    }

    #[test]
    fn weeks() {
        let at = |y, m, d| Civil::from_local(days(y, m, d) * DAY);
        assert_eq!(at(2005, 1, 1).iso_week(), (2004, 53));
        assert_eq!(at(2008, 12, 29).iso_week(), (2009, 1));
        assert_eq!((at(2023, 1, 1).week(0), at(2023, 1, 1).week(1)), (1, 0));
        assert_eq!((at(2024, 12, 31).yearday, at(2024, 12, 31).weekday), (366, 2));
    }

    #[test]
    fn instants_without_a_civil_time() {
        for bad in [f64::NAN, f64::INFINITY, f64::NEG_INFINITY, 1e300, -1e300, 253_402_300_800.0] {
            assert_eq!(micros(bad), None);
        }
        assert_eq!(micros(0.0000004), Some(0));
        assert_eq!(micros(1.9999999), Some(2_000_000));
        assert_eq!(micros(-0.5), Some(-500_000));
    }
}
