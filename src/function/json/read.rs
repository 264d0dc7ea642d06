//! Taking JSON apart.

use super::super::arguments::{arg, text};
use super::convert::{entry, from_value, parse, to_value};
use super::path::{Step, place, steps};
use crate::column::Value;
use serde_json::Value as Json;

/// `json_extract` and its exact form: the whole, what one path gives, or an array of what several give.
pub fn extract<'a>(args: &[Value<'a>], find: fn(&Json, &str) -> Option<Json>) -> Value<'a> {
    let Some(json) = parse(arg(args, 0)) else { return Value::Null };
    let mut found = (1..args.len()).map(|i| text(args, i).and_then(|path| find(&json, &path)));
    match args.len() {
        0 | 1 => to_value(json),
        2 => found.next().flatten().map_or(Value::Null, to_value),
        _ => Value::owned(Json::Array(found.map(Option::unwrap_or_default).collect()).to_string()),
    }
}

/// What lies at a path; with `{}` in it an array of all that does. `{}` alone is the whole of an object.
pub fn at_path(json: &Json, path: &str) -> Option<Json> {
    let steps = steps(path)?;
    if steps == [Step::Every] && json.is_object() {
        return Some(json.clone());
    }
    let found = walk(json, &steps);
    if steps.contains(&Step::Every) { Some(Json::Array(found.into_iter().cloned().collect())) } else { found.first().map(|j| (*j).clone()) }
}

/// `spath`: as [`at_path`], but several values are a multivalue.
pub fn spath<'a>(value: &Value<'_>, path: &Value<'_>) -> Value<'a> {
    let (Some(json), Some(path)) = (parse(value), path.as_text()) else { return Value::Null };
    let Some(steps) = steps(&path) else { return Value::Null };
    Value::multi(walk(&json, &steps).into_iter().cloned().map(to_value))
}

/// All that the steps lead to.
fn walk<'j>(json: &'j Json, steps: &[Step<'_>]) -> Vec<&'j Json> {
    let mut at = vec![json];
    for step in steps {
        at = match step {
            Step::Key(key) => at.into_iter().filter_map(|j| j.get(*key)).collect(),
            Step::Index(index) => at.into_iter().filter_map(Json::as_array).filter_map(|all| all.get(place(*index, all.len())?)).collect(),
            Step::Every => at.into_iter().filter_map(Json::as_array).flatten().collect(),
        };
    }
    at
}

/// The keys of an object as an array.
pub fn keys<'a>(value: &Value<'_>) -> Value<'a> {
    match parse(value) {
        Some(Json::Object(members)) => Value::owned(Json::Array(members.into_iter().map(|(key, _)| Json::String(key)).collect()).to_string()),
        _ => Value::Null,
    }
}

/// The members of an object as objects.
pub fn entries<'a>(value: &Value<'_>) -> Value<'a> {
    match parse(value) {
        Some(Json::Object(members)) => Value::owned(Json::Array(members.into_iter().map(|(key, value)| entry(key, value)).collect()).to_string()),
        _ => Value::Null,
    }
}

/// The elements of an array, a null among them as the text `null`.
pub fn elements<'a>(value: &Value<'_>, quoted: bool) -> Value<'a> {
    let element = |json: Json| match json {
        Json::String(s) if !quoted => Value::owned(s),
        other => Value::owned(other.to_string()),
    };
    match parse(value) {
        Some(Json::Array(all)) => Value::multi(all.into_iter().map(element)),
        _ => Value::Null,
    }
}

/// A multivalue as an array of texts, or of what its texts are as JSON: null for one that is none.
pub fn array_of<'a>(value: &Value<'_>, infer: bool) -> Value<'a> {
    let one = |v: &Value<'_>| match v.as_text() {
        Some(t) if infer => serde_json::from_str(&t).map_or(Json::Null, plain),
        Some(t) => Json::String(t.into_owned()),
        None => from_value(v),
    };
    Value::owned(Json::Array(value.each().iter().map(one).collect()).to_string())
}

/// The JSON of a value that is of a kind, written without blanks; else null.
pub fn compact<'a>(value: &Value<'_>, kind: fn(&Value<'_>) -> bool) -> Value<'a> {
    if kind(value) { parse(value).map_or(Value::Null, |json| Value::owned(plain(json).to_string())) } else { Value::Null }
}

/// Whole numbers without a fraction, `1.00` as 1.
fn plain(json: Json) -> Json {
    match json {
        Json::Number(n) if n.is_f64() => from_value(&Value::from(n.as_f64())),
        Json::Array(all) => Json::Array(all.into_iter().map(plain).collect()),
        Json::Object(members) => Json::Object(members.into_iter().map(|(key, value)| (key, plain(value))).collect()),
        other => other,
    }
}
