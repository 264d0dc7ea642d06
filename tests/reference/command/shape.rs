//! Tables turned round, and their sums.

use super::{Named, Stage};
use crate::stats::{Aggregate, Of, stats};
use crate::value::{Row, Value, get, set};
use proptest::prelude::*;
use proptest::sample::select;

pub const LIST: &[Named] = &[
    ("transpose", named),
    ("xyseries", several),
    ("addtotals", both),
    ("transpose", transpose),
    ("xyseries", xyseries),
    ("untable", untable),
    ("addtotals", addtotals),
    ("addcoltotals", addcoltotals),
];

fn transpose() -> BoxedStrategy<Stage> {
    (select(&["", " 2", " 0"][..]), any::<bool>())
        .prop_map(|(count, header)| {
            let spl = format!("table id g n | transpose{count}{}", if header { " header_field=id" } else { "" });
            Stage::new(spl, move |rows, _| {
                if rows.is_empty() {
                    return rows;
                }
                let most = match count {
                    "" => 5,
                    " 2" => 2,
                    _ => usize::MAX,
                };
                let rows: Vec<Row> = rows.into_iter().take(most).collect();
                let fields = if header { &["g", "n"][..] } else { &["id", "g", "n"] };
                let made = fields.iter().map(|field| {
                    let mut out: Row = [("column".to_string(), (*field).into())].into_iter().collect();
                    for (i, row) in rows.iter().enumerate() {
                        let name = Some(get(row, "id")).filter(|_| header).and_then(|v| v.as_text());
                        set(&mut out, &name.unwrap_or(format!("row {}", i + 1)), get(row, field));
                    }
                    out
                });
                made.collect()
            })
        })
        .boxed()
}

fn sums(rows: &[Row]) -> Vec<Row> {
    stats(rows, &[Aggregate { function: "sum", of: Of::Field("id"), name: Some("s".into()) }], &["g", "b"])
}

fn xyseries() -> BoxedStrategy<Stage> {
    Just(Stage::new("stats sum(id) AS s BY g b | xyseries g b s", |rows, _| {
        let mut out: Vec<Row> = Vec::new();
        for cell in sums(&rows) {
            let key = get(&cell, "g");
            let place = out.iter().position(|r| get(r, "g").as_text() == key.as_text()).unwrap_or_else(|| {
                out.push([("g".to_string(), key.clone())].into_iter().collect());
                out.len() - 1
            });
            set(&mut out[place], &get(&cell, "b").as_text().unwrap(), get(&cell, "s"));
        }
        out
    }))
    .boxed()
}

fn untable() -> BoxedStrategy<Stage> {
    Just(Stage::new("table id a n | untable id name value", |rows, _| {
        let mut out = Vec::new();
        for row in rows {
            for field in ["a", "n"] {
                let v = get(&row, field);
                if !v.is_null() {
                    let mut made: Row = [("name".to_string(), field.into()), ("value".to_string(), v)].into_iter().collect();
                    set(&mut made, "id", get(&row, "id"));
                    out.push(made);
                }
            }
        }
        out
    }))
    .boxed()
}

fn numbers_of(value: Value) -> Vec<f64> {
    value.each().iter().filter_map(Value::number).collect()
}

fn addtotals() -> BoxedStrategy<Stage> {
    select(&["", " n id", " fieldname=sum n"][..])
        .prop_map(|how| {
            Stage::each(format!("addtotals{how}"), move |row| {
                let named: &[&str] = match how {
                    "" => &[],
                    " n id" => &["n", "id"],
                    _ => &["n"],
                };
                let summed: Vec<f64> = row
                    .iter()
                    .filter(|(name, _)| if named.is_empty() { !name.starts_with('_') } else { named.contains(&name.as_str()) })
                    .flat_map(|(_, v)| numbers_of(v.clone()))
                    .collect();
                let total = (!summed.is_empty()).then(|| summed.iter().sum::<f64>());
                set(row, if how.contains("sum") { "sum" } else { "Total" }, total.into());
            })
        })
        .boxed()
}

fn addcoltotals() -> BoxedStrategy<Stage> {
    select(&["", " n"][..])
        .prop_map(|how| {
            Stage::new(format!("table id n g | addcoltotals{how}"), move |rows, _| {
                let mut rows: Vec<Row> = rows.into_iter().map(|r| r.into_iter().filter(|(n, _)| ["id", "n", "g"].contains(&n.as_str())).collect()).collect();
                if rows.is_empty() {
                    return rows;
                }
                let mut last = Row::new();
                for field in ["id", "n", "g"].iter().filter(|f| how.is_empty() || **f == "n") {
                    let all: Vec<f64> = rows.iter().flat_map(|r| numbers_of(get(r, field))).collect();
                    if !all.is_empty() {
                        set(&mut last, field, all.iter().sum::<f64>().into());
                    }
                }
                rows.push(last);
                rows
            })
        })
        .boxed()
}

/// The column of names is called otherwise, and fields without a value are left out or stay.
fn named() -> BoxedStrategy<Stage> {
    any::<bool>()
        .prop_map(|empty| {
            let spl = format!("table id n none | transpose 3 column_name=field include_empty={}", super::order::letter(empty));
            Stage::new(spl, move |rows, _| {
                let rows: Vec<Row> = rows.into_iter().take(3).collect();
                let fields = ["id", "n", "none"].into_iter().filter(|f| empty || rows.iter().any(|r| !get(r, f).is_null()));
                let made = fields.map(|field| {
                    let mut out: Row = [("field".to_string(), field.into())].into_iter().collect();
                    rows.iter().enumerate().for_each(|(i, row)| set(&mut out, &format!("row {}", i + 1), get(row, field)));
                    out
                });
                if rows.is_empty() { Vec::new() } else { made.collect() }
            })
        })
        .boxed()
}

/// Several fields of values: columns are called after both.
fn several() -> BoxedStrategy<Stage> {
    select(&[("", "$A: $V"), (" sep=\"|\"", "$A|$V"), (" format=\"$VAL$ of $AGG$\"", "$V of $A")][..])
        .prop_map(|(option, form)| {
            Stage::new(format!("stats sum(id) AS s, count AS c BY g b | xyseries{option} g b s c"), move |rows, _| {
                let count = Aggregate { function: "count", of: Of::Rows, name: Some("c".into()) };
                let sum = Aggregate { function: "sum", of: Of::Field("id"), name: Some("s".into()) };
                let mut out: Vec<Row> = Vec::new();
                for cell in stats(&rows, &[sum, count], &["g", "b"]) {
                    let key = get(&cell, "g");
                    let place = out.iter().position(|r| get(r, "g").as_text() == key.as_text()).unwrap_or_else(|| {
                        out.push([("g".to_string(), key.clone())].into_iter().collect());
                        out.len() - 1
                    });
                    for field in ["s", "c"] {
                        let name = form.replace("$A", field).replace("$V", &get(&cell, "b").as_text().unwrap());
                        set(&mut out[place], &name, get(&cell, field));
                    }
                }
                out
            })
        })
        .boxed()
}

/// Sums of rows, of columns, or of both.
fn both() -> BoxedStrategy<Stage> {
    (any::<bool>(), any::<bool>())
        .prop_map(|(row_sums, column_sums)| {
            let letter = super::order::letter;
            let spl = format!("table id n g | addtotals row={} col={} labelfield=g label=Sum id n", letter(row_sums), letter(column_sums));
            Stage::new(spl, move |rows, _| {
                let mut rows: Vec<Row> = rows.into_iter().map(|r| r.into_iter().filter(|(n, _)| ["id", "n", "g"].contains(&n.as_str())).collect()).collect();
                if row_sums {
                    for row in &mut rows {
                        let all: Vec<f64> = ["id", "n"].iter().flat_map(|f| numbers_of(get(row, f))).collect();
                        set(row, "Total", (!all.is_empty()).then(|| all.iter().sum::<f64>()).into());
                    }
                }
                if column_sums && !rows.is_empty() {
                    let mut last: Row = [("g".to_string(), "Sum".into())].into_iter().collect();
                    for field in if row_sums { &["id", "n", "Total"][..] } else { &["id", "n"] } {
                        let all: Vec<f64> = rows.iter().flat_map(|r| numbers_of(get(r, field))).collect();
                        set(&mut last, field, (!all.is_empty()).then(|| all.iter().sum::<f64>()).into());
                    }
                    rows.push(last);
                }
                rows
            })
        })
        .boxed()
}
