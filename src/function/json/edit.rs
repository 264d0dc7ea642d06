//! Changing JSON at a path.

use super::super::arguments::{arg, text};
use super::convert::{from_value, is_array, parse};
use super::path::{Step, place, steps};
use super::read::elements;
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

/// `json_set`. Where the path does not fit nothing is changed, nor made on the way.
pub fn set(json: &mut Json, path: &str, value: Json) -> Option<()> {
    let (before, mut fits) = (json.clone(), false);
    visit(json, &steps(path)?, true, &mut |at| {
        *at = value.clone();
        fits = true;
    });
    if !fits {
        *json = before;
    }
    Some(())
}

/// `json_set_exact`.
pub fn set_exact(json: &mut Json, key: &str, value: Json) -> Option<()> {
    json.as_object_mut()?.insert(key.to_string(), value);
    Some(())
}

/// `json_append`.
pub fn append(json: &mut Json, path: &str, value: Json) -> Option<()> {
    visit(json, &steps(path)?, false, &mut |at| grow(at, std::slice::from_ref(&value)));
    Some(())
}

/// `json_extend`.
pub fn extend(json: &mut Json, path: &str, value: Json) -> Option<()> {
    visit(json, &steps(path)?, false, &mut |at| match &value {
        Json::Array(more) => grow(at, more),
        one => grow(at, std::slice::from_ref(one)),
    });
    Some(())
}

/// Puts values at the end of an array; a scalar or an object becomes an array first.
fn grow(at: &mut Json, more: &[Json]) {
    match at {
        Json::Array(all) => all.extend(more.iter().cloned()),
        one => *one = Json::Array(std::iter::once(one.take()).chain(more.iter().cloned()).collect()),
    }
}

/// `json_delete`. The paths may also stand in an array; a dot always leads into an object.
pub fn delete<'a>(args: &[Value<'a>]) -> Value<'a> {
    let Some(mut json) = parse(arg(args, 0)) else { return Value::Null };
    let paths = args.iter().skip(1).flat_map(|v| if is_array(v) { elements(v, false).each().to_vec() } else { v.each().to_vec() });
    for path in paths.collect::<Vec<_>>() {
        let Some(path) = path.as_text() else { return Value::Null };
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
