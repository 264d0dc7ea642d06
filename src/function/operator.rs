//! The operators of eval expressions, as functions of their sides.
//!
//! A side that is null makes a result null; a predicate that is neither true nor false is unknown, and unknown is null.

use super::arguments::arg;
use super::{Chapter, Function, Kernel, Ready, Scalar};
use crate::column::{Value, compare::compare, number::bits};
use std::cmp::Ordering;
use std::collections::HashSet;

/// The operators. They are written between their sides, but for `NOT` and the sign, which is listed as `neg`.
pub const LIST: &[Function] = &[
    number(
        "+",
        "Adds two numbers, or joins two texts. A number and a text give null, as Splunk refuses them: `.` joins what is no text, too.",
        Kernel::Strict(add),
    ),
    number("-", "Subtracts.", Kernel::Strict(|a, _| arithmetic(a, |x, y| Some(x - y)))),
    number("*", "Multiplies.", Kernel::Strict(|a, _| arithmetic(a, |x, y| Some(x * y)))),
    number("/", "Divides; null where the divisor is 0.", Kernel::Strict(|a, _| arithmetic(a, |x, y| (y != 0.0).then(|| x / y)))),
    number(
        "%",
        "The remainder, with the sign of the dividend; null where the divisor is 0.",
        Kernel::Strict(|a, _| arithmetic(a, |x, y| (y != 0.0).then(|| x % y))),
    ),
    Function { name: "neg", summary: "Turns the sign of a number.", arity: (1, 1), ..number("neg", "", Kernel::Number(|x| -x)) },
    Function { chapter: Chapter::Text, ..number(".", "Joins two texts or numbers.", Kernel::Strict(concat)) },
    test("=", "Is it equal? True for a multivalue when one of its values is.", |a, _| any_pair(a, Ordering::is_eq)),
    test("==", "Is it equal? As `=`.", |a, _| any_pair(a, Ordering::is_eq)),
    test("!=", "Does it differ? True for a multivalue when one of its values does.", |a, _| any_pair(a, Ordering::is_ne)),
    test("<", "Is it less?", |a, _| ordered(a, Ordering::is_lt)),
    test("<=", "Is it less or equal?", |a, _| ordered(a, Ordering::is_le)),
    test(">", "Is it greater?", |a, _| ordered(a, Ordering::is_gt)),
    test(">=", "Is it greater or equal?", |a, _| ordered(a, Ordering::is_ge)),
    decided("AND", "True when all sides are. A false one decides; without it an unknown side leaves it unknown.", false),
    decided("OR", "True when one side is. A true one decides; without it an unknown side leaves it unknown.", true),
    test("XOR", "True when exactly one side is.", xor),
    Function { arity: (1, 1), ..test("NOT", "True when the side is false.", |a, _| arg(a, 0).as_bool().map(|b| !b).into()) },
    Function { kernel: Kernel::Prepared(super::comparison::like), ..test("LIKE", "Does the whole text match a pattern of `%` and `_`?", |_, _| Value::Null) },
    Function { arity: (2, usize::MAX), ..test("IN", "Is it one of the listed values?", is_in) },
];

/// What a field is beside a plus: a number where its text reads as one. No operator that one could write.
pub const FIELD: Function = Function {
    name: "field",
    arity: (1, 1),
    ..number(
        "field",
        "",
        Kernel::Strict(|args, _| match arg(args, 0) {
            text @ Value::Text(_) => text.as_number().map_or_else(|| text.clone(), Value::Number),
            other => other.clone(),
        }),
    )
};

/// An operator by its symbol, words in any case.
pub fn find(symbol: &str) -> Option<&'static Function> {
    LIST.iter().find(|f| f.name.eq_ignore_ascii_case(symbol))
}

const fn number(name: &'static str, summary: &'static str, kernel: Kernel) -> Function {
    Function { name, summary, syntax: "<value> <operator> <value>", arity: (2, 2), kernel, ..Function::base(Chapter::Mathematical, file!()) }
}

const fn test(name: &'static str, summary: &'static str, f: Scalar) -> Function {
    Function { name, summary, syntax: "<value> <operator> <value>", arity: (2, 2), kernel: Kernel::Lenient(f), ..Function::base(Chapter::Comparison, file!()) }
}

const fn decided(name: &'static str, summary: &'static str, by: bool) -> Function {
    Function { arity: (2, usize::MAX), kernel: Kernel::Decided(by), ..test(name, summary, |_, _| Value::Null) }
}

fn arithmetic<'a>(args: &[Value<'a>], f: fn(f64, f64) -> Option<f64>) -> Value<'a> {
    arg(args, 0).as_number().zip(arg(args, 1).as_number()).and_then(|(x, y)| f(x, y)).into()
}

/// Two numbers add, two texts join. A number and a text that is none give null, as Splunk refuses them.
fn add<'a>(args: &[Value<'a>], _: &super::Env) -> Value<'a> {
    match (arg(args, 0), arg(args, 1)) {
        // Two texts that read as numbers are numbers: fields have no other kind of number.
        (Value::Text(a), Value::Text(b)) if arg(args, 0).as_number().is_none() || arg(args, 1).as_number().is_none() => Value::owned(format!("{a}{b}")),
        _ => arithmetic(args, |x, y| Some(x + y)),
    }
}

/// Joins single values, as many as the chain has; a multivalue has no text to join, `mvjoin` makes one.
fn concat<'a>(args: &[Value<'a>], _: &super::Env) -> Value<'a> {
    let mut out = String::new();
    for one in args {
        match one {
            Value::Multi(_) => return Value::Null,
            single => match single.as_text() {
                Some(text) => out.push_str(&text),
                None => return Value::Null,
            },
        }
    }
    out.into()
}

/// Is there a pair, one value of each side, that compares so? Null where a side is null.
fn any_pair<'a>(args: &[Value<'a>], wanted: fn(Ordering) -> bool) -> Value<'a> {
    let (a, b) = (arg(args, 0), arg(args, 1));
    if a.is_null() || b.is_null() {
        return Value::Null;
    }
    Value::Bool(a.each().iter().any(|x| b.each().iter().any(|y| compare(x, y).is_some_and(wanted))))
}

/// Are two values equal, as `=` has it? False where one is null.
pub fn equal(a: &Value<'_>, b: &Value<'_>) -> bool {
    a.each().iter().any(|x| b.each().iter().any(|y| compare(x, y).is_some_and(Ordering::is_eq)))
}

fn ordered<'a>(args: &[Value<'a>], wanted: fn(Ordering) -> bool) -> Value<'a> {
    compare(arg(args, 0), arg(args, 1)).map(wanted).into()
}

fn xor<'a>(args: &[Value<'a>], _: &super::Env) -> Value<'a> {
    arg(args, 0).as_bool().zip(arg(args, 1).as_bool()).map(|(a, b)| a != b).into()
}

/// The same for values that are listed in the query, looked up instead of compared one by one: it takes the value alone.
pub fn is_one_of(listed: &[Value<'_>]) -> Ready {
    let (mut texts, mut numbers, mut spelled) = (HashSet::new(), HashSet::new(), HashSet::new());
    for one in listed.iter().flat_map(|v| v.each().iter()) {
        let text = one.as_text().map(|t| t.into_owned());
        // As they are compared: numbers where both are some, else texts. The text of an infinite number is none.
        match one.as_number() {
            Some(n) => {
                numbers.extend((!n.is_nan()).then(|| bits(n)));
                spelled.extend(text.filter(|_| !n.is_finite()));
            }
            None => texts.extend(text),
        }
    }
    let has = move |value: &Value<'_>| {
        let spelled_as = |all: &HashSet<String>| value.as_text().is_some_and(|t| all.contains(t.as_ref()));
        match value.as_number() {
            Some(n) => numbers.contains(&bits(n)) || !n.is_finite() && spelled_as(&texts),
            None => spelled_as(&texts) || spelled_as(&spelled),
        }
    };
    Box::new(move |args, _| match arg(args, 0) {
        Value::Null => Value::Null,
        value => Value::Bool(value.each().iter().any(&has)),
    })
}

/// Null where the value is; listed values that are null equal nothing.
pub fn is_in<'a>(args: &[Value<'a>], _: &super::Env) -> Value<'a> {
    match args.split_first() {
        None | Some((Value::Null, _)) => Value::Null,
        Some((value, listed)) => Value::Bool(listed.iter().any(|one| equal(value, one))),
    }
}

#[cfg(test)]
mod tests {
    use super::super::apply::tests::call;
    use super::*;

    #[test]
    fn a_chain_of_texts_joins_all_of_them() {
        let t = Value::text;
        assert_eq!(call(".", &[t("a"), Value::Number(1.0), t(""), t("b")]), t("a1b"));
        assert_eq!(call(".", &[t("a"), t("b"), Value::Null]), Value::Null);
        assert_eq!(call(".", &[t("a"), t("b"), Value::multi([t("c"), t("d")])]), Value::Null);
    }

    #[test]
    fn arithmetic_is_null_unless_both_are_numbers() {
        let (n, t) = (|x| Value::Number(x), Value::text);
        for (a, op, b, want) in [
            (n(1.0), "+", t("2"), n(3.0)),
            (t("1"), "+", t("2"), n(3.0)),
            (t("a"), "+", t("2"), t("a2")),
            (t("a"), "+", n(2.0), Value::Null),
            (n(7.0), "%", n(4.0), n(3.0)),
            (n(7.0), "/", n(2.0), n(3.5)),
            (n(7.0), "/", n(0.0), Value::Null),
            (n(7.0), "%", t("0"), Value::Null),
            (t("x"), "*", n(2.0), Value::Null),
            (Value::Null, "+", t("a"), Value::Null),
            (n(1.0), ".", n(2.5), t("12.5")),
            (t("a"), ".", Value::Null, Value::Null),
        ] {
            assert_eq!(call(op, &[a.clone(), b.clone()]), want, "{a:?} {op} {b:?}");
        }
        assert_eq!(call("neg", &[t("3")]), n(-3.0));
    }

    #[test]
    fn comparisons_know_numbers_null_and_multivalues() {
        let t = Value::text;
        let mv = Value::multi([t("a"), t("b")]);
        for (a, op, b, want) in [
            (t("10"), ">", Value::Number(9.0), Some(true)),
            (t("10"), "=", t("10.0"), Some(true)),
            (t("a"), "==", t("A"), Some(false)),
            (t("a"), "<", Value::Null, None),
            (mv.clone(), "=", t("b"), Some(true)),
            (mv.clone(), "!=", t("b"), Some(true)),
            (mv.clone(), "<", t("b"), None),
            (mv.clone(), "=", Value::Null, None),
            (mv.clone(), "in", t("b"), Some(true)),
            (t("z"), "IN", mv, Some(false)),
            (Value::Null, "IN", t("a"), None),
            (t("abc"), "like", t("a%"), Some(true)),
        ] {
            assert_eq!(call(op, &[a.clone(), b.clone()]).as_bool(), want, "{a:?} {op} {b:?}");
        }
    }

    #[test]
    fn logic_has_three_values() {
        let v = |b: Option<bool>| Value::from(b);
        for (a, op, b, want) in [
            (None, "AND", Some(false), Some(false)),
            (None, "AND", Some(true), None),
            (None, "OR", Some(true), Some(true)),
            (Some(false), "OR", None, None),
            (Some(false), "or", Some(false), Some(false)),
            (Some(true), "XOR", Some(false), Some(true)),
            (None, "XOR", Some(true), None),
        ] {
            assert_eq!(call(op, &[v(a), v(b)]).as_bool(), want, "{a:?} {op} {b:?}");
        }
        assert_eq!((call("NOT", &[Value::Null]), call("NOT", &[v(Some(false))])), (Value::Null, Value::Bool(true)));
    }
}
