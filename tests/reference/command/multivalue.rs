//! Several values of a field.

use super::{Named, Stage};
use crate::stats::alike;
use crate::value::{Row, Value, get, set};
use proptest::prelude::*;
use proptest::sample::select;
use regex::Regex;

pub const LIST: &[Named] = &[("mvexpand", mvexpand), ("makemv", makemv), ("nomv", nomv), ("mvcombine", mvcombine)];

fn mvexpand() -> BoxedStrategy<Stage> {
    (select(&["a", "g", "none"][..]), select(&[0usize, 0, 2][..]))
        .prop_map(|(field, limit)| {
            let spl = format!("mvexpand {field}{}", if limit > 0 { format!(" limit={limit}") } else { String::new() });
            Stage::new(spl, move |rows, _| {
                let most = if limit == 0 { usize::MAX } else { limit };
                rows.into_iter()
                    .flat_map(|row| match get(&row, field).each() {
                        none if none.is_empty() => vec![row],
                        all => all.into_iter().take(most).map(|v| Row::from_iter(row.clone().into_iter().chain([(field.to_string(), v)]))).collect(),
                    })
                    .collect()
            })
        })
        .boxed()
}

fn makemv() -> BoxedStrategy<Stage> {
    let delimited = (select(&[".", " ", "a", ":\\"][..]), any::<bool>()).prop_map(|(by, empty)| {
        let spl = format!("makemv delim=\"{}\" allowempty={} a", by.replace('\\', "\\\\"), super::order::letter(empty));
        Stage::each(spl, move |row| {
            // Several values are several already.
            let Some(text) = Some(get(row, "a")).filter(|v| !matches!(v, Value::Multi(_))).and_then(|v| v.as_text()) else { return };
            if !text.is_empty() && !text.contains(by) {
                return;
            }
            let parts: Vec<Value> = text.split(by).filter(|p| empty || !p.is_empty()).map(Value::text).collect();
            set(row, "a", Value::multi(parts));
        })
    });
    let tokens = select(&["([a-z])", "([0-9]+)", "([a-z])."][..]).prop_map(|regex| {
        Stage::each(format!("makemv tokenizer=\"{regex}\" a"), move |row| {
            let regex = Regex::new(regex).unwrap();
            // Several values are several already.
            let Some(text) = Some(get(row, "a")).filter(|v| !matches!(v, Value::Multi(_))).and_then(|v| v.as_text()) else { return };
            let parts: Vec<Value> = regex.captures_iter(&text).map(|c| Value::text(&c[1])).collect();
            set(row, "a", Value::multi(parts));
        })
    });
    prop_oneof![delimited, tokens].boxed()
}

fn nomv() -> BoxedStrategy<Stage> {
    Just(Stage::each("nomv a", |row| {
        let value = match get(row, "a") {
            v @ Value::Multi(_) => v.as_text().into(),
            v => v,
        };
        set(row, "a", value);
    }))
    .boxed()
}

fn mvcombine() -> BoxedStrategy<Stage> {
    Just(Stage::new("table n g | mvcombine n", |rows, _| {
        let mut out: Vec<Row> = Vec::new();
        for row in rows {
            let row: Row = row.into_iter().filter(|(name, _)| name == "n" || name == "g").collect();
            let other = |r: &Row| get(r, "g");
            match out.iter_mut().find(|r| alike(&[other(r)], &[other(&row)])) {
                Some(first) => {
                    let all = Value::multi([get(first, "n"), get(&row, "n")]);
                    set(first, "n", all);
                }
                None => out.push(row),
            }
        }
        out
    }))
    .boxed()
}
