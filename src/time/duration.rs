//! Durations as text: `tostring(x, "duration")` and what `convert` reads back.

use super::civil::SECOND;

/// Longest duration written, in seconds: beyond it microseconds no longer fit.
const LIMIT: f64 = 9e12;

/// Writes seconds as `[D+]HH:MM:SS[.ffffff]`: 615 is `00:10:15`, 90061 is `1+01:01:01`.
///
/// A fraction is written with six digits, and only when there is one; a negative duration has a leading `-`. Empty for NaN,
/// infinities and anything beyond nine million million seconds.
pub fn duration(seconds: f64) -> String {
    if seconds.is_nan() || seconds.abs() > LIMIT {
        return String::new();
    }
    let micros = (seconds * SECOND as f64).round() as i64;
    let sign = if micros < 0 { "-" } else { "" };
    let (whole, micro) = (micros.unsigned_abs() / SECOND as u64, micros.unsigned_abs() % SECOND as u64);
    let days = match whole / 86_400 {
        0 => String::new(),
        days => format!("{days}+"),
    };
    let fraction = match micro {
        0 => String::new(),
        micro => format!(".{micro:06}"),
    };
    let (hour, minute, second) = (whole / 3600 % 24, whole / 60 % 60, whole % 60);
    format!("{sign}{days}{hour:02}:{minute:02}:{second:02}{fraction}")
}

/// Reads `[D+][[HH:]MM:]SS[.fff]` as seconds; a leading `-` makes it negative. `01:02` is a minute and two seconds.
///
/// The first part may be any number; minutes and seconds after another part must be below 60, hours after days below 24.
pub fn parse_duration(text: &str) -> Option<f64> {
    let (sign, text) = split_sign(text.trim());
    let (days, clock) = match text.split_once('+') {
        Some((days, clock)) => (whole(days)?, clock),
        None => (0.0, text),
    };
    let (clock, second) = clock.rsplit_once(':').map_or(("", clock), |(before, second)| (before, second));
    let (hour, minute) = clock.rsplit_once(':').map_or(("", clock), |(hour, minute)| (hour, minute));
    // A part that is there has digits: `:05` is no duration.
    let colons = text.bytes().filter(|&b| b == b':').count();
    let minute = if colons >= 1 { whole(minute)? } else { 0.0 };
    let hour = if colons >= 2 { whole(hour)? } else { 0.0 };
    let second = decimal(second)?;
    let after_days = text.contains('+');
    let in_range = (second < 60.0 || (colons == 0 && !after_days)) && (minute < 60.0 || (colons == 1 && !after_days)) && (hour < 24.0 || !after_days);
    in_range.then_some(sign * (days * 86_400.0 + hour * 3600.0 + minute * 60.0 + second))
}

/// Reads `[MM:]SS[.SSS]`, as `convert`'s `mstime` does, as seconds; a leading `-` makes it negative.
pub fn mstime(text: &str) -> Option<f64> {
    let (sign, text) = split_sign(text.trim());
    let (minute, second) = match text.split_once(':') {
        Some((minute, second)) => (whole(minute)?, second),
        None => (0.0, text),
    };
    Some(sign * (minute * 60.0 + decimal(second)?))
}

fn split_sign(text: &str) -> (f64, &str) {
    text.strip_prefix('-').map_or((1.0, text), |rest| (-1.0, rest))
}

/// Up to nine digits, and nothing else.
fn whole(text: &str) -> Option<f64> {
    let plain = (1..=9).contains(&text.len()) && text.bytes().all(|b| b.is_ascii_digit());
    if plain { text.parse().ok() } else { None }
}

/// Digits with an optional fraction.
fn decimal(text: &str) -> Option<f64> {
    let (before, fraction) = text.split_once('.').unwrap_or((text, "0"));
    whole(before)?;
    fraction.bytes().all(|b| b.is_ascii_digit()).then(|| text.parse().ok())?
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn writes() {
        for (seconds, wanted) in [
            (0.0, "00:00:00"),
            (59.0, "00:00:59"),
            (615.0, "00:10:15"),
            (86_399.0, "23:59:59"),
            (90_061.0, "1+01:01:01"),
            (-61.0, "-00:01:01"),
            (615.5, "00:10:15.500000"),
            (0.9999999, "00:00:01"),
            (8_640_000.0, "100+00:00:00"),
            (f64::NAN, ""),
            (1e300, ""),
            (f64::INFINITY, ""),
        ] {
            assert_eq!(duration(seconds), wanted);
        }
    }

    #[test]
    fn reads() {
        for (text, seconds) in [
            ("00:10:15", 615.0),
            ("1+01:01:01", 90_061.0),
            ("01:02", 62.0),
            ("90", 90.0),
            ("-00:01:01", -61.0),
            ("99:00:00", 356_400.0),
            ("00:00:01.25", 1.25),
            (" 5 ", 5.0),
        ] {
            assert_eq!(parse_duration(text), Some(seconds), "{text}");
        }
        for bad in ["", "x", ":05", "1:2:3:4", "00:60:00", "00:00:60", "1+24:00:00", "1+2+3", "+5", "1.5:00", "--5", "99999999999:00", "é:1", "1:"] {
            assert_eq!(parse_duration(bad), None, "{bad}");
        }
    }

    #[test]
    fn reads_minutes_and_milliseconds() {
        assert_eq!(mstime("02:03.250"), Some(123.25));
        assert_eq!(mstime("3.5"), Some(3.5));
        assert_eq!(mstime("-1:00"), Some(-60.0));
        for bad in ["", "a", "1:", "1:2:3", "1.2.3", ":5", "1e5"] {
            assert_eq!(mstime(bad), None, "{bad}");
        }
    }
}
