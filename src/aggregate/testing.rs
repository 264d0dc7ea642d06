//! For the tests of this folder: columns as short texts, results as texts, and the sweeps over all stats functions.

use super::*;
use crate::column::{NO_CODE, number};
use proptest::prelude::*;
use std::collections::HashSet;

/// A column of texts: `-` is null, `a|b` a multivalue.
pub(super) fn column(values: &[&str]) -> Column {
    let value = |v: &&str| if *v == "-" { Value::Null } else { Value::multi(v.split('|').map(Value::owned)) };
    values.iter().map(value).collect()
}

pub(super) fn call(name: &str) -> (&'static Aggregate, Call) {
    let (aggregate, number) = find(name).unwrap();
    (aggregate, Call { name: name.into(), number, list_limit: 100, inside: Default::default(), stretch: None, stored: false, env: Arc::default() })
}

fn texts(column: &Column) -> Vec<String> {
    (0..column.len()).map(|i| column.get(i).each().iter().map(|v| v.as_text().unwrap()).collect::<Vec<_>>().join(", ")).collect()
}

/// A function over one batch with times, the results as texts.
pub(super) fn run_at(name: &str, column: &Column, time: &Column, groups: &[u32], count: usize) -> Vec<String> {
    let (aggregate, call) = call(name);
    let mut all = (aggregate.make)(&call);
    all.update(&Rows { groups, column: Some(column), time: Some(time) }, count);
    texts(&all.finish(count))
}

/// A function over one batch, the results as texts.
pub(super) fn run(name: &str, column: &Column, groups: &[u32], count: usize) -> Vec<String> {
    run_at(name, column, &Column::null(column.len()), groups, count)
}

/// A name as typed: `perc` with a number.
fn typed(a: &Aggregate) -> String {
    if a.numbered { format!("{}73", a.name) } else { a.name.to_string() }
}

#[test]
fn the_list_is_sane() {
    let mut seen = HashSet::new();
    for a in all() {
        for name in std::iter::once(&a.name).chain(a.aliases) {
            assert!(seen.insert(*name), "{name} twice");
            assert_eq!(*name, name.to_lowercase());
        }
        assert!(a.syntax.starts_with(a.name) && a.summary.ends_with('.') && a.file.ends_with(".rs"), "{}", a.name);
        assert!(a.support == Support::Planned || !a.examples.is_empty(), "{}", a.name);
        assert!(find(&typed(a).to_uppercase()).is_some_and(|(found, _)| found.name == a.name));
    }
    assert_eq!(all().count(), 35);
    assert_eq!(find("p99.9").map(|(a, n)| (a.name, n)), Some(("perc", Some(99.9))));
    assert!(find("perc").is_none() && find("perc101").is_none() && find("avg2").is_none());
}

#[test]
fn a_group_without_rows_has_its_empty_result() {
    for a in all() {
        let (_, call) = call(&typed(a));
        let column = (a.make)(&call).finish(2);
        let want = if ["count", "dc", "estdc", "estdc_error"].contains(&a.name) { "0" } else { "" };
        assert_eq!(texts(&column), [want, want], "{}", a.name);
    }
}

/// Rows as (group, value, time).
type Row = (u32, Value<'static>, Option<f64>);

fn rows() -> impl Strategy<Value = Vec<Row>> {
    let single = prop_oneof![
        4 => (-40i32..40).prop_map(|n| Value::Number(f64::from(n) / 4.0)),
        2 => (0..20u32).prop_map(|n| Value::owned(n.to_string())),
        1 => "[a-c]?".prop_map(Value::owned),
    ];
    let value = prop_oneof![1 => Just(Value::Null), 8 => single.clone(), 2 => prop::collection::vec(single, 0..4).prop_map(Value::multi)];
    let group = prop_oneof![1 => Just(NO_GROUP), 9 => 0..4u32];
    prop::collection::vec((group, value, prop::option::weighted(0.9, (0..9u32).prop_map(f64::from))), 0..60)
}

/// How a chunk's column is made.
#[derive(Clone, Copy, Debug)]
enum Made {
    Plain,
    /// A code a row.
    Dictionary,
    /// A code a distinct text: multivalues and numbers become texts first.
    Texts,
}

/// Groups, column and times of rows.
fn columns(rows: &[Row], made: Made) -> (Vec<u32>, Column, Column) {
    let plain: Column = rows.iter().map(|r| r.1.clone()).collect();
    let column = match made {
        Made::Plain => plain,
        Made::Dictionary => {
            let backwards: Vec<u32> = (0..rows.len() as u32).rev().collect();
            Column::coded(backwards.clone(), plain.take(&backwards))
        }
        Made::Texts => {
            let mut distinct: Vec<String> = Vec::new();
            let code = |r: &Row| match r.1.as_text() {
                None => NO_CODE,
                Some(t) => distinct.iter().position(|d| *d == t).unwrap_or_else(|| {
                    distinct.push(t.into());
                    distinct.len() - 1
                }) as u32,
            };
            let codes = rows.iter().map(code).collect();
            Column::coded(codes, distinct.iter().map(|d| Value::text(d)).collect())
        }
    };
    (rows.iter().map(|r| r.0).collect(), column, rows.iter().map(|r| Value::from(r.2)).collect())
}

fn feed(all: &mut dyn Accumulator, rows: &[Row], map: impl Fn(u32) -> u32, made: Made) {
    let (groups, column, time) = columns(rows, made);
    let groups: Vec<u32> = groups.into_iter().map(|g| if g == NO_GROUP { g } else { map(g) }).collect();
    all.update(&Rows { groups: &groups, column: Some(&column), time: Some(&time) }, 4);
}

fn made() -> impl Strategy<Value = Made> {
    prop_oneof![Just(Made::Plain), Just(Made::Dictionary), Just(Made::Texts)]
}

fn near(a: &str, b: &str) -> bool {
    let noise = |x: f64, y: f64| (x - y).abs() <= 1e-12 * x.abs().max(y.abs()).max(1.0);
    a == b || number::parse(a).zip(number::parse(b)).is_some_and(|(x, y)| noise(x, y))
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn chunks_merged_in_order_give_the_result_of_one_pass(rows in rows(), cuts in prop::collection::vec(0..60usize, 0..4), made in made()) {
        let rows: Vec<Row> = match made {
            Made::Texts => rows.into_iter().map(|(g, v, t)| (g, v.as_text().map(|t| t.into_owned()).into(), t)).collect(),
            _ => rows,
        };
        let mut ends: Vec<usize> = cuts.into_iter().map(|c| c.min(rows.len())).chain([rows.len()]).collect();
        ends.sort_unstable();
        for a in all() {
            let (_, call) = call(&typed(a));
            let mut whole = (a.make)(&call);
            feed(whole.as_mut(), &rows, |g| g, Made::Plain);
            let (mut merged, mut batched) = ((a.make)(&call), (a.make)(&call));
            let mut start = 0;
            for &end in &ends {
                // Each chunk numbers its groups in its own way.
                let mut chunk = (a.make)(&call);
                feed(chunk.as_mut(), &rows[start..end], |g| 3 - g, made);
                merged.merge(chunk, &[3, 2, 1, 0], 4);
                feed(batched.as_mut(), &rows[start..end], |g| g, made);
                start = end;
            }
            for all in [&whole, &merged, &batched] {
                prop_assert!(all.bytes() < 1 << 20, "{} says it holds {} bytes", a.name, all.bytes());
            }
            let want = texts(&whole.finish(4));
            // Batches of one stream are one pass: not even the noise may differ.
            prop_assert_eq!(&texts(&batched.finish(4)), &want, "{} in batches", a.name);
            let got = texts(&merged.finish(4));
            let spread = ["var", "varp", "stdev", "stdevp"].contains(&a.name);
            let same = got.iter().zip(&want).all(|(x, y)| if spread { near(x, y) } else { x == y });
            prop_assert!(same, "{} merged: {:?}, one pass: {:?}", a.name, got, want);
        }
    }
}
