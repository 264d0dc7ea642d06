//! appendpipe: adds the rows that a pipeline over the present rows makes.

use super::{Command, Kind, Stage, stage};
use crate::card::{Example, Support};
use crate::diagnostic::Diagnostic;
use crate::plan::{Node, Planner};
use crate::syntax::option::{Opt, at_option, unknown_option};
use crate::syntax::pipeline::{Pipeline, subsearch};
use crate::syntax::{Parsed, Tokens};
use serde::Serialize;

static RUN_IN_PREVIEW: Opt<bool> = Opt::new("run_in_preview", "t", "Run for previews of unfinished searches too; there are none here.").idle();

pub const COMMAND: Command = Command {
    name: "appendpipe",
    aliases: &[],
    kind: Kind::Dataset,
    summary: "Adds the rows that a pipeline over the present rows makes, behind them.",
    syntax: "appendpipe [run_in_preview=<bool>] [ <pipeline> ]",
    options: &[&RUN_IN_PREVIEW.card],
    examples: &[
        Example { spl: "| makeresults count=3 | eval n=1 | appendpipe [stats sum(n) AS n]", shows: "a row with the total" },
        Example {
            spl: "| makeresults | where false() | appendpipe [stats count | where count=0 | eval why=\"nothing found\"]",
            shows: "a row where there is none",
        },
    ],
    support: Support::Full,
    parse,
    file: file!(),
};

#[derive(Debug, Serialize)]
struct Appendpipe {
    pipeline: Pipeline,
}

fn parse(mut i: Tokens<'_>) -> Parsed<'_, Box<dyn Stage>> {
    let mut preview = true;
    while let Some(rest) = RUN_IN_PREVIEW.read(i, &mut preview)? {
        i = rest;
    }
    if at_option(i) {
        return unknown_option(i, COMMAND.name, COMMAND.options);
    }
    let (rest, pipeline) = subsearch(i)?;
    stage(rest, Appendpipe { pipeline })
}

impl Stage for Appendpipe {
    fn plan(&self, planner: &mut Planner<'_>, input: Node) -> Result<Node, Diagnostic> {
        let span = planner.span;
        let branch = planner.branch(&self.pipeline)?;
        planner.span = span;
        Ok(Node::Fork { input: Box::new(planner.started(input)), branch: Box::new(branch) })
    }
}

#[cfg(test)]
mod tests {
    use crate::operator::testing::run;

    #[test]
    fn rows_of_a_branch_stand_behind() {
        let rows = r#"[{"k":"a","n":"1"},{"k":"b","n":"2"},{"k":["a","b"]}]"#;
        for (query, want) in [
            ("appendpipe [stats sum(n) AS n]", r#"[{"k":"a","n":"1"},{"k":"b","n":"2"},{"k":["a","b"]},{"n":3}]"#),
            ("appendpipe [| where n=2 | eval n=\"x\"]", r#"[{"k":"a","n":"1"},{"k":"b","n":"2"},{"k":["a","b"]},{"k":"b","n":"x"}]"#),
            ("appendpipe [search k=b | stats count BY k] | where isnotnull(count)", r#"[{"k":"a","count":1},{"k":"b","count":2}]"#),
            ("appendpipe run_in_preview=f [stats count] | appendpipe [stats count AS c] | tail 1", r#"[{"c":4}]"#),
            ("head 1 | appendpipe [eval in=1 | appendpipe [stats count AS c]]", r#"[{"k":"a","n":"1"},{"k":"a","n":"1","in":1},{"c":1}]"#),
            ("search k=none | appendpipe [stats count]", r#"[{"count":0}]"#),
            ("head 1 | appendpipe [where n=9]", r#"[{"k":"a","n":"1"}]"#),
        ] {
            assert_eq!(run(rows, &format!("* | {query}")), want, "{query}");
        }
        for (query, want) in [("appendpipe", "a subsearch"), ("appendpipe x=1 [head 1]", "no option"), ("appendpipe [| makeresults]", "must stand first")] {
            assert!(run(rows, &format!("* | {query}")).contains(want), "{query}");
        }
    }
}
