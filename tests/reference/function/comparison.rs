//! Choosing and testing.

use super::{Arg, Function, PATTERNS, REGEXES, single};
use crate::expr::{any_pair, truth};
use crate::value::{Value, compare};
use ipnet::IpNet;
use regex::Regex;
use std::cmp::Ordering;
use std::net::IpAddr;

const NETS: &[&str] = &["10.0.0.0/8", "8.8.8.8/32", "fe80::/10", "0.0.0.0/0", "10.1.2.0/24"];

/// The whole text is like a pattern of `%` and `_`; `\` takes their meaning away.
pub const LIKE: Function = Function::new("like", &[Arg::Any, Arg::Texts(PATTERNS)], |a| {
    any_pair(&a[0], &a[1], |t, p| like(&p.as_text().unwrap().chars().collect::<Vec<_>>(), &t.as_text().unwrap().chars().collect::<Vec<_>>()))
})
.condition();

pub const LIST: &[Function] = &[
    Function::new("case", &[Arg::Condition, Arg::Any], |a| branch(a, true)).repeats(2),
    Function::new("validate", &[Arg::Condition, Arg::Any], |a| branch(a, false)).repeats(2),
    Function::new("if", &[Arg::Condition, Arg::Any, Arg::Any], |a| if truth(&a[0]) == Some(true) { a[1].clone() } else { a[2].clone() }),
    Function::new("coalesce", &[Arg::Any], |a| a.iter().find(|v| !v.is_null()).cloned().unwrap_or(Value::Null)).repeats(1),
    Function::new("nullif", &[Arg::Any, Arg::Any], |a| match any_pair(&a[0], &a[1], |x, y| compare(x, y) == Some(Ordering::Equal)) {
        Value::Bool(true) => Value::Null,
        _ => a[0].clone(),
    }),
    Function::new("null", &[], |_| Value::Null),
    Function::new("cidrmatch", &[Arg::Texts(NETS), Arg::Any], |a| {
        let net: IpNet = single(&a[0]).unwrap().parse().unwrap();
        any_pair(&a[0], &a[1], |_, ip| ip.as_text().unwrap().parse::<IpAddr>().is_ok_and(|ip| net.contains(&ip)))
    })
    .condition(),
    Function::new("in", &[Arg::Any, Arg::Any], |a| {
        if a[0].is_null() {
            return Value::Null;
        }
        a[1..].iter().any(|v| any_pair(&a[0], v, |x, y| compare(x, y) == Some(Ordering::Equal)) == Value::Bool(true)).into()
    })
    .repeats(1)
    .condition(),
    LIKE,
    Function::new("match", &[Arg::Any, Arg::Texts(REGEXES)], |a| {
        any_pair(&a[0], &a[1], |t, r| Regex::new(&r.as_text().unwrap()).unwrap().is_match(&t.as_text().unwrap()))
    })
    .condition(),
    Function::new("true", &[], |_| Value::Bool(true)).condition(),
    Function::new("false", &[], |_| Value::Bool(false)).condition(),
];

/// The value behind the first condition that is decided so.
fn branch(args: &[Value], wanted: bool) -> Value {
    args.chunks(2).find(|c| truth(&c[0]) == Some(wanted)).map_or(Value::Null, |c| c[1].clone())
}

fn like(pattern: &[char], text: &[char]) -> bool {
    match pattern {
        [] => text.is_empty(),
        ['%', rest @ ..] => (0..=text.len()).any(|i| like(rest, &text[i..])),
        ['_', rest @ ..] => !text.is_empty() && like(rest, &text[1..]),
        ['\\', c @ ('%' | '_' | '\\'), rest @ ..] | [c, rest @ ..] => text.first() == Some(c) && like(rest, &text[1..]),
    }
}
