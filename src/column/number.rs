//! Numbers as text and text as numbers, the way Splunk reads and prints them.

/// The number that a text is, or `None`. Decimal notation with optional sign, fraction and exponent; blanks around it are
/// accepted, hexadecimal, `inf` and `nan` are text.
pub fn parse(text: &str) -> Option<f64> {
    let t = text.trim_matches(' ');
    let (first, last) = (*t.as_bytes().first()?, *t.as_bytes().last()?);
    if !(first.is_ascii_digit() || matches!(first, b'-' | b'+' | b'.')) || !(last.is_ascii_digit() || last == b'.') {
        return None;
    }
    if t.len() < 16 && t.bytes().all(|b| b.is_ascii_digit()) {
        return Some(t.bytes().fold(0u64, |n, b| n * 10 + u64::from(b - b'0')) as f64);
    }
    t.parse::<f64>().ok().filter(|n| n.is_finite())
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
