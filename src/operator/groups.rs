//! Rows to groups: a number for each combination of the by-fields' values.

use crate::aggregate::NO_GROUP;
use crate::column::{Batch, Column, NO_CODE, Name, Value};
use foldhash::fast::RandomState;
use hashbrown::HashMap;
use std::sync::Arc;

/// The groups seen so far, in the order of their appearance. Values that print alike are the same value.
#[derive(Debug, Default)]
pub struct Groups {
    keys: Vec<Interner>,
    /// From the numbers of the values to the group.
    groups: HashMap<Box<[u32]>, u32, RandomState>,
    /// The numbers of the values of each group, one after another.
    rows: Vec<u32>,
    count: u32,
}

/// The distinct values of one by-field, each with a number.
#[derive(Debug, Default)]
struct Interner {
    numbers: HashMap<Box<str>, u32, RandomState>,
    values: Vec<Value<'static>>,
    /// Bytes of the texts.
    bytes: usize,
    /// The number of null, where null is a group of its own.
    null: Option<u32>,
}

impl Interner {
    fn text(&mut self, text: &str) -> u32 {
        if let Some(&n) = self.numbers.get(text) {
            return n;
        }
        self.add(text, Value::owned(text))
    }

    fn add(&mut self, text: &str, value: Value<'static>) -> u32 {
        let n = self.values.len() as u32;
        self.numbers.insert(text.into(), n);
        self.bytes += text.len() + 80;
        self.values.push(value);
        n
    }

    fn value(&mut self, value: &Value<'_>) -> u32 {
        match value {
            Value::Text(t) => self.text(t),
            other => {
                let text = other.as_text().unwrap_or_default();
                match self.numbers.get(text.as_ref()) {
                    Some(&n) => n,
                    None => self.add(&text, other.clone().into_owned()),
                }
            }
        }
    }

    fn null(&mut self) -> u32 {
        *self.null.get_or_insert_with(|| {
            self.values.push(Value::Null);
            self.values.len() as u32 - 1
        })
    }

    /// A number for each row; [`NO_GROUP`] for null, unless null is a group.
    fn column(&mut self, column: &Column, keep_null: bool) -> Vec<u32> {
        let missing = if keep_null { self.null() } else { NO_GROUP };
        match column {
            Column::Const(v, len) => vec![if v.is_null() { missing } else { self.value(v) }; *len],
            Column::Text(t) => (0..t.len()).map(|i| t.get(i).map_or(missing, |s| self.text(s))).collect(),
            Column::Dict { codes, values } => {
                let mut known = vec![NO_CODE; values.len()];
                codes
                    .iter()
                    .map(|&c| match known.get_mut(c as usize) {
                        None => missing,
                        Some(k) => {
                            if *k == NO_CODE {
                                let v = values.get(c as usize);
                                *k = if v.is_null() { missing } else { self.value(&v) };
                            }
                            *k
                        }
                    })
                    .collect()
            }
            Column::Number { values, .. } => {
                let mut known: HashMap<u64, u32, RandomState> = HashMap::default();
                (0..values.len())
                    .map(|i| match column.number(i) {
                        None => missing,
                        Some(n) => *known.entry(n.to_bits()).or_insert_with(|| self.value(&Value::Number(n))),
                    })
                    .collect()
            }
            Column::Mixed(values) => values.iter().map(|v| if v.is_null() { missing } else { self.value(v) }).collect(),
        }
    }
}

/// A batch's rows with their groups. Where a by-field has several values in a row, the row stands there once for each.
pub struct Assigned {
    pub batch: Batch,
    pub groups: Vec<u32>,
}

impl Groups {
    /// Groups by so many fields.
    pub fn new(fields: usize) -> Groups {
        Groups { keys: (0..fields).map(|_| Interner::default()).collect(), ..Groups::default() }
    }

    /// Groups so far.
    pub fn len(&self) -> usize {
        self.count as usize
    }

    /// No groups yet?
    pub fn is_empty(&self) -> bool {
        self.count == 0
    }

    /// The group of every row. A row whose by-field is null has none (SEMANTICS 3.2), unless `keep_null`.
    pub fn assign(&mut self, batch: Batch, by: &[Name], keep_null: bool) -> Assigned {
        if by.is_empty() {
            self.count = 1;
            return Assigned { groups: vec![0; batch.len()], batch };
        }
        let batch = split_multivalues(batch, by);
        let columns: Vec<Arc<Column>> = by.iter().map(|f| batch.column(f)).collect();
        let numbers: Vec<Vec<u32>> = self.keys.iter_mut().zip(&columns).map(|(k, c)| k.column(c, keep_null)).collect();
        let groups = match numbers.as_slice() {
            [only] => only.iter().map(|&n| if n == NO_GROUP { NO_GROUP } else { self.group(&[n]) }).collect(),
            _ => {
                let mut key = vec![0; numbers.len()];
                let mut last: Option<(Vec<u32>, u32)> = None;
                (0..batch.len())
                    .map(|i| {
                        key.iter_mut().zip(&numbers).for_each(|(k, n)| *k = n[i]);
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
                    })
                    .collect()
            }
        };
        Assigned { batch, groups }
    }

    fn group(&mut self, key: &[u32]) -> u32 {
        if let Some(&g) = self.groups.get(key) {
            return g;
        }
        let g = self.count;
        self.groups.insert(key.into(), g);
        self.rows.extend_from_slice(key);
        self.count += 1;
        g
    }

    /// Takes in the groups of a later part; the result says which group here each of them is.
    pub fn merge(&mut self, later: &Groups) -> Vec<u32> {
        if self.keys.is_empty() {
            self.count = self.count.max(later.count);
            return (0..later.count).collect();
        }
        let maps: Vec<Vec<u32>> = self
            .keys
            .iter_mut()
            .zip(&later.keys)
            .map(|(mine, theirs)| theirs.values.iter().map(|v| if v.is_null() { mine.null() } else { mine.value(v) }).collect())
            .collect();
        let width = self.keys.len();
        later
            .rows
            .chunks_exact(width)
            .map(|row| {
                let key: Vec<u32> = row.iter().zip(&maps).map(|(&n, map)| map.get(n as usize).copied().unwrap_or(NO_GROUP)).collect();
                self.group(&key)
            })
            .collect()
    }

    /// The values of one by-field, a row a group.
    pub fn column(&self, field: usize) -> Column {
        let width = self.keys.len().max(1);
        let values = self.keys.get(field).map(|k| k.values.as_slice()).unwrap_or_default();
        self.rows.iter().skip(field).step_by(width).map(|&n| values.get(n as usize).map_or(Value::Null, Value::borrowed)).collect()
    }

    /// Bytes held, roughly.
    pub fn bytes(&self) -> usize {
        let keys: usize = self.keys.iter().map(|k| k.bytes).sum();
        keys + self.rows.len() * 4 + self.groups.len() * (40 + self.keys.len() * 4)
    }
}

/// Has some row several values? Of a dictionary it is enough to ask its values.
fn holds_several(column: &Column) -> bool {
    match column {
        Column::Const(v, _) => matches!(v, Value::Multi(_)),
        Column::Mixed(values) => values.iter().any(|v| matches!(v, Value::Multi(_))),
        Column::Dict { values, .. } => holds_several(values),
        Column::Text(_) | Column::Number { .. } => false,
    }
}

/// Rows with several values in a by-field stand there once for each value, for each combination where several fields have more.
fn split_multivalues(batch: Batch, by: &[Name]) -> Batch {
    by.iter().fold(batch, |batch, field| {
        let column = batch.column(field);
        if !holds_several(&column) {
            return batch;
        }
        let mut rows = Vec::new();
        let mut singles = crate::column::Builder::new();
        for i in 0..column.len() {
            let v = column.get(i);
            if v.is_null() {
                rows.push(i as u32);
                singles.push_null();
            }
            // A value that stands there twice makes one group, and counts once (dedup_splitvals of stats is off, but a group is a set).
            for single in v.each() {
                rows.push(i as u32);
                singles.push(single.borrowed());
            }
        }
        let mut out = batch.take(&rows);
        out.set(field.clone(), singles.finish());
        out
    })
}
