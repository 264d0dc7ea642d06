//! eval functions of the chapter "conversion".

mod printf;
mod tostring;

use super::arguments::{arg, text};
use super::{Chapter, Env, Function, Kernel, json};
use crate::card::Example;
use crate::column::Value;
use std::net::Ipv4Addr;

const BASE: Function = Function::base(Chapter::Conversion, file!());

/// The chapter.
pub const LIST: &[Function] = &[
    Function {
        name: "ipmask",
        summary: "The IPv4 address with only the bits of the mask.",
        syntax: "ipmask(<mask>, <ip>)",
        arity: (2, 2),
        examples: &[Example { spl: r#"ipmask("255.255.255.0", "10.20.30.120")"#, shows: "10.20.30.0" }],
        kernel: Kernel::Strict(ipmask),
        ..BASE
    },
    Function {
        name: "printf",
        summary: "A text built by a format as in C: `%d %i %u %o %x %X %p %c %s %z %f %e %g %a %%` with flags, width and precision. `%z` is `%s` and `%p` is `%X`.",
        syntax: "printf(<format>, [<argument>, ...])",
        arity: (1, usize::MAX),
        examples: &[
            Example { spl: r#"printf("%05d", 42)"#, shows: "00042" },
            Example { spl: r#"printf("%-4s|%.2f|%#x", "ab", 3.14159, 255)"#, shows: "ab  |3.14|0xff" },
        ],
        kernel: Kernel::Lenient(printf::printf),
        ..BASE
    },
    Function {
        name: "toarray",
        summary: "The JSON array that a text is, or the values of a multivalue as one, each as what it is in JSON; null for other values.",
        syntax: "toarray(<value>)",
        examples: &[
            Example { spl: r#"toarray(split("1, 2, 3", ","))"#, shows: "[1,2,3]" },
            Example { spl: r#"toarray("[\"carrots\", 1.00]")"#, shows: r#"["carrots",1]"# },
        ],
        kernel: Kernel::Strict(|args, _| match arg(args, 0) {
            v @ Value::Multi(_) => json::array_of(v, true),
            v => json::compact(v, json::is_array),
        }),
        ..BASE
    },
    Function {
        name: "tobool",
        summary: "True for the text `true` and numbers but 0, false for `false` and 0, in any case of letters; else null.",
        syntax: "tobool(<value>)",
        examples: &[Example { spl: r#"if(tobool("True"), "y", "n")"#, shows: "y" }],
        kernel: Kernel::Strict(tobool),
        ..BASE
    },
    Function {
        name: "todouble",
        summary: "The value as a number, a text in a base from 2 to 36, 10 unless given; null where it is none.",
        syntax: "todouble(<value>, [<base>])",
        arity: (1, 2),
        examples: &[Example { spl: r#"todouble("1.50")"#, shows: "1.5" }],
        kernel: Kernel::Strict(|args, _| number(args).into()),
        ..BASE
    },
    Function {
        name: "toint",
        summary: "The value as a whole number, rounded down, a text in a base from 2 to 36, 10 unless given; null where it is no number.",
        syntax: "toint(<value>, [<base>])",
        arity: (1, 2),
        examples: &[Example { spl: r#"toint("3.9")"#, shows: "3" }, Example { spl: r#"toint("ff", 16)"#, shows: "255" }],
        kernel: Kernel::Strict(|args, _| number(args).map(f64::floor).into()),
        ..BASE
    },
    Function {
        name: "tomv",
        summary: "The elements of a JSON array as a multivalue, texts with their quotes; a multivalue as it is, null for other values.",
        syntax: "tomv(<value>)",
        examples: &[Example { spl: r#"tomv("[\"a\",1]")"#, shows: r#""a", 1"# }],
        kernel: Kernel::Strict(|args, _| match arg(args, 0) {
            v @ Value::Multi(_) => v.clone(),
            v => json::elements(v, true),
        }),
        ..BASE
    },
    Function {
        name: "tonumber",
        summary: "The number that a text is in a base from 2 to 36, 10 unless given; null where it is none, also for blanks around it.",
        syntax: "tonumber(<str>, [<base>])",
        arity: (1, 2),
        examples: &[Example { spl: r#"tonumber("0A4", 16)"#, shows: "164" }],
        kernel: Kernel::Strict(tonumber),
        ..BASE
    },
    Function {
        name: "toobject",
        summary: "The JSON object that a text is; null for other values.",
        syntax: "toobject(<value>)",
        examples: &[Example { spl: r#"toobject("{\"a\": 1}")"#, shows: r#"{"a":1}"# }],
        kernel: Kernel::Strict(|args, _| json::compact(arg(args, 0), json::is_object)),
        ..BASE
    },
    Function {
        name: "tostring",
        summary: "The value as text; a number as \"hex\", with \"commas\" and two decimals, as a \"duration\" of seconds, or as \"binary\".",
        syntax: "tostring(<value>, [<format>])",
        arity: (1, 2),
        examples: &[
            Example { spl: r#"tostring(15, "hex")"#, shows: "0xF" },
            Example { spl: r#"tostring(12345.6789, "commas")"#, shows: "12,345.68" },
            Example { spl: r#"tostring(615, "duration")"#, shows: "00:10:15" },
            Example { spl: "tostring(1==1)", shows: "True" },
        ],
        kernel: Kernel::Strict(tostring::tostring),
        ..BASE
    },
];

fn ipmask<'a>(args: &[Value<'a>], _: &Env) -> Value<'a> {
    let address = |at| text(args, at).and_then(|t| t.parse::<Ipv4Addr>().ok());
    address(0).zip(address(1)).map(|(mask, ip)| Ipv4Addr::from(u32::from(mask) & u32::from(ip)).to_string()).into()
}

fn tobool<'a>(args: &[Value<'a>], _: &Env) -> Value<'a> {
    match arg(args, 0) {
        Value::Bool(b) => Value::Bool(*b),
        Value::Text(t) if t.eq_ignore_ascii_case("true") => Value::Bool(true),
        Value::Text(t) if t.eq_ignore_ascii_case("false") => Value::Bool(false),
        v => v.as_number().map(|n| n != 0.0).into(),
    }
}

fn tonumber<'a>(args: &[Value<'a>], _: &Env) -> Value<'a> {
    number(args).into()
}

/// The number that the first argument is in the base that the second may give. Blanks around it are no part of a number here, as the
/// reference says of these functions alone. Fractions are read in base 10 only; in base 16 a leading `0x` is accepted.
fn number(args: &[Value<'_>]) -> Option<f64> {
    let (value, base) = (arg(args, 0), if args.len() > 1 { arg(args, 1).as_integer() } else { Some(10) });
    let blank = |t: &str| t.starts_with(char::is_whitespace) || t.ends_with(char::is_whitespace);
    match (base, value) {
        (_, Value::Text(t)) if blank(t) => None,
        (Some(10), v) => v.as_number(),
        (Some(base @ 2..=36), v) if v.count() == 1 => text(args, 0).and_then(|t| digits(&t, base as u32)),
        _ => None,
    }
}

fn digits(text: &str, base: u32) -> Option<f64> {
    let (negative, text) = text.strip_prefix('-').map_or((false, text.strip_prefix('+').unwrap_or(text)), |t| (true, t));
    let text = text.strip_prefix("0x").or_else(|| text.strip_prefix("0X")).filter(|_| base == 16).unwrap_or(text);
    let n = text.chars().try_fold(0.0, |n, c| Some(n * f64::from(base) + f64::from(c.to_digit(base)?)));
    n.filter(|n: &f64| !text.is_empty() && n.is_finite()).map(|n| if negative { -n } else { n })
}

#[cfg(test)]
mod tests {
    use super::super::apply::tests::{call, on_text};
    use super::*;

    #[test]
    fn converts_or_gives_null() {
        for (name, args, want) in [
            ("tonumber", &["777", "8"][..], Some("511")),
            ("tonumber", &["1011", "2"], Some("11")),
            ("tonumber", &["zz", "36"], Some("1295")),
            ("tonumber", &["0x1F", "16"], Some("31")),
            ("tonumber", &["-ff", "16"], Some("-255")),
            ("tonumber", &["12.5"], Some("12.5")),
            ("tonumber", &["0x10"], None),
            ("tonumber", &["12abc"], None),
            ("tonumber", &[""], None),
            ("tonumber", &["-", "16"], None),
            ("tonumber", &["8", "8"], None),
            ("tonumber", &["8", "37"], None),
            ("tonumber", &[" 8"], None),
            ("tonumber", &["1e3"], Some("1000")),
            ("ipmask", &["0.255.0.224", "10.20.30.120"], Some("0.20.0.96")),
            ("ipmask", &["255.0.0.0", "host"], None),
            ("toint", &["-3.9"], Some("-4")),
            ("toint", &["3.9 "], None),
            ("toint", &["101", "2"], Some("5")),
            ("todouble", &["z", "36"], Some("35")),
            ("toint", &["x"], None),
            ("todouble", &["7"], Some("7")),
            ("tobool", &["FALSE"], Some("False")),
            ("tobool", &["yes"], None),
            ("toarray", &["[1]"], Some("[1]")),
            ("toarray", &["somefield"], None),
            ("toarray", &["5"], None),
            ("toobject", &["[1]"], None),
            ("tomv", &["a"], None),
        ] {
            assert_eq!(on_text(name, args).as_deref(), want, "{name} {args:?}");
        }
        assert_eq!(call("toint", &[Value::Bool(true)]), Value::Null);
        assert_eq!(call("tonumber", &[Value::text(&"9".repeat(400)), Value::Number(16.0)]), Value::Null);
    }
}
