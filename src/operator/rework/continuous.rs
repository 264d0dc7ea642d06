//! makecontinuous: values of a field fall to the start of their part, and parts without rows get one.

use crate::column::{Batch, Builder};
use crate::diagnostic::{Code, Diagnostic};
use crate::operator::{Context, bin};
use crate::plan::{AutoBin, BinSpan, Continuous};

/// Splunk refuses more parts.
const MAX_ROWS: usize = 50_000;

/// Rows in ascending order of the field; those without a number in it come last.
pub(super) fn fill(batch: Batch, spec: &Continuous, cx: &Context) -> Result<Batch, Diagnostic> {
    let column = batch.column(&spec.field);
    let span = match &spec.span {
        Some(span) => Some(span.clone()),
        None => {
            let auto = AutoBin { field: spec.field.clone(), into: spec.field.clone(), bins: spec.bins, minspan: None, start: spec.start, end: spec.end };
            bin::choose(&column, &auto, cx)?
        }
    };
    let Some(steps) = span.and_then(|s| Steps::new(s, cx)) else { return Ok(batch) };
    let inside = |n: f64| steps.timed() || spec.start.is_none_or(|s| n >= s) && spec.end.is_none_or(|e| n < e);
    let mut rows: Vec<(f64, u32)> = Vec::new();
    let mut without: Vec<u32> = Vec::new();
    for row in 0..batch.len() {
        match column.number(row).filter(|n| n.is_finite()) {
            Some(n) if inside(n) => rows.push((steps.floor(n), row as u32)),
            Some(_) => {}
            None => without.push(row as u32),
        }
    }
    rows.sort_by(|a, b| a.0.total_cmp(&b.0));
    cx.check()?;
    let (first, last) = (rows.first().map(|r| r.0), rows.last().map(|r| r.0));
    let (first, last) = match steps.timed() {
        true => (first, last),
        // The end is not included.
        false => (spec.start.map(|s| steps.floor(s)).or(first), spec.end.map(|e| steps.before(e)).or(last)),
    };
    let (Some(first), Some(last)) = (first, last) else { return Ok(batch) };
    let (mut places, mut values) = (Vec::new(), Builder::new());
    let mut left = rows.into_iter().peekable();
    let (mut at, mut made) = (first, 0usize);
    while at <= last {
        let before = places.len();
        while let Some((_, row)) = left.next_if(|(n, _)| *n <= at) {
            places.push(row);
            values.push_number(at);
        }
        if places.len() == before {
            places.push(u32::MAX);
            values.push_number(at);
        }
        made += 1;
        if made > MAX_ROWS {
            return Err(Diagnostic::error(Code::ROWS, format!("makecontinuous would make more than {MAX_ROWS} parts")).help("Make the span longer."));
        }
        let next = steps.next(at);
        // Numbers too large to tell parts apart have none between.
        if next <= at {
            for (n, row) in left {
                places.push(row);
                values.push_number(n);
            }
            break;
        }
        at = next;
    }
    for row in without {
        places.push(row);
        values.push(column.get(row as usize));
    }
    let mut out = batch.take(&places);
    out.set(spec.field.clone(), values.finish());
    Ok(out)
}

/// The starts of parts.
enum Steps<'a> {
    Time { span: crate::time::Span, align: Option<f64>, cx: &'a Context },
    Number(f64),
}

impl Steps<'_> {
    fn new(span: BinSpan, cx: &Context) -> Option<Steps<'_>> {
        match span {
            BinSpan::Time { span, align } => Some(Steps::Time { span, align, cx }),
            BinSpan::Number(size) => Some(Steps::Number(size)),
            BinSpan::Log { .. } => None,
        }
    }

    fn timed(&self) -> bool {
        matches!(self, Steps::Time { .. })
    }

    fn floor(&self, n: f64) -> f64 {
        match self {
            Steps::Time { span, align, cx } => span.floor(n, &cx.env.zone, *align),
            Steps::Number(size) => bin::tidy((n / size + 1e-9).floor() * size, *size),
        }
    }

    fn next(&self, n: f64) -> f64 {
        match self {
            Steps::Time { span, align, cx } => span.next(n, &cx.env.zone, *align),
            Steps::Number(size) => bin::tidy(((n / size).round() + 1.0) * size, *size),
        }
    }

    /// The last start below a number.
    fn before(&self, n: f64) -> f64 {
        match self {
            Steps::Number(size) => bin::tidy(((n / size - 1e-9).ceil() - 1.0) * size, *size),
            time => time.floor(n),
        }
    }
}

#[cfg(test)]
mod tests {
    use crate::operator::testing::run;

    #[test]
    fn gaps_get_rows() {
        let rows = r#"[{"x":"7","n":"1"},{"x":"2.5","n":"2"},{"x":"a","n":"3"},{"x":"2.6","n":"4"}]"#;
        for (query, want) in [
            ("makecontinuous x span=2", r#"[{"x":2,"n":"2"},{"x":2,"n":"4"},{"x":4},{"x":6,"n":"1"},{"x":"a","n":"3"}]"#),
            ("makecontinuous x span=3 start=0 end=6", r#"[{"x":0,"n":"2"},{"x":0,"n":"4"},{"x":3},{"x":"a","n":"3"}]"#),
            ("makecontinuous x bins=1", r#"[{"x":0,"n":"1"},{"x":0,"n":"2"},{"x":0,"n":"4"},{"x":"a","n":"3"}]"#),
            ("eval x=if(n=1, 1e300, 2e300) | makecontinuous x span=1 | stats count", r#"[{"count":4}]"#),
            ("makecontinuous none span=1 | head 1", r#"[{"x":"7","n":"1"}]"#),
        ] {
            assert_eq!(run(rows, &format!("* | {query}")), want, "{query}");
        }
    }
}
