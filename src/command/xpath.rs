//! xpath: a field out of XML by an XPath.

use super::{Command, Kind, Stage, option, stage};
use crate::card::{Example, Support};
use crate::diagnostic::{Code, Diagnostic, Span};
use crate::plan::xpath::XPath;
use crate::plan::{Form, Node, Planner, Reading};
use crate::syntax::option::{Opt, raw_value};
use crate::syntax::wanted::Want;
use crate::syntax::{Parsed, Tokens};
use serde::Serialize;

static FIELD: Opt<String> = Opt::new("field", "_raw", "The field that is read.");
static OUTFIELD: Opt<String> = Opt::new("outfield", "xpath", "The field that is made.");
static DEFAULT: Opt<Option<String>> = Opt::new("default", "", "The value where the path finds nothing.");

pub const COMMAND: Command = Command {
    name: "xpath",
    aliases: &[],
    kind: Kind::Streaming,
    summary: "Makes a field of what an XPath 1.0 finds in XML; several finds are a multivalue. A name without a prefix fits in any namespace, one with a prefix what is written so.",
    syntax: "xpath [outfield=<field>] \"<path>\" [field=<field>] [default=<text>]",
    options: &[&OUTFIELD.card, &FIELD.card, &DEFAULT.card],
    examples: &[
        Example { spl: r#"| makeresults | eval _raw="<a><b id='1'>x</b><b id='2'>y</b></a>" | xpath outfield=all "//b""#, shows: "x and y" },
        Example { spl: r#"| makeresults | eval _raw="<a><b n='1'/><b n='2'/></a>" | xpath outfield=n "sum(//b/@n)""#, shows: "3" },
        Example { spl: r#"| makeresults | eval doc="<a><b id='1'>x</b></a>" | xpath outfield=id field=doc "/a/b[1]/@id""#, shows: "an attribute" },
    ],
    support: Support::Full,
    parse,
    file: file!(),
};

#[derive(Debug, Serialize)]
struct Xpath {
    path: String,
    #[serde(skip)]
    span: Span,
    field: String,
    output: String,
    default: Option<String>,
}

fn parse(mut i: Tokens<'_>) -> Parsed<'_, Box<dyn Stage>> {
    let (mut field, mut output, mut default) = (FIELD.card.default.to_string(), OUTFIELD.card.default.to_string(), None);
    let mut path = None;
    while !i.is_empty() {
        i = if let Some(rest) = option(i, &COMMAND, [FIELD.to(&mut field), OUTFIELD.to(&mut output), DEFAULT.to(&mut default)])? {
            rest
        } else if path.is_none() {
            let (rest, value) = raw_value(i)?;
            path = Some(value);
            rest
        } else {
            break;
        };
    }
    match path {
        Some(p) => stage(i, Xpath { path: p.text, span: p.span, field, output, default }),
        None => i.miss(Want::String),
    }
}

impl Stage for Xpath {
    fn plan(&self, planner: &mut Planner<'_>, input: Node) -> Result<Node, Diagnostic> {
        let path = XPath::parse(&self.path).map_err(|why| {
            Diagnostic::error(Code::OPTION_VALUE, format!("this XPath is not understood: {why}"))
                .at(self.span)
                .help("It is an XPath 1.0: paths such as `//a[@id='x']/b[2]`, unions by `|`, operators and functions such as `count(//a)`.")
        })?;
        let form = Form::XPath { path: path.into(), output: self.output.as_str().into(), default: self.default.clone() };
        let step = Reading::step(self.field.as_str(), form);
        Ok(Node::Extend { input: Box::new(planner.started(input)), steps: vec![step] })
    }
}

#[cfg(test)]
mod tests {
    use crate::operator::testing::run;

    #[test]
    fn paths_and_options() {
        let rows = r#"[{"_raw":"<a><b i='1'>x</b><b>y</b></a>","f":"<c>z</c>"},{"_raw":"no"},{"f":["<c>1</c>","<c>2</c>"]}]"#;
        for (query, want) in [
            (r#"xpath "//b" | table xpath"#, r#"[{"xpath":["x","y"]},{},{}]"#),
            (r#"xpath outfield=o "/a/b/@i" default="none" | table o"#, r#"[{"o":"1"},{"o":"none"},{}]"#),
            (r#"xpath "count(//b) + 1" | table xpath"#, r#"[{"xpath":"3"},{},{}]"#),
            (r#"xpath field=f "//c" outfield=o | table o"#, r#"[{"o":"z"},{},{"o":["1","2"]}]"#),
        ] {
            assert_eq!(run(rows, &format!("* | {query}")), want, "{query}");
        }
        for (query, want) in [
            ("xpath", "quoted text"),
            (r#"xpath "//a[""#, "a name is missing"),
            (r#"xpath outfeild=x "//a""#, "`outfield`"),
            (r#"xpath "kount(//a)""#, "no function"),
        ] {
            let got = run("[]", &format!("* | {query}"));
            assert!(got.contains(want), "{query}: {got}");
        }
    }
}
