//! xyseries: a table with a row a value of one field and a column a value of another.

use super::{Command, Kind, Stage, option, stage};
use crate::card::{Example, Support};
use crate::diagnostic::Diagnostic;
use crate::plan::{self, Node, Planner, Shape};
use crate::syntax::field::{Field, field_but};
use crate::syntax::option::Opt;
use crate::syntax::tokens::commas;
use crate::syntax::wanted::Want;
use crate::syntax::{Parsed, Tokens};
use serde::Serialize;

static GROUPED: Opt<bool> = Opt::new("grouped", "f", "The rows come sorted by the row field: begin a row of the table wherever its value changes.");
static SEP: Opt<String> = Opt::new("sep", ": ", "What stands between data field and value in the names of columns, where there are several data fields.");
static FORMAT: Opt<Option<String>> = Opt::new("format", "$AGG$: $VAL$", "How columns are called where there are several data fields; it goes before `sep`.");

pub const COMMAND: Command = Command {
    name: "xyseries",
    aliases: &["maketable"],
    kind: Kind::Transforming,
    summary: "Makes a table with a row a value of one field, a column a value of another, and a third in the cells.",
    syntax: "xyseries [grouped=<bool>] <row field> <column field> <data field> … [sep=<text>] [format=<text>]",
    options: &[&GROUPED.card, &SEP.card, &FORMAT.card],
    examples: &[Example { spl: "| makeresults count=2 | eval h=\"a\", k=\"x\", n=1 | xyseries h k n", shows: "the column `x` with its number in row `a`" }],
    support: Support::Full,
    parse,
    file: file!(),
};

#[derive(Debug, Serialize)]
struct Xyseries {
    grouped: bool,
    fields: Vec<Field>,
    sep: String,
    format: Option<String>,
}

fn parse(mut i: Tokens<'_>) -> Parsed<'_, Box<dyn Stage>> {
    let mut tree = Xyseries { grouped: false, fields: Vec::new(), sep: SEP.card.default.into(), format: None };
    while !i.is_empty() {
        i = if let Some(rest) = option(i, &COMMAND, [GROUPED.to(&mut tree.grouped), SEP.to(&mut tree.sep), FORMAT.to(&mut tree.format)])? {
            rest
        } else {
            let (rest, name) = field_but(&[])(i)?;
            tree.fields.push(name);
            rest
        };
        i = commas(i)?.0;
    }
    if tree.fields.len() < 3 { i.miss(Want::Field) } else { stage(i, tree) }
}

impl Stage for Xyseries {
    fn plan(&self, planner: &mut Planner<'_>, input: Node) -> Result<Node, Diagnostic> {
        let mut names = self.fields.iter().map(|f| f.name.as_str().into());
        let shape = plan::reshape::Xyseries {
            row: names.next().unwrap_or_default(),
            column: names.next().unwrap_or_default(),
            cells: names.collect(),
            grouped: self.grouped,
            format: self.format.clone().unwrap_or_else(|| format!("$AGG${}$VAL$", self.sep)),
        };
        Ok(Node::Reshape { input: Box::new(planner.started(input)), shape: Shape::Xyseries(shape) })
    }
}

#[cfg(test)]
mod tests {
    use crate::operator::testing::run;

    #[test]
    fn a_table_of_three_fields() {
        let rows = r#"[{"h":"b","k":"x","n":"1","m":"9"},{"h":"a","k":["x","y"],"n":"2"},{"h":"b","k":"_z","n":["3","4"]},{"h":"b","k":"x","n":"5"},{"k":"x","n":"7"},{"h":"c","n":"8"}]"#;
        for (query, want) in [
            ("xyseries h k n", r#"[{"h":"a","x":"2","y":"2"},{"h":"b","_z":["3","4"],"x":"5"}]"#),
            ("xyseries grouped=t h, k, n", r#"[{"h":"b","x":"1"},{"h":"a","x":"2","y":"2"},{"h":"b","_z":["3","4"],"x":"5"}]"#),
            ("search m=9 | xyseries h k n m", r#"[{"h":"b","n: x":"1","m: x":"9"}]"#),
            ("search m=9 | xyseries h k n m sep=-", r#"[{"h":"b","n-x":"1","m-x":"9"}]"#),
            ("search m=9 | xyseries h k n m sep=- format=\"$VAL$/$AGG$\"", r#"[{"h":"b","x/n":"1","x/m":"9"}]"#),
            ("xyseries no k n", "[]"),
        ] {
            assert_eq!(run(rows, &format!("* | {query}")), want, "{query}");
        }
        for (query, want) in [("xyseries h k", "expected"), ("xyseries group=t h k n", "grouped"), ("xyseries grouped=2 h k n", "`grouped` takes")] {
            assert!(run(rows, &format!("* | {query}")).contains(want), "{query}");
        }
    }
}
