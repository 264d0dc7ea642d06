//! Rows that a program hands over as JSON objects.

use crate::column::{Batch, Builder, Name, Value};
use crate::input::parse::time_value;
use crate::time::Zone;
use indexmap::IndexMap;
use serde_json::{Map, Value as Json};

/// A batch of these rows. An array of scalars is a multivalue under its plain name, nested objects are flattened, numbers are
/// text in their JSON spelling, null is no value. `_time` becomes a number where it is one or an ISO time (UTC without offset).
pub fn rows(rows: &[Map<String, Json>]) -> Batch {
    let mut columns: IndexMap<Name, Builder, foldhash::fast::RandomState> = IndexMap::default();
    for (i, row) in rows.iter().enumerate() {
        let mut fields = Vec::new();
        row.iter().for_each(|(name, value)| flatten(name.clone(), value, true, &mut fields));
        let mut values: IndexMap<String, Vec<Value<'_>>> = IndexMap::new();
        fields.into_iter().for_each(|(name, value)| values.entry(name).or_default().push(value));
        for (name, all) in values {
            let value = match (name.as_str(), Value::multi(all)) {
                ("_time", Value::Text(t)) => time_value(t.as_bytes(), &Zone::utc()).map_or(Value::Text(t), Value::Number),
                (_, value) => value,
            };
            let column = columns.entry(name.into()).or_default();
            column.pad(i);
            column.push(value);
        }
    }
    let mut batch = Batch::new(rows.len());
    for (name, mut column) in columns {
        column.pad(rows.len());
        batch.set(name, column.finish());
    }
    batch
}

fn flatten<'a>(name: String, value: &'a Json, top: bool, out: &mut Vec<(String, Value<'a>)>) {
    match value {
        Json::Null => {}
        Json::Bool(b) => out.push((name, Value::text(if *b { "true" } else { "false" }))),
        Json::Number(n) => out.push((name, Value::owned(n.to_string()))),
        Json::String(s) => out.push((name, Value::text(s))),
        Json::Object(map) => map.iter().for_each(|(key, v)| flatten(format!("{name}.{key}"), v, top, out)),
        Json::Array(all) => {
            let scalars = all.iter().all(|v| !v.is_object() && !v.is_array());
            let name = if top && scalars { name } else { format!("{name}{{}}") };
            all.iter().for_each(|v| flatten(name.clone(), v, top, out));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rows_keep_what_they_say() {
        let json = r#"[{"a":1,"b":"","m":["x",2],"n":null,"_time":"2024-01-01T00:00:00Z"},{"b":1.50,"o":{"p":true,"q":[{"r":1},{"r":2}]},"a":[]}]"#;
        let maps: Vec<Map<String, Json>> = serde_json::from_str(json).unwrap();
        let b = rows(&maps);
        assert_eq!((b.len(), b.value("a", 0), b.value("a", 1), b.value("b", 0)), (2, Value::text("1"), Value::Null, Value::text("")));
        assert_eq!(b.value("m", 0), Value::multi([Value::text("x"), Value::text("2")]));
        assert_eq!((b.value("b", 1), b.value("o.p", 1)), (Value::text("1.5"), Value::text("true")));
        assert_eq!(b.value("o.q{}.r", 1), Value::multi([Value::text("1"), Value::text("2")]));
        assert_eq!((b.value("_time", 0), b.get("n").is_none()), (Value::Number(1_704_067_200.0), true));
    }
}
