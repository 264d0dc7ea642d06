//! Times in UTC, seconds since 1970.

use super::{Arg, Function, single};
use crate::against::NOW;
use crate::value::Value;
use chrono::{DateTime, Datelike, Days, Months, NaiveDate, NaiveDateTime, TimeDelta, Timelike, Utc};

const TIMES: &[&str] = &["0", "86400", "1700000000", "1715000000.25", "951782400", "1709164800", "1704067199", "1735689600.5", "978307200"];

pub const LIST: &[Function] = &[
    Function::new("now", &[], |_| Value::Number(NOW)),
    Function::new("time", &[], |_| Value::Number(NOW)),
    Function::new(
        "strftime",
        &[
            Arg::Numbers(TIMES),
            Arg::Texts(&[
                "%Y-%m-%d %H:%M:%S",
                "%d.%m.%y",
                "%j",
                "%a %A %b %B",
                "%I:%M %p",
                "%F %T",
                "%%",
                "%Y-%m-%dT%H:%M:%S",
                "x",
                "",
                "%V %u %w",
                "%e|%k|",
                "%s",
                "%3N",
                "%Q",
                "%H:%M:%S.%6N",
            ]),
        ],
        |a| {
            let (n, format) = (a[0].number().unwrap(), single(&a[1]).unwrap());
            let time = DateTime::<Utc>::from_timestamp(n.floor() as i64, (n.fract() * 1e9) as u32).unwrap();
            let nanos = format!("{:09}", time.timestamp_subsec_nanos());
            let format = format.replace("%3N", &nanos[..3]).replace("%6N", &nanos[..6]).replace("%Q", &nanos[..3]);
            Value::text(time.format(&format).to_string())
        },
    ),
    Function::new("strftime", &[Arg::Texts(&["x", "", "1700000000", " 86400.5 ", "1e9"]), Arg::Texts(&["%Y"])], |a| {
        let time = a[0].number().and_then(|n| DateTime::<Utc>::from_timestamp(n.floor() as i64, 0));
        time.map(|t| Value::text(t.format("%Y").to_string())).into()
    }),
    Function::new(
        "strptime",
        &[
            Arg::Texts(&["2024-02-29 23:59:59", "2023-02-29 00:00:00", "1970-01-01 00:00:00", "2024-5-6 7:8:9", "soon", "", "2024-02-29T01:02:03"]),
            Arg::Texts(&["%Y-%m-%d %H:%M:%S", "%Y-%m-%dT%H:%M:%S", "%F %T"]),
        ],
        |a| {
            let format = single(&a[1]).unwrap().replace("%F", "%Y-%m-%d").replace("%T", "%H:%M:%S");
            NaiveDateTime::parse_from_str(&single(&a[0]).unwrap(), &format).ok().map(|t| t.and_utc().timestamp() as f64).into()
        },
    ),
    Function::new(
        "relative_time",
        &[
            Arg::Numbers(TIMES),
            Arg::Texts(&["-1d", "+1d@d", "@d", "@h", "-90m@m", "@mon", "-1mon@mon", "+1mon", "@y", "-1y", "@w0", "@w1", "@q", "-1h@h+30m", "+2w", "-30s"]),
        ],
        |a| moved(a[0].number().unwrap(), &single(&a[1]).unwrap()).into(),
    ),
];

/// Steps of a modifier, one after the other.
fn moved(n: f64, modifier: &str) -> Option<f64> {
    let mut fraction = n - n.floor();
    let mut t = DateTime::<Utc>::from_timestamp(n.floor() as i64, 0)?.naive_utc();
    let mut rest = modifier;
    while let Some(sign) = rest.chars().next() {
        let end = rest[1..].find(['+', '-', '@']).map_or(rest.len(), |i| i + 1);
        let (step, tail) = (&rest[1..end], &rest[end..]);
        rest = tail;
        if sign == '@' {
            fraction = 0.0;
            t = snapped(t, step)?;
            continue;
        }
        let digits = step.find(|c: char| !c.is_ascii_digit())?;
        let n: i64 = step[..digits].parse::<i64>().ok()? * if sign == '-' { -1 } else { 1 };
        t = match &step[digits..] {
            "s" => t + TimeDelta::seconds(n),
            "m" => t + TimeDelta::minutes(n),
            "h" => t + TimeDelta::hours(n),
            "d" => t + TimeDelta::days(n),
            "w" => t + TimeDelta::weeks(n),
            "mon" => months(t, n)?,
            "y" => months(t, 12 * n)?,
            _ => return None,
        };
    }
    Some(t.and_utc().timestamp() as f64 + fraction)
}

fn months(t: NaiveDateTime, n: i64) -> Option<NaiveDateTime> {
    let by = Months::new(n.unsigned_abs() as u32);
    if n < 0 { t.checked_sub_months(by) } else { t.checked_add_months(by) }
}

fn snapped(t: NaiveDateTime, unit: &str) -> Option<NaiveDateTime> {
    let day = t.date();
    let first = |d: NaiveDate| d.and_hms_opt(0, 0, 0);
    match unit {
        "s" => Some(t),
        "m" => t.with_second(0),
        "h" => t.with_second(0)?.with_minute(0),
        "d" => first(day),
        "mon" => first(day.with_day(1)?),
        "y" => first(day.with_day(1)?.with_month(1)?),
        "q" => first(day.with_day(1)?.with_month((day.month0() / 3) * 3 + 1)?),
        week => {
            let wanted: u32 = week.strip_prefix('w')?.parse().ok()?;
            first(day.checked_sub_days(Days::new(u64::from((day.weekday().num_days_from_sunday() + 7 - wanted) % 7)))?)
        }
    }
}
