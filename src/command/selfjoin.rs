//! selfjoin: rows with the fields of other rows of the same result.

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

static OVERWRITE: Opt<bool> = Opt::new("overwrite", "t", "Let values of the other row replace those that are here.");
static MAX: Opt<u64> = Opt::new("max", "1", "How many other rows to take for a row; 0 for all.");
static KEEPSINGLE: Opt<bool> = Opt::new("keepsingle", "f", "Keep rows that agree with no other.");

pub const COMMAND: Command = Command {
    name: "selfjoin",
    aliases: &[],
    kind: Kind::Dataset,
    summary: "Joins each row with the ones behind it that agree in the fields; rows that lack one of them are left out.",
    syntax: "selfjoin [overwrite=<bool>] [max=<n>] [keepsingle=<bool>] <field> …",
    options: &[&OVERWRITE.card, &MAX.card, &KEEPSINGLE.card],
    examples: &[Example { spl: "| makeresults | eval id=1, a=2 | append [| makeresults | eval id=1, b=3] | selfjoin id", shows: "one row with a and b" }],
    support: Support::Full,
    parse,
    file: file!(),
};

#[derive(Debug, Serialize)]
struct Selfjoin {
    overwrite: bool,
    max: u64,
    keepsingle: bool,
    fields: Vec<Field>,
}

fn parse(mut i: Tokens<'_>) -> Parsed<'_, Box<dyn Stage>> {
    let mut tree = Selfjoin { overwrite: true, max: 1, keepsingle: false, fields: Vec::new() };
    while !i.is_empty() {
        i = if let Some(rest) = option(i, &COMMAND, [OVERWRITE.to(&mut tree.overwrite), MAX.to(&mut tree.max), KEEPSINGLE.to(&mut tree.keepsingle)])? {
            rest
        } else {
            let (rest, name) = field_but(&[])(i)?;
            tree.fields.push(name);
            rest
        };
        i = commas(i)?.0;
    }
    if tree.fields.is_empty() { i.miss(Want::Field) } else { stage(i, tree) }
}

impl Stage for Selfjoin {
    fn plan(&self, planner: &mut Planner<'_>, input: Node) -> Result<Node, Diagnostic> {
        let fields = self.fields.iter().map(|f| f.name.as_str().into()).collect();
        let shape = plan::reshape::Selfjoin { fields, overwrite: self.overwrite, max: self.max, keep_single: self.keepsingle };
        Ok(Node::Reshape { input: Box::new(planner.started(input)), shape: Shape::Selfjoin(shape) })
    }
}

#[cfg(test)]
mod tests {
    use crate::operator::testing::run;

    #[test]
    fn rows_with_later_rows() {
        let rows = r#"[{"k":"x","a":"1"},{"k":"x","a":"2","b":["p","q"]},{"k":"y","a":"3"},{"k":"x","b":"r"},{"a":"4"}]"#;
        for (query, want) in [
            ("selfjoin k", r#"[{"k":"x","a":"2","b":["p","q"]},{"k":"x","a":"2","b":"r"}]"#),
            ("selfjoin overwrite=f k", r#"[{"k":"x","a":"1","b":["p","q"]},{"k":"x","a":"2","b":["p","q"]}]"#),
            ("selfjoin max=0 k | stats count", r#"[{"count":3}]"#),
            ("selfjoin k keepsingle=t | where k=\"y\"", r#"[{"k":"y","a":"3"}]"#),
            ("selfjoin k, nowhere", "[]"),
        ] {
            assert_eq!(run(rows, &format!("* | {query}")), want, "{query}");
        }
        for (query, want) in [("selfjoin", "expected"), ("selfjoin maxi=1 k", "no option"), ("selfjoin max=x k", "`max` takes")] {
            assert!(run(rows, &format!("* | {query}")).contains(want), "{query}");
        }
    }
}
