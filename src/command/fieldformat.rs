//! fieldformat: another look for a field, its value unchanged.

use super::{Command, Kind, Stage, stage};
use crate::card::{Example, Support};
use crate::diagnostic::{Code, Diagnostic};
use crate::plan::{Node, Planner, Shown};
use crate::syntax::ast::Expr;
use crate::syntax::expr::assignment;
use crate::syntax::field::Field;
use crate::syntax::{Parsed, Tokens};
use serde::Serialize;

pub const COMMAND: Command = Command {
    name: "fieldformat",
    aliases: &[],
    kind: Kind::Streaming,
    summary: "Shows a field as an expression gives it; later commands see the value as it was, and a field that they rename or remove is not changed.",
    syntax: "fieldformat <field>=<expression>",
    options: &[],
    examples: &[Example { spl: r#"| makeresults | eval n=1234567 | fieldformat n=tostring(n, "commas")"#, shows: "1,234,567" }],
    support: Support::Full,
    parse,
    file: file!(),
};

#[derive(Debug, Serialize)]
struct Fieldformat {
    field: Field,
    expression: Expr,
}

fn parse(i: Tokens<'_>) -> Parsed<'_, Box<dyn Stage>> {
    let (rest, (field, expression)) = assignment(i)?;
    stage(rest, Fieldformat { field, expression })
}

impl Stage for Fieldformat {
    fn plan(&self, planner: &mut Planner<'_>, input: Node) -> Result<Node, Diagnostic> {
        let expr = planner.expr(&self.expression)?;
        if expr.is_boolean() {
            return Err(Diagnostic::error(Code::BOOLEAN, format!("`{}` would be shown as a Boolean, and fields cannot hold one", self.field.name))
                .at(self.expression.span)
                .help("Wrap it: if(…, \"true\", \"false\") or tostring(…)."));
        }
        if !planner.asides().is_empty() {
            // What is shown is worked out row by row, when all else is done.
            return Err(Diagnostic::error(Code::ARGUMENTS, "`cluster` and `getfields` cannot be in what is shown")
                .at(self.expression.span)
                .help("Make a field with `eval` first."));
        }
        planner.shows.push(Shown::Field(self.field.name.as_str().into(), expr));
        Ok(planner.started(input))
    }
}

#[cfg(test)]
mod tests {
    use crate::operator::testing::run;

    #[test]
    fn only_the_look_changes() {
        let rows = r#"[{"a":"3","b":"1"},{"a":"20","b":"2"},{"b":"3"},{"a":["1","2"]}]"#;
        for (query, want) in [
            ("fieldformat a=\"#\".a | sort a | table a", r##"[{"a":["1","2"]},{"a":"#3"},{"a":"#20"},{}]"##),
            ("fieldformat a=\"#\".a | eval c=a+1 | where c=4 | table a c", r##"[{"a":"#3","c":4}]"##),
            ("fieldformat a=b.\"!\" | table a | head 1", r#"[{"a":"3"}]"#),
            ("fieldformat a=\"#\".a | rename a AS c | table c | head 1", r#"[{"c":"3"}]"#),
            ("fieldformat a=\"#\".a | fields b | head 1", r#"[{"b":"1"}]"#),
            ("head 1 | fieldformat a=\"#\".a | append [search b=3 | fieldformat b=\"?\".b] | table a b", r##"[{"a":"#3","b":"1"},{"b":"3"}]"##),
            ("search b=2 | fieldformat a=a*2 | fieldformat a=a.\"x\" | table a", r#"[{"a":"40x"}]"#),
        ] {
            assert_eq!(run(rows, &format!("* | {query}")), want, "{query}");
        }
        for (query, want) in [("fieldformat", "expected"), ("fieldformat a=b>1", "Boolean"), ("fieldformat a=nosuch(b)", "unknown function")] {
            assert!(run(rows, &format!("* | {query}")).contains(want), "{query}");
        }
    }
}
