//! fillnull: a value for fields that have none.

use super::{Command, Kind, Stage, stage};
use crate::card::{Example, Support};
use crate::column::{Value, number};
use crate::diagnostic::Diagnostic;
use crate::plan::{Change, Each, Extension, FieldPattern, Node, Planner};
use crate::syntax::field::{Field, fields};
use crate::syntax::option::{Opt, at_option};
use crate::syntax::{Parsed, Tokens};
use serde::Serialize;

static VALUE: Opt<String> = Opt::new("value", "0", "What stands in place of a missing value.");

pub const COMMAND: Command = Command {
    name: "fillnull",
    aliases: &[],
    kind: Kind::Streaming,
    summary: "Gives fields without a value one: the listed fields, which are made where they are missing, or else every field that occurs.",
    syntax: "fillnull [value=<text>] [<field> …]",
    options: &[&VALUE.card],
    examples: &[
        Example { spl: "| makeresults | fillnull value=unknown user, host", shows: "fields that are listed" },
        Example { spl: "| makeresults | eval a=1 | append [| makeresults | eval b=2] | fillnull", shows: "all fields, with 0" },
    ],
    support: Support::Full,
    parse,
    file: file!(),
};

#[derive(Debug, Serialize)]
struct Fillnull {
    value: String,
    fields: Vec<Field>,
}

fn parse(i: Tokens<'_>) -> Parsed<'_, Box<dyn Stage>> {
    let mut value = VALUE.card.default.to_string();
    let i = VALUE.read(i, &mut value)?.unwrap_or(i);
    let (rest, fields) = if i.is_empty() || at_option(i) { (i, Vec::new()) } else { fields(&[])(i)? };
    let rest = VALUE.read(rest, &mut value)?.unwrap_or(rest);
    stage(rest, Fillnull { value, fields })
}

impl Stage for Fillnull {
    fn plan(&self, planner: &mut Planner<'_>, input: Node) -> Result<Node, Diagnostic> {
        // A number that prints as it was written keeps columns of numbers as they are.
        let value = match number::parse(&self.value).filter(|n| number::format(*n) == self.value) {
            Some(n) => Value::Number(n),
            None => Value::owned(self.value.as_str()),
        };
        let input = Box::new(planner.started(input));
        if self.fields.is_empty() {
            return Ok(Node::Fill { input, value });
        }
        let fields = self.fields.iter().map(|f| FieldPattern::new(&f.name)).collect();
        let each = Each { fields, except: Vec::new(), into: None, create: true, change: Change::Fill(value) };
        Ok(Node::Extend { input, steps: vec![Extension::Each(each)] })
    }
}

#[cfg(test)]
mod tests {
    use crate::operator::testing::run;

    #[test]
    fn fills_listed_fields_or_all() {
        let rows = r#"[{"a":"1","b":""},{"c":["x","y"]}]"#;
        for (query, want) in [
            ("fillnull a, new", r#"[{"a":"1","b":"","new":0},{"a":0,"c":["x","y"],"new":0}]"#),
            ("fillnull value=NULL", r#"[{"a":"1","b":"","c":"NULL"},{"a":"NULL","b":"NULL","c":["x","y"]}]"#),
            (r#"fillnull value="m1.small" c | table c"#, r#"[{"c":"m1.small"},{"c":["x","y"]}]"#),
            ("fillnull b value=- | table b", r#"[{"b":""},{"b":"-"}]"#),
            ("fillnull value=007 c | table c", r#"[{"c":"007"},{"c":["x","y"]}]"#),
            ("table a, none | fillnull", r#"[{"a":"1"},{"a":0}]"#),
        ] {
            assert_eq!(run(rows, &format!("* | {query}")), want, "{query}");
        }
        assert!(run(rows, "* | fillnull with=1 a").contains("no option `with`"));
    }
}
