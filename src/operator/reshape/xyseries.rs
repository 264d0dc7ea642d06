//! xyseries: a row a value of one field, a column a value of another.

use crate::column::compare::{Collation, Key};
use crate::column::growth::growth;
use crate::column::{Batch, Builder, Lexicon, Name, Value};
use crate::diagnostic::Diagnostic;
use crate::operator::Context;
use crate::plan::reshape::Xyseries;
use std::cmp::Ordering;

/// Rows without one of the two fields are left out. Columns ascend by value; where several rows give a cell the last one stands.
pub fn xyseries(rows: &Batch, how: &Xyseries, cx: &Context) -> Result<Batch, Diagnostic> {
    let (mut xs, mut ys) = (Numbered::default(), Numbered::default());
    // Row of the table, column value, row that the cells come from.
    let mut cells: Vec<(usize, usize, usize)> = Vec::new();
    let (mut order, mut last): (Vec<usize>, Option<usize>) = (Vec::new(), None);
    for row in 0..rows.len() {
        cx.grows(row, |rows| xs.bytes(rows) + ys.bytes(rows) + cells.capacity() * size_of::<(usize, usize, usize)>())?;
        let (x, y) = (rows.value(&how.row, row), rows.value(&how.column, row));
        if x.is_null() || y.is_null() {
            continue;
        }
        let x = xs.number(&x);
        if how.grouped && last != Some(x) {
            order.push(x);
        }
        last = Some(x);
        let place = if how.grouped { order.len().saturating_sub(1) } else { x };
        cells.extend(y.each().iter().map(|y| (place, ys.number(y), row)));
    }
    if !how.grouped {
        order = xs.ascending();
    }
    let mut places = vec![0; xs.values.len()];
    if !how.grouped {
        order.iter().enumerate().for_each(|(to, &x)| places.get_mut(x).into_iter().for_each(|p| *p = to));
    }
    let columns = ys.ascending();
    cx.memory.charge(order.len().saturating_mul(columns.len()).saturating_mul(how.cells.len()).saturating_mul(12))?;
    let mut by_column: Vec<Vec<(usize, usize)>> = vec![Vec::new(); ys.values.len()];
    for (place, y, row) in cells {
        let to = if how.grouped { place } else { places.get(place).copied().unwrap_or_default() };
        by_column.get_mut(y).into_iter().for_each(|c| c.push((to, row)));
    }
    let mut out = Batch::new(order.len());
    let mut head = Builder::new();
    order.iter().for_each(|&x| head.push(xs.values.get(x).map_or(Value::Null, Value::borrowed)));
    out.set(how.row.clone(), head.finish());
    for cell in &how.cells {
        let source = rows.column(cell);
        for &y in &columns {
            cx.check()?;
            let mut from = vec![u32::MAX; order.len()];
            by_column.get(y).into_iter().flatten().for_each(|&(to, row)| from.get_mut(to).into_iter().for_each(|f| *f = row as u32));
            out.set(name(how, cell, ys.values.get(y)), source.take(&from));
        }
    }
    Ok(out)
}

fn name(how: &Xyseries, cell: &str, value: Option<&Value<'_>>) -> Name {
    let value = value.and_then(Value::as_text).unwrap_or_default();
    match how.cells.len() {
        1 => value.as_ref().into(),
        _ => how.format.replace("$AGG$", cell).replace("$VAL$", &value).as_str().into(),
    }
}

/// Distinct values, numbered as they come.
#[derive(Default)]
struct Numbered {
    texts: Lexicon,
    values: Vec<Value<'static>>,
}

impl Numbered {
    fn number(&mut self, value: &Value<'_>) -> usize {
        let number = self.texts.number(&value.as_text().unwrap_or_default()) as usize;
        if number == self.values.len() {
            self.values.push(value.clone().into_owned());
        }
        number
    }

    /// Bytes held, and those that are needed while it grows by so many values.
    fn bytes(&self, more: usize) -> usize {
        let values = self.values.capacity() * size_of::<Value>() + growth(self.values.len(), self.values.capacity(), more, size_of::<Value>());
        self.texts.bytes() + self.texts.growth(more) + values
    }

    /// The numbers by value: numbers, addresses, text.
    fn ascending(&self) -> Vec<usize> {
        let keys: Vec<Key> = self.values.iter().map(|v| Key::new(v, Collation::Auto)).collect();
        let mut all: Vec<usize> = (0..keys.len()).collect();
        all.sort_by(|&a, &b| match (keys.get(a), keys.get(b)) {
            (Some(x), Some(y)) => x.order(y, false).then_with(|| self.values.get(a).map(Value::as_text).cmp(&self.values.get(b).map(Value::as_text))),
            _ => Ordering::Equal,
        });
        all
    }
}
