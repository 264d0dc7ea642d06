//! The functions of convert.
//!
//! Where the documentation does not say what becomes of a value that a function cannot read: one that makes a number of it
//! (`mktime`, `dur2sec`, `mstime`, `memk`, `num`) removes it; one that only trims it (`rmcomma`, `rmunit`) and `ctime` leave it.

use super::Context;
use crate::column::{Column, Value, number};
use crate::plan::Conversion;
use crate::time::{Format, Pattern, mstime, parse_duration};
use std::sync::Arc;

/// A column converted. `auto` looks at all values at once.
pub fn convert(column: &Arc<Column>, conversion: &Conversion, cx: &Context) -> Arc<Column> {
    let env = &cx.env;
    let converted = match conversion {
        Conversion::None => return column.clone(),
        Conversion::Auto => {
            let all = (0..column.len()).all(|i| column.get(i).each().iter().all(|v| v.as_number().is_some()));
            return if all { convert(column, &Conversion::Num, cx) } else { column.clone() };
        }
        Conversion::Ctime(format) => {
            let format = Format::parse(format);
            let text = |n: f64| {
                let mut out = String::new();
                format.write(n, &env.zone, &mut out).map(|()| out)
            };
            // A multivalue is no number, and so stays.
            column.map(|v| match v.as_number().and_then(text) {
                Some(text) => Value::owned(text),
                None => v,
            })
        }
        Conversion::Mktime(format) => {
            let format = Pattern::parse(format);
            numbers(column, |t| format.read(t, &env.zone, env.now))
        }
        Conversion::Num => numbers(column, number::parse),
        Conversion::Dur2sec => numbers(column, parse_duration),
        Conversion::Mstime => numbers(column, mstime),
        Conversion::Memk => numbers(column, memk),
        Conversion::Rmcomma => column.map(|v| each(v, &|t| t.contains(',').then(|| numeric(&t.replace(',', ""))))),
        Conversion::Rmunit => column.map(|v| each(v, &|t| leading(t).map(|(n, _)| Value::Number(n)))),
    };
    Arc::new(converted)
}

/// Every value read as a number; those that are none go.
fn numbers(column: &Column, read: impl Fn(&str) -> Option<f64>) -> Column {
    let one = |v: &Value<'_>| v.as_text().and_then(|t| read(&t)).map_or(Value::Null, Value::Number);
    column.map(|v| match v {
        Value::Multi(all) => Value::multi(all.iter().map(one)),
        v => one(&v),
    })
}

/// Every single value for which the function has another.
fn each<'v>(value: Value<'v>, change: &impl Fn(&str) -> Option<Value<'static>>) -> Value<'v> {
    match value {
        Value::Multi(all) => Value::multi(all.into_iter().map(|v| each(v, change))),
        one => match one.as_text().and_then(|t| change(&t)) {
            Some(new) => new,
            None => one,
        },
    }
}

fn numeric(text: &str) -> Value<'static> {
    number::parse(text).map_or_else(|| Value::owned(text), Value::Number)
}

/// A size as kilobytes: a number with `k`, `m` or `g` behind it; without a letter it is kilobytes.
fn memk(text: &str) -> Option<f64> {
    let (n, unit) = leading(text)?;
    let factor = match unit.to_ascii_lowercase().as_str() {
        "" | "k" => 1.0,
        "m" => 1024.0,
        "g" => 1024.0 * 1024.0,
        _ => return None,
    };
    Some(n * factor)
}

/// The number that a text begins with, without an exponent, and what follows it.
fn leading(text: &str) -> Option<(f64, &str)> {
    let text = text.trim();
    let mut dot = false;
    let in_number = |(i, c): (usize, char)| match c {
        '0'..='9' => true,
        '-' | '+' => i == 0,
        '.' => !std::mem::replace(&mut dot, true),
        _ => false,
    };
    let end = text.char_indices().map(in_number).take_while(|is| *is).count();
    // All characters so far are ASCII: their number is their length.
    let (digits, rest) = text.split_at_checked(end)?;
    Some((number::parse(digits)?, rest))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::operator::testing::context;

    fn one(conversion: Conversion, text: &str) -> Value<'static> {
        let column: Arc<Column> = Arc::new([Value::text(text)].into_iter().collect());
        convert(&column, &conversion, &context()).get(0).into_owned()
    }

    #[test]
    fn converts_single_values() {
        use Conversion::*;
        let n = Value::Number;
        let t = |s: &str| Value::owned(s);
        let ctime = || Ctime("%m/%d/%Y %H:%M:%S".into());
        for (conversion, text, want) in [
            (Auto, "42", n(42.0)),
            (Auto, "4x", t("4x")),
            (Num, "4x", Value::Null),
            (None, "42", t("42")),
            (ctime(), "0", t("01/01/1970 00:00:00")),
            (ctime(), "soon", t("soon")),
            (ctime(), "1e300", t("1e300")),
            (Mktime("%Y-%m-%d".into()), "1970-01-02", n(86400.0)),
            (Mktime("%Y-%m-%d".into()), "never", Value::Null),
            (Dur2sec, "1+00:00:10", n(86410.0)),
            (Dur2sec, "01:00:00", n(3600.0)),
            (Dur2sec, "x", Value::Null),
            (Mstime, "03:45", n(225.0)),
            (Mstime, "01.5", n(1.5)),
            (Memk, "100", n(100.0)),
            (Memk, "-100m", n(-102400.0)),
            (Memk, "1G", n(1048576.0)),
            (Memk, "1t", Value::Null),
            (Rmcomma, "1,234,567.89", n(1234567.89)),
            (Rmcomma, "a,b", t("ab")),
            (Rmunit, "329.45abc", n(329.45)),
            (Rmunit, "+21 cm", n(21.0)),
            (Rmunit, "1.2.3", n(1.2)),
            (Rmunit, "abc", t("abc")),
            (Rmunit, "5é", n(5.0)),
            (Rmunit, "-", t("-")),
        ] {
            assert_eq!(one(conversion.clone(), text), want, "{conversion:?} {text}");
        }
    }

    #[test]
    fn auto_is_all_or_nothing_and_ctime_leaves_multivalues() {
        let many = || Value::multi([Value::text("1"), Value::text("2")]);
        let mixed: Arc<Column> = Arc::new([Value::text("1"), Value::text("x")].into_iter().collect());
        assert_eq!(convert(&mixed, &Conversion::Auto, &context()).get(0), Value::text("1"));
        assert_eq!(convert(&mixed, &Conversion::Num, &context()).get(0), Value::Number(1.0));
        let multi: Arc<Column> = Arc::new([many(), Value::Null].into_iter().collect());
        assert_eq!(convert(&multi, &Conversion::Ctime("%s".into()), &context()).get(0), many());
        assert_eq!(convert(&multi, &Conversion::Auto, &context()).get(0).count(), 2);
        assert!(convert(&multi, &Conversion::Auto, &context()).is_null(1));
    }
}
