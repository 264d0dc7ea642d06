//! nomv: several values to one text.

use super::{Command, Kind, Stage, stage};
use crate::card::{Example, Support};
use crate::diagnostic::Diagnostic;
use crate::plan::{Change, Each, Extension, FieldPattern, Node, Planner};
use crate::syntax::field::{Field, field};
use crate::syntax::{Parsed, Tokens};
use serde::Serialize;

pub const COMMAND: Command = Command {
    name: "nomv",
    aliases: &[],
    kind: Kind::Streaming,
    summary: "Makes one text of the values of a field, with line feeds between, or with the `delim` of the mvcombine or stats that made them.",
    syntax: "nomv <field>",
    options: &[],
    examples: &[Example { spl: r#"| makeresults | eval t=split("a,b", ",") | nomv t"#, shows: "one text of two lines" }],
    support: Support::Full,
    parse,
    file: file!(),
};

#[derive(Debug, Serialize)]
struct Nomv {
    field: Field,
}

fn parse(i: Tokens<'_>) -> Parsed<'_, Box<dyn Stage>> {
    let (rest, field) = field(i)?;
    stage(rest, Nomv { field })
}

impl Stage for Nomv {
    fn plan(&self, planner: &mut Planner<'_>, input: Node) -> Result<Node, Diagnostic> {
        let delimiter = planner.delimiters.get(&self.field.name).map_or("\n", String::as_str).to_string();
        let fields = vec![FieldPattern::new(&self.field.name)];
        let each = Each { fields, except: Vec::new(), into: None, create: false, change: Change::Nomv(delimiter) };
        Ok(Node::Extend { input: Box::new(planner.started(input)), steps: vec![Extension::Each(each)] })
    }
}

#[cfg(test)]
mod tests {
    use crate::operator::testing::run;

    #[test]
    fn joins_with_line_feeds() {
        assert_eq!(run(r#"[{"t":["a","","b"]},{"t":"c"},{"n":"1"}]"#, "* | nomv t | table t"), r#"[{"t":"a\n\nb"},{"t":"c"},{}]"#);
        assert!(run("[]", "* | nomv").contains("expected a field"));
    }
}
