//! Missing values, and values in place of others.

use super::{Named, Stage};
use crate::value::{Value, get, number, set, wild, written};
use proptest::prelude::*;
use proptest::sample::select;

pub const LIST: &[Named] = &[
    ("bin", bin_most),
    ("bin", bin_aligned),
    ("convert", ctime),
    ("fillnull", fillnull),
    ("fillnull", fillnull_all),
    ("filldown", filldown),
    ("replace", replace),
    ("rangemap", rangemap),
    ("strcat", strcat),
    ("convert", convert),
    ("bin", bin),
    ("bin", bin_log),
    ("convert", convert_more),
    ("makecontinuous", makecontinuous),
];

fn fillnull() -> BoxedStrategy<Stage> {
    (select(&["", "value=x ", "value=\"\" "][..]), select(FIELDS))
        .prop_map(|(value, fields)| {
            let with = match value {
                "" => Value::Number(0.0),
                "value=x " => "x".into(),
                _ => "".into(),
            };
            Stage::each(format!("fillnull {value}{}", fields.join(", ")), move |row| {
                for field in fields {
                    if get(row, field).is_null() {
                        set(row, field, with.clone());
                    }
                }
            })
        })
        .boxed()
}

const FIELDS: &[&[&str]] = &[&["a"], &["n", "g"], &["none"], &["new", "b"]];

fn fillnull_all() -> BoxedStrategy<Stage> {
    Just(Stage::new("fillnull value=0", |mut rows, _| {
        let names: Vec<String> = rows.iter().flat_map(|r| r.keys().filter(|n| !n.starts_with('_')).cloned()).collect();
        for row in &mut rows {
            for name in &names {
                if get(row, name).is_null() {
                    set(row, name, 0.0.into());
                }
            }
        }
        rows
    }))
    .boxed()
}

fn filldown() -> BoxedStrategy<Stage> {
    select(&["", " n", " g a", " *"][..])
        .prop_map(|fields| {
            Stage::new(format!("filldown{fields}"), move |mut rows, _| {
                let patterns: Vec<&str> = if fields.is_empty() { vec!["*"] } else { fields.split_whitespace().collect() };
                for i in 1..rows.len() {
                    let before = rows[i - 1].clone();
                    for (name, v) in before.iter().filter(|(name, _)| !name.starts_with('_') && patterns.iter().any(|p| wild(p, name))) {
                        rows[i].entry(name.clone()).or_insert_with(|| v.clone());
                    }
                }
                rows
            })
        })
        .boxed()
}

fn replace() -> BoxedStrategy<Stage> {
    let pairs = select(&[("a", "X"), ("a*", "*!"), ("*c", "(*)"), ("10", "ten"), ("*", "all"), ("", "empty"), ("a b", "a_b"), ("*.*", "* and *")][..]);
    (pairs, select(&["a", "g", "a, g", "none"][..]))
        .prop_map(|((from, to), fields)| {
            Stage::each(format!("replace \"{from}\" WITH \"{to}\" IN {fields}"), move |row| {
                for field in fields.split(", ") {
                    let changed =
                        get(row, field).each().into_iter().map(|v| captured(from, &v.as_text().unwrap()).map_or(v, |parts| filled(to, &parts).into()));
                    let value = Value::multi(changed.collect::<Vec<_>>());
                    set(row, field, value);
                }
            })
        })
        .boxed()
}

/// What the stars of a pattern stand for in a text, each as little as it can be.
fn captured(pattern: &str, text: &str) -> Option<Vec<String>> {
    let Some((head, tail)) = pattern.split_once('*') else { return (pattern == text).then(Vec::new) };
    let rest = text.strip_prefix(head)?;
    rest.char_indices().map(|(i, _)| i).chain([rest.len()]).find_map(|i| {
        let more = captured(tail, &rest[i..])?;
        Some([vec![rest[..i].to_string()], more].concat())
    })
}

fn filled(with: &str, parts: &[String]) -> String {
    parts.iter().fold(with.to_string(), |out, part| out.replacen('*', part, 1))
}

fn rangemap() -> BoxedStrategy<Stage> {
    Just(Stage::each("rangemap field=n low=0-2 mid=2-9 below=-10--1 default=other", |row| {
        let n = get(row, "n").number();
        let ranges = [("low", 0.0, 2.0), ("mid", 2.0, 9.0), ("below", -10.0, -1.0)];
        let names: Vec<Value> = ranges.iter().filter(|(_, from, to)| n.is_some_and(|n| (*from..=*to).contains(&n))).map(|(name, ..)| (*name).into()).collect();
        set(row, "range", if names.is_empty() { "other".into() } else { Value::multi(names) });
    }))
    .boxed()
}

fn strcat() -> BoxedStrategy<Stage> {
    any::<bool>()
        .prop_map(|all| {
            Stage::each(format!("strcat allrequired={} a \"::\" n dest", super::order::letter(all)), move |row| {
                let parts: Vec<Option<String>> = ["a", "n"]
                    .iter()
                    .map(|f| get(row, f).each().iter().map(Value::as_text).collect::<Option<Vec<_>>>().filter(|v| !v.is_empty()).map(|v| v.join(" ")))
                    .collect();
                if all && parts.iter().any(Option::is_none) {
                    return;
                }
                let text = |i: usize| parts[i].clone().unwrap_or_default();
                let joined = format!("{}::{}", text(0), text(1));
                set(row, "dest", joined.into());
            })
        })
        .boxed()
}

fn convert() -> BoxedStrategy<Stage> {
    select(&["num", "rmcomma", "none"][..])
        .prop_map(|how| {
            Stage::each(format!("convert {how}(a) AS x"), move |row| {
                let one = |v: Value| match how {
                    "num" => v.number().into(),
                    "rmcomma" => match v.as_text().unwrap() {
                        t if t.contains(',') => {
                            let plain = t.replace(',', "");
                            number(&plain).map_or(Value::Text(plain), Value::Number)
                        }
                        _ => v,
                    },
                    _ => v,
                };
                let value = Value::multi(get(row, "a").each().into_iter().map(one).collect::<Vec<_>>());
                // What is not there is not converted.
                if !get(row, "a").is_null() {
                    set(row, "x", value);
                }
            })
        })
        .boxed()
}

fn bin() -> BoxedStrategy<Stage> {
    let spans = select(&[("1", 1.0), ("2", 2.0), ("10", 10.0), ("100", 100.0)][..]);
    let times = select(&[("5m", 300.0), ("1h", 3600.0), ("1d", 86_400.0), ("30s", 30.0)][..]);
    prop_oneof![
        spans.prop_map(|(span, width)| {
            Stage::each(format!("bin span={span} n AS bins"), move |row| {
                let one = |v: Value| {
                    v.number().map_or(v, |n| {
                        let start = (n / width).floor() * width;
                        Value::text(format!("{}-{}", written(start), written(start + width)))
                    })
                };
                let value = Value::multi(get(row, "n").each().into_iter().map(one).collect::<Vec<_>>());
                set(row, "bins", value);
            })
        }),
        times.prop_map(|(span, width)| {
            Stage::each(format!("bin _time span={span}"), move |row| {
                let value = get(row, "_time").number().map(|t| (t / width).floor() * width);
                set(row, "_time", value.into());
            })
        }),
    ]
    .boxed()
}

fn makecontinuous() -> BoxedStrategy<Stage> {
    Just(Stage::new("stats count BY n | where isnum(n) AND abs(n)<100 | makecontinuous n span=1", |rows, _| {
        let mut out: Vec<crate::value::Row> = Vec::new();
        let counted = crate::stats::stats(&rows, &[crate::stats::Aggregate { function: "count", of: crate::stats::Of::Rows, name: None }], &["n"]);
        for row in counted {
            let Some(n) = get(&row, "n").number().filter(|n| n.abs() < 100.0) else { continue };
            if let Some(last) = out.last().and_then(|r| get(r, "n").number()) {
                let mut at = last + 1.0;
                while at < n.floor() {
                    out.push([("n".to_string(), Value::Number(at))].into_iter().collect());
                    at += 1.0;
                }
            }
            let mut row = row;
            set(&mut row, "n", n.floor().into());
            out.push(row);
        }
        out
    }))
    .boxed()
}

/// Texts with units and times, each with what it is as seconds, kilobytes, or without its unit.
fn convert_more() -> BoxedStrategy<Stage> {
    let known = select(
        &[
            ("memk", "10k", Some(10.0)),
            ("memk", "2m", Some(2048.0)),
            ("memk", "1g", Some(1_048_576.0)),
            ("memk", "7", Some(7.0)),
            ("memk", "x", None),
            ("dur2sec", "01:02:03", Some(3723.0)),
            ("dur2sec", "2+00:00:01", Some(172_801.0)),
            ("dur2sec", "soon", None),
            ("mstime", "02:03.5", Some(123.5)),
            ("mstime", "7.25", Some(7.25)),
            ("mktime", "05/14/2024 00:00:00", Some(1_715_644_800.0)),
            ("mktime", "never", None),
            ("rmunit", "15kB", Some(15.0)),
            ("rmunit", "-2.5 s", Some(-2.5)),
            ("num", "12", Some(12.0)),
            ("auto", "12", Some(12.0)),
        ][..],
    );
    known.prop_map(|(how, text, want)| Stage::each(format!("eval t=\"{text}\" | convert {how}(t)"), move |row| set(row, "t", want.into()))).boxed()
}

/// Parts that grow by powers: from a coefficient times a power of the base to the next.
fn bin_log() -> BoxedStrategy<Stage> {
    select(&[("log10", 1.0, 10.0), ("2log10", 2.0, 10.0), ("log2", 1.0, 2.0)][..])
        .prop_map(|(span, coefficient, base)| {
            Stage::each(format!("eval k=len(a)*7+1 | bin k span={span}"), move |row| {
                // Several lengths are no number.
                let Some(text) = Some(get(row, "a")).filter(|v| !matches!(v, Value::Multi(_))).and_then(|v| v.as_text()) else {
                    set(row, "k", Value::Null);
                    return;
                };
                let k = text.chars().count() as f64 * 7.0 + 1.0;
                let mut start = coefficient;
                while start > k {
                    start /= base;
                }
                while start * base <= k {
                    start *= base;
                }
                set(row, "k", format!("{}-{}", written(start), written(start * base)).into());
            })
        })
        .boxed()
}

/// The least power of ten of which no more than the wanted number are as long as the range of the numbers, which may be made wider.
fn bin_most() -> BoxedStrategy<Stage> {
    (select(&[100usize, 10, 3][..]), prop::option::of(Just(-50.0)), prop::option::of(Just(400.0)))
        .prop_map(|(bins, start, end): (usize, Option<f64>, Option<f64>)| {
            let option = |name: &str, n: Option<f64>| n.map_or(String::new(), |n| format!(" {name}={n}"));
            let spl = format!("where isnum(id) | bin bins={bins}{}{} id AS k", option("start", start), option("end", end));
            Stage::new(spl, move |rows, _| {
                let mut rows: Vec<_> = rows.into_iter().filter(|r| get(r, "id").number().is_some()).collect();
                let numbers = || rows.iter().filter_map(|r| get(r, "id").number());
                let low = numbers().chain(start).fold(f64::INFINITY, f64::min);
                let high = numbers().chain(end).fold(f64::NEG_INFINITY, f64::max);
                let wanted = (high - low) / bins as f64;
                let size =
                    [0.001, 0.01, 0.1, 1.0, 10.0, 100.0, 1000.0, 1e4, 1e5].into_iter().find(|p| if wanted > 0.0 { *p >= wanted } else { *p >= 1.0 }).unwrap();
                // The wanted size may be far less than a thousandth only for ranges that these numbers do not have.
                for row in &mut rows {
                    let n = get(row, "id").number().unwrap();
                    // A size below 1 divides as its inverse multiplies.
                    let place = if size < 1.0 { (n * (1.0 / size).round() + 1e-9).floor() } else { (n / size).floor() };
                    let edge = |place: f64| if size < 1.0 { written(place / (1.0 / size).round()) } else { written(place * size) };
                    set(row, "k", format!("{}-{}", edge(place), edge(place + 1.0)).into());
                }
                rows
            })
        })
        .boxed()
}

fn bin_aligned() -> BoxedStrategy<Stage> {
    select(&[("1h", 3600.0, 600.0), ("30m", 1800.0, 100.0), ("5m", 300.0, 299.0)][..])
        .prop_map(|(span, width, from)| {
            Stage::each(format!("bin _time span={span} aligntime={from} AS t"), move |row| {
                let value = get(row, "_time").number().map(|t| ((t - from) / width).floor() * width + from);
                set(row, "t", value.into());
            })
        })
        .boxed()
}

/// Times as texts, beside them or in their place.
fn ctime() -> BoxedStrategy<Stage> {
    (select(&["", "%H:%M:%S", "%Y-%m-%d"][..]), any::<bool>())
        .prop_map(|(format, named)| {
            let option = if format.is_empty() { String::new() } else { format!(" timeformat=\"{format}\"") };
            let spl = format!("where isnum(_time) | eval t=floor(_time) | convert{option} ctime(t){}", if named { " AS x" } else { "" });
            Stage::new(spl, move |rows, _| {
                let mut rows: Vec<_> = rows.into_iter().filter(|r| get(r, "_time").number().is_some()).collect();
                for row in &mut rows {
                    let seconds = get(row, "_time").number().unwrap().floor();
                    let time = chrono::DateTime::<chrono::Utc>::from_timestamp(seconds as i64, 0).unwrap();
                    set(row, "t", seconds.into());
                    let text = time.format(if format.is_empty() { "%m/%d/%Y %H:%M:%S" } else { format }).to_string();
                    set(row, if named { "x" } else { "t" }, text.into());
                }
                rows
            })
        })
        .boxed()
}
