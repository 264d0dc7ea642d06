//! Statistics as rows, or beside every row.

use super::{Named, Stage};
use crate::stats::{Aggregate, Of, aggregates, alike, by, groups, keys, stats, written};
use crate::value::{Row, Value, get, ordered, set};
use proptest::prelude::*;
use proptest::sample::select;
use std::cmp::Ordering;

pub const LIST: &[Named] = &[
    ("stats", only_numbers),
    ("stats", split_once),
    ("eventstats", only_numbers),
    ("stats", plain),
    ("eventstats", eventstats),
    ("top", top),
    ("rare", top),
    ("chart", chart),
    ("timechart", timechart),
    ("chart", limited),
    ("stats", patterns),
    ("chart", several),
];

fn plain() -> BoxedStrategy<Stage> {
    (aggregates(3), by()).prop_map(|(a, by)| Stage::new(format!("stats {}", written(&a, &by)), move |rows, _| stats(&rows, &a, &by))).boxed()
}

fn eventstats() -> BoxedStrategy<Stage> {
    (aggregates(3), by())
        .prop_map(|(a, by)| {
            Stage::new(format!("eventstats {}", written(&a, &by)), move |rows, _| {
                let results = stats(&rows, &a, &by);
                let result_of = |row: &Row| {
                    // Of several values the first decides.
                    let key = keys(row, &by).into_iter().next()?;
                    results.iter().find(|r| alike(&by.iter().map(|f| get(r, f)).collect::<Vec<_>>(), &key))
                };
                rows.iter()
                    .map(|row| {
                        let mut out = row.clone();
                        // A row of no group has no results, nor an older field of their name.
                        let result = result_of(row);
                        a.iter().for_each(|a| set(&mut out, &a.field(), result.map_or(Value::Null, |r| get(r, &a.field()))));
                        out
                    })
                    .collect()
            })
        })
        .boxed()
}

const TOPS: &[(&[&str], &[&str])] = &[(&["g"], &[]), (&["n"], &["g"]), (&["g", "n"], &[]), (&["none"], &[]), (&["a"], &["g"]), (&["s"], &[]), (&["g"], &["s"])];

/// How common values are shown.
#[derive(Clone, Copy, Debug)]
struct Shown {
    rare: bool,
    limit: usize,
    other: bool,
    count: Option<&'static str>,
    percent: Option<&'static str>,
    rest: &'static str,
}

impl Shown {
    fn written(&self) -> String {
        let name = |option: &str, show: &str, name: Option<&str>, plain: &str| match name {
            None => format!(" {show}=f"),
            Some(n) if n == plain => String::new(),
            Some(n) => format!(" {option}={n}"),
        };
        let columns = name("countfield", "showcount", self.count, "count") + &name("percentfield", "showperc", self.percent, "percent");
        let rest = if self.rest == "OTHER" { String::new() } else { format!(" otherstr={}", self.rest) };
        format!("{} limit={} useother={}{columns}{rest}", if self.rare { "rare" } else { "top" }, self.limit, super::order::letter(self.other))
    }
}

fn top() -> BoxedStrategy<Stage> {
    let names = (select(&[Some("count"), Some("count"), None, Some("many")][..]), select(&[Some("percent"), Some("percent"), None, Some("share")][..]));
    (any::<bool>(), select(TOPS), select(&[0usize, 1, 2, 10][..]), any::<bool>(), names, select(&["OTHER", "rest"][..]))
        .prop_map(|(rare, (fields, by), limit, other, (count, percent), rest)| {
            let shown = Shown { rare, limit, other, count, percent, rest };
            let group = if by.is_empty() { String::new() } else { format!(" BY {}", by.join(", ")) };
            Stage::new(format!("{} {}{group}", shown.written(), fields.join(", ")), move |rows, _| common(&rows, fields, by, shown))
        })
        .boxed()
}

fn common(rows: &[Row], fields: &[&str], by: &[&str], shown: Shown) -> Vec<Row> {
    let all: Vec<&str> = by.iter().chain(fields).copied().collect();
    let mut counted: Vec<(Vec<Value>, usize)> = groups(rows, &all).into_iter().map(|(key, rows)| (key, rows.len())).collect();
    // Groups are in the order of their values, and those of rare stay so where counts are equal.
    let group = |a: &[Value], b: &[Value]| {
        a.iter().zip(b).take(by.len()).map(|(a, b)| ordered(a, b).then_with(|| a.as_text().cmp(&b.as_text()))).find(|o| o.is_ne()).unwrap_or(Ordering::Equal)
    };
    // Of equally common values top takes the last one as text.
    let last = |a: &[Value], b: &[Value]| b[by.len()..].iter().map(Value::as_text).cmp(a[by.len()..].iter().map(Value::as_text));
    counted.sort_by(|(a, n), (b, m)| group(a, b).then_with(|| if shown.rare { n.cmp(m) } else { m.cmp(n).then_with(|| last(a, b)) }));
    let mut out = Vec::new();
    for part in counted.chunk_by(|a, b| alike(&a.0[..by.len()], &b.0[..by.len()])) {
        let total: usize = part.iter().map(|(_, n)| n).sum();
        let percent = |n: usize| Value::Number((100.0 * n as f64 / total as f64 * 1e6).round() / 1e6);
        let most = if shown.limit == 0 { part.len() } else { shown.limit.min(part.len()) };
        let mut push = |key: Vec<Value>, n: usize| {
            let mut row: Row = all.iter().map(|f| f.to_string()).zip(key).collect();
            shown.count.iter().for_each(|name| set(&mut row, name, (n as f64).into()));
            shown.percent.iter().for_each(|name| set(&mut row, name, percent(n)));
            out.push(row);
        };
        part[..most].iter().for_each(|(key, n)| push(key.clone(), *n));
        let rest: usize = part[most..].iter().map(|(_, n)| n).sum();
        if shown.other && rest > 0 {
            push(part[0].0[..by.len()].iter().cloned().chain(fields.iter().map(|_| shown.rest.into())).collect(), rest);
        }
    }
    out
}

fn count() -> Aggregate {
    Aggregate { function: "count", of: Of::Rows, name: None }
}

fn of(function: &'static str) -> Aggregate {
    Aggregate { function, of: Of::Field("n"), name: None }
}

/// A row a value of one field, a column a value of another.
fn crossed(rows: &[Row], row_field: &str, column_field: &str, agg: &Aggregate) -> Vec<Row> {
    let rows: Vec<Row> = rows
        .iter()
        .map(|row| {
            let mut row = row.clone();
            if get(&row, column_field).is_null() {
                set(&mut row, column_field, "NULL".into());
            }
            row
        })
        .collect();
    // A column is no internal field.
    let column = |cell: &Row| {
        let name = get(cell, column_field).as_text().unwrap();
        if name.is_empty() || name.starts_with('_') { format!("VALUE{name}") } else { name }
    };
    let cells = stats(&rows, std::slice::from_ref(agg), &[row_field, column_field]);
    let mut out: Vec<Row> = Vec::new();
    for cell in &cells {
        let key = get(cell, row_field);
        let place = out.iter().position(|r| get(r, row_field).as_text() == key.as_text()).unwrap_or_else(|| {
            out.push([(row_field.to_string(), key.clone())].into_iter().collect());
            out.len() - 1
        });
        set(&mut out[place], &column(cell), get(cell, &agg.field()));
    }
    // Nothing counts as 0.
    if agg.function == "count" {
        for cell in &cells {
            let name = column(cell);
            out.iter_mut().for_each(|r| {
                r.entry(name.clone()).or_insert(Value::Number(0.0));
            });
        }
    }
    out
}

fn chart() -> BoxedStrategy<Stage> {
    let aggregate = prop_oneof![Just(count()), select(&["sum", "max", "values", "count"][..]).prop_map(of)];
    prop_oneof![
        aggregate.clone().prop_map(|a| Stage::new(format!("chart limit=0 {a} OVER g BY b"), move |rows, _| crossed(&rows, "g", "b", &a))),
        aggregate.prop_map(|a| Stage::new(format!("chart {a} BY g"), move |rows, _| stats(&rows, std::slice::from_ref(&a), &["g"]))),
    ]
    .boxed()
}

fn timechart() -> BoxedStrategy<Stage> {
    let aggregate = prop_oneof![Just(count()), select(&["sum", "max", "count"][..]).prop_map(of)];
    (aggregate, any::<bool>())
        .prop_map(|(a, split)| {
            let spl = format!("timechart span=30m limit=0 {a}{}", if split { " BY b" } else { "" });
            Stage::new(spl, move |mut rows, _| {
                for row in &mut rows {
                    let t = get(row, "_time").number().map(|t| (t / 1800.0).floor() * 1800.0);
                    set(row, "_time", t.into());
                }
                let made = if split { crossed(&rows, "_time", "b", &a) } else { stats(&rows, std::slice::from_ref(&a), &["_time"]) };
                let names: Vec<String> = made.iter().flat_map(|r| r.keys().cloned()).collect();
                let mut out: Vec<Row> = Vec::new();
                for row in made {
                    let t = get(&row, "_time").number().unwrap();
                    while let Some(last) = out.last().and_then(|r| get(r, "_time").number()).filter(|l| l + 1800.0 < t) {
                        let mut empty: Row = [("_time".to_string(), Value::Number(last + 1800.0))].into_iter().collect();
                        if a.function == "count" {
                            names.iter().filter(|n| *n != "_time").for_each(|n| set(&mut empty, n, 0.0.into()));
                        }
                        out.push(empty);
                    }
                    out.push(row);
                }
                out
            })
        })
        .boxed()
}

/// The columns with the greatest or least sums, and one for the rest.
fn limited() -> BoxedStrategy<Stage> {
    (1..4usize, any::<bool>(), any::<bool>(), any::<bool>())
        .prop_map(|(most, bottom, other, null)| {
            let limit = if bottom { format!("bottom{most}") } else { most.to_string() };
            let spl = format!("chart limit={limit} useother={} usenull={} count OVER n BY g", super::order::letter(other), super::order::letter(null));
            Stage::new(spl, move |rows, _| {
                let rows: Vec<Row> = rows.into_iter().filter(|r| null || !get(r, "g").is_null()).collect();
                let all = crossed(&rows, "n", "g", &count());
                let names: Vec<String> = all.first().map_or(Vec::new(), |r| r.keys().filter(|n| *n != "n").cloned().collect());
                let sum = |name: &String| all.iter().filter_map(|r| get(r, name).number()).sum::<f64>();
                let value = |name: &'_ String| name.strip_prefix("VALUE").map_or(name.clone(), String::from);
                // The column of missing values is always there.
                let mut ranked: Vec<&String> = names.iter().filter(|n| *n != "NULL").collect();
                ranked.sort_by(|a, b| if bottom { sum(a).total_cmp(&sum(b)) } else { sum(b).total_cmp(&sum(a)) }.then_with(|| value(a).cmp(&value(b))));
                let rest: Vec<String> = ranked.into_iter().skip(most).cloned().collect();
                all.into_iter()
                    .map(|mut row| {
                        let others: f64 = rest.iter().filter_map(|n| row.shift_remove(n)).filter_map(|v| v.number()).sum();
                        if other && !rest.is_empty() {
                            set(&mut row, "OTHER", others.into());
                        }
                        row
                    })
                    .filter(|r| r.keys().any(|n| n != "n") || names.is_empty())
                    .collect()
            })
        })
        .boxed()
}

/// Several functions name their columns after both.
fn several() -> BoxedStrategy<Stage> {
    Just(Stage::new("chart limit=0 count, max(id) OVER g BY b", |rows, _| {
        let counts = crossed(&rows, "g", "b", &count());
        let most = crossed(&rows, "g", "b", &Aggregate { function: "max", of: Of::Field("id"), name: None });
        let named = |row: &Row, function: &str| {
            row.iter().map(|(n, v)| (if n == "g" { n.clone() } else { format!("{function}: {}", n) }, v.clone())).collect::<Vec<_>>()
        };
        counts.iter().zip(&most).map(|(c, m)| named(c, "count").into_iter().chain(named(m, "max(id)")).collect()).collect()
    }))
    .boxed()
}

/// A function of all fields that a pattern names.
fn patterns() -> BoxedStrategy<Stage> {
    Just(Stage::new("table id n g a | stats sum(*) AS s_*, values(n*) BY g", |rows, _| {
        let field = |function: &'static str, field: &'static str, name: &str| Aggregate { function, of: Of::Field(field), name: Some(name.into()) };
        let there = |f: &&(&str, &str)| rows.iter().any(|r| !get(r, f.0).is_null());
        let sums = [("id", "s_id"), ("n", "s_n"), ("a", "s_a")];
        let mut all: Vec<Aggregate> = sums.iter().filter(there).map(|(f, name)| field("sum", f, name)).collect();
        all.push(field("values", "n", "values(n)"));
        stats(&rows, &all, &["g"])
    }))
    .boxed()
}

/// Numeric results only where every value is a number.
fn only_numbers() -> BoxedStrategy<Stage> {
    let functions = select(&["sum", "avg", "stdev", "var", "median", "perc50", "sumsq"][..]);
    (functions, by(), any::<bool>())
        .prop_map(|(function, by, beside)| {
            let a = Aggregate { function, of: Of::Field("n"), name: Some("r".into()) };
            let command = if beside { "eventstats" } else { "stats" };
            let spl = format!("eval g=mvindex(g, 0), a=mvindex(a, 0), n=mvindex(n, 0) | {command} allnum=t {}", written(std::slice::from_ref(&a), &by));
            Stage::new(spl, move |mut rows, _| {
                for row in &mut rows {
                    for field in ["g", "a", "n"] {
                        let first = get(row, field).each().into_iter().next();
                        set(row, field, first.into());
                    }
                }
                let result = |rows: &[Row]| {
                    let numeric = rows.iter().map(|r| get(r, "n")).filter(|v| !v.is_null()).all(|v| v.number().is_some());
                    if numeric { a.of(rows) } else { Value::Null }
                };
                let all = if by.is_empty() { vec![(Vec::new(), rows.clone())] } else { groups(&rows, &by) };
                let made: Vec<(Vec<Value>, Value)> = all.into_iter().map(|(key, members)| (key, result(&members))).collect();
                if !beside {
                    let row = |(key, r): (Vec<Value>, Value)| {
                        let mut row: Row = by.iter().map(|f| f.to_string()).zip(key).collect();
                        set(&mut row, "r", r);
                        row
                    };
                    return made.into_iter().map(row).collect();
                }
                for row in &mut rows {
                    let own = keys(row, &by).into_iter().next();
                    let r = own.and_then(|own| made.iter().find(|(key, _)| alike(key, &own)).map(|(_, r)| r.clone()));
                    set(row, "r", r.unwrap_or(Value::Null));
                }
                rows
            })
        })
        .boxed()
}

/// A value that stands twice in a by-field counts once.
fn split_once() -> BoxedStrategy<Stage> {
    Just(Stage::new("stats count, sum(id) BY g dedup_splitvals=t", |mut rows, _| {
        for row in &mut rows {
            let mut all: Vec<Value> = Vec::new();
            get(row, "g").each().into_iter().for_each(|v| {
                if !all.iter().any(|o| o.as_text() == v.as_text()) {
                    all.push(v)
                }
            });
            set(row, "g", Value::multi(all));
        }
        stats(&rows, &[count(), Aggregate { function: "sum", of: Of::Field("id"), name: None }], &["g"])
    }))
    .boxed()
}
