//! datamodel: shows data models, or searches a dataset of one.

use super::tstats::{dataset, rows};
use super::{Command, Kind, Stage, stage};
use crate::card::{Example, Support};
use crate::column::{Batch, Column, Value};
use crate::diagnostic::{Code, Diagnostic, Span, did_you_mean};
use crate::knowledge::datamodel::{Dataset, Field};
use crate::plan::text::quoted;
use crate::plan::{Change, Conversion, Each, Extension, FieldPattern, Node, Planner, Projection, Target, planner};
use crate::syntax::option::{Opt, RawValue, at_option, raw_value, unknown_option};
use crate::syntax::tokens::commas;
use crate::syntax::wanted::Want;
use crate::syntax::{Parsed, Tokens};
use serde::Serialize;
use std::sync::Arc;

static STRICT_FIELDS: Opt<bool> = Opt::new("strict_fields", "t", "Give only the fields that the dataset defines, beside `host`, `source` and `sourcetype`.");
static ALLOW_OLD: Opt<bool> = Opt::new("allow_old_summaries", "f", "Read summaries of an older data model too; there are none here.").idle();
static SUMMARIESONLY: Opt<bool> = Opt::new("summariesonly", "f", "Read summaries alone; there are none here, the events themselves are read.").idle();

pub const COMMAND: Command = Command {
    name: "datamodel",
    aliases: &[],
    kind: Kind::Generating,
    summary: "Shows the JSON of all data models, of one or of a dataset in `_raw`; with a mode it searches the dataset (`search` calls fields `<dataset>.<field>`, `flat` as they are), or shows the search text in `search` (`…_string`).",
    syntax: "datamodel [<model> [<dataset> [search|flat|acceleration_search|search_string|flat_string|acceleration_search_string]]] [strict_fields=<bool>] [allow_old_summaries=<bool>] [summariesonly=<bool>]",
    options: &[&STRICT_FIELDS.card, &ALLOW_OLD.card, &SUMMARIESONLY.card],
    examples: &[
        Example { spl: "| datamodel | spath path=modelName output=model | table model", shows: "the names of all models" },
        Example { spl: "| datamodel Endpoint Processes search | stats count BY Processes.process_name", shows: "the processes of all events" },
        Example { spl: "| datamodel Web Web flat_string", shows: "the search that `flat` runs" },
    ],
    support: Support::Full,
    parse,
    file: file!(),
};

/// How a dataset is searched.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub(super) enum Mode {
    Search,
    Flat,
    Acceleration,
}

const MODES: [(&str, Mode); 3] = [("search", Mode::Search), ("flat", Mode::Flat), ("acceleration_search", Mode::Acceleration)];

#[derive(Debug, Serialize)]
struct Tree {
    model: Option<Named>,
    dataset: Option<Named>,
    mode: Option<Mode>,
    /// Show the search, instead of running it.
    text: bool,
    strict: bool,
}

#[derive(Debug, Serialize)]
struct Named {
    name: String,
    #[serde(skip)]
    span: Span,
}

fn parse(mut i: Tokens<'_>) -> Parsed<'_, Box<dyn Stage>> {
    let mut t = Tree { model: None, dataset: None, mode: None, text: false, strict: true };
    let mut ignored = false;
    while !i.is_empty() {
        i = if let Some(rest) = STRICT_FIELDS.read(i, &mut t.strict)? {
            rest
        } else if let Some(rest) = [&ALLOW_OLD, &SUMMARIESONLY].iter().find_map(|o| o.read(i, &mut ignored).transpose()).transpose()? {
            rest
        } else if at_option(i) {
            return unknown_option(i, COMMAND.name, COMMAND.options);
        } else if t.mode.is_some() {
            return i.miss(Want::End);
        } else {
            let (rest, RawValue { text: name, span, .. }) = raw_value(i)?;
            let named = Named { name, span };
            match (&t.model, &t.dataset) {
                (None, _) => t.model = Some(named),
                (_, None) => t.dataset = Some(named),
                _ => {
                    let lower = named.name.to_ascii_lowercase();
                    let (mode, text) = lower.strip_suffix("_string").map_or((lower.as_str(), false), |m| (m, true));
                    let Some((_, mode)) = MODES.iter().find(|(n, _)| *n == mode) else {
                        let mut d = Diagnostic::error(Code::ARGUMENTS, format!("`datamodel` has no mode `{}`", named.name)).at(span);
                        d.help.extend(did_you_mean(&lower, MODES.iter().map(|(n, _)| *n)));
                        return i.fail(d.help("Its modes are `search`, `flat` and `acceleration_search`, and each with `_string` behind it."));
                    };
                    (t.mode, t.text) = (Some(*mode), text);
                }
            }
            rest
        };
        i = commas(i)?.0;
    }
    stage(i, t)
}

/// What every dataset gives beside its own fields.
const EVERYWHERE: [&str; 3] = ["host", "source", "sourcetype"];

impl Mode {
    fn shown(self, field: &Field) -> String {
        if self == Mode::Flat { field.name.clone() } else { field.full_name() }
    }

    /// The search as text.
    fn spl(self, dataset: &Dataset, strict: bool) -> String {
        let mut text = dataset.spl.clone();
        for field in dataset.fields.iter().filter(|f| dataset.defaults(&f.name)) {
            text.push_str(&format!(" | eval {0}=coalesce({0}, \"unknown\")", field.name));
        }
        if self != Mode::Flat && !dataset.fields.is_empty() {
            let names: Vec<String> = dataset.fields.iter().map(|f| format!("{} AS {}", quoted(&f.name), quoted(&self.shown(f)))).collect();
            text.push_str(&format!(" | rename {}", names.join(", ")));
        }
        if strict {
            let names: Vec<String> = EVERYWHERE.map(String::from).into_iter().chain(dataset.fields.iter().map(|f| quoted(&self.shown(f)))).collect();
            text.push_str(&format!(" | fields {}", names.join(", ")));
        }
        text
    }

    /// The rows of a dataset under the names that the mode gives its fields.
    pub(super) fn rows(self, dataset: &Dataset, strict: bool, planner: &mut Planner<'_>) -> Result<Node, Diagnostic> {
        let mut node = rows(planner, dataset, None)?;
        let mut steps = Vec::new();
        for field in &dataset.fields {
            if dataset.defaults(&field.name) {
                let expr = planner::expression(&format!("coalesce('{}', \"unknown\")", field.name), planner.knowledge, &planner.env)?;
                steps.push(Extension::Assign { target: Target::Field(field.name.as_str().into()), expr });
            }
            if self != Mode::Flat {
                // Only where the events have it: datasets define many fields.
                let change = Change::Convert(Conversion::None);
                let fields = vec![FieldPattern { text: field.name.clone(), wildcard: None }];
                steps.push(Extension::Each(Each { fields, except: Vec::new(), into: Some(self.shown(field)), create: false, change }));
            }
        }
        if !steps.is_empty() {
            node = Node::Extend { input: Box::new(node), steps };
        }
        let named = |name: String| FieldPattern { text: name, wildcard: None };
        let projection = match (strict, self) {
            (true, _) => {
                let names = EVERYWHERE.map(String::from).into_iter().chain(dataset.fields.iter().map(|f| self.shown(f)));
                Projection::Keep(names.map(named).collect())
            }
            (false, Mode::Flat) => return Ok(node),
            (false, _) => Projection::Remove(dataset.fields.iter().map(|f| named(f.name.clone())).collect()),
        };
        Ok(Node::Project { input: Box::new(node), projection })
    }
}

/// One row a text.
fn shown(field: &str, texts: impl Iterator<Item = String>) -> Node {
    let column: Column = texts.map(Value::owned).collect();
    let mut batch = Batch::new(column.len());
    batch.set(field, column);
    Node::Rows(Arc::new(batch))
}

impl Stage for Tree {
    fn plan(&self, planner: &mut Planner<'_>, _: Node) -> Result<Node, Diagnostic> {
        let Some(model) = &self.model else { return Ok(shown("_raw", planner.knowledge.models().map(|m| m.json.to_string()))) };
        let Some(known) = planner.knowledge.models().find(|m| m.name == model.name) else {
            let mut d = Diagnostic::error(Code::NO_OBJECT, format!("there is no data model `{}`", model.name)).at(model.span);
            d.help.extend(did_you_mean(&model.name, planner.knowledge.models().map(|m| m.name.as_str())));
            return Err(d.help("`| datamodel` shows all: those of the Common Information Model, and those of apps (`data/models`)."));
        };
        let Some(named) = &self.dataset else { return Ok(shown("_raw", std::iter::once(known.json.to_string()))) };
        let dataset = dataset(planner, &format!("{}.{}", model.name, named.name)).map_err(|d| d.at(named.span))?;
        let Some(mode) = self.mode else { return Ok(shown("_raw", std::iter::once(dataset.json.to_string()))) };
        if mode == Mode::Acceleration && !dataset.root {
            let d = Diagnostic::error(Code::ARGUMENTS, format!("`acceleration_search` does not run `{}.{}`", dataset.model, dataset.name)).at(named.span);
            return Err(d.help("It takes datasets that stand above others and hold events as they are; use `search`."));
        }
        match self.text {
            true => Ok(shown("search", std::iter::once(mode.spl(dataset, self.strict)))),
            false => mode.rows(dataset, self.strict, planner),
        }
    }
}

#[cfg(test)]
mod tests {
    use crate::operator::testing::run;

    #[test]
    fn models_are_shown_and_searched() {
        let rows = r#"[{"_time":1,"host":"h","tag":["web","proxy"],"url":"/a","own":"x","dest":"d"},{"_time":2,"host":"g","tag":"web","url":"/b"},{"_time":3,"url":"/c"}]"#;
        for (query, want) in [
            ("| datamodel | spath path=modelName output=m | search m=End* | table m", r#"[{"m":"Endpoint"}]"#),
            ("| datamodel Web | spath path=objectNameList{} output=o | table o", r#"[{"o":["Web","Proxy"]}]"#),
            ("| datamodel Web Proxy | spath path=lineage | table lineage", r#"[{"lineage":"Web.Proxy"}]"#),
            (
                "| datamodel Web Web search | table host Web.url Web.dest url own",
                r#"[{"host":"h","Web.url":"/a","Web.dest":"d"},{"host":"g","Web.url":"/b","Web.dest":"unknown"}]"#,
            ),
            ("| datamodel Web Proxy search strict_fields=f | table own Web.url url", r#"[{"own":"x","Web.url":"/a"}]"#),
            (
                "| datamodel \"Web\" Web flat summariesonly=t allow_old_summaries=t | table url own dest",
                r#"[{"url":"/a","dest":"d"},{"url":"/b","dest":"unknown"}]"#,
            ),
            ("| datamodel Web Web flat strict_fields=false | table url own", r#"[{"url":"/a","own":"x"},{"url":"/b"}]"#),
            ("| datamodel Web Web acceleration_search | stats count", r#"[{"count":2}]"#),
            (
                "| datamodel Web Proxy flat_string strict_fields=f",
                r#"[{"search":"search tag=web tag=proxy | eval action=coalesce(action, \"unknown\") | eval dest=coalesce(dest, \"unknown\") | eval src=coalesce(src, \"unknown\") | eval user=coalesce(user, \"unknown\")"}]"#,
            ),
        ] {
            assert_eq!(run(rows, query), want, "{query}");
        }
        for (query, want) in [
            ("| datamodel Wep", "`Web`"),
            ("| datamodel Web Nothing", "`Web.Proxy`"),
            ("| datamodel Web Web serch", "`search`"),
            ("| datamodel Web Web search more", "expected"),
            ("| datamodel Web Web search strict=f", "no option `strict`"),
            ("| datamodel Web Proxy acceleration_search", "does not run `Web.Proxy`"),
            ("* | datamodel", "must stand first"),
        ] {
            let got = run(rows, query);
            assert!(got.contains(want), "{query}: {got}");
        }
    }
}
