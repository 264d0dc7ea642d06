//! Text taken apart: regular expressions and JSON.

use super::{Named, Stage};
use crate::value::{Row, Value, get, set};
use proptest::prelude::*;
use proptest::sample::select;
use regex::Regex;

pub const LIST: &[Named] =
    &[("rex", offsets), ("rex", letters), ("extract", extract), ("spath", everything), ("rex", rex), ("rex", sed), ("regex", regex), ("spath", spath)];

const REGEXES: &[&str] = &["(?<x>[a-z]+)", "^(?<x>.)(?<y>.)", "(?<x>\\d+)\\.(?<y>\\d+)", "(?<b>c)", "(?<x>z)?a"];

fn rex() -> BoxedStrategy<Stage> {
    (select(REGEXES), select(&[1usize, 1, 0, 2][..]))
        .prop_map(|(pattern, most)| {
            Stage::each(format!("rex field=a max_match={most} \"{pattern}\""), move |row| {
                let regex = Regex::new(pattern).unwrap();
                let most = if most == 0 { usize::MAX } else { most };
                let texts: Vec<String> = get(row, "a").each().iter().filter_map(Value::as_text).collect();
                for name in regex.capture_names().flatten() {
                    let found = texts.iter().flat_map(|t| regex.captures_iter(t).take(most)).filter_map(|c| Some(Value::text(c.name(name)?.as_str())));
                    let value = Value::multi(found.collect::<Vec<_>>());
                    if !value.is_null() {
                        set(row, name, value);
                    }
                }
            })
        })
        .boxed()
}

fn sed() -> BoxedStrategy<Stage> {
    select(&[("s/a/X/", "a", "X", 1), ("s/a/X/g", "a", "X", 0), ("s/([a-z])/<\\\\1>/g", "([a-z])", "<$1>", 0), ("s/\\\\d+/#/", "\\d+", "#", 1)][..])
        .prop_map(|(spl, pattern, with, most)| {
            Stage::each(format!("rex field=a mode=sed \"{spl}\""), move |row| {
                let regex = Regex::new(pattern).unwrap();
                let changed = get(row, "a").each().into_iter().map(|v| match v.as_text() {
                    Some(t) if regex.is_match(&t) => Value::text(regex.replacen(&t, most, with)),
                    _ => v,
                });
                let value = Value::multi(changed.collect::<Vec<_>>());
                set(row, "a", value);
            })
        })
        .boxed()
}

fn regex() -> BoxedStrategy<Stage> {
    (select(crate::function::REGEXES), any::<bool>())
        .prop_map(|(pattern, not)| {
            let spl = format!("regex a{}=\"{}\"", if not { "!" } else { "" }, pattern.replace('\\', "\\\\"));
            Stage::new(spl, move |rows, _| {
                let regex = Regex::new(pattern).unwrap();
                let holds = |row: &Row| get(row, "a").each().iter().any(|v| regex.is_match(&v.as_text().unwrap()));
                rows.into_iter().filter(|r| holds(r) != not).collect()
            })
        })
        .boxed()
}

fn spath() -> BoxedStrategy<Stage> {
    let docs = select(&["{}", "{\"a\":{\"b\":[1,2]}}", "{\"a\":\"x\",\"k\":[{\"c\":true},{\"c\":2.5}]}", "no json"][..]);
    (docs, select(&["a", "a.b{}", "a.b{1}", "k{}.c", "none"][..]))
        .prop_map(|(doc, path)| {
            let spl = format!("eval doc=\"{}\" | spath input=doc output=out path={path}", doc.replace('"', "\\\""));
            Stage::each(spl, move |row| {
                set(row, "doc", doc.into());
                let json: Option<serde_json::Value> = serde_json::from_str(doc).ok();
                let mut at: Vec<&serde_json::Value> = json.iter().collect();
                for step in path.replace('{', ".{").split('.') {
                    at = match step {
                        "{}" => at.iter().filter_map(|j| j.as_array()).flatten().collect(),
                        "{1}" => at.iter().filter_map(|j| j.get(1)).collect(),
                        key => at.iter().filter_map(|j| j.get(key)).collect(),
                    };
                }
                let shown = |j: &&serde_json::Value| j.as_str().map_or_else(|| j.to_string(), String::from).into();
                let found = Value::multi(at.iter().map(shown).collect::<Vec<_>>());
                if !found.is_null() {
                    set(row, "out", found);
                }
            })
        })
        .boxed()
}

/// Where the group lies, in characters from 0 to its last one.
fn offsets() -> BoxedStrategy<Stage> {
    select(&["(?<x>[a-z]+)", "(?<x>\\d)", "a(?<x>.)"][..])
        .prop_map(|pattern| {
            Stage::each(format!("eval a=mvindex(a, 0) | rex field=a \"{pattern}\" offset_field=at"), move |row| {
                let value = get(row, "a").each().into_iter().next();
                set(row, "a", value.clone().into());
                let Some(text) = value.and_then(|v| v.as_text()) else { return };
                if let Some(found) = Regex::new(pattern).unwrap().captures(&text).and_then(|c| c.name("x")) {
                    let first = text[..found.start()].chars().count();
                    set(row, "x", Value::text(found.as_str()));
                    set(row, "at", format!("x={first}-{}", first + found.as_str().chars().count() - 1).into());
                }
            })
        })
        .boxed()
}

/// Letters for letters.
fn letters() -> BoxedStrategy<Stage> {
    Just(Stage::each("rex field=a mode=sed \"y/abé/xyz/\"", |row| {
        let letter = |c: char| match c {
            'a' => 'x',
            'b' => 'y',
            'é' => 'z',
            c => c,
        };
        let one = |v: Value| match v.as_text() {
            Some(t) if t.contains(['a', 'b', 'é']) => Value::text(t.chars().map(letter).collect::<String>()),
            _ => v,
        };
        let value = Value::multi(get(row, "a").each().into_iter().map(one).collect::<Vec<_>>());
        set(row, "a", value);
    }))
    .boxed()
}

/// Fields and what they hold.
type Pairs = &'static [(&'static str, &'static str)];

/// Fields and their values.
type Found = &'static [(&'static str, &'static [&'static str])];

/// Texts with the pairs in them.
fn extract() -> BoxedStrategy<Stage> {
    let known: &[(&str, &str, Pairs)] = &[
        ("user=ann, cmd=\"ls -l\"", "", &[("user", "ann"), ("cmd", "ls -l")]),
        ("k=1 k=2", "", &[("k", "1")]),
        ("user:ann|port:22", " pairdelim=\"|\" kvdelim=\":\"", &[("user", "ann"), ("port", "22")]),
        ("none", "", &[]),
        ("a.b=1", "", &[("a_b", "1")]),
    ];
    select(known.to_vec())
        .prop_map(|(text, options, pairs)| {
            Stage::each(format!("eval _raw=\"{}\" | extract{options}", text.replace('"', "\\\"")), move |row| {
                set(row, "_raw", text.into());
                pairs.iter().for_each(|(name, v)| set(row, name, (*v).into()));
            })
        })
        .boxed()
}

/// Documents with all fields that they make.
fn everything() -> BoxedStrategy<Stage> {
    let known: &[(&str, Found)] = &[
        ("{\"k\":\"x\",\"l\":{\"m\":[1,2]}}", &[("k", &["x"]), ("l.m{}", &["1", "2"])]),
        ("{\"k\":[{\"o\":true},{\"o\":2.5}]}", &[("k{}.o", &["true", "2.5"])]),
        ("<r><k id='7'>x</k><l>y</l></r>", &[("r.k", &["x"]), ("r.k{@id}", &["7"]), ("r.l", &["y"])]),
        ("no document", &[]),
    ];
    select(known.to_vec())
        .prop_map(|(doc, fields)| {
            Stage::each(format!("eval doc=\"{}\" | spath input=doc", doc.replace('"', "\\\"")), move |row| {
                set(row, "doc", doc.into());
                fields.iter().for_each(|(name, all)| set(row, name, Value::multi(all.iter().map(|v| Value::text(*v)))));
            })
        })
        .boxed()
}
