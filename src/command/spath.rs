//! spath: fields out of JSON and XML.

use super::{Command, Kind, Stage, stage};
use crate::card::{Example, Support};
use crate::diagnostic::{Code, Diagnostic, Span};
use crate::path::{Step, steps};
use crate::plan::{Form, Node, Planner, Reading};
use crate::syntax::option::{Opt, RawValue, at_option, raw_value, unknown_option};
use crate::syntax::{Parsed, Tokens};
use serde::Serialize;

static INPUT: Opt<String> = Opt::new("input", "_raw", "The field that is read.");
static OUTPUT: Opt<Option<String>> = Opt::new("output", "", "The field for what lies at the path; the path itself where it is not given.");
static PATH: Opt<String> = Opt::new("path", "", "What to take, as `a.b{}.c`, `a{0}` or, in XML, `book{2}{@id}`; the word may be left out.");

/// Characters that are read where no path is given: `extraction_cutoff` of Splunk's limits.conf.
const CUTOFF: usize = 5_000;

pub const COMMAND: Command = Command {
    name: "spath",
    aliases: &[],
    kind: Kind::Streaming,
    summary: "Makes fields of JSON or XML: of everything in its first 5,000 characters, or of what lies at a path.",
    syntax: "spath [input=<field>] [output=<field>] [path=<path> | <path>]",
    options: &[&INPUT.card, &OUTPUT.card, &PATH.card],
    examples: &[
        Example { spl: r#"| makeresults | eval _raw="{\"user\":{\"name\":\"ann\"},\"ports\":[22,80]}" | spath"#, shows: "user.name and ports{}" },
        Example { spl: r#"| makeresults | eval _raw="{\"ports\":[22,80]}" | spath output=first path=ports{0}"#, shows: "one element; JSON counts from 0" },
        Example { spl: r#"| makeresults | eval doc="<a><b id='7'>x</b></a>" | spath input=doc a.b{@id}"#, shows: "an attribute" },
    ],
    support: Support::Full,
    parse,
    file: file!(),
};

#[derive(Debug, Serialize)]
struct Spath {
    input: String,
    output: Option<String>,
    path: Option<String>,
    #[serde(skip)]
    span: Span,
}

fn parse(mut i: Tokens<'_>) -> Parsed<'_, Box<dyn Stage>> {
    let mut spath = Spath { input: INPUT.card.default.into(), output: None, path: None, span: Span::default() };
    let mut path = String::new();
    while !i.is_empty() {
        i = if let Some(rest) = INPUT.read(i, &mut spath.input)? {
            rest
        } else if let Some(rest) = OUTPUT.read(i, &mut spath.output)? {
            rest
        } else if let Some(rest) = PATH.read(i, &mut path)? {
            (spath.path, spath.span) = (Some(path.clone()), i.span_to(&rest));
            rest
        } else if at_option(i) {
            return unknown_option(i, COMMAND.name, COMMAND.options);
        } else if spath.path.is_none() {
            let (rest, RawValue { text, span, .. }) = raw_value(i)?;
            (spath.path, spath.span) = (Some(text), span);
            rest
        } else {
            break;
        };
    }
    stage(i, spath)
}

/// The steps of a path, or what is wrong with it.
fn compiled(path: &str, span: Span) -> Result<Vec<Step>, Diagnostic> {
    steps(path).map_err(|why| {
        Diagnostic::error(Code::OPTION_VALUE, format!("`{path}` is no path: {why}"))
            .at(span)
            .help("A path is written as `a.b`, with `{}` for every element of an array, `{0}` for one, and `{@name}` for an attribute.")
    })
}

impl Stage for Spath {
    fn plan(&self, planner: &mut Planner<'_>, input: Node) -> Result<Node, Diagnostic> {
        let form = match &self.path {
            Some(path) => Form::Path { path: compiled(path, self.span)?, output: self.output.as_deref().unwrap_or(path).into() },
            None => {
                if let Some(output) = &self.output {
                    return Err(Diagnostic::error(Code::ARGUMENTS, format!("`output={output}` needs a path")).help("Say what to take with `path=`."));
                }
                Form::Document { limit: CUTOFF }
            }
        };
        let step = Reading::step(self.input.as_str(), form);
        Ok(Node::Extend { input: Box::new(planner.started(input)), steps: vec![step] })
    }
}

#[cfg(test)]
mod tests {
    use crate::operator::testing::run;

    #[test]
    fn options_stand_anywhere() {
        let rows = r#"[{"j":"{\"a\":{\"b\":[1,2]}}","a.b{}":"old"},{"x":"1"}]"#;
        for (query, want) in [
            ("spath input=j | table a.b{}", r#"[{"a.b{}":["1","2"]},{}]"#),
            ("spath input=j path=a.b{1} output=o | table o", r#"[{"o":"2"},{}]"#),
            ("spath a.b{} input=j | table a.b{}", r#"[{"a.b{}":["1","2"]},{}]"#),
            (r#"spath input=j output=o "a.b{}" | table o"#, r#"[{"o":["1","2"]},{}]"#),
            ("spath input=nothing | table a", "[{},{}]"),
            ("spath input=j output=o path=a | table o", r#"[{"o":"{\"b\":[1,2]}"},{}]"#),
        ] {
            assert_eq!(run(rows, &format!("* | {query}")), want, "{query}");
        }
    }

    #[test]
    fn says_what_is_wrong() {
        for (query, want) in [
            ("spath path=a..b", "is no path"),
            ("spath path=a{x}", "no number"),
            ("spath output=x", "needs a path"),
            ("spath outptu=x", "`output`"),
            ("spath a b", "expected"),
        ] {
            let got = run("[]", &format!("* | {query}"));
            assert!(got.contains(want), "{query}: {got}");
        }
    }
}
