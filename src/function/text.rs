//! eval functions of the chapter "text".

use super::arguments::{arg, each, part, ready, regex, text};
use super::{Chapter, Env, Function, Kernel, Ready, json};
use crate::card::Example;
use crate::column::Value;
use crate::path;
use std::borrow::Cow;

const BASE: Function = Function::base(Chapter::Text, file!());

/// The chapter.
pub const LIST: &[Function] = &[
    Function {
        name: "len",
        summary: "The number of characters of a text.",
        syntax: "len(<str>)",
        examples: &[Example { spl: r#"len("regasm.exe")"#, shows: "10" }],
        kernel: Kernel::Text(|t| Value::Number(t.chars().count() as f64)),
        ..BASE
    },
    Function {
        name: "lower",
        summary: "The text in lower case.",
        syntax: "lower(<str>)",
        examples: &[Example { spl: r#"lower("RegAsm.EXE")"#, shows: "regasm.exe" }],
        kernel: Kernel::Text(lower),
        ..BASE
    },
    Function {
        name: "ltrim",
        summary: "The text without the characters given, or blanks and tabs, at its start.",
        syntax: "ltrim(<str>, [<trim_chars>])",
        arity: (1, 2),
        examples: &[Example { spl: r#"ltrim(" ZZabc ", " Z")"#, shows: "abc " }],
        kernel: Kernel::Strict(|args, _| trimmed(args, |t, set| t.trim_start_matches(|c| set.contains(c)))),
        ..BASE
    },
    Function {
        name: "replace",
        summary: r"The text with every match of a regular expression replaced; `\1` in the replacement stands for the first group. Where more than 64 MiB would come of it the text stays as it is, and a warning says so.",
        syntax: "replace(<str>, <regex>, <replacement>)",
        arity: (3, 3),
        examples: &[Example { spl: r#"replace("1/14/2023", "^(\d{1,2})/(\d{1,2})/", "\2/\1/")"#, shows: "14/1/2023" }],
        kernel: Kernel::Prepared(replace),
        ..BASE
    },
    Function {
        name: "rtrim",
        summary: "The text without the characters given, or blanks and tabs, at its end.",
        syntax: "rtrim(<str>, [<trim_chars>])",
        arity: (1, 2),
        examples: &[Example { spl: r#"rtrim("abcZZ", "Z")"#, shows: "abc" }],
        kernel: Kernel::Strict(|args, _| trimmed(args, |t, set| t.trim_end_matches(|c| set.contains(c)))),
        ..BASE
    },
    Function {
        name: "spath",
        summary: "What lies at a path of a JSON or XML text; a multivalue where there are several.",
        syntax: "spath(<value>, <path>)",
        arity: (2, 2),
        examples: &[
            Example { spl: r#"spath("{\"a\":[{\"b\":1},{\"b\":2}]}", "a{}.b")"#, shows: "1, 2" },
            Example { spl: r#"spath("<a><b id='7'>1</b><b>2</b></a>", "a.b{@id}")"#, shows: "7" },
        ],
        kernel: Kernel::Strict(|args, _| spath(args)),
        ..BASE
    },
    Function {
        name: "substr",
        summary: "A part of the text: from a character on, counted from 1 or, negative, from the end, and at most so many characters. As SQLite has it, a start of 0 is the place before the first character, and a negative length takes what stands before the start.",
        syntax: "substr(<str>, <start>, [<length>])",
        arity: (2, 3),
        examples: &[Example { spl: r#"substr("string", 1, 3)"#, shows: "str" }, Example { spl: r#"substr("string", -3)"#, shows: "ing" }],
        kernel: Kernel::Strict(substr),
        ..BASE
    },
    Function {
        name: "trim",
        summary: "The text without the characters given, or blanks and tabs, at both ends.",
        syntax: "trim(<str>, [<trim_chars>])",
        arity: (1, 2),
        examples: &[Example { spl: r#"trim("  ZZZZabcZZ ", " Z")"#, shows: "abc" }],
        kernel: Kernel::Strict(|args, _| trimmed(args, |t, set| t.trim_matches(|c| set.contains(c)))),
        ..BASE
    },
    Function {
        name: "upper",
        summary: "The text in upper case.",
        syntax: "upper(<str>)",
        examples: &[Example { spl: r#"upper("regasm.exe")"#, shows: "REGASM.EXE" }],
        kernel: Kernel::Text(|t| Value::owned(t.to_uppercase())),
        ..BASE
    },
    Function {
        name: "urldecode",
        summary: "The text with `%41` and the like decoded. A `+` stays, bytes that are no UTF-8 become U+FFFD.",
        syntax: "urldecode(<url>)",
        examples: &[Example { spl: r#"urldecode("http%3A%2F%2Fexample.com%2F%3Fr%3Dx")"#, shows: "http://example.com/?r=x" }],
        kernel: Kernel::Text(|t| Value::owned(percent_encoding::percent_decode_str(&t).decode_utf8_lossy())),
        ..BASE
    },
];

/// XML begins with a tag; all else is read as JSON.
fn spath<'a>(args: &[Value<'a>]) -> Value<'a> {
    match (text(args, 0), text(args, 1)) {
        (Some(xml), Some(path)) if xml.trim_start().starts_with('<') => {
            path::steps(&path).map_or(Value::Null, |steps| Value::multi(crate::xml::at(&xml, &steps)))
        }
        _ => json::spath(arg(args, 0), arg(args, 1)),
    }
}

/// Text that is lower case already stays where it is.
fn lower(t: Cow<'_, str>) -> Value<'_> {
    if t.bytes().all(|b| b.is_ascii() && !b.is_ascii_uppercase()) { Value::Text(t) } else { Value::owned(t.to_lowercase()) }
}

fn trimmed<'a>(args: &[Value<'a>], trim: for<'t> fn(&'t str, &str) -> &'t str) -> Value<'a> {
    let set = if args.len() > 1 { text(args, 1).unwrap_or_default() } else { Cow::Borrowed(" \t") };
    each(arg(args, 0), |t| part(t, |t| trim(t, &set)))
}

fn replace(constants: &[Option<Value<'static>>], _: &Env) -> Result<Ready, (usize, String)> {
    let regex = regex(constants, 1)?;
    Ok(ready(move |args, _| match (regex.get(arg(args, 1)), text(args, 2)) {
        (Some(regex), Some(template)) => each(arg(args, 0), |t| match regex.replace_all(&t, &template) {
            Cow::Borrowed(_) => Value::Text(t),
            Cow::Owned(new) => new.into(),
        }),
        _ => Value::Null,
    }))
}

/// SQLite's `substr`: characters that lie before the text count towards the length.
fn substr<'a>(args: &[Value<'a>], _: &Env) -> Value<'a> {
    let Some(start) = arg(args, 1).as_number() else { return Value::Null };
    let Some(length) = (if args.len() > 2 { arg(args, 2).as_number() } else { Some(f64::MAX) }) else { return Value::Null };
    // Casts saturate.
    let (start, length) = (start as i64, length as i64);
    each(arg(args, 0), |t| {
        part(t, |t| {
            let first = match start {
                1.. => start - 1,
                0 if args.len() > 2 => -1,
                0 => 0,
                _ => start.saturating_add(t.chars().count() as i64),
            };
            let end = first.saturating_add(length);
            let (skip, to) = (first.min(end).max(0) as usize, first.max(end).max(0) as usize);
            let place = |n| t.char_indices().nth(n).map_or(t.len(), |(i, _)| i);
            t.get(place(skip)..place(to)).unwrap_or_default()
        })
    })
}

#[cfg(test)]
mod tests {
    use super::super::apply::tests::{call, on_text};
    use super::*;

    #[test]
    fn text_functions_count_characters() {
        for (name, args, want) in [
            ("len", &["ÀÉ"][..], "2"),
            ("lower", &["ÀÉ x"], "àé x"),
            ("upper", &["àé"], "ÀÉ"),
            ("trim", &[" \ta b\t "], "a b"),
            ("trim", &["\na\n"], "\na\n"),
            ("ltrim", &["xxax", "x"], "ax"),
            ("rtrim", &["a12", "0123456789"], "a"),
            ("urldecode", &["%41%20b+%zz%"], "A b+%zz%"),
            ("replace", &["C:\\a\\b.exe", r"(.*\\)", ""], "b.exe"),
            ("replace", &["a.b", r"\.", r"\\"], r"a\b"),
            ("substr", &["hello", "1", "3"], "hel"),
            ("substr", &["hello", "0", "3"], "he"),
            ("substr", &["hello", "0"], "hello"),
            ("substr", &["hello", "0", "-3"], ""),
            ("substr", &["hello", "2"], "ello"),
            ("substr", &["hello", "-3", "2"], "ll"),
            ("substr", &["hello", "-99", "2"], ""),
            ("substr", &["hello", "-6", "3"], "he"),
            ("substr", &["hello", "4", "-2"], "el"),
            ("substr", &["hello", "-1", "-2"], "ll"),
            ("substr", &["hello", "9"], ""),
            ("substr", &["hello", "2", "-1"], "h"),
            ("substr", &["ÀÉ", "2"], "É"),
            ("substr", &["hello", "1", "1e300"], "hello"),
        ] {
            assert_eq!(on_text(name, args).as_deref(), Some(want), "{name} {args:?}");
        }
        assert_eq!(on_text("substr", &["hello", "x"]), None);
    }

    #[test]
    fn a_part_borrows_from_its_column() {
        let held = String::from("  abc  ");
        assert!(matches!(call("trim", &[Value::text(&held)]), Value::Text(Cow::Borrowed("abc"))));
        assert_eq!(call("substr", &[Value::Number(12345.0), Value::Number(2.0)]), Value::text("2345"));
        let both = Value::multi([Value::text("a1"), Value::text("b2")]);
        assert_eq!(call("replace", &[both, Value::text(r"\d"), Value::text("")]), Value::multi([Value::text("a"), Value::text("b")]));
    }
}
