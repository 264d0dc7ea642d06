//! Plain sums in the order of the rows: `sum`, `avg` and `sumsq`. Splunk adds doubles one after the other and shows the noise
//! that this leaves, so no compensated summation here.

use super::stored::{Piece, Pieces};
use super::{Accumulator, Call, Rows, values};
use crate::column::Column;
use std::any::Any;

/// Sum and number of the values of each group; null without any.
pub(super) struct Sum {
    groups: Vec<(f64, u64)>,
    what: What,
}

#[derive(Clone, Copy)]
enum What {
    Sum,
    Average,
    Squares,
}

impl Sum {
    fn boxed(what: What) -> Box<dyn Accumulator> {
        Box::new(Sum { groups: Vec::new(), what })
    }

    pub(super) fn sum(_: &Call) -> Box<dyn Accumulator> {
        Sum::boxed(What::Sum)
    }

    pub(super) fn avg(_: &Call) -> Box<dyn Accumulator> {
        Sum::boxed(What::Average)
    }

    pub(super) fn sumsq(_: &Call) -> Box<dyn Accumulator> {
        Sum::boxed(What::Squares)
    }

    fn piece(&self) -> &'static str {
        if matches!(self.what, What::Squares) { "ss" } else { "sm" }
    }

    fn grow(&mut self, groups: usize) {
        self.groups.resize(groups.max(self.groups.len()), (0.0, 0));
    }
}

impl Accumulator for Sum {
    fn update(&mut self, rows: &Rows<'_>, groups: usize) {
        self.grow(groups);
        let squares = matches!(self.what, What::Squares);
        values::numbers(rows, |g, n| {
            if let Some((sum, count)) = self.groups.get_mut(g as usize) {
                *sum += if squares { n * n } else { n };
                *count += 1;
            }
        });
    }

    fn merge(&mut self, later: Box<dyn Accumulator>, map: &[u32], groups: usize) {
        self.grow(groups);
        let Ok(later) = later.into_any().downcast::<Sum>() else { return };
        for ((sum, count), &g) in later.groups.into_iter().zip(map) {
            if let Some(mine) = self.groups.get_mut(g as usize) {
                *mine = (mine.0 + sum, mine.1 + count);
            }
        }
    }

    fn finish(mut self: Box<Self>, groups: usize) -> Column {
        self.grow(groups);
        let average = matches!(self.what, What::Average);
        values::column(self.groups.into_iter().map(|(sum, n)| (n > 0).then(|| if average { sum / n as f64 } else { sum })))
    }

    fn store(mut self: Box<Self>, groups: usize) -> Vec<Piece> {
        self.grow(groups);
        let piece = self.piece();
        let counts = Column::numbers(self.groups.iter().map(|(_, n)| *n as f64).collect());
        vec![("nc", counts), (piece, values::column(self.groups.into_iter().map(|(sum, n)| (n > 0).then_some(sum))))]
    }

    fn restore(&mut self, pieces: &Pieces<'_>, rows: usize) {
        let (counts, sums) = (pieces.get("nc"), pieces.get(self.piece()));
        // A sum without a count is of one number at least.
        let count = |row| counts.number(row).map_or(1, |n| n as u64);
        self.groups = (0..rows).map(|row| sums.number(row).map_or((0.0, 0), |sum| (sum, count(row)))).collect();
    }

    fn bytes(&self) -> usize {
        self.groups.capacity() * size_of::<(f64, u64)>()
    }

    fn into_any(self: Box<Self>) -> Box<dyn Any> {
        self
    }
}

#[cfg(test)]
mod tests {
    use super::super::testing::{column, run};

    #[test]
    fn text_among_numbers_is_left_out() {
        let c = column(&["1", "two", "-", "3", "4|5|x"]);
        let groups = [0, 0, 0, 0, 1];
        for (name, want) in [("sum", ["4", "9", ""]), ("avg", ["2", "4.5", ""]), ("mean", ["2", "4.5", ""]), ("sumsq", ["10", "41", ""])] {
            assert_eq!(run(name, &c, &groups, 3), want, "{name}");
        }
    }

    #[test]
    fn an_average_shows_the_noise_of_plain_addition() {
        assert_eq!(run("avg", &column(&["3.99"; 100]), &[0; 100], 1), ["3.9900000000000055"]);
    }
}
