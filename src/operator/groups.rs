//! Rows to groups: a number for each combination of the by-fields' values.

mod count;
mod members;
mod split;
mod whole;

pub use count::Counted;
pub use members::Members;
pub use split::{Piece, split};

use super::interner::Interner;
use crate::aggregate::NO_GROUP;
use crate::column::growth::growth;
use crate::column::{Batch, Column, NO_CODE, Name};
use foldhash::fast::RandomState;
use hashbrown::HashMap;
use std::borrow::Cow;
use std::sync::Arc;

/// The groups seen so far, in the order of their appearance, but for those that are only counted. Values that print alike are the same value.
#[derive(Debug)]
pub struct Groups {
    keys: Vec<Interner>,
    /// From the numbers of the values to the group.
    index: Index,
    /// The numbers of the values of each group, one after another.
    rows: Vec<u32>,
    count: u32,
    /// For [`Groups::count`], which leaves it empty.
    tally: count::Tally,
}

/// From the numbers of a row's values to its group.
#[derive(Debug)]
enum Index {
    /// By the number of the one field.
    One(Vec<u32>),
    /// Of two fields: small numbers by place in a grid, others by both in one word.
    Two {
        grid: Vec<u32>,
        others: HashMap<u64, u32, RandomState>,
    },
    Many(HashMap<Box<[u32]>, u32, RandomState>),
}

/// Numbers of the second field that the grid has places for, and of the first.
const GRID: (u32, u32) = (256, 256);

impl Index {
    fn new(fields: usize) -> Index {
        match fields {
            0 | 1 => Index::One(Vec::new()),
            2 => Index::Two { grid: Vec::new(), others: HashMap::default() },
            _ => Index::Many(HashMap::default()),
        }
    }

    /// The group of a key; `new` where it had none, which it has then.
    #[inline]
    fn group(&mut self, key: &[u32], new: u32) -> u32 {
        match (self, key) {
            (Index::One(groups), [n]) => at(groups, *n as usize, new, 1),
            (Index::Two { grid, .. }, [a, b]) if *b < GRID.0 && *a < GRID.1 => at(grid, (*a * GRID.0 + *b) as usize, new, GRID.0 as usize),
            (Index::Two { others, .. }, [a, b]) => *others.entry(u64::from(*a) << 32 | u64::from(*b)).or_insert(new),
            (Index::Many(groups), key) => match groups.get(key) {
                Some(group) => *group,
                None => {
                    groups.insert(key.into(), new);
                    new
                }
            },
            _ => new,
        }
    }

    fn growth(&self, rows: usize) -> usize {
        match self {
            Index::One(groups) => growth(groups.len(), groups.capacity(), rows, 4),
            Index::Two { others, .. } if others.is_empty() => 0,
            Index::Two { others, .. } => growth(others.len(), others.capacity(), rows, 17),
            Index::Many(groups) => growth(groups.len(), groups.capacity(), rows, 25),
        }
    }

    fn bytes(&self) -> usize {
        match self {
            Index::One(groups) => groups.capacity() * 4,
            Index::Two { grid, others } => grid.capacity() * 4 + others.capacity() * 17,
            Index::Many(groups) => groups.iter().next().map_or(0, |(key, _)| groups.capacity() * (17 + key.len() * 4 + 16)),
        }
    }
}

/// The group at a place of a list, which grows by so many places at least.
#[inline]
fn at(groups: &mut Vec<u32>, place: usize, new: u32, step: usize) -> u32 {
    if place >= groups.len() {
        groups.resize((place + 1).next_multiple_of(step), NO_GROUP);
    }
    match groups.get_mut(place) {
        Some(group) => {
            if *group == NO_GROUP {
                *group = new;
            }
            *group
        }
        None => new,
    }
}

impl Groups {
    /// Groups by so many fields.
    pub fn new(fields: usize) -> Groups {
        Groups { keys: (0..fields).map(|_| Interner::default()).collect(), index: Index::new(fields), rows: Vec::new(), count: 0, tally: Default::default() }
    }

    /// Groups so far.
    pub fn len(&self) -> usize {
        self.count as usize
    }

    /// No groups yet?
    pub fn is_empty(&self) -> bool {
        self.count == 0
    }

    /// The group of every row of a batch that was [`split`]. A row whose by-field is null has none (SEMANTICS 3.2), unless `keep_null`.
    pub fn assign(&mut self, batch: &Batch, by: &[Name], keep_null: bool) -> Vec<u32> {
        if by.is_empty() {
            self.count = 1;
            return vec![0; batch.len()];
        }
        let columns: Vec<Arc<Column>> = by.iter().map(|f| batch.column(f)).collect();
        if columns.iter().all(|c| matches!(c.as_ref(), Column::Const(..))) && !batch.is_empty() {
            // One row stands for all.
            let key: Vec<u32> = self.keys.iter_mut().zip(&columns).filter_map(|(k, c)| k.numbers(&c.take(&[0]), keep_null).first().copied()).collect();
            let group = if key.contains(&NO_GROUP) { NO_GROUP } else { self.group(&key) };
            return vec![group; batch.len()];
        }
        let mut numbers: Vec<Cow<'_, [u32]>> = self.keys.iter_mut().zip(&columns).map(|(k, c)| k.numbers(c, keep_null)).collect();
        match numbers.as_mut_slice() {
            [only] => self.groups_of(std::mem::take(only).into_owned()),
            _ => self.combined(&numbers.iter().map(|n| &**n).collect::<Vec<_>>()),
        }
    }

    /// The group of each row, by the numbers of its values.
    fn combined(&mut self, numbers: &[&[u32]]) -> Vec<u32> {
        let rows = numbers.first().map_or(0, |n| n.len());
        if let [one, two] = numbers {
            let group = |(a, b): (&u32, &u32)| if *a == NO_GROUP || *b == NO_GROUP { NO_GROUP } else { self.group(&[*a, *b]) };
            return one.iter().zip(two.iter()).map(group).collect();
        }
        let mut key = vec![0; numbers.len()];
        let mut last: Option<(Vec<u32>, u32)> = None;
        let group = |row: usize| {
            key.iter_mut().zip(numbers).for_each(|(k, n)| *k = n[row]);
            if key.contains(&NO_GROUP) {
                return NO_GROUP;
            }
            // Neighbouring rows often belong to the same group.
            match &last {
                Some((k, g)) if *k == key => *g,
                _ => {
                    let g = self.group(&key);
                    last = Some((key.clone(), g));
                    g
                }
            }
        };
        (0..rows).map(group).collect()
    }

    /// The groups by one field, in place of the numbers of its values.
    fn groups_of(&mut self, mut numbers: Vec<u32>) -> Vec<u32> {
        if let Index::One(groups) = &mut self.index {
            let most = self.keys.first().map_or(0, Interner::bound);
            groups.resize(most.max(groups.len()), NO_GROUP);
            for number in &mut numbers {
                if let Some(group) = groups.get_mut(*number as usize) {
                    if *group == NO_GROUP {
                        *group = self.count;
                        self.rows.push(*number);
                        self.count += 1;
                    }
                    *number = *group;
                }
            }
        }
        numbers
    }

    #[inline]
    fn group(&mut self, key: &[u32]) -> u32 {
        let group = self.index.group(key, self.count);
        if group == self.count {
            self.rows.extend_from_slice(key);
            self.count += 1;
        }
        group
    }

    /// Takes in the groups of a later part; the result says which group here each of them is.
    pub fn merge(&mut self, later: &Groups) -> Vec<u32> {
        if self.keys.is_empty() {
            self.count = self.count.max(later.count);
            return (0..later.count).collect();
        }
        let width = self.keys.len();
        let mut rows = later.rows.clone();
        for (place, (mine, theirs)) in self.keys.iter_mut().zip(&later.keys).enumerate() {
            let mut number = mine.follow(theirs);
            rows.iter_mut().skip(place).step_by(width).for_each(|n| *n = number(*n));
        }
        rows.chunks_exact(width).map(|key| self.group(key)).collect()
    }

    /// The values of one by-field, a row a group; with a dictionary where they repeat.
    pub fn column(&self, field: usize) -> Column {
        let Some(key) = self.keys.get(field) else { return Column::null(self.len()) };
        let numbers = || self.rows.iter().skip(field).step_by(self.keys.len()).copied();
        let mut places = vec![NO_CODE; numbers().max().map_or(0, |n| n as usize + 1)];
        let mut distinct = Vec::new();
        let codes = numbers().map(|number| match places.get_mut(number as usize) {
            Some(code) if !key.is_null(number) => {
                if *code == NO_CODE {
                    *code = distinct.len() as u32;
                    distinct.push(number);
                }
                *code
            }
            _ => NO_CODE,
        });
        let codes: Vec<u32> = codes.collect();
        match distinct.len() * 2 <= codes.len() {
            true => Column::coded(codes, distinct.into_iter().map(|n| key.get(n)).collect()),
            false => numbers().map(|n| key.get(n)).collect(),
        }
    }

    /// Bytes that are needed, beside those held, while so many rows are taken in that all make groups of new values.
    pub fn growth(&self, rows: usize) -> usize {
        let keys: usize = self.keys.iter().map(|key| key.growth(rows)).sum();
        keys + self.index.growth(rows) + growth(self.rows.len(), self.rows.capacity(), rows * self.keys.len(), 4)
    }

    /// Bytes held, roughly.
    pub fn bytes(&self) -> usize {
        let keys: usize = self.keys.iter().map(Interner::bytes).sum();
        keys + self.rows.len() * 4 + self.index.bytes() + self.tally.bytes()
    }
}
