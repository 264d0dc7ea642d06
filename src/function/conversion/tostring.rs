//! `tostring` and its formats.

use super::super::Env;
use super::super::arguments::{arg, text};
use crate::column::{Value, number};

/// A format that does not fit, such as "hex" of a word, leaves the value's own text. A multivalue's values are taken one by one.
pub fn tostring<'a>(args: &[Value<'a>], _: &Env) -> Value<'a> {
    let format = text(args, 1).unwrap_or_default();
    let one = |v: &Value<'a>| {
        let special = v.as_number().and_then(|n| match format.as_ref() {
            "hex" => Some(whole(n, |n| format!("0x{n:X}"))),
            "binary" => Some(whole(n, |n| format!("{n:b}"))),
            "commas" => Some(commas(n)),
            "duration" => Some(duration(n)),
            _ => None,
        });
        special.map_or_else(|| v.clone().into_text().map_or(Value::Null, Value::Text), Value::owned)
    };
    Value::multi(arg(args, 0).each().iter().map(one))
}

/// A number without its fraction in another base; the sign goes in front.
fn whole(n: f64, digits: fn(u64) -> String) -> String {
    // Casts saturate.
    let digits = digits(n.abs() as u64);
    if n <= -1.0 { format!("-{digits}") } else { digits }
}

/// Thousands apart; two decimals where there is a fraction.
fn commas(n: f64) -> String {
    if !n.is_finite() {
        return number::format(n);
    }
    let plain = if n == n.trunc() { format!("{:.0}", n.abs()) } else { format!("{:.2}", n.abs()) };
    let negative = n < 0.0 && plain.bytes().any(|b| matches!(b, b'1'..=b'9'));
    format!("{}{}", if negative { "-" } else { "" }, grouped(&plain))
}

/// Puts commas between the thousands of decimal digits that may have a fraction.
pub fn grouped(plain: &str) -> String {
    let (whole, fraction) = plain.split_at(plain.find(['.', 'e']).unwrap_or(plain.len()));
    let mut out = String::with_capacity(plain.len() * 4 / 3 + 1);
    for (i, c) in whole.chars().enumerate() {
        if i > 0 && (whole.len() - i) % 3 == 0 {
            out.push(',');
        }
        out.push(c);
    }
    out + fraction
}

/// Seconds as `[D+]HH:MM:SS`; a number too great for that stays one.
fn duration(seconds: f64) -> String {
    let written = crate::time::duration(seconds);
    if written.is_empty() { number::format(seconds) } else { written }
}

#[cfg(test)]
mod tests {
    use super::super::super::apply::tests::call;
    use super::*;

    #[test]
    fn formats_numbers() {
        for (n, format, want) in [
            (15.0, "hex", "0xF"),
            (-255.9, "hex", "-0xFF"),
            (9.0, "binary", "1001"),
            (12345.6789, "commas", "12,345.68"),
            (1234567.0, "commas", "1,234,567"),
            (-1234567.0, "commas", "-1,234,567"),
            (-123.0, "commas", "-123"),
            (-0.001, "commas", "0.00"),
            (0.0, "commas", "0"),
            (615.0, "duration", "00:10:15"),
            (90061.0, "duration", "1+01:01:01"),
            (-1.5, "duration", "-00:00:01.500000"),
            (f64::INFINITY, "duration", "inf"),
            (f64::NAN, "commas", "nan"),
            (1.5, "other", "1.5"),
        ] {
            assert_eq!(call("tostring", &[Value::Number(n), Value::text(format)]), Value::text(want), "{n} {format}");
        }
        assert_eq!(call("tostring", &[Value::Bool(false)]), Value::text("False"));
        assert_eq!(call("tostring", &[Value::text("ab"), Value::text("hex")]), Value::text("ab"));
        assert_eq!(call("tostring", &[Value::Null]), Value::Null);
    }
}
