//! eval functions of the chapter "informational": what kind of value it is.
//!
//! Event text has no types: text that reads as a number is a number here, for `isnum`, `isint` and `typeof` alike.

use super::arguments::arg;
use super::{Chapter, Function, Kernel, Scalar, json};
use crate::card::Example;
use crate::column::Value;

const BASE: Function = Function::base(Chapter::Informational, file!());

/// The chapter.
pub const LIST: &[Function] = &[
    Function {
        name: "cluster",
        summary: "A label that similar values of a field share.",
        syntax: "cluster(<field>, [<threshold>], [<match>], [<delims>])",
        arity: (1, 4),
        kernel: Kernel::Form,
        ..BASE
    },
    Function {
        name: "getfields",
        summary: "The fields of the row as a JSON object, those whose names match a filter; names that begin with `_` only by a filter that does.",
        syntax: "getfields([<filter>])",
        arity: (0, 1),
        kernel: Kernel::Form,
        ..BASE
    },
    test("isarray", "Is it a JSON array?", "isarray(<value>)", &[Example { spl: r#"if(isarray("[1,2]"), "y", "n")"#, shows: "y" }], |a, _| {
        Value::Bool(json::is_array(arg(a, 0)))
    }),
    test(
        "isbool",
        "Is it true or false? Text such as `true` is not.",
        "isbool(<value>)",
        &[Example { spl: r#"if(isbool(1=1), "y", "n")"#, shows: "y" }],
        |a, _| Value::Bool(matches!(arg(a, 0), Value::Bool(_))),
    ),
    test("isdouble", "Is it a number with a fraction?", "isdouble(<value>)", &[Example { spl: r#"if(isdouble(1.5), "y", "n")"#, shows: "y" }], |a, _| {
        Value::Bool(arg(a, 0).as_number().is_some_and(|n| n.is_finite() && n != n.trunc()))
    }),
    test("isint", "Is it a whole number?", "isint(<value>)", &[Example { spl: r#"if(isint("80o"), "y", "n")"#, shows: "n" }], |a, _| {
        Value::Bool(arg(a, 0).as_number().is_some_and(|n| n.is_finite() && n == n.trunc()))
    }),
    test("ismv", "Has it several values?", "ismv(<value>)", &[Example { spl: r#"if(ismv(split("a b", " ")), "y", "n")"#, shows: "y" }], |a, _| {
        Value::Bool(matches!(arg(a, 0), Value::Multi(_)))
    }),
    test("isnotnull", "Has it a value?", "isnotnull(<value>)", &[Example { spl: r#"if(isnotnull(""), "y", "n")"#, shows: "y" }], |a, _| {
        Value::Bool(!arg(a, 0).is_null())
    }),
    test("isnull", "Has it no value?", "isnull(<value>)", &[Example { spl: r#"if(isnull(null()), "y", "n")"#, shows: "y" }], |a, _| {
        Value::Bool(arg(a, 0).is_null())
    }),
    test("isnum", "Is it a number, or text that reads as one?", "isnum(<value>)", &[Example { spl: r#"if(isnum(42), "y", "n")"#, shows: "y" }], |a, _| {
        Value::Bool(arg(a, 0).as_number().is_some())
    }),
    test("isobject", "Is it a JSON object?", "isobject(<value>)", &[Example { spl: r#"if(isobject("{\"a\":1}"), "y", "n")"#, shows: "y" }], |a, _| {
        Value::Bool(json::is_object(arg(a, 0)))
    }),
    test("isstr", "Is it text that does not read as a number?", "isstr(<value>)", &[Example { spl: r#"if(isstr("a"), "y", "n")"#, shows: "y" }], |a, _| {
        Value::Bool(matches!(arg(a, 0), Value::Text(_) | Value::Multi(_)) && arg(a, 0).as_number().is_none())
    }),
    Function {
        name: "typeof",
        summary: "`Number`, `String`, `Boolean`, `Multivalue`, or `Invalid` for null.",
        syntax: "typeof(<value>)",
        examples: &[Example { spl: r#"typeof("abc")"#, shows: "String" }, Example { spl: "typeof(12)", shows: "Number" }],
        kernel: Kernel::Lenient(|args, _| {
            Value::text(match arg(args, 0) {
                Value::Null => "Invalid",
                Value::Bool(_) => "Boolean",
                Value::Multi(_) => "Multivalue",
                v if v.as_number().is_some() => "Number",
                _ => "String",
            })
        }),
        ..BASE
    },
];

const fn test(name: &'static str, summary: &'static str, syntax: &'static str, examples: &'static [Example], f: Scalar) -> Function {
    Function { name, summary, syntax, examples, kernel: Kernel::Lenient(f), ..BASE }
}

#[cfg(test)]
mod tests {
    use super::super::apply::tests::call;
    use super::*;

    #[test]
    fn each_value_is_of_its_kind() {
        let mv = Value::multi([Value::text("1"), Value::text("2")]);
        for (value, kind, true_for) in [
            (Value::Null, "Invalid", &["isnull"][..]),
            (Value::text("1.5"), "Number", &["isdouble", "isnotnull", "isnum"]),
            (Value::Number(3.0), "Number", &["isint", "isnotnull", "isnum"]),
            (Value::text(""), "String", &["isnotnull", "isstr"]),
            (Value::text("[1]"), "String", &["isarray", "isnotnull", "isstr"]),
            (Value::text("{}"), "String", &["isnotnull", "isobject", "isstr"]),
            (Value::Bool(false), "Boolean", &["isbool", "isnotnull"]),
            (mv, "Multivalue", &["ismv", "isnotnull", "isstr"]),
        ] {
            let tests = LIST.iter().map(|f| f.name).filter(|n| n.starts_with("is"));
            let held: Vec<_> = tests.filter(|n| call(n, std::slice::from_ref(&value)) == Value::Bool(true)).collect();
            assert_eq!(held, true_for, "{value:?}");
            assert_eq!(call("typeof", std::slice::from_ref(&value)), Value::text(kind), "{value:?}");
        }
    }
}
