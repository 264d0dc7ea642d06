//! Date and time functions.

use super::arguments::{ready, single};
use super::{Chapter, Env, Function, Kernel, Ready};
use crate::card::Example;
use crate::column::Value;
use crate::time::{Format, Modifier, Pattern};

const BASE: Function = Function::base(Chapter::Time, file!());

/// The chapter.
pub const LIST: &[Function] = &[
    Function {
        name: "now",
        summary: "When the search started, in whole seconds since 1970.",
        syntax: "now()",
        arity: (0, 0),
        examples: &[Example { spl: "now()", shows: "1700000000" }],
        kernel: Kernel::Lenient(now),
        ..BASE
    },
    Function {
        name: "relative_time",
        summary: "The time moved by a modifier such as -1d@d.",
        syntax: "relative_time(<time>, <modifier>)",
        arity: (2, 2),
        examples: &[Example { spl: r#"relative_time(1700000000, "-1d@d")"#, shows: "1699833600" }],
        kernel: Kernel::Prepared(relative_time),
        ..BASE
    },
    Function {
        name: "strftime",
        summary: "A time as text by a format.",
        syntax: "strftime(<time>, <format>)",
        arity: (2, 2),
        examples: &[Example { spl: r#"strftime(86400, "%d.%m.%Y %H:%M")"#, shows: "02.01.1970 00:00" }],
        kernel: Kernel::Prepared(strftime),
        ..BASE
    },
    Function {
        name: "strptime",
        summary: "The time that a text says by a format; null where it does not fit.",
        syntax: "strptime(<str>, <format>)",
        arity: (2, 2),
        examples: &[
            Example { spl: r#"strptime("1970-01-02 00:00:01", "%Y-%m-%d %H:%M:%S")"#, shows: "86401" },
            Example { spl: r#"strptime("soon", "%Y")"#, shows: "null" },
        ],
        kernel: Kernel::Prepared(strptime),
        ..BASE
    },
    Function {
        name: "time",
        summary: "The time of day with fractions of a second; here that of the start of the search, so that results repeat.",
        syntax: "time()",
        arity: (0, 0),
        examples: &[Example { spl: "time()", shows: "1700000000.25" }],
        kernel: Kernel::Lenient(time),
        ..BASE
    },
];

fn now<'a>(_: &[Value<'a>], env: &Env) -> Value<'a> {
    Value::Number(env.now.floor())
}

fn time<'a>(_: &[Value<'a>], env: &Env) -> Value<'a> {
    Value::Number(env.now)
}

/// A function whose second argument is read once where it is a literal. `run` gets what was read and the first argument.
fn prepare<T: Send + Sync + 'static>(
    args: &[Option<Value<'static>>],
    read: fn(&str) -> Result<T, String>,
    run: impl Fn(&T, &Value<'_>, &Env) -> Value<'static> + Send + Sync + 'static,
) -> Result<Ready, (usize, String)> {
    match args.get(1).and_then(Option::as_ref).map(|v| single(Some(v))) {
        Some(None) => Ok(ready(|_, _| Value::Null)),
        Some(Some(text)) => {
            let how = read(&text).map_err(|e| (1, e))?;
            Ok(ready(move |args, env| args.first().map_or(Value::Null, |v| run(&how, v, env))))
        }
        None => Ok(ready(move |args, env| match (args.first(), single(args.get(1)).and_then(|t| read(&t).ok())) {
            (Some(v), Some(how)) => run(&how, v, env),
            _ => Value::Null,
        })),
    }
}

fn relative_time(args: &[Option<Value<'static>>], _: &Env) -> Result<Ready, (usize, String)> {
    let read = |text: &str| Modifier::parse(text).map_err(|e| e.to_string());
    prepare(args, read, |modifier, v, env| v.as_number().map(|t| modifier.apply(t, &env.zone)).into())
}

fn strftime(args: &[Option<Value<'static>>], _: &Env) -> Result<Ready, (usize, String)> {
    prepare(
        args,
        |text| Ok(Format::parse(text)),
        |format, v, env| {
            let mut out = String::new();
            v.as_number().and_then(|t| format.write(t, &env.zone, &mut out)).map(|()| out).into()
        },
    )
}

fn strptime(args: &[Option<Value<'static>>], _: &Env) -> Result<Ready, (usize, String)> {
    prepare(args, |text| Ok(Pattern::parse(text)), |pattern, v, env| single(Some(v)).and_then(|t| pattern.read(&t, &env.zone, env.now)).into())
}

#[cfg(test)]
mod tests {
    use super::super::testing::{check, shows};
    use super::*;

    #[test]
    fn unhappy_arguments() {
        check(LIST);
        for (spl, want) in [
            (r#"strftime("x", "%Y")"#, "null"),
            (r#"strftime(null(), "%Y")"#, "null"),
            (r#"strftime("0", "%H")"#, "00"),
            (r#"strftime(split("1,2", ","), "%H")"#, "null"),
            (r#"strptime("2024-02-30", "%Y-%m-%d")"#, "null"),
            (r#"strptime(20240102, "%Y%m%d")"#, "1704153600"),
            (r#"relative_time("x", "@d")"#, "null"),
            (r#"strftime(0, null())"#, "null"),
        ] {
            assert_eq!(shows(spl), want, "{spl}");
        }
    }

    #[test]
    fn a_literal_that_is_no_modifier_is_an_error() {
        let error = relative_time(&[None, Some(Value::text("-1parsec"))], &Env::default()).err();
        assert!(error.is_some_and(|(argument, message)| argument == 1 && !message.is_empty()));
    }
}
