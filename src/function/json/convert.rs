//! Values to JSON and back.

use crate::column::Value;
use serde_json::{Map, Number, Value as Json};

/// Whole numbers up to here are exact as doubles.
const EXACT: f64 = 9_007_199_254_740_992.0;

/// The JSON that a value's text is. A number or Boolean is JSON as well, but for `inf` and `nan`.
pub fn parse(value: &Value<'_>) -> Option<Json> {
    match value {
        Value::Text(t) => serde_json::from_str(t).ok(),
        Value::Number(n) if !n.is_finite() => None,
        Value::Number(_) | Value::Bool(_) => Some(from_value(value)),
        _ => None,
    }
}

/// A value as part of a JSON text. Text that is an object or array goes in as that, other text as text: `"5"` stays text. A
/// multivalue becomes an array.
pub fn from_value(value: &Value<'_>) -> Json {
    match value {
        Value::Null => Json::Null,
        Value::Bool(b) => Json::Bool(*b),
        Value::Number(n) if *n == n.trunc() && n.abs() < EXACT => Json::from(*n as i64),
        Value::Number(n) => Number::from_f64(*n).map_or(Json::Null, Json::Number),
        Value::Text(t) => container(t).unwrap_or_else(|| Json::String(t.to_string())),
        Value::Multi(all) => Json::Array(all.iter().map(from_value).collect()),
    }
}

/// A JSON value as eval has it: objects and arrays as text, Booleans as the texts `true` and `false`, null as null. Whole
/// numbers that a double would round stay text.
pub fn to_value<'a>(json: Json) -> Value<'a> {
    match json {
        Json::Null => Value::Null,
        Json::String(s) => Value::owned(s),
        Json::Number(n) => match n.as_f64() {
            Some(x) if n.is_f64() || x.abs() < EXACT => Value::Number(x),
            _ => Value::owned(n.to_string()),
        },
        other => Value::owned(other.to_string()),
    }
}

/// An object or array as text.
fn container(text: &str) -> Option<Json> {
    text.trim_start().starts_with(['{', '[']).then(|| serde_json::from_str(text).ok())?
}

/// Is the value's text a JSON array?
pub fn is_array(value: &Value<'_>) -> bool {
    matches!(value, Value::Text(t) if matches!(container(t), Some(Json::Array(_))))
}

/// Is the value's text a JSON object?
pub fn is_object(value: &Value<'_>) -> bool {
    matches!(value, Value::Text(t) if matches!(container(t), Some(Json::Object(_))))
}

/// An object with `key` and `value`.
pub fn entry(key: String, value: Json) -> Json {
    Json::Object(Map::from_iter([("key".to_string(), Json::String(key)), ("value".to_string(), value)]))
}
