//! setfields: the same values in all rows.

use super::{Command, Kind, Stage, stage};
use crate::card::{Example, Support};
use crate::column::Value;
use crate::diagnostic::Diagnostic;
use crate::plan::{Expr, Extension, Node, Planner, Target};
use crate::syntax::field::{Field, field};
use crate::syntax::option::raw_value;
use crate::syntax::tokens::{commas, symbol};
use crate::syntax::wanted::Want;
use crate::syntax::{Parsed, Tokens};
use serde::Serialize;

pub const COMMAND: Command = Command {
    name: "setfields",
    aliases: &[],
    kind: Kind::Streaming,
    summary: "Sets fields to the same texts in all rows, whatever they hold.",
    syntax: "setfields <field>=\"<text>\" [, <field>=\"<text>\"] …",
    options: &[],
    examples: &[Example { spl: "| makeresults | setfields ip=\"10.1.2.3\", site=lab", shows: "two fields" }],
    support: Support::Full,
    parse,
    file: file!(),
};

#[derive(Debug, Serialize)]
struct Setfields {
    fields: Vec<(Field, String)>,
}

fn parse(mut i: Tokens<'_>) -> Parsed<'_, Box<dyn Stage>> {
    let mut fields = Vec::new();
    while !i.is_empty() {
        let (rest, name) = field(i)?;
        let (rest, _) = symbol('=')(rest)?;
        let (rest, value) = raw_value(rest)?;
        fields.push((name, value.text));
        i = commas(rest)?.0;
    }
    if fields.is_empty() { i.miss(Want::Field) } else { stage(i, Setfields { fields }) }
}

impl Stage for Setfields {
    fn plan(&self, planner: &mut Planner<'_>, input: Node) -> Result<Node, Diagnostic> {
        let set = |(field, text): &(Field, String)| Extension::Assign {
            target: Target::Field(field.name.as_str().into()),
            expr: Expr::Literal(Value::owned(text.as_str())),
        };
        Ok(Node::Extend { input: Box::new(planner.started(input)), steps: self.fields.iter().map(set).collect() })
    }
}

#[cfg(test)]
mod tests {
    use crate::operator::testing::run;

    #[test]
    fn sets_texts() {
        let rows = r#"[{"a":["1","2"]},{"b":"x"}]"#;
        assert_eq!(run(rows, r#"* | setfields a="p q", c=r | table a c"#), r#"[{"a":"p q","c":"r"},{"a":"p q","c":"r"}]"#);
        assert_eq!(run(rows, r#"* | setfields a="" | table a | head 1"#), r#"[{"a":""}]"#);
        for query in ["setfields", "setfields a", "setfields a=", "setfields ="] {
            assert!(run(rows, &format!("* | {query}")).contains("expected"), "{query}");
        }
    }
}
