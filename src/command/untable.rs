//! untable: columns back to rows.

use super::{Command, Kind, Stage, stage};
use crate::card::{Example, Support};
use crate::diagnostic::Diagnostic;
use crate::plan::{self, Node, Planner, Shape};
use crate::syntax::field::{Field, field_but};
use crate::syntax::tokens::commas;
use crate::syntax::{Parsed, Tokens};
use serde::Serialize;

pub const COMMAND: Command = Command {
    name: "untable",
    aliases: &[],
    kind: Kind::Transforming,
    summary: "Makes a row of each value beside the row field, with the name of its column: the inverse of xyseries; missing values give none.",
    syntax: "untable <row field> <name field> <value field>",
    options: &[],
    examples: &[Example { spl: "| makeresults | eval h=\"a\", x=1, y=2 | untable h name value", shows: "a row for x and one for y" }],
    support: Support::Full,
    parse,
    file: file!(),
};

#[derive(Debug, Serialize)]
struct Untable {
    row: Field,
    name: Field,
    value: Field,
}

fn parse(i: Tokens<'_>) -> Parsed<'_, Box<dyn Stage>> {
    let (i, row) = field_but(&[])(commas(i)?.0)?;
    let (i, name) = field_but(&[])(commas(i)?.0)?;
    let (i, value) = field_but(&[])(commas(i)?.0)?;
    stage(i, Untable { row, name, value })
}

impl Stage for Untable {
    fn plan(&self, planner: &mut Planner<'_>, input: Node) -> Result<Node, Diagnostic> {
        let name = |f: &Field| f.name.as_str().into();
        let shape = plan::reshape::Untable { row: name(&self.row), name: name(&self.name), value: name(&self.value) };
        Ok(Node::Reshape { input: Box::new(planner.started(input)), shape: Shape::Untable(shape) })
    }
}

#[cfg(test)]
mod tests {
    use crate::operator::testing::run;

    #[test]
    fn a_row_a_value() {
        let rows = r#"[{"h":"a","x":"1","y":["2","3"],"_i":"9"},{"h":"b","y":"4"},{"x":"5"}]"#;
        for (query, want) in [
            ("untable h n v", r#"[{"h":"a","n":"x","v":"1"},{"h":"a","n":"y","v":["2","3"]},{"h":"b","n":"y","v":"4"},{"n":"x","v":"5"}]"#),
            ("untable _i, n, v | head 1", r#"[{"_i":"9","n":"h","v":"a"}]"#),
            ("untable h n v | xyseries h n v", r#"[{"h":"a","x":"1","y":["2","3"]},{"h":"b","y":"4"}]"#),
        ] {
            assert_eq!(run(rows, &format!("* | {query}")), want, "{query}");
        }
        assert!(run(rows, "* | untable h n").contains("expected"));
        assert!(run(rows, "* | untable h n v w").contains("expected"));
    }
}
