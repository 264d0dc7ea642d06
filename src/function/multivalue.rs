//! Multivalue functions.

use super::arguments::{ready, single};
use super::{Chapter, Env, Function, Kernel, Ready};
use crate::card::Example;
use crate::column::Value;
use crate::column::cast::join;
use crate::regex::Regex;
use crate::time::{Modifier, Span};
use std::borrow::Cow;
use std::collections::HashSet;

const BASE: Function = Function::base(Chapter::Multivalue, file!());

/// The chapter.
pub const LIST: &[Function] = &[
    Function {
        name: "commands",
        summary: "The commands that a search string uses, in order.",
        syntax: "commands(<search>)",
        examples: &[Example { spl: r#"commands("search foo | stats count | sort count")"#, shows: "search, stats, sort" }],
        kernel: Kernel::Strict(commands),
        ..BASE
    },
    Function {
        name: "mvappend",
        summary: "One multivalue of all values of the arguments.",
        syntax: "mvappend(<values>, ...)",
        arity: (1, usize::MAX),
        examples: &[Example { spl: r#"mvappend(split("a,b", ","), "c")"#, shows: "a, b, c" }],
        kernel: Kernel::Lenient(mvappend),
        ..BASE
    },
    Function {
        name: "mvcount",
        summary: "Number of values; null without any.",
        syntax: "mvcount(<mv>)",
        examples: &[Example { spl: r#"mvcount(split("x,y,z", ","))"#, shows: "3" }],
        kernel: Kernel::Strict(mvcount),
        ..BASE
    },
    Function {
        name: "mvdedup",
        summary: "The values without repetitions, each where it came first.",
        syntax: "mvdedup(<mv>)",
        examples: &[Example { spl: r#"mvdedup(split("x,y,x", ","))"#, shows: "x, y" }],
        kernel: Kernel::Strict(mvdedup),
        ..BASE
    },
    Function {
        name: "mvfilter",
        summary: "The values of the one field in the predicate for which it is true.",
        syntax: "mvfilter(<predicate>)",
        examples: &[],
        kernel: Kernel::Form,
        ..BASE
    },
    Function {
        name: "mvfind",
        summary: "Place of the first value that the regular expression matches, from 0.",
        syntax: "mvfind(<mv>, <regex>)",
        arity: (2, 2),
        examples: &[Example { spl: r#"mvfind(split("cat,dog,cow", ","), "^.o")"#, shows: "1" }],
        kernel: Kernel::Prepared(mvfind),
        ..BASE
    },
    Function {
        name: "mvindex",
        summary: "The value at a place, or those of a range, ends included; places count from 0, from the end when negative. A range gives what lies within it, so that `0, 9` are the first ten or all where there are fewer.",
        syntax: "mvindex(<mv>, <start>, [<end>])",
        arity: (2, 3),
        examples: &[
            Example { spl: r#"mvindex(split("w,x,y,z", ","), 1, 2)"#, shows: "x, y" },
            Example { spl: r#"mvindex(split("a;b", ";"), -1)"#, shows: "b" },
        ],
        kernel: Kernel::Strict(mvindex),
        ..BASE
    },
    Function {
        name: "mvjoin",
        summary: "The values as one text with a delimiter between.",
        syntax: "mvjoin(<mv>, <delimiter>)",
        arity: (2, 2),
        examples: &[Example { spl: r#"mvjoin(split("a;b", ";"), "+")"#, shows: "a+b" }],
        kernel: Kernel::Between(mvjoin, 1),
        ..BASE
    },
    Function {
        name: "mvmap",
        summary: "The expression over each value of the one field in it.",
        syntax: "mvmap(<mv>, <expression>)",
        arity: (2, 2),
        examples: &[],
        kernel: Kernel::Form,
        ..BASE
    },
    Function {
        name: "mvrange",
        summary: "Numbers from a start up to below an end, by a step that may be a time span.",
        syntax: "mvrange(<start>, <end>, [<step>])",
        arity: (2, 3),
        examples: &[Example { spl: "mvrange(1, 11, 2)", shows: "1, 3, 5, 7, 9" }, Example { spl: r#"mvrange(0, 200000, "1d")"#, shows: "0, 86400, 172800" }],
        kernel: Kernel::Strict(mvrange),
        ..BASE
    },
    Function {
        name: "mvreverse",
        summary: "The values from the last to the first.",
        syntax: "mvreverse(<mv>)",
        examples: &[Example { spl: r#"mvreverse(split("1,2,3", ","))"#, shows: "3, 2, 1" }],
        kernel: Kernel::Strict(|args, _| Value::multi(args.first().into_iter().flat_map(|v| v.each()).rev().cloned())),
        ..BASE
    },
    Function {
        name: "mvsort",
        summary: "The values in the order of texts.",
        syntax: "mvsort(<mv>)",
        examples: &[Example { spl: r#"mvsort(split("b;10;a;9", ";"))"#, shows: "10, 9, a, b" }],
        kernel: Kernel::Strict(mvsort),
        ..BASE
    },
    Function {
        name: "mvzip",
        summary: "The first values of both joined by a delimiter (a comma unless given), then the second, and so on.",
        syntax: "mvzip(<mv_left>, <mv_right>, [<delimiter>])",
        arity: (2, 3),
        examples: &[Example { spl: r#"mvzip(split("a;b", ";"), split("1;2;3", ";"), "=")"#, shows: "a=1, b=2" }],
        kernel: Kernel::Between(mvzip, 2),
        ..BASE
    },
    Function {
        name: "split",
        summary: "The parts of a text between delimiters; its characters when the delimiter is empty.",
        syntax: "split(<str>, <delimiter>)",
        arity: (2, 2),
        examples: &[Example { spl: r#"split("a;b;;c", ";")"#, shows: "a, b, , c" }],
        kernel: Kernel::Strict(split),
        ..BASE
    },
];

/// The most values that one call makes; asked for more it gives null.
const MOST: f64 = 1_000_000.0;

/// First words of the stages. Pipes in quotes and in subsearches divide nothing.
fn commands<'a>(args: &[Value<'a>], _: &Env) -> Value<'a> {
    let Some(search) = single(args.first()) else { return Value::Null };
    let (mut quoted, mut escaped, mut depth) = (false, false, 0usize);
    let divides = |c: char| {
        if std::mem::take(&mut escaped) {
            return false;
        }
        match c {
            '\\' => escaped = true,
            '"' => quoted = !quoted,
            '[' if !quoted => depth += 1,
            ']' if !quoted => depth = depth.saturating_sub(1),
            _ => {}
        }
        c == '|' && !quoted && depth == 0
    };
    Value::multi(search.split(divides).filter_map(|stage| stage.split_whitespace().next()).map(Value::owned))
}

fn mvappend<'a>(args: &[Value<'a>], _: &Env) -> Value<'a> {
    Value::multi(args.iter().cloned())
}

fn mvcount<'a>(args: &[Value<'a>], _: &Env) -> Value<'a> {
    args.first().map(|v| v.count() as f64).into()
}

/// Values are the same when their texts are.
fn mvdedup<'a>(args: &[Value<'a>], _: &Env) -> Value<'a> {
    let mut seen = HashSet::new();
    let all = args.first().into_iter().flat_map(|v| v.each());
    Value::multi(all.filter(|v| seen.insert(v.as_text())).cloned())
}

fn mvfind(args: &[Option<Value<'static>>], _: &Env) -> Result<Ready, (usize, String)> {
    let find = |all: Option<&Value<'_>>, regex: &Regex| {
        let place = all.and_then(|v| v.each().iter().position(|v| v.as_text().is_some_and(|t| regex.is_match(&t))));
        Value::from(place.map(|i| i as f64))
    };
    match args.get(1).and_then(Option::as_ref).map(|p| single(Some(p))) {
        Some(None) => Ok(ready(|_, _| Value::Null)),
        Some(Some(pattern)) => {
            let regex = Regex::new(&pattern).map_err(|e| (1, e))?;
            Ok(ready(move |args, _| find(args.first(), &regex)))
        }
        None => Ok(ready(move |args, _| match single(args.get(1)).and_then(|p| Regex::new(&p).ok()) {
            Some(regex) => find(args.first(), &regex),
            None => Value::Null,
        })),
    }
}

/// A single place outside gives null. A range gives what lies within, null where nothing does.
fn mvindex<'a>(args: &[Value<'a>], _: &Env) -> Value<'a> {
    let Some(all) = args.first().map(Value::each) else { return Value::Null };
    let len = all.len() as i64;
    let place = |v: &Value<'_>| v.as_integer().map(|i| if i < 0 { i.saturating_add(len) } else { i });
    let Some(start) = args.get(1).and_then(place) else { return Value::Null };
    match args.get(2).map(place) {
        None => usize::try_from(start).ok().and_then(|i| all.get(i)).cloned().unwrap_or_default(),
        Some(None) => Value::Null,
        Some(Some(end)) => {
            let (from, to) = (start.clamp(0, len), end.saturating_add(1).clamp(0, len));
            Value::multi(all.get(from as usize..to as usize).unwrap_or_default().iter().cloned())
        }
    }
}

fn mvjoin<'a>(args: &[Value<'a>], _: &Env) -> Value<'a> {
    match (args.first(), single(args.get(1))) {
        (Some(all), Some(delimiter)) => Value::owned(join(all.each(), &delimiter)),
        _ => Value::Null,
    }
}

/// A negative step counts down to above the end. A time span steps by the calendar: `1d` keeps the local time of day.
fn mvrange<'a>(args: &[Value<'a>], env: &Env) -> Value<'a> {
    let (Some(start), Some(end)) = (args.first().and_then(Value::as_number), args.get(1).and_then(Value::as_number)) else {
        return Value::Null;
    };
    let number = args.get(2).map_or(Some(1.0), Value::as_number);
    let span = single(args.get(2)).and_then(|t| Some((Span::parse(&t)?, Modifier::parse(&format!("+{t}")).ok()?)));
    let step = match (number, &span) {
        (Some(step), _) => step,
        (None, Some((span, _))) => span.seconds(),
        (None, None) => return Value::Null,
    };
    let count = ((end - start) / step).ceil();
    if count > MOST {
        env.ceilings.range_was_too_long();
        return Value::Null;
    }
    // Not a number, or no values.
    if count.is_nan() || count <= 0.0 {
        return Value::Null;
    }
    if number.is_some() {
        return Value::multi((0..count as u32).map(|i| Value::Number(start + f64::from(i) * step)));
    }
    let next = |at: &f64| span.as_ref().map(|(_, step)| step.apply(*at, &env.zone)).filter(|next| next > at);
    let times = std::iter::successors(Some(start), next).take_while(|at| *at < end).take(MOST as usize);
    Value::multi(times.map(Value::Number))
}

fn mvsort<'a>(args: &[Value<'a>], _: &Env) -> Value<'a> {
    let mut all = args.first().map(|v| v.each().to_vec()).unwrap_or_default();
    all.sort_by(|a, b| a.as_text().cmp(&b.as_text()));
    Value::multi(all)
}

/// Values that the other side has no partner for are left out.
fn mvzip<'a>(args: &[Value<'a>], _: &Env) -> Value<'a> {
    let [left, right, ..] = args else { return Value::Null };
    let delimiter = if args.len() > 2 { single(args.get(2)) } else { Some(",".into()) };
    let Some(delimiter) = delimiter else { return Value::Null };
    let text = |v: &Value<'a>| v.as_text().unwrap_or_default().into_owned();
    Value::multi(left.each().iter().zip(right.each()).map(|(l, r)| Value::owned(text(l) + &delimiter + &text(r))))
}

/// The parts borrow from the column where the text does.
fn split<'a>(args: &[Value<'a>], _: &Env) -> Value<'a> {
    let Some(delimiter) = single(args.get(1)) else { return Value::Null };
    match args.first() {
        Some(Value::Text(Cow::Borrowed(text))) => Value::multi(parts(text, &delimiter).into_iter().map(Value::text)),
        other => single(other).map_or(Value::Null, |text| Value::multi(parts(&text, &delimiter).into_iter().map(Value::owned))),
    }
}

/// At least one part, which is empty for an empty text.
fn parts<'t>(text: &'t str, delimiter: &str) -> Vec<&'t str> {
    match delimiter {
        _ if text.is_empty() => vec![text],
        "" => text.split_inclusive(|_: char| true).collect(),
        _ => text.split(delimiter).collect(),
    }
}

#[cfg(test)]
mod tests {
    use super::super::testing::{check, shows};

    #[test]
    fn unhappy_arguments() {
        check(super::LIST);
        for (spl, want) in [
            (r#"commands("index=a [search b | head 1] | eval x=\"p|q\" || stats count")"#, "index=a, eval, stats"),
            (r#"commands("")"#, "null"),
            (r#"mvappend(null(), "a", null())"#, "a"),
            ("mvcount(null())", "null"),
            ("mvcount(5)", "1"),
            (r#"mvdedup(mvappend(1, "1", 2))"#, "1, 2"),
            (r#"mvfind(split("a;b", ";"), "z")"#, "null"),
            (r#"mvfind(split("a;bb", ";"), "^b+$")"#, "1"),
            (r#"mvindex("a", 0)"#, "a"),
            (r#"mvindex(split("a;b", ";"), 2)"#, "null"),
            (r#"mvindex(split("a;b", ";"), -3)"#, "null"),
            (r#"mvindex(split("a;b;c", ";"), 1, 99)"#, "b, c"),
            (r#"mvindex(split("a;b;c", ";"), -2, -1)"#, "b, c"),
            (r#"mvindex(split("a;b;c", ";"), 2, 1)"#, "null"),
            (r#"mvindex(split("a;b;c", ";"), 0, -2)"#, "a, b"),
            (r#"mvindex(split("a;b", ";"), "x")"#, "null"),
            (r#"mvjoin("a", ",")"#, "a"),
            (r#"mvjoin("a", split("1,2", ","))"#, "null"),
            ("mvrange(1.5, 4)", "1.5, 2.5, 3.5"),
            ("mvrange(5, 1)", "null"),
            ("mvrange(5, 1, -2)", "5, 3"),
            ("mvrange(1, 5, 0)", "null"),
            ("mvrange(0, 1000001)", "null"),
            (r#"mvrange(0, 9, "1x")"#, "null"),
            (r#"mvrange(0, 9000000000, "1s")"#, "null"),
            (r#"mvzip("a", split("1,2", ","))"#, "a,1"),
            (r#"split("", ",")"#, ""),
            (r#"split("aéc", "")"#, "a, é, c"),
            (r#"split(split("a;b", ";"), ";")"#, "null"),
            (r#"split("a,b", ";")"#, "a,b"),
        ] {
            assert_eq!(shows(spl), want, "{spl}");
        }
    }
}
