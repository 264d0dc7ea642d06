//! What kind of value it is. Text that reads as a number is one.

use super::{Arg, Function};
use crate::value::Value;

pub const LIST: &[Function] = &[
    Function::new("isnull", &[Arg::Any], |a| a[0].is_null().into()).condition(),
    Function::new("isnotnull", &[Arg::Any], |a| (!a[0].is_null()).into()).condition(),
    Function::new("isnum", &[Arg::Any], |a| a[0].number().is_some().into()).condition(),
    Function::new("isint", &[Arg::Any], |a| a[0].number().is_some_and(|n| n.fract() == 0.0).into()).condition(),
    Function::new("isdouble", &[Arg::Any], |a| a[0].number().is_some_and(|n| n.is_finite() && n.fract() != 0.0).into()).condition(),
    Function::new("isstr", &[Arg::Any], |a| (matches!(a[0], Value::Text(_) | Value::Multi(_)) && a[0].number().is_none()).into()).condition(),
    Function::new("ismv", &[Arg::Any], |a| matches!(a[0], Value::Multi(_)).into()).condition(),
    Function::new("isbool", &[Arg::Any], |a| matches!(a[0], Value::Bool(_)).into()).condition(),
    Function::new("isbool", &[Arg::Condition], |a| matches!(a[0], Value::Bool(_)).into()).condition(),
    Function::new("typeof", &[Arg::Any], kind),
    Function::new("typeof", &[Arg::Condition], kind),
];

fn kind(a: &[Value]) -> Value {
    match &a[0] {
        Value::Null => "Invalid",
        Value::Bool(_) => "Boolean",
        Value::Multi(_) => "Multivalue",
        v if v.number().is_some() => "Number",
        _ => "String",
    }
    .into()
}
