//! mvcombine: rows that agree in every other field become one.

use super::{Command, Kind, Stage, stage};
use crate::card::{Example, Support};
use crate::diagnostic::Diagnostic;
use crate::plan::{Node, Planner};
use crate::syntax::field::{Field, field_but};
use crate::syntax::option::Opt;
use crate::syntax::{Parsed, Tokens};
use serde::Serialize;

static DELIM: Opt<String> = Opt::new("delim", " ", "What `nomv` puts between the values when it makes one text of them; until then they stay several.");

pub const COMMAND: Command = Command {
    name: "mvcombine",
    aliases: &[],
    kind: Kind::Transforming,
    summary: "Combines rows that agree in every other field, _time and _raw included, into one with all values of the field.",
    syntax: "mvcombine [delim=<text>] <field>",
    options: &[&DELIM.card],
    examples: &[Example { spl: r#"| makeresults | eval n=split("1,2", ",") | mvexpand n | mvcombine delim="," n"#, shows: "one row with two values again" }],
    support: Support::Full,
    parse,
    file: file!(),
};

#[derive(Debug, Serialize)]
struct Mvcombine {
    field: Field,
    delimiter: Option<String>,
}

fn parse(i: Tokens<'_>) -> Parsed<'_, Box<dyn Stage>> {
    let (mut text, before) = (String::new(), i);
    let i = DELIM.read(i, &mut text)?.unwrap_or(i);
    let (after, field) = field_but(&[])(i)?;
    let rest = DELIM.read(after, &mut text)?.unwrap_or(after);
    let given = before.until(&i) + after.until(&rest) > 0;
    stage(rest, Mvcombine { field, delimiter: given.then_some(text) })
}

impl Stage for Mvcombine {
    fn plan(&self, planner: &mut Planner<'_>, input: Node) -> Result<Node, Diagnostic> {
        if let Some(delimiter) = &self.delimiter {
            planner.delimiters.insert(self.field.name.clone(), delimiter.clone());
        }
        Ok(Node::Combine { input: Box::new(planner.started(input)), field: self.field.name.as_str().into() })
    }
}

#[cfg(test)]
mod tests {
    use crate::operator::testing::run;

    #[test]
    fn rows_that_agree_become_one() {
        let rows = r#"[{"h":"a","n":"2"},{"h":"b","n":"3"},{"h":"a","n":"1"},{"h":"a"},{"n":"9"}]"#;
        for (query, want) in [
            ("mvcombine n", r#"[{"h":"a","n":["2","1"]},{"h":"b","n":"3"},{"n":"9"}]"#),
            (r#"mvcombine delim=":" h"#, r#"[{"h":"a","n":"2"},{"h":"b","n":"3"},{"h":"a","n":"1"},{"h":"a"},{"n":"9"}]"#),
            ("fields h | mvcombine h", r#"[{"h":["a","b","a","a"]}]"#),
        ] {
            assert_eq!(run(rows, &format!("* | {query}")), want, "{query}");
        }
    }
}
