//! Units of time, by all of their names.

/// A unit of time in a span or a relative modifier.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Unit {
    Microsecond,
    Millisecond,
    Centisecond,
    Decisecond,
    Second,
    Minute,
    Hour,
    Day,
    Week,
    Month,
    Quarter,
    Year,
}

/// How long a unit is: a fixed time, whole days, or whole months of the calendar.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Length {
    Micros(i64),
    Days(i64),
    Months(i64),
}

/// Every name, lower case; the first of each unit is the one that is written.
const NAMES: &[(Unit, &[&str])] = &[
    (Unit::Microsecond, &["us"]),
    (Unit::Millisecond, &["ms"]),
    (Unit::Centisecond, &["cs"]),
    (Unit::Decisecond, &["ds"]),
    (Unit::Second, &["s", "sec", "secs", "second", "seconds"]),
    (Unit::Minute, &["m", "min", "mins", "minute", "minutes"]),
    (Unit::Hour, &["h", "hr", "hrs", "hour", "hours"]),
    (Unit::Day, &["d", "day", "days"]),
    (Unit::Week, &["w", "week", "weeks"]),
    (Unit::Month, &["mon", "month", "months"]),
    (Unit::Quarter, &["q", "qtr", "qtrs", "quarter", "quarters"]),
    (Unit::Year, &["y", "yr", "yrs", "year", "years"]),
];

impl Unit {
    /// The unit of a name; names are lower case.
    pub fn from_name(name: &str) -> Option<Unit> {
        NAMES.iter().find(|(_, names)| names.contains(&name)).map(|(unit, _)| *unit)
    }

    /// The short name, as in `5m`.
    pub fn name(self) -> &'static str {
        NAMES.iter().find(|(unit, _)| *unit == self).and_then(|(_, names)| names.first()).copied().unwrap_or("")
    }

    /// Is it shorter than a second? Spans may be, modifiers may not.
    pub fn is_subsecond(self) -> bool {
        matches!(self.length(), Length::Micros(..1_000_000))
    }

    pub fn length(self) -> Length {
        match self {
            Unit::Microsecond => Length::Micros(1),
            Unit::Millisecond => Length::Micros(1_000),
            Unit::Centisecond => Length::Micros(10_000),
            Unit::Decisecond => Length::Micros(100_000),
            Unit::Second => Length::Micros(1_000_000),
            Unit::Minute => Length::Micros(60_000_000),
            Unit::Hour => Length::Micros(3_600_000_000),
            Unit::Day => Length::Days(1),
            Unit::Week => Length::Days(7),
            Unit::Month => Length::Months(1),
            Unit::Quarter => Length::Months(3),
            Unit::Year => Length::Months(12),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_distinct_and_known() {
        let all: Vec<_> = NAMES.iter().flat_map(|(unit, names)| names.iter().map(move |name| (*unit, *name))).collect();
        for (unit, name) in &all {
            assert_eq!(Unit::from_name(name), Some(*unit), "{name}");
            assert!(Unit::from_name(unit.name()) == Some(*unit));
        }
        for bad in ["", "M", "S", "fortnight", "w1"] {
            assert_eq!(Unit::from_name(bad), None);
        }
    }
}
