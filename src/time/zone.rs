//! Time zones: named ones with daylight saving, and fixed offsets.

use jiff::Timestamp;
use jiff::tz::{TimeZone, TimeZoneDatabase, TimeZoneOffsetInfo};
use std::fmt::Write;
use std::sync::Mutex;

/// A time zone. Cheap to copy.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Zone(Kind);

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Kind {
    /// Seconds east of UTC.
    Fixed(i32),
    Named(&'static TimeZone),
}

/// Zone abbreviations that logs carry, in minutes east of UTC. Where one stands for several zones, the reading common in
/// North American and European logs is taken (IST is India's, CST is Chicago's).
const ABBREVIATIONS: &[(&str, i32)] = &[
    ("UTC", 0),
    ("GMT", 0),
    ("UCT", 0),
    ("Z", 0),
    ("WET", 0),
    ("WEST", 60),
    ("BST", 60),
    ("CET", 60),
    ("CEST", 120),
    ("MET", 60),
    ("MEST", 120),
    ("EET", 120),
    ("EEST", 180),
    ("SAST", 120),
    ("MSK", 180),
    ("IST", 330),
    ("SGT", 480),
    ("HKT", 480),
    ("AWST", 480),
    ("JST", 540),
    ("KST", 540),
    ("ACST", 570),
    ("AEST", 600),
    ("AEDT", 660),
    ("NZST", 720),
    ("NZDT", 780),
    ("AST", -240),
    ("ADT", -180),
    ("EST", -300),
    ("EDT", -240),
    ("CST", -360),
    ("CDT", -300),
    ("MST", -420),
    ("MDT", -360),
    ("PST", -480),
    ("PDT", -420),
    ("AKST", -540),
    ("AKDT", -480),
    ("HST", -600),
];

impl Zone {
    /// Coordinated universal time.
    pub fn utc() -> Zone {
        Zone(Kind::Fixed(0))
    }

    /// The zone that is always `seconds` east of UTC.
    pub fn fixed(seconds: i32) -> Zone {
        Zone(Kind::Fixed(seconds.clamp(-86_399, 86_399)))
    }

    /// Reads a zone: an IANA name such as `Europe/Berlin`, `UTC`, `Z`, an offset such as `+02:00`, `-0530` or `+2`, or `local` for
    /// the zone of this machine. `None` for anything else.
    pub fn parse(text: &str) -> Option<Zone> {
        let text = text.trim();
        if ["utc", "gmt", "z"].iter().any(|name| text.eq_ignore_ascii_case(name)) {
            return Some(Zone::utc());
        }
        if text.eq_ignore_ascii_case("local") {
            return Some(local());
        }
        if text.starts_with(['+', '-']) {
            return match read_offset(text) {
                Some((seconds, "")) => Some(Zone::fixed(seconds)),
                _ => None,
            };
        }
        named(text)
    }

    /// Reads what `%Z` may hold: an abbreviation such as `PDT` in any case, or all that [`Zone::parse`] reads but `local`.
    pub fn parse_abbreviation(text: &str) -> Option<Zone> {
        let known = ABBREVIATIONS.iter().find(|(name, _)| name.eq_ignore_ascii_case(text));
        match known {
            Some((_, minutes)) => Some(Zone::fixed(minutes * 60)),
            None if text.eq_ignore_ascii_case("local") => None,
            None => Zone::parse(text),
        }
    }

    /// Seconds east of UTC at an instant, given in whole seconds since 1970 UTC.
    pub fn offset_at(&self, utc_seconds: i64) -> i32 {
        match self.0 {
            Kind::Fixed(seconds) => seconds,
            Kind::Named(zone) => at(zone, utc_seconds).map_or(0, |info| info.offset().seconds()),
        }
    }

    /// Local microseconds of an instant in microseconds.
    pub fn to_local(&self, utc_micros: i64) -> i64 {
        let offset = self.offset_at(utc_micros.div_euclid(1_000_000));
        utc_micros.saturating_add(i64::from(offset) * 1_000_000)
    }

    /// The instant of a local time, both in seconds. A time that comes twice, when clocks go back, is the earlier one; a time that
    /// clocks skip moves forward by what they skip.
    pub fn to_utc_seconds(&self, local: i64) -> i64 {
        if let Kind::Fixed(seconds) = self.0 {
            return local.saturating_sub(i64::from(seconds));
        }
        // Offsets are far smaller than a day, so these two are the offsets before and after any change near this local time.
        let before = i64::from(self.offset_at(local.saturating_sub(86_400)));
        let after = i64::from(self.offset_at(local.saturating_add(86_400)));
        let with_before = local.saturating_sub(before);
        let with_after = local.saturating_sub(after);
        let holds = |utc: i64, offset: i64| i64::from(self.offset_at(utc)) == offset;
        if holds(with_before, before) || !holds(with_after, after) { with_before } else { with_after }
    }

    /// The instant of a local time, both in microseconds; see [`Zone::to_utc_seconds`].
    pub fn to_utc(&self, local_micros: i64) -> i64 {
        let seconds = self.to_utc_seconds(local_micros.div_euclid(1_000_000));
        seconds.saturating_mul(1_000_000).saturating_add(local_micros.rem_euclid(1_000_000))
    }

    /// Appends the abbreviation in use at an instant: `UTC`, `CEST`, `+03`; a fixed offset is written `+02:00`.
    pub fn write_abbreviation(&self, utc_seconds: i64, out: &mut String) {
        match self.0 {
            Kind::Fixed(0) => out.push_str("UTC"),
            Kind::Fixed(seconds) => {
                let sign = if seconds < 0 { '-' } else { '+' };
                let minutes = seconds.unsigned_abs() / 60;
                let _ = write!(out, "{sign}{:02}:{:02}", minutes / 60, minutes % 60);
            }
            Kind::Named(zone) => {
                let info = at(zone, utc_seconds);
                out.push_str(info.as_ref().map(|info| info.abbreviation()).or(zone.iana_name()).unwrap_or_default());
            }
        }
    }
}

/// What holds in a zone at an instant; nothing far out of time.
fn at(zone: &TimeZone, utc_seconds: i64) -> Option<TimeZoneOffsetInfo<'_>> {
    Some(zone.to_offset_info(Timestamp::from_second(utc_seconds).ok()?))
}

/// The zones that were asked for; there are not many more than six hundred.
static ZONES: Mutex<Vec<&'static TimeZone>> = Mutex::new(Vec::new());

/// The zone of an IANA name, by the tables in the program: what the system has of them differs.
fn named(name: &str) -> Option<Zone> {
    let mut zones = ZONES.lock().unwrap_or_else(|e| e.into_inner());
    let known = zones.iter().find(|zone| zone.iana_name() == Some(name)).copied();
    let zone = known.or_else(|| {
        let zone = TimeZoneDatabase::bundled().get(name).ok().filter(|zone| zone.iana_name() == Some(name))?;
        let zone: &'static TimeZone = Box::leak(Box::new(zone));
        zones.push(zone);
        Some(zone)
    });
    zone.map(|zone| Zone(Kind::Named(zone)))
}

/// The zone of this machine: `TZ`, else the name that /etc/localtime points to, else today's offset.
fn local() -> Zone {
    let from_variable = std::env::var("TZ").ok().map(|name| name.trim_start_matches(':').to_string());
    let from_link = || {
        let path = std::fs::read_link("/etc/localtime").ok()?;
        path.to_str()?.split_once("zoneinfo/").map(|(_, name)| name.to_string())
    };
    let named = |name: String| named(&name);
    from_variable.and_then(named).or_else(|| from_link().and_then(named)).unwrap_or_else(|| Zone::fixed(chrono::Local::now().offset().local_minus_utc()))
}

/// Reads a leading offset, `+hh`, `+hhmm` or `+hh:mm` (also with `-`), as seconds east of UTC, and gives what follows it.
pub fn read_offset(text: &str) -> Option<(i32, &str)> {
    let sign = match text.as_bytes().first()? {
        b'+' => 1,
        b'-' => -1,
        _ => return None,
    };
    let rest = text.get(1..)?;
    let digits = rest.bytes().take(4).take_while(u8::is_ascii_digit).count();
    let (hours, minutes, rest) = match digits {
        4 => (rest.get(..2)?, rest.get(2..4)?, rest.get(4..)?),
        1 | 2 => {
            let (hours, rest) = rest.split_at_checked(digits)?;
            let colon = rest.strip_prefix(':').and_then(|after| after.split_at_checked(2));
            match colon {
                Some((minutes, rest)) if minutes.bytes().all(|b| b.is_ascii_digit()) => (hours, minutes, rest),
                _ => (hours, "0", rest),
            }
        }
        _ => return None,
    };
    let (hours, minutes): (i32, i32) = (hours.parse().ok()?, minutes.parse().ok()?);
    (hours <= 23 && minutes <= 59).then_some((sign * (hours * 3600 + minutes * 60), rest))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn zone(text: &str) -> Zone {
        Zone::parse(text).unwrap()
    }

    #[test]
    fn reads_names_and_offsets() {
        for (text, seconds) in [("UTC", 0), ("z", 0), ("+02:00", 7200), ("-0530", -19_800), ("+2", 7200), ("+14", 50_400), ("Asia/Kolkata", 19_800)] {
            assert_eq!(zone(text).offset_at(0), seconds, "{text}");
        }
        for bad in ["", "Mars/Olympus", "+", "+99:00", "+02:0", "+02:60", "+123", "02:00", "+02:00x", "+é2"] {
            assert_eq!(Zone::parse(bad), None, "{bad}");
        }
        assert!(Zone::parse("local").is_some());
    }

    #[test]
    fn daylight_saving_offsets_and_abbreviations() {
        let name = |zone: Zone, at| {
            let mut out = String::new();
            zone.write_abbreviation(at, &mut out);
            out
        };
        let berlin = zone("Europe/Berlin");
        assert_eq!((berlin.offset_at(1_704_067_200), berlin.offset_at(1_719_792_000)), (3600, 7200));
        assert_eq!((name(berlin, 1_704_067_200), name(berlin, 1_719_792_000)), ("CET".into(), "CEST".into()));
        assert_eq!((name(Zone::utc(), 0), name(zone("-05:30"), 0)), ("UTC".into(), "-05:30".into()));
        assert_eq!(Zone::parse_abbreviation("pdt").unwrap().offset_at(0), -25_200);
        // Zones without letters, and summers beyond the tables.
        assert_eq!((name(zone("America/Sao_Paulo"), 1_704_067_200), berlin.offset_at(4_750_000_000)), ("-03".into(), 7200));
        assert_eq!((zone("Europe/Berlin"), Zone::parse("europe/berlin")), (berlin, None));
    }

    #[test]
    fn gaps_move_forward_and_folds_take_the_earlier() {
        let new_york = zone("America/New_York");
        let local = |d, h, m| super::super::civil::checked_seconds(d, (h, m, 0)).unwrap();
        // 2024-03-10 02:30 does not exist: 03:30 EDT.
        assert_eq!(new_york.to_utc_seconds(local((2024, 3, 10), 2, 30)), 1_710_055_800);
        // 2024-11-03 01:30 comes twice: the first, EDT.
        assert_eq!(new_york.to_utc_seconds(local((2024, 11, 3), 1, 30)), 1_730_611_800);
        assert_eq!(new_york.to_utc_seconds(local((2024, 11, 3), 2, 0)), 1_730_617_200);
    }

    #[test]
    fn far_instants_do_not_panic() {
        for at in [i64::MIN, i64::MAX, 0, 253_402_300_799] {
            let berlin = zone("Europe/Berlin");
            berlin.offset_at(at);
            berlin.to_utc(at);
            berlin.to_local(at);
            Zone::fixed(i32::MAX).to_utc(at);
        }
    }
}
