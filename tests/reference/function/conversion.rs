//! From one kind of value to another.

use super::{Arg, Function, each_text, single};
use crate::value::Value;
use std::net::Ipv4Addr;

pub const LIST: &[Function] = &[
    Function::new("tostring", &[Arg::Any], |a| each_text(a, |t, _| Some(Value::text(t)))),
    Function::new("tostring", &[Arg::Condition], |a| a[0].as_text().into()),
    Function::new("tostring", &[Arg::Numbers(&["0", "15", "255", "4096"]), Arg::Texts(&["hex"])], |a| {
        Value::text(format!("0x{:X}", a[0].number().unwrap() as u64))
    }),
    Function::new("tostring", &[Arg::Numbers(&["0", "9", "255"]), Arg::Texts(&["binary"])], |a| Value::text(format!("{:b}", a[0].number().unwrap() as u64))),
    Function::new(
        "tostring",
        &[Arg::Numbers(&["0", "999", "1000", "1234567", "12345.6789", "-1234.5", "0.005", "-999", "999999.999"]), Arg::Texts(&["commas"])],
        |a| Value::text(commas(a[0].number().unwrap())),
    ),
    Function::new("tostring", &[Arg::Numbers(&["0", "59", "60", "615", "86399", "86400", "90061", "1000000"]), Arg::Texts(&["duration"])], |a| {
        let s = a[0].number().unwrap() as u64;
        let time = format!("{:02}:{:02}:{:02}", s / 3600 % 24, s / 60 % 60, s % 60);
        Value::text(if s >= 86400 { format!("{}+{time}", s / 86400) } else { time })
    }),
    Function::new("tonumber", &[Arg::Any], |a| unpadded(&a[0]).into()),
    Function::new(
        "tonumber",
        &[Arg::Either(&["0A4", "ff", "FF", "101", "z", "-1f", "", "12", "1.5", "8"]), Arg::Numbers(&["2", "8", "10", "16", "36"])],
        |a| {
            let base = a[1].number().unwrap() as u32;
            match single(&a[0]) {
                _ if base == 10 => unpadded(&a[0]).into(),
                text => text.and_then(|t| i64::from_str_radix(t.trim_start_matches(if base == 16 { "0x" } else { "" }), base).ok()).map(|n| n as f64).into(),
            }
        },
    ),
    Function::new("toint", &[Arg::Any], |a| unpadded(&a[0]).map(f64::floor).into()),
    Function::new("todouble", &[Arg::Any], |a| unpadded(&a[0]).into()),
    Function::new("tobool", &[Arg::Any], |a| match (single(&a[0]).map(|t| t.to_lowercase()).as_deref(), a[0].number()) {
        (_, Some(n)) => Value::Bool(n != 0.0),
        (Some("true"), _) => Value::Bool(true),
        (Some("false"), _) => Value::Bool(false),
        _ => Value::Null,
    })
    .condition(),
    Function::new(
        "ipmask",
        &[Arg::Texts(&["255.255.255.0", "255.0.0.0", "0.0.0.255", "255.255.255.255"]), Arg::Either(&["10.20.30.120", "8.8.8.8", "x", "1.2.3"])],
        |a| {
            let mask: Ipv4Addr = single(&a[0]).unwrap().parse().unwrap();
            let ip = single(&a[1]).and_then(|ip| ip.parse::<Ipv4Addr>().ok());
            ip.map(|ip| Value::text(Ipv4Addr::from(u32::from(mask) & u32::from(ip)).to_string())).into()
        },
    ),
    Function::new("printf", &[Arg::Texts(&["%d", "%5d|", "%-5d|", "%05d", "%+d", "[% d]"]), Arg::Numbers(&["0", "7", "42", "-42", "3.9", "123456"])], |a| {
        let (format, n) = (single(&a[0]).unwrap(), a[1].number().unwrap().trunc() as i64);
        Value::text(match format.as_str() {
            "%d" => format!("{n}"),
            "%5d|" => format!("{n:5}|"),
            "%-5d|" => format!("{n:<5}|"),
            "%05d" => format!("{n:05}"),
            "%+d" => format!("{n:+}"),
            _ => {
                if n < 0 {
                    format!("[{n}]")
                } else {
                    format!("[ {n}]")
                }
            }
        })
    }),
    Function::new("printf", &[Arg::Texts(&["%s", "%5s|", "%-5s|", "%.2s", "<%s>"]), Arg::Texts(&["", "abc", "\u{e9}t\u{e9}", "a%b", "long text"])], |a| {
        let (format, t) = (single(&a[0]).unwrap(), single(&a[1]).unwrap());
        Value::text(match format.as_str() {
            "%s" => t,
            "%5s|" => format!("{t:>5}|"),
            "%-5s|" => format!("{t:<5}|"),
            "%.2s" => t.chars().take(2).collect(),
            _ => format!("<{t}>"),
        })
    }),
    Function::new("printf", &[Arg::Texts(&["%f", "%.2f", "%8.1f|", "%.0f"]), Arg::Numbers(&["0", "3.14159", "-2.75", "1000000", "0.125"])], |a| {
        let (format, n) = (single(&a[0]).unwrap(), a[1].number().unwrap());
        Value::text(match format.as_str() {
            "%f" => format!("{n:.6}"),
            "%.2f" => format!("{n:.2}"),
            "%8.1f|" => format!("{n:8.1}|"),
            _ => format!("{n:.0}"),
        })
    }),
    Function::new("printf", &[Arg::Texts(&["%x", "%X", "%#x", "%o"]), Arg::Numbers(&["0", "8", "255", "48879"])], |a| {
        let (format, n) = (single(&a[0]).unwrap(), a[1].number().unwrap() as u64);
        Value::text(match format.as_str() {
            "%x" => format!("{n:x}"),
            "%X" => format!("{n:X}"),
            "%#x" if n > 0 => format!("{n:#x}"),
            "%o" => format!("{n:o}"),
            _ => "0".into(),
        })
    }),
];

/// The number of a value that has no blanks around it.
fn unpadded(v: &Value) -> Option<f64> {
    v.number().filter(|_| v.as_text().is_some_and(|t| t.trim() == t))
}

/// Groups of three digits, and two decimals where there are any.
fn commas(n: f64) -> String {
    let text = if n.fract() == 0.0 { format!("{:.0}", n.abs()) } else { format!("{:.2}", n.abs() + 1e-9) };
    let (whole, part) = text.split_once('.').map_or((text.as_str(), String::new()), |(w, p)| (w, format!(".{p}")));
    let grouped: Vec<String> = whole.as_bytes().rchunks(3).rev().map(|g| String::from_utf8(g.to_vec()).unwrap()).collect();
    format!("{}{}{part}", if n < 0.0 { "-" } else { "" }, grouped.join(","))
}
