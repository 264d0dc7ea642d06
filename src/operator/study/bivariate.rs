//! Two series whose levels wander together: the homogeneous multivariate local level model (Harvey, "Forecasting, Structural Time
//! Series Models and the Kalman Filter", 1989, chapter 8), in which levels and noise have the same correlation.

use super::kalman::{self, Model};
use crate::diagnostic::Diagnostic;
use crate::operator::Cancel;

type Series<'a> = &'a [Option<f64>];
type Matrix = [[f64; 2]; 2];

/// Means and variances to be expected of both series; with `beside` those of the first one also know the second one's value of the
/// same place. Null until both series have begun.
#[derive(Debug, Default)]
pub(super) struct Expected {
    pub first: Vec<Option<(f64, f64)>>,
    pub second: Vec<Option<(f64, f64)>>,
}

/// The filter over both; `last` is where the places end.
pub(super) fn fitted(first: Series<'_>, second: Series<'_>, beside: bool, cancel: &Cancel) -> Result<Expected, Diagnostic> {
    let model = |at: [f64; 2]| Model { level: 10f64.powf(at[0]), slope: None };
    let at = kalman::likeliest(false, |at| {
        let (a, b) = (kalman::filter(first, model(at), cancel)?, kalman::filter(second, model(at), cancel)?);
        Ok(a.deviance + b.deviance)
    })?;
    let model = model(at);
    let noise = noise(first, second, model, cancel)?;
    let mut out = Expected::default();
    let mut state: Option<State> = None;
    let mut begun = (None, None);
    for (place, values) in first.iter().zip(second).enumerate() {
        cancel.at(place)?;
        let Some(now) = &mut state else {
            out.first.push(None);
            out.second.push(None);
            begun = (values.0.or(begun.0), values.1.or(begun.1));
            if let (Some(a), Some(b)) = begun {
                state = Some(State { level: [a, b], spread: scaled(noise, 1.0 + model.level) });
            }
            continue;
        };
        let total = sum(now.spread, noise);
        // How far the second series' value tells of the first one's.
        let tells = if total[1][1] > 0.0 { total[0][1] / total[1][1] } else { 0.0 };
        let rest = (total[0][0] - tells * total[0][1]).max(0.0);
        let error = values.1.map(|v| v - now.level[1]);
        out.first.push(Some(match error.filter(|_| beside) {
            Some(error) => (now.level[0] + tells * error, rest),
            None => (now.level[0], total[0][0]),
        }));
        out.second.push(Some((now.level[1], total[1][1])));
        now.learn(*values.0, error, total, tells, rest);
        now.spread = sum(now.spread, scaled(noise, model.level));
    }
    Ok(out)
}

struct State {
    level: [f64; 2],
    spread: Matrix,
}

impl State {
    /// Takes in the second series' value, then what the first one's says beyond it.
    fn learn(&mut self, first: Option<f64>, error: Option<f64>, total: Matrix, tells: f64, rest: f64) {
        let (mut residual, mut variance) = (first.map(|v| v - self.level[0]), total[0][0]);
        let mut reach = [self.spread[0][0], self.spread[1][0]];
        if let Some(error) = error {
            let column = [self.spread[0][1], self.spread[1][1]];
            self.update(column, error, total[1][1]);
            residual = residual.map(|r| r - tells * error);
            variance = rest;
            reach = [reach[0] - tells * column[0], reach[1] - tells * column[1]];
        }
        if let Some(residual) = residual
            && variance > 1e-12 * total[0][0]
        {
            self.update(reach, residual, variance);
        }
    }

    /// The state, given an error with this variance and these covariances with the levels.
    fn update(&mut self, reach: [f64; 2], error: f64, variance: f64) {
        if variance <= 0.0 {
            return;
        }
        for (level, r) in self.level.iter_mut().zip(reach) {
            *level += r * error / variance;
        }
        for (row, a) in self.spread.iter_mut().zip(reach) {
            for (cell, b) in row.iter_mut().zip(reach) {
                *cell -= a * b / variance;
            }
        }
    }
}

/// The noise's covariances: means of the products of the errors, each over the root of its variance, where both series have one.
fn noise(first: Series<'_>, second: Series<'_>, model: Model, cancel: &Cancel) -> Result<Matrix, Diagnostic> {
    let errors = |series: Series<'_>| -> Result<Vec<Option<f64>>, Diagnostic> {
        let filtered = kalman::filter(series, model, cancel)?;
        let root = |variance: f64| if filtered.scale > 0.0 { (variance / filtered.scale).sqrt() } else { 1.0 };
        Ok(series.iter().zip(&filtered.expected).map(|(value, e)| value.zip(*e).map(|(value, (mean, v))| (value - mean) / root(v))).collect())
    };
    let (a, b) = (errors(first)?, errors(second)?);
    let (mut sums, mut count) = ([[0.0; 2]; 2], 0.0);
    for (x, y) in a.iter().zip(&b).filter_map(|(a, b)| a.zip(*b)) {
        sums = sum(sums, [[x * x, x * y], [x * y, y * y]]);
        count += 1.0;
    }
    Ok(scaled(sums, if count > 0.0 { 1.0 / count } else { 0.0 }))
}

fn scaled(m: Matrix, by: f64) -> Matrix {
    m.map(|row| row.map(|x| x * by))
}

fn sum(a: Matrix, b: Matrix) -> Matrix {
    [[a[0][0] + b[0][0], a[0][1] + b[0][1]], [a[1][0] + b[1][0], a[1][1] + b[1][1]]]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_series_tells_of_the_other() {
        let steps = [3.0, 1.0, 4.0, 1.0, 5.0, 9.0, 2.0, 6.0, 5.0, 3.0, 5.0, 8.0];
        let second: Vec<Option<f64>> = steps.iter().map(|n| Some(*n)).collect();
        let first: Vec<Option<f64>> = steps.iter().enumerate().map(|(i, n)| (i < 10).then_some(100.0 + 2.0 * n)).collect();
        let got = fitted(&first, &second, true, &Cancel::default()).unwrap();
        assert_eq!(got.first[0], None);
        assert!((got.first[10].unwrap().0 - 110.0).abs() < 0.5 && (got.first[11].unwrap().0 - 116.0).abs() < 0.5, "{got:?}");
        let alone = fitted(&first, &second, false, &Cancel::default()).unwrap();
        assert!(alone.first[11].unwrap().1 > got.first[11].unwrap().1);
        assert_eq!(fitted(&[Some(1.0); 3], &[Some(2.0); 3], true, &Cancel::default()).unwrap().second[2].unwrap(), (2.0, 0.0));
        assert!(fitted(&[], &[], true, &Cancel::default()).unwrap().first.is_empty());
    }
}
