//! Counting the rows of groups, for those who ask no more of the rows.

use super::Groups;
use crate::aggregate::NO_GROUP;
use crate::column::{Batch, Column, Name};
use std::borrow::Cow;
use std::sync::Arc;

/// So many rows of a stretch repay what it takes to begin one.
const STRETCH: usize = 8;

/// So many rows a number repay it to look through all numbers.
const LOOK: usize = 8;

/// Places of a count.
const PLACES: usize = 2;

/// Groups, and how many rows each has; in no order that means anything. A group may stand there more than once.
#[derive(Debug, Default)]
pub struct Counted {
    pub groups: Vec<u32>,
    pub rows: Vec<u64>,
}

/// Counts numbers. Between two uses it is empty.
#[derive(Debug, Default)]
pub struct Tally {
    /// Neighbours count in different places: what was written a moment ago is slow to read.
    counts: Vec<[u32; PLACES]>,
    met: Met,
}

/// Numbers that were met.
#[derive(Debug)]
enum Met {
    These(Vec<u32>),
    /// Some of those below it.
    Below(usize),
}

impl Default for Met {
    fn default() -> Met {
        Met::These(Vec::new())
    }
}

impl Tally {
    /// Counts numbers below `bound`; others are none.
    fn add(&mut self, numbers: &[u32], bound: usize) {
        if self.counts.len() <= bound {
            // The last place is for what is none: to ask for each row would be guessed wrong too often.
            self.counts.pop();
            self.counts.resize(bound, [0; PLACES]);
            self.counts.push([1; PLACES]);
        }
        match bound * LOOK <= numbers.len() {
            true => {
                self.met = Met::Below(bound);
                each_place(&mut self.counts, numbers, |_, counts, place| counts[place] = counts[place].wrapping_add(1));
            }
            false => {
                let mut met = if let Met::These(met) = std::mem::take(&mut self.met) { met } else { Vec::new() };
                each_place(&mut self.counts, numbers, |number, counts, place| {
                    if counts[place] == 0 {
                        meet(number, counts, &mut met);
                    }
                    counts[place] = counts[place].wrapping_add(1);
                });
                self.met = Met::These(met);
            }
        }
        if let Some(none) = self.counts.last_mut() {
            *none = [1; PLACES];
        }
    }

    /// Gives what was counted, and forgets it.
    fn drain(&mut self, mut each: impl FnMut(u32, u32)) {
        let mut take = |number: u32| {
            if let Some(counts) = self.counts.get_mut(number as usize).filter(|counts| **counts != [0; PLACES]) {
                each(number, std::mem::take(counts).iter().sum());
            }
        };
        match std::mem::take(&mut self.met) {
            Met::These(mut numbers) => {
                numbers.drain(..).for_each(take);
                self.met = Met::These(numbers);
            }
            Met::Below(bound) => (0..bound as u32).for_each(&mut take),
        }
    }

    /// Bytes held.
    pub fn bytes(&self) -> usize {
        self.counts.capacity() * size_of::<[u32; PLACES]>()
    }
}

/// Calls for each number with what was counted of it, and the place to count in.
#[inline(always)]
fn each_place(counts: &mut [[u32; PLACES]], numbers: &[u32], mut count: impl FnMut(u32, &mut [u32; PLACES], usize)) {
    let last = counts.len().saturating_sub(1);
    let mut one = |number: u32, place: usize| {
        if let Some(counts) = counts.get_mut((number as usize).min(last)) {
            count(number, counts, place);
        }
    };
    let (some, rest) = numbers.as_chunks::<PLACES>();
    some.iter().for_each(|some| (0..PLACES).for_each(|place| one(some[place], place)));
    rest.iter().for_each(|number| one(*number, 0));
}

/// Notes a number that was not met before.
#[cold]
#[inline(never)]
fn meet(number: u32, counts: &[u32; PLACES], met: &mut Vec<u32>) {
    if *counts == [0; PLACES] {
        met.push(number);
    }
}

impl Groups {
    /// The rows of a batch by group, as [`Groups::assign`] says to which each belongs.
    pub fn count(&mut self, batch: &Batch, by: &[Name], keep_null: bool) -> Counted {
        if by.is_empty() {
            self.count = 1;
            return Counted { groups: vec![0], rows: vec![batch.len() as u64] };
        }
        let columns: Vec<Arc<Column>> = by.iter().map(|f| batch.column(f)).collect();
        let numbers: Vec<Cow<'_, [u32]>> = self.keys.iter_mut().zip(&columns).map(|(key, column)| key.numbers(column, keep_null)).collect();
        let bounds: Vec<usize> = self.keys.iter().map(|key| key.bound()).collect();
        let (mut tally, mut out) = (std::mem::take(&mut self.tally), Counted::default());
        let mut put = |group, rows| {
            out.groups.push(group);
            out.rows.push(u64::from(rows));
        };
        match (numbers.as_slice(), bounds.as_slice()) {
            ([only], [bound]) => {
                tally.add(only, *bound);
                tally.drain(|number, rows| put(self.group(&[number]), rows));
            }
            // One of two fields often stays the same for many rows: the time in spans.
            ([one, two], [_, bound]) if stays(one) => stretches(one, two, |same, numbers| {
                tally.add(numbers, *bound);
                tally.drain(|number, rows| put(self.group(&[same, number]), rows));
            }),
            ([one, two], [bound, _]) if stays(two) => stretches(two, one, |same, numbers| {
                tally.add(numbers, *bound);
                tally.drain(|number, rows| put(self.group(&[number, same]), rows));
            }),
            _ => {
                let groups = self.combined(&numbers.iter().map(|n| &**n).collect::<Vec<_>>());
                tally.add(&groups, self.len());
                tally.drain(put);
            }
        }
        self.tally = tally;
        out
    }
}

/// Do numbers mostly stay the same from one row to the next?
fn stays(numbers: &[u32]) -> bool {
    let changes = numbers.iter().zip(numbers.iter().skip(1)).filter(|(a, b)| a != b).count();
    changes * STRETCH <= numbers.len()
}

/// Calls for each stretch of rows with the same number, and with the others of those rows. Rows without a number are left out.
fn stretches(same: &[u32], others: &[u32], mut each: impl FnMut(u32, &[u32])) {
    let mut rest = others;
    for stretch in same.chunk_by(|a, b| a == b) {
        let Some((here, behind)) = rest.split_at_checked(stretch.len()) else { return };
        rest = behind;
        if let Some(number) = stretch.first().filter(|n| **n != NO_GROUP) {
            each(*number, here);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::column::{NO_CODE, Text, Value};
    use proptest::prelude::*;

    fn column(numbers: &[u32], kind: u8) -> Column {
        let values = Arc::new(Column::Text(Text::of(&["a", "b", "c", "d"])));
        let of = |n: &u32| if *n == NO_CODE { Value::Null } else { values.get(*n as usize).into_owned() };
        match kind {
            0 => Column::Dict { codes: numbers.to_vec(), values, shared: true },
            1 => Column::coded(numbers.to_vec(), values.as_ref().clone()),
            2 => numbers.iter().map(|n| if *n == NO_CODE { Value::Null } else { Value::Number(f64::from(*n)) }).collect(),
            3 => numbers.iter().map(|n| if *n == 0 { Value::multi([Value::text("a"), Value::text("d")]) } else { of(n) }).collect(),
            _ => numbers.iter().map(of).collect(),
        }
    }

    proptest! {
        #[test]
        fn rows_are_counted_where_they_are_assigned(
            batches in prop::collection::vec(prop::collection::vec((prop_oneof![8 => 0..4u32, 1 => Just(NO_CODE)], 1..20usize), 1..20), 1..4),
            fields in 0..4usize, kind in 0..5u8, keep_null: bool,
        ) {
            let by: Vec<Name> = (0..fields).map(|f| format!("f{f}").as_str().into()).collect();
            let (mut one, mut other) = (Groups::new(fields), Groups::new(fields));
            let (mut counted, mut expected) = (Vec::new(), Vec::new());
            for rows in batches {
                let numbers: Vec<u32> = rows.iter().flat_map(|(n, times)| std::iter::repeat_n(*n, *times)).collect();
                let mut batch = Batch::new(numbers.len());
                for (f, name) in by.iter().enumerate() {
                    let mut own = numbers.clone();
                    own.iter_mut().enumerate().filter(|(row, n)| f > 0 && **n != NO_CODE && row % (f + 1) == 0).for_each(|(_, n)| *n = (*n + 1) % 4);
                    batch.set(name.clone(), column(&own, (kind + f as u8) % 5));
                }
                let add = |all: &mut Vec<u64>, group: u32, rows: u64| {
                    all.resize(all.len().max(group as usize + 1), 0);
                    all[group as usize] += rows;
                };
                let now = one.count(&batch, &by, keep_null);
                now.groups.iter().zip(&now.rows).for_each(|(g, n)| add(&mut counted, *g, *n));
                other.assign(&batch, &by, keep_null).into_iter().filter(|g| *g != NO_GROUP).for_each(|g| add(&mut expected, g, 1));
            }
            let shown = |groups: &Groups, rows: &[u64]| {
                let columns: Vec<Column> = (0..fields).map(|f| groups.column(f)).collect();
                let group = |g: usize| (columns.iter().map(|c| format!("{:?}", c.get(g))).collect::<Vec<_>>(), rows.get(g).copied());
                let mut all: Vec<_> = (0..groups.len()).map(group).collect();
                all.sort();
                all
            };
            prop_assert_eq!(shown(&one, &counted), shown(&other, &expected));
        }
    }
}
