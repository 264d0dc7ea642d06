//! timewrap: the periods of a timechart laid beside each other, each with columns of its own.

use crate::column::{Batch, Builder, Column, Name, Value};
use crate::diagnostic::{Code, Diagnostic};
use crate::operator::Context;
use crate::plan::{Naming, Wrap};
use crate::time::unit::{Length, Unit};
use crate::time::{Modifier, Span, strftime::strftime};
use std::collections::{BTreeMap, BTreeSet};

/// More columns than this are a slip of the period.
const MAX_PERIODS: usize = 1000;

/// Rows keep the times of the latest period; columns stand with the oldest period first.
pub(super) fn wrap(batch: &Batch, wrap: &Wrap, cx: &Context) -> Result<Batch, Diagnostic> {
    let times = batch.column("_time");
    let mut all: Vec<f64> = (0..batch.len()).filter_map(|i| times.number(i)).filter(|t| t.is_finite()).collect();
    all.sort_unstable_by(f64::total_cmp);
    let Some(&last) = all.last() else { return Ok(batch.clone()) };
    let step = all.iter().rev().find(|t| **t < last).map_or(1.0, |before| last - before);
    let periods = Periods { period: wrap.period, end: wrap.end.unwrap_or(last + step), cx };
    // For each place in time the row of each period.
    let mut rows: BTreeMap<i64, (f64, BTreeMap<i64, u32>)> = BTreeMap::new();
    let mut seen = BTreeSet::new();
    for row in 0..batch.len() {
        let Some(time) = times.number(row).filter(|t| t.is_finite()) else { continue };
        if row % 64 == 0 {
            cx.check()?;
        }
        let number = periods.number(time);
        let place = periods.latest(time, number);
        seen.insert(number);
        rows.entry((place * 1e6) as i64).or_insert((place, BTreeMap::new())).1.entry(number).or_insert(row as u32);
    }
    if seen.len() > MAX_PERIODS {
        return Err(Diagnostic::error(Code::ROWS, format!("timewrap would lay {} periods beside each other", seen.len())).help("Make the period longer."));
    }
    let series: Vec<(Name, Column)> = batch.columns().filter(|(n, _)| !n.starts_with('_')).map(|(n, c)| (n.clone(), c.as_ref().clone())).collect();
    cx.memory.fits(rows.len() * seen.len() * series.len() * 16)?;
    let single = series.len() == 1 && wrap.naming == Naming::Short;
    let mut out = Batch::new(rows.len());
    out.set("_time", Column::numbers(rows.values().map(|(place, _)| *place).collect()));
    for number in seen.into_iter().rev() {
        for (name, column) in &series {
            let mut cells = Builder::new();
            for (_, there) in rows.values() {
                cells.push(there.get(&number).map_or(Value::Null, |&row| column.get(row as usize)));
            }
            let period = periods.name(number, wrap);
            // The reference calls the periods of a single series by their short names alone.
            let name = if single { period } else { format!("{name}_{period}") };
            out.set(name, cells.finish());
        }
    }
    Ok(out)
}

/// Periods counted back from an end.
struct Periods<'a> {
    period: Span,
    end: f64,
    cx: &'a Context,
}

impl Periods<'_> {
    /// A time so many periods later, by the calendar.
    fn moved(&self, time: f64, periods: i64) -> f64 {
        let count = periods.saturating_mul(i64::from(self.period.count()));
        let text = format!("{count:+}{}", self.period.unit().name());
        Modifier::parse(&text).map_or(time + self.period.seconds() * periods as f64, |m| m.apply(time, &self.cx.env.zone))
    }

    /// Which period a time lies in; 0 is the latest one, and what lies after its end is counted to it.
    fn number(&self, time: f64) -> i64 {
        let mut number = ((self.end - time) / self.period.seconds()).floor().clamp(0.0, 1e12) as i64;
        // Months and days differ in length; the guess is near.
        for _ in 0..64 {
            if time < self.moved(self.end, -number - 1) {
                number += 1;
            } else if number > 0 && time >= self.moved(self.end, -number) {
                number -= 1;
            } else {
                break;
            }
        }
        number
    }

    /// The time of the latest period that a time of another one stands beside.
    fn latest(&self, time: f64, number: i64) -> f64 {
        match self.period.unit().length() {
            // The 31st has no counterpart in a shorter month: what counts is how far into the month a time is.
            Length::Months(_) => self.moved(self.end, -1) + (time - self.moved(self.end, -number - 1)),
            _ => self.moved(time, number),
        }
    }

    fn name(&self, number: i64, wrap: &Wrap) -> String {
        let count = i64::from(self.period.count());
        let unit = match self.period.unit() {
            Unit::Second => "second",
            Unit::Minute => "minute",
            Unit::Hour => "hour",
            Unit::Day => "day",
            Unit::Week => "week",
            Unit::Month => "month",
            Unit::Quarter => "quarter",
            Unit::Year => "year",
            other => other.name(),
        };
        let many = |n: i64| format!("{n}{unit}{}", if n == 1 { "" } else { "s" });
        match wrap.naming {
            Naming::Short => format!("s{number}"),
            Naming::Exact => strftime(self.moved(self.end, -number - 1), &wrap.format, &self.cx.env.zone).unwrap_or_default(),
            Naming::Relative if number == 0 && count == 1 => format!("latest_{unit}"),
            Naming::Relative if number == 0 => format!("latest_{}", many(count)),
            Naming::Relative => format!("{}_before", many(number.saturating_mul(count))),
        }
    }
}

#[cfg(test)]
mod tests {
    use crate::operator::testing::run;

    #[test]
    fn months_and_days_are_those_of_the_calendar() {
        // 2024-01-31, 2024-02-29, 2024-03-01; months end on the second, and the one before has two days more.
        let rows = r#"[{"_time":1706659200,"n":"1"},{"_time":1709164800,"n":"2"},{"_time":1709251200,"n":"3"}]"#;
        let months = r#"[{"_time":1709164800,"n_latest_month":"2"},{"_time":1709251200,"n_latest_month":"3"},{"_time":1709337600,"n_1month_before":"1"}]"#;
        assert_eq!(run(rows, "* | timewrap 1month"), months);
        let days = r#"[{"_time":1709251200,"s30":"1","s1":"2","s0":"3"}]"#;
        assert_eq!(run(rows, "* | timewrap 1d series=short"), days);
        let far = r#"[{"_time":-9e15,"n":"1"},{"_time":9e15,"n":"2"}]"#;
        assert!(run(far, "* | timewrap 1mon").contains("_before"));
        assert_eq!(run("[]", "* | timewrap 1d"), "[]");
        assert_eq!(run(r#"[{"n":"1"}]"#, "* | timewrap 1d"), r#"[{"n":"1"}]"#);
    }
}
