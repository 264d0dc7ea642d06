//! Rows with several values in by-fields: each stands there once for every combination of them.

use crate::column::{Batch, Builder, Column, Name, Value};
use std::sync::Arc;

/// Rows of a piece at most, and values that its rows copy.
const ROWS: usize = 1 << 14;
const VALUES: usize = 1 << 18;

/// Some of the rows.
pub struct Piece {
    pub batch: Batch,
    /// From which row of the batch each comes, ascending; `None` where they are the batch as it was.
    pub of: Option<Vec<u32>>,
}

impl Piece {
    /// From which row of the batch one comes.
    pub fn origin(&self, row: usize) -> usize {
        self.of.as_ref().map_or(row, |of| of.get(row).map_or(usize::MAX, |row| *row as usize))
    }
}

/// The rows of a batch, in pieces that are put together one by one: there may be far more combinations than rows.
pub struct Split {
    /// The columns that have one value a row.
    rest: Batch,
    /// By-fields with several values, in order.
    several: Vec<(Name, Arc<Column>)>,
    /// Values that the rest of each row copies.
    weights: Vec<usize>,
    row: usize,
    /// The combination of that row that comes next, as the numbers of its values.
    next: Vec<usize>,
    over: bool,
}

/// The rows of a batch by combinations of the by-fields' values, the last field's changing first.
pub fn split(mut batch: Batch, by: &[Name]) -> Split {
    let mut several: Vec<(Name, Arc<Column>)> = Vec::new();
    for field in by {
        if batch.get(field).is_some_and(|column| holds_several(column)) {
            // It would stand there whole for each of its values.
            several.extend(batch.remove(field).map(|column| (field.clone(), column)));
        }
    }
    let weights = if several.is_empty() { Vec::new() } else { weights(&batch) };
    Split { next: vec![0; several.len()], rest: batch, several, weights, row: 0, over: false }
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

/// How many values the columns with several of them have in each row.
fn weights(batch: &Batch) -> Vec<usize> {
    let mut weights = vec![0; batch.len()];
    for (_, column) in batch.columns().filter(|(_, column)| holds_several(column)) {
        weights.iter_mut().enumerate().for_each(|(row, weight)| *weight += column.get(row).count());
    }
    weights
}

impl Iterator for Split {
    type Item = Piece;

    fn next(&mut self) -> Option<Piece> {
        if self.over {
            return None;
        }
        if self.several.is_empty() {
            self.over = true;
            return Some(Piece { batch: std::mem::take(&mut self.rest), of: None });
        }
        let mut of: Vec<u32> = Vec::new();
        let mut columns: Vec<Builder> = self.several.iter().map(|_| Builder::new()).collect();
        let mut copied = 0;
        while self.row < self.rest.len() && of.len() < ROWS && copied < VALUES {
            let values: Vec<Value<'_>> = self.several.iter().map(|(_, column)| column.get(self.row)).collect();
            let weight = self.weights.get(self.row).copied().unwrap_or_default();
            while of.len() < ROWS && copied < VALUES {
                of.push(self.row as u32);
                copied += weight;
                for ((values, column), place) in values.iter().zip(&mut columns).zip(&self.next) {
                    match values.each().get(*place) {
                        Some(value) => column.push(value.borrowed()),
                        None => column.push_null(),
                    }
                }
                // A missing value counts as one.
                let carried = self.next.iter_mut().zip(&values).rev().all(|(place, values)| {
                    *place = (*place + 1) % values.count().max(1);
                    *place == 0
                });
                if carried {
                    self.row += 1;
                    break;
                }
            }
        }
        self.over = self.row >= self.rest.len();
        let mut batch = self.rest.take(&of);
        for ((name, _), column) in self.several.iter().zip(columns) {
            batch.set(name.clone(), column.finish());
        }
        Some(Piece { batch, of: Some(of) })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn several(values: &[&str]) -> Value<'static> {
        Value::multi(values.iter().map(|v| Value::owned(*v)).collect::<Vec<_>>())
    }

    #[test]
    fn every_combination_once() {
        let mut batch = Batch::new(3);
        batch.set("a", Column::Mixed(vec![several(&["1", "2"]), Value::Null, several(&["3"])]));
        batch.set("b", Column::Mixed(vec![several(&["x", "y"]), several(&["z", "z"]), Value::Null]));
        batch.set("c", ["p", "q", "r"].into_iter().map(Value::text).collect::<Column>());
        let by = ["a".into(), "b".into(), "missing".into()];
        let pieces: Vec<Piece> = split(batch, &by).collect();
        let row = |piece: &Piece, row| ["a", "b", "c"].map(|f| piece.batch.value(f, row).as_text().unwrap_or_default().into_owned()).concat();
        let all: Vec<String> = pieces.iter().flat_map(|piece| (0..piece.batch.len()).map(|r| row(piece, r))).collect();
        assert_eq!(all, ["1xp", "1yp", "2xp", "2yp", "zq", "zq", "3r"]);
        assert_eq!(pieces.first().and_then(|p| p.of.clone()), Some(vec![0, 0, 0, 0, 1, 1, 2]));
    }

    #[test]
    fn pieces_stay_small() {
        let many: Vec<String> = (0..1000).map(|n| n.to_string()).collect();
        let many = several(&many.iter().map(String::as_str).collect::<Vec<_>>());
        let mut batch = Batch::new(2);
        ["a", "b", "c"].iter().for_each(|f| batch.set(*f, Column::Const(many.clone(), 2)));
        let mut pieces = split(batch.clone(), &["a".into(), "b".into()]);
        let rows: Vec<usize> = pieces.by_ref().map(|p| p.batch.len()).collect();
        assert_eq!(rows.iter().sum::<usize>(), 2_000_000);
        assert!(rows.iter().all(|n| n * 1000 <= VALUES + 1000), "{:?}", rows.iter().max());
        // Without `c` nothing large is copied.
        batch.remove("c");
        assert_eq!(split(batch, &["a".into(), "b".into()]).map(|p| p.batch.len()).max(), Some(ROWS));
    }

    #[test]
    fn single_values_stay_as_they_are() {
        let mut batch = Batch::new(2);
        batch.set("a", Column::numbers(vec![1.0, 2.0]));
        let pieces: Vec<Piece> = split(batch, &["a".into()]).collect();
        assert!(matches!(pieces.as_slice(), [Piece { of: None, batch }] if batch.len() == 2));
    }
}
