//! contingency: counts each combination of two fields' values.

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

static MAXROWS: Opt<u64> = Opt::new("maxrows", "1000", "How many rows at most, those of the most common values; 0 for all.");
static MAXCOLS: Opt<u64> = Opt::new("maxcols", "1000", "How many columns at most, those of the most common values; 0 for all.");
static MINCOLCOVER: Opt<f64> = Opt::new("mincolcover", "1.0", "No more columns once this part of all values, from 0 to 1, has one.");
static MINROWCOVER: Opt<f64> = Opt::new("minrowcover", "1.0", "No more rows once this part of all values, from 0 to 1, has one.");
static USETOTAL: Opt<bool> = Opt::new("usetotal", "t", "Add a row and a column of totals.");
static TOTALSTR: Opt<String> = Opt::new("totalstr", "TOTAL", "The name of the totals.");

pub const COMMAND: Command = Command {
    name: "contingency",
    aliases: &["counttable", "ctable"],
    kind: Kind::Transforming,
    summary: "Counts each combination of two fields' values, the most common values first; totals are of what is shown.",
    syntax: "contingency [maxrows=<n>] [maxcols=<n>] [mincolcover=<n>] [minrowcover=<n>] [usetotal=<bool>] [totalstr=<text>] <field> <field>",
    options: &[&MAXROWS.card, &MAXCOLS.card, &MINCOLCOVER.card, &MINROWCOVER.card, &USETOTAL.card, &TOTALSTR.card],
    examples: &[Example { spl: "| makeresults count=3 | eval h=\"a\", s=\"x\" | contingency h s", shows: "a row for a, a column for x, and totals" }],
    support: Support::Full,
    parse,
    file: file!(),
};

#[derive(Debug, Serialize)]
struct Contingency {
    most: (u64, u64),
    cover: (f64, f64),
    usetotal: bool,
    totalstr: String,
    fields: Vec<Field>,
}

fn parse(mut i: Tokens<'_>) -> Parsed<'_, Box<dyn Stage>> {
    let mut tree = Contingency { most: (1000, 1000), cover: (1.0, 1.0), usetotal: true, totalstr: TOTALSTR.card.default.into(), fields: Vec::new() };
    while !i.is_empty() {
        let slots = [
            MAXROWS.to(&mut tree.most.0),
            MAXCOLS.to(&mut tree.most.1),
            MINROWCOVER.to(&mut tree.cover.0),
            MINCOLCOVER.to(&mut tree.cover.1),
            USETOTAL.to(&mut tree.usetotal),
            TOTALSTR.to(&mut tree.totalstr),
        ];
        i = if let Some(rest) = option(i, &COMMAND, slots)? {
            rest
        } else if tree.fields.len() < 2 {
            let (rest, name) = field_but(&[])(i)?;
            tree.fields.push(name);
            rest
        } else {
            break;
        };
        i = commas(i)?.0;
    }
    if tree.fields.len() < 2 { i.miss(Want::Field) } else { stage(i, tree) }
}

impl Stage for Contingency {
    fn plan(&self, planner: &mut Planner<'_>, input: Node) -> Result<Node, Diagnostic> {
        let mut names = self.fields.iter().map(|f| f.name.as_str().into());
        let shape = plan::reshape::Contingency {
            row: names.next().unwrap_or_default(),
            column: names.next().unwrap_or_default(),
            most: self.most,
            cover: self.cover,
            total: self.usetotal.then(|| self.totalstr.clone()),
        };
        Ok(Node::Reshape { input: Box::new(planner.started(input)), shape: Shape::Contingency(shape) })
    }
}

#[cfg(test)]
mod tests {
    use crate::operator::testing::run;

    #[test]
    fn counts_of_pairs() {
        let rows = r#"[{"a":"x","b":"1"},{"a":"x","b":["1","2"]},{"a":"y","b":"2"},{"a":"z"},{"b":"9"},{"a":"x","b":"3"}]"#;
        for (query, want) in [
            ("contingency a b", r#"[{"a":"x","1":2,"2":1,"3":1,"TOTAL":4},{"a":"y","1":0,"2":1,"3":0,"TOTAL":1},{"a":"TOTAL","1":2,"2":2,"3":1,"TOTAL":5}]"#),
            ("ctable maxrows=1 maxcols=2 totalstr=all a, b", r#"[{"a":"x","1":2,"2":1,"all":3},{"a":"all","1":2,"2":1,"all":3}]"#),
            ("counttable mincolcover=0.5 minrowcover=0.8 usetotal=f a b", r#"[{"a":"x","1":2,"2":1}]"#),
            ("contingency usetotal=f a none", "[]"),
        ] {
            assert_eq!(run(rows, &format!("* | {query}")), want, "{query}");
        }
        for (query, want) in [
            ("contingency a", "expected"),
            ("contingency a b c", "expected"),
            ("contingency maxrow=1 a b", "maxrows"),
            ("contingency mincolcover=x a b", "takes"),
        ] {
            assert!(run(rows, &format!("* | {query}")).contains(want), "{query}");
        }
    }
}
