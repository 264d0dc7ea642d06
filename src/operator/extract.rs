//! rex, EXTRACT and REPORT: named groups become fields.

use super::Context;
use crate::column::{Batch, Builder, Column, NO_CODE, Name, Value};
use crate::diagnostic::Diagnostic;
use crate::plan::Extract;
use crate::regex::{Captures, Regex};
use std::fmt::Write;

/// How many values are searched between two looks at the cancel token: a search can be long.
const PACE: usize = 64;

/// Extracts with one regex. A field keeps its value in rows where its group matched nothing; several matches, or several
/// values of the field that is read, give a multivalue. `max_match` counts for each value.
pub fn extract(batch: &mut Batch, extract: &Extract, cx: &Context) -> Result<(), Diagnostic> {
    let Some(source) = batch.get(&extract.field).cloned() else { return Ok(()) };
    let fields = fields(&extract.regex);
    // A column that repeats its values is searched once for each.
    let (values, codes) = match source.as_ref() {
        Column::Dict { codes, values, .. } if values.len() <= codes.len() => (values.as_ref(), Some(codes)),
        plain => (plain, None),
    };
    let mut made: Vec<Builder> = fields.iter().map(|_| Builder::new()).collect();
    let mut offsets = Builder::new();
    for i in 0..values.len() {
        if i % PACE == 0 {
            cx.check()?;
        }
        let value = values.get(i);
        match &value {
            Value::Text(text) if extract.max_match == 1 && extract.offset_field.is_none() => {
                let found = extract.regex.captures_at(text, 0);
                for ((_, groups), column) in fields.iter().zip(&mut made) {
                    match found.as_ref().and_then(|f| first(f, groups)) {
                        Some(part) => column.push_text(part),
                        None => column.push_null(),
                    }
                }
            }
            _ => several(&value, extract, &fields, &mut made, &mut offsets),
        }
    }
    let columns = fields.iter().map(|(name, _)| name).zip(made).chain(extract.offset_field.as_ref().map(|name| (name, offsets)));
    for (name, column) in columns {
        let column = column.finish();
        let column = match codes {
            Some(codes) => Column::coded(codes.clone(), column),
            None => column,
        };
        put(batch, name, column);
    }
    Ok(())
}

/// The fields that a regex makes, each with its groups: PCRE lets several groups share a name.
fn fields(regex: &Regex) -> Vec<(Name, Vec<usize>)> {
    let mut fields: Vec<(Name, Vec<usize>)> = Vec::new();
    for (group, name) in regex.names() {
        match fields.iter_mut().find(|(n, _)| **n == *name) {
            Some((_, groups)) => groups.push(group),
            None => fields.push((name.into(), vec![group])),
        }
    }
    fields
}

/// The text of the first of these groups that took part.
fn first<'t>(found: &Captures<'t>, groups: &[usize]) -> Option<&'t str> {
    groups.iter().find_map(|&g| found.get(g))
}

/// All matches in all values of one row.
fn several(value: &Value<'_>, extract: &Extract, fields: &[(Name, Vec<usize>)], made: &mut [Builder], offsets: &mut Builder) {
    let most = match extract.max_match {
        0 => usize::MAX,
        n => usize::try_from(n).unwrap_or(usize::MAX),
    };
    let mut parts: Vec<Vec<Value<'_>>> = fields.iter().map(|_| Vec::new()).collect();
    let mut places = String::new();
    for text in value.each().iter().filter_map(Value::as_text) {
        for found in extract.regex.captures_iter(&text).take(most) {
            for ((name, groups), parts) in fields.iter().zip(&mut parts) {
                parts.extend(first(&found, groups).map(Value::owned));
                if extract.offset_field.is_some() {
                    groups.iter().find_map(|&g| found.span(g)).into_iter().for_each(|span| place(name, &text, span, &mut places));
                }
            }
        }
    }
    made.iter_mut().zip(parts).for_each(|(column, parts)| column.push(Value::multi(parts)));
    if places.is_empty() { offsets.push_null() } else { offsets.push_text(&places) }
}

/// Where a group lies, as `name=first-last` in characters, with `&` between several.
fn place(name: &str, text: &str, (start, end): (usize, usize), out: &mut String) {
    let first = text.get(..start).unwrap_or_default().chars().count();
    let length = text.get(start..end).unwrap_or_default().chars().count();
    // Writing to a String cannot fail.
    let _ = write!(out, "{}{name}={first}-{}", if out.is_empty() { "" } else { "&" }, (first + length).saturating_sub(1));
}

/// Sets a field in the rows where the column has a value; the others keep theirs.
pub(super) fn put(batch: &mut Batch, name: &Name, column: Column) {
    let Some(old) = batch.get(name).filter(|old| !old.all_null()) else {
        batch.set(name.clone(), column);
        return;
    };
    // A code that stands for no value is as good as none.
    let missing = |i: usize| match &column {
        Column::Dict { codes, values, .. } => codes.get(i).is_none_or(|&c| c == NO_CODE || values.is_null(c as usize)),
        other => other.is_null(i),
    };
    let merged: Column = (0..column.len()).map(|i| if missing(i) { old.get(i) } else { column.get(i) }).collect();
    batch.set(name.clone(), merged);
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::operator::testing::{context, rows, shown};

    fn run(json: &str, pattern: &str, max_match: u64, offset: Option<&str>) -> String {
        let mut batch = rows(json);
        let regex = Regex::new(pattern).unwrap();
        extract(&mut batch, &Extract { field: "x".into(), regex, max_match, offset_field: offset.map(Name::from) }, &context()).unwrap();
        shown(&batch)
    }

    #[test]
    fn named_groups_become_fields() {
        for (json, pattern, max, want) in [
            (r#"[{"x":"a1"}]"#, r"(?<l>[a-z])(?<d>\d)", 1, r#"[{"x":"a1","l":"a","d":"1"}]"#),
            (r#"[{"x":"a1b2c3"}]"#, r"(?<d>\d)", 1, r#"[{"x":"a1b2c3","d":"1"}]"#),
            (r#"[{"x":"a1b2c3"}]"#, r"(?<d>\d)", 2, r#"[{"x":"a1b2c3","d":["1","2"]}]"#),
            (r#"[{"x":"a1b2c3"}]"#, r"(?<d>\d)", 0, r#"[{"x":"a1b2c3","d":["1","2","3"]}]"#),
            // A match leaves other rows alone, and a group that took no part its field.
            (r#"[{"x":"-","d":"old"},{"x":"7","d":"old"}]"#, r"(?<d>\d)", 1, r#"[{"x":"-","d":"old"},{"x":"7","d":"7"}]"#),
            (r#"[{"x":"b","d":"old"}]"#, r"(?<d>\d)|(?<e>b)", 1, r#"[{"x":"b","d":"old","e":"b"}]"#),
            // Each value of a multivalue.
            (r#"[{"x":["a1","b2"]}]"#, r"(?<d>\d)", 1, r#"[{"x":["a1","b2"],"d":["1","2"]}]"#),
            (r#"[{"y":"1"}]"#, r"(?<d>\d)", 1, r#"[{"y":"1"}]"#),
            (r#"[{"x":"1"}]"#, r"\d", 1, r#"[{"x":"1"}]"#),
            (r#"[{"x":"äöü1"}]"#, r"(?<x>\d)", 1, r#"[{"x":"1"}]"#),
        ] {
            assert_eq!(run(json, pattern, max, None), want, "{pattern}");
        }
    }

    #[test]
    fn offsets_count_characters_and_include_the_last_one() {
        assert_eq!(run(r#"[{"x":"ä0123456789"}]"#, r"(?<ten>\d{10})", 1, Some("at")), r#"[{"x":"ä0123456789","ten":"0123456789","at":"ten=1-10"}]"#);
        assert_eq!(run(r#"[{"x":"a1"}]"#, r"(?<l>[a-z])(?<d>\d)", 1, Some("at")), r#"[{"x":"a1","l":"a","d":"1","at":"l=0-0&d=1-1"}]"#);
    }

    #[test]
    fn a_dictionary_is_searched_once_a_value() {
        let values: Column = [Value::text("a1"), Value::text("b")].into_iter().collect();
        let mut batch = Batch::new(4);
        batch.set("x", Column::coded(vec![1, 0, 0, NO_CODE], values));
        let e = Extract { field: "x".into(), regex: Regex::new(r"(?<d>\d)").unwrap(), max_match: 1, offset_field: None };
        extract(&mut batch, &e, &context()).unwrap();
        assert_eq!((0..4).map(|i| batch.value("d", i)).collect::<Vec<_>>(), [Value::Null, Value::text("1"), Value::text("1"), Value::Null]);
        assert!(matches!(batch.get("d").unwrap().as_ref(), Column::Dict { .. }));
    }
}
