//! Joins and lookups with all that decides which rows belong together.

use super::order::letter;
use super::{Named, Stage};
use crate::stats::alike;
use crate::value::{Row, Value, folded, get, set, together, wild};
use ipnet::IpNet;
use proptest::prelude::*;
use proptest::sample::select;
use std::net::IpAddr;

pub const LIST: &[Named] = &[("join", timed), ("join", sides), ("join", common), ("lookup", patterns), ("lookup", networks), ("inputlookup", inputlookup)];

/// Of the rows of a subsearch those that belong to a row, in their order, put together with it.
pub fn joined(rows: Vec<Row>, others: &[Row], keep: bool, max: usize, overwrite: bool, belong: impl Fn(&Row, &Row) -> bool) -> Vec<Row> {
    let mut out = Vec::new();
    for row in rows {
        let matching: Vec<&Row> = others.iter().filter(|o| belong(&row, o)).take(if max == 0 { usize::MAX } else { max }).collect();
        if matching.is_empty() && keep {
            out.push(row.clone());
        }
        for other in matching {
            out.push(together(&row, other, overwrite));
        }
    }
    out
}

fn same(a: &Value, b: &Value) -> bool {
    !a.is_null() && !b.is_null() && alike(std::slice::from_ref(a), std::slice::from_ref(b))
}

/// The named fields alone, under other names.
fn cut(rows: &[Row], names: &[(&str, &str)]) -> Vec<Row> {
    rows.iter()
        .map(|row| {
            let mut out = Row::new();
            names.iter().for_each(|(from, to)| set(&mut out, to, get(row, from)));
            out
        })
        .collect()
}

/// Only rows that are not later, or not earlier.
fn timed() -> BoxedStrategy<Stage> {
    (any::<bool>(), any::<bool>(), 0..3usize)
        .prop_map(|(earlier, keep, max)| {
            let kind = if keep { "outer" } else { "inner" };
            let sub = "[search * | fields _time, s, id | rename id AS x]";
            let spl = format!("where isnum(_time) | join type={kind} usetime=t earlier={} max={max} overwrite=f s {sub}", letter(earlier));
            Stage::new(spl, move |rows, all| {
                let others = cut(all, &[("_time", "_time"), ("s", "s"), ("id", "x")]);
                let time = |r: &Row| get(r, "_time").number();
                let rows = rows.into_iter().filter(|r| time(r).is_some()).collect();
                joined(rows, &others, keep, max, false, |row, other| {
                    let (own, theirs) = (time(row).unwrap(), time(other).unwrap());
                    same(&get(row, "s"), &get(other, "s")) && if earlier { theirs <= own } else { theirs >= own }
                })
            })
        })
        .boxed()
}

/// Fields of other names.
fn sides() -> BoxedStrategy<Stage> {
    (any::<bool>(), 0..3usize, any::<bool>())
        .prop_map(|(keep, max, two)| {
            let kind = if keep { "left" } else { "inner" };
            let more = if two { " AND R.site=L.s" } else { "" };
            let sub = "[search * | table g s id | rename g AS key, s AS site, id AS x]";
            let spl = format!("join type={kind} max={max} left=L right=R WHERE L.g=R.key{more} {sub}");
            Stage::new(spl, move |rows, all| {
                let others = cut(all, &[("g", "key"), ("s", "site"), ("id", "x")]);
                joined(rows, &others, keep, max, true, |row, other| {
                    same(&get(row, "g"), &get(other, "key")) && (!two || same(&get(row, "s"), &get(other, "site")))
                })
            })
        })
        .boxed()
}

/// Without fields, by those that both sides have.
fn common() -> BoxedStrategy<Stage> {
    (any::<bool>(), 0..3usize)
        .prop_map(|(keep, max)| {
            let kind = if keep { "left" } else { "inner" };
            let spl = format!("table id s n | fillnull value=none s | join type={kind} max={max} [search * | stats values(b) AS x BY s]");
            Stage::new(spl, move |rows, all| {
                let values = crate::stats::Aggregate { function: "values", of: crate::stats::Of::Field("b"), name: Some("x".into()) };
                let others = crate::stats::stats(all, &[values], &["s"]);
                let mut rows = cut(&rows, &[("id", "id"), ("s", "s"), ("n", "n")]);
                for row in &mut rows {
                    row.entry("s".into()).or_insert_with(|| "none".into());
                }
                joined(rows, &others, keep, max, true, |row, other| same(&get(row, "s"), &get(other, "s")))
            })
        })
        .boxed()
}

/// The definitions that the lookups below go by.
pub const TRANSFORMS: &str = "
[patterns]
filename = patterns.csv
match_type = WILDCARD(name)
case_sensitive_match = false
[first_pattern]
filename = patterns.csv
match_type = WILDCARD(name)
case_sensitive_match = false
max_matches = 1
min_matches = 1
default_match = none
[networks]
filename = networks.csv
match_type = CIDR(net)
";

const PATTERNS: &[(&str, &str)] = &[("a*", "begins with a"), ("*C", "ends in c"), ("ab", "is ab"), ("*.*", "has a point"), ("10", "is ten")];

const NETWORKS: &[(&str, &str)] = &[("10.0.0.0/8", "inner"), ("10.1.0.0/16", "near"), ("8.8.8.8/32", "names"), ("fe80::/10", "link")];

fn file(columns: &str, rows: &[(&str, &str)]) -> String {
    rows.iter().fold(format!("{columns}\n"), |text, (a, b)| format!("{text}{a},{b}\n"))
}

/// The tables of the definitions.
pub fn tables() -> [(&'static str, String); 2] {
    [("patterns.csv", file("name,kind", PATTERNS)), ("networks.csv", file("net,kind", NETWORKS))]
}

/// Patterns for the values of the table, case aside; the first that fits, or all.
fn patterns() -> BoxedStrategy<Stage> {
    (any::<bool>(), select(&["a", "g"][..]))
        .prop_map(|(first, field)| {
            let name = if first { "first_pattern" } else { "patterns" };
            // One value each.
            let spl = format!("eval {field}=mvindex({field}, 0) | lookup {name} name AS {field} OUTPUT kind AS x");
            Stage::each(spl, move |row| {
                let value = get(row, field).each().into_iter().next();
                set(row, field, value.clone().into());
                let Some(text) = value.and_then(|v| v.as_text()) else { return };
                let hits = PATTERNS.iter().filter(|(p, _)| wild(&folded(p), &folded(&text))).map(|(_, kind)| Value::text(*kind));
                let found = Value::multi(hits.take(if first { 1 } else { 100 }));
                // Without a match a field keeps what it held.
                match (found.is_null(), first) {
                    (false, _) => set(row, "x", found),
                    (true, true) => set(row, "x", "none".into()),
                    (true, false) => {}
                }
            })
        })
        .boxed()
}

/// The networks that an address lies in, the narrowest first.
fn networks() -> BoxedStrategy<Stage> {
    Just(Stage::each("eval a=mvindex(a, 0) | lookup networks net AS a OUTPUTNEW kind AS b", |row| {
        let value = get(row, "a").each().into_iter().next();
        set(row, "a", value.clone().into());
        let Some(ip) = value.and_then(|v| v.as_text()) else { return };
        let Ok(ip) = ip.parse::<IpAddr>() else { return };
        let mut hits: Vec<(IpNet, &str)> =
            NETWORKS.iter().map(|(net, kind)| (net.parse::<IpNet>().unwrap(), *kind)).filter(|(net, _)| net.contains(&ip)).collect();
        hits.sort_by_key(|(net, _)| std::cmp::Reverse(net.prefix_len()));
        if get(row, "b").is_null() {
            set(row, "b", Value::multi(hits.iter().map(|(_, kind)| Value::text(*kind))));
        }
    }))
    .boxed()
}

/// Rows of a table, from a place, so many, those that pass a search.
fn inputlookup() -> BoxedStrategy<Stage> {
    (0..4usize, 1..4usize, any::<bool>())
        .prop_map(|(start, max, only)| {
            let search = if only { " WHERE key=A OR n=x" } else { "" };
            Stage::new(format!("inputlookup append=t start={start} max={max} groups.csv{search}"), move |mut rows, _| {
                let text = super::lookup_table();
                let lines: Vec<Vec<&str>> = text.lines().skip(1).map(|l| l.split(',').collect()).collect();
                let chosen = lines.iter().skip(start).filter(|l| !only || l[0] == "a" || l[2] == "x").take(max);
                rows.extend(chosen.map(|l| {
                    let all = ["key", "label", "n"].into_iter().zip(l).filter(|(_, v)| !v.is_empty());
                    all.map(|(name, v)| (name.to_string(), Value::text(*v))).collect::<Row>()
                }));
                rows
            })
        })
        .boxed()
}
