//! x11: a series without its season, by the two rounds of the X-11 method (Shiskin, Young and Musgrave, "The X-11 Variant of the Census
//! Method II Seasonal Adjustment Program", 1967). Near the ends weights are cut and scaled; extreme values are not treated.

use super::season::{centred, length};
use crate::column::{Batch, Builder};
use crate::diagnostic::{Code, Diagnostic};
use crate::operator::Context;
use crate::plan::study::Adjust;

type Series = Vec<Option<f64>>;

/// Seasons shorter than this are not looked for.
pub(super) const SHORTEST: usize = 5;

const THREE_BY_THREE: &[f64] = &[1.0, 2.0, 3.0, 2.0, 1.0];
const THREE_BY_FIVE: &[f64] = &[1.0, 2.0, 3.0, 3.0, 3.0, 2.0, 1.0];
/// Henderson's trend of thirteen places (1916).
const HENDERSON: &[f64] = &[-0.01935, -0.02786, 0.0, 0.06549, 0.14736, 0.21434, 0.24006, 0.21434, 0.14736, 0.06549, 0.0, -0.02786, -0.01935];

pub(super) fn adjust(mut batch: Batch, how: &Adjust, cx: &Context) -> Result<Batch, Diagnostic> {
    let column = batch.column(&how.field);
    cx.memory.charge(batch.len() * 160)?;
    let series: Series = (0..batch.len()).map(|row| column.number(row).filter(|n| n.is_finite())).collect();
    let period = match how.period {
        Some(period) => Some(period),
        None => length(&series, SHORTEST, &cx.cancel)?,
    };
    let mut ratios = how.ratios;
    if ratios && series.iter().flatten().any(|n| *n <= 0.0) {
        cx.warn(
            Diagnostic::warning(Code::ROWS, "x11 takes seasons out by division only where all numbers are above 0: they were subtracted").help("Use `add`."),
        );
        ratios = false;
    }
    let adjusted = match period {
        Some(period) if series.iter().flatten().count() >= 2 * period => {
            let apart = |a: &Series, b: &Series| -> Series { a.iter().zip(b).map(|(a, b)| without((*a)?, (*b)?, ratios)).collect() };
            let first = apart(&series, &centred(&series, period));
            let season = seasons(&first, period, THREE_BY_THREE, ratios);
            cx.cancel.check()?;
            let trend = smooth(&apart(&series, &season), 1, HENDERSON);
            let season = seasons(&apart(&series, &trend), period, THREE_BY_FIVE, ratios);
            cx.cancel.check()?;
            apart(&series, &season)
        }
        Some(period) => {
            cx.warn(
                Diagnostic::warning(Code::ROWS, format!("x11 needs two seasons, {} numbers here", 2 * period)).help("Give it more rows, or a shorter period."),
            );
            return Ok(batch);
        }
        // No season, nothing to take out.
        None => series,
    };
    let mut cells = Builder::new();
    adjusted.into_iter().for_each(|n| cells.push(n.into()));
    batch.set(how.into.clone(), cells.finish());
    Ok(batch)
}

fn without(a: f64, b: f64, ratios: bool) -> Option<f64> {
    match ratios {
        true => (b != 0.0).then(|| a / b),
        false => Some(a - b),
    }
}

/// The season of each place, smoothed over the same part of the seasons around; over a whole season it evens out.
fn seasons(series: &Series, period: usize, weights: &[f64], ratios: bool) -> Series {
    let nothing = if ratios { 1.0 } else { 0.0 };
    let smooth = smooth(series, period, weights);
    let level = centred(&smooth, period);
    let ends = (level.iter().flatten().next().copied(), level.iter().flatten().next_back().copied());
    let half = level.len() / 2;
    let one = |(place, (value, level)): (usize, (&Option<f64>, &Option<f64>))| {
        let level = level.or(if place < half { ends.0 } else { ends.1 }).unwrap_or(nothing);
        Some(value.and_then(|v| without(v, level, ratios)).unwrap_or(nothing))
    };
    smooth.iter().zip(&level).enumerate().map(one).collect()
}

/// A weighted moving average over places so many apart; weights of missing values go to the others.
fn smooth(series: &Series, step: usize, weights: &[f64]) -> Series {
    let half = weights.len() / 2;
    (0..series.len())
        .map(|place| {
            let around = weights.iter().enumerate().filter_map(|(i, weight)| {
                let at = (place + i * step).checked_sub(half * step)?;
                series.get(at).copied().flatten().map(|value| (value * weight, *weight))
            });
            let (sum, weight) = around.fold((0.0, 0.0), |(s, w), (value, weight)| (s + value, w + weight));
            (weight > 0.0).then(|| sum / weight)
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use crate::operator::testing::run;

    #[test]
    fn the_season_goes() {
        let query = |how: &str| {
            format!(
                "| makeresults count=60 | streamstats count AS i | eval n=100+i+case(i%6=0,30,i%6=3,-30,true(),0) | x11 {how} AS a | eval off=abs(a-100-i) | stats max(off) AS off | eval off=if(off<3, 1, off)"
            )
        };
        for how in ["add6(n)", "mult6(n)", "add() 6 (n)", "6(n)", "mult(n)", "n"] {
            assert_eq!(run("[]", &query(how)), r#"[{"off":1}]"#, "{how}");
        }
        let rows = r#"[{"n":"1"},{"n":"-2"},{"n":"x"}]"#;
        assert_eq!(run(rows, "* | x11 add(n) AS a | table a"), r#"[{"a":1},{"a":-2},{}]"#);
        assert_eq!(run(rows, "* | x11 add7(n) AS a | table n"), r#"[{"n":"1"},{"n":"-2"},{"n":"x"}]"#);
    }
}
