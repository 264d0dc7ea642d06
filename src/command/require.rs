//! require: fails the search when it finds nothing.

use super::{Command, Kind, Stage, stage};
use crate::card::{Example, Support};
use crate::diagnostic::Diagnostic;
use crate::plan::{Limit, Node, Planner};
use crate::syntax::{Parsed, Tokens};
use serde::Serialize;

pub const COMMAND: Command = Command {
    name: "require",
    aliases: &[],
    kind: Kind::Streaming,
    summary: "Fails the search when no row comes here; else it changes nothing.",
    syntax: "require",
    options: &[],
    examples: &[Example { spl: "| makeresults | eval a=1 | require", shows: "the row, since there is one" }],
    support: Support::Full,
    parse,
    file: file!(),
};

#[derive(Debug, Serialize)]
struct Require;

fn parse(i: Tokens<'_>) -> Parsed<'_, Box<dyn Stage>> {
    stage(i, Require)
}

impl Stage for Require {
    fn plan(&self, planner: &mut Planner<'_>, input: Node) -> Result<Node, Diagnostic> {
        Ok(Node::Limit { input: Box::new(planner.started(input)), limit: Limit::AtLeastOne(planner.span) })
    }
}

#[cfg(test)]
mod tests {
    use crate::operator::testing::run;

    #[test]
    fn rows_or_an_error() {
        let rows = r#"[{"a":"1"},{"a":null}]"#;
        assert_eq!(run(rows, "* | require | stats count"), r#"[{"count":2}]"#);
        assert!(run(rows, "a=9 | require | stats count").contains("found no rows"));
        assert!(run(rows, "* | append [search a=9 | require]").contains("found no rows"));
        assert!(run(rows, "* | require a").contains("expected"));
    }
}
