//! correlate: how often fields occur in the same rows.

use super::{Command, Kind, Stage, stage};
use crate::card::{Example, Support};
use crate::diagnostic::Diagnostic;
use crate::plan::{Node, Planner, Shape};
use crate::syntax::option::{Opt, OptionValue, at_option, unknown_option};
use crate::syntax::{Parsed, Tokens};
use serde::Serialize;

static TYPE: Opt<Type> = Opt::new("type", "cocur", "What is measured; `cocur`, how often fields occur together, is all there is.").idle();

pub const COMMAND: Command = Command {
    name: "correlate",
    aliases: &[],
    kind: Kind::Transforming,
    summary: "Gives for each pair of fields the rows that have both over the rows that have either; internal fields stay out.",
    syntax: "correlate [type=cocur]",
    options: &[&TYPE.card],
    examples: &[Example { spl: "| makeresults count=2 | eval a=1, b=2 | correlate", shows: "fields that always occur together" }],
    support: Support::Full,
    parse,
    file: file!(),
};

#[derive(Debug, Serialize)]
struct Type;

impl OptionValue for Type {
    fn read(text: &str) -> Result<Type, &'static str> {
        if text.eq_ignore_ascii_case("cocur") { Ok(Type) } else { Err("`cocur`") }
    }
}

fn parse(i: Tokens<'_>) -> Parsed<'_, Box<dyn Stage>> {
    let mut kind = Type;
    let i = TYPE.read(i, &mut kind)?.unwrap_or(i);
    if at_option(i) {
        return unknown_option(i, COMMAND.name, COMMAND.options);
    }
    stage(i, kind)
}

impl Stage for Type {
    fn plan(&self, planner: &mut Planner<'_>, input: Node) -> Result<Node, Diagnostic> {
        Ok(Node::Reshape { input: Box::new(planner.started(input)), shape: Shape::Correlate })
    }
}

#[cfg(test)]
mod tests {
    use crate::operator::testing::run;

    #[test]
    fn fields_that_occur_together() {
        let rows = r#"[{"a":"1","b":["x","y"],"_i":"1"},{"a":"2","b":"z","c":"1"},{"a":"3"},{"c":"2"}]"#;
        let want = r#"[{"RowField":"a","a":1,"b":0.6667,"c":0.25},{"RowField":"b","a":0.6667,"b":1,"c":0.3333},{"RowField":"c","a":0.25,"b":0.3333,"c":1}]"#;
        assert_eq!(run(rows, "* | correlate"), want);
        assert_eq!(run(rows, "* | correlate type=cocur | stats count"), r#"[{"count":3}]"#);
        assert_eq!(run(rows, "a=9 | correlate"), "[]");
        for (query, want) in [("correlate type=pearson", "`type` takes"), ("correlate kind=x", "no option"), ("correlate a", "expected")] {
            assert!(run(rows, &format!("* | {query}")).contains(want), "{query}");
        }
    }
}
