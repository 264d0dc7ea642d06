//! kvform: fields by a form that stands for the text of an event.

use super::{Command, Kind, Stage, options, stage};
use crate::card::{Example, Support};
use crate::diagnostic::{Code, Diagnostic};
use crate::knowledge::transform::How;
use crate::plan::text::quoted;
use crate::plan::{Extension, Extract, FieldPattern, Node, Planner, Projection, Target, planner};
use crate::regex::Regex;
use crate::syntax::option::Opt;
use crate::syntax::{Parsed, Tokens};
use serde::Serialize;
use std::sync::Arc;

static FORM: Opt<Option<String>> = Opt::new("form", "", "The form: form/<name>.form of an app.");
static FIELD: Opt<String> = Opt::new("field", "sourcetype", "The field whose value names the form, where none is given.");

pub const COMMAND: Command = Command {
    name: "kvform",
    aliases: &[],
    kind: Kind::Streaming,
    summary: "Makes fields by a form of an app: the text of an event with `[[type:field]]` in place of its values.",
    syntax: "kvform [form=<name>] [field=<field>]",
    options: &[&FORM.card, &FIELD.card],
    examples: &[Example {
        spl: "| makeresults | eval _raw=\"Name: ann Age: 7\" | kvform field=sourcetype",
        shows: "the fields of the form that is called as the source type",
    }],
    support: Support::Full,
    parse,
    file: file!(),
};

#[derive(Debug, Serialize)]
struct KvForm {
    form: Option<String>,
    field: String,
}

fn parse(mut i: Tokens<'_>) -> Parsed<'_, Box<dyn Stage>> {
    let mut k = KvForm { form: None, field: FIELD.card.default.into() };
    i = options(i, &COMMAND, [FORM.to(&mut k.form), FIELD.to(&mut k.field)])?;
    stage(i, k)
}

/// The types that forms may use beside the stanzas of transforms.conf.
const TYPES: &[(&str, &str)] = &[
    ("alnums", r"[a-zA-Z0-9]+"),
    ("alphas", r"[a-zA-Z]+"),
    ("digits", r"\d+"),
    ("float", r"[-+]?\d*\.?\d+"),
    ("int", r"[-+]?\d+"),
    ("ipv4", r"\d{1,3}(?:\.\d{1,3}){3}"),
    ("nspaces", r"\S+"),
    ("qstring", r#""[^"]*""#),
    ("string", r".+?"),
    ("word", r"\w+"),
];

/// The text of the events whose form it is, while a form is applied.
const TEXT: &str = "_kvform";

/// A form as a regular expression. Errors: a sentence.
fn compiled(form: &str, planner: &Planner<'_>) -> Result<Regex, String> {
    let mut pattern = String::new();
    let mut rest = form.trim();
    while let Some((before, after)) = rest.split_once("[[") {
        literal(before, &mut pattern);
        let (place, after) = after.split_once("]]").ok_or("a `[[` is never closed")?;
        let (kind, name) = place.split_once(':').ok_or_else(|| format!("`[[{place}]]` is not written as `[[type:field]]`"))?;
        let (kind, name) = (kind.trim(), name.trim());
        if name.is_empty() || !name.chars().all(|c| c.is_ascii_alphanumeric() || c == '_') || name.starts_with(|c: char| c.is_ascii_digit()) {
            return Err(format!("`{name}` is no field name for a form"));
        }
        let transform = || match planner.knowledge.transform(kind)?.ok()?.how {
            How::Regex { regex, .. } => Some(regex),
            _ => None,
        };
        let known = TYPES.iter().find(|(n, _)| *n == kind).map(|(_, r)| r.to_string());
        let regex = transform().or(known).ok_or_else(|| format!("there is no type `{kind}`"))?;
        // What ends a text without bounds is what stands behind it.
        pattern.push_str(&format!("(?<{name}>{regex})"));
        rest = after;
    }
    literal(rest, &mut pattern);
    if rest.trim().is_empty() {
        pattern.push_str(r"(?:\s|$)");
    }
    Regex::new(&pattern).map_err(|e| e.to_string())
}

/// Text as it stands, but any blanks fit any blanks.
fn literal(text: &str, pattern: &mut String) {
    let mut blank = false;
    for c in text.chars() {
        match c.is_whitespace() {
            true if !blank => pattern.push_str(r"\s+"),
            true => {}
            false => pattern.push_str(&regex::escape(c.encode_utf8(&mut [0; 4]))),
        }
        blank = c.is_whitespace();
    }
}

impl Stage for KvForm {
    fn plan(&self, planner: &mut Planner<'_>, input: Node) -> Result<Node, Diagnostic> {
        let forms: Vec<(String, String)> = planner.knowledge.forms().into_iter().filter(|(name, _)| self.form.as_ref().is_none_or(|f| f == name)).collect();
        if let (Some(form), true) = (&self.form, forms.is_empty()) {
            return Err(Diagnostic::error(Code::ARGUMENTS, format!("no app has the form `{form}`"))
                .help("Forms lie in the form/ folder of an app, as NAME.form: `--app DIR`."));
        }
        let mut steps = Vec::new();
        for (name, text) in forms {
            let regex = compiled(&text, planner).map_err(|why| Diagnostic::error(Code::ARGUMENTS, format!("the form `{name}`: {why}")))?;
            let whose = match &self.form {
                Some(_) => "_raw".to_string(),
                None => format!("if('{}'={}, _raw, null())", self.field, quoted(&name)),
            };
            let expr = planner::expression(&whose, planner.knowledge, &planner.env)?;
            steps.push(Extension::Assign { target: Target::Field(TEXT.into()), expr });
            steps.push(Extension::Extract(Arc::new(Extract { field: TEXT.into(), regex, max_match: 1, offset_field: None })));
        }
        let input = Box::new(planner.started(input));
        if steps.is_empty() {
            return Ok(*input);
        }
        let rows = Node::Extend { input, steps };
        Ok(Node::Project { input: Box::new(rows), projection: Projection::Remove(vec![FieldPattern::new(TEXT)]) })
    }
}

#[cfg(test)]
mod tests {
    use crate::knowledge::Knowledge;
    use crate::operator::testing::{rows, shown};
    use crate::store::Catalog;
    use crate::{Engine, Settings};

    #[test]
    fn forms_make_fields() {
        let dir = tempfile::tempdir().unwrap();
        for folder in ["default", "form"] {
            std::fs::create_dir(dir.path().join(folder)).unwrap();
        }
        std::fs::write(dir.path().join("default/transforms.conf"), "[hex]\nREGEX = 0x[0-9a-f]+\n").unwrap();
        std::fs::write(dir.path().join("form/person.form"), "Name:  [[string:name]]\nAge: [[int:age]] (id [[hex:id]])\n").unwrap();
        std::fs::write(dir.path().join("form/bad.form"), "[[nothing:x]]").unwrap();
        let mut knowledge = Knowledge::builtin();
        knowledge.add_app(dir.path()).unwrap();
        let data = rows(
            r#"[{"_raw":"x Name: Ann Lee Age: 7 (id 0x1f)","sourcetype":"person"},{"_raw":"Name: Bob Age: 8 (id 0x2)","sourcetype":"other"},{"_raw":"no","name":"kept"},{"x":"1"}]"#,
        );
        let engine = Engine::new(Catalog::of_rows(data), knowledge, Settings::default());
        for (query, want) in [
            (
                "kvform form=person | table name, age, id, _kvform",
                r#"[{"name":"Ann Lee","age":"7","id":"0x1f"},{"name":"Bob","age":"8","id":"0x2"},{"name":"kept"},{}]"#,
            ),
            ("kvform form=person field=sourcetype | table age", r#"[{"age":"7"},{"age":"8"},{},{}]"#),
        ] {
            assert_eq!(shown(&engine.run(&format!("* | {query}")).unwrap().rows), want, "{query}");
        }
        for (query, want) in
            [("kvform form=none", "no app has the form"), ("kvform form=bad", "no type `nothing`"), ("kvform", "no type"), ("kvform frm=x", "`form`")]
        {
            let got = engine.run(&format!("* | {query}")).unwrap_err().diagnostics[0].to_string();
            assert!(got.contains(want), "{query}: {got}");
        }
        std::fs::remove_file(dir.path().join("form/bad.form")).unwrap();
        assert_eq!(shown(&engine.run("* | kvform | table age").unwrap().rows), r#"[{"age":"7"},{},{},{}]"#);
    }
}
