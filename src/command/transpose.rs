//! transpose: rows to columns.

use super::{Command, Kind, Stage, option, stage};
use crate::card::{Example, Support};
use crate::diagnostic::Diagnostic;
use crate::plan::{self, Node, Planner, Shape};
use crate::syntax::option::{Opt, count};
use crate::syntax::{Parsed, Tokens};
use serde::Serialize;

static COLUMN_NAME: Opt<String> = Opt::new("column_name", "column", "The name of the column that holds the names of the fields.");
static HEADER_FIELD: Opt<Option<String>> = Opt::new("header_field", "", "The field whose values name the new columns, in place of `row 1`, `row 2`….");
static INCLUDE_EMPTY: Opt<bool> = Opt::new("include_empty", "t", "Keep fields that have no value in these rows.");

pub const COMMAND: Command = Command {
    name: "transpose",
    aliases: &[],
    kind: Kind::Transforming,
    summary: "Turns the first rows (5, or the count; 0 for all) into columns; of new columns of the same name the last one stands.",
    syntax: "transpose [<count>] [column_name=<field>] [header_field=<field>] [include_empty=<bool>]",
    options: &[&COLUMN_NAME.card, &HEADER_FIELD.card, &INCLUDE_EMPTY.card],
    examples: &[Example { spl: "| makeresults count=2 | eval a=1, b=2 | fields - _time | transpose", shows: "a row for each field" }],
    support: Support::Full,
    parse,
    file: file!(),
};

#[derive(Debug, Serialize)]
struct Transpose {
    count: u64,
    column: String,
    header: Option<String>,
    include_empty: bool,
}

fn parse(mut i: Tokens<'_>) -> Parsed<'_, Box<dyn Stage>> {
    let mut tree = Transpose { count: 5, column: COLUMN_NAME.card.default.into(), header: None, include_empty: true };
    let mut counted = false;
    while !i.is_empty() {
        i = if let Some(rest) =
            option(i, &COMMAND, [COLUMN_NAME.to(&mut tree.column), HEADER_FIELD.to(&mut tree.header), INCLUDE_EMPTY.to(&mut tree.include_empty)])?
        {
            rest
        } else if !counted {
            let (rest, n) = count(i)?;
            (tree.count, counted) = (n, true);
            rest
        } else {
            break;
        };
    }
    stage(i, tree)
}

impl Stage for Transpose {
    fn plan(&self, planner: &mut Planner<'_>, input: Node) -> Result<Node, Diagnostic> {
        let shape = plan::reshape::Transpose {
            count: Some(self.count).filter(|n| *n > 0),
            column: self.column.as_str().into(),
            header: self.header.as_deref().map(Into::into),
            include_empty: self.include_empty,
        };
        Ok(Node::Reshape { input: Box::new(planner.started(input)), shape: Shape::Transpose(shape) })
    }
}

#[cfg(test)]
mod tests {
    use crate::operator::testing::run;

    #[test]
    fn rows_become_columns() {
        let rows = r#"[{"h":"x","n":"1","m":["a","b"]},{"h":"y","n":"2","e":null},{"h":"x","n":"3"},{"n":"4"}]"#;
        for (query, want) in [
            ("table h n | transpose 2", r#"[{"column":"h","row 1":"x","row 2":"y"},{"column":"n","row 1":"1","row 2":"2"}]"#),
            ("table h n | transpose 0 header_field=h column_name=c", r#"[{"c":"n","x":"3","y":"2","row 4":"4"}]"#),
            ("table n e m | transpose 2 include_empty=f", r#"[{"column":"n","row 1":"1","row 2":"2"},{"column":"m","row 1":["a","b"]}]"#),
            ("table e | transpose", r#"[{"column":"e"}]"#),
            ("search n=9 | transpose | stats count", r#"[{"count":0}]"#),
        ] {
            assert_eq!(run(rows, &format!("* | {query}")), want, "{query}");
        }
        for (query, want) in [("transpose x", "expected"), ("transpose headerfield=h", "header_field"), ("transpose include_empty=maybe", "include_empty")] {
            assert!(run(rows, &format!("* | {query}")).contains(want), "{query}");
        }
    }
}
