//! format: rows as one search expression.

use super::{Command, Kind, Stage, option, stage};
use crate::card::{Example, Support};
use crate::diagnostic::{Code, Diagnostic};
use crate::plan::{self, Node, Planner, Shape};
use crate::syntax::option::Opt;
use crate::syntax::tokens::{commas, string};
use crate::syntax::{Parsed, Tokens};
use serde::Serialize;

static MVSEP: Opt<String> = Opt::new("mvsep", "OR", "What stands between the values of one field.");
static MAXRESULTS: Opt<u64> = Opt::new("maxresults", "0", "How many rows to take; 0 for all.");
static EMPTYSTR: Opt<String> = Opt::new("emptystr", "NOT( )", "The expression where there are no rows, or none with a value.");

/// Row prefix, column prefix, column separator, column end, row separator, row end.
const PIECES: [&str; 6] = ["(", "(", "AND", ")", "OR", ")"];

pub const COMMAND: Command = Command {
    name: "format",
    aliases: &[],
    kind: Kind::Transforming,
    summary: "Turns rows into one search expression, in the field `search`; fields called `search` or `query` stand for their text alone.",
    syntax: "format [mvsep=<text>] [maxresults=<n>] [\"<row prefix>\" \"<column prefix>\" \"<column separator>\" \"<column end>\" \"<row separator>\" \"<row end>\"] [emptystr=<text>]",
    options: &[&MVSEP.card, &MAXRESULTS.card, &EMPTYSTR.card],
    examples: &[
        Example {
            spl: r#"| makeresults | eval user="ann", n=split("1,2", ",") | fields - _time | format"#,
            shows: "( ( user=\"ann\" AND ( n=\"1\" OR n=\"2\" ) ) )",
        },
        Example { spl: r#"| makeresults | eval user="ann" | format "[" "[" "&&" "]" "||" "]""#, shows: "other pieces" },
    ],
    support: Support::Full,
    parse,
    file: file!(),
};

#[derive(Debug, Serialize)]
struct Format {
    mvsep: String,
    max: u64,
    empty: String,
    pieces: Vec<String>,
}

fn parse(mut i: Tokens<'_>) -> Parsed<'_, Box<dyn Stage>> {
    let mut tree = Format { mvsep: MVSEP.card.default.into(), max: 0, empty: EMPTYSTR.card.default.into(), pieces: Vec::new() };
    let mut at = i.span();
    while !i.is_empty() {
        i = if let Some(rest) = option(i, &COMMAND, [MVSEP.to(&mut tree.mvsep), MAXRESULTS.to(&mut tree.max), EMPTYSTR.to(&mut tree.empty)])? {
            rest
        } else {
            let (rest, piece) = string(i)?;
            at = i.span();
            tree.pieces.push(piece);
            rest
        };
        i = commas(i)?.0;
    }
    if !matches!(tree.pieces.len(), 0 | 6) {
        let error = Diagnostic::error(Code::ARGUMENTS, format!("`format` takes six texts, or none, not {}", tree.pieces.len())).at(at);
        return i.fail(error.help(format!("The form is: {}", COMMAND.syntax)));
    }
    stage(i, tree)
}

impl Stage for Format {
    fn plan(&self, planner: &mut Planner<'_>, input: Node) -> Result<Node, Diagnostic> {
        let pieces = <[String; 6]>::try_from(self.pieces.clone()).unwrap_or_else(|_| PIECES.map(String::from));
        let shape = plan::reshape::Format { pieces, mvsep: self.mvsep.clone(), max: self.max, empty: self.empty.clone() };
        Ok(Node::Reshape { input: Box::new(planner.started(input)), shape: Shape::Format(shape) })
    }
}

#[cfg(test)]
mod tests {
    use crate::operator::testing::run;

    #[test]
    fn rows_as_an_expression() {
        let rows = r#"[{"u":"a\"b\\","m":["1","2"],"_i":"9"},{"u":"c"},{"_i":"1"}]"#;
        let text = |query: &str| {
            let got = run(rows, &format!("* | {query}"));
            let rows: Vec<serde_json::Map<String, serde_json::Value>> = serde_json::from_str(&got).unwrap_or_else(|e| panic!("{query}: {e}: {got}"));
            assert_eq!((rows.len(), rows[0].len()), (1, 1), "{query}");
            rows[0]["search"].as_str().unwrap().to_string()
        };
        for (query, want) in [
            ("format", r#"( ( u="a\"b\\" AND ( m="1" OR m="2" ) ) OR ( u="c" ) )"#),
            ("format mvsep=AND maxresults=1", r#"( ( u="a\"b\\" AND ( m="1" AND m="2" ) ) )"#),
            (r#"fields u | tail 2 | format "<" "{" "&" "}" "|" ">""#, r#"< { u="c" } >"#),
            ("search u=none | format", "NOT( )"),
            (r#"search u=none | format emptystr="none""#, "none"),
            ("table u | eval search=\"x=1 OR y=2\" | search u=c | fields search | format", "( ( x=1 OR y=2 ) )"),
        ] {
            assert_eq!(text(query), want, "{query}");
        }
        assert_eq!(run(rows, "* | search [search u=c | fields u | format] | table u"), r#"[{"u":"c"}]"#);
        assert_eq!(run(rows, "* | search [search u=* m=1 | fields u | format] | table u"), r#"[{"u":"a\"b\\"}]"#);
        assert_eq!(run(rows, "* | search [search u=none | format]"), "[]");
        for (query, want) in
            [(r#"format "(" ")""#, "six texts"), ("format maxresults=x", "`maxresults` takes"), ("format max=1", "maxresults"), ("format x", "expected")]
        {
            assert!(run(rows, &format!("* | {query}")).contains(want), "{query}");
        }
    }
}
