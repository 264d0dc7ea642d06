//! REPORT: the stanzas of transforms.conf, by regex with FORMAT or by delimiters.

use super::{Context, extract};
use crate::column::{Batch, Builder, Name, Value};
use crate::diagnostic::Diagnostic;
use crate::knowledge::transform::How;
pub use crate::plan::Report as Transformation;
use crate::regex::{Captures, Regex};
use indexmap::IndexMap;
use std::borrow::Cow;

/// What one event gave: names and values in the order of the text.
type Found<'t> = Vec<(Cow<'t, str>, Cow<'t, str>)>;

impl Transformation {
    /// Makes the fields. What an event already has stays, unless MV_ADD puts the new values behind it.
    pub fn run(&self, batch: &mut Batch, cx: &Context) -> Result<(), Diagnostic> {
        let Some(source) = batch.get(&self.transform.source_key).cloned() else { return Ok(()) };
        let mut made: IndexMap<Name, Builder, foldhash::fast::RandomState> = IndexMap::default();
        for row in 0..batch.len() {
            if row % 64 == 0 {
                cx.check()?;
            }
            let value = source.get(row);
            let Some(text) = value.as_text() else { continue };
            let mut fields: IndexMap<Cow<'_, str>, Vec<Value<'_>>, foldhash::fast::RandomState> = IndexMap::default();
            for (name, value) in self.find(&text) {
                if name.is_empty() || (value.is_empty() && !self.transform.keep_empty) {
                    continue;
                }
                let values = fields.entry(name).or_default();
                if values.is_empty() || self.transform.mv_add {
                    values.push(Value::Text(value));
                }
            }
            for (name, values) in fields {
                let old = batch.value(&name, row);
                let value = match (old.is_null(), self.transform.mv_add) {
                    (true, _) => Value::multi(values),
                    (false, true) => Value::multi(std::iter::once(old).chain(values)),
                    (false, false) => continue,
                };
                let column = match made.get_mut(name.as_ref()) {
                    Some(column) => column,
                    None => made.entry(name.as_ref().into()).or_default(),
                };
                column.pad(row);
                column.push(value);
            }
        }
        for (name, mut column) in made {
            column.pad(batch.len());
            extract::put(batch, &name, column.finish());
        }
        Ok(())
    }

    fn find<'t>(&self, text: &'t str) -> Found<'t> {
        let mut found: Found<'t> = match (&self.transform.how, &self.regex) {
            (How::Regex { format, .. }, Some(regex)) if format.is_empty() => named(regex, text, self.transform.mv_add),
            (How::Regex { format, .. }, Some(regex)) => formatted(regex, format, text),
            (How::Columns { separators, fields }, _) => {
                fields.iter().zip(split(text, separators)).map(|(name, value)| (Cow::Owned(name.clone()), value.into())).collect()
            }
            (How::Pairs { separators, assigns }, _) => pairs(text, separators, assigns),
            (How::Regex { .. }, None) => Vec::new(),
        };
        let dynamic = match &self.transform.how {
            How::Regex { format, groups, .. } => format.iter().any(|(name, _)| name.contains('$')) || groups.iter().any(|g| g.starts_with(KEY)),
            How::Columns { .. } => false,
            How::Pairs { .. } => true,
        };
        if dynamic && self.transform.clean_keys {
            found.iter_mut().for_each(|(name, _)| clean(name));
        }
        found
    }
}

/// Groups `_KEY_1` and `_VAL_1` hold a field's name and its value.
const KEY: &str = "_KEY_";
const VALUE: &str = "_VAL_";

/// Named groups. The pattern is taken again and again where names come from the text, or where values are added.
fn named<'t>(regex: &Regex, text: &'t str, all: bool) -> Found<'t> {
    let repeats = all || regex.names().any(|(_, n)| n.starts_with(KEY));
    let mut found = Vec::new();
    for one in regex.captures_iter(text).take(if repeats { usize::MAX } else { 1 }) {
        for (group, name) in regex.names() {
            let Some(part) = one.span(group).and_then(|(from, to)| text.get(from..to)) else { continue };
            if let Some(number) = name.strip_prefix(KEY) {
                let value = regex.names().find(|(_, n)| n.strip_prefix(VALUE) == Some(number)).and_then(|(g, _)| one.span(g));
                let value = value.and_then(|(from, to)| text.get(from..to)).unwrap_or_default();
                found.push((part.into(), value.into()));
            } else if !name.starts_with(VALUE) {
                found.push((Cow::Owned(name.to_string()), part.into()));
            }
        }
    }
    found
}

fn formatted<'t>(regex: &Regex, format: &[(String, String)], text: &'t str) -> Found<'t> {
    let repeats = format.iter().any(|(name, _)| name.contains('$'));
    let matches = regex.captures_iter(text).take(if repeats { usize::MAX } else { 1 });
    matches.flat_map(|m| format.iter().map(move |(name, value)| (fill(name, &m), fill(value, &m))).collect::<Vec<_>>()).collect()
}

/// A template with `$1` filled in; a group that took no part gives nothing.
fn fill<'t>(template: &str, found: &Captures<'_>) -> Cow<'t, str> {
    let mut out = String::new();
    let mut rest = template;
    while let Some((before, after)) = rest.split_once('$') {
        out.push_str(before);
        let digits = after.bytes().take_while(u8::is_ascii_digit).count();
        let (number, next) = after.split_at(digits);
        match number.parse() {
            Ok(group) => out.push_str(found.get(group).unwrap_or_default()),
            Err(_) => out.push('$'),
        }
        rest = next;
    }
    out.push_str(rest);
    Cow::Owned(out)
}

/// The pieces of a text between any of the separators; one that begins with a quote goes on to the next quote.
fn split<'t>(text: &'t str, separators: &str) -> Vec<&'t str> {
    let mut pieces = Vec::new();
    let mut rest = Some(text);
    while let Some(now) = rest {
        let quoted = now.trim_start_matches(' ').strip_prefix('"').and_then(|inner| {
            let (piece, after) = inner.split_once('"')?;
            (after.is_empty() || after.starts_with(|c| separators.contains(c))).then_some((piece, after))
        });
        let (piece, after) = quoted.unwrap_or_else(|| now.split_at(now.find(|c| separators.contains(c)).unwrap_or(now.len())));
        pieces.push(if quoted.is_some() { piece } else { piece.trim_matches(' ') });
        rest = after.chars().next().and_then(|c| after.get(c.len_utf8()..));
    }
    pieces
}

/// `key=value` pairs; separators that follow each other count as one.
pub(super) fn pairs<'t>(text: &'t str, separators: &str, assigns: &str) -> Found<'t> {
    let mut found = Vec::new();
    let mut rest = text.trim_start_matches(|c| separators.contains(c));
    while !rest.is_empty() {
        let end = rest.find(|c| separators.contains(c)).unwrap_or(rest.len());
        let assign = rest.char_indices().find(|(_, c)| assigns.contains(*c)).filter(|(at, _)| *at < end);
        let Some((at, c)) = assign else {
            rest = rest.get(end..).unwrap_or_default().trim_start_matches(|c| separators.contains(c));
            continue;
        };
        let (key, value) = (rest.get(..at).unwrap_or_default(), rest.get(at + c.len_utf8()..).unwrap_or_default());
        let quoted = value.strip_prefix('"').and_then(|inner| inner.split_once('"'));
        let (value, after) = quoted.unwrap_or_else(|| value.split_at(value.find(|c| separators.contains(c)).unwrap_or(value.len())));
        found.push((key.trim().trim_matches('"').into(), value.trim_matches(' ').into()));
        rest = after.trim_start_matches(|c| separators.contains(c));
    }
    found
}

/// Field names hold letters, digits and `_`, and begin with a letter.
pub(super) fn clean(name: &mut Cow<'_, str>) {
    let good = |c: char| c.is_ascii_alphanumeric() || c == '_';
    let cleaned: String = name.chars().map(|c| if good(c) { c } else { '_' }).collect();
    *name = Cow::Owned(cleaned.trim_start_matches(|c: char| c == '_' || c.is_ascii_digit()).to_string());
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::knowledge::{Conf, Transform};
    use crate::operator::testing::{context, rows, shown};
    use std::sync::Arc;

    fn run(conf: &str, json: &str) -> String {
        let parsed = Conf::parse(&format!("[t]\nSOURCE_KEY = x\n{conf}"), &"transforms.conf".into(), &mut Vec::new());
        let transform = Transform::from_stanza(parsed.stanza("t").unwrap()).unwrap();
        let mut batch = rows(json);
        Transformation::new(Arc::new(transform)).unwrap().run(&mut batch, &context()).unwrap();
        shown(&batch)
    }

    #[test]
    fn fields_by_regex() {
        for (conf, json, want) in [
            (r"REGEX = (?<a>\d)(?<b>\w)", r#"[{"x":"1c 2d"}]"#, r#"[{"x":"1c 2d","a":"1","b":"c"}]"#),
            ("REGEX = (?<a>\\d)\nMV_ADD = true", r#"[{"x":"12"}]"#, r#"[{"x":"12","a":["1","2"]}]"#),
            ("REGEX = (\\w+)=(\\w+)\nFORMAT = $1::$2", r#"[{"x":"a=1 b=2 a=3"}]"#, r#"[{"x":"a=1 b=2 a=3","a":"1","b":"2"}]"#),
            ("REGEX = (\\w+)=(\\w+)\nFORMAT = k::\"<$1> $2$\"", r#"[{"x":"a=1 b=2"}]"#, r#"[{"x":"a=1 b=2","k":"<a> 1$"}]"#),
            (r"REGEX = (?<_KEY_1>[\w.]+)=(?<_VAL_1>\w+)", r#"[{"x":"a.b=1 c=2"}]"#, r#"[{"x":"a.b=1 c=2","a_b":"1","c":"2"}]"#),
            // What is there stays.
            (r"REGEX = (?<a>\d)", r#"[{"x":"1","a":"old"},{"x":"2"}]"#, r#"[{"x":"1","a":"old"},{"x":"2","a":"2"}]"#),
            ("REGEX = (?<a>\\d)\nMV_ADD = 1", r#"[{"x":"1","a":"old"}]"#, r#"[{"x":"1","a":["old","1"]}]"#),
        ] {
            assert_eq!(run(conf, json), want, "{conf}");
        }
    }

    #[test]
    fn fields_by_delimiters() {
        for (conf, json, want) in [
            ("DELIMS = \",\"\nFIELDS = a, b, c", r#"[{"x":"1,, 3"}]"#, r#"[{"x":"1,, 3","a":"1","c":"3"}]"#),
            ("DELIMS = \",\"\nFIELDS = a, b\nKEEP_EMPTY_VALS = true", r#"[{"x":","}]"#, r#"[{"x":",","a":"","b":""}]"#),
            ("DELIMS = \",\"\nFIELDS = a, b", r#"[{"x":"\"1,2\",3"}]"#, r#"[{"x":"\"1,2\",3","a":"1,2","b":"3"}]"#),
            (r#"DELIMS = ";", "=""#, r#"[{"x":"a=1;;b=\"x;y\";c;d="}]"#, r#"[{"x":"a=1;;b=\"x;y\";c;d=","a":"1","b":"x;y"}]"#),
            (r#"DELIMS = "ä", "ö""#, r#"[{"x":"aö1äbö2"}]"#, r#"[{"x":"aö1äbö2","a":"1","b":"2"}]"#),
        ] {
            assert_eq!(run(conf, json), want, "{conf}");
        }
    }
}
