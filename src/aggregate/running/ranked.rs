//! Percentiles: numbers in ascending order.

use super::Running;
use crate::aggregate::moments::numbers;
use crate::column::Value;
use std::cmp::Ordering;
use std::collections::VecDeque;

/// Which number a percentage stands for in an ascending list.
pub(super) type Rank = fn(f64, u64, &dyn Fn(u64) -> Option<f64>) -> Option<f64>;

/// The numbers in ascending order.
pub(super) struct Ranked {
    sorted: Vec<f64>,
    rows: VecDeque<Vec<f64>>,
    rank: Rank,
    percent: f64,
    windowed: bool,
}

impl Ranked {
    pub fn boxed(rank: Rank, percent: f64, windowed: bool) -> Box<dyn Running> {
        Box::new(Ranked { sorted: Vec::new(), rows: VecDeque::new(), rank, percent, windowed })
    }

    fn place(&self, n: f64) -> usize {
        self.sorted.partition_point(|x| x.total_cmp(&n) == Ordering::Less)
    }
}

impl Running for Ranked {
    fn push(&mut self, value: &Value<'_>, _: Option<f64>) {
        let row: Vec<f64> = numbers(value).collect();
        for &n in &row {
            self.sorted.insert(self.place(n), n);
        }
        if self.windowed {
            self.rows.push_back(row);
        }
    }

    fn pop(&mut self) {
        for n in self.rows.pop_front().unwrap_or_default() {
            let place = self.place(n);
            if place < self.sorted.len() {
                self.sorted.remove(place);
            }
        }
    }

    fn value(&self) -> Value<'static> {
        let at = |rank: u64| usize::try_from(rank).ok().and_then(|r| self.sorted.get(r)).or(self.sorted.last()).copied();
        (self.rank)(self.percent, self.sorted.len() as u64, &at).into()
    }

    fn bytes(&self) -> usize {
        self.sorted.capacity() * size_of::<f64>() + self.rows.len() * 32
    }
}
