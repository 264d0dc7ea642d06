//! tscollect: writes the rows to a file that tstats reads.

use super::outputcsv::within;
use super::outputlookup::allowed;
use super::{Command, Kind, Stage, options, stage};
use crate::card::{Example, Support};
use crate::diagnostic::{Code, Diagnostic, Span};
use crate::plan::write::{Layout, Write};
use crate::plan::{self, Node, Planner};
use crate::syntax::aggregation::{Aggregation, Argument};
use crate::syntax::option::Opt;
use crate::syntax::{Parsed, Tokens};
use serde::Serialize;
use serde_json::{Map, Value as Json};
use std::path::PathBuf;
use std::sync::Arc;

static NAMESPACE: Opt<Option<String>> =
    Opt::new("namespace", "", "What tstats calls the rows; without one they would go with the job of the search, and nothing is kept.");
static SQUASHCASE: Opt<bool> = Opt::new("squashcase", "f", "Write the values in lower case.");
static KEEPRESULTS: Opt<bool> = Opt::new("keepresults", "f", "Give the rows as they came; else their number.");

pub const COMMAND: Command = Command {
    name: "tscollect",
    aliases: &[],
    kind: Kind::Transforming,
    summary: "Writes the fields of the rows behind those of a file in the current directory, which `tstats … FROM <namespace>` reads; needs `--allow-write`.",
    syntax: "tscollect [namespace=<name>] [squashcase=<bool>] [keepresults=<bool>]",
    options: &[&NAMESPACE.card, &SQUASHCASE.card, &KEEPRESULTS.card],
    examples: &[Example { spl: "| makeresults | eval user=\"Ann\" | tscollect namespace=users squashcase=t", shows: "count is 1" }],
    support: Support::Full,
    parse,
    file: file!(),
};

#[derive(Debug, Default, Serialize)]
struct Tscollect {
    namespace: Option<String>,
    squashcase: bool,
    keepresults: bool,
}

fn parse(mut i: Tokens<'_>) -> Parsed<'_, Box<dyn Stage>> {
    let mut t = Tscollect::default();
    i = options(i, &COMMAND, [NAMESPACE.to(&mut t.namespace), SQUASHCASE.to(&mut t.squashcase), KEEPRESULTS.to(&mut t.keepresults)])?;
    stage(i, t)
}

impl Stage for Tscollect {
    fn plan(&self, planner: &mut Planner<'_>, input: Node) -> Result<Node, Diagnostic> {
        let mut rows = planner.started(input);
        if let Some(namespace) = &self.namespace {
            let dir = allowed(planner, COMMAND.name)?;
            let write = Write {
                file: within(&dir, &file_name(namespace))?,
                layout: Layout::Rows { lower: self.squashcase },
                append: true,
                create_empty: false,
                override_if_empty: false,
                max: None,
                key: None,
            };
            rows = Node::Write { input: Box::new(rows), write: Arc::new(write) };
        }
        if self.keepresults {
            return Ok(rows);
        }
        let count = Aggregation { function: "count".into(), argument: Argument::None, alias: None, text: "count".into(), span: planner.span };
        let aggregation = plan::Aggregation { outputs: planner.outputs(&[count])?, ..plan::Aggregation::default() };
        Ok(Node::Aggregate { input: Box::new(rows), aggregation })
    }
}

/// The file of a namespace.
fn file_name(namespace: &str) -> String {
    format!("{namespace}.tscollect.ndjson")
}

/// The rows of a namespace, for tstats.
///
/// Errors: [`Code::NO_OBJECT`] where there are none, or they cannot be read.
pub(super) fn rows(planner: &Planner<'_>, namespace: &str, span: Span) -> Result<Node, Diagnostic> {
    let missing = |why: String| {
        Diagnostic::error(Code::NO_OBJECT, format!("there are no rows of the namespace `{namespace}`: {why}")).at(span).help(
            "`tscollect namespace=…` writes them; files of the current directory are read with `--allow-write`. Leave FROM out to read the loaded events.",
        )
    };
    let Some(dir) = &planner.writes else { return Err(missing("files are neither written nor read here".into())) };
    let file: PathBuf = within(dir, &file_name(namespace)).map_err(|d| d.at(span))?;
    let text = std::fs::read_to_string(&file).map_err(|e| missing(e.to_string()))?;
    let rows = text.lines().map(serde_json::from_str).collect::<Result<Vec<Map<String, Json>>, _>>();
    let rows = rows.map_err(|e| missing(format!("{} is damaged: {e}", file.display())))?;
    Ok(Node::Rows(Arc::new(crate::input::rows(&rows))))
}

#[cfg(test)]
mod tests {
    use crate::knowledge::Knowledge;
    use crate::operator::testing::{rows, shown};
    use crate::store::Catalog;
    use crate::{Engine, Settings};

    #[test]
    fn tstats_reads_what_was_written() {
        let dir = tempfile::tempdir().unwrap();
        let events = rows(r#"[{"_time":10,"u":"Ann","m":["A","b"],"_raw":"x"},{"_time":70,"u":"Bob","n":2}]"#);
        let engine = Engine::new(Catalog::of_rows(events), Knowledge::builtin(), Settings { writes: Some(dir.path().into()), ..Settings::default() });
        for (query, want) in [
            ("* | tscollect", r#"[{"count":2}]"#),
            ("* | tscollect namespace=a", r#"[{"count":2}]"#),
            ("* | fields u n | tscollect namespace=a squashcase=t keepresults=t | table u", r#"[{"u":"Ann"},{"u":"Bob"}]"#),
            (
                "| tstats count sum(n) as s from a by u",
                r#"[{"u":"Ann","count":1},{"u":"Bob","count":1,"s":2},{"u":"ann","count":1},{"u":"bob","count":1,"s":2}]"#,
            ),
            ("| tstats values(m) as m values(_raw) as r from a where u=Ann by _time span=1m", r#"[{"_time":0,"m":["A","b"]}]"#),
            ("| tstats count from a where n=2 by _time span=1m", r#"[{"_time":60,"count":2}]"#),
        ] {
            let got = engine.run(query).map(|a| shown(&a.rows)).map_err(|f| f.diagnostics[0].to_string());
            assert_eq!(got, Ok(want.to_string()), "{query}");
        }
        for (query, code) in [
            ("| tstats count from none", "SPL029"),
            ("| tstats count from ../a", "SPL005"),
            ("* | tscollect namespace=../a", "SPL005"),
            ("* | tscollect name=a", "SPL006"),
        ] {
            assert_eq!(engine.run(query).unwrap_err().diagnostics[0].code.id, code, "{query}");
        }
        let careful = Engine { settings: Settings::default(), ..engine };
        assert_eq!(careful.run("* | tscollect namespace=a").unwrap_err().diagnostics[0].code.id, "SPL032");
        assert!(careful.run("| tstats count from a").is_err());
    }
}
