//! `earliest=`, `latest=` and their older kin in a search: ranges of time that are written as if they were fields.

use super::{Planner, Predicate, TimeRange};
use crate::column::number;
use crate::diagnostic::{Code, Diagnostic, Span};
use crate::syntax::ast::{Compare, Search, SearchField, SearchValue};
use crate::time::{Modifier, strptime};

/// Units of `daysago=`, `startmonthsago=`, `searchtimespanhours=`…, as in a relative time.
const UNITS: &[(&str, &str)] = &[("minutes", "m"), ("hours", "h"), ("days", "d"), ("months", "mon")];

impl Planner<'_> {
    /// The parts of an AND: what is written beside a time modifier can change what it means.
    pub(super) fn conjunction(&mut self, written: &[Search]) -> Result<Predicate, Diagnostic> {
        let format = written.iter().find_map(|s| value_of(s, |name| name == "timeformat")).map(|v| v.text.clone());
        let outer = format.is_some().then(|| std::mem::replace(&mut self.time_format, format));
        let parts = written.iter().map(|p| self.predicate(p)).collect::<Result<Vec<_>, _>>();
        if let Some(outer) = outer {
            self.time_format = outer;
        }
        let mut parts = parts?;
        for (n, s) in written.iter().enumerate() {
            if let Some(value) = value_of(s, |name| name.strip_prefix("searchtimespan").is_some_and(|unit| unit_of(unit).is_some())) {
                let spanned = self.span_beside(s, value, &parts, n)?;
                parts.splice(n..=n, [spanned]);
            }
        }
        self.warn_of_empty_range(written, &parts);
        Ok(Predicate::And(parts))
    }

    /// `searchtimespanhours=2`: from the begin or up to the end that stands beside it, else up to now.
    fn span_beside(&self, s: &Search, value: &SearchValue, parts: &[Predicate], n: usize) -> Result<Predicate, Diagnostic> {
        let Search::Compare { field, .. } = s else { return Ok(Predicate::And(Vec::new())) };
        let unit = field.name.strip_prefix("searchtimespan").and_then(unit_of).unwrap_or("h");
        let ranges = || parts.iter().enumerate().filter(|(i, _)| *i != n).filter_map(|(_, p)| if let Predicate::Time(range) = p { Some(range) } else { None });
        let (begin, end) = (ranges().find_map(|r| r.earliest), ranges().find_map(|r| r.latest));
        Ok(match (begin, end) {
            (Some(_), Some(_)) => Predicate::And(Vec::new()),
            (Some(begin), None) => Predicate::Time(TimeRange { earliest: None, latest: Some(self.moved('+', value, unit, begin)?) }),
            (None, end) => Predicate::Time(TimeRange { earliest: Some(self.moved('-', value, unit, end.unwrap_or(self.env.now))?), latest: None }),
        })
    }

    /// A time moved by as many units as a value says.
    fn moved(&self, sign: char, value: &SearchValue, unit: &str, from: f64) -> Result<f64, Diagnostic> {
        let count = value.text.parse::<u32>().map_err(|_| {
            Diagnostic::error(Code::TIME, format!("`{}` is no count of units of time", value.text)).at(value.span).help("Write a whole number, such as 7.")
        })?;
        let modifier = Modifier::parse(&format!("{sign}{count}{unit}")).map_err(|e| Diagnostic::error(Code::TIME, e.to_string()).at(value.span))?;
        Ok(modifier.apply(from, &self.env.zone))
    }

    /// The range that a comparison with `=` means; `None` where its field is none of time.
    pub(super) fn time_modifier(&self, field: &SearchField, value: &SearchValue) -> Result<Option<TimeRange>, Diagnostic> {
        let from = |earliest: f64| TimeRange { earliest: Some(earliest), latest: None };
        let to = |latest: f64| TimeRange { earliest: None, latest: Some(latest) };
        let ago = |unit: &str| unit.strip_suffix("ago").and_then(unit_of);
        let name = field.name.as_str();
        Ok(Some(match name {
            "earliest" | "_index_earliest" => from(self.moment(&value.text, value.span)?),
            "latest" | "_index_latest" => to(self.moment(&value.text, value.span)?),
            "starttime" => from(self.formatted(value)?),
            "endtime" => to(self.formatted(value)?),
            "starttimeu" => from(self.epoch(value)?),
            "endtimeu" => to(self.epoch(value)?),
            // What they format stands beside it.
            "timeformat" => TimeRange::default(),
            _ => match (ago(name), name.strip_prefix("start").and_then(ago), name.strip_prefix("end").and_then(ago)) {
                (Some(unit), _, _) | (_, Some(unit), _) => from(self.moved('-', value, unit, self.env.now)?),
                (_, _, Some(unit)) => to(self.moved('-', value, unit, self.env.now)?),
                _ => match name.strip_prefix("searchtimespan").and_then(unit_of) {
                    Some(unit) => from(self.moved('-', value, unit, self.env.now)?),
                    None => return Ok(None),
                },
            },
        }))
    }

    /// `starttime=` and `endtime=`, by the `timeformat=` beside them.
    fn formatted(&self, value: &SearchValue) -> Result<f64, Diagnostic> {
        let Some(format) = &self.time_format else { return self.moment(&value.text, value.span) };
        strptime(&value.text, format, &self.env.zone, self.env.now).ok_or_else(|| {
            Diagnostic::error(Code::TIME, format!("`{}` is no time of the format `{format}`", value.text)).at(value.span).help("Write it as `timeformat` says.")
        })
    }

    fn epoch(&self, value: &SearchValue) -> Result<f64, Diagnostic> {
        number::parse(&value.text).map_or_else(|| self.moment(&value.text, value.span), Ok)
    }

    /// A time modifier as epoch seconds; `now` and relative ones go by the start of the query.
    pub fn moment(&self, text: &str, span: Span) -> Result<f64, Diagnostic> {
        match Modifier::parse(text) {
            Ok(m) => Ok(m.apply(self.env.now, &self.env.zone)),
            Err(e) => Err(Diagnostic::error(Code::TIME, format!("`{text}` is no time")).at(span).help(e.to_string())),
        }
    }

    /// Warns of a range of time that ends before it begins: no event lies in it.
    fn warn_of_empty_range(&mut self, written: &[Search], parts: &[Predicate]) {
        let bounds = |of: fn(&TimeRange) -> Option<f64>| {
            let bound = move |(s, p): (&Search, &Predicate)| if let Predicate::Time(range) = p { of(range).zip(s.span()) } else { None };
            written.iter().zip(parts).filter_map(bound)
        };
        let begin = bounds(|r| r.earliest).max_by(|a, b| a.0.total_cmp(&b.0));
        let end = bounds(|r| r.latest).min_by(|a, b| a.0.total_cmp(&b.0));
        if let (Some((begin, _)), Some((end, at))) = (begin, end)
            && begin >= end
        {
            let warning = Diagnostic::warning(Code::TIME, "this range of time ends before it begins, so no event lies in it").at(at);
            self.warnings.push(warning.help("Swap `earliest` and `latest`, or leave one out."));
        }
    }
}

fn unit_of(name: &str) -> Option<&'static str> {
    UNITS.iter().find(|(n, _)| *n == name).map(|(_, unit)| *unit)
}

/// The value of a comparison with `=` whose field has such a name.
fn value_of(s: &Search, wanted: impl Fn(&str) -> bool) -> Option<&SearchValue> {
    match s {
        Search::Compare { field, op: Compare::Eq, value } if wanted(&field.name) => Some(value),
        _ => None,
    }
}
