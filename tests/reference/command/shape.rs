//! Tables turned round, and their sums.

use super::{Named, Stage};
use crate::stats::{Aggregate, Of, stats};
use crate::value::{Row, Value, get, set};
use proptest::prelude::*;
use proptest::sample::select;

pub const LIST: &[Named] = &[("transpose", transpose), ("xyseries", xyseries), ("untable", untable), ("addtotals", addtotals), ("addcoltotals", addcoltotals)];

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
