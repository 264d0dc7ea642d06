//! Rows of a subsearch beside or behind those that are there.

use super::join::joined;
use super::order::letter;
use super::{Named, Stage};
use crate::stats::{Aggregate, Of, alike, stats};
use crate::value::{Row, Value, get, set};
use proptest::prelude::*;
use proptest::sample::select;

pub const LIST: &[Named] = &[("append", append), ("appendpipe", appendpipe), ("appendcols", appendcols), ("join", join), ("lookup", lookup)];

/// A subsearch: its text and its rows.
type Sub = (&'static str, fn(&[Row]) -> Vec<Row>);

fn by_group(rows: &[Row]) -> Vec<Row> {
    let values = Aggregate { function: "values", of: Of::Field("n"), name: Some("a".into()) };
    let count = Aggregate { function: "count", of: Of::Rows, name: Some("c".into()) };
    stats(rows, &[values, count], &["g"])
}

fn first_three(rows: &[Row]) -> Vec<Row> {
    let renamed = |row: &Row| {
        let mut out = Row::new();
        ["g", "n", "b"].iter().for_each(|f| set(&mut out, if *f == "b" { "x" } else { f }, get(row, f)));
        out
    };
    rows.iter().take(3).map(renamed).collect()
}

const SUBS: &[Sub] = &[
    ("[search * | stats values(n) AS a, count AS c BY g]", by_group),
    ("[search * | head 3 | table g n b | rename b AS x]", first_three),
    ("[search * | where false()]", |_| Vec::new()),
];

fn append() -> BoxedStrategy<Stage> {
    select(SUBS).prop_map(|(spl, sub)| Stage::new(format!("append {spl}"), move |rows, all| [rows, sub(all)].concat())).boxed()
}

fn appendpipe() -> BoxedStrategy<Stage> {
    Just(Stage::new("appendpipe [stats count, sum(n) AS n BY g]", |rows, _| {
        let count = Aggregate { function: "count", of: Of::Rows, name: None };
        let sum = Aggregate { function: "sum", of: Of::Field("n"), name: Some("n".into()) };
        let more = stats(&rows, &[count, sum], &["g"]);
        [rows, more].concat()
    }))
    .boxed()
}

fn appendcols() -> BoxedStrategy<Stage> {
    (select(SUBS), any::<bool>())
        .prop_map(|((spl, sub), replaces)| {
            Stage::new(format!("appendcols override={} {spl}", letter(replaces)), move |mut rows, all| {
                let others = sub(all);
                rows.resize(rows.len().max(others.len()), Row::new());
                for (row, other) in rows.iter_mut().zip(others) {
                    for (name, v) in other {
                        if replaces || get(row, &name).is_null() {
                            set(row, &name, v);
                        }
                    }
                }
                rows
            })
        })
        .boxed()
}

fn join() -> BoxedStrategy<Stage> {
    (select(SUBS), select(&["inner", "left"][..]), select(&[0usize, 1, 2][..]), any::<bool>(), select(KEYS))
        .prop_map(|((spl, sub), kind, max, overwrite, fields)| {
            let text = format!("join type={kind} max={max} overwrite={} {} {spl}", letter(overwrite), fields.join(", "));
            Stage::new(text, move |rows, all| {
                let others = sub(all);
                let key = |r: &Row| fields.iter().map(|f| get(r, f)).collect::<Vec<_>>();
                let belong = |row: &Row, other: &Row| key(row).iter().all(|v| !v.is_null()) && alike(&key(other), &key(row));
                joined(rows, &others, kind == "left", max, overwrite, belong)
            })
        })
        .boxed()
}

/// The rows of `groups.csv`.
const TABLE: &[[&str; 3]] = &[["a", "first", "1"], ["b", "second", "2"], ["a", "again", ""], ["10", "ten", "x"]];

/// `groups.csv` as a file.
pub fn csv() -> String {
    let rows: String = TABLE.iter().map(|r| r.join(",") + "\n").collect();
    format!("key,label,n\n{rows}")
}

fn lookup() -> BoxedStrategy<Stage> {
    select(&["", " OUTPUT label", " OUTPUTNEW label AS b, n"][..])
        .prop_map(|output| {
            Stage::each(format!("lookup groups.csv key AS g{output}"), move |row| {
                let mut keys: Vec<String> = Vec::new();
                get(row, "g").each().iter().filter_map(Value::as_text).for_each(|k| {
                    if !keys.contains(&k) {
                        keys.push(k)
                    }
                });
                let hits: Vec<&[&str; 3]> = keys.iter().flat_map(|k| TABLE.iter().filter(move |r| k == r[0])).collect();
                let column = |i: usize| Value::multi(hits.iter().map(|r| r[i]).filter(|t| !t.is_empty()).map(Value::from).collect::<Vec<_>>());
                if keys.is_empty() {
                    return;
                }
                match output {
                    "" if !hits.is_empty() => {
                        set(row, "label", column(1));
                        set(row, "n", column(2));
                    }
                    " OUTPUT label" if !hits.is_empty() => set(row, "label", column(1)),
                    " OUTPUTNEW label AS b, n" => {
                        for (field, i) in [("b", 1), ("n", 2)] {
                            if get(row, field).is_null() {
                                set(row, field, column(i));
                            }
                        }
                    }
                    _ => {}
                }
            })
        })
        .boxed()
}

const KEYS: &[&[&str]] = &[&["g"], &["g", "n"]];
