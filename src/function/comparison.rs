//! eval functions of the chapter "comparison": choosing by a condition, and tests.

use super::arguments::{Made, any, arg, ready, regex};
use super::operator::{equal, is_in};
use super::{Chapter, Env, Function, Kernel, Ready};
use crate::card::Example;
use crate::column::{Value, address};
use crate::wildcard::Pattern;
use ipnet::IpNet;
use std::net::IpAddr;

const BASE: Function = Function::base(Chapter::Comparison, file!());

/// The chapter.
pub const LIST: &[Function] = &[
    Function {
        name: "case",
        summary: "The value behind the first condition that is true; null where none is.",
        syntax: "case(<condition>, <value>, ...)",
        arity: (2, usize::MAX),
        examples: &[Example { spl: r#"case(1>2, "a", 2>1, "b")"#, shows: "b" }],
        kernel: Kernel::Choice { rest: false },
        ..BASE
    },
    Function {
        name: "cidrmatch",
        summary: "Is the address in the network? IPv4 and IPv6; false for what is no address.",
        syntax: "cidrmatch(<cidr>, <ip>)",
        arity: (2, 2),
        examples: &[Example { spl: r#"if(cidrmatch("10.0.0.0/8", "10.1.2.3"), "in", "out")"#, shows: "in" }],
        kernel: Kernel::Prepared(cidrmatch),
        ..BASE
    },
    Function {
        name: "coalesce",
        summary: "The first argument that is not null.",
        syntax: "coalesce(<value>, ...)",
        arity: (1, usize::MAX),
        examples: &[Example { spl: r#"coalesce(null(), "a", "b")"#, shows: "a" }],
        kernel: Kernel::First,
        ..BASE
    },
    Function {
        name: "false",
        summary: "False.",
        syntax: "false()",
        arity: (0, 0),
        examples: &[Example { spl: r#"if(false(), "a", "b")"#, shows: "b" }],
        kernel: Kernel::Lenient(|_, _| Value::Bool(false)),
        ..BASE
    },
    Function {
        name: "if",
        summary: "The second argument where the condition is true, else the third, also where the condition is null.",
        syntax: "if(<condition>, <true_value>, <false_value>)",
        arity: (3, 3),
        examples: &[Example { spl: r#"if(1<2, "y", "n")"#, shows: "y" }],
        kernel: Kernel::Choice { rest: true },
        ..BASE
    },
    Function {
        name: "in",
        summary: "Is the value one of those listed? For a multivalue: is one of its values?",
        syntax: "in(<value>, <listed>, ...)",
        arity: (2, usize::MAX),
        examples: &[Example { spl: r#"if(in("404", "400", "404"), "y", "n")"#, shows: "y" }],
        kernel: Kernel::Lenient(is_in),
        ..BASE
    },
    Function {
        name: "like",
        summary: r"Does the whole text match a pattern of `%` (any text) and `_` (one character)? Case counts; `\` takes their meaning away.",
        syntax: "like(<str>, <pattern>)",
        arity: (2, 2),
        examples: &[Example { spl: r#"if(like("regasm.exe", "reg%.exe"), "y", "n")"#, shows: "y" }],
        kernel: Kernel::Prepared(like),
        ..BASE
    },
    Function {
        name: "lookup",
        summary: "Looks a row up in a lookup table and gives the output fields as a JSON object.",
        syntax: "lookup(<lookup_table>, <json_object>, <json_array>)",
        arity: (3, 3),
        kernel: Kernel::Form,
        ..BASE
    },
    Function {
        name: "match",
        summary: "Does the regular expression match anywhere in the text? For a multivalue: in one of its values?",
        syntax: "match(<str>, <regex>)",
        arity: (2, 2),
        examples: &[Example { spl: r#"if(match("10.1.2.3", "^\d+\."), "y", "n")"#, shows: "y" }],
        kernel: Kernel::Prepared(matches),
        ..BASE
    },
    Function {
        name: "null",
        summary: "No value. Assigned to a field it takes the field away.",
        syntax: "null()",
        arity: (0, 0),
        examples: &[Example { spl: r#"coalesce(null(), "none")"#, shows: "none" }],
        kernel: Kernel::Lenient(|_, _| Value::Null),
        ..BASE
    },
    Function {
        name: "nullif",
        summary: "Null where both are equal, else the first.",
        syntax: "nullif(<value1>, <value2>)",
        arity: (2, 2),
        examples: &[Example { spl: r#"nullif("a", "b")"#, shows: "a" }],
        kernel: Kernel::Lenient(|args, _| if equal(arg(args, 0), arg(args, 1)) { Value::Null } else { arg(args, 0).clone() }),
        ..BASE
    },
    Function {
        name: "searchmatch",
        summary: "Does the row pass a search, written as for the search command?",
        syntax: "searchmatch(<search_str>)",
        examples: &[Example { spl: r#"if(searchmatch("nosuchfield=*"), "y", "n")"#, shows: "n" }],
        kernel: Kernel::Form,
        ..BASE
    },
    Function {
        name: "true",
        summary: "True; the last condition of a `case` that has a default.",
        syntax: "true()",
        arity: (0, 0),
        examples: &[Example { spl: r#"case(1>2, "a", true(), "other")"#, shows: "other" }],
        kernel: Kernel::Lenient(|_, _| Value::Bool(true)),
        ..BASE
    },
    Function {
        name: "validate",
        summary: "The value behind the first condition that is false; null where none is.",
        syntax: "validate(<condition>, <value>, ...)",
        arity: (2, usize::MAX),
        examples: &[Example { spl: r#"validate(1<2, "first", 2<1, "second")"#, shows: "second" }],
        kernel: Kernel::Lenient(|args, _| args.chunks(2).find(|pair| arg(pair, 0).as_bool() == Some(false)).map_or(Value::Null, |pair| arg(pair, 1).clone())),
        ..BASE
    },
];

/// `like`, as a function and as an operator.
pub fn like(constants: &[Option<Value<'static>>], _: &Env) -> Result<Ready, (usize, String)> {
    let pattern = Made::new(constants, 1, |t| Ok(Pattern::like(t)))?;
    Ok(ready(move |args, _| pattern.get(arg(args, 1)).map_or(Value::Null, |p| any(arg(args, 0), |t| p.matches(t)))))
}

fn matches(constants: &[Option<Value<'static>>], _: &Env) -> Result<Ready, (usize, String)> {
    let regex = regex(constants, 1)?;
    Ok(ready(move |args, _| regex.get(arg(args, 1)).map_or(Value::Null, |r| any(arg(args, 0), |t| r.is_match(t)))))
}

fn cidrmatch(constants: &[Option<Value<'static>>], _: &Env) -> Result<Ready, (usize, String)> {
    let network = Made::new(constants, 0, network)?;
    Ok(ready(move |args, _| network.get(arg(args, 0)).map_or(Value::Null, |n| any(arg(args, 1), |t| address::parse(t).is_some_and(|ip| n.contains(&ip))))))
}

/// A network as text. Host bits are tolerated; an address alone is the network of just that address.
pub fn network(text: &str) -> Result<IpNet, String> {
    let (address, bits) = text.split_once('/').map_or((text, None), |(a, b)| (a, Some(b)));
    let wrong = || format!("`{text}` is no network; write one such as 10.0.0.0/8 or fe80::/10");
    let address: IpAddr = address.trim().parse().map_err(|_| wrong())?;
    let Some(bits) = bits else { return Ok(IpNet::from(address)) };
    IpNet::new(address, bits.trim().parse().map_err(|_| wrong())?).map(|n| n.trunc()).map_err(|_| wrong())
}

#[cfg(test)]
mod tests {
    use super::super::apply::tests::call;
    use super::*;

    #[test]
    fn conditions_choose() {
        let t = Value::text;
        let (yes, no, none) = (Value::Bool(true), Value::Bool(false), Value::Null);
        assert_eq!(call("case", &[none.clone(), t("a"), t("true"), t("b"), yes.clone(), t("c")]), t("c"));
        assert_eq!(call("case", &[no.clone(), t("a")]), Value::Null);
        assert_eq!(call("if", &[none.clone(), t("a"), t("b")]), t("b"));
        assert_eq!(call("validate", &[yes, t("a"), none.clone(), t("b"), no, t("c")]), t("c"));
        assert_eq!(call("nullif", &[t("1"), Value::Number(1.0)]), Value::Null);
        assert_eq!(call("nullif", &[t("a"), none]), t("a"));
    }

    #[test]
    fn networks_hold_addresses_of_their_family() {
        for (cidr, ip, want) in [
            ("10.0.0.0/8", "10.255.0.1", true),
            ("10.9.8.7/8", "10.1.1.1", true),
            ("10.0.0.0/8", "11.0.0.1", false),
            ("10.0.0.0/8", "::ffff:10.0.0.1", false),
            ("10.0.0.0/8", "host", false),
            ("0.0.0.0/0", "1.2.3.4", true),
            ("2001:db8::/32", "2001:0DB8:0:0::1", true),
            ("::ffff:0:0/96", "::ffff:10.0.0.1", true),
            ("192.168.0.1", "192.168.0.1", true),
        ] {
            assert_eq!(call("cidrmatch", &[Value::text(cidr), Value::text(ip)]), Value::Bool(want), "{cidr} {ip}");
        }
        let both = Value::multi([Value::text("x"), Value::text("10.0.0.1")]);
        assert_eq!(call("cidrmatch", &[Value::text("10.0.0.0/8"), both]), Value::Bool(true));
        for bad in ["10.0.0.0/33", "10/8", "", "x/8", "10.0.0.0/-1"] {
            assert!(cidrmatch(&[Some(Value::owned(bad)), None], &Env::default()).is_err_and(|(at, _)| at == 0), "{bad}");
        }
    }

    #[test]
    fn patterns_may_vary_by_row_and_match_any_value() {
        let f = matches(&[None, None], &Env::default()).unwrap();
        let row = |text: &'static str, regex: &'static str| f(&[Value::text(text), Value::text(regex)], &Env::default());
        assert_eq!((row("abc", "b"), row("abc", "^b"), row("abc", "(")), (Value::Bool(true), Value::Bool(false), Value::Null));
        assert!(matches(&[None, Some(Value::text("("))], &Env::default()).is_err_and(|(at, _)| at == 1));
        let both = Value::multi([Value::text("x"), Value::text("a\nb")]);
        assert_eq!(call("like", &[both.clone(), Value::text("a%b")]), Value::Bool(true));
        assert_eq!(call("match", &[both, Value::text("^x$")]), Value::Bool(true));
        assert_eq!(call("match", &[Value::Null, Value::text("a")]), Value::Null);
    }
}
