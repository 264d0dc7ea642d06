//! from: the rows of a dataset by its kind and name.

use super::tstats::{self, dataset};
use super::{Command, Kind, Stage, stage};
use crate::card::{Example, Support};
use crate::diagnostic::{Code, Diagnostic, Span};
use crate::plan::{Node, Planner, Predicate, Test};
use crate::syntax::option::raw_value;
use crate::syntax::token::Kind as Token;
use crate::syntax::wanted::Want;
use crate::syntax::{Parsed, Tokens};
use serde::Serialize;

pub const COMMAND: Command = Command {
    name: "from",
    aliases: &[],
    kind: Kind::Generating,
    summary: "Reads the rows of a lookup, a saved search, an index or a data model's dataset.",
    syntax: "from (lookup|savedsearch|index|datamodel):<name>",
    options: &[],
    examples: &[
        Example { spl: "| from index:main | stats count", shows: "the events of an index" },
        Example { spl: "| from datamodel:Endpoint.Processes | stats count BY process_name", shows: "a dataset's events; its fields stand without its name" },
    ],
    support: Support::Full,
    parse,
    file: file!(),
};

#[derive(Debug, Serialize)]
struct From {
    kind: String,
    name: String,
    #[serde(skip)]
    span: Span,
}

const KINDS: [&str; 6] = ["lookup", "inputlookup", "savedsearch", "index", "datamodel", "dataset"];

fn parse(i: Tokens<'_>) -> Parsed<'_, Box<dyn Stage>> {
    let Some(word) = i.first().filter(|t| matches!(t.kind, Token::Word | Token::String)) else { return i.miss(Want::Value) };
    // All of it may stand in quotes: "datamodel:Web".
    let text = crate::syntax::tokens::unquote(i.text(word));
    if word.kind == Token::String {
        let Some((kind, name)) = text.split_once(':') else { return i.miss(Want::Symbol(':')) };
        return known(i, kind, name, i.skip(1));
    }
    let kind = i.text(word);
    let mut rest = i.skip(1);
    if rest.at_symbol(':') || rest.at_symbol('=') {
        rest = rest.skip(1);
    }
    let mut name = String::new();
    loop {
        let (after, part) = raw_value(rest)?;
        name.push_str(&part.text);
        rest = after;
        if !rest.first().is_some_and(|t| t.glued && (t.is('.') || t.kind == Token::String)) {
            return known(i, kind, &name, rest);
        }
    }
}

fn known<'a>(i: Tokens<'a>, kind: &str, name: &str, rest: Tokens<'a>) -> Parsed<'a, Box<dyn Stage>> {
    let kind = kind.to_ascii_lowercase();
    if !KINDS.contains(&kind.as_str()) {
        let mut d = Diagnostic::error(Code::ARGUMENTS, format!("`from` reads no `{kind}`")).at(i.span());
        d.help.extend(crate::diagnostic::did_you_mean(&kind, KINDS));
        return i.fail(d.help("It reads `lookup:`, `savedsearch:`, `index:` and `datamodel:`."));
    }
    stage(rest, From { kind, name: name.to_string(), span: i.span_to(&rest) })
}

impl Stage for From {
    fn plan(&self, planner: &mut Planner<'_>, _: Node) -> Result<Node, Diagnostic> {
        rows(planner, &self.kind, &self.name, self.span)
    }
}

/// The rows of a dataset of one of [`KINDS`].
pub(super) fn rows(planner: &mut Planner<'_>, kind: &str, name: &str, span: Span) -> Result<Node, Diagnostic> {
    planner.span = span;
    let filtered = |planner: &Planner<'_>, predicate| Node::Filter { input: Box::new(planner.started(Node::Start)), predicate };
    Ok(match kind {
        "lookup" | "inputlookup" => Node::Table { name: name.into(), table: planner.lookup(name, span)?.table },
        "savedsearch" => planner.saved_search(name, &[])?,
        "index" => filtered(planner, Predicate::field("index", Test::equal(name))),
        // What an app calls a dataset is a saved search or a lookup.
        "dataset" if planner.knowledge.saved().contains_key(name) => planner.saved_search(name, &[])?,
        "dataset" => Node::Table { name: name.into(), table: planner.lookup(name, span)?.table },
        _ => {
            let dataset = dataset(planner, name)?;
            tstats::rows(planner, dataset, None)?
        }
    })
}

#[cfg(test)]
mod tests {
    use crate::operator::testing::run;

    #[test]
    fn datasets_by_kind() {
        let rows = r#"[{"index":"main","tag":"web","url":"/a"},{"index":"other","url":"/b"}]"#;
        for (query, want) in [
            ("| from index:main | table url", r#"[{"url":"/a"}]"#),
            ("| from datamodel:Web | table url", r#"[{"url":"/a"}]"#),
            (r#"| from datamodel:"Web"."Web" | table url"#, r#"[{"url":"/a"}]"#),
            ("| from datamodel Web.Web | table url", r#"[{"url":"/a"}]"#),
            (r#"| from "datamodel:Web.Web" | table url"#, r#"[{"url":"/a"}]"#),
        ] {
            assert_eq!(run(rows, query), want, "{query}");
        }
        for (query, want) in [
            ("| from", "expected"),
            ("| from loookup:x", "`lookup`"),
            ("| from lookup:none.csv", "none of the lookups folders"),
            ("| from savedsearch:none", "no saved search `none`"),
            ("| from datamodel:None.X", "not known here"),
            ("* | from index:main", "must stand first"),
        ] {
            let got = run(rows, query);
            assert!(got.contains(want), "{query}: {got}");
        }
    }
}
