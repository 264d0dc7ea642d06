//! Text functions; characters count, not bytes.

use super::{Arg, Function, REGEXES, each_text};
use crate::value::Value;
use regex::{Captures, Regex};

const SETS: &[&str] = &["a", " ", "ab", "\"x", "C", "\u{e9}", "10", ""];

pub const LIST: &[Function] = &[
    Function::new("len", &[Arg::Any], |a| each_text(a, |t, _| Some(Value::Number(t.chars().count() as f64)))),
    Function::new("lower", &[Arg::Any], |a| each_text(a, |t, _| Some(Value::text(t.to_lowercase())))),
    Function::new("upper", &[Arg::Any], |a| each_text(a, |t, _| Some(Value::text(t.to_uppercase())))),
    Function::new("trim", &[Arg::Any, Arg::Texts(SETS)], |a| each_text(a, |t, set| Some(Value::text(t.trim_matches(of(set)))))).optional(1),
    Function::new("ltrim", &[Arg::Any, Arg::Texts(SETS)], |a| each_text(a, |t, set| Some(Value::text(t.trim_start_matches(of(set)))))).optional(1),
    Function::new("rtrim", &[Arg::Any, Arg::Texts(SETS)], |a| each_text(a, |t, set| Some(Value::text(t.trim_end_matches(of(set)))))).optional(1),
    Function::new("substr", &[Arg::Any, Arg::Numbers(&["0", "1", "2", "3", "-1", "-2", "9", "-9"]), Arg::Numbers(&["0", "1", "2", "9", "-1", "-3"])], |a| {
        each_text(a, |t, rest| {
            let start: i64 = rest[0].parse().unwrap();
            // Characters count from 1; those before the text are there, but empty.
            let first = if start < 0 { t.chars().count() as i64 + 1 + start } else { start };
            let length: i64 = rest.get(1).map_or(1000, |n| n.parse().unwrap());
            let wanted = if length < 0 { first + length..first } else { first..first + length };
            Some(Value::text(t.chars().zip(1i64..).filter(|(_, n)| wanted.contains(n)).map(|(c, _)| c).collect::<String>()))
        })
    })
    .optional(1),
    Function::new("replace", &[Arg::Any, Arg::Texts(REGEXES), Arg::Texts(&["", "x", "[\\1]", "\\1\\1", "$1", "\\0", "a\\b"])], |a| {
        each_text(a, |t, rest| {
            let regex = Regex::new(&rest[0]).unwrap();
            Some(Value::text(regex.replace_all(t, |c: &Captures<'_>| filled(&rest[1], c)).into_owned()))
        })
    }),
    Function::new("urldecode", &[Arg::Either(&["a%20b%3Dc%2", "%C3%A9", "100%", "x+y", "%zz%41"])], |a| each_text(a, |t, _| Some(Value::text(decoded(t))))),
];

fn of(set: &[String]) -> impl Fn(char) -> bool + '_ {
    move |c| set.first().map_or(" \t", String::as_str).contains(c)
}

/// A replacement with the groups that it names by number.
fn filled(with: &str, c: &Captures<'_>) -> String {
    let mut out = String::new();
    let mut chars = with.chars().peekable();
    while let Some(x) = chars.next() {
        match (x, chars.peek().and_then(|d| d.to_digit(10))) {
            ('\\', Some(n)) => {
                chars.next();
                out.push_str(c.get(n as usize).map_or("", |m| m.as_str()));
            }
            _ => out.push(x),
        }
    }
    out
}

fn decoded(text: &str) -> String {
    let mut out = Vec::new();
    let mut rest = text.as_bytes();
    while let Some((first, tail)) = rest.split_first() {
        let byte = (*first == b'%').then(|| tail.get(..2)).flatten().and_then(|h| u8::from_str_radix(std::str::from_utf8(h).ok()?, 16).ok());
        out.push(byte.unwrap_or(*first));
        rest = if byte.is_some() { &tail[2..] } else { tail };
    }
    String::from_utf8_lossy(&out).into_owned()
}
