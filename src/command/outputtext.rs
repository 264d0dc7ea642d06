//! outputtext: the text of events in a field of its own.

use super::{Command, Kind, Stage, stage};
use crate::card::{Example, Support};
use crate::diagnostic::Diagnostic;
use crate::plan::{Extension, Node, Planner, Target, planner};
use crate::syntax::option::{Opt, at_option, unknown_option};
use crate::syntax::{Parsed, Tokens};
use serde::Serialize;

static USEXML: Opt<bool> = Opt::new("usexml", "t", "Write what XML would read as markup as entities: `&`, `<`, `>` and quotes.");

pub const COMMAND: Command = Command {
    name: "outputtext",
    aliases: &[],
    kind: Kind::Streaming,
    summary: "Copies the text of events, `_raw`, to the field `_xml`, by default with its markup written as entities.",
    syntax: "outputtext [usexml=<bool>]",
    options: &[&USEXML.card],
    examples: &[
        Example { spl: "| makeresults | eval _raw=\"a<b\" | outputtext", shows: "`_xml` is a&lt;b" },
        Example { spl: "| makeresults | eval _raw=\"a<b\" | outputtext usexml=f", shows: "`_xml` is as `_raw`" },
    ],
    support: Support::Full,
    parse,
    file: file!(),
};

#[derive(Debug, Serialize)]
struct Outputtext {
    usexml: bool,
}

fn parse(i: Tokens<'_>) -> Parsed<'_, Box<dyn Stage>> {
    let mut usexml = true;
    match USEXML.read(i, &mut usexml)? {
        Some(rest) => stage(rest, Outputtext { usexml }),
        None if at_option(i) => unknown_option(i, COMMAND.name, COMMAND.options),
        None => stage(i, Outputtext { usexml }),
    }
}

/// The five entities that XML itself has.
const ESCAPED: &str = r#"replace(replace(replace(replace(replace(_raw, "&", "&amp;"), "<", "&lt;"), ">", "&gt;"), "\"", "&quot;"), "'", "&apos;")"#;

impl Stage for Outputtext {
    fn plan(&self, planner: &mut Planner<'_>, input: Node) -> Result<Node, Diagnostic> {
        let expr = planner::expression(if self.usexml { ESCAPED } else { "_raw" }, planner.knowledge, &planner.env)?;
        let step = Extension::Assign { target: Target::Field("_xml".into()), expr };
        Ok(Node::Extend { input: Box::new(planner.started(input)), steps: vec![step] })
    }
}

#[cfg(test)]
mod tests {
    use crate::operator::testing::run;

    #[test]
    fn text_with_and_without_entities() {
        let rows = r#"[{"_raw":"<a b='&amp;'>\"x\"</a>"},{"n":"1"}]"#;
        for (query, want) in [
            ("outputtext | table _xml", r#"[{"_xml":"&lt;a b=&apos;&amp;amp;&apos;&gt;&quot;x&quot;&lt;/a&gt;"},{}]"#),
            ("outputtext usexml=f | table _xml", r#"[{"_xml":"<a b='&amp;'>\"x\"</a>"},{}]"#),
            ("outputtext usexml=maybe", "`usexml` takes `true` or `false`"),
            ("outputtext xml=t", "no option `xml`"),
            ("outputtext x", "expected"),
        ] {
            let got = run(rows, &format!("* | {query}"));
            assert!(got.contains(want), "{query}: {got}");
        }
    }
}
