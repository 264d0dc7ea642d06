//! One value as text.

use crate::column::cast::join;
use crate::column::{Batch, Value, number};
use crate::time::{Zone, strftime};
use std::borrow::Cow;

/// A value for people: the time of an event as a date, several values one a line. Empty for null.
pub fn shown<'a>(name: &str, value: &'a Value<'_>, zone: &Zone) -> Cow<'a, str> {
    match (name, value) {
        ("_time", Value::Number(n)) => Cow::Owned(time(*n, zone)),
        _ => value.as_text().unwrap_or_default(),
    }
}

/// A time for people: `2024-03-01 10:15:00.250`. An instant that has no date is written as its number.
pub fn time(epoch: f64, zone: &Zone) -> String {
    strftime(epoch, "%Y-%m-%d %H:%M:%S.%3N", zone).unwrap_or_else(|| crate::column::number::format(epoch))
}

/// A value for programs: numbers as they are, several values with a separator between. Empty for null.
pub fn plain<'a>(value: &'a Value<'_>, separator: &str) -> Cow<'a, str> {
    match value {
        Value::Multi(all) => Cow::Owned(join(all, separator)),
        one => one.as_text().unwrap_or_default(),
    }
}

/// The same, behind other text.
pub fn write_plain(value: &Value<'_>, separator: &str, out: &mut String) {
    match value {
        Value::Number(n) => number::write(*n, out),
        other => out.push_str(&plain(other, separator)),
    }
}

/// How many fields of an event are shown before a table shows `_time` and `_raw` alone.
const EVENT_FIELDS: usize = 10;

/// The fields that the formats for people show, in order. Internal fields are hidden, except `_time`, which comes first, and
/// `_raw`, which comes last. Events with more than ten other fields show these two alone, as long as `every` is false.
pub fn shown_fields(rows: &Batch, every: bool) -> Vec<String> {
    let mut fields: Vec<String> = rows.names().filter(|n| !n.starts_with('_')).map(|n| n.to_string()).collect();
    let has = |name: &str| rows.get(name).is_some_and(|c| !c.all_null());
    if has("_raw") && !every && fields.len() > EVENT_FIELDS {
        fields.clear();
    }
    if has("_time") || (rows.get("_time").is_some() && !has("_raw")) {
        fields.insert(0, "_time".into());
    }
    if has("_raw") {
        fields.push("_raw".into());
    }
    fields
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::column::Column;

    #[test]
    fn values_for_people_and_for_programs() {
        let utc = Zone::utc();
        assert_eq!(shown("_time", &Value::Number(1_700_000_000.5), &utc), "2023-11-14 22:13:20.500");
        assert_eq!(shown("x", &Value::Number(1_700_000_000.5), &utc), "1700000000.5");
        assert_eq!(shown("_time", &Value::Number(f64::INFINITY), &utc), "inf");
        let multi = Value::multi([Value::text("a"), Value::Number(2.0)]);
        assert_eq!((shown("m", &multi, &utc), plain(&multi, ",")), ("a\n2".into(), "a,2".into()));
    }

    #[test]
    fn internal_fields_are_hidden() {
        let mut rows = Batch::new(1);
        for name in ["_raw", "b", "_cd", "a", "_time"] {
            rows.set(name, Column::numbers(vec![1.0]));
        }
        assert_eq!(shown_fields(&rows, false), ["_time", "b", "a", "_raw"]);
        (0..9).for_each(|i| rows.set(format!("f{i}"), Column::numbers(vec![1.0])));
        assert_eq!(shown_fields(&rows, false), ["_time", "_raw"]);
        assert_eq!(shown_fields(&rows, true).len(), 13);
    }
}
