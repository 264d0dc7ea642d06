//! Statistics of the arguments.

use super::{Arg, Function};
use crate::value::Value;

pub const LIST: &[Function] = &[
    Function::new("max", &[Arg::Any], |a| extreme(a, |x, y| y > x)).repeats(1),
    Function::new("min", &[Arg::Any], |a| extreme(a, |x, y| y < x)).repeats(1),
    Function::new("avg", &[Arg::Any], |a| {
        let all: Vec<f64> = a.iter().flat_map(|v| v.clone().each()).filter_map(|v| v.number()).collect();
        (!all.is_empty()).then(|| all.iter().sum::<f64>() / all.len() as f64).into()
    })
    .repeats(1),
];

/// Is it text, the number, the text.
type Key = (bool, f64, String);

/// Texts are greater than numbers; of equal ones the first stands.
fn extreme(args: &[Value], better: fn(&Key, &Key) -> bool) -> Value {
    let key = |v: &Value| match v.number() {
        Some(n) => (false, n, String::new()),
        None => (true, 0.0, v.as_text().unwrap()),
    };
    args.iter()
        .flat_map(|v| v.clone().each())
        .reduce(|best, v| if better(&key(&best), &key(&v)) { v } else { best })
        .map(|v| v.number().map_or(v, Value::Number))
        .into()
}
