//! Extreme values: how much each irregular counts, and what stands for those that count less.

/// Up to so many standard deviations a value counts fully, from so many on not at all.
const LIMITS: (f64, f64) = (1.5, 2.5);

/// The deviation is that of five seasons.
const SEASONS: usize = 5;

/// What stands for a value is looked for in so many seasons before and behind it.
const FAR: usize = 100;

/// How much each value counts, from 0 to 1, by how far its irregular is from the usual one. Those that are `missing` do not count.
pub(super) fn counts(irregular: &[f64], missing: &[bool], period: usize, usual: f64) -> Vec<f64> {
    let all: Vec<Option<f64>> = irregular.iter().zip(missing).map(|(x, m)| (!m).then(|| (x - usual).abs())).collect();
    let last = all.len().div_ceil(period).saturating_sub(SEASONS);
    let mut counts = Vec::with_capacity(all.len());
    for (season, within) in all.chunks(period).enumerate() {
        let from = season.saturating_sub(SEASONS / 2).min(last) * period;
        let around = || all.iter().skip(from).take(SEASONS * period).flatten().copied();
        let first = deviation(around());
        let deviation = deviation(around().filter(|off| *off <= LIMITS.1 * first));
        counts.extend(within.iter().map(|off| match off {
            None => 0.0,
            Some(off) if *off <= LIMITS.0 * deviation => 1.0,
            Some(off) if *off >= LIMITS.1 * deviation => 0.0,
            Some(off) => LIMITS.1 - off / deviation,
        }));
    }
    counts
}

fn deviation(offs: impl Iterator<Item = f64>) -> f64 {
    let (sum, count) = offs.fold((0.0, 0.0), |(sum, count), off| (sum + off * off, count + 1.0));
    if count > 0.0 { f64::sqrt(sum / count) } else { 0.0 }
}

/// The series with means of the nearest full values of the same part, two on either side or three where one side ends, for what counts less.
pub(super) fn calmed(series: &[Option<f64>], counts: &[f64], period: usize) -> Vec<Option<f64>> {
    let full = |at: usize| series.get(at).copied().flatten().filter(|_| counts.get(at).is_some_and(|c| *c >= 1.0));
    let one = |(at, (value, count)): (usize, (&Option<f64>, &f64))| {
        let value = (*value)?;
        if *count >= 1.0 {
            return Some(value);
        }
        let before = |most: usize| (0..at).rev().skip(period - 1).step_by(period).take(FAR).filter_map(full).take(most).collect::<Vec<f64>>();
        let behind = |most: usize| (at..series.len()).skip(period).step_by(period).take(FAR).filter_map(full).take(most).collect::<Vec<f64>>();
        let near = match (before(2), behind(2)) {
            (before, _) if before.is_empty() => behind(3),
            (_, behind) if behind.is_empty() => before(3),
            (before, _) if before.len() < 2 => [before, behind(2)].concat(),
            (before, behind) => [before, behind].concat(),
        };
        match near.is_empty() {
            true => Some(value),
            false => Some((value * count + near.iter().sum::<f64>()) / (count + near.len() as f64)),
        }
    };
    series.iter().zip(counts).enumerate().map(one).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_lies_far_off_counts_less() {
        let mut values = [1.0, -1.0].repeat(10);
        values[6] = 9.0;
        values[7] = -2.0;
        let mut missing = vec![false; 20];
        missing[3] = true;
        let got = counts(&values, &missing, 2, 0.0);
        assert!(got[6] == 0.0 && got[3] == 0.0 && got[0] == 1.0 && got[7] > 0.0 && got[7] < 1.0, "{got:?}");
        let series: Vec<Option<f64>> = values.iter().copied().map(Some).collect();
        let calm = calmed(&series, &got, 2);
        assert_eq!((calm[6], calm[3], calm[0]), (Some(1.0), Some(-1.0), Some(1.0)));
        assert_eq!(calmed(&[Some(5.0), Some(1.0), Some(2.0), None, Some(3.0)], &[0.0, 1.0, 1.0, 1.0, 1.0], 1)[0], Some(2.0));
        assert_eq!(calmed(&[Some(5.0)], &[0.0], 1), [Some(5.0)]);
    }
}
