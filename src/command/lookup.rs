//! lookup: adds columns of a lookup table to the rows that match it.

use super::{Command, Kind, Stage, stage};
use crate::card::{Example, Support};
use crate::diagnostic::{Code, Diagnostic, Span};
use crate::plan::rework::Located;
use crate::plan::{Node, Planner, Rework, lookup_use};
use crate::syntax::aggregation::alias;
use crate::syntax::field::{Field, field_but};
use crate::syntax::option::{Opt, at_option, raw_value, unknown_option};
use crate::syntax::tokens::commas;
use crate::syntax::wanted::Want;
use crate::syntax::{Parsed, Tokens};
use serde::Serialize;

static LOCAL: Opt<bool> = Opt::new("local", "f", "Run on the search head alone; there is one place here.").idle();
static UPDATE: Opt<bool> = Opt::new("update", "f", "Read a table again that changed while the search runs; tables are read once here.").idle();

pub const COMMAND: Command = Command {
    name: "lookup",
    aliases: &[],
    kind: Kind::Streaming,
    summary: "Adds columns of a lookup table to the rows that match it; a geospatial lookup (`external_type=geo`, or a .kmz, .kml or .geojson file) gives the region that `longitude` and `latitude` lie in. The settings of a definition in transforms.conf hold, `filter` among them; those of caches, batches, permissions and reverse lookups change nothing here.",
    syntax: "lookup [local=<bool>] [update=<bool>] <table> <column> [AS <field>] … [OUTPUT|OUTPUTNEW <column> [AS <field>] …]",
    options: &[&LOCAL.card, &UPDATE.card],
    examples: &[Example { spl: "sourcetype=web | lookup hosts.csv ip AS src_ip OUTPUT owner, site", shows: "who owns the machine" }],
    support: Support::Full,
    parse,
    file: file!(),
};

/// A column of the table, and the field of the event where that has another name.
type Pair = (Field, Option<Field>);

#[derive(Debug, Serialize)]
struct Lookup {
    table: String,
    #[serde(skip)]
    table_span: Span,
    keys: Vec<Pair>,
    /// Empty: all other columns.
    outputs: Vec<Pair>,
    /// OUTPUT, and no clause at all; OUTPUTNEW only fills what is missing.
    overwrite: bool,
}

const CLAUSES: &[&str] = &["OUTPUT", "OUTPUTNEW"];

fn parse(mut i: Tokens<'_>) -> Parsed<'_, Box<dyn Stage>> {
    let mut ignored = false;
    while let Some(rest) = LOCAL.read(i, &mut ignored)?.map_or_else(|| UPDATE.read(i, &mut ignored), |rest| Ok(Some(rest)))? {
        i = rest;
    }
    if at_option(i) {
        return unknown_option(i, COMMAND.name, COMMAND.options);
    }
    let Ok((rest, table)) = raw_value(i) else { return i.miss(Want::Lookup) };
    let (mut rest, keys) = pairs(rest)?;
    let (mut outputs, mut overwrite) = (Vec::new(), true);
    if CLAUSES.iter().any(|c| rest.at_word(c)) {
        overwrite = rest.at_word("OUTPUT");
        (rest, outputs) = pairs(rest.skip(1))?;
    }
    stage(rest, Lookup { table: table.text, table_span: table.span, keys, outputs, overwrite })
}

/// `column AS field`, with commas between or without; at least one.
fn pairs(i: Tokens<'_>) -> Parsed<'_, Vec<Pair>> {
    let (mut i, _) = commas(i)?;
    let mut all = Vec::new();
    while let Ok((rest, column)) = field_but(CLAUSES)(i) {
        let (rest, field) = alias(rest)?;
        all.push((column, field));
        i = commas(rest)?.0;
    }
    if all.is_empty() { i.miss(Want::Field) } else { Ok((i, all)) }
}

fn names(pairs: &[Pair]) -> Vec<(String, String)> {
    pairs.iter().map(|(column, field)| (column.name.clone(), field.as_ref().unwrap_or(column).name.clone())).collect()
}

impl Stage for Lookup {
    fn plan(&self, planner: &mut Planner<'_>, input: Node) -> Result<Node, Diagnostic> {
        if planner.knowledge.is_geo(&self.table) {
            return self.geospatial(planner, input);
        }
        let lookup = planner.lookup(&self.table, self.table_span)?;
        // Splunk refuses the command where the table lacks a destination; a rule of props.conf goes on without it.
        for (column, _) in self.keys.iter().chain(&self.outputs) {
            lookup.check(&[&column.name]).map_err(|d| d.at(column.span))?;
        }
        let lookup = lookup_use::bind(planner.knowledge, &planner.env, &self.table, &names(&self.keys), &names(&self.outputs), self.overwrite)?;
        Ok(Node::Lookup { input: Box::new(planner.started(input)), lookup })
    }
}

/// The columns of a geospatial lookup that places are matched with, and those that it gives.
const PLACE: [&str; 2] = ["longitude", "latitude"];
const REGION: [&str; 2] = ["featureId", "featureCollection"];

impl Lookup {
    /// The region that a place lies in.
    fn geospatial(&self, planner: &Planner<'_>, input: Node) -> Result<Node, Diagnostic> {
        planner.knowledge.features(&self.table).map_err(|d| d.at(self.table_span))?;
        for (columns, known) in [(&self.keys, PLACE), (&self.outputs, REGION)] {
            if let Some((column, _)) = columns.iter().find(|(c, _)| !known.contains(&c.name.as_str())) {
                let d = Diagnostic::error(Code::LOOKUP, format!("the geospatial lookup `{}` has no column `{}` here", self.table, column.name)).at(column.span);
                return Err(d.help("Places go in as `longitude` and `latitude`; what comes out is `featureId` and `featureCollection`."));
            }
        }
        let keys = names(&self.keys);
        let field = |column: &'static str| keys.iter().find(|(c, _)| c == column).map_or(column, |(_, f)| f.as_str());
        let outputs = if self.outputs.is_empty() { REGION.map(|c| (c.to_string(), c.to_string())).to_vec() } else { names(&self.outputs) };
        let located = Located {
            collection: self.table.clone(),
            longitude: field("longitude").into(),
            latitude: field("latitude").into(),
            outputs: outputs.into_iter().map(|(c, f)| (c, f.as_str().into())).collect(),
            overwrite: self.overwrite,
        };
        Ok(Node::Rework { input: Box::new(planner.started(input)), rework: Rework::Located(located) })
    }
}

#[cfg(test)]
mod tests {
    use crate::{Engine, Settings};

    #[test]
    fn clauses_aliases_and_commas_are_read() {
        let engine = Engine::new(Default::default(), crate::knowledge::Knowledge::builtin(), Settings::default());
        for (spl, want) in [
            ("lookup update=true t.csv a as b.c OUTPUT x y, z AS w", serde_json::json!(["t.csv", ["a"], ["x", "y", "z"], true])),
            ("lookup t a, b, OUTPUTNEW x", serde_json::json!(["t", ["a", "b"], ["x"], false])),
            ("lookup local=t 3t a AS q d as e", serde_json::json!(["3t", ["a", "d"], [], true])),
        ] {
            let parsed = engine.parse(&format!("* | {spl}"), None);
            assert!(parsed.diagnostics.is_empty(), "{spl}: {:?}", parsed.diagnostics);
            let tree = parsed.pipeline.stages[1].stage.tree();
            let columns = |key: &str| tree[key].as_array().unwrap().iter().map(|p| p[0]["name"].clone()).collect::<Vec<_>>();
            assert_eq!(serde_json::json!([tree["table"], columns("keys"), columns("outputs"), tree["overwrite"]]), want, "{spl}");
        }
        for bad in ["lookup", "lookup t", "lookup t OUTPUT x", "lookup t a OUTPUT", "lookup t a AS", "lookup what=t t a"] {
            assert!(!engine.parse(&format!("* | {bad}"), None).diagnostics.is_empty(), "{bad}");
        }
        assert_eq!(engine.run("* | lookup nowhere.csv a").unwrap_err().diagnostics[0].code.id, "SPL026");
    }
}
