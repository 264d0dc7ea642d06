//! datamodelsimple: the names of data models, of their datasets or of the fields of those.

use super::tstats::dataset;
use super::{Command, Kind, Stage, stage};
use crate::card::{Example, Support};
use crate::column::{Batch, Column, Value};
use crate::diagnostic::{Code, Diagnostic, Span, did_you_mean};
use crate::plan::{Node, Planner};
use crate::syntax::option::{Opt, OptionValue, at_option, unknown_option};
use crate::syntax::tokens::commas;
use crate::syntax::wanted::Want;
use crate::syntax::{Parsed, Tokens};
use serde::Serialize;
use std::sync::Arc;

static TYPE: Opt<Option<Of>> = Opt::new("type", "", "What to list: `models`, `objects` (datasets) or `attributes` (fields).");
static DATAMODEL: Opt<Option<String>> = Opt::new("datamodel", "", "The data model of the datasets or fields.");
static OBJECT: Opt<Option<String>> = Opt::new("object", "", "The dataset of the fields.");
static NODENAME: Opt<Option<String>> = Opt::new("nodename", "", "The dataset of the fields by its way down, such as `Web.Proxy`.");

pub const COMMAND: Command = Command {
    name: "datamodelsimple",
    aliases: &[],
    kind: Kind::Generating,
    summary: "Lists data models (`datamodel`), the datasets of one (`object`, `lineage`) or the fields of a dataset (`attribute`, `lineage`).",
    syntax: "datamodelsimple type=models|objects|attributes [datamodel=<model>] [object=<dataset>] [nodename=<dataset>]",
    options: &[&TYPE.card, &DATAMODEL.card, &OBJECT.card, &NODENAME.card],
    examples: &[
        Example { spl: "| datamodelsimple type=models", shows: "a row a model" },
        Example { spl: "| datamodelsimple type=objects datamodel=Web", shows: "Web and Web.Proxy" },
        Example { spl: "| datamodelsimple type=attributes datamodel=Endpoint object=Processes", shows: "a row a field" },
    ],
    support: Support::Full,
    parse,
    file: file!(),
};

/// What is listed.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
enum Of {
    Models,
    Objects,
    Attributes,
}

impl OptionValue for Of {
    fn read(text: &str) -> Result<Of, &'static str> {
        match text.to_ascii_lowercase().as_str() {
            "models" => Ok(Of::Models),
            "objects" => Ok(Of::Objects),
            "attributes" => Ok(Of::Attributes),
            _ => Err("`models`, `objects` or `attributes`"),
        }
    }
}

#[derive(Debug, Serialize)]
struct Tree {
    of: Of,
    model: Option<String>,
    object: Option<String>,
    #[serde(skip)]
    span: Span,
}

fn parse(start: Tokens<'_>) -> Parsed<'_, Box<dyn Stage>> {
    let (mut of, mut model, mut object, mut node) = (None, None, None, None);
    let mut i = start;
    while !i.is_empty() {
        i = if let Some(rest) = TYPE.read(i, &mut of)? {
            rest
        } else if let Some(rest) = [(&DATAMODEL, &mut model), (&OBJECT, &mut object), (&NODENAME, &mut node)]
            .into_iter()
            .find_map(|(o, into)| o.read(i, into).transpose())
            .transpose()?
        {
            rest
        } else if at_option(i) {
            return unknown_option(i, COMMAND.name, COMMAND.options);
        } else {
            break;
        };
        i = commas(i)?.0;
    }
    let span = start.span_to(&i);
    let object = node.or(object);
    match of {
        None => i.miss(Want::Option("type")),
        Some(Of::Objects | Of::Attributes) if model.is_none() => i.miss(Want::Option("datamodel")),
        Some(Of::Attributes) if object.is_none() => i.miss(Want::Option("object")),
        Some(of) => stage(i, Tree { of, model, object, span }),
    }
}

fn table<const N: usize>(names: [&str; N], rows: Vec<[String; N]>) -> Node {
    let mut batch = Batch::new(rows.len());
    for (n, name) in names.into_iter().enumerate() {
        let column: Column = rows.iter().map(|r| r.get(n).map_or(Value::Null, |t| Value::owned(t.clone()))).collect();
        batch.set(name, column);
    }
    Node::Rows(Arc::new(batch))
}

impl Stage for Tree {
    fn plan(&self, planner: &mut Planner<'_>, _: Node) -> Result<Node, Diagnostic> {
        let name = self.model.as_deref().unwrap_or_default();
        let models = || planner.knowledge.models();
        if self.of == Of::Models {
            return Ok(table(["datamodel"], models().filter(|m| name.is_empty() || m.name == name).map(|m| [m.name.clone()]).collect()));
        }
        let Some(model) = models().find(|m| m.name == name) else {
            let mut d = Diagnostic::error(Code::NO_OBJECT, format!("there is no data model `{name}`")).at(self.span);
            d.help.extend(did_you_mean(name, models().map(|m| m.name.as_str())));
            return Err(d.help("`| datamodelsimple type=models` lists all."));
        };
        Ok(match &self.object {
            Some(object) if self.of == Of::Attributes => {
                let dataset = dataset(planner, &format!("{name}.{object}")).map_err(|d| d.at(self.span))?;
                table(["attribute", "lineage"], dataset.fields.iter().map(|f| [f.name.clone(), f.full_name()]).collect())
            }
            _ => table(["object", "lineage"], model.datasets.iter().map(|d| [d.name.clone(), d.lineage.join(".")]).collect()),
        })
    }
}

#[cfg(test)]
mod tests {
    use crate::operator::testing::run;

    #[test]
    fn names_are_listed() {
        for (query, want) in [
            ("type=models | search datamodel=We*", r#"[{"datamodel":"Web"}]"#),
            ("type=objects datamodel=Web", r#"[{"object":"Web","lineage":"Web"},{"object":"Proxy","lineage":"Web.Proxy"}]"#),
            (
                "type=attributes datamodel=Certificates object=SSL | search attribute=ssl_hash OR attribute=transport",
                r#"[{"attribute":"transport","lineage":"All_Certificates.transport"},{"attribute":"ssl_hash","lineage":"All_Certificates.SSL.ssl_hash"}]"#,
            ),
            ("type=attributes datamodel=Web nodename=Web.Proxy | stats count | eval many=if(count>30, 1, 0) | table many", r#"[{"many":1}]"#),
            ("type=tables", "`models`, `objects` or `attributes`"),
            ("datamodel=Web", "expected `type=`"),
            ("type=objects", "expected `datamodel=`"),
            ("type=attributes datamodel=Web", "expected `object=`"),
            ("type=objects datamodel=Wep", "`Web`"),
            ("type=attributes datamodel=Web object=X", "`Web.Proxy`"),
            ("type=models of=x", "no option `of`"),
        ] {
            let got = run("[]", &format!("| datamodelsimple {query}"));
            assert!(got.contains(want), "{query}: {got}");
        }
    }
}
