//! Random rows: the few values that make rules differ, in few fields, so that they meet.

use crate::value::{Row, Value, set};
use proptest::prelude::*;
use proptest::sample::select;

/// Texts of any kind.
pub const TEXTS: &[&str] = &[
    "",
    " ",
    "a",
    "A",
    "b",
    "ab",
    "abc",
    "a*c",
    "ABC",
    "a b",
    "10",
    "10.0",
    "010",
    "9",
    "-3",
    "1e1",
    "0x10",
    "2.5",
    "-0",
    "inf",
    "nan",
    "1,000",
    "10.1.2.3",
    "8.8.8.8",
    "fe80::1",
    "10.0.0.0/8",
    "é",
    "É",
    "straße",
    "STRASSE",
    "\u{17f}",
    "s",
    "\u{212a}",
    "k",
    "x\ny",
    "C:\\x",
    "\"q\"",
    "true",
    "null",
    "%",
    "_",
    "a_c",
    "日本",
    "\t",
    "😀",
    "a text that is longer than what a view holds in place, with a number 10 and a word at its very end: abc",
];

/// What a place holds in `s`: the same in all rows, or nothing, or one of several values a row.
#[derive(Clone, Debug)]
pub enum Site {
    Same(&'static str),
    Missing,
    Any(Vec<Option<&'static str>>),
}

/// How many pieces rows are read in.
pub const PIECES: usize = 3;

/// A site for each piece of the rows: files and segments often differ in a field that is constant in each of them.
pub fn sites() -> impl Strategy<Value = Vec<Site>> {
    let names = &["x", "y", "x", "10", "a"][..];
    let any = prop::collection::vec(prop::option::weighted(0.8, select(names)), 1..5).prop_map(Site::Any);
    let site = prop_oneof![3 => select(names).prop_map(Site::Same), 1 => Just(Site::Missing), 2 => any];
    prop::collection::vec(site, PIECES)
}

/// The rows in as many pieces as are there, at most [`PIECES`].
pub fn pieces<T>(rows: &[T]) -> std::slice::Chunks<'_, T> {
    rows.chunks(rows.len().div_ceil(PIECES).max(1))
}

/// The rows of each piece at its site.
pub fn sited(rows: &mut [Row], sites: &[Site]) {
    let most = rows.len().div_ceil(PIECES).max(1);
    for (piece, site) in rows.chunks_mut(most).zip(sites) {
        for (i, row) in piece.iter_mut().enumerate() {
            let text = match site {
                Site::Same(text) => Some(*text),
                Site::Missing => None,
                Site::Any(all) => all[i % all.len()],
            };
            set(row, "s", text.into());
        }
    }
}

/// Texts of which most are numbers.
pub const NUMBERS: &[&str] = &["0", "1", "1", "2", "3", "-1", "2.5", "-2.5", "10", "9", "1e3", "0.1", "123456789", "007", "1.0", "x", ""];

/// Texts that groups are made of.
pub const GROUPS: &[&str] = &["a", "b", "a", "B", "1", "10", "9", "1.0", ""];

/// Nothing, one value, or several.
pub fn value(pool: &'static [&'static str]) -> impl Strategy<Value = Value> {
    let one = select(pool).prop_map(Value::text);
    prop_oneof![
        1 => Just(Value::Null),
        5 => one.clone(),
        1 => prop::collection::vec(one, 2..4).prop_map(Value::Multi),
    ]
}

/// A row of texts `a` and `b`, a number `n` and a group `g`.
pub fn row() -> impl Strategy<Value = Row> {
    (value(TEXTS), value(TEXTS), value(NUMBERS), value(GROUPS)).prop_map(|(a, b, n, g)| {
        let all = [("a", a), ("b", b), ("n", n), ("g", g)];
        all.into_iter().filter(|(_, v)| !v.is_null()).map(|(name, v)| (name.to_string(), v)).collect()
    })
}

/// Rows with a number in `id` and a site in `s`.
pub fn rows(most: usize) -> impl Strategy<Value = Vec<Row>> {
    (prop::collection::vec(row(), 0..=most), sites()).prop_map(|(mut all, sites)| {
        sited(&mut all, &sites);
        for (i, row) in all.iter_mut().enumerate() {
            row.insert("id".into(), Value::text(i.to_string()));
        }
        all
    })
}

/// Rows with times, some of them the same.
pub fn timed(most: usize) -> impl Strategy<Value = Vec<Row>> {
    (rows(most), prop::collection::vec(0..20u32, most)).prop_map(|(all, times)| at_times(all, &times))
}

/// The rows with numbers in `id`, where they have none, at these times.
pub fn at_times(mut all: Vec<Row>, times: &[u32]) -> Vec<Row> {
    for (i, (row, t)) in all.iter_mut().zip(times).enumerate() {
        row.entry("id".into()).or_insert_with(|| Value::text(i.to_string()));
        row.insert("_time".into(), Value::Number(1_699_990_000.0 + f64::from(*t) * 450.5));
    }
    all
}

/// In the order in which events come: newest first, those of equal times as they were.
pub fn newest_first(mut rows: Vec<Row>) -> Vec<Row> {
    let time = |r: &Row| r.get("_time").and_then(Value::number).unwrap_or(f64::MIN);
    rows.sort_by(|a, b| time(b).total_cmp(&time(a)));
    rows
}
