//! Which rows there are, and in which order.

use super::{Named, Stage};
use crate::expr::{condition, truth};
use crate::search::search;
use crate::stats::alike;
use crate::value::{Row, Value, get, number, ordered};
use proptest::prelude::*;
use proptest::sample::select;
use std::cmp::Ordering;
use std::net::IpAddr;

pub const LIST: &[Named] = &[
    ("head", head),
    ("head", head_while),
    ("tail", tail),
    ("reverse", reverse),
    ("sort", sort),
    ("dedup", dedup),
    ("uniq", uniq),
    ("where", filter),
    ("search", searched),
];

fn head() -> BoxedStrategy<Stage> {
    (0..6usize)
        .prop_map(|n| {
            Stage::new(format!("head {n}"), move |mut rows, _| {
                rows.truncate(n);
                rows
            })
        })
        .boxed()
}

fn head_while() -> BoxedStrategy<Stage> {
    (condition(1), any::<bool>(), any::<bool>())
        .prop_map(|(test, null, keep)| {
            let spl = format!("head ({test}) null={} keeplast={}", letter(null), letter(keep));
            Stage::new(spl, move |rows, _| {
                let goes_on = |r: &Row| truth(&test.value(r)).unwrap_or(null);
                let n = rows.iter().position(|r| !goes_on(r)).map_or(rows.len(), |n| n + usize::from(keep));
                rows.into_iter().take(n).collect()
            })
        })
        .boxed()
}

/// An option's value.
pub fn letter(on: bool) -> &'static str {
    if on { "t" } else { "f" }
}

fn tail() -> BoxedStrategy<Stage> {
    (0..6usize).prop_map(|n| Stage::new(format!("tail {n}"), move |rows, _| rows.into_iter().rev().take(n).collect())).boxed()
}

fn reverse() -> BoxedStrategy<Stage> {
    Just(Stage::new("reverse", |rows, _| rows.into_iter().rev().collect())).boxed()
}

fn uniq() -> BoxedStrategy<Stage> {
    Just(Stage::new("table g | uniq", |rows, _| {
        let mut rows: Vec<Row> = rows.iter().map(|r| r.iter().filter(|(name, _)| *name == "g").map(|(n, v)| (n.clone(), v.clone())).collect()).collect();
        // Values that print alike are the same.
        rows.dedup_by(|a, b| alike(&[get(a, "g")], &[get(b, "g")]));
        rows
    }))
    .boxed()
}

fn filter() -> BoxedStrategy<Stage> {
    condition(2)
        .prop_map(|test| Stage::new(format!("where {test}"), move |rows, _| rows.into_iter().filter(|r| truth(&test.value(r)) == Some(true)).collect()))
        .boxed()
}

fn searched() -> BoxedStrategy<Stage> {
    search().prop_map(|test| Stage::new(format!("search {test}"), move |rows, _| rows.into_iter().filter(|r| test.holds(r)).collect())).boxed()
}

/// How the values of a key compare: a missing one is last, whatever the direction.
#[derive(Clone, Debug)]
pub struct Key {
    field: &'static str,
    descending: bool,
    kind: &'static str,
}

impl Key {
    fn written(&self) -> String {
        let field = if self.kind.is_empty() { self.field.to_string() } else { format!("{}({})", self.kind, self.field) };
        format!("{}{field}", if self.descending { "-" } else { "+" })
    }

    fn order(&self, a: &Row, b: &Row, reversed: bool) -> Ordering {
        let first = |r: &Row| get(r, self.field).each().into_iter().next();
        let (a, b) = (first(a), first(b));
        let text = |v: &Value| v.as_text().unwrap();
        let (a, b) = match self.kind {
            "num" => (a.filter(|v| v.number().is_some()), b.filter(|v| v.number().is_some())),
            _ => (a, b),
        };
        let (Some(a), Some(b)) = (&a, &b) else { return a.is_none().cmp(&b.is_none()) };
        let order = match self.kind {
            "str" => text(a).cmp(&text(b)),
            "num" => number(&text(a)).partial_cmp(&number(&text(b))).unwrap(),
            "ip" => match (text(a).parse::<IpAddr>(), text(b).parse::<IpAddr>()) {
                (Ok(a), Ok(b)) => a.cmp(&b),
                // What is no address comes behind them.
                (a_ip, b_ip) => a_ip.is_err().cmp(&b_ip.is_err()).then_with(|| text(a).cmp(&text(b))),
            },
            _ => ordered(a, b),
        };
        if self.descending != reversed { order.reverse() } else { order }
    }
}

fn key() -> impl Strategy<Value = Key> {
    let kinds = select(&["", "", "auto", "num", "str", "ip"][..]);
    (select(&["a", "n", "g", "b", "s", "none"][..]), any::<bool>(), kinds).prop_map(|(field, descending, kind)| Key { field, descending, kind })
}

fn sort() -> BoxedStrategy<Stage> {
    (prop::collection::vec(key(), 1..3), select(&[0, 0, 2, 5][..]), any::<bool>())
        .prop_map(|(mut keys, limit, desc)| {
            keys.dedup_by_key(|k| k.field);
            let list = keys.iter().map(Key::written).collect::<Vec<_>>().join(", ");
            let spl = format!("sort {limit} {list}{}", if desc { " desc" } else { "" });
            Stage::new(spl, move |mut rows, _| {
                rows.sort_by(|a, b| keys.iter().map(|k| k.order(a, b, desc)).find(|o| o.is_ne()).unwrap_or(Ordering::Equal));
                rows.truncate(if limit == 0 { usize::MAX } else { limit });
                rows
            })
        })
        .boxed()
}

fn dedup() -> BoxedStrategy<Stage> {
    let fields = select(DEDUPS);
    (1..3usize, fields, any::<bool>(), any::<bool>(), any::<bool>(), prop::option::of(key()))
        .prop_map(|(most, fields, events, empty, consecutive, by)| {
            let options = format!("keepevents={} keepempty={} consecutive={}", letter(events), letter(empty), letter(consecutive));
            let sortby = by.as_ref().map_or(String::new(), |k| format!(" sortby {}", k.written()));
            let spl = format!("dedup {most} {} {options}{sortby}", fields.join(", "));
            Stage::new(spl, move |mut rows, _| {
                if let Some(key) = &by {
                    rows.sort_by(|a, b| key.order(a, b, false));
                }
                let mut seen: Vec<(Vec<Value>, usize)> = Vec::new();
                let mut out = Vec::new();
                for mut row in rows {
                    let key: Vec<Value> = fields.iter().map(|f| get(&row, f)).collect();
                    if key.iter().any(Value::is_null) {
                        // The rows on its sides do not follow each other.
                        if consecutive {
                            seen.clear();
                        }
                        if empty {
                            out.push(row);
                        }
                        continue;
                    }
                    if consecutive && seen.last().is_some_and(|(k, _)| !alike(k, &key)) {
                        seen.clear();
                    }
                    let count = match seen.iter_mut().find(|(k, _)| alike(k, &key)) {
                        Some((_, n)) => {
                            *n += 1;
                            *n
                        }
                        None => {
                            seen.push((key, 1));
                            1
                        }
                    };
                    if count > most && events {
                        fields.iter().for_each(|f| drop(row.shift_remove(*f)));
                    }
                    if count <= most || events {
                        out.push(row);
                    }
                }
                out
            })
        })
        .boxed()
}

const DEDUPS: &[&[&str]] = &[&["g"], &["g"], &["g", "n"], &["s"], &["s", "g"], &["none"]];
