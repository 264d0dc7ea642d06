//! tojson: the fields of a row as one JSON object.

use super::{Command, Kind, Stage, option, stage};
use crate::card::{Example, Support};
use crate::diagnostic::Diagnostic;
use crate::plan::{Extension, FieldPattern, JsonType, Node, Planner, ToJson};
use crate::syntax::field::{Field, field};
use crate::syntax::option::{Opt, OptionValue};
use crate::syntax::tokens::{commas, symbol};
use crate::syntax::wanted::Want;
use crate::syntax::{Parsed, Tokens};
use serde::Serialize;
use std::sync::Arc;

static DEFAULT_TYPE: Opt<JsonType> = Opt::new("default_type", "none", "The type of fields where none are named.");
static FILL_NULL: Opt<bool> = Opt::new("fill_null", "f", "Write `null` for fields without a value; else they are left out.");
static INCLUDE_INTERNAL: Opt<bool> = Opt::new("include_internal", "f", "Take fields whose names begin with `_` too.");
static OUTPUT_FIELD: Opt<String> = Opt::new("output_field", "_raw", "The field for the object.");

pub const COMMAND: Command = Command {
    name: "tojson",
    aliases: &[],
    kind: Kind::Streaming,
    summary: "Writes the fields of every row as one JSON object, in the order of the fields.",
    syntax: "tojson [(auto|bool|json|none|num|str)(<field>) …] [default_type=<type>] [fill_null=<bool>] [include_internal=<bool>] [output_field=<field>]",
    options: &[&DEFAULT_TYPE.card, &FILL_NULL.card, &INCLUDE_INTERNAL.card, &OUTPUT_FIELD.card],
    examples: &[
        Example { spl: r#"| makeresults | eval user="ann", n=3 | tojson"#, shows: r#"{"user":"ann","n":3}"# },
        Example { spl: r#"| makeresults | eval port="22", up="yes" | tojson num(port) bool(up) output_field=j"#, shows: "a number and a Boolean" },
    ],
    support: Support::Full,
    parse,
    file: file!(),
};

impl OptionValue for JsonType {
    fn read(text: &str) -> Result<JsonType, &'static str> {
        TYPES.iter().find(|(name, _)| name.eq_ignore_ascii_case(text)).map(|(_, t)| *t).ok_or("`auto`, `bool`, `json`, `none`, `num` or `str`")
    }
}

const TYPES: [(&str, JsonType); 6] =
    [("auto", JsonType::Auto), ("bool", JsonType::Bool), ("json", JsonType::Json), ("none", JsonType::None), ("num", JsonType::Num), ("str", JsonType::Str)];

#[derive(Debug, Serialize)]
struct Written {
    fields: Vec<(JsonType, Field)>,
    default_type: JsonType,
    fill_null: bool,
    include_internal: bool,
    output: String,
}

fn parse(mut i: Tokens<'_>) -> Parsed<'_, Box<dyn Stage>> {
    let output = OUTPUT_FIELD.card.default.into();
    let mut w = Written { fields: Vec::new(), default_type: JsonType::None, fill_null: false, include_internal: false, output };
    while !i.is_empty() {
        let slots = [
            DEFAULT_TYPE.to(&mut w.default_type),
            FILL_NULL.to(&mut w.fill_null),
            INCLUDE_INTERNAL.to(&mut w.include_internal),
            OUTPUT_FIELD.to(&mut w.output),
        ];
        i = if let Some(rest) = option(i, &COMMAND, slots)? {
            rest
        } else {
            let kind = i.first().and_then(|t| JsonType::read(i.text(t)).ok());
            let Some(kind) = kind else { return i.miss(Want::Function) };
            let (mut rest, _) = symbol('(')(i.skip(1))?;
            loop {
                let (after, name) = field(rest)?;
                w.fields.push((kind, name));
                rest = commas(after)?.0;
                if rest.at_symbol(')') || rest.is_empty() {
                    break;
                }
            }
            symbol(')')(rest)?.0
        };
        i = commas(i)?.0;
    }
    stage(i, w)
}

impl Stage for Written {
    fn plan(&self, planner: &mut Planner<'_>, input: Node) -> Result<Node, Diagnostic> {
        let how = ToJson {
            fields: self.fields.iter().map(|(kind, f)| (*kind, FieldPattern::new(&f.name))).collect(),
            default: self.default_type,
            fill_null: self.fill_null,
            internal: self.include_internal,
            output: self.output.as_str().into(),
        };
        Ok(Node::Extend { input: Box::new(planner.started(input)), steps: vec![Extension::ToJson(Arc::new(how))] })
    }
}

#[cfg(test)]
mod tests {
    use crate::operator::testing::run;

    #[test]
    fn fields_become_an_object() {
        let rows = r#"[{"a":"x\"y","n":"7","b":"yes","m":["1","z"],"j":"{\"k\":1}"}]"#;
        for (query, want) in [
            ("tojson output_field=o | table o", r#"[{"o":"{\"a\":\"x\\\"y\",\"n\":\"7\",\"b\":\"yes\",\"m\":[\"1\",\"z\"],\"j\":\"{\\\"k\\\":1}\"}"}]"#),
            ("tojson auto(*) output_field=o | table o", r#"[{"o":"{\"a\":\"x\\\"y\",\"n\":7,\"b\":\"yes\",\"m\":[1,\"z\"],\"j\":{\"k\":1}}"}]"#),
            ("tojson num(a, n) bool(b) json(j) | table _raw", r#"[{"_raw":"{\"n\":7,\"b\":true,\"j\":{\"k\":1}}"}]"#),
            ("fields n | eval e=null(), f=1.5 | tojson fill_null=t str(f), none(*) | table _raw", r#"[{"_raw":"{\"n\":\"7\",\"e\":null,\"f\":\"1.5\"}"}]"#),
            ("fields n | eval _i=1 | tojson include_internal=t default_type=num | table _raw", r#"[{"_raw":"{\"n\":7,\"_i\":1}"}]"#),
        ] {
            let got = run(rows, &format!("* | {query}"));
            assert_eq!(got, want, "{query}");
        }
        for (query, want) in
            [("tojson int(a)", "expected a function"), ("tojson default_type=x", "`auto`"), ("tojson fil_null=t", "`fill_null`"), ("tojson num(a", "expected")]
        {
            let got = run("[]", &format!("* | {query}"));
            assert!(got.contains(want), "{query}: {got}");
        }
    }
}
