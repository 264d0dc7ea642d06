//! Values of the rows before.

use super::order::letter;
use super::{Named, Stage};
use crate::data;
use crate::stats::{Aggregate, aggregates, alike, by, keys, written};
use crate::value::{Row, Value, get, set};
use proptest::prelude::*;
use proptest::sample::select;

pub const LIST: &[Named] = &[
    ("concurrency", concurrency),
    ("streamstats", near),
    ("accum", accum),
    ("delta", delta),
    ("autoregress", autoregress),
    ("streamstats", streamstats),
    ("streamstats", resets),
    ("streamstats", changes),
];

fn accum() -> BoxedStrategy<Stage> {
    select(&["", " AS total"][..])
        .prop_map(|name| {
            Stage::new(format!("accum n{name}"), move |mut rows, _| {
                let mut total = 0.0;
                for row in &mut rows {
                    if let Some(n) = get(row, "n").number() {
                        total += n;
                        set(row, if name.is_empty() { "n" } else { "total" }, total.into());
                    }
                }
                rows
            })
        })
        .boxed()
}

fn delta() -> BoxedStrategy<Stage> {
    (1..4usize, select(&["", " AS d"][..]))
        .prop_map(|(p, name)| {
            Stage::new(format!("delta n{name} p={p}"), move |mut rows, _| {
                let numbers: Vec<Option<f64>> = rows.iter().map(|r| get(r, "n").number()).collect();
                for i in 0..rows.len() {
                    let before = i.checked_sub(p).and_then(|i| numbers[i]);
                    let difference = numbers[i].zip(before).map(|(a, b)| a - b);
                    set(&mut rows[i], if name.is_empty() { "delta(n)" } else { "d" }, difference.into());
                }
                rows
            })
        })
        .boxed()
}

fn autoregress() -> BoxedStrategy<Stage> {
    select(&[(1, 1, ""), (2, 2, " p=2"), (1, 3, " p=1-3")][..])
        .prop_map(|(from, to, p)| {
            Stage::new(format!("autoregress g{p}"), move |mut rows, _| {
                let values: Vec<Value> = rows.iter().map(|r| get(r, "g")).collect();
                for (i, row) in rows.iter_mut().enumerate() {
                    for back in from..=to {
                        let before = i.checked_sub(back).map_or(Value::Null, |i| values[i].clone());
                        set(row, &format!("g_p{back}"), before);
                    }
                }
                rows
            })
        })
        .boxed()
}

fn streamstats() -> BoxedStrategy<Stage> {
    (aggregates(3), by(), select(&[0usize, 0, 1, 2, 3][..]), any::<bool>(), any::<bool>())
        .prop_map(|(aggregates, by, window, current, global)| {
            // A value that stands twice in a row is not told from two rows here.
            let spl = format!(
                "eval g=mvdedup(g), n=mvdedup(n), a=mvdedup(a) | streamstats window={window} current={} global={} {}",
                letter(current),
                letter(global),
                written(&aggregates, &by)
            );
            let aggregates: Vec<Aggregate> = aggregates;
            Stage::new(spl, move |mut rows, _| {
                for row in &mut rows {
                    for field in ["g", "n", "a"] {
                        let mut all = Vec::new();
                        get(row, field).each().into_iter().for_each(|v| {
                            if !all.contains(&v) {
                                all.push(v)
                            }
                        });
                        set(row, field, Value::multi(all));
                    }
                }
                running(&rows, &aggregates, &by, window, current, global)
            })
        })
        .boxed()
}

fn running(rows: &[Row], aggregates: &[Aggregate], by: &[&str], window: usize, current: bool, global: bool) -> Vec<Row> {
    let key = |row: &Row| keys(row, by).into_iter().next();
    let mut out = Vec::new();
    for i in 0..rows.len() {
        let mut row = rows[i].clone();
        aggregates.iter().for_each(|a| set(&mut row, &a.field(), Value::Null));
        if let Some(own) = key(&rows[i]) {
            let upto = if current { i + 1 } else { i };
            let alike = |r: &&Row| keys(r, by).iter().any(|k| alike(k, &own));
            // A window counts all rows that are in a group, or those of the same.
            let seen: Vec<Row> = match (window, global) {
                (0, _) => rows[..upto].iter().filter(alike).cloned().collect(),
                (n, true) => {
                    let grouped: Vec<&Row> = rows[..upto].iter().filter(|r| key(r).is_some()).collect();
                    grouped[grouped.len().saturating_sub(n)..].iter().filter(|r| alike(r)).map(|r| (*r).clone()).collect()
                }
                (n, false) => {
                    let group: Vec<&Row> = rows[..upto].iter().filter(alike).collect();
                    group[group.len().saturating_sub(n)..].iter().map(|r| (*r).clone()).collect()
                }
            };
            for a in aggregates {
                set(&mut row, &a.field(), a.of(&seen));
            }
        }
        out.push(row);
    }
    out
}

fn resets() -> BoxedStrategy<Stage> {
    let plain = |spl: &str, restart: fn(&[Row], usize, f64) -> (bool, bool)| {
        Just(Stage::new(spl, move |mut rows, _| {
            let before = rows.clone();
            let mut count = 0.0;
            for (i, row) in rows.iter_mut().enumerate() {
                if restart(&before, i, count).0 {
                    count = 0.0;
                }
                count += 1.0;
                set(row, "count", count.into());
                if restart(&before, i, count).1 {
                    count = 0.0;
                }
            }
            rows
        }))
    };
    prop_oneof![
        plain("streamstats reset_before=(n>1) count", |rows, i, _| (!matches!(get(&rows[i], "n"), Value::Multi(_)) && above_one(&rows[i]), false)),
        plain("streamstats reset_after=(count>=2) count", |_, _, count| (false, count >= 2.0)),
    ]
    .boxed()
}

fn above_one(row: &Row) -> bool {
    let n = get(row, "n");
    n.number().map_or_else(|| n.as_text().is_some_and(|t| t.as_str() > "1"), |n| n > 1.0)
}

/// Anew where the group changes; and over rows that are less far away in time.
fn changes() -> BoxedStrategy<Stage> {
    let change = Stage::new("eval g=mvindex(g, 0) | streamstats reset_on_change=t count BY g", |mut rows, _| {
        let mut last: Option<(String, f64)> = None;
        for row in &mut rows {
            let g = get(row, "g").each().into_iter().next();
            set(row, "g", g.clone().into());
            set(row, "count", Value::Null);
            let Some(g) = g.and_then(|g| g.as_text()) else { continue };
            let n = last.filter(|(before, _)| *before == g).map_or(0.0, |(_, n)| n) + 1.0;
            set(row, "count", n.into());
            last = Some((g, n));
        }
        rows
    });
    let near = Stage::new("where isnum(_time) | sort 0 -_time | streamstats time_window=15m count AS c", |rows, _| {
        let timed = rows.into_iter().filter(|r| get(r, "_time").number().is_some()).collect();
        let mut rows = data::newest_first(timed);
        let times: Vec<f64> = rows.iter().filter_map(|r| get(r, "_time").number()).collect();
        for (i, row) in rows.iter_mut().enumerate() {
            let near = times[..=i].iter().filter(|t| *t - times[i] < 900.0).count();
            set(row, "c", (near as f64).into());
        }
        rows
    });
    prop_oneof![Just(change), Just(near)].boxed()
}

/// How many had begun and not ended when a row began, itself among them.
fn concurrency() -> BoxedStrategy<Stage> {
    (select(&[1.0, 100.0, 900.0][..]), select(&["", " output=open"][..]))
        .prop_map(|(unit, output)| {
            let spl = format!("where isnum(_time) AND isnum(id) | dedup _time | eval took=id*{unit} | concurrency duration=took{output} | sort 0 -_time");
            Stage::new(spl, move |rows, _| {
                let mut seen = Vec::new();
                let mut kept = Vec::new();
                for mut row in rows {
                    let (Some(t), Some(id)) = (get(&row, "_time").number(), get(&row, "id").number()) else { continue };
                    if !seen.contains(&t) {
                        seen.push(t);
                        set(&mut row, "took", (id * unit).into());
                        kept.push(row);
                    }
                }
                let mut rows = data::newest_first(kept);
                let spans: Vec<(f64, f64)> = rows.iter().map(|r| (get(r, "_time").number().unwrap(), get(r, "took").number().unwrap())).collect();
                for (row, (start, _)) in rows.iter_mut().zip(&spans) {
                    let n = spans.iter().filter(|(from, took)| from == start || (from < start && start < &(from + took))).count();
                    set(row, if output.is_empty() { "concurrency" } else { "open" }, (n as f64).into());
                }
                rows
            })
        })
        .boxed()
}

/// Over the last rows that are less far away in time, all of them or those of the same group.
fn near() -> BoxedStrategy<Stage> {
    (select(&[("15m", 900.0), ("1h", 3600.0), ("8m", 480.0)][..]), select(&[0usize, 1, 2, 4][..]), any::<bool>())
        .prop_map(|((written, seconds), window, current)| {
            let spl = format!(
                "where isnum(_time) | sort 0 -_time | streamstats time_window={written} window={window} current={} count, sum(id) AS s",
                letter(current)
            );
            Stage::new(spl, move |rows, _| {
                let timed = rows.into_iter().filter(|r| get(r, "_time").number().is_some()).collect();
                let rows = data::newest_first(timed);
                let time = |i: usize| get(&rows[i], "_time").number().unwrap();
                let sum = Aggregate { function: "sum", of: crate::stats::Of::Field("id"), name: Some("s".into()) };
                let with = |i: usize| {
                    let upto = if current { i + 1 } else { i };
                    let first = if window == 0 { 0 } else { upto.saturating_sub(window) };
                    let seen: Vec<Row> = (first..upto).filter(|j| time(*j) - time(i) < seconds).map(|j| rows[j].clone()).collect();
                    let mut row = rows[i].clone();
                    set(&mut row, "count", (seen.len() as f64).into());
                    set(&mut row, "s", sum.of(&seen));
                    row
                };
                (0..rows.len()).map(with).collect()
            })
        })
        .boxed()
}
