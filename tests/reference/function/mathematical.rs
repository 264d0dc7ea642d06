//! Numbers: null where an argument is none, or where there is no answer.

use super::{Arg, Function, numbers};
use crate::value::{Value, number, written};

pub const LIST: &[Function] = &[
    Function::new("abs", &[Arg::Number], |a| one(a, f64::abs)),
    Function::new("ceiling", &[Arg::Number], |a| one(a, f64::ceil)),
    Function::new("ceil", &[Arg::Number], |a| one(a, f64::ceil)),
    Function::new("floor", &[Arg::Number], |a| one(a, f64::floor)),
    Function::new("exact", &[Arg::Number], |a| one(a, |n| n)),
    Function::new("exp", &[Arg::Number], |a| one(a, f64::exp)),
    Function::new("ln", &[Arg::Number], |a| one(a, f64::ln)),
    Function::new("log", &[Arg::Number], |a| one(a, f64::log10)),
    Function::new("log", &[Arg::Number, Arg::Numbers(&["2", "10", "3", "0.5"])], |a| {
        numbers(a, |n| {
            Some(if n[1] == 2.0 {
                n[0].log2()
            } else if n[1] == 10.0 {
                n[0].log10()
            } else {
                n[0].ln() / n[1].ln()
            })
            .filter(|n| !n.is_nan())
        })
    }),
    Function::new("pi", &[], |_| Value::Number(number("3.14159265358").unwrap())),
    Function::new("pow", &[Arg::Number, Arg::Number], |a| numbers(a, |n| Some(n[0].powf(n[1])).filter(|n| !n.is_nan()))),
    Function::new("sqrt", &[Arg::Number], |a| one(a, f64::sqrt)),
    Function::new("round", &[Arg::Number, Arg::Numbers(&["0", "1", "2", "3", "-1"])], |a| {
        numbers(a, |n| Some(rounded(n[0], n.get(1).map_or(0, |d| *d as i32))))
    })
    .optional(1),
    Function::new("sum", &[Arg::Any], |a| {
        let all: Vec<f64> = a.iter().flat_map(|v| v.clone().each()).filter_map(|v| v.number()).collect();
        (!all.is_empty()).then(|| all.iter().sum::<f64>()).into()
    })
    .repeats(1),
];

fn one(args: &[Value], f: fn(f64) -> f64) -> Value {
    numbers(args, |n| Some(f(n[0])).filter(|n| !n.is_nan()))
}

/// Rounded as it is written, halves away from zero.
fn rounded(n: f64, decimals: i32) -> f64 {
    let text = written(n.abs());
    if text.contains(['e', 'n', 'i']) {
        return n.signum() * (n.abs() * 10f64.powi(decimals)).round() / 10f64.powi(decimals);
    }
    let (whole, part) = text.split_once('.').unwrap_or((&text, ""));
    let digits: Vec<u64> = format!("0{whole}{part}").bytes().map(|b| u64::from(b - b'0')).collect();
    let keep = whole.len() as i32 + 1 + decimals;
    if keep >= digits.len() as i32 {
        return n;
    }
    if keep <= 0 {
        return 0.0;
    }
    let up = digits[keep as usize] >= 5;
    let kept: u128 = digits[..keep as usize].iter().fold(0, |n, d| n * 10 + u128::from(*d)) + u128::from(up);
    n.signum() * number(&format!("{kept}e{}", -decimals)).unwrap()
}
