//! predict: what was to be expected of a series at each row, and what is to be expected behind the last one.

use super::{bivariate, kalman, season};
use crate::column::{Batch, Builder, Column};
use crate::diagnostic::{Code, Diagnostic};
use crate::operator::{Cancel, Context};
use crate::plan::study::{Algorithm, Bound, Predict};

type Expected = Vec<Option<(f64, f64)>>;

/// The rows, with some more for the future where there are no rows to hold its values.
pub(super) fn predict(batch: Batch, all: &[Predict], cx: &Context) -> Result<Batch, Diagnostic> {
    if batch.is_empty() {
        return Ok(batch);
    }
    let ends = all.iter().map(|how| how.end(batch.len()));
    let rows = ends.max().unwrap_or_default().max(batch.len());
    cx.memory.fits(rows.saturating_mul(64 * all.iter().map(|how| how.series.len()).sum::<usize>().max(1)))?;
    let mut out = longer(&batch, rows);
    let mut any = false;
    for how in all {
        let found = expected(&batch, how, cx)?;
        any |= found.iter().any(|expected| !expected.is_empty());
        show(how, found, &mut out);
    }
    Ok(if any { out } else { batch })
}

impl Predict {
    /// Behind the last row that is foretold.
    fn end(&self, rows: usize) -> usize {
        rows.saturating_sub(self.holdback).saturating_add(self.future)
    }
}

/// What is to be expected of each series; nothing where there are too few numbers.
fn expected(batch: &Batch, how: &Predict, cx: &Context) -> Result<Vec<Expected>, Diagnostic> {
    let (used, end) = (batch.len().saturating_sub(how.holdback), how.end(batch.len()));
    let series = |field: &str| -> Vec<Option<f64>> {
        let column = batch.column(field);
        (0..end).map(|row| column.number(row).filter(|n| row < used && n.is_finite())).collect()
    };
    if !matches!(how.algorithm, Algorithm::Llb | Algorithm::BiLl) {
        return how.series.iter().map(|s| alone(&series(&s.field), used, how, cx)).collect();
    }
    let beside = how.algorithm == Algorithm::Llb;
    let other = how.correlate.as_ref().or(how.series.get(1).map(|s| &s.field));
    let (Some(first), Some(other)) = (how.series.first(), other) else { return Ok(Vec::new()) };
    // What is held back of the one series is foretold by the other.
    let column = batch.column(other);
    let second = (0..end).map(|row| column.number(row).filter(|n| (beside || row < used) && n.is_finite())).collect::<Vec<_>>();
    let both = bivariate::fitted(&series(&first.field), &second, beside, &cx.cancel)?;
    Ok(if how.series.len() > 1 { vec![both.first, both.second] } else { vec![both.first] })
}

/// The forecasts as columns.
fn show(how: &Predict, found: Vec<Expected>, out: &mut Batch) {
    for (s, expected) in how.series.iter().zip(found).filter(|(s, _)| !s.hidden) {
        let rows = out.len();
        let column = |of: &dyn Fn(f64, f64) -> f64| {
            let mut cells = Builder::new();
            for row in 0..rows {
                match expected.get(row).copied().flatten() {
                    Some((mean, variance)) => cells.push_number(of(mean, variance.max(0.0).sqrt())),
                    None => cells.push_null(),
                }
            }
            cells.finish()
        };
        let away = |bound: &Bound| deviations(0.5 + bound.percent / 200.0);
        let (low, high) = (away(&how.lower), away(&how.upper));
        out.set(s.into.clone(), column(&|mean, _| mean));
        out.set(format!("{}({})", how.lower.label, s.into), column(&|mean, spread| mean - low * spread));
        out.set(format!("{}({})", how.upper.label, s.into), column(&|mean, spread| mean + high * spread));
    }
}

/// The batch with rows behind it that have nothing but a time: as far apart as the last two.
fn longer(batch: &Batch, rows: usize) -> Batch {
    let mut out = Batch::new(rows);
    let places: Vec<u32> = (0..rows as u32).collect();
    for (name, column) in batch.columns() {
        // Past its end a constant has no value either.
        out.set(name.clone(), if rows > batch.len() { column.take(&places) } else { column.as_ref().clone() });
    }
    let times = batch.column("_time");
    let last = |back: usize| times.number(batch.len().checked_sub(back)?);
    if let (Some(last), Some(before), true) = (last(1), last(2), rows > batch.len()) {
        let at = |row: usize| last + (last - before) * (row + 1 - batch.len()) as f64;
        let all = (0..rows).map(|row| if row < batch.len() { times.get(row).into_owned() } else { at(row).into() });
        out.set("_time", all.collect::<Column>());
    }
    out
}

/// One series by itself.
fn alone(series: &[Option<f64>], used: usize, how: &Predict, cx: &Context) -> Result<Expected, Diagnostic> {
    let present = series.iter().flatten().count();
    let least = match (how.algorithm, how.period) {
        (Algorithm::Ll, _) => 2,
        (Algorithm::Llt, _) => 3,
        (_, Some(period)) => period.saturating_mul(2),
        _ => 3,
    };
    if present < least {
        cx.warn(
            Diagnostic::warning(Code::ROWS, format!("predict has too few numbers: {present} of at least {least}"))
                .help("Give it more rows, less `holdback`, or a shorter `period`."),
        );
        return Ok(Vec::new());
    }
    let period = match (how.algorithm, how.period) {
        (Algorithm::Ll | Algorithm::Llt, _) => None,
        (_, Some(period)) => Some(period),
        _ => season::length(series.get(..used).unwrap_or(series), 2, &cx.cancel)?,
    };
    let plain = |trend: bool| Ok::<_, Diagnostic>(kalman::fitted(series, trend, &cx.cancel)?.expected);
    match (how.algorithm, period) {
        (Algorithm::Llp, Some(period)) => seasonal(series, used, period, &cx.cancel),
        (Algorithm::Llp5, Some(period)) => Ok(mixed(series, plain(true)?, seasonal(series, used, period, &cx.cancel)?)),
        (Algorithm::Ll | Algorithm::Llp, _) => plain(false),
        _ => plain(true),
    }
}

/// The local level of what is left once the parts of the season are taken out, and the parts added again.
fn seasonal(series: &[Option<f64>], used: usize, period: usize, cancel: &Cancel) -> Result<Expected, Diagnostic> {
    let parts = season::parts(series.get(..used).unwrap_or(series), period);
    let part = |place: usize| parts.get(place % period.max(1)).copied().unwrap_or_default();
    let left: Vec<Option<f64>> = series.iter().enumerate().map(|(i, v)| v.map(|v| v - part(i))).collect();
    let filtered = kalman::fitted(&left, false, cancel)?;
    Ok(filtered.expected.into_iter().enumerate().map(|(i, e)| e.map(|(mean, variance)| (mean + part(i), variance))).collect())
}

/// Two forecasts as one, each weighed by how small the squares of its errors were (Bates and Granger, "The Combination of
/// Forecasts", 1969).
fn mixed(series: &[Option<f64>], a: Expected, b: Expected) -> Expected {
    let both = || series.iter().zip(a.iter().zip(&b)).filter_map(|(value, (a, b))| Some(((*value)?, (*a)?, (*b)?)));
    let (ea, eb) = both().fold((0.0, 0.0), |(ea, eb), (v, a, b)| (ea + (v - a.0).powi(2), eb + (v - b.0).powi(2)));
    let weight = if ea + eb > 0.0 { eb / (ea + eb) } else { 0.5 };
    let mix = |a: f64, b: f64| weight * a + (1.0 - weight) * b;
    let one = |a: Option<(f64, f64)>, b: Option<(f64, f64)>| match (a, b) {
        (Some(a), Some(b)) => Some((mix(a.0, b.0), mix(a.1, b.1))),
        (a, b) => a.or(b),
    };
    a.iter().zip(&b).map(|(a, b)| one(*a, *b)).collect()
}

/// How many standard deviations from the mean of a normal distribution so much of it lies below: Acklam's rational approximation,
/// with a relative error below 1.15e-9.
pub(super) fn deviations(p: f64) -> f64 {
    const A: [f64; 6] =
        [-39.696_830_286_653_76, 220.946_098_424_520_5, -275.928_510_446_968_7, 138.357_751_867_269, -30.664_798_066_147_16, 2.506_628_277_459_239];
    const B: [f64; 6] = [-54.476_098_798_224_06, 161.585_836_858_040_9, -155.698_979_859_886_6, 66.801_311_887_719_72, -13.280_681_552_885_72, 1.0];
    const C: [f64; 6] =
        [-0.007_784_894_002_430_293, -0.322_396_458_041_136_5, -2.400_758_277_161_838, -2.549_732_539_343_734, 4.374_664_141_464_968, 2.938_163_982_698_783];
    const D: [f64; 5] = [0.007_784_695_709_041_462, 0.322_467_129_070_039_8, 2.445_134_137_142_996, 3.754_408_661_907_416, 1.0];
    let polynomial = |all: &[f64], x: f64| all.iter().fold(0.0, |sum, c| sum * x + c);
    let tail = |p: f64| {
        let q = (-2.0 * p.ln()).sqrt();
        polynomial(&C, q) / polynomial(&D, q)
    };
    match p {
        p if p <= 0.0 => f64::NEG_INFINITY,
        p if p >= 1.0 => f64::INFINITY,
        p if p < 0.024_25 => tail(p),
        p if p > 1.0 - 0.024_25 => -tail(1.0 - p),
        p => {
            let (q, r) = (p - 0.5, (p - 0.5) * (p - 0.5));
            q * polynomial(&A, r) / polynomial(&B, r)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::deviations;
    use crate::operator::testing::run;

    #[test]
    fn quantiles_of_the_normal_distribution() {
        for (p, want) in [(0.5, 0.0), (0.975, 1.959_963_985), (0.025, -1.959_963_985), (0.999, 3.090_232_306), (0.0, f64::NEG_INFINITY)] {
            assert!(deviations(p) == want || (deviations(p) - want).abs() < 1e-8, "{p}: {}", deviations(p));
        }
    }

    #[test]
    fn rows_of_the_future_have_times() {
        let rows = r#"[{"_time":100,"n":"5"},{"_time":160,"n":"5"},{"_time":220},{"_time":280,"n":"5"}]"#;
        let query = "* | sort _time | predict n AS p algorithm=LL future_timespan=2 upper90=high | table _time n p high(p) lower95(p)";
        let want = r#"[{"_time":100,"n":"5"},{"_time":160,"n":"5","p":5,"high(p)":5,"lower95(p)":5},{"_time":220,"p":5,"high(p)":5,"lower95(p)":5},{"_time":280,"n":"5","p":5,"high(p)":5,"lower95(p)":5},{"_time":340,"p":5,"high(p)":5,"lower95(p)":5},{"_time":400,"p":5,"high(p)":5,"lower95(p)":5}]"#;
        assert_eq!(run(rows, query), want);
        assert_eq!(run(r#"[{"n":"5"}]"#, "* | predict n future_timespan=0 | table n"), r#"[{"n":"5"}]"#);
        assert_eq!(run("[]", "* | predict n | stats count"), r#"[{"count":0}]"#);
    }
}
