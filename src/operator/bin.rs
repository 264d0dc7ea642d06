//! bin: numbers and times into parts of equal size.

use super::{Context, Stream, Whole};
use crate::column::{Column, Value, number};
use crate::diagnostic::Diagnostic;
use crate::plan::{AutoBin, BinSpan};
use crate::time::Zone;
use crate::time::span::auto_span;
use std::sync::Arc;

/// Times that are compared with a span in one go.
const TOGETHER: usize = 32;

/// The bin of every value: the start of a span of time, or `start-end` for numbers, the end not included. What is no number
/// stays, as do numbers below or at zero under a logarithmic span.
pub fn bin(column: &Column, span: &BinSpan, cx: &Context) -> Column {
    if let (Column::Number { values, valid }, BinSpan::Time { span, align }) = (column, span) {
        // Events that follow each other mostly lie in the same span.
        let mut last = (f64::NAN, f64::NAN);
        let mut starts = Vec::with_capacity(values.len());
        for some in values.chunks(TOGETHER) {
            if some.iter().fold(true, |within, t| within & (*t >= last.0) & (*t < last.1)) {
                starts.resize(starts.len() + some.len(), last.0);
                continue;
            }
            for t in some {
                if !(*t >= last.0 && *t < last.1) {
                    let floor = span.floor(*t, &cx.env.zone, *align);
                    last = (floor, span.next(floor, &cx.env.zone, *align));
                }
                starts.push(last.0);
            }
        }
        return Column::Number { values: starts, valid: valid.clone() };
    }
    column.map(|v| match v {
        Value::Multi(all) => Value::multi(all.into_iter().map(|v| one(v, span, cx))),
        v => one(v, span, cx),
    })
}

fn one<'v>(value: Value<'v>, span: &BinSpan, cx: &Context) -> Value<'v> {
    let Some(n) = value.as_number() else { return value };
    if let BinSpan::Time { span, align } = span {
        return Value::Number(span.floor(n, &cx.env.zone, *align));
    }
    label(n, span).map_or(value, Value::owned)
}

/// The text of the bin that a number lies in; `None` where numbers are too large to tell bins apart.
fn linear(n: f64, size: f64) -> Option<String> {
    if !(size > 0.0 && size.is_finite() && n.is_finite()) {
        return None;
    }
    let mut index = (n / size).floor();
    // 0.3 / 0.1 lies just below 3.
    if tidy((index + 1.0) * size, size) <= n {
        index += 1.0;
    }
    let (start, end) = (tidy(index * size, size), tidy((index + 1.0) * size, size));
    (end > start).then(|| format!("{}-{}", number::format(start), number::format(end)))
}

/// A multiple of a size, with no more decimals than the size has.
pub(super) fn tidy(n: f64, size: f64) -> f64 {
    let decimals = number::format(size).split_once('.').map_or(0, |(_, d)| d.len());
    format!("{n:.decimals$}").parse().unwrap_or(n)
}

/// Bins from `coefficient × baseᵏ` to `coefficient × baseᵏ⁺¹`.
fn logarithmic(n: f64, coefficient: f64, base: f64) -> Option<String> {
    if !(n > 0.0 && n.is_finite() && coefficient > 0.0 && base > 1.0) {
        return None;
    }
    let edge = |k: f64| coefficient * base.powf(k);
    let mut k = (n / coefficient).log(base).floor();
    if edge(k + 1.0) <= n {
        k += 1.0;
    } else if edge(k) > n {
        k -= 1.0;
    }
    Some(format!("{}-{}", number::format(edge(k)), number::format(edge(k + 1.0))))
}

/// The parts of a span in their order. A place is a part's number, or the start of a stretch of time.
pub(super) struct Scale<'a> {
    pub span: &'a BinSpan,
    pub zone: &'a Zone,
}

impl Scale<'_> {
    /// The place of the part that a value of [`bin`] says; `None` for what is none.
    pub fn place(&self, value: &Value<'_>) -> Option<f64> {
        if let BinSpan::Time { .. } = self.span {
            return value.as_number();
        }
        let text = value.as_text()?;
        // `-10--5` and `1e-7-2e-7` have more than one dash.
        text.match_indices('-').find_map(|(at, _)| {
            let (start, end) = (number::parse(text.get(..at)?)?, number::parse(text.get(at + 1..)?)?);
            let middle = start + (end - start) / 2.0;
            (label(middle, self.span)? == text).then(|| self.holding(middle)).flatten()
        })
    }

    /// The place of the part that holds a number.
    pub fn holding(&self, n: f64) -> Option<f64> {
        let place = match self.span {
            BinSpan::Time { span, align } => span.floor(n, self.zone, *align),
            BinSpan::Number(size) => (n / size + 1e-9).floor(),
            BinSpan::Log { coefficient, base } => ((n / coefficient).log(*base) + 1e-9).floor(),
        };
        place.is_finite().then_some(place)
    }

    /// The place of the last part that begins below a number.
    pub fn before(&self, n: f64) -> Option<f64> {
        let place = match self.span {
            BinSpan::Time { .. } => return None,
            BinSpan::Number(size) => (n / size - 1e-9).ceil() - 1.0,
            BinSpan::Log { coefficient, base } => ((n / coefficient).log(*base) - 1e-9).ceil() - 1.0,
        };
        place.is_finite().then_some(place)
    }

    /// The place behind another.
    pub fn next(&self, place: f64) -> f64 {
        match self.span {
            BinSpan::Time { span, align } => span.next(place, self.zone, *align),
            _ => place + 1.0,
        }
    }

    /// The value of the part at a place.
    pub fn value(&self, place: f64) -> Value<'static> {
        let middle = match self.span {
            BinSpan::Time { .. } => return Value::Number(place),
            BinSpan::Number(size) => (place + 0.5) * size,
            BinSpan::Log { coefficient, base } => coefficient * base.powf(place) * (1.0 + base) / 2.0,
        };
        label(middle, self.span).map_or(Value::Null, Value::owned)
    }
}

/// The text of the part that a number lies in.
fn label(n: f64, span: &BinSpan) -> Option<String> {
    match span {
        BinSpan::Time { .. } => None,
        BinSpan::Number(size) => linear(n, *size),
        BinSpan::Log { coefficient, base } => logarithmic(n, *coefficient, *base),
    }
}

/// Bins whose size follows from the data. For numbers it is the least power of ten with which `bins` of them hold the range
/// of the values; `start` and `end` widen that range. For `_time` it is the finest round span of time.
pub fn auto(input: Stream, bin: AutoBin, cx: &Arc<Context>) -> Stream {
    Whole::stream(input, cx, move |mut batch, cx| {
        let column = batch.column(&bin.field);
        if let Some(span) = choose(&column, &bin, cx)? {
            batch.set(bin.into.clone(), self::bin(&column, &span, cx));
        }
        Ok(batch)
    })
}

/// The span for a column; `None` where it holds no numbers.
pub(super) fn choose(column: &Column, bin: &AutoBin, cx: &Context) -> Result<Option<BinSpan>, Diagnostic> {
    let (mut low, mut high) = (f64::INFINITY, f64::NEG_INFINITY);
    for i in 0..column.len() {
        cx.at(i)?;
        for n in column.get(i).each().iter().filter_map(Value::as_number).filter(|n| n.is_finite()) {
            (low, high) = (low.min(n), high.max(n));
        }
    }
    if low > high {
        return Ok(None);
    }
    let timed = &*bin.field == "_time";
    if !timed {
        low = low.min(bin.start.unwrap_or(low));
        high = high.max(bin.end.unwrap_or(high));
    }
    let least = bin.minspan.map_or(0.0, |s| s.seconds());
    let range = high - low;
    if timed {
        let span = auto_span(range, u32::try_from(bin.bins).unwrap_or(u32::MAX));
        let span = bin.minspan.filter(|s| s.seconds() > span.seconds()).unwrap_or(span);
        return Ok(Some(BinSpan::Time { span, align: None }));
    }
    let wanted = (range / bin.bins.max(1) as f64).max(least);
    // One value alone has no range.
    let exponent = if wanted > 0.0 { wanted.log10().ceil() as i32 } else { 0 };
    let near = if wanted > 0.0 { exponent - 1..=exponent + 1 } else { 0..=0 };
    // The logarithm of a power of ten may lie just beside its exponent.
    let size = near.map(power).find(|p| *p >= wanted).unwrap_or_else(|| power(exponent));
    Ok(Some(BinSpan::Number(size)))
}

fn power(exponent: i32) -> f64 {
    if exponent < 0 { format!("1e{exponent}").parse().unwrap_or(1.0) } else { 10f64.powi(exponent) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::operator::testing::{context, run};

    #[test]
    fn bins_of_numbers() {
        for (n, span, want) in [
            (7.0, "10", "0-10"),
            (10.0, "10", "10-20"),
            (-1.0, "10", "-10-0"),
            (0.3, "0.1", "0.3-0.4"),
            (0.25, "0.1", "0.2-0.3"),
            (39225.0, "log10", "10000-100000"),
            (39225.0, "2log10", "20000-200000"),
            (1000.0, "log10", "1000-10000"),
            (0.5, "log2", "0.5-1"),
            (1200.0, "1.11log2", "1136.64-2273.28"),
            (-5.0, "log10", "-5"),
            (1e300, "1", "1e300"),
        ] {
            let span = BinSpan::parse(span, false, None).unwrap();
            assert_eq!(one(Value::Number(n), &span, &context()).as_text().unwrap(), want);
        }
        assert_eq!(one(Value::text("x"), &BinSpan::Number(1.0), &context()), Value::text("x"));
    }

    #[test]
    fn chooses_a_power_of_ten() {
        let hours = |n: u32| format!("[{}]", (0..n).map(|h| format!(r#"{{"x":"{h}"}}"#)).collect::<Vec<_>>().join(","));
        for (rows, options, want) in [
            (hours(24), "bins=24", "23-24"),
            (hours(24), "bins=12", "20-30"),
            (hours(60), "bins=5", "0-100"),
            (hours(60), "", "59-60"),
            (hours(60), "minspan=101", "0-1000"),
            (hours(10), "end=1000", "0-10"),
            (hours(10), "start=0 end=1", "9-9.1"),
            (r#"[{"x":"5"}]"#.to_string(), "", "5-6"),
        ] {
            let query = format!("* | bin {options} x | tail 1 | table x");
            assert_eq!(run(&rows, &query), format!(r#"[{{"x":"{want}"}}]"#), "{options}");
        }
        assert_eq!(run(r#"[{"x":"a"}]"#, "* | bin x"), r#"[{"x":"a"}]"#);
    }

    #[test]
    fn times_give_the_start() {
        let rows = r#"[{"_time":100},{"_time":4000}]"#;
        assert_eq!(run(rows, "* | bin _time span=1h | eval t=_time | table t"), r#"[{"t":0},{"t":3600}]"#);
        assert_eq!(run(rows, "* | bin _time span=60 | eval t=_time | table t"), r#"[{"t":60},{"t":3960}]"#);
        assert_eq!(run(rows, "* | bin _time bins=2 AS t | table t"), r#"[{"t":0},{"t":3600}]"#);
    }
}
