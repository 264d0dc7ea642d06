//! Whole results: made of nothing, put together, joined with themselves, or written as a search.

use super::order::letter;
use super::{Named, Stage};
use crate::against::NOW;
use crate::expr::{Expr, condition, truth};
use crate::stats::alike;
use crate::value::{Row, Value, get, together};
use chrono::{DateTime, Utc};
use proptest::prelude::*;
use proptest::sample::select;

pub const LIST: &[Named] = &[
    ("makeresults", makeresults),
    ("gentimes", gentimes),
    ("set", sets),
    ("union", union),
    ("multisearch", multisearch),
    ("selfjoin", selfjoin),
    ("format", format),
    ("return", returned),
    ("require", require),
];

fn makeresults() -> BoxedStrategy<Stage> {
    (1..4usize)
        .prop_map(|n| {
            let spl = format!("append [| makeresults count={n} | eval x=\"new\"]");
            Stage::new(spl, move |mut rows, _| {
                let new: Row = [("_time".to_string(), Value::Number(NOW)), ("x".to_string(), "new".into())].into_iter().collect();
                rows.extend(std::iter::repeat_n(new, n));
                rows
            })
        })
        .boxed()
}

/// Spans from a start up to an end, each a second shorter than its step.
fn gentimes() -> BoxedStrategy<Stage> {
    select(&[("6h", 21_600.0), ("1d", 86_400.0), ("7h", 25_200.0), ("720m", 43_200.0)][..])
        .prop_map(|(written, step)| {
            let spl = format!("append [| gentimes start=10/1/2023 end=10/3/2023 increment={written}]");
            Stage::new(spl, move |mut rows, _| {
                let (start, end) = (1_696_118_400.0, 1_696_291_200.0);
                let human = |t: f64| Value::text(DateTime::<Utc>::from_timestamp(t as i64, 0).unwrap().format("%a %b %d %H:%M:%S %Y").to_string());
                let mut at = start;
                while at < end {
                    let last = at + step - 1.0;
                    let all = [("starttime", at.into()), ("endtime", last.into()), ("starthuman", human(at)), ("endhuman", human(last))];
                    rows.push(all.into_iter().map(|(n, v)| (n.to_string(), v)).collect());
                    at += step;
                }
                rows
            })
        })
        .boxed()
}

fn ids(rows: &[Row], test: impl Fn(&Row) -> bool) -> Vec<Row> {
    let mut out: Vec<Row> = rows.iter().filter(|r| test(r)).map(|r| [("id".to_string(), get(r, "id"))].into_iter().collect()).collect();
    out.sort_by_key(|r| get(r, "id").number().unwrap() as u64);
    out
}

fn passes(test: &Expr, row: &Row) -> bool {
    truth(&test.value(row)) == Some(true)
}

/// Every row has an id of its own, so that rows are the same or not.
fn sets() -> BoxedStrategy<Stage> {
    (select(&["union", "diff", "intersect"][..]), condition(1), condition(1))
        .prop_map(|(how, a, b)| {
            let spl = format!("append [| set {how} [search * | where {a} | table id] [search * | where {b} | table id] | sort 0 id]");
            Stage::new(spl, move |rows, all| {
                let chosen = ids(all, |r| match (how, passes(&a, r), passes(&b, r)) {
                    ("union", a, b) => a || b,
                    ("diff", a, b) => a != b,
                    (_, a, b) => a && b,
                });
                [rows, chosen].concat()
            })
        })
        .boxed()
}

fn multisearch() -> BoxedStrategy<Stage> {
    (condition(1), condition(1))
        .prop_map(|(a, b)| {
            let spl = format!("append [| multisearch [search * | where {a}] [search * | where {b} | eval x=1] | table id | sort 0 id]");
            Stage::new(spl, move |rows, all| {
                let mut both = [ids(all, |r| passes(&a, r)), ids(all, |r| passes(&b, r))].concat();
                both.sort_by_key(|r| get(r, "id").number().unwrap() as u64);
                [rows, both].concat()
            })
        })
        .boxed()
}

/// What no longer comes as events stands behind the rows that are there.
fn union() -> BoxedStrategy<Stage> {
    (condition(1), 1..4usize)
        .prop_map(|(test, most)| {
            let spl = format!("sort 0 id | union maxout={most} [search * | where {test} | table id | sort 0 id]");
            Stage::new(spl, move |mut rows, all| {
                let key = |r: &Row| get(r, "id").each().first().and_then(Value::number).unwrap_or(f64::INFINITY);
                rows.sort_by(|a, b| key(a).total_cmp(&key(b)));
                [rows, ids(all, |r| passes(&test, r)).into_iter().take(most).collect()].concat()
            })
        })
        .boxed()
}

const AGREEING: &[&[&str]] = &[&["g"], &["s"], &["g", "s"]];

/// Each row with those behind it that agree in the fields.
fn selfjoin() -> BoxedStrategy<Stage> {
    (any::<bool>(), 0..3usize, any::<bool>(), select(AGREEING))
        .prop_map(|(overwrite, max, single, fields)| {
            let spl = format!("selfjoin overwrite={} max={max} keepsingle={} {}", letter(overwrite), letter(single), fields.join(" "));
            Stage::new(spl, move |rows, _| {
                let key = |r: &Row| Some(fields.iter().map(|f| get(r, f)).collect::<Vec<_>>()).filter(|k| k.iter().all(|v| !v.is_null()));
                let agree = |a: &Row, b: &Row| key(a).zip(key(b)).is_some_and(|(a, b)| alike(&a, &b));
                let mut out = Vec::new();
                for (i, row) in rows.iter().enumerate() {
                    if single && key(row).is_some() && !rows.iter().enumerate().any(|(j, o)| i != j && agree(row, o)) {
                        out.push(row.clone());
                    }
                    for other in rows[i + 1..].iter().filter(|o| agree(row, o)).take(if max == 0 { usize::MAX } else { max }) {
                        out.push(together(row, other, overwrite));
                    }
                }
                out
            })
        })
        .boxed()
}

fn quoted(v: &Value) -> String {
    format!("\"{}\"", v.as_text().unwrap().replace('\\', "\\\\").replace('"', "\\\""))
}

fn found(text: String) -> Vec<Row> {
    vec![[("search".to_string(), Value::Text(text))].into_iter().collect()]
}

fn format() -> BoxedStrategy<Stage> {
    (select(&["OR", "AND"][..]), 0..4usize)
        .prop_map(|(between, most)| {
            Stage::new(format!("table id a g | format mvsep=\"{between}\" maxresults={most}"), move |rows, _| {
                let rows = rows.iter().take(if most == 0 { usize::MAX } else { most });
                let row = |row: &Row| {
                    let part = |field: &str| {
                        let all: Vec<String> = get(row, field).each().iter().map(|v| format!("{field}={}", quoted(v))).collect();
                        match all.len() {
                            0 => None,
                            1 => Some(all[0].clone()),
                            _ => Some(format!("( {} )", all.join(&format!(" {between} ")))),
                        }
                    };
                    let parts: Vec<String> = ["id", "a", "g"].into_iter().filter_map(part).collect();
                    (!parts.is_empty()).then(|| format!("( {} )", parts.join(" AND ")))
                };
                let all: Vec<String> = rows.filter_map(row).collect();
                found(if all.is_empty() { "NOT( )".into() } else { format!("( {} )", all.join(" OR ")) })
            })
        })
        .boxed()
}

fn returned() -> BoxedStrategy<Stage> {
    (1..4usize, select(&["g", "who=g", "$g", "id s"][..]))
        .prop_map(|(n, what)| {
            // Of one value each.
            Stage::new(format!("eval g=mvindex(g, 0), s=mvindex(s, 0), id=mvindex(id, 0) | return {n} {what}"), move |rows, _| {
                let first = |row: &Row, f: &str| get(row, f).each().into_iter().next();
                let pair = |row: &Row, name: &str, f: &str| first(row, f).map(|v| format!("{name}={}", quoted(&v)));
                let row = |row: &Row| {
                    let parts: Vec<String> = match what {
                        "g" => pair(row, "g", "g").into_iter().collect(),
                        "who=g" => pair(row, "who", "g").into_iter().collect(),
                        "$g" => first(row, "g").and_then(|v| v.as_text()).filter(|t| !t.is_empty()).into_iter().collect(),
                        _ => ["id", "s"].into_iter().filter_map(|f| pair(row, f, f)).collect(),
                    };
                    (!parts.is_empty()).then(|| parts.join(" "))
                };
                let all: Vec<String> = rows.iter().take(n).filter_map(row).collect();
                match all.as_slice() {
                    [] => Vec::new(),
                    [one] => found(one.clone()),
                    all => found(all.iter().map(|s| format!("({s})")).collect::<Vec<_>>().join(" OR ")),
                }
            })
        })
        .boxed()
}

fn require() -> BoxedStrategy<Stage> {
    Just(Stage::new("append [| makeresults | table x] | require", |mut rows, _| {
        rows.push(Row::new());
        rows
    }))
    .boxed()
}
