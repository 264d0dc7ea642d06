//! `sparkline`: a function of the values in each of a row of equal times, as Splunk hands it to what draws.

use super::moments::numbers;
use super::stored::{self, Piece, Pieces};
use super::{Accumulator, Call, Rows};
use crate::column::{Column, Value};
use crate::time::Span;
use crate::time::Zone;
use crate::time::span::auto_span;
use std::any::Any;
use std::hash::BuildHasher;

/// The most parts: `sparkline_maxsize` of Splunk's limits.conf.
const MAX_PARTS: u32 = 100;
/// The first value, by which a sparkline is known.
const MARK: &str = "##__SPARKLINE__##";
const FUNCTIONS: [&str; 13] = ["c", "count", "dc", "mean", "avg", "stdev", "stdevp", "var", "varp", "sum", "sumsq", "min", "max"];

/// What stands in the parentheses.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Inside {
    /// Empty for `count`.
    pub function: String,
    pub field: Option<String>,
    pub span: Option<Span>,
}

impl Inside {
    /// Reads `count`, `avg(x)`, `avg(x), 30m`. Errors: a sentence.
    pub fn parse(text: &str) -> Result<Inside, String> {
        let (call, span) = match text.rsplit_once(',') {
            Some((call, span)) => (call.trim(), Some(Span::parse(span.trim()).ok_or_else(|| format!("`{}` is no span", span.trim()))?)),
            None => (text.trim(), None),
        };
        let (function, field) = match call.split_once('(') {
            Some((function, rest)) => (function.trim(), rest.strip_suffix(')').map(|f| f.trim().trim_matches(['"', '\''])).filter(|f| !f.is_empty())),
            None => (call, None),
        };
        let function = match function.to_ascii_lowercase() {
            // Of so few values an estimate is exact.
            estimate if matches!(estimate.as_str(), "estdc" | "distinct_count") => "dc".to_string(),
            function => function,
        };
        if !FUNCTIONS.contains(&function.as_str()) && function != "range" {
            return Err(format!("`sparkline` takes {} or range of a field, not `{function}`", FUNCTIONS.join(", ")));
        }
        if field.is_none() && !matches!(function.as_str(), "c" | "count") {
            return Err(format!("`{function}` needs a field"));
        }
        Ok(Inside { function, field: field.map(str::to_string), span })
    }
}

/// The times of each group's rows, with a number each.
pub struct Sparkline {
    inside: Inside,
    zone: Zone,
    groups: Vec<Vec<(f64, f64)>>,
    /// Points that all groups have room for.
    room: usize,
}

impl Sparkline {
    /// What the [`super::Aggregate`]'s `make` gives.
    pub fn make(call: &Call) -> Box<dyn Accumulator> {
        Box::new(Sparkline { inside: call.inside.clone(), zone: call.env.zone, groups: Vec::new(), room: 0 })
    }

    fn put(&mut self, group: u32, points: impl IntoIterator<Item = (f64, f64)>) {
        if let Some(all) = self.groups.get_mut(group as usize) {
            let before = all.capacity();
            all.extend(points);
            self.room += all.capacity() - before;
        }
    }

    fn counts(&self) -> bool {
        matches!(self.inside.function.as_str(), "" | "c" | "count")
    }
}

impl Accumulator for Sparkline {
    fn update(&mut self, rows: &Rows<'_>, groups: usize) {
        self.groups.resize_with(groups.max(self.groups.len()), Vec::new);
        // One seed for the query would do; a fixed one is the same in every thread.
        let hasher = foldhash::fast::FixedState::default();
        for (row, &group) in rows.groups.iter().enumerate() {
            let Some(time) = rows.time.and_then(|t| t.number(row)).filter(|t| t.is_finite()) else { continue };
            let value = rows.column.map_or(Value::Null, |c| c.get(row));
            if self.counts() {
                let n = if rows.column.is_some() { value.count() } else { 1 };
                self.put(group, std::iter::repeat_n((time, 1.0), n));
            } else if self.inside.function == "dc" {
                // 52 bits of a hash stand for a text.
                let hashes: Vec<_> = value.each().iter().filter_map(Value::as_text).map(|t| (time, (hasher.hash_one(t.as_ref()) >> 12) as f64)).collect();
                self.put(group, hashes);
            } else {
                self.put(group, numbers(&value).map(|n| (time, n)).collect::<Vec<_>>());
            }
        }
    }

    fn merge(&mut self, later: Box<dyn Accumulator>, map: &[u32], groups: usize) {
        self.groups.resize_with(groups.max(self.groups.len()), Vec::new);
        let Ok(later) = later.into_any().downcast::<Sparkline>() else { return };
        for (points, &group) in later.groups.into_iter().zip(map) {
            self.put(group, points);
        }
    }

    fn finish(mut self: Box<Self>, groups: usize) -> Column {
        self.groups.resize_with(groups.max(self.groups.len()), Vec::new);
        let times = || self.groups.iter().flatten().map(|(t, _)| *t);
        let (low, high) = (times().fold(f64::INFINITY, f64::min), times().fold(f64::NEG_INFINITY, f64::max));
        let fits = |s: &Span| (high - low) / s.seconds() < f64::from(MAX_PARTS);
        let span = self.inside.span.filter(fits).unwrap_or_else(|| auto_span(high - low, MAX_PARTS));
        // Where each part begins, the same for all groups.
        let mut starts = Vec::new();
        if low.is_finite() {
            let mut at = span.floor(low, &self.zone, None);
            while at <= high && starts.len() <= MAX_PARTS as usize + 1 {
                starts.push(at);
                let next = span.next(at, &self.zone, None);
                at = if next > at { next } else { f64::INFINITY };
            }
        }
        self.groups.iter().map(|points| line(points, &starts, &self.inside.function)).collect()
    }

    fn store(mut self: Box<Self>, groups: usize) -> Vec<Piece> {
        self.groups.resize_with(groups.max(self.groups.len()), Vec::new);
        vec![("sp", self.groups.iter().map(|points| stored::joined_numbers(points.iter().flat_map(|(t, n)| [*t, *n]))).collect())]
    }

    fn restore(&mut self, pieces: &Pieces<'_>, rows: usize) {
        self.groups.resize_with(rows.max(self.groups.len()), Vec::new);
        let lines = pieces.get("sp");
        for row in 0..rows {
            self.put(row as u32, stored::parted_numbers(&lines.get(row)).into_iter().map(|[t, n]| (t, n)));
        }
    }

    fn bytes(&self) -> usize {
        self.room * size_of::<(f64, f64)>() + self.groups.capacity() * size_of::<Vec<(f64, f64)>>()
    }

    fn into_any(self: Box<Self>) -> Box<dyn Any> {
        self
    }
}

/// The line of one group; null where it has no points.
fn line(points: &[(f64, f64)], starts: &[f64], function: &str) -> Value<'static> {
    if points.is_empty() {
        return Value::Null;
    }
    let mut parts: Vec<Vec<f64>> = vec![Vec::new(); starts.len()];
    for (time, n) in points {
        let part = starts.partition_point(|s| s <= time).saturating_sub(1);
        if let Some(all) = parts.get_mut(part) {
            all.push(*n);
        }
    }
    Value::multi(std::iter::once(Value::text(MARK)).chain(parts.into_iter().map(|p| Value::Number(result(p, function)))))
}

/// The function of the numbers of one part; 0 where there are none.
fn result(mut all: Vec<f64>, function: &str) -> f64 {
    let n = all.len() as f64;
    if all.is_empty() {
        return 0.0;
    }
    let sum: f64 = all.iter().sum();
    let squares = |all: &[f64]| all.iter().map(|x| (x - sum / n).powi(2)).sum::<f64>();
    let (low, high) = (all.iter().copied().fold(f64::INFINITY, f64::min), all.iter().copied().fold(f64::NEG_INFINITY, f64::max));
    match function {
        "sum" => sum,
        "avg" | "mean" => sum / n,
        "min" => low,
        "max" => high,
        "range" => high - low,
        "sumsq" => all.iter().map(|x| x * x).sum(),
        "varp" => squares(&all) / n,
        "stdevp" => (squares(&all) / n).sqrt(),
        "var" if n > 1.0 => squares(&all) / (n - 1.0),
        "stdev" if n > 1.0 => (squares(&all) / (n - 1.0)).sqrt(),
        "var" | "stdev" => 0.0,
        "dc" => {
            all.sort_by(f64::total_cmp);
            all.dedup();
            all.len() as f64
        }
        _ => n,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::operator::testing::run;

    #[test]
    fn what_stands_inside() {
        let of = |t: &str| Inside::parse(t).map(|i| (i.function, i.field, i.span.is_some()));
        assert_eq!(of("count"), Ok(("count".into(), None, false)));
        assert_eq!(of("avg(a b), 30m"), Ok(("avg".into(), Some("a b".into()), true)));
        for bad in ["", "avg", "median(x)", "count, 5parsec", "30m"] {
            assert!(Inside::parse(bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn lines_share_their_times() {
        let rows = r#"[{"_time":0,"g":"a","n":"1"},{"_time":70,"g":"a","n":"5"},{"_time":100,"g":"a","n":"7"},{"_time":130,"g":"b","n":"x"},{"g":"c"}]"#;
        for (query, want) in [
            ("stats sparkline(count, 1m) AS s", r###"[{"s":["##__SPARKLINE__##",1,2,1]}]"###),
            ("stats sparkline(avg(n),1m) as s by g", r###"[{"g":"a","s":["##__SPARKLINE__##",1,6]},{"g":"b"},{"g":"c"}]"###),
            ("stats sparkline(dc(g), 2m) AS s", r###"[{"s":["##__SPARKLINE__##",1,1]}]"###),
            ("stats sparkline AS s count | eval n=mvcount(s) | table n count", r#"[{"n":28,"count":5}]"#),
            ("stats sparkline(max(n), 1s) AS s | eval n=if(mvcount(s)<=102, \"few\", \"many\") | table n", r#"[{"n":"few"}]"#),
        ] {
            assert_eq!(run(rows, &format!("* | {query}")), want, "{query}");
        }
        let got = run(rows, "* | stats sparkline(median(n))");
        assert!(got.contains("not `median`"), "{got}");
    }
}
