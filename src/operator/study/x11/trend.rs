//! The trend of a series that has no season: Henderson's averages ("Note on Graduation by Adjusted Average", 1916), towards the ends with the
//! weights of Musgrave ("A Set of End Weights to End All End Weights", 1964).

/// How long an average is, and what it takes the irregular to be beside the trend near the ends.
struct Length {
    half: usize,
    noise: f64,
}

const SHORT: Length = Length { half: 4, noise: 1.0 };
const MIDDLE: Length = Length { half: 6, noise: 3.5 };
const LONG: Length = Length { half: 11, noise: 4.5 };

/// The trend; how many values are averaged depends on how much the irregular changes beside it. 23 are only where `long` allows it.
pub(super) fn trend(series: &[f64], ratios: bool, long: bool) -> Vec<f64> {
    let middle = averaged(series, &MIDDLE);
    let rest: Vec<f64> = series.iter().zip(&middle).map(|(x, t)| super::without(*x, *t, ratios)).collect();
    let inner = |values: &[f64]| {
        let within = values.get(MIDDLE.half..values.len().saturating_sub(MIDDLE.half)).unwrap_or_default();
        let changes = within.iter().zip(within.iter().skip(1)).map(|(before, x)| if ratios { x / before - 1.0 } else { x - before });
        changes.filter(|c| c.is_finite()).map(f64::abs).sum::<f64>()
    };
    let (noise, drift) = (inner(&rest), inner(&middle));
    match () {
        () if noise < drift => averaged(series, &SHORT),
        () if long && noise >= 3.5 * drift && drift > 0.0 => averaged(series, &LONG),
        () => middle,
    }
}

fn averaged(series: &[f64], length: &Length) -> Vec<f64> {
    let most = series.len().saturating_sub(1) / 2;
    let length = &Length { half: length.half.min(most), noise: length.noise };
    let half = length.half;
    if half == 0 {
        return series.to_vec();
    }
    let weights = henderson(half);
    // By the number of values behind the place.
    let ends: Vec<Vec<f64>> = (0..half).map(|behind| musgrave(&weights, half + 1 + behind, length.noise)).collect();
    (0..series.len())
        .map(|place| {
            let (before, behind) = (place, series.len() - 1 - place);
            let sum = |weights: &[f64], from: usize| series.iter().skip(from).zip(weights).map(|(x, w)| x * w).sum::<f64>();
            match (ends.get(behind), ends.get(before)) {
                (Some(end), _) => sum(end, series.len() - end.len()),
                (_, Some(end)) => series.iter().take(end.len()).zip(end.iter().rev()).map(|(x, w)| x * w).sum(),
                _ => sum(&weights, place - half),
            }
        })
        .collect()
}

/// The weights of an average over the place and so many on either side.
fn henderson(half: usize) -> Vec<f64> {
    let n = (half + 2) as f64;
    let below = 8.0 * n * (n * n - 1.0) * (4.0 * n * n - 1.0) * (4.0 * n * n - 9.0) * (4.0 * n * n - 25.0);
    let weight = |place: usize| {
        let j = (place as f64 - half as f64).powi(2);
        315.0 * ((n - 1.0).powi(2) - j) * (n * n - j) * ((n + 1.0).powi(2) - j) * (3.0 * n * n - 16.0 - 11.0 * j) / below
    };
    (0..=2 * half).map(weight).collect()
}

/// The first so many weights, such that the estimate is revised least when more values come.
fn musgrave(weights: &[f64], most: usize, noise: f64) -> Vec<f64> {
    let count = most as f64;
    let slope = 4.0 / (std::f64::consts::PI * noise * noise);
    let middle = f64::midpoint(count, 1.0);
    let cut = || weights.iter().enumerate().skip(most).map(|(i, w)| (i as f64 + 1.0, *w));
    let (lost, turned) = cut().fold((0.0, 0.0), |(lost, turned), (i, w)| (lost + w, turned + (i - middle) * w));
    let below = 1.0 + count * (count - 1.0) * (count + 1.0) / 12.0 * slope;
    weights.iter().take(most).enumerate().map(|(i, w)| w + lost / count + (i as f64 + 1.0 - middle) * slope / below * turned).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn weights_are_the_published_ones() {
        let near = |got: &[f64], want: &[f64]| {
            assert_eq!(got.len(), want.len());
            got.iter().zip(want).for_each(|(g, w)| assert!((g - w).abs() < 0.0006, "{got:?} {want:?}"));
        };
        near(&henderson(6), &[-0.019, -0.028, 0.0, 0.066, 0.147, 0.214, 0.240, 0.214, 0.147, 0.066, 0.0, -0.028, -0.019]);
        near(&henderson(4), &[-0.041, -0.010, 0.119, 0.267, 0.331, 0.267, 0.119, -0.010, -0.041]);
        // The ends of thirteen and of nine, as the X-11 program has them.
        near(&musgrave(&henderson(6), 7, 3.5), &[-0.092, -0.058, 0.012, 0.120, 0.244, 0.353, 0.421]);
        near(&musgrave(&henderson(4), 5, 1.0), &[-0.156, -0.034, 0.185, 0.424, 0.580]);
        for weights in [henderson(11), musgrave(&henderson(11), 15, 4.5), musgrave(&henderson(4), 5, 1.0)] {
            assert!((weights.iter().sum::<f64>() - 1.0).abs() < 1e-9);
        }
    }

    #[test]
    fn a_line_stays_a_line_within() {
        let line: Vec<f64> = (0..40).map(|i| 5.0 + f64::from(i)).collect();
        let got = trend(&line, false, true);
        assert!(got.iter().zip(&line).skip(11).take(18).all(|(g, w)| (g - w).abs() < 1e-9), "{got:?}");
        assert_eq!(averaged(&[1.0, 2.0], &LONG), [1.0, 2.0]);
    }
}
