//! For the tests of this folder: calls as text, evaluated without the rest of the engine, and the sweep over the list.

use super::*;
use crate::column::number;

/// What a call of literals and calls shows, at 1700000000.25 in UTC: `null`, or the values joined with `, `.
pub(super) fn shows(spl: &str) -> String {
    let env = Env { now: 1_700_000_000.25, ..Env::default() };
    let (value, rest) = value(spl, &env);
    assert_eq!(rest.trim(), "", "all of {spl} is read");
    match &value {
        Value::Null => "null".into(),
        some => some.each().iter().map(|v| v.as_text().unwrap()).collect::<Vec<_>>().join(", "),
    }
}

/// The examples of a chapter show what they say.
pub(super) fn check(list: &[Function]) {
    for f in list {
        assert!(!f.examples.is_empty() || matches!(f.kernel, Kernel::Form | Kernel::Planned), "{} has an example", f.name);
        if !matches!(f.kernel, Kernel::Form) {
            f.examples.iter().for_each(|e| assert_eq!(shows(e.spl), e.shows, "{}", e.spl));
        }
    }
}

/// Reads a number, a text with `\"` in it, or a call, and gives what is left.
fn value<'t>(text: &'t str, env: &Env) -> (Value<'static>, &'t str) {
    let text = text.trim_start();
    if let Some(inside) = text.strip_prefix('"') {
        let end = inside.match_indices('"').map(|(i, _)| i).find(|&i| !inside[..i].ends_with('\\')).unwrap();
        return (Value::owned(inside[..end].replace("\\\"", "\"")), &inside[end + 1..]);
    }
    let end = text.find(|c: char| !(c.is_ascii_alphanumeric() || "_.-".contains(c))).unwrap_or(text.len());
    let (word, mut rest) = text.split_at(end);
    if let Some(n) = number::parse(word) {
        return (Value::Number(n), rest);
    }
    rest = rest.strip_prefix('(').unwrap();
    let mut args = Vec::new();
    loop {
        rest = rest.trim_start();
        match rest.strip_prefix(')') {
            Some(after) => return (call(word, &args, env), after),
            None => {
                let (arg, after) = value(rest.strip_prefix(',').unwrap_or(rest), env);
                args.push(arg);
                rest = after;
            }
        }
    }
}

/// Runs a function on constants as its kernel wants it.
fn call(name: &str, args: &[Value<'static>], env: &Env) -> Value<'static> {
    if name == "null" {
        return Value::Null;
    }
    let f = find(name).unwrap_or_else(|| panic!("no function {name}"));
    assert!((f.arity.0..=f.arity.1).contains(&args.len()), "arity of {name}");
    match f.kernel {
        Kernel::Prepared(prepare) => {
            // Both ways must agree: prepared from the literals, and row by row.
            let literals: Vec<_> = args.iter().cloned().map(Some).collect();
            let run = prepare(&literals, env).unwrap_or_else(|e| panic!("{name}: {e:?}"));
            let by_row = prepare(&vec![None; args.len()], env).unwrap_or_else(|e| panic!("{name}: {e:?}"));
            let value = run(args, env);
            assert_eq!(by_row(args, env), value, "{name} prepared and by row");
            value
        }
        Kernel::Form | Kernel::Planned => panic!("{name} does not run on values"),
        _ => super::apply::apply(f, args, env),
    }
}
