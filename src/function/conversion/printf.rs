//! `printf`: C's formats.
//!
//! Splunk's own flag: `'` or `,` puts commas between thousands. Arguments that lack are empty; one that does not fit its
//! conversion makes the result null.

use super::super::Env;
use super::super::arguments::{arg, text};
use super::tostring::grouped;
use crate::column::{Value, number};

/// The widest field and longest fraction: a format cannot fill the memory.
const MAX_WIDTH: usize = 4096;

/// One `%…`.
#[derive(Debug, Default)]
struct Spec {
    left: bool,
    plus: bool,
    blank: bool,
    alternate: bool,
    zero: bool,
    commas: bool,
    width: usize,
    precision: Option<usize>,
}

/// The function.
pub fn printf<'a>(args: &[Value<'a>], _: &Env) -> Value<'a> {
    text(args, 0).and_then(|format| build(&format, args.get(1..).unwrap_or_default())).into()
}

fn build(format: &str, args: &[Value<'_>]) -> Option<String> {
    let mut args = args.iter();
    let mut out = String::new();
    let mut rest = format;
    while let Some((before, after)) = rest.split_once('%') {
        out.push_str(before);
        let mut chars = after.chars();
        let mut spec = Spec::default();
        let conversion = spec.read(&mut chars, &mut args);
        rest = chars.as_str();
        match conversion {
            Some('%') => out.push('%'),
            Some(c) => spec.write(c, args.next(), &mut out)?,
            // A lone `%` at the end.
            None => out.push('%'),
        }
    }
    out.push_str(rest);
    Some(out)
}

impl Spec {
    /// Reads flags, width, precision and length letters, up to the conversion's letter.
    fn read<'v>(&mut self, chars: &mut std::str::Chars<'_>, args: &mut impl Iterator<Item = &'v Value<'v>>) -> Option<char> {
        let mut c = chars.next()?;
        loop {
            match c {
                '-' => self.left = true,
                '+' => self.plus = true,
                ' ' => self.blank = true,
                '#' => self.alternate = true,
                '0' => self.zero = true,
                '\'' | ',' => self.commas = true,
                _ => break,
            }
            c = chars.next()?;
        }
        let width = Self::count(&mut c, chars, args)?;
        self.left |= width < 0;
        self.width = (width.unsigned_abs() as usize).min(MAX_WIDTH);
        if c == '.' {
            c = chars.next()?;
            // A negative precision counts as none.
            self.precision = usize::try_from(Self::count(&mut c, chars, args)?).ok().map(|p| p.min(MAX_WIDTH));
        }
        while matches!(c, 'h' | 'l' | 'L' | 'q' | 'j') {
            c = chars.next()?;
        }
        Some(match c {
            // Other names of Splunk's.
            'z' => 's',
            'p' => 'X',
            c => c,
        })
    }

    /// A number of the format, or `*` for the next argument.
    fn count<'v>(c: &mut char, chars: &mut std::str::Chars<'_>, args: &mut impl Iterator<Item = &'v Value<'v>>) -> Option<i64> {
        if *c == '*' {
            *c = chars.next()?;
            return Some(args.next().and_then(Value::as_integer).unwrap_or(0));
        }
        let mut n: i64 = 0;
        while let Some(digit) = c.to_digit(10) {
            n = n.saturating_mul(10).saturating_add(i64::from(digit));
            *c = chars.next()?;
        }
        Some(n)
    }

    /// Appends one argument; `None` where it does not fit.
    fn write(&self, conversion: char, value: Option<&Value<'_>>, out: &mut String) -> Option<()> {
        let value = arg(value.map(std::slice::from_ref).unwrap_or_default(), 0);
        if conversion == 's' || conversion == 'c' {
            let text = match (conversion, value) {
                ('c', v) => match v.as_integer() {
                    Some(code) => u32::try_from(code).ok().and_then(char::from_u32)?.to_string(),
                    None => v.as_text().unwrap_or_default().chars().take(1).collect(),
                },
                (_, v) => v.as_text().unwrap_or_default().chars().take(self.precision.unwrap_or(usize::MAX)).collect(),
            };
            self.pad("", &text, false, out);
            return Some(());
        }
        let n = value.as_number()?;
        let whole = conversion.is_ascii_alphabetic() && !matches!(conversion.to_ascii_lowercase(), 'e' | 'f' | 'g' | 'a');
        // A zero has no prefix. Casts saturate.
        let prefixed = self.alternate && unsigned(n) != 0;
        let (body, prefix) = match conversion {
            'd' | 'i' => (format!("{:.0}", n.trunc().abs()), ""),
            'u' => (unsigned(n).to_string(), ""),
            'o' => (format!("{:o}", unsigned(n)), ""),
            'x' => (format!("{:x}", unsigned(n)), if prefixed { "0x" } else { "" }),
            'X' => (format!("{:X}", unsigned(n)), if prefixed { "0X" } else { "" }),
            _ if !n.is_finite() => (number::format(n.abs()), ""),
            'f' | 'F' => (format!("{:.*}", self.precision.unwrap_or(6), n.abs()), ""),
            'e' | 'E' => (exponent(n.abs(), self.precision.unwrap_or(6)), ""),
            'g' | 'G' => (shortest(n.abs(), self.precision.unwrap_or(6), self.alternate), ""),
            'a' | 'A' => (hexadecimal(n.abs(), self.precision), "0x"),
            _ => return None,
        };
        let digits = if whole { format!("{body:0>width$}", width = self.precision.unwrap_or(1)) } else { body };
        let digits = match (conversion, self.precision) {
            // No digits at all are asked for, and zero needs none.
            ('d' | 'i' | 'u' | 'o' | 'x' | 'X', Some(0)) if digits == "0" => String::new(),
            _ => digits,
        };
        let digits = if conversion == 'o' && self.alternate && !digits.starts_with('0') { format!("0{digits}") } else { digits };
        // The alternate form of a fraction always has its point.
        let digits = match conversion {
            'f' | 'F' | 'e' | 'E' | 'g' | 'G' | 'a' | 'A' if self.alternate && n.is_finite() && !digits.contains('.') => {
                let (whole, rest) = digits.split_at(digits.find(['e', 'p']).unwrap_or(digits.len()));
                format!("{whole}.{rest}")
            }
            _ => digits,
        };
        let digits = if self.commas && matches!(conversion, 'd' | 'i' | 'u' | 'f' | 'F' | 'g' | 'G') { grouped(&digits) } else { digits };
        let signed = !matches!(conversion, 'u' | 'o' | 'x' | 'X');
        let sign = match signed {
            true if n.is_sign_negative() && (!whole || n <= -1.0) => "-",
            true if self.plus => "+",
            true if self.blank => " ",
            _ => "",
        };
        let upper = matches!(conversion, 'E' | 'G' | 'A' | 'F');
        let head = format!("{sign}{prefix}");
        let (head, digits) = if upper { (head.to_uppercase(), digits.to_uppercase()) } else { (head, digits) };
        // For whole numbers a precision switches `0` off.
        self.pad(&head, &digits, self.zero && n.is_finite() && !(whole && self.precision.is_some()), out);
        Some(())
    }

    /// Appends sign and digits in a field of the width.
    fn pad(&self, head: &str, body: &str, zeros: bool, out: &mut String) {
        let fill = self.width.saturating_sub(head.len() + body.chars().count());
        let blanks = |n: usize| " ".repeat(n);
        match (self.left, zeros) {
            (true, _) => out.extend([head, body, &blanks(fill)]),
            (false, true) => out.extend([head, &"0".repeat(fill), body]),
            (false, false) => out.extend([&blanks(fill), head, body]),
        }
    }
}

/// As C has it: a negative number is its two's complement.
fn unsigned(n: f64) -> u64 {
    if n < 0.0 { (n as i64) as u64 } else { n as u64 }
}

/// `d.ddde+XX`.
fn exponent(n: f64, precision: usize) -> String {
    let plain = format!("{n:.precision$e}");
    let (mantissa, power) = plain.split_once('e').unwrap_or((&plain, "0"));
    let (sign, power) = power.strip_prefix('-').map_or(('+', power), |p| ('-', p));
    format!("{mantissa}e{sign}{power:0>2}")
}

/// The shorter of `f` and `e` with that many significant digits; zeros at the end go unless kept.
fn shortest(n: f64, precision: usize, keep: bool) -> String {
    let digits = precision.max(1);
    let scientific = exponent(n, digits - 1);
    let power: i64 = scientific.split_once('e').and_then(|(_, p)| p.parse().ok()).unwrap_or(0);
    let strip = |t: &str| if keep || !t.contains('.') { t.to_string() } else { t.trim_end_matches('0').trim_end_matches('.').to_string() };
    if power < -4 || power >= digits as i64 {
        return scientific.split_once('e').map_or_else(|| scientific.clone(), |(mantissa, p)| format!("{}e{p}", strip(mantissa)));
    }
    let decimals = usize::try_from(digits as i64 - 1 - power).unwrap_or(0);
    strip(&format!("{n:.decimals$}"))
}

/// The digits of `%a` behind `0x`: `1.8p+1`.
fn hexadecimal(n: f64, precision: Option<usize>) -> String {
    let bits = n.to_bits();
    let (raw, mut fraction) = ((bits >> 52) & 0x7FF, bits & ((1 << 52) - 1));
    let mut lead = u64::from(raw > 0);
    let power = if n == 0.0 { 0 } else { raw.max(1) as i64 - 1023 };
    if let Some(keep) = precision.filter(|p| *p < 13) {
        // Round half to even at the digit kept.
        let drop = 52 - 4 * keep as u32;
        let all = (lead << 52) | fraction;
        let (half, rest) = (1u64 << (drop - 1), all & ((1u64 << drop) - 1));
        let up = rest > half || (rest == half && (all >> drop) & 1 == 1);
        let rounded = ((all >> drop) + u64::from(up)) << drop;
        (lead, fraction) = (rounded >> 52, rounded & ((1 << 52) - 1));
    }
    let digits = format!("{fraction:013x}");
    let digits = match precision {
        Some(p) => format!("{digits:0<p$}").chars().take(p).collect(),
        None => digits.trim_end_matches('0').to_string(),
    };
    format!("{lead}{}{digits}p{power:+}", if digits.is_empty() { "" } else { "." })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn formats_as_c_does() {
        let n = Value::Number;
        let t = Value::text;
        for (format, args, want) in [
            ("%05d", &[n(42.0)][..], Some("00042")),
            ("%+d % d %d", &[n(1.0), n(2.0), n(-3.9)], Some("+1  2 -3")),
            ("%-5d|%5s|%-5s|", &[n(1.0), t("ab"), t("cd")], Some("1    |   ab|cd   |")),
            ("%.3d", &[n(7.0)], Some("007")),
            ("%'d %,.1f", &[n(1234567.0), n(9876.54)], Some("1,234,567 9,876.5")),
            ("%x %X %#x %o %#o", &[n(255.0), n(255.0), n(255.0), n(8.0), n(8.0)], Some("ff FF 0xff 10 010")),
            ("%x", &[n(-1.0)], Some("ffffffffffffffff")),
            ("%f %.2f %08.3f", &[n(1.5), n(2.345678), n(-3.24159)], Some("1.500000 2.35 -003.242")),
            ("%e %.1E", &[n(12345.678), n(0.00012)], Some("1.234568e+04 1.2E-04")),
            ("%g %g %g %G", &[n(100000.0), n(1e6), n(0.0001), n(1e-10)], Some("100000 1e+06 0.0001 1E-10")),
            ("%a %a %.1a", &[n(3.0), n(0.0), n(1.999)], Some("0x1.8p+1 0x0p+0 0x2.0p+0")),
            ("%c%c", &[n(65.0), t("xyz")], Some("Ax")),
            ("%*d|%-*d|%.*f", &[n(4.0), n(7.0), n(3.0), n(7.0), n(1.0), n(2.55)], Some("   7|7  |2.5")),
            ("%s %.2s %s", &[n(1.5), t("abc"), Value::Null], Some("1.5 ab ")),
            ("100%% %", &[], Some("100% %")),
            ("%ld", &[n(5.0)], Some("5")),
            ("%s%z", &[t("foo"), t("bar")], Some("foobar")),
            ("%x,%X,%p", &[n(10.0), n(10.0), n(10.0)], Some("a,A,A")),
            ("%#.0f %#.0e %#g %#a", &[n(3.0), n(3.0), n(2.0), n(1.0)], Some("3. 3.e+00 2.00000 0x1.p+0")),
            ("%d", &[t("7")], Some("7")),
            ("%d", &[t("x")], None),
            ("%d", &[], None),
            ("%y", &[n(1.0)], None),
            ("%f %d", &[n(f64::INFINITY), n(1.0)], Some("inf 1")),
        ] {
            assert_eq!(build(format, args).as_deref(), want, "{format} {args:?}");
        }
        assert_eq!(build("%99999999999999999999d", &[n(1.0)]).map(|t| t.len()), Some(MAX_WIDTH));
        assert_eq!(build("%.999999999f", &[n(1.0)]).map(|t| t.len()), Some(MAX_WIDTH + 2));
    }

    proptest::proptest! {
        #[test]
        fn no_format_can_panic(format in r"(%[-+ #0',*.0-9l]{0,6}[dioxXufFeEgGaAcspz%é]|x){0,4}", n in proptest::num::f64::ANY) {
            let _ = build(&format, &[Value::Number(n), Value::Number(n), Value::Number(n)]);
        }
    }
}
