//! xmlunescape: entities of XML become the characters that they stand for.

use super::xmlkv::{MAXINPUTS, field_and_maxinputs};
use super::{Command, Kind, Stage, stage};
use crate::card::{Example, Support};
use crate::diagnostic::Diagnostic;
use crate::plan::{Change, Each, Extension, FieldPattern, Node, Planner};
use crate::syntax::{Parsed, Tokens};
use serde::Serialize;

pub const COMMAND: Command = Command {
    name: "xmlunescape",
    aliases: &[],
    kind: Kind::Streaming,
    summary: "Puts the characters in place of XML's entities, in `_raw` or another field.",
    syntax: "xmlunescape [<field>] [maxinputs=<n>]",
    options: &[&MAXINPUTS.card],
    examples: &[Example { spl: r#"| makeresults | eval _raw="a &lt; b &amp;&#33;" | xmlunescape"#, shows: "a < b &!" }],
    support: Support::Full,
    parse,
    file: file!(),
};

#[derive(Debug, Serialize)]
struct XmlUnescape {
    field: String,
}

fn parse(i: Tokens<'_>) -> Parsed<'_, Box<dyn Stage>> {
    let (rest, field) = field_and_maxinputs(i, &COMMAND)?;
    stage(rest, XmlUnescape { field })
}

impl Stage for XmlUnescape {
    fn plan(&self, planner: &mut Planner<'_>, input: Node) -> Result<Node, Diagnostic> {
        let each = Each { fields: vec![FieldPattern::new(&self.field)], except: Vec::new(), into: None, create: false, change: Change::Unescape };
        Ok(Node::Extend { input: Box::new(planner.started(input)), steps: vec![Extension::Each(each)] })
    }
}

#[cfg(test)]
mod tests {
    use crate::operator::testing::run;

    #[test]
    fn entities_are_resolved() {
        let rows = r#"[{"_raw":"&lt;a&gt; &amp;amp; &#65;&quot;&nbsp;","f":["&lt;","x"]},{"x":"1"}]"#;
        for (query, want) in
            [("xmlunescape | table _raw", r#"[{"_raw":"<a> &amp; A\"&nbsp;"},{}]"#), ("xmlunescape maxinputs=5 f | table f", r#"[{"f":["<","x"]},{}]"#)]
        {
            assert_eq!(run(rows, &format!("* | {query}")), want, "{query}");
        }
        assert!(run("[]", "* | xmlunescape max=1").contains("`maxinputs`"));
    }
}
