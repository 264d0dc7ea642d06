//! anomalousvalue: values that are rare, or far from the mean, among the values of their field. A number is anomalous where a normal
//! distribution of the field's mean and deviation has less than `pthresh` beyond it on both sides; any value is where its frequency is less.

use super::coded::{Coded, chosen, numeric};
use crate::column::{Batch, Builder, Column, Mask, Name, Value};
use crate::diagnostic::Diagnostic;
use crate::operator::Context;
use crate::plan::study::{Show, Unusual};

/// One field's statistics; scores are null where the value is not anomalous.
struct Scored {
    field: Coded,
    numeric: bool,
    mean: f64,
    deviation: f64,
    by_frequency: Vec<Option<f64>>,
    by_distance: Vec<Option<f64>>,
}

pub(super) fn unusual(mut batch: Batch, how: &Unusual, cx: &Context) -> Result<Batch, Diagnostic> {
    let mut scored = Vec::new();
    for (name, column) in chosen(&batch, &how.fields) {
        scored.push(score(name, column, how, cx)?);
    }
    let rows = batch.len();
    if how.show == Show::Summary {
        return Ok(summary(&scored, rows, how));
    }
    let mut anomalous = Mask::new(rows, false);
    for one in &scored {
        for (kind, scores) in [("Num", &one.by_distance), ("Cat", &one.by_frequency)] {
            if !taken(one, scores, rows, how) {
                continue;
            }
            let mut cells = Builder::new();
            for (row, score) in scores.iter().enumerate() {
                cells.push(Value::from(*score));
                if score.is_some() {
                    anomalous.set(row, true);
                }
            }
            batch.set(format!("Anomaly_Score_{kind}({})", one.field.name), cells.finish());
        }
    }
    Ok(if how.show == Show::Filter { batch.filter(&anomalous) } else { batch })
}

fn score(name: &Name, column: &Column, how: &Unusual, cx: &Context) -> Result<Scored, Diagnostic> {
    let field = Coded::new(name, column, cx)?;
    let numeric = numeric(column);
    cx.memory.charge(column.len() * 32)?;
    let numbers = || (0..column.len()).filter_map(|row| column.number(row)).filter(|_| numeric);
    let present = field.present() as f64;
    let count = numbers().count() as f64;
    let mean = numbers().map(|n| n / count.max(1.0)).sum::<f64>();
    let deviation = if count > 1.0 { (numbers().map(|n| (n - mean) * (n - mean)).sum::<f64>() / (count - 1.0)).sqrt() } else { 0.0 };
    let low = |p: f64| (p < how.threshold).then_some(p);
    let by_frequency = field.codes.iter().map(|code| code.and_then(|code| low(f64::from(field.count(code)) / present))).collect();
    let far = |n: f64| low(beyond((n - mean).abs() / deviation));
    let by_distance = (0..column.len()).map(|row| column.number(row).filter(|_| numeric && deviation > 0.0).and_then(far)).collect();
    Ok(Scored { field, numeric, mean, deviation, by_frequency, by_distance })
}

/// How many of a field's values are anomalous, as a share.
fn share(one: &Scored, scores: &[Option<f64>]) -> f64 {
    scores.iter().flatten().count() as f64 / one.field.present().max(1) as f64
}

/// Is the field looked at, by these scores?
fn taken(one: &Scored, scores: &[Option<f64>], rows: usize, how: &Unusual) -> bool {
    let (present, share) = (one.field.present(), share(one, scores));
    let supported = present as u64 >= how.least_count && present as f64 / rows.max(1) as f64 >= how.least_share;
    supported && share > 0.0 && share <= how.most_anomalous && share >= how.least_anomalous
}

fn summary(scored: &[Scored], rows: usize, how: &Unusual) -> Batch {
    let mut out = Batch::new(scored.len());
    let mut column = |name: &str, of: &dyn Fn(&Scored) -> Value<'static>| {
        let mut cells = Builder::new();
        scored.iter().for_each(|s| cells.push(of(s)));
        out.set(name, cells.finish());
    };
    let yes = |b: bool| Value::text(if b { "YES" } else { "NO" });
    let percent = |n: f64| Value::Number(n * 100.0);
    let number = |s: &Scored, n: f64| if s.numeric { Value::Number(n) } else { Value::Null };
    column("fieldname", &|s| Value::owned(&*s.field.name));
    column("count", &|s| Value::Number(s.field.present() as f64));
    column("distinct_count", &|s| Value::Number(s.field.counts.len() as f64));
    column("isNum", &|s| yes(s.numeric));
    column("mean", &|s| number(s, s.mean));
    column("stdev", &|s| number(s, s.deviation));
    column("catAnoFreq%", &|s| percent(share(s, &s.by_frequency)));
    column("catNormFreq%", &|s| percent(1.0 - share(s, &s.by_frequency)));
    column("numAnoFreq%", &|s| number(s, 100.0 * share(s, &s.by_distance)));
    column("numNormFreq%", &|s| number(s, 100.0 - 100.0 * share(s, &s.by_distance)));
    column("supportFreq%", &|s| percent(s.field.present() as f64 / rows.max(1) as f64));
    column("useCat", &|s| yes(taken(s, &s.by_frequency, rows, how)));
    column("useNum", &|s| yes(taken(s, &s.by_distance, rows, how)));
    out
}

/// How much of a normal distribution lies further from its mean than so many deviations: formula 7.1.26 of Abramowitz and Stegun, "Handbook
/// of Mathematical Functions" (1964), with an error below 1.5e-7.
fn beyond(deviations: f64) -> f64 {
    let x = deviations / std::f64::consts::SQRT_2;
    let t = 1.0 / (1.0 + 0.327_591_1 * x);
    let sum = [1.061_405_429, -1.453_152_027, 1.421_413_741, -0.284_496_736, 0.254_829_592].iter().fold(0.0, |sum, c| (sum + c) * t);
    sum * (-x * x).exp()
}

#[cfg(test)]
mod tests {
    use super::beyond;
    use crate::operator::testing::run;

    #[test]
    fn tails_of_the_normal_distribution() {
        for (z, want) in [(0.0, 1.0), (1.959_964, 0.05), (2.575_829, 0.01), (40.0, 0.0)] {
            assert!((beyond(z) - want).abs() < 1e-6, "{z}: {}", beyond(z));
        }
    }

    #[test]
    fn rare_and_far_values() {
        let mut rows: Vec<String> = (0..119).map(|i| format!(r#"{{"u":"a","n":"{}"}}"#, i % 3)).collect();
        rows.push(r#"{"u":"z","n":"900"}"#.into());
        let rows = format!("[{}]", rows.join(","));
        let got = run(&rows, "* | anomalousvalue minnormfreq=0.001 | table u n Anomaly_Score_Cat(u) Anomaly_Score_Num(n)");
        assert!(got.starts_with(r#"[{"u":"z","n":"900","Anomaly_Score_Cat(u)":0.00833"#) && !got.contains("},{"), "{got}");
        // One of 120 is less than the least share of anomalies by default.
        assert_eq!(run(&rows, "* | anomalousvalue"), "[]");
        assert_eq!(run(&rows, "* | anomalousvalue action=annotate minnormfreq=0 u | stats count"), r#"[{"count":120}]"#);
        let summary = run(&rows, "* | anomalousvalue action=summary minnormfreq=0 | table fieldname isNum useCat useNum");
        assert_eq!(summary, r#"[{"fieldname":"u","isNum":"NO","useCat":"YES","useNum":"NO"},{"fieldname":"n","isNum":"YES","useCat":"YES","useNum":"YES"}]"#);
    }
}
