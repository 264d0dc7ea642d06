//! Conditions, and the values behind them: each is worked out only as far as rows are left that it may decide.

use super::{evaluate, truth};
use crate::column::choose::{choose, of_few};
use crate::column::{Batch, Builder, Column, Mask, Value};
use crate::operator::Context;
use crate::plan::Expr;
use std::sync::Arc;

/// The values behind the first condition that is true, of pairs of both; where `rest`, the last one is that of all other rows.
pub fn choice(args: &[Expr], rest: bool, batch: &Batch, cx: &Context) -> Arc<Column> {
    let mut left = Mask::new(batch.len(), true);
    let mut picked: Vec<(Mask, Arc<Column>)> = Vec::new();
    for pair in args.chunks(2) {
        if left.none() || cx.check().is_err() {
            break;
        }
        let (mut rows, value) = match pair {
            [value] if rest => (left.clone(), Some(value)),
            [condition, value @ ..] => (truth(condition, batch, cx), value.first()),
            [] => break,
        };
        rows.and(&left);
        if let Some(value) = value.filter(|_| !rows.none()) {
            picked.push((rows.clone(), evaluate(value, batch, cx)));
        }
        rows.invert();
        left.and(&rows);
    }
    picked_of(&picked, batch.len())
}

/// Each row's value of the column whose mask has it.
fn picked_of(picked: &[(Mask, Arc<Column>)], rows: usize) -> Arc<Column> {
    match picked {
        [] => Arc::new(Column::null(rows)),
        [(mask, column)] => choose(column, &Arc::new(Column::null(rows)), mask),
        [(mask, first), (other, second)] if mask.count() + other.count() == rows => choose(first, second, mask),
        many => {
            let mut which = vec![usize::MAX; rows];
            for (number, (mask, _)) in many.iter().enumerate() {
                mask.rows().for_each(|row| which.get_mut(row).into_iter().for_each(|w| *w = number));
            }
            let literals = many.iter().map(|(_, column)| if let Column::Const(value, _) = column.as_ref() { Some(value) } else { None });
            if let Some(values) = literals.collect::<Option<Vec<_>>>() {
                return Arc::new(of_few(&values, which.into_iter()));
            }
            let mut out = Builder::new();
            for (row, number) in which.into_iter().enumerate() {
                out.push(many.get(number).map_or(Value::Null, |(_, column)| column.get(row)));
            }
            Arc::new(out.finish())
        }
    }
}

/// `AND` is decided by a false side, `OR` by a true one; without it an unknown side leaves it unknown.
pub fn decided(args: &[Expr], by: bool, batch: &Batch, cx: &Context) -> Column {
    let (mut decided, mut known) = (Mask::new(batch.len(), false), Mask::new(batch.len(), true));
    for arg in args {
        if decided.all() || cx.check().is_err() {
            break;
        }
        let column = evaluate(arg, batch, cx);
        decided.or(&column.test(|v| v.as_bool() == Some(by)));
        known.and(&column.test(|v| v.as_bool().is_some()));
    }
    let value = |row| match (decided.get(row), known.get(row)) {
        (true, _) => Value::Bool(by),
        (false, true) => Value::Bool(!by),
        (false, false) => Value::Null,
    };
    (0..batch.len()).map(value).collect()
}

/// The rows for which that is true.
pub fn true_of(args: &[Expr], by: bool, batch: &Batch, cx: &Context) -> Mask {
    let mut rows = Mask::new(batch.len(), !by);
    for arg in args {
        if (if by { rows.all() } else { rows.none() }) || cx.check().is_err() {
            break;
        }
        let one = truth(arg, batch, cx);
        if by { rows.or(&one) } else { rows.and(&one) }
    }
    rows
}
