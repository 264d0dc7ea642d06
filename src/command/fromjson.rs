//! fromjson: the first level of a JSON object as fields.

use super::{Command, Kind, Stage, option, stage};
use crate::card::{Example, Support};
use crate::diagnostic::Diagnostic;
use crate::plan::{Form, Node, Planner, Reading};
use crate::syntax::field::{Field, field};
use crate::syntax::option::Opt;
use crate::syntax::wanted::Want;
use crate::syntax::{Parsed, Tokens};
use serde::Serialize;

static PREFIX: Opt<String> = Opt::new("prefix", "", "Stands before the names of the fields that are made.");

pub const COMMAND: Command = Command {
    name: "fromjson",
    aliases: &[],
    kind: Kind::Streaming,
    summary: "Makes a field of every key of a JSON object; an array becomes a multivalue, an object within stays JSON.",
    syntax: "fromjson <field> [prefix=<text>]",
    options: &[&PREFIX.card],
    examples: &[Example { spl: r#"| makeresults | eval j="{\"a\":1,\"b\":[\"x\",\"y\"]}" | fromjson j prefix=j_"#, shows: "j_a and j_b" }],
    support: Support::Full,
    parse,
    file: file!(),
};

#[derive(Debug, Serialize)]
struct FromJson {
    field: Field,
    prefix: String,
}

fn parse(mut i: Tokens<'_>) -> Parsed<'_, Box<dyn Stage>> {
    let (mut name, mut prefix) = (None, String::new());
    while !i.is_empty() {
        i = if let Some(rest) = option(i, &COMMAND, [PREFIX.to(&mut prefix)])? {
            rest
        } else if name.is_none() {
            let (rest, field) = field(i)?;
            name = Some(field);
            rest
        } else {
            break;
        };
    }
    match name {
        Some(field) => stage(i, FromJson { field, prefix }),
        None => i.miss(Want::Field),
    }
}

impl Stage for FromJson {
    fn plan(&self, planner: &mut Planner<'_>, input: Node) -> Result<Node, Diagnostic> {
        let form = Form::Object { prefix: self.prefix.clone() };
        let step = Reading::step(self.field.name.as_str(), form);
        Ok(Node::Extend { input: Box::new(planner.started(input)), steps: vec![step] })
    }
}

#[cfg(test)]
mod tests {
    use crate::operator::testing::run;

    #[test]
    fn keys_become_fields() {
        let rows = r#"[{"j":"{\"a\":1,\"b\":[1,\"x\",null],\"c\":{\"d\":true},\"n\":null}"},{"j":"[1]"},{"x":"1"}]"#;
        for (query, want) in [
            ("fromjson j | table a, b, c, n", r#"[{"a":"1","b":["1","x"],"c":"{\"d\":true}"},{},{}]"#),
            ("fromjson prefix=p. j | fields p.*", r#"[{"p.a":"1","p.b":["1","x"],"p.c":"{\"d\":true}"},{},{}]"#),
        ] {
            assert_eq!(run(rows, &format!("* | {query}")), want, "{query}");
        }
        assert!(run("[]", "* | fromjson").contains("expected"));
        assert!(run("[]", "* | fromjson j prefx=a").contains("`prefix`"));
    }
}
