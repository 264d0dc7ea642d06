//! Seasons of a series: how long they are, and what each part of them adds.

use crate::diagnostic::Diagnostic;
use crate::operator::Cancel;

/// Longer seasons are not looked for.
const LONGEST: usize = 1000;

/// The length of the season that a series shows: the first high peak of its autocorrelation once a straight line is taken out (Box and
/// Jenkins, "Time Series Analysis", 1970, chapter 2). A peak counts above three standard errors of white noise. Seasons have at least `least` rows.
pub(super) fn length(series: &[Option<f64>], least: usize, cancel: &Cancel) -> Result<Option<usize>, Diagnostic> {
    let left = without_line(series);
    let spread: f64 = left.iter().map(|x| x * x).sum();
    let most = (series.len() / 2).min(LONGEST);
    if spread <= f64::MIN_POSITIVE || most < least {
        return Ok(None);
    }
    let mut peaks = Vec::with_capacity(most + 2);
    for lag in 0..=most + 1 {
        cancel.check()?;
        peaks.push(left.iter().zip(left.iter().skip(lag)).map(|(a, b)| a * b).sum::<f64>() / spread);
    }
    let floor = 3.0 / (series.len() as f64).sqrt();
    let high = |lag: &usize| match peaks.get(lag - 1..lag + 2) {
        Some([before, here, after]) => *here > floor && here > before && here >= after,
        _ => false,
    };
    let at = |lag: usize| peaks.get(lag).copied().unwrap_or_default();
    let found: Vec<usize> = (least.max(2)..=most).filter(high).collect();
    let best = found.iter().map(|lag| at(*lag)).fold(0.0, f64::max);
    // Twice the season peaks as well.
    Ok(found.into_iter().find(|lag| at(*lag) >= 0.8 * best))
}

/// What is left without the straight line of least squares; 0 for gaps.
fn without_line(series: &[Option<f64>]) -> Vec<f64> {
    let present = || series.iter().enumerate().filter_map(|(x, y)| y.map(|y| (x as f64, y)));
    let count = present().count().max(1) as f64;
    let (mx, my) = present().fold((0.0, 0.0), |(a, b), (x, y)| (a + x / count, b + y / count));
    let (sxy, sxx) = present().fold((0.0, 0.0), |(a, b), (x, y)| (a + (x - mx) * (y - my), b + (x - mx) * (x - mx)));
    let slope = if sxx > 0.0 { sxy / sxx } else { 0.0 };
    series.iter().enumerate().map(|(x, y)| y.map_or(0.0, |y| y - my - slope * (x as f64 - mx))).collect()
}

/// The centred moving average over a season; for an even one the two ends weigh a half. Null near the ends; gaps do not count.
pub(super) fn centred(series: &[Option<f64>], period: usize) -> Vec<Option<f64>> {
    let half = period / 2;
    let end = if period.is_multiple_of(2) { 0.5 } else { 1.0 };
    // Sums and counts up to each place.
    let mut sums = vec![(0.0, 0.0)];
    for value in series {
        let (sum, count) = sums.last().copied().unwrap_or_default();
        sums.push((sum + value.unwrap_or(0.0), count + f64::from(u8::from(value.is_some()))));
    }
    let at = |place: usize| series.get(place).copied().flatten().map_or((0.0, 0.0), |v| (v, 1.0));
    (0..series.len())
        .map(|place| {
            let first = place.checked_sub(half)?;
            let last = place + half;
            let (from, to) = (sums.get(first)?, sums.get(last + 1)?);
            let (a, b) = (at(first), at(last));
            let sum = to.0 - from.0 - (1.0 - end) * (a.0 + b.0);
            let count = to.1 - from.1 - (1.0 - end) * (a.1 + b.1);
            (count > 0.0).then(|| sum / count)
        })
        .collect()
}

/// What each part of the season adds to the level, by additive decomposition with moving averages (Macaulay, "The Smoothing of Time
/// Series", 1931): the mean distance to the moving average, all parts together 0.
pub(super) fn parts(series: &[Option<f64>], period: usize) -> Vec<f64> {
    let mut sums = vec![(0.0, 0.0); period];
    for (place, (value, level)) in series.iter().zip(centred(series, period)).enumerate() {
        if let (Some(value), Some(level), Some(sum)) = (value, level, sums.get_mut(place % period.max(1))) {
            *sum = (sum.0 + value - level, sum.1 + 1.0);
        }
    }
    let means: Vec<f64> = sums.iter().map(|(sum, count)| if *count > 0.0 { sum / count } else { 0.0 }).collect();
    let mean = means.iter().sum::<f64>() / period.max(1) as f64;
    means.iter().map(|m| m - mean).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_season_is_found_and_taken_apart() {
        let wave = [0.0, 3.0, 1.0, -1.0, -3.0];
        let series: Vec<Option<f64>> = (0..40).map(|i| Some(10.0 + f64::from(i) + wave[i as usize % 5])).collect();
        assert_eq!(length(&series, 2, &Cancel::default()).unwrap(), Some(5));
        for (got, want) in parts(&series, 5).iter().zip(wave) {
            assert!((got - want).abs() < 1e-9, "{got} {want}");
        }
        let line: Vec<Option<f64>> = (0..40).map(|i| Some(f64::from(i))).collect();
        assert_eq!(length(&line, 2, &Cancel::default()).unwrap(), None);
        assert_eq!(length(&[], 2, &Cancel::default()).unwrap(), None);
        assert_eq!(centred(&[Some(1.0), Some(2.0), None, Some(4.0), Some(5.0)], 4), [None, None, Some(3.0), None, None]);
    }
}
