//! JSON texts.

use super::{Arg, Function, single};
use crate::value::Value;
use serde_json::Value as Json;

const TEXTS: &[&str] = &[
    "{}",
    "[]",
    "{\"a\":1}",
    "{\"a\":{\"b\":[1,2,{\"c\":null}]},\"d\":\"x\"}",
    "[1,\"a\",true,null,[2]]",
    "1",
    "\"x\"",
    "null",
    "{a",
    "",
    "{\"a.b\":2,\"a\":{\"b\":3}}",
];

/// Paths of keys.
const PATHS: &[&str] = &["a", "b", "a.b", "a.c.d"];

/// Objects with arrays in them.
const ARRAYS: &[&str] = &["{}", "{\"a\":[1]}", "{\"a\":{\"b\":[]}}", "{\"b\":[true,{}],\"a\":{\"b\":[null]}}"];

pub const LIST: &[Function] = &[
    Function::new("json_valid", &[Arg::Either(TEXTS)], |a| {
        if a[0].is_null() {
            return Value::Null;
        }
        single(&a[0]).is_some_and(|t| serde_json::from_str::<Json>(&t).is_ok()).into()
    })
    .condition(),
    Function::new("json_keys", &[Arg::Either(TEXTS)], |a| match parsed(&a[0]) {
        Some(Json::Object(map)) => Value::text(Json::from(map.keys().cloned().collect::<Vec<_>>()).to_string()),
        _ => Value::Null,
    }),
    Function::new("json_extract", &[Arg::Texts(TEXTS), Arg::Texts(&["a", "d", "a.b", "a.b{0}", "a.b{1}", "none", "a.b{9}", "{0}", "{1}"])], |a| {
        let Some(json) = parsed(&a[0]) else { return Value::Null };
        let path = single(&a[1]).unwrap();
        let mut at = Some(&json);
        for step in path.replace('{', ".{").split('.').filter(|s| !s.is_empty()) {
            at = at.and_then(|j| match step.strip_prefix('{') {
                Some(i) => j.get(i.trim_end_matches('}').parse::<usize>().unwrap()),
                None => j.get(step),
            });
        }
        at.map_or(Value::Null, shown)
    }),
    Function::new("json_object", &[Arg::Texts(&["k", "a.b", "\u{e9}\""]), Arg::Any], |a| {
        let mut map = serde_json::Map::new();
        a.chunks(2).for_each(|pair| drop(map.insert(single(&pair[0]).unwrap(), json(&pair[1]))));
        Value::text(Json::Object(map).to_string())
    }),
    Function::new("json_array", &[Arg::Any], |a| Value::text(Json::Array(a.iter().map(json).collect()).to_string())).repeats(1),
    Function::new("mv_to_json_array", &[Arg::Any], |a| {
        let all: Vec<Json> = a[0].clone().each().iter().filter_map(Value::as_text).map(Json::from).collect();
        if all.is_empty() { Value::Null } else { Value::text(Json::Array(all).to_string()) }
    }),
    Function::new("json_array_to_mv", &[Arg::Texts(TEXTS)], |a| match parsed(&a[0]) {
        Some(Json::Array(all)) => Value::multi(all.iter().map(|j| j.as_str().map_or_else(|| j.to_string(), String::from).into())),
        _ => Value::Null,
    }),
    Function::new("json_extract_exact", &[Arg::Texts(TEXTS), Arg::Texts(&["a", "a.b", "none"])], |a| {
        parsed(&a[0]).and_then(|j| j.get(single(&a[1]).unwrap()).map(shown)).unwrap_or(Value::Null)
    }),
    Function::new("json_has_key_exact", &[Arg::Texts(&["{}", "{\"a\":null}", "{\"a.b\":1}"]), Arg::Texts(&["a", "a.b"])], |a| {
        parsed(&a[0]).map(|j| j.get(single(&a[1]).unwrap()).is_some()).into()
    })
    .condition(),
    Function::new("json_entries", &[Arg::Texts(&["{}", "{\"a\":1,\"b\":\"x\"}", "{\"a\":[1]}"])], |a| {
        let Some(Json::Object(map)) = parsed(&a[0]) else { return Value::Null };
        Value::text(map.iter().map(|(k, v)| serde_json::json!({"key": k, "value": v})).collect::<Json>().to_string())
    }),
    Function::new("json_set", &[Arg::Texts(TEXTS), Arg::Texts(PATHS), Arg::Any], |a| edited(a, |at, v| *at = v)),
    // What is no array becomes one; what is not there stays away.
    Function::new("json_append", &[Arg::Texts(ARRAYS), Arg::Texts(PATHS), Arg::Any], |a| {
        let Some(mut json) = parsed(&a[0]) else { return Value::Null };
        let value = self::json(&a[2]);
        match single(&a[1]).unwrap().split('.').try_fold(&mut json, |j, key| j.get_mut(key)) {
            Some(Json::Array(all)) => all.push(value),
            Some(one) => *one = serde_json::json!([one.clone(), value]),
            None => {}
        }
        Value::text(json.to_string())
    }),
    Function::new("json_delete", &[Arg::Texts(ARRAYS), Arg::Texts(PATHS)], |a| {
        let Some(mut json) = parsed(&a[0]) else { return Value::Null };
        let path = single(&a[1]).unwrap();
        let (within, last) = path.rsplit_once('.').unwrap_or(("", &path));
        let at = within.split('.').filter(|s| !s.is_empty()).try_fold(&mut json, |j, key| j.get_mut(key));
        if let Some(Json::Object(map)) = at {
            map.shift_remove(last);
        }
        Value::text(json.to_string())
    }),
    // Each value of an array by itself.
    Function::new("json_extend", &[Arg::Texts(ARRAYS), Arg::Texts(PATHS), Arg::Either(&["[2,\"x\"]", "[]", "1", "{\"k\":[3]}"])], |a| {
        let Some(mut json) = parsed(&a[0]) else { return Value::Null };
        if let Some(Json::Array(all)) = single(&a[1]).unwrap().split('.').try_fold(&mut json, |j, key| j.get_mut(key)) {
            match self::json(&a[2]) {
                Json::Array(more) => all.extend(more),
                one => all.push(one),
            }
        }
        Value::text(json.to_string())
    }),
    // A dot is part of the key.
    Function::new("json_set_exact", &[Arg::Texts(&["{}", "{\"a\":{\"b\":1}}", "{\"a.b\":2}"]), Arg::Texts(&["a", "a.b", "c{0}"]), Arg::Any], |a| {
        let Some(Json::Object(mut map)) = parsed(&a[0]) else { return Value::Null };
        map.insert(single(&a[1]).unwrap(), self::json(&a[2]));
        Value::text(Json::Object(map).to_string())
    }),
    Function::new("json", &[Arg::Texts(TEXTS)], |a| if parsed(&a[0]).is_some() { a[0].clone() } else { Value::Null }),
    Function::new("toobject", &[Arg::Texts(TEXTS)], |a| if parsed(&a[0]).is_some_and(|j| j.is_object()) { a[0].clone() } else { Value::Null }),
    Function::new("toarray", &[Arg::Texts(&["[]", "[1,\"a\"]", "a", "{\"a\":1}"])], |a| match parsed(&a[0]) {
        Some(Json::Array(_)) => a[0].clone(),
        _ => Value::text(Json::Array(vec![self::json(&a[0])]).to_string()),
    }),
    Function::new("tomv", &[Arg::Texts(TEXTS)], |a| match parsed(&a[0]) {
        Some(Json::Array(all)) => Value::multi(all.iter().map(|j| j.as_str().map_or_else(|| j.to_string(), String::from).into())),
        _ => a[0].clone(),
    }),
    Function::new("spath", &[Arg::Texts(TEXTS), Arg::Texts(&["a", "a.b{}", "d", "a.b{1}", "none"])], |a| {
        let json = parsed(&a[0]);
        let mut at: Vec<&Json> = json.iter().collect();
        for step in single(&a[1]).unwrap().replace('{', ".{").split('.') {
            at = match step {
                "{}" => at.iter().filter_map(|j| j.as_array()).flatten().collect(),
                "{1}" => at.iter().filter_map(|j| j.get(1)).collect(),
                key => at.iter().filter_map(|j| j.get(key)).collect(),
            };
        }
        Value::multi(at.iter().map(|j| Value::text(j.as_str().map_or_else(|| j.to_string(), String::from))))
    }),
    Function::new("isobject", &[Arg::Either(TEXTS)], |a| parsed(&a[0]).is_some_and(|j| j.is_object()).into()).condition(),
    Function::new("isarray", &[Arg::Either(TEXTS)], |a| parsed(&a[0]).is_some_and(|j| j.is_array()).into()).condition(),
];

/// The JSON with what lies at a path of keys changed; objects on the way are made where they lack.
fn edited(a: &[Value], change: fn(&mut Json, Json)) -> Value {
    let Some(mut json) = parsed(&a[0]) else { return Value::Null };
    let path = single(&a[1]).unwrap();
    let mut at = &mut json;
    for key in path.split('.') {
        if at.is_null() {
            *at = serde_json::json!({});
        }
        let Json::Object(map) = at else { return Value::text(json.to_string()) };
        at = map.entry(key).or_insert(Json::Null);
    }
    change(at, self::json(&a[2]));
    Value::text(json.to_string())
}

fn parsed(v: &Value) -> Option<Json> {
    serde_json::from_str(&single(v)?).ok()
}

/// A part of a JSON text as a value.
fn shown(j: &Json) -> Value {
    match j {
        Json::Null => Value::Null,
        Json::String(s) => Value::text(s.clone()),
        Json::Number(n) => Value::Number(n.as_f64().unwrap()),
        other => Value::text(other.to_string()),
    }
}

/// A value as JSON: numbers are numbers, several values an array.
fn json(v: &Value) -> Json {
    match v {
        Value::Null => Json::Null,
        Value::Bool(b) => Json::Bool(*b),
        Value::Number(n) if n.fract() == 0.0 && n.abs() < 9_007_199_254_740_992.0 => Json::from(*n as i64),
        Value::Number(n) => Json::from(*n),
        // What is an object or an array is put in as one.
        Value::Text(t) => serde_json::from_str(t).ok().filter(|j: &Json| j.is_object() || j.is_array()).unwrap_or_else(|| t.clone().into()),
        Value::Multi(all) => Json::Array(all.iter().map(json).collect()),
    }
}
