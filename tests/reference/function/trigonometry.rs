//! Angles in radians; null where there is no answer.

use super::{Arg, Function, numbers};
use crate::value::Value;

pub const LIST: &[Function] = &[
    Function::new("acos", &[Arg::Number], |a| one(a, f64::acos)),
    Function::new("acosh", &[Arg::Number], |a| one(a, f64::acosh)),
    Function::new("asin", &[Arg::Number], |a| one(a, f64::asin)),
    Function::new("asinh", &[Arg::Number], |a| one(a, f64::asinh)),
    Function::new("atan", &[Arg::Number], |a| one(a, f64::atan)),
    Function::new("atanh", &[Arg::Numbers(&["0", "0.5", "-0.25"])], |a| one(a, f64::atanh)),
    Function::new("cos", &[Arg::Number], |a| one(a, f64::cos)),
    Function::new("cosh", &[Arg::Number], |a| one(a, f64::cosh)),
    Function::new("sin", &[Arg::Number], |a| one(a, f64::sin)),
    Function::new("sinh", &[Arg::Number], |a| one(a, f64::sinh)),
    Function::new("tan", &[Arg::Number], |a| one(a, f64::tan)),
    Function::new("tanh", &[Arg::Number], |a| one(a, f64::tanh)),
    Function::new("atan2", &[Arg::Number, Arg::Number], |a| numbers(a, |n| Some(n[0].atan2(n[1])))),
    Function::new("hypot", &[Arg::Number, Arg::Number], |a| numbers(a, |n| Some(n[0].hypot(n[1])))),
];

fn one(args: &[Value], f: fn(f64) -> f64) -> Value {
    numbers(args, |n| Some(f(n[0])).filter(|n| !n.is_nan()))
}
