//! addtotals and addcoltotals: sums across a row, and down the columns.

use crate::column::{Batch, Builder, Column, Name, Value};
use crate::plan::FieldPattern;
use std::sync::Arc;

/// The numbers of a value; each value of a multivalue counts.
fn sum(value: &Value<'_>) -> Option<f64> {
    value.each().iter().filter_map(Value::as_number).fold(None, |sum, n| Some(sum.unwrap_or(0.0) + n))
}

/// For every row the sum of the numbers in the fields; null where there are none.
pub fn of_rows(batch: &Batch, fields: &[FieldPattern]) -> Column {
    let columns: Vec<&Arc<Column>> = batch.columns().filter(|(n, _)| fields.iter().any(|f| f.matches(n))).map(|(_, c)| c).collect();
    let mut out = Builder::new();
    for row in 0..batch.len() {
        let total = columns.iter().filter_map(|c| c.number(row).or_else(|| sum(&c.get(row)))).fold(None, |t, n| Some(t.unwrap_or(0.0) + n));
        out.push(Value::from(total));
    }
    out.finish()
}

/// One row more: the sums of the columns that hold numbers, and a label.
pub(super) fn of_columns(batch: Batch, fields: &[FieldPattern], label: Option<(Name, String)>) -> Batch {
    if batch.is_empty() {
        return batch;
    }
    let mut last = Batch::new(1);
    for (name, column) in batch.columns() {
        let total = match fields.iter().any(|f| f.matches(name)) {
            true => (0..batch.len()).filter_map(|i| column.number(i).or_else(|| sum(&column.get(i)))).fold(None, |t, n| Some(t.unwrap_or(0.0) + n)),
            false => None,
        };
        last.set(name.clone(), Column::Const(Value::from(total), 1));
    }
    if let Some((field, text)) = label {
        last.set(field, Column::Const(Value::owned(text), 1));
    }
    Batch::concat(vec![batch, last])
}

#[cfg(test)]
mod tests {
    use crate::operator::testing::run;

    #[test]
    fn sums_across_and_down() {
        let rows = r#"[{"a":"1","b":"x"},{"a":["2","3"],"b":"0.5"},{"c":"y"}]"#;
        let across = r#"[{"a":"1","b":"x","T":1},{"a":["2","3"],"b":"0.5","T":5.5},{"c":"y"}]"#;
        assert_eq!(run(rows, "* | addtotals fieldname=T"), across);
        let down = r#"[{"a":"1","b":"x"},{"a":["2","3"],"b":"0.5"},{"c":"y"},{"a":6,"b":0.5,"c":"sum"}]"#;
        assert_eq!(run(rows, "* | addcoltotals labelfield=c label=sum"), down);
    }
}
