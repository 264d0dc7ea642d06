//! fieldsummary: describes every field.

use super::{Command, Kind, Stage, stage};
use crate::card::{Example, Support};
use crate::diagnostic::Diagnostic;
use crate::plan::{self, FieldPattern, Node, Planner, Shape};
use crate::syntax::field::{Field, field_but};
use crate::syntax::option::{Opt, at_option, unknown_option};
use crate::syntax::tokens::commas;
use crate::syntax::{Parsed, Tokens};
use serde::Serialize;

static MAXVALS: Opt<u64> = Opt::new("maxvals", "100", "How many distinct values are listed, the most common first; 0 for all.");

pub const COMMAND: Command = Command {
    name: "fieldsummary",
    aliases: &[],
    kind: Kind::Transforming,
    summary: "Gives a row for each field: how many rows have it, how many distinct values, extremes and mean of its numbers, and the values as JSON. Distinct values are counted exactly, so `is_exact` is 1.",
    syntax: "fieldsummary [maxvals=<n>] [<field> …]",
    options: &[&MAXVALS.card],
    examples: &[Example { spl: "| makeresults count=3 | eval n=4, t=\"x\" | fieldsummary maxvals=5 n t", shows: "a row for n and one for t" }],
    support: Support::Full,
    parse,
    file: file!(),
};

#[derive(Debug, Serialize)]
struct Fieldsummary {
    maxvals: u64,
    fields: Vec<Field>,
}

fn parse(mut i: Tokens<'_>) -> Parsed<'_, Box<dyn Stage>> {
    let mut tree = Fieldsummary { maxvals: 100, fields: Vec::new() };
    while !i.is_empty() {
        i = if let Some(rest) = MAXVALS.read(i, &mut tree.maxvals)? {
            rest
        } else if at_option(i) {
            return unknown_option(i, COMMAND.name, COMMAND.options);
        } else {
            let (rest, name) = field_but(&[])(i)?;
            tree.fields.push(name);
            rest
        };
        i = commas(i)?.0;
    }
    stage(i, tree)
}

impl Stage for Fieldsummary {
    fn plan(&self, planner: &mut Planner<'_>, input: Node) -> Result<Node, Diagnostic> {
        let fields = self.fields.iter().map(|f| FieldPattern::new(&f.name)).collect();
        let shape = Shape::Fieldsummary(plan::reshape::Fieldsummary { fields, values: self.maxvals });
        Ok(Node::Reshape { input: Box::new(planner.started(input)), shape })
    }
}

#[cfg(test)]
mod tests {
    use crate::operator::testing::run;

    #[test]
    fn a_row_a_field() {
        let rows = r#"[{"n":"1","t":"b","_i":"1"},{"n":"10","t":["a","b"]},{"n":"x","e":null}]"#;
        for (query, want) in [
            (
                "fieldsummary",
                r#"[{"field":"n","count":3,"distinct_count":3,"is_exact":1,"max":10,"mean":5.5,"min":1,"numeric_count":2,"stdev":6.363961030678928,"values":"[{\"count\":1,\"value\":\"1\"},{\"count\":1,\"value\":\"10\"},{\"count\":1,\"value\":\"x\"}]"},{"field":"t","count":2,"distinct_count":2,"is_exact":1,"numeric_count":0,"values":"[{\"count\":2,\"value\":\"b\"},{\"count\":1,\"value\":\"a\"}]"}]"#,
            ),
            ("fieldsummary maxvals=1 t* | table values", r#"[{"values":"[{\"count\":2,\"value\":\"b\"}]"}]"#),
            ("fieldsummary _i, maxvals=0 | table field count stdev", r#"[{"field":"_i","count":1,"stdev":0}]"#),
            ("fieldsummary none", "[]"),
        ] {
            let (got, want) = (run(rows, &format!("* | {query}")), want.to_string());
            // The keys of an object have no order.
            let same = |t: &str| t.replace(r#"{\"value\":\"1\",\"count\":1}"#, r#"{\"count\":1,\"value\":\"1\"}"#);
            let order = |t: &str| {
                ["1", "10", "x", "a", "b"].iter().fold(same(t), |t, v| {
                    (1..3).fold(t, |t, n| t.replace(&format!(r#"{{\"value\":\"{v}\",\"count\":{n}}}"#), &format!(r#"{{\"count\":{n},\"value\":\"{v}\"}}"#)))
                })
            };
            assert_eq!(order(&got), want, "{query}");
        }
        for (query, want) in [("fieldsummary max=1", "maxvals"), ("fieldsummary maxvals=x", "`maxvals` takes")] {
            assert!(run(rows, &format!("* | {query}")).contains(want), "{query}");
        }
    }
}
