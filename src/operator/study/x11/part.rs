//! What the parts of a season add: averages over the same part of the seasons around.

use crate::operator::study::season::centred;

/// An average over so many seasons, and what stands for it at the ends.
pub(super) struct Filter {
    /// In the middle.
    middle: &'static [f64],
    /// By the number of values behind the place: weights from the last value back.
    ends: &'static [&'static [f64]],
}

/// An average of three of averages of three.
pub(super) const THREE_BY_THREE: Filter = Filter { middle: &[3.0, 6.0, 9.0, 6.0, 3.0], ends: &[&[11.0, 11.0, 5.0], &[7.0, 10.0, 7.0, 3.0]] };

/// An average of three of averages of five.
pub(super) const THREE_BY_FIVE: Filter = Filter {
    middle: &[4.0, 8.0, 12.0, 12.0, 12.0, 8.0, 4.0],
    ends: &[&[17.0, 17.0, 17.0, 9.0], &[15.0, 15.0, 15.0, 11.0, 4.0], &[9.0, 13.0, 13.0, 13.0, 8.0, 4.0]],
};

impl Filter {
    /// The averages of some values; the mean of all, where they are too few.
    fn over(&self, values: &[f64]) -> Vec<f64> {
        let half = self.middle.len() / 2;
        let weigh =
            |weights: &[f64], values: &mut dyn Iterator<Item = &f64>| weights.iter().zip(values).map(|(w, v)| w * v).sum::<f64>() / weights.iter().sum::<f64>();
        if values.len() < 2 * half {
            let mean = values.iter().sum::<f64>() / values.len().max(1) as f64;
            return vec![mean; values.len()];
        }
        (0..values.len())
            .map(|place| match (self.ends.get(values.len() - 1 - place), self.ends.get(place)) {
                (Some(end), _) => weigh(end, &mut values.iter().rev()),
                (_, Some(end)) => weigh(end, &mut values.iter()),
                _ => weigh(self.middle, &mut values.iter().skip(place - half)),
            })
            .collect()
    }
}

/// The season of each place; over a whole season it evens out. Places without a value get that of the same part nearest to them.
pub(super) fn seasons(series: &[Option<f64>], period: usize, filter: &Filter, ratios: bool) -> Vec<f64> {
    let nothing = if ratios { 1.0 } else { 0.0 };
    let mut smooth = vec![nothing; series.len()];
    for part in 0..period {
        let places = || (part..series.len()).step_by(period);
        let values: Vec<f64> = places().filter_map(|at| series.get(at).copied().flatten()).collect();
        let averages = filter.over(&values);
        let mut seen = 0;
        for at in places() {
            seen += usize::from(series.get(at).is_some_and(Option::is_some));
            if let (Some(average), Some(slot)) = (averages.get(seen.saturating_sub(1)), smooth.get_mut(at)) {
                *slot = *average;
            }
        }
    }
    let level = centred(&smooth.iter().copied().map(Some).collect::<Vec<_>>(), period);
    let ends = (level.iter().flatten().next().copied(), level.iter().flatten().next_back().copied());
    let half = level.len() / 2;
    let even = |(place, (value, level)): (usize, (&f64, &Option<f64>))| {
        let level = level.or(if place < half { ends.0 } else { ends.1 }).unwrap_or(nothing);
        super::without(*value, level, ratios)
    };
    smooth.iter().zip(&level).enumerate().map(even).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn averages_keep_what_is_even() {
        for filter in [THREE_BY_THREE, THREE_BY_FIVE] {
            for count in 0..12 {
                let got = filter.over(&vec![2.0; count]);
                assert!(got.len() == count && got.iter().all(|x| (x - 2.0).abs() < 1e-12), "{got:?}");
            }
        }
        assert_eq!(THREE_BY_THREE.over(&[0.0, 0.0, 27.0, 0.0, 0.0]), [5.0, 7.0, 9.0, 7.0, 5.0]);
        assert_eq!(THREE_BY_FIVE.over(&[0.0, 0.0, 0.0, 60.0, 0.0, 0.0, 0.0]), [9.0, 11.0, 13.0, 12.0, 13.0, 11.0, 9.0]);
    }

    #[test]
    fn ends_take_the_nearest_of_their_part() {
        let series = [None, Some(5.0), Some(1.0), Some(3.0), Some(1.0), None];
        assert_eq!(seasons(&series, 2, &THREE_BY_THREE, false), [-1.5, 1.5, -1.5, 1.5, -1.5, 1.5]);
    }
}
