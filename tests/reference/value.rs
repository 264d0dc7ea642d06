//! Values and rows, numbers read from text and written as text, and the orders that the language knows.

use indexmap::IndexMap;
use std::cmp::Ordering;
use std::net::IpAddr;

/// What a field holds in a row, or an expression gives.
#[derive(Clone, Debug, PartialEq)]
pub enum Value {
    Null,
    Bool(bool),
    Number(f64),
    Text(String),
    /// Two values or more.
    Multi(Vec<Value>),
}

/// Fields in the order in which they are shown; what is null is left out.
pub type Row = IndexMap<String, Value>;

impl Value {
    pub fn text(s: impl Into<String>) -> Value {
        Value::Text(s.into())
    }

    /// None is null, one is itself.
    pub fn multi(all: impl IntoIterator<Item = Value>) -> Value {
        let mut flat: Vec<Value> = all.into_iter().flat_map(Value::each).collect();
        match flat.len() {
            0 => Value::Null,
            1 => flat.remove(0),
            _ => Value::Multi(flat),
        }
    }

    /// The single values.
    pub fn each(self) -> Vec<Value> {
        match self {
            Value::Null => Vec::new(),
            Value::Multi(all) => all,
            one => vec![one],
        }
    }

    /// The number that a single value is.
    pub fn number(&self) -> Option<f64> {
        match self {
            Value::Number(n) => Some(*n),
            Value::Text(t) => number(t),
            _ => None,
        }
    }

    /// As text: several values a line each.
    pub fn as_text(&self) -> Option<String> {
        match self {
            Value::Null => None,
            Value::Bool(b) => Some(if *b { "True" } else { "False" }.into()),
            Value::Number(n) => Some(written(*n)),
            Value::Text(t) => Some(t.clone()),
            Value::Multi(all) => Some(all.iter().filter_map(Value::as_text).collect::<Vec<_>>().join("\n")),
        }
    }

    pub fn is_null(&self) -> bool {
        *self == Value::Null
    }
}

impl<T: Into<Value>> From<Option<T>> for Value {
    fn from(v: Option<T>) -> Value {
        v.map_or(Value::Null, Into::into)
    }
}

impl From<f64> for Value {
    fn from(n: f64) -> Value {
        Value::Number(n)
    }
}

impl From<bool> for Value {
    fn from(b: bool) -> Value {
        Value::Bool(b)
    }
}

impl From<String> for Value {
    fn from(s: String) -> Value {
        Value::Text(s)
    }
}

impl From<&str> for Value {
    fn from(s: &str) -> Value {
        Value::Text(s.into())
    }
}

/// The field of a row, null where it has none.
pub fn get(row: &Row, field: &str) -> Value {
    row.get(field).cloned().unwrap_or(Value::Null)
}

/// Sets a field; null takes it away.
pub fn set(row: &mut Row, field: &str, value: Value) {
    if value.is_null() {
        row.shift_remove(field);
    } else {
        row.insert(field.into(), value);
    }
}

/// A row with the values of another one, which go before its own or only fill what it lacks.
pub fn together(row: &Row, other: &Row, overwrite: bool) -> Row {
    let mut both = row.clone();
    for (name, v) in other {
        if overwrite || get(&both, name).is_null() {
            set(&mut both, name, v.clone());
        }
    }
    both
}

/// Text that reads as a number: digits with an optional sign, fraction and exponent, blanks around it.
pub fn number(text: &str) -> Option<f64> {
    let t = text.trim_matches(' ');
    let digits = t.strip_prefix(['+', '-']).unwrap_or(t);
    let mantissa = digits.split(['e', 'E']).next().unwrap_or_default();
    let decimal = !mantissa.is_empty() && mantissa != "." && mantissa.chars().all(|c| c.is_ascii_digit() || c == '.');
    decimal.then(|| t.parse().ok()).flatten().filter(|n: &f64| n.is_finite())
}

/// A number as it is printed: whole numbers without a fraction, others in the shortest form that reads back the same.
pub fn written(n: f64) -> String {
    match n {
        _ if n.is_nan() => "nan".into(),
        _ if n.is_infinite() => if n > 0.0 { "inf" } else { "-inf" }.into(),
        0.0 => "0".into(),
        _ if n.abs() < 1e-5 || n.abs() >= 1e21 => format!("{n:e}"),
        _ => format!("{n}"),
    }
}

/// eval's comparison of single values: by number where both are numbers, else by text.
pub fn compare(a: &Value, b: &Value) -> Option<Ordering> {
    match (a.number(), b.number()) {
        (Some(x), Some(y)) => x.partial_cmp(&y),
        _ => Some(a.as_text()?.cmp(&b.as_text()?)),
    }
}

/// The order of `sort` and of by-fields: numbers, addresses, texts; a multivalue by its first value.
pub fn ordered(a: &Value, b: &Value) -> Ordering {
    #[derive(PartialEq, PartialOrd)]
    enum Key {
        Number(f64),
        Address(IpAddr),
        Text(String),
    }
    let key = |v: &Value| {
        let first = v.clone().each().into_iter().next();
        first.map(|v| match (v.number(), v.as_text().unwrap_or_default()) {
            (Some(n), _) => Key::Number(n),
            (None, t) => t.parse().map_or(Key::Text(t), Key::Address),
        })
    };
    match (key(a), key(b)) {
        (Some(a), Some(b)) => a.partial_cmp(&b).unwrap_or(Ordering::Equal),
        (a, b) => a.is_none().cmp(&b.is_none()),
    }
}

/// Letters without their case, one by one.
pub fn folded(text: &str) -> String {
    let single = |mut all: Box<dyn Iterator<Item = char>>| all.next().filter(|_| all.next().is_none());
    text.chars().map(|c| single(Box::new(c.to_uppercase())).and_then(|c| single(Box::new(c.to_lowercase()))).unwrap_or(c)).collect()
}

/// Does a pattern with `*` for any run match the whole text?
pub fn wild(pattern: &str, text: &str) -> bool {
    match pattern.split_once('*') {
        None => pattern == text,
        Some((head, tail)) => {
            text.strip_prefix(head).is_some_and(|rest| rest.char_indices().map(|(i, _)| i).chain([rest.len()]).any(|i| wild(tail, &rest[i..])))
        }
    }
}
