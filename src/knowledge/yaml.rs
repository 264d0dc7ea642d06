//! YAML as detections, macros and lookups use it: a mapping whose values are asked for by path.

use super::place::{Place, read_text};
use crate::diagnostic::Diagnostic;
use serde_norway::Value;
use std::path::Path;
use std::sync::Arc;

/// A YAML mapping. Unknown keys are no trouble; a value of another kind than the one asked for reads as missing.
#[derive(Clone, Debug)]
pub struct Yaml {
    root: Value,
    file: Arc<str>,
    /// The keys of the first level with their lines.
    lines: Vec<(String, usize)>,
}

impl Yaml {
    /// Reads a text.
    ///
    /// Errors: [`Code::DATA_FILE`](crate::diagnostic::Code::DATA_FILE) with file and line where it is no YAML or no mapping.
    pub fn parse(text: &str, file: &Arc<str>) -> Result<Yaml, Diagnostic> {
        Yaml::parse_from(text, file, 1)
    }

    /// Reads a text whose first line is this line of its file.
    pub fn parse_from(text: &str, file: &Arc<str>, first: usize) -> Result<Yaml, Diagnostic> {
        let root: Value = serde_norway::from_str(text).map_err(|e| {
            let line = e.location().map_or(0, |l| l.line().saturating_sub(1));
            Place::new(file, first.saturating_add(line)).error(format!("this is no YAML: {e}"))
        })?;
        if !root.is_mapping() {
            return Err(Place::new(file, first).error("expected YAML keys and values"));
        }
        let keys = text.lines().enumerate().filter(|(_, l)| l.starts_with(|c: char| c.is_alphanumeric() || c == '_'));
        let lines = keys.filter_map(|(i, l)| Some((l.split_once(':')?.0.to_string(), i.saturating_add(first)))).collect();
        Ok(Yaml { root, file: file.clone(), lines })
    }

    /// Reads a file. Errors: as [`Yaml::parse`], or the file cannot be read.
    pub fn read(path: &Path) -> Result<Yaml, Diagnostic> {
        Yaml::parse(&read_text(path)?, &path.display().to_string().into())
    }

    /// Where a key of the first level stands; the first line of the file where it has none.
    pub fn place(&self, key: &str) -> Place {
        Place::new(&self.file, self.lines.iter().find(|(k, _)| k == key).map_or(1, |(_, line)| *line))
    }

    /// The value at a dotted path.
    pub fn at(&self, path: &str) -> Option<&Value> {
        at(&self.root, path)
    }

    /// A scalar at a path, as text.
    pub fn text(&self, path: &str) -> Option<String> {
        scalar(self.at(path)?)
    }

    /// A number at a path, also where it is written as text.
    pub fn number(&self, path: &str) -> Option<f64> {
        self.text(path)?.trim().parse().ok()
    }

    /// The scalars of a list at a path; a lone scalar is a list of one.
    pub fn list(&self, path: &str) -> Vec<String> {
        self.at(path).map(scalars).unwrap_or_default()
    }

    /// The items of a list of mappings.
    pub fn items(&self, path: &str) -> &[Value] {
        self.at(path).and_then(Value::as_sequence).map_or(&[], Vec::as_slice)
    }
}

/// The value at a dotted path below a value.
pub fn at<'a>(value: &'a Value, path: &str) -> Option<&'a Value> {
    path.split('.').try_fold(value, |v, key| v.get(key))
}

/// A scalar as text; `None` for null, lists and mappings.
pub fn scalar(value: &Value) -> Option<String> {
    match value {
        Value::String(s) => Some(s.clone()),
        Value::Number(n) => Some(n.to_string()),
        Value::Bool(b) => Some(b.to_string()),
        Value::Tagged(t) => scalar(&t.value),
        _ => None,
    }
}

/// The scalars of a list, or a lone one.
pub fn scalars(value: &Value) -> Vec<String> {
    match value.as_sequence() {
        Some(all) => all.iter().filter_map(scalar).collect(),
        None => scalar(value).into_iter().collect(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn asks_by_path_and_forgives_kinds() {
        let y = Yaml::parse("version: 3\nname: x\ntags:\n  score: '80'\n  ids: T1\n  list: [a, 1, {b: c}]\n", &"f.yml".into()).unwrap();
        assert_eq!((y.text("version"), y.number("tags.score"), y.text("tags")), (Some("3".into()), Some(80.0), None));
        assert_eq!((y.list("tags.ids"), y.list("tags.list"), y.list("none.x")), (vec!["T1".to_string()], vec!["a".into(), "1".into()], vec![]));
        assert_eq!(y.place("tags").line, 3);
    }

    #[test]
    fn damage_has_a_line() {
        let parse = |t: &str| Yaml::parse_from(t, &"f.yml".into(), 10).unwrap_err().message;
        assert!(parse("a: 1\nb: [1,\n").starts_with("f.yml:1"), "{}", parse("a: 1\nb: [1,\n"));
        assert!(parse("just words").starts_with("f.yml:10: expected"));
        assert!(parse("").contains("expected"));
        let bomb = "a: &a [x,x,x,x,x,x,x,x,x]\nb: &b [*a,*a,*a,*a,*a,*a,*a,*a]\nc: &c [*b,*b,*b,*b,*b,*b,*b,*b]\nd: &d [*c,*c,*c,*c,*c,*c,*c,*c]\ne: &e [*d,*d,*d,*d,*d,*d,*d,*d]\nf: &f [*e,*e,*e,*e,*e,*e,*e,*e]\ng: [*f,*f,*f,*f,*f,*f,*f,*f]\n";
        assert!(Yaml::parse(bomb, &"f.yml".into()).is_err());
        assert!(Yaml::parse(&"[".repeat(100_000), &"f.yml".into()).is_err());
    }
}
