//! mvexpand: one row a value.

use super::{Command, Kind, Stage, stage};
use crate::card::{Example, Support};
use crate::diagnostic::Diagnostic;
use crate::plan::{Node, Planner};
use crate::syntax::field::{Field, field_but};
use crate::syntax::option::Opt;
use crate::syntax::{Parsed, Tokens};
use serde::Serialize;

static LIMIT: Opt<u64> = Opt::new("limit", "0", "The most values taken of a row; 0 for all.");

pub const COMMAND: Command = Command {
    name: "mvexpand",
    aliases: &[],
    kind: Kind::Streaming,
    summary: "Makes a row of each value of a field, with the other fields beside it; rows without a value stay, and a null in an array is no value.",
    syntax: "mvexpand <field> [limit=<n>]",
    options: &[&LIMIT.card],
    examples: &[Example { spl: r#"| makeresults | eval t=split("a,b,c", ",") | mvexpand t limit=2"#, shows: "two rows" }],
    support: Support::Full,
    parse,
    file: file!(),
};

#[derive(Debug, Serialize)]
struct Mvexpand {
    field: Field,
    limit: u64,
}

fn parse(i: Tokens<'_>) -> Parsed<'_, Box<dyn Stage>> {
    let mut limit = 0;
    let i = LIMIT.read(i, &mut limit)?.unwrap_or(i);
    let (rest, field) = field_but(&[])(i)?;
    let rest = LIMIT.read(rest, &mut limit)?.unwrap_or(rest);
    stage(rest, Mvexpand { field, limit })
}

impl Stage for Mvexpand {
    fn plan(&self, planner: &mut Planner<'_>, input: Node) -> Result<Node, Diagnostic> {
        let limit = Some(self.limit).filter(|n| *n > 0);
        Ok(Node::Unnest { input: Box::new(planner.started(input)), field: self.field.name.as_str().into(), limit })
    }
}

#[cfg(test)]
mod tests {
    use crate::operator::testing::run;

    #[test]
    fn a_row_a_value() {
        let rows = r#"[{"n":"1","t":["a","b","c"]},{"n":"2"},{"n":"3","t":"d"}]"#;
        for (query, want) in [
            ("mvexpand t", r#"[{"n":"1","t":"a"},{"n":"1","t":"b"},{"n":"1","t":"c"},{"n":"2"},{"n":"3","t":"d"}]"#),
            ("mvexpand t limit=1", r#"[{"n":"1","t":"a"},{"n":"2"},{"n":"3","t":"d"}]"#),
            ("mvexpand limit=0 t | stats count", r#"[{"count":5}]"#),
            ("mvexpand missing | stats count", r#"[{"count":3}]"#),
        ] {
            assert_eq!(run(rows, &format!("* | {query}")), want, "{query}");
        }
        assert!(run(rows, "* | mvexpand").contains("expected"));
    }
}
