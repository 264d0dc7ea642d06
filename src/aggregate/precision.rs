//! How precise the numbers of a field are: no stats function of its own, but a piece that goes with the states of others.

use super::moments::numbers;
use super::{Aggregate, Call, Family, Grouped, State};
use crate::column::{Value, number};

/// The most digits behind the point; null without numbers.
#[derive(Default)]
struct Precision(Option<u8>);

impl State for Precision {
    fn new(_: &Call) -> Self {
        Precision::default()
    }

    fn add(&mut self, value: Value<'_>, _: Option<f64>) {
        for n in numbers(&value) {
            let digits = if n == n.trunc() { 0 } else { number::format(n).split_once('.').map_or(0, |(_, digits)| digits.len() as u8) };
            self.0 = self.0.max(Some(digits));
        }
    }

    fn merge(&mut self, later: Self) {
        self.0 = self.0.max(later.0);
    }

    fn finish(self, _: &Call) -> Value<'static> {
        self.0.map(f64::from).into()
    }

    fn store(self) -> Vec<(&'static str, Value<'static>)> {
        vec![("vt", self.0.map(f64::from).into())]
    }

    fn restore(_: &Call, piece: &dyn Fn(&str) -> Value<'static>) -> Self {
        Precision(piece("vt").as_number().map(|n| n as u8))
    }
}

/// What goes with the functions that count numbers. It has no name, so that no search can ask for it.
pub static PRECISION: Aggregate = Aggregate::base(Family::Aggregate, Grouped::<Precision>::make, file!());
