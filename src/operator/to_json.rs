//! tojson: rows as JSON objects.

use super::Context;
use crate::column::{Batch, Builder, Value};
use crate::diagnostic::Diagnostic;
use crate::function::json_of;
use crate::plan::{FieldPattern, JsonType, ToJson};
use serde_json::{Map, Value as Json};

/// Writes each row's object into the output field.
pub fn to_json(batch: &mut Batch, how: &ToJson, cx: &Context) -> Result<(), Diagnostic> {
    let chosen: Vec<_> = batch.columns().filter_map(|(name, column)| Some((name.to_string(), column.clone(), kind(name, how)?))).collect();
    let mut out = Builder::new();
    let mut bytes = 0;
    for row in 0..batch.len() {
        if row % 64 == 0 {
            cx.check()?;
            cx.memory.fits(bytes)?;
        }
        let mut object = Map::new();
        for (name, column, kind) in &chosen {
            let value = column.get(row);
            let json = match &value {
                Value::Null => how.fill_null.then_some(Json::Null),
                Value::Multi(all) => Some(Json::Array(all.iter().filter_map(|v| written(v, *kind)).collect())),
                one => written(one, *kind),
            };
            if let Some(json) = json {
                object.insert(name.clone(), json);
            }
        }
        let text = Json::Object(object).to_string();
        bytes += text.len();
        out.push_text(&text);
    }
    batch.set(how.output.clone(), out.finish());
    Ok(())
}

/// The type of a field; `None` for one that stays out.
fn kind(name: &str, how: &ToJson) -> Option<JsonType> {
    let fits = |p: &FieldPattern| p.wildcard.as_ref().map_or(p.text == name, |w| w.matches(name));
    // What holds a zero byte is no field of the events.
    if name.starts_with('_') && !how.internal || name.contains('\0') {
        return None;
    }
    match how.fields.iter().find(|(_, p)| fits(p)) {
        Some((kind, _)) => Some(*kind),
        None => how.fields.is_empty().then_some(how.default),
    }
}

fn written(value: &Value<'_>, kind: JsonType) -> Option<Json> {
    let text = value.as_text()?;
    let number = |v: &Value<'_>| v.as_number().map(|n| json_of(&Value::Number(n)));
    match kind {
        JsonType::None => Some(if let Value::Text(t) = value { Json::from(t.as_ref()) } else { json_of(value) }),
        JsonType::Str => Some(Json::from(text.as_ref())),
        JsonType::Num => number(value),
        JsonType::Json => serde_json::from_str(&text).ok(),
        JsonType::Bool => match (text.to_ascii_lowercase().as_str(), value.as_number()) {
            (_, Some(n)) => Some(Json::Bool(n != 0.0)),
            ("true" | "t" | "yes", _) => Some(Json::Bool(true)),
            ("false" | "f" | "no", _) => Some(Json::Bool(false)),
            _ => None,
        },
        JsonType::Auto => Some(match text.as_ref() {
            "true" => Json::Bool(true),
            "false" => Json::Bool(false),
            "null" => Json::Null,
            // A number keeps its spelling only where JSON has it too.
            t if value.as_number().is_some() => serde_json::from_str(t).ok().or_else(|| number(value)).unwrap_or_default(),
            _ => json_of(value),
        }),
    }
}
