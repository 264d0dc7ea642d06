//! What the rows of a batch hold, handed out one value at a time; read once per distinct value where the column has a dictionary.

use super::{NO_GROUP, Rows};
use crate::column::{Column, Value};

/// Calls `f` with the group and each number of the rows, in order. What is no number is left out, NaN too; each value of a
/// multivalue is taken by itself.
pub(super) fn numbers(rows: &Rows<'_>, mut f: impl FnMut(u32, f64)) {
    let Some(column) = rows.column else { return };
    let mut each = |group: u32, n: f64| {
        if group != NO_GROUP && !n.is_nan() {
            f(group, n);
        }
    };
    let groups = rows.groups.iter().copied();
    match column {
        Column::Number { values, valid: None } => groups.zip(values).for_each(|(g, n)| each(g, *n)),
        Column::Number { values, valid: Some(valid) } => {
            groups.zip(values).enumerate().filter(|(row, _)| valid.get(*row)).for_each(|(_, (g, n))| each(g, *n));
        }
        Column::Const(value, _) => {
            let all: Vec<f64> = value.each().iter().filter_map(Value::as_number).collect();
            groups.for_each(|g| all.iter().for_each(|n| each(g, *n)));
        }
        Column::Dict { codes, values, .. } if values.len() <= codes.len() && single(values) => {
            let read: Vec<f64> = (0..values.len()).map(|i| values.number(i).unwrap_or(f64::NAN)).collect();
            groups.zip(codes).for_each(|(g, c)| each(g, read.get(*c as usize).copied().unwrap_or(f64::NAN)));
        }
        Column::Mixed(values) => {
            groups.zip(values).for_each(|(g, v)| v.each().iter().filter_map(Value::as_number).for_each(|n| each(g, n)));
        }
        Column::Text(_) | Column::Dict { .. } => {
            for (row, g) in groups.enumerate().filter(|(_, g)| *g != NO_GROUP) {
                column.get(row).each().iter().filter_map(Value::as_number).for_each(|n| each(g, n));
            }
        }
    }
}

/// Calls `f` with the group and each single value of the rows, in order.
pub(super) fn singles(rows: &Rows<'_>, mut f: impl FnMut(u32, &Value<'_>)) {
    let Some(column) = rows.column else { return };
    let groups = rows.groups.iter().copied().enumerate().filter(|(_, g)| *g != NO_GROUP);
    match column {
        Column::Mixed(values) => groups.for_each(|(row, g)| values.get(row).into_iter().flat_map(|v| v.each()).for_each(|v| f(g, v))),
        _ => groups.for_each(|(row, g)| column.get(row).each().iter().for_each(|v| f(g, v))),
    }
}

/// Can no row of the column be a multivalue?
pub(super) fn single(column: &Column) -> bool {
    matches!(column, Column::Text(_) | Column::Number { .. })
}

/// A column of numbers, null where there is none.
pub(super) fn column(values: impl Iterator<Item = Option<f64>>) -> Column {
    values.map(Value::from).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::column::{Mask, NO_CODE, Text};

    #[test]
    fn every_representation_gives_the_same_numbers() {
        let text = |v: &[Option<&str>]| Column::Text(v.iter().copied().collect::<Text>());
        let mixed = Column::Mixed(vec![Value::Number(1.0), Value::Null, Value::multi([Value::text("2"), Value::text("x"), Value::text("3")])]);
        for (column, want) in [
            (text(&[Some("1"), None, Some("x")]), vec![(0, 1.0)]),
            (mixed.clone(), vec![(0, 1.0), (1, 2.0), (1, 3.0)]),
            (Column::coded(vec![2, 1, 0], mixed), vec![(0, 2.0), (0, 3.0), (1, 1.0)]),
            (Column::coded(vec![1, 0, NO_CODE], text(&[Some("5"), Some("6")])), vec![(0, 6.0)]),
            (Column::Const(Value::text("4"), 3), vec![(0, 4.0), (1, 4.0)]),
            (Column::Number { values: vec![1.0, 2.0, f64::NAN], valid: Some(Mask::new(3, true)) }, vec![(0, 1.0)]),
        ] {
            let mut got = Vec::new();
            numbers(&Rows { groups: &[0, NO_GROUP, 1], column: Some(&column), time: None }, |g, n| got.push((g, n)));
            assert_eq!(got, want, "{column:?}");
        }
    }
}
