//! Statistics of pairs of fields, and averages that move along.

use super::{Named, Stage};
use crate::value::{Row, Value, get, set};
use proptest::prelude::*;
use proptest::sample::select;

pub const LIST: &[Named] = &[("contingency", contingency), ("correlate", correlate), ("trendline", trendline)];

fn counted(all: impl Iterator<Item = String>) -> Vec<(String, usize)> {
    let mut out: Vec<(String, usize)> = Vec::new();
    for v in all {
        match out.iter_mut().find(|(o, _)| *o == v) {
            Some((_, n)) => *n += 1,
            None => out.push((v, 1)),
        }
    }
    // The most common first, those as common in the order of texts.
    out.sort_by(|a, b| b.1.cmp(&a.1).then_with(|| a.0.cmp(&b.0)));
    out
}

fn contingency() -> BoxedStrategy<Stage> {
    (any::<bool>(), select(&[1000usize, 1, 2][..]), select(&[1000usize, 1, 2][..]))
        .prop_map(|(total, most_rows, most_columns)| {
            let spl = format!("contingency usetotal={} maxrows={most_rows} maxcols={most_columns} g s", super::order::letter(total));
            Stage::new(spl, move |rows, _| {
                // An empty text has a name.
                let named = |t: String| if t.is_empty() { "EMPTY_STR".into() } else { t };
                let texts = |r: &Row, f: &str| get(r, f).each().iter().filter_map(Value::as_text).map(named).collect::<Vec<_>>();
                let pairs: Vec<(String, String)> = rows
                    .iter()
                    .flat_map(|r| texts(r, "g").into_iter().flat_map(|g| texts(r, "s").into_iter().map(move |s| (g.clone(), s)).collect::<Vec<_>>()))
                    .collect();
                let names = |all: Vec<(String, usize)>, most: usize| all.into_iter().take(most).map(|(v, _)| v).collect::<Vec<_>>();
                let across = names(counted(pairs.iter().map(|(_, s)| s.clone())), most_columns);
                let down = names(counted(pairs.iter().map(|(g, _)| g.clone())), most_rows);
                let number = |g: Option<&String>, s: Option<&String>| {
                    let n = pairs.iter().filter(|p| g.map_or(down.contains(&p.0), |g| p.0 == *g) && s.map_or(across.contains(&p.1), |s| p.1 == *s)).count();
                    Value::Number(n as f64)
                };
                let line = |g: Option<&String>| {
                    let mut row: Row = [("g".to_string(), Value::text(g.map_or("TOTAL", String::as_str)))].into_iter().collect();
                    across.iter().for_each(|s| set(&mut row, s, number(g, Some(s))));
                    if total {
                        set(&mut row, "TOTAL", number(g, None));
                    }
                    row
                };
                let mut out: Vec<Row> = down.iter().map(|g| line(Some(g))).collect();
                if total {
                    out.push(line(None));
                }
                out
            })
        })
        .boxed()
}

/// Rows with both fields among those with either, to four decimals.
fn correlate() -> BoxedStrategy<Stage> {
    Just(Stage::new("table b g n s | correlate", |rows, _| {
        let there = |f: &str, r: &Row| !get(r, f).is_null();
        let fields: Vec<&str> = ["b", "g", "n", "s"].into_iter().filter(|f| rows.iter().any(|r| there(f, r))).collect();
        let row = |f: &&str| {
            let mut out: Row = [("RowField".to_string(), Value::text(*f))].into_iter().collect();
            for o in &fields {
                let both = rows.iter().filter(|r| there(f, r) && there(o, r)).count() as f64;
                let either = rows.iter().filter(|r| there(f, r) || there(o, r)).count() as f64;
                set(&mut out, o, ((both / either * 1e4).round() / 1e4).into());
            }
            out
        };
        fields.iter().map(row).collect()
    }))
    .boxed()
}

/// Over the rows that hold a number, once there are enough of them.
fn trendline() -> BoxedStrategy<Stage> {
    (select(&["sma", "ema", "wma"][..]), 2..5usize)
        .prop_map(|(kind, period)| {
            Stage::new(format!("trendline {kind}{period}(n) AS t"), move |mut rows, _| {
                let mut seen: Vec<f64> = Vec::new();
                let mut smooth = 0.0;
                for row in &mut rows {
                    set(row, "t", Value::Null);
                    let Some(n) = get(row, "n").number() else { continue };
                    let weight = 2.0 / (period as f64 + 1.0);
                    // The weight is that of what was before, as it is documented.
                    smooth = if seen.is_empty() { n } else { weight * smooth + (1.0 - weight) * n };
                    seen.push(n);
                    if seen.len() < period {
                        continue;
                    }
                    let last = &seen[seen.len() - period..];
                    let mean = match kind {
                        "sma" => last.iter().sum::<f64>() / period as f64,
                        "wma" => last.iter().zip(1..).map(|(n, w)| n * f64::from(w)).sum::<f64>() / (period * (period + 1)) as f64 * 2.0,
                        _ => smooth,
                    };
                    set(row, "t", mean.into());
                }
                rows
            })
        })
        .boxed()
}
