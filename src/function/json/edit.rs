//! Changing JSON at a path.

use super::super::arguments::{arg, text};
use super::convert::{from_value, parse};
use super::path::{Step, place, steps};
use crate::column::Value;
use serde_json::{Map, Value as Json};

/// Changes the JSON of the first argument by each path and value that follow. Null where it is no JSON, or a path is none.
pub fn pairs<'a>(args: &[Value<'a>], change: fn(&mut Json, &str, Json) -> Option<()>) -> Value<'a> {
    let Some(mut json) = parse(arg(args, 0)) else { return Value::Null };
    for pair in args.get(1..).unwrap_or_default().chunks(2) {
        let changed = text(pair, 0).and_then(|path| change(&mut json, &path, from_value(arg(pair, 1))));
        if changed.is_none() {
            return Value::Null;
        }
    }
    Value::owned(json.to_string())
}

/// `json_set`.
pub fn set(json: &mut Json, path: &str, value: Json) -> Option<()> {
    visit(json, &steps(path)?, true, &mut |at| *at = value.clone());
    Some(())
}

/// `json_set_exact`.
pub fn set_exact(json: &mut Json, key: &str, value: Json) -> Option<()> {
    json.as_object_mut()?.insert(key.to_string(), value);
    Some(())
}

/// `json_append`. What is no array stays as it is.
pub fn append(json: &mut Json, path: &str, value: Json) -> Option<()> {
    visit(json, &steps(path)?, false, &mut |at| {
        if let Json::Array(all) = at {
            all.push(value.clone());
        }
    });
    Some(())
}

/// `json_extend`. What is no array stays as it is.
pub fn extend(json: &mut Json, path: &str, value: Json) -> Option<()> {
    visit(json, &steps(path)?, false, &mut |at| {
        if let Json::Array(all) = at {
            match &value {
                Json::Array(more) => all.extend(more.iter().cloned()),
                one => all.push(one.clone()),
            }
        }
    });
    Some(())
}

/// `json_delete`. A path that is a key of the whole is that key, also with a dot in it.
pub fn delete<'a>(args: &[Value<'a>]) -> Value<'a> {
    let Some(mut json) = parse(arg(args, 0)) else { return Value::Null };
    for i in 1..args.len() {
        let Some(path) = text(args, i) else { return Value::Null };
        if json.as_object_mut().is_some_and(|members| members.shift_remove(path.as_ref()).is_some()) {
            continue;
        }
        let Some(steps) = steps(&path) else { return Value::Null };
        let Some((last, way)) = steps.split_last() else { return Value::Null };
        visit(&mut json, way, false, &mut |at| match (last, at) {
            (Step::Key(key), Json::Object(members)) => {
                members.shift_remove(*key);
            }
            (Step::Index(index), Json::Array(all)) => {
                if let Some(i) = place(*index, all.len()).filter(|i| *i < all.len()) {
                    all.remove(i);
                }
            }
            (Step::Every, Json::Array(all)) => all.clear(),
            _ => {}
        });
    }
    Value::owned(json.to_string())
}

/// Runs on all that the steps lead to, making objects on the way where wanted. Paths are short: recursion is safe.
fn visit(json: &mut Json, steps: &[Step<'_>], make: bool, f: &mut dyn FnMut(&mut Json)) {
    let Some((step, rest)) = steps.split_first() else { return f(json) };
    match step {
        Step::Key(key) => {
            if make && json.is_null() {
                *json = Json::Object(Map::new());
            }
            if let Json::Object(members) = json {
                if make && !members.contains_key(*key) {
                    members.insert((*key).to_string(), Json::Null);
                }
                members.get_mut(*key).into_iter().for_each(|j| visit(j, rest, make, f));
            }
        }
        Step::Index(index) => {
            if let Json::Array(all) = json {
                let at = place(*index, all.len());
                if make && at == Some(all.len()) {
                    all.push(Json::Null);
                }
                at.and_then(|i| all.get_mut(i)).into_iter().for_each(|j| visit(j, rest, make, f));
            }
        }
        Step::Every => json.as_array_mut().into_iter().flatten().for_each(|j| visit(j, rest, make, f)),
    }
}
