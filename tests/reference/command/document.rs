//! Fields of documents and documents of fields, and times in words.

use super::{Named, Stage};
use crate::value::{Row, Value, get, set};
use proptest::prelude::*;
use proptest::sample::select;
use serde_json::{Map, Value as Json};

pub const LIST: &[Named] = &[("fromjson", fromjson), ("tojson", tojson), ("xpath", xpath), ("xmlkv", xmlkv), ("reltime", reltime)];

fn in_quotes(text: &str) -> String {
    text.replace('\\', "\\\\").replace('"', "\\\"")
}

/// A field a key: objects stay JSON, arrays are several values.
fn fromjson() -> BoxedStrategy<Stage> {
    (select(&["{\"k\":1,\"l\":\"x\"}", "{\"k\":[1,\"a\"],\"l\":{\"p\":2}}", "{}", "[1]", "no json", "{\"k\":true,\"l\":\"\"}"][..]), select(&["", "j_"][..]))
        .prop_map(|(doc, prefix)| {
            let spl = format!("eval doc=\"{}\" | fromjson doc prefix=\"{prefix}\"", in_quotes(doc));
            Stage::each(spl, move |row| {
                set(row, "doc", doc.into());
                let Ok(Json::Object(map)) = serde_json::from_str::<Json>(doc) else { return };
                for (key, v) in map {
                    let one = |j: &Json| match j {
                        Json::String(s) => Value::text(s.clone()),
                        other => Value::text(other.to_string()),
                    };
                    let value = match &v {
                        Json::Array(all) => Value::multi(all.iter().map(one).collect::<Vec<_>>()),
                        v => one(v),
                    };
                    set(row, &format!("{prefix}{key}"), value);
                }
            })
        })
        .boxed()
}

/// A named field as an object, which is empty where it has no value; several values are an array.
fn tojson() -> BoxedStrategy<Stage> {
    any::<bool>()
        .prop_map(|numeric| {
            let (kind, field) = if numeric { ("num", "id") } else { ("str", "a") };
            Stage::each(format!("tojson {kind}({field}) output_field=j"), move |row| {
                let one = |v: &Value| match v.number().filter(|_| numeric) {
                    Some(n) if n.fract() == 0.0 => Some(Json::from(n as i64)),
                    Some(n) => Some(Json::from(n)),
                    None => v.as_text().filter(|_| !numeric).map(Json::from),
                };
                let mut all: Vec<Json> = get(row, field).each().iter().filter_map(one).collect();
                let value = if all.len() > 1 { Some(Json::Array(all)) } else { all.pop() };
                let map: Map<String, Json> = value.into_iter().map(|v| (field.to_string(), v)).collect();
                set(row, "j", Json::Object(map).to_string().into());
            })
        })
        .boxed()
}

const DOC: &str = "<a><b id='1'>x</b><b id='2'>y</b><c/></a>";

fn xpath() -> BoxedStrategy<Stage> {
    let paths: &[(&str, &[&str])] =
        &[("//b", &["x", "y"]), ("/a/b[2]", &["y"]), ("//b/@id", &["1", "2"]), ("//b[@id='1']", &["x"]), ("count(//b)", &["2"]), ("//none", &["other"])];
    select(paths.to_vec())
        .prop_map(|(path, found)| {
            let spl = format!("eval doc=\"{DOC}\" | xpath outfield=x field=doc default=other \"{path}\"");
            Stage::each(spl, move |row| {
                set(row, "doc", DOC.into());
                let values = Value::multi(found.iter().map(|v| Value::text(*v)));
                set(row, "x", values);
            })
        })
        .boxed()
}

fn xmlkv() -> BoxedStrategy<Stage> {
    let docs: &[(&str, &[(&str, &str)])] =
        &[("<user>ann</user><port>22</port>", &[("user", "ann"), ("port", "22")]), ("none", &[]), ("<k>a b</k> <l>c</l>", &[("k", "a b"), ("l", "c")])];
    select(docs.to_vec())
        .prop_map(|(doc, pairs)| {
            Stage::each(format!("eval _raw=\"{doc}\" | xmlkv"), move |row: &mut Row| {
                set(row, "_raw", doc.into());
                pairs.iter().for_each(|(name, v)| set(row, name, (*v).into()));
            })
        })
        .boxed()
}

/// The largest whole unit that has passed.
fn reltime() -> BoxedStrategy<Stage> {
    let ago = [
        (0, "now"),
        (1, "1 second ago"),
        (59, "59 seconds ago"),
        (60, "1 minute ago"),
        (3599, "59 minutes ago"),
        (7200, "2 hours ago"),
        (86_400, "1 day ago"),
        (500_000, "5 days ago"),
    ];
    select(ago.to_vec())
        .prop_map(|(seconds, words)| {
            Stage::each(format!("eval seen=now()-{seconds} | reltime timefield=seen prefix=ago_"), move |row| {
                set(row, "seen", (crate::against::NOW - f64::from(seconds)).into());
                set(row, "ago_seen", words.into());
            })
        })
        .boxed()
}
