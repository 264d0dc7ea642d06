//! Structural models of time series by the Kalman filter: local level, and local level with a trend.
//!
//! The models and their start are those of Durbin and Koopman, "Time Series Analysis by State Space Methods" (2001), chapters 2 and
//! 3; variances are the ones of the highest concentrated likelihood (section 2.10), found by a grid and a compass search.

use crate::diagnostic::Diagnostic;
use crate::operator::Cancel;

/// A level that wanders, and for `slope` a growth that wanders too. Variances are multiples of the noise's.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Model {
    pub level: f64,
    pub slope: Option<f64>,
}

/// What a filter makes of a series: for each place the mean and the variance of the value to be expected there, seen from the places
/// before it; null until the level, and the slope, are known.
#[derive(Debug, Default)]
pub(super) struct Filtered {
    pub expected: Vec<Option<(f64, f64)>>,
    /// Minus twice the logarithm of the likelihood, up to a constant.
    pub deviance: f64,
    /// The noise's variance.
    pub scale: f64,
}

/// The filter over a series with gaps.
pub(super) fn filter(series: &[Option<f64>], model: Model, cancel: &Cancel) -> Result<Filtered, Diagnostic> {
    let mut expected = Vec::with_capacity(series.len());
    let (mut squares, mut logs, mut count) = (0.0, 0.0, 0usize);
    let mut state: Option<State> = None;
    // The first value, while a slope needs a second one.
    let mut first: Option<(usize, f64)> = None;
    for (place, value) in series.iter().enumerate() {
        cancel.at(place)?;
        let Some(now) = &mut state else {
            expected.push(None);
            if let Some(value) = *value {
                state = match (model.slope, first) {
                    (None, _) => Some(State { level: value, slope: 0.0, p11: 1.0, p12: 0.0, p22: 0.0 }),
                    (Some(_), None) => None,
                    (Some(q), Some((before, old))) => {
                        let gap = (place - before) as f64;
                        let p22 = (2.0 + model.level * gap) / (gap * gap) + q * gap;
                        Some(State { level: value, slope: (value - old) / gap, p11: 1.0, p12: 1.0 / gap, p22 })
                    }
                };
                first = first.or(Some((place, value)));
                if let Some(s) = &mut state {
                    s.step(model);
                }
            }
            continue;
        };
        let variance = now.p11 + 1.0;
        expected.push(Some((now.level, variance)));
        if let Some(value) = *value {
            let error = value - now.level;
            squares += error * error / variance;
            logs += variance.ln();
            count += 1;
            now.learn(error, variance);
        }
        now.step(model);
    }
    let scale = squares / count.max(1) as f64;
    expected.iter_mut().flatten().for_each(|(_, variance)| *variance *= scale);
    Ok(Filtered { scale, expected, deviance: count as f64 * scale.max(f64::MIN_POSITIVE).ln() + logs })
}

#[derive(Debug)]
struct State {
    level: f64,
    slope: f64,
    p11: f64,
    p12: f64,
    p22: f64,
}

impl State {
    fn learn(&mut self, error: f64, variance: f64) {
        let (k1, k2) = (self.p11 / variance, self.p12 / variance);
        self.level += k1 * error;
        self.slope += k2 * error;
        self.p22 -= k2 * self.p12;
        self.p12 /= variance;
        self.p11 /= variance;
    }

    fn step(&mut self, model: Model) {
        self.level += self.slope;
        self.p11 += 2.0 * self.p12 + self.p22 + model.level;
        self.p12 += self.p22;
        self.p22 += model.slope.unwrap_or(0.0);
    }
}

/// The filter with the variances under which the series is likeliest.
pub(super) fn fitted(series: &[Option<f64>], trend: bool, cancel: &Cancel) -> Result<Filtered, Diagnostic> {
    let model = |at: [f64; 2]| Model { level: 10f64.powf(at[0]), slope: trend.then(|| 10f64.powf(at[1])) };
    let at = likeliest(trend, |at| Ok(filter(series, model(at), cancel)?.deviance))?;
    filter(series, model(at), cancel)
}

/// The decimal logarithms of the variances with the least deviance: level within ±6, slope within -10 … 2.
pub(super) fn likeliest(trend: bool, mut deviance: impl FnMut([f64; 2]) -> Result<f64, Diagnostic>) -> Result<[f64; 2], Diagnostic> {
    let slopes: &[f64] = if trend { &[-10.0, -6.0, -3.0, -1.0] } else { &[-10.0] };
    let mut best = ([0.0, -10.0], f64::INFINITY);
    for level in -3..=3 {
        for slope in slopes {
            let at = [f64::from(level) * 2.0, *slope];
            let value = deviance(at)?;
            if value < best.1 {
                best = (at, value);
            }
        }
    }
    let mut width = 1.0;
    while width > 0.002 {
        let before = best.1;
        for axis in 0..=usize::from(trend) {
            for way in [-width, width] {
                let mut at = best.0;
                let range = if axis == 0 { (-6.0, 6.0) } else { (-10.0, 2.0) };
                if let Some(x) = at.get_mut(axis) {
                    *x = (*x + way).clamp(range.0, range.1);
                }
                let value = deviance(at)?;
                if value < best.1 {
                    best = (at, value);
                }
            }
        }
        if best.1 >= before {
            width /= 2.0;
        }
    }
    Ok(best.0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_level_of_the_nile() {
        // Durbin and Koopman's example, the yearly flow of the Nile from 1871 to 1970: noise 15099, level 1469.1, a ratio of 0.0973.
        const NILE: [f64; 100] = [
            1120., 1160., 963., 1210., 1160., 1160., 813., 1230., 1370., 1140., 995., 935., 1110., 994., 1020., 960., 1180., 799., 958., 1140., 1100., 1210.,
            1150., 1250., 1260., 1220., 1030., 1100., 774., 840., 874., 694., 940., 833., 701., 916., 692., 1020., 1050., 969., 831., 726., 456., 824., 702.,
            1120., 1100., 832., 764., 821., 768., 845., 864., 862., 698., 845., 744., 796., 1040., 759., 781., 865., 845., 944., 984., 897., 822., 1010., 771.,
            676., 649., 846., 812., 742., 801., 1040., 860., 874., 848., 890., 744., 749., 838., 1050., 918., 986., 797., 923., 975., 815., 1020., 906., 901.,
            1170., 912., 746., 919., 718., 714., 740.,
        ];
        let series: Vec<Option<f64>> = NILE.iter().map(|n| Some(*n)).chain([None]).collect();
        let ratio = likeliest(false, |at| Ok(filter(&series, Model { level: 10f64.powf(at[0]), slope: None }, &Cancel::default())?.deviance)).unwrap()[0];
        assert!((10f64.powf(ratio) - 0.0973).abs() < 0.005, "{}", 10f64.powf(ratio));
        let next = fitted(&series, false, &Cancel::default()).unwrap().expected[100].unwrap();
        assert!((next.0 - 798.4).abs() < 1.0, "{}", next.0);
        assert!((next.1 - (15099.0 + 1469.0 + 4032.0)).abs() < 400.0, "{}", next.1);
    }

    #[test]
    fn a_line_goes_on() {
        let series: Vec<Option<f64>> = (0..10).map(|n| Some(f64::from(n) * 2.0)).chain([None, None]).collect();
        let all = fitted(&series, true, &Cancel::default()).unwrap();
        assert_eq!(all.expected[1], None);
        assert!((all.expected[11].unwrap().0 - 22.0).abs() < 1e-6);
        assert!(fitted(&[], true, &Cancel::default()).unwrap().expected.is_empty());
        assert_eq!(fitted(&[Some(1.0), None], false, &Cancel::default()).unwrap().expected[1].unwrap(), (1.0, 0.0));
    }
}
