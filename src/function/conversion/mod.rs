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
        summary: "A text built by a format as in C: `%d %i %u %o %x %X %c %s %f %e %g %a %%` with flags, width and precision.",
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
        summary: "The value as a JSON array: as it is where it is one, else with its values as elements.",
        syntax: "toarray(<value>)",
        examples: &[Example { spl: r#"toarray("a")"#, shows: r#"["a"]"# }],
        kernel: Kernel::Strict(|args, _| match arg(args, 0) {
            v if json::is_array(v) => v.clone(),
            v => Value::owned(serde_json::Value::Array(v.each().iter().map(json::from_value).collect()).to_string()),
        }),
        ..BASE
    },
    Function {
        name: "tobool",
        summary: "True for the text `true` in any case and numbers but 0, false for `false` and 0, else null.",
        syntax: "tobool(<value>)",
        examples: &[Example { spl: r#"if(tobool("True"), "y", "n")"#, shows: "y" }],
        kernel: Kernel::Strict(tobool),
        ..BASE
    },
    Function {
        name: "todouble",
        summary: "The value as a number; null where it is none.",
        syntax: "todouble(<value>)",
        examples: &[Example { spl: r#"todouble("1.50")"#, shows: "1.5" }],
        kernel: Kernel::Strict(|args, _| number(arg(args, 0)).into()),
        ..BASE
    },
    Function {
        name: "toint",
        summary: "The value as a whole number, the fraction cut off; null where it is no number.",
        syntax: "toint(<value>)",
        examples: &[Example { spl: r#"toint("3.9")"#, shows: "3" }],
        kernel: Kernel::Strict(|args, _| number(arg(args, 0)).map(f64::trunc).into()),
        ..BASE
    },
    Function {
        name: "tomv",
        summary: "The elements of a JSON array as a multivalue; other values stay as they are.",
        syntax: "tomv(<value>)",
        examples: &[Example { spl: r#"tomv("[\"a\",\"b\"]")"#, shows: "a, b" }],
        kernel: Kernel::Strict(|args, _| match arg(args, 0) {
            v if json::is_array(v) => json::elements(v, false),
            v => v.clone(),
        }),
        ..BASE
    },
    Function {
        name: "tonumber",
        summary: "The number that a text is in a base from 2 to 36, 10 unless given; null where it is none.",
        syntax: "tonumber(<str>, [<base>])",
        arity: (1, 2),
        examples: &[Example { spl: r#"tonumber("0A4", 16)"#, shows: "164" }],
        kernel: Kernel::Strict(tonumber),
        ..BASE
    },
    Function {
        name: "toobject",
        summary: "The value where it is a JSON object, else null.",
        syntax: "toobject(<value>)",
        examples: &[Example { spl: r#"toobject("{\"a\":1}")"#, shows: r#"{"a":1}"# }],
        kernel: Kernel::Strict(|args, _| if json::is_object(arg(args, 0)) { arg(args, 0).clone() } else { Value::Null }),
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

/// As a number; true is 1.
fn number(value: &Value<'_>) -> Option<f64> {
    value.as_number().or_else(|| value.as_bool().map(|b| f64::from(u8::from(b))))
}

/// Fractions are read in base 10 only; in base 16 a leading `0x` is accepted.
fn tonumber<'a>(args: &[Value<'a>], _: &Env) -> Value<'a> {
    let base = if args.len() > 1 { arg(args, 1).as_integer() } else { Some(10) };
    match base {
        Some(10) => arg(args, 0).as_number().into(),
        Some(base @ 2..=36) if arg(args, 0).count() == 1 => text(args, 0).and_then(|t| digits(t.trim(), base as u32)).into(),
        _ => Value::Null,
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
            ("ipmask", &["0.255.0.224", "10.20.30.120"], Some("0.20.0.96")),
            ("ipmask", &["255.0.0.0", "host"], None),
            ("toint", &["-3.9"], Some("-3")),
            ("toint", &["x"], None),
            ("todouble", &["7"], Some("7")),
            ("tobool", &["FALSE"], Some("False")),
            ("tobool", &["yes"], None),
            ("toarray", &["[1]"], Some("[1]")),
            ("toobject", &["[1]"], None),
            ("tomv", &["a"], Some("a")),
        ] {
            assert_eq!(on_text(name, args).as_deref(), want, "{name} {args:?}");
        }
        assert_eq!(call("toint", &[Value::Bool(true)]), Value::Number(1.0));
        assert_eq!(call("tonumber", &[Value::text(&"9".repeat(400)), Value::Number(16.0)]), Value::Null);
    }
}
