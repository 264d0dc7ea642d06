//! Functions of multivalues.

use super::{Arg, Function, REGEXES, single};
use crate::value::{Value, number};
use regex::Regex;

const DELIMITERS: &[&str] = &[",", " ", "", ".", "ab", "\u{e9}", "-"];

pub const LIST: &[Function] = &[
    Function::new("mvappend", &[Arg::Any], |a| Value::multi(a.iter().cloned())).repeats(1),
    Function::new("mvcount", &[Arg::Any], |a| Some(a[0].clone().each().len()).filter(|n| *n > 0).map(|n| n as f64).into()),
    Function::new("mvdedup", &[Arg::Any], |a| {
        let mut seen = Vec::new();
        Value::multi(a[0].clone().each().into_iter().filter(|v| {
            let fresh = !seen.contains(&v.as_text());
            seen.push(v.as_text());
            fresh
        }))
    }),
    Function::new("mvreverse", &[Arg::Any], |a| {
        let mut all = a[0].clone().each();
        all.reverse();
        Value::multi(all)
    }),
    Function::new("mvsort", &[Arg::Any], |a| {
        let mut all = a[0].clone().each();
        all.sort_by_key(Value::as_text);
        Value::multi(all)
    }),
    Function::new("mvindex", &[Arg::Any, Arg::Numbers(&["0", "1", "2", "-1", "-2", "5", "-5"]), Arg::Numbers(&["0", "1", "-1", "-2", "5", "-5"])], index)
        .optional(1),
    Function::new("mvjoin", &[Arg::Any, Arg::Texts(DELIMITERS)], |a| {
        let all: Vec<String> = a[0].clone().each().iter().filter_map(Value::as_text).collect();
        (!all.is_empty()).then(|| all.join(&single(&a[1]).unwrap())).into()
    }),
    Function::new("mvzip", &[Arg::Any, Arg::Any, Arg::Texts(DELIMITERS)], |a| {
        let by = a.get(2).and_then(single).unwrap_or(",".into());
        let (left, right) = (a[0].clone().each(), a[1].clone().each());
        Value::multi(left.iter().zip(&right).map(|(l, r)| Value::text(l.as_text().unwrap() + &by + &r.as_text().unwrap())))
    })
    .optional(1),
    Function::new("mvfind", &[Arg::Any, Arg::Texts(REGEXES)], |a| {
        let regex = Regex::new(&single(&a[1]).unwrap()).unwrap();
        a[0].clone().each().iter().position(|v| regex.is_match(&v.as_text().unwrap())).map(|n| n as f64).into()
    }),
    Function::new(
        "mvrange",
        &[Arg::Numbers(&["0", "1", "5", "-2", "0.5"]), Arg::Numbers(&["0", "3", "4", "-3", "2.5", "10"]), Arg::Numbers(&["1", "2", "0.5", "-1", "3"])],
        range,
    )
    .optional(1),
    Function::new("mvrange", &[Arg::Numbers(&["0", "100"]), Arg::Numbers(&["0", "100000"]), Arg::Texts(&["1h", "12h", "1d", "30m"])], range),
    Function::new("split", &[Arg::Any, Arg::Texts(DELIMITERS)], |a| {
        let (Some(t), by) = (single(&a[0]), single(&a[1]).unwrap()) else { return Value::Null };
        // The empty text has one part.
        let parts: Vec<String> = match (t.as_str(), by.as_str()) {
            ("", _) => vec![t],
            (t, "") => t.chars().map(String::from).collect(),
            (t, by) => t.split(by).map(String::from).collect(),
        };
        Value::multi(parts.into_iter().map(Value::Text))
    }),
];

/// The value at a place, or those of a range with both ends; from the end where negative.
fn index(a: &[Value]) -> Value {
    let all = a[0].clone().each();
    let place = |v: &Value| {
        let i = v.number().unwrap() as i64;
        if i < 0 { i + all.len() as i64 } else { i }
    };
    let start = place(&a[1]);
    let end = a.get(2).map_or(start, place);
    if a.len() == 2 {
        return usize::try_from(start).ok().and_then(|i| all.get(i).cloned()).into();
    }
    Value::multi(all.iter().enumerate().filter(|(i, _)| (start..=end).contains(&(*i as i64))).map(|(_, v)| v.clone()))
}

fn range(a: &[Value]) -> Value {
    let step = match a.get(2) {
        Some(Value::Text(t)) => {
            let (n, unit) = t.split_at(t.len() - 1);
            number(n).unwrap() * [("s", 1.0), ("m", 60.0), ("h", 3600.0), ("d", 86400.0)].iter().find(|(u, _)| *u == unit).unwrap().1
        }
        Some(v) => v.number().unwrap(),
        None => 1.0,
    };
    let (start, end) = (a[0].number().unwrap(), a[1].number().unwrap());
    let at = |i: usize| start + step * i as f64;
    Value::multi((0..).map(at).take_while(|n| if step > 0.0 { *n < end } else { *n > end }).map(Value::Number))
}
