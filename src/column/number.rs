//! Numbers as text and text as numbers, the way Splunk reads and prints them.

/// The number that a text is, or `None`. Decimal notation with optional sign, fraction and exponent; blanks around it are
/// accepted, hexadecimal, `inf` and `nan` are text.
pub fn parse(text: &str) -> Option<f64> {
    if let Some(n) = plain(text.as_bytes()) {
        return Some(n);
    }
    let t = text.trim_matches(' ');
    let (first, last) = (*t.as_bytes().first()?, *t.as_bytes().last()?);
    if !(first.is_ascii_digit() || matches!(first, b'-' | b'+' | b'.')) || !(last.is_ascii_digit() || last == b'.') {
        return None;
    }
    t.parse::<f64>().ok().filter(|n| n.is_finite())
}

/// The number that digits are, with a point among them or without, as long as the digits are few enough: both they and the power of ten that
/// divides them are then exact, and so is the rounding of the quotient (W. Clinger, "How to read floating point numbers accurately",
/// 1990). `None` for all else.
pub fn plain(text: &[u8]) -> Option<f64> {
    /// Powers of ten that a number holds exactly, as many as there may be digits.
    const POWERS: [f64; 18] = [1e0, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9, 1e10, 1e11, 1e12, 1e13, 1e14, 1e15, 1e16, 1e17];
    const EXACT: u64 = 1 << f64::MANTISSA_DIGITS;
    if text.len() > POWERS.len() {
        return None;
    }
    let (mut digits, mut count, mut point) = (0, 0, None);
    for byte in text {
        match byte {
            b'0'..=b'9' => (digits, count) = (digits * 10 + u64::from(byte - b'0'), count + 1),
            b'.' if point.is_none() => point = Some(count),
            _ => return None,
        }
    }
    let power = POWERS.get(count - point.unwrap_or(count))?;
    (count > 0 && digits <= EXACT).then(|| digits as f64 / power)
}

/// The bits of a number, to look it up by: the same for both zeros.
pub fn bits(n: f64) -> u64 {
    if n == 0.0 { 0 } else { n.to_bits() }
}

/// A number as Splunk prints it: whole numbers without a fraction, others in the shortest form that reads back the same.
pub fn format(n: f64) -> String {
    let mut out = String::new();
    write(n, &mut out);
    out
}

/// Appends a number as [`format`] prints it.
pub fn write(n: f64, out: &mut String) {
    use std::fmt::Write;
    // Writing to a String cannot fail.
    let _ = if n.is_nan() {
        out.write_str("nan")
    } else if n.is_infinite() {
        out.write_str(if n > 0.0 { "inf" } else { "-inf" })
    } else if n == n.trunc() && n.abs() < 1e15 {
        write!(out, "{}", n as i64)
    } else if n != 0.0 && (n.abs() < 1e-5 || n.abs() >= 1e21) {
        write!(out, "{n:e}")
    } else {
        write!(out, "{n}")
    };
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        /// Read quickly or not, it is the same number.
        #[test]
        fn plain_numbers(text in r"[0-9]{0,12}\.?[0-9]{0,9}|0{0,4}9007199254740[0-9]{3}") {
            let wanted = text.parse::<f64>().ok();
            prop_assert!(plain(text.as_bytes()).is_none_or(|n| Some(n) == wanted), "{}", text);
            prop_assert_eq!(parse(&text), wanted);
        }
    }

    #[test]
    fn reads_what_splunk_calls_a_number() {
        for (text, want) in [
            ("10", Some(10.0)),
            ("-1.5", Some(-1.5)),
            (" 7 ", Some(7.0)),
            ("1e3", Some(1000.0)),
            (".5", Some(0.5)),
            ("5.", Some(5.0)),
            ("007", Some(7.0)),
            ("123456789012345678", Some(123456789012345678.0)),
            ("", None),
            ("-", None),
            ("0x1F", None),
            ("inf", None),
            ("+inf", None),
            ("nan", None),
            ("1e999", None),
            ("1,000", None),
            ("10.0.0.1", None),
        ] {
            assert_eq!(parse(text), want, "{text:?}");
        }
    }

    #[test]
    fn prints_whole_numbers_without_a_fraction() {
        for (n, want) in [
            (1.0, "1"),
            (-0.0, "0"),
            (0.5, "0.5"),
            (3.9900000000000055, "3.9900000000000055"),
            (1e20, "100000000000000000000"),
            (f64::NAN, "nan"),
            (f64::NEG_INFINITY, "-inf"),
            (1.5e-7, "1.5e-7"),
        ] {
            assert_eq!(format(n), want);
        }
    }
}
