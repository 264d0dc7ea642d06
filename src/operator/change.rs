//! Changes to fields by pattern: what fillnull, convert, makemv, nomv, replace and `rex mode=sed` do to values.

use super::excerpt::excerpt;
use super::{Context, convert};
use crate::column::{Batch, Column, NO_CODE, Name, Value, cast};
use crate::plan::{Change, Each, FieldPattern, Sed, Split};
use crate::regex::{self, Regex};
use indexmap::IndexSet;
use std::cell::Cell;
use std::sync::Arc;

/// Applies one change to every field that it reaches. Once the query is to end the rows stay as they are.
pub fn each(batch: &mut Batch, each: &Each, cx: &Context) {
    for (from, into) in targets(batch, each) {
        let read = batch.column(&from);
        let column = change(&read, &each.change, cx);
        let column = match batch.get(&into).filter(|_| into != from) {
            Some(old) => beside(&read, &column, old),
            None => column,
        };
        batch.set(into, column);
    }
}

/// A result in another field than the one that is read: rows without a value there have none to change, and keep what they have.
fn beside(read: &Column, column: &Arc<Column>, old: &Column) -> Arc<Column> {
    match (0..read.len()).any(|row| read.is_null(row) && !old.is_null(row)) {
        true => Arc::new((0..read.len()).map(|row| if read.is_null(row) { old.get(row) } else { column.get(row) }).collect()),
        false => column.clone(),
    }
}

/// The fields to read, each with the name that its result gets.
fn targets(batch: &Batch, each: &Each) -> IndexSet<(Name, Name)> {
    let except = |name: &str| each.except.iter().any(|p| p.matches(name));
    let mut all = IndexSet::new();
    for pattern in &each.fields {
        let made = each.create && pattern.wildcard.is_none() && batch.get(&pattern.text).is_none();
        let there = batch.names().filter(|n| pattern.matches(n)).cloned();
        for name in there.chain(made.then(|| Name::from(pattern.text.as_str()))).filter(|n| !except(n)) {
            let into = each.into.as_ref().map_or_else(|| name.clone(), |template| renamed(&name, pattern, template));
            all.insert((name, into));
        }
    }
    all
}

/// The name that a field's result gets: stars of the template stand for what those of the pattern do.
fn renamed(name: &str, pattern: &FieldPattern, template: &str) -> Name {
    let parts = pattern.wildcard.as_ref().and_then(|w| w.capture(name)).unwrap_or_default();
    fill(template, &parts).as_str().into()
}

/// A text with its stars filled in from left to right; `\*` is a star, and stars for which there is nothing go.
fn fill(template: &str, parts: &[&str]) -> String {
    let mut parts = parts.iter();
    let mut out = String::with_capacity(template.len());
    let mut chars = template.chars().peekable();
    while let Some(c) = chars.next() {
        match (c, chars.peek()) {
            ('\\', Some('*')) => out.extend(chars.next()),
            ('*', _) => out.push_str(parts.next().copied().unwrap_or_default()),
            _ => out.push(c),
        }
    }
    out
}

/// A column with every value changed.
fn change(column: &Arc<Column>, change: &Change, cx: &Context) -> Arc<Column> {
    let calls = Cell::new(0u32);
    let go_on = || {
        calls.set(calls.get().wrapping_add(1));
        !calls.get().is_multiple_of(64) || cx.check().is_ok()
    };
    match change {
        Change::Fill(value) => filled(column, value),
        Change::Convert(conversion) => convert::convert(column, conversion, cx),
        Change::Split(how) => Arc::new(column.map(|v| if go_on() { split(v, how) } else { v })),
        Change::Nomv(delimiter) => Arc::new(column.map(|v| match v {
            Value::Multi(all) => Value::owned(cast::join(&all, delimiter)),
            one => one,
        })),
        Change::Replace(pairs) => {
            let one = |text: &str| pairs.iter().find_map(|(pattern, with)| Some(fill(with, &pattern.capture(text)?)));
            Arc::new(column.map(|v| each_text(v, &one)))
        }
        Change::Unescape => Arc::new(column.map(|v| {
            each_text(v, &|t| {
                let mut out = String::new();
                crate::input::xml::tag::decode(t, &mut out);
                t.contains('&').then_some(out)
            })
        })),
        Change::Scrub(how) => Arc::new(column.map(|v| match v {
            _ if !go_on() => v,
            Value::Number(n) => Value::from(crate::column::number::parse(&super::scrub::scrub(&crate::column::number::format(n), how)).or(Some(n))),
            v => each_text(v, &|t| Some(super::scrub::scrub(t, how))),
        })),
        Change::Excerpt(how) => Arc::new(column.map(|v| if go_on() { each_text(v, &|t| excerpt(t, how)) } else { v })),
        Change::Sed(sed) => Arc::new(column.map(|v| if go_on() { each_text(v, &|t| edit(sed, t)) } else { v })),
    }
}

/// A column with a value in place of null; itself where no row lacks one.
pub(super) fn filled(column: &Arc<Column>, value: &Value<'static>) -> Arc<Column> {
    if (0..column.len()).all(|i| !column.is_null(i)) {
        return column.clone();
    }
    Arc::new(match column.as_ref() {
        Column::Const(_, len) => Column::Const(value.clone(), *len),
        Column::Dict { codes, values, .. } if values.len() < codes.len() => {
            let more = values.len() as u32;
            let codes = codes.iter().map(|&c| if c == NO_CODE || values.is_null(c as usize) { more } else { c }).collect();
            let values = Column::concat(&[values, &Column::Const(value.clone(), 1)]);
            Column::coded(codes, values)
        }
        other => (0..other.len()).map(|i| if other.is_null(i) { value.borrowed() } else { other.get(i) }).collect(),
    })
}

/// Changes each single value that the function has a new text for.
fn each_text<'v>(value: Value<'v>, change: &impl Fn(&str) -> Option<String>) -> Value<'v> {
    match value {
        Value::Null => Value::Null,
        Value::Multi(all) => Value::multi(all.into_iter().map(|v| each_text(v, change))),
        one => match one.as_text().and_then(|t| change(&t)) {
            Some(text) => Value::owned(text),
            None => one,
        },
    }
}

/// makemv. A multivalue stays as it is; a text that gives no values at all becomes null.
fn split<'v>(value: Value<'v>, how: &Split) -> Value<'v> {
    let Some(text) = Some(&value).filter(|v| !matches!(v, Value::Multi(_))).and_then(Value::as_text) else { return value };
    match how {
        Split::Delimiter { delimiter, allow_empty } if delimiter.is_empty() || !text.contains(delimiter.as_str()) => match text.is_empty() && !allow_empty {
            true => Value::Null,
            false => value,
        },
        Split::Delimiter { delimiter, allow_empty } => Value::multi(text.split(delimiter.as_str()).filter(|p| *allow_empty || !p.is_empty()).map(Value::owned)),
        Split::Tokenizer(regex) => Value::multi(tokens(regex, &text)),
    }
}

/// The first group of every match; all of it where the regex has no group.
fn tokens(regex: &Regex, text: &str) -> Vec<Value<'static>> {
    let token = |m: regex::Captures<'_>| m.get(if m.count() > 1 { 1 } else { 0 }).map(Value::owned);
    regex.captures_iter(text).filter_map(token).collect()
}

/// The text that a sed expression makes of one; `None` where it changes nothing.
fn edit(sed: &Sed, text: &str) -> Option<String> {
    match sed {
        Sed::Transliterate(pairs) => {
            let other = |c: char| pairs.iter().find(|(from, _)| *from == c).map(|(_, to)| *to);
            text.chars().any(|c| other(c).is_some()).then(|| text.chars().map(|c| other(c).unwrap_or(c)).collect())
        }
        Sed::Substitute { regex, replacement, occurrence } => {
            let new = match occurrence.checked_sub(1) {
                None => regex.replace_all(text, replacement),
                Some(nth) => regex.replace_nth(text, replacement, usize::try_from(nth).unwrap_or(usize::MAX)),
            };
            match new {
                std::borrow::Cow::Owned(new) => Some(new),
                std::borrow::Cow::Borrowed(_) => None,
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::operator::testing::{context, rows, shown};
    use crate::wildcard::Pattern;

    fn apply(json: &str, fields: &[&str], change: Change) -> String {
        let mut batch = rows(json);
        let fields = fields.iter().map(|f| FieldPattern::new(f)).collect();
        each(&mut batch, &Each { fields, except: Vec::new(), into: None, create: false, change }, &context());
        shown(&batch)
    }

    #[test]
    fn splits_and_joins() {
        let by = |delimiter: &str, allow_empty| Change::Split(Split::Delimiter { delimiter: delimiter.into(), allow_empty });
        let token = || Change::Split(Split::Tokenizer(Arc::new(Regex::new(r"([a-z])\d?").unwrap())));
        for (json, change, want) in [
            (r#"[{"x":"a,,b"}]"#, by(",", false), r#"[{"x":["a","b"]}]"#),
            (r#"[{"x":"a,,b"}]"#, by(",", true), r#"[{"x":["a","","b"]}]"#),
            (r#"[{"x":"a"},{"y":"1"},{"x":",,"}]"#, by(",", false), r#"[{"x":"a"},{"y":"1"},{}]"#),
            (r#"[{"x":"a💥b"}]"#, by("💥", false), r#"[{"x":["a","b"]}]"#),
            (r#"[{"x":"ab"}]"#, by("", false), r#"[{"x":"ab"}]"#),
            (r#"[{"x":["a,b","c"]}]"#, by(",", false), r#"[{"x":["a,b","c"]}]"#),
            (r#"[{"x":"a1b2"},{"x":"!"}]"#, token(), r#"[{"x":["a","b"]},{}]"#),
            (r#"[{"x":["a","b"]},{"x":"c"}]"#, Change::Nomv("\n".into()), r#"[{"x":"a\nb"},{"x":"c"}]"#),
        ] {
            assert_eq!(apply(json, &["x"], change), want, "{json}");
        }
    }

    #[test]
    fn replaces_whole_values_and_carries_stars_over() {
        let pairs = |list: &[(&str, &str)]| Change::Replace(list.iter().map(|(a, b)| (Pattern::case_sensitive(a), b.to_string())).collect());
        for (value, list, want) in [
            ("error", [("error", "bad"), ("e*", "no")], "bad"),
            ("errors", [("error", "bad"), ("x", "y")], "errors"),
            ("Error", [("error", "bad"), ("x", "y")], "Error"),
            ("880 Holmes Lane", [("* Lane", "Lane *"), ("x", "y")], "Lane 880 Holmes"),
            ("::ffff:1.2.3.4", [("::ffff:*", "*"), ("x", "y")], "1.2.3.4"),
            ("abc", [("a*", r"\*"), ("x", "y")], "*"),
        ] {
            assert_eq!(apply(&format!(r#"[{{"x":"{value}"}}]"#), &["*"], pairs(&list)), format!(r#"[{{"x":"{want}"}}]"#));
        }
        assert_eq!(apply(r#"[{"x":["a","b"],"_y":"a"}]"#, &["*"], pairs(&[("a", "c")])), r#"[{"x":["c","b"],"_y":"a"}]"#);
    }

    #[test]
    fn edits_like_sed() {
        let s = |pattern: &str, replacement: &str, occurrence| {
            Change::Sed(Arc::new(Sed::Substitute { regex: Regex::new(pattern).unwrap(), replacement: replacement.into(), occurrence }))
        };
        let y = || Change::Sed(Arc::new(Sed::Transliterate(vec![('a', 'b'), ('b', 'a')])));
        for (value, change, want) in [
            ("1-2-3", s(r"\d", "x", 0), "x-x-x"),
            ("1-2-3", s(r"\d", "x", 1), "x-2-3"),
            ("1-2-3", s(r"\d", "x", 3), "1-2-x"),
            ("1-2-3", s(r"\d", "x", 4), "1-2-3"),
            ("ab", s("(a)(b)", r"\2\1", 1), "ba"),
            ("aba", y(), "bab"),
            ("xyz", y(), "xyz"),
        ] {
            assert_eq!(apply(&format!(r#"[{{"x":"{value}"}}]"#), &["x"], change), format!(r#"[{{"x":"{want}"}}]"#));
        }
    }

    #[test]
    fn new_names_carry_stars_over_and_exceptions_hold() {
        let mut batch = rows(r#"[{"a_x":null,"b_x":"1"},{"a_x":"2"}]"#);
        let fill = |create| Each {
            fields: vec![FieldPattern::new("*_x"), FieldPattern::new("new")],
            except: vec![FieldPattern::new("b_*")],
            into: Some("*_y".into()),
            create,
            change: Change::Fill(Value::Number(0.0)),
        };
        each(&mut batch, &fill(false), &context());
        assert_eq!(shown(&batch), r#"[{"b_x":"1","a_y":0},{"a_x":"2","a_y":"2"}]"#);
        let into = Each { into: None, ..fill(true) };
        each(&mut batch, &into, &context());
        assert!(shown(&batch).contains(r#""new":0"#));
    }

    #[test]
    fn a_dictionary_is_filled_with_one_more_value() {
        let values: Column = [Value::text("a")].into_iter().collect();
        let column = Arc::new(Column::coded(vec![0, NO_CODE, 0], values));
        let filled = filled(&column, &Value::text("-"));
        assert_eq!((0..3).map(|i| filled.get(i)).collect::<Vec<_>>(), [Value::text("a"), Value::text("-"), Value::text("a")]);
    }
}
