//! xmlkv: fields of XML elements that hold nothing but text.

use super::{Command, Kind, Stage, stage};
use crate::card::{Example, Support};
use crate::diagnostic::Diagnostic;
use crate::plan::{Form, Node, Planner, Reading};
use crate::syntax::field::field;
use crate::syntax::option::{Opt, at_option, unknown_option};
use crate::syntax::{Parsed, Tokens};
use serde::Serialize;

pub(super) static MAXINPUTS: Opt<u64> = Opt::new("maxinputs", "50000", "How many rows Splunk hands over at a time; here all are.").idle();

pub const COMMAND: Command = Command {
    name: "xmlkv",
    aliases: &[],
    kind: Kind::Streaming,
    summary: "Makes a field of every XML element that holds nothing but text; one that comes again gets several values.",
    syntax: "xmlkv [<field>] [maxinputs=<n>]",
    options: &[&MAXINPUTS.card],
    examples: &[Example { spl: r#"| makeresults | eval _raw="<user>ann</user><port>22</port>" | xmlkv"#, shows: "user and port" }],
    support: Support::Full,
    parse,
    file: file!(),
};

#[derive(Debug, Serialize)]
struct XmlKv {
    field: String,
}

fn parse(i: Tokens<'_>) -> Parsed<'_, Box<dyn Stage>> {
    let (rest, field) = field_and_maxinputs(i, &COMMAND)?;
    stage(rest, XmlKv { field })
}

/// The arguments of the commands that Splunk runs as scripts of its own.
pub(super) fn field_and_maxinputs<'a>(mut i: Tokens<'a>, command: &Command) -> Parsed<'a, String> {
    let (mut name, mut ignored) = (None, 0);
    while !i.is_empty() {
        i = if let Some(rest) = MAXINPUTS.read(i, &mut ignored)? {
            rest
        } else if at_option(i) {
            return unknown_option(i, command.name, command.options);
        } else if name.is_none() {
            let (rest, field) = field(i)?;
            name = Some(field.name);
            rest
        } else {
            break;
        };
    }
    Ok((i, name.unwrap_or_else(|| "_raw".into())))
}

impl Stage for XmlKv {
    fn plan(&self, planner: &mut Planner<'_>, input: Node) -> Result<Node, Diagnostic> {
        let step = Reading::step(self.field.as_str(), Form::Elements);
        Ok(Node::Extend { input: Box::new(planner.started(input)), steps: vec![step] })
    }
}

#[cfg(test)]
mod tests {
    use crate::operator::testing::run;

    #[test]
    fn elements_become_fields() {
        let rows = r#"[{"_raw":"<r><a x='1'>1</a><a>2</a><e/><n><b>t &amp; u</b></n></r>"},{"_raw":"none"},{"f":"<c>3</c>"}]"#;
        for (query, want) in
            [("xmlkv | table a, b, e, r", r#"[{"a":["1","2"],"b":"t & u"},{},{}]"#), ("xmlkv maxinputs=10 f | table c", r#"[{},{},{"c":"3"}]"#)]
        {
            assert_eq!(run(rows, &format!("* | {query}")), want, "{query}");
        }
        assert!(run("[]", "* | xmlkv max=1").contains("`maxinputs`"));
        assert!(run("[]", "* | xmlkv a b").contains("expected"));
    }
}
