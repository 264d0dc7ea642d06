//! From one kind of value to another: the rules that eval, stats and the output share.

use super::{Value, number};
use std::borrow::Cow;

impl<'a> Value<'a> {
    /// The number that this value is. Text counts when it reads as a number; a multivalue and a Boolean are none.
    pub fn as_number(&self) -> Option<f64> {
        match self {
            Value::Number(n) => Some(*n),
            Value::Text(t) => number::parse(t),
            _ => None,
        }
    }

    /// A number that is whole, or `None`.
    pub fn as_integer(&self) -> Option<i64> {
        self.as_number().filter(|n| *n == n.trunc() && n.abs() < 9.2e18).map(|n| n as i64)
    }

    /// The truth of a predicate's result; anything that is no Boolean is unknown.
    pub fn as_bool(&self) -> Option<bool> {
        match self {
            Value::Bool(b) => Some(*b),
            _ => None,
        }
    }

    /// The value as text; `None` for null. Booleans print as Splunk's `True`/`False`; a multivalue joins with line feeds, as
    /// Splunk shows it.
    pub fn as_text(&self) -> Option<Cow<'_, str>> {
        match self {
            Value::Null => None,
            Value::Bool(b) => Some(Cow::Borrowed(if *b { "True" } else { "False" })),
            Value::Number(n) => Some(Cow::Owned(number::format(*n))),
            Value::Text(t) => Some(Cow::Borrowed(t)),
            Value::Multi(all) => Some(Cow::Owned(join(all, "\n"))),
        }
    }

    /// The value as text that lives as long as its column.
    pub fn into_text(self) -> Option<Cow<'a, str>> {
        match self {
            Value::Text(t) => Some(t),
            other => other.as_text().map(|t| Cow::Owned(t.into_owned())),
        }
    }
}

/// Values as one text with a separator between.
pub fn join(values: &[Value<'_>], separator: &str) -> String {
    let texts = values.iter().map(|v| if let Value::Text(t) = v { t.len() } else { 0 });
    let mut out = String::with_capacity(texts.sum::<usize>() + separator.len() * values.len());
    for (i, v) in values.iter().enumerate() {
        if i > 0 {
            out.push_str(separator);
        }
        out.push_str(&v.as_text().unwrap_or_default());
    }
    out
}
