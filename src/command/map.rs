//! map: a search for each row, with its values filled in.

use super::{Command, Kind, Stage, stage};
use crate::card::{Example, Support};
use crate::diagnostic::{Diagnostic, Span};
use crate::plan::{Node, Planner, Repeat};
use crate::syntax::option::{Opt, at_option, raw_value, unknown_option};
use crate::syntax::pipeline::bracketed;
use crate::syntax::wanted::Want;
use crate::syntax::{Parsed, Tokens};
use serde::Serialize;
use std::sync::Arc;

static SEARCH: Opt<String> = Opt::new("search", "", "The search, with `$field$` for the values of a row.");
static MAXSEARCHES: Opt<u64> = Opt::new("maxsearches", "10", "For how many rows a search runs; more rows make a warning, and 0 means none.");

pub const COMMAND: Command = Command {
    name: "map",
    aliases: &[],
    kind: Kind::Dataset,
    summary: "Runs a search for each row, with its values in place of `$field$`; a value that is no single word is put into quotes where it stands outside them.",
    syntax: "map (<saved search> | search=\"<search>\" | [ <subsearch> ]) [maxsearches=<n>]",
    options: &[&SEARCH.card, &MAXSEARCHES.card],
    examples: &[
        Example {
            spl: r#"| makeresults count=2 | eval n=3 | map search="| makeresults count=$n$ | eval row=$_serial_id$""#,
            shows: "three rows for each of two",
        },
        Example { spl: r#"| makeresults | eval who="ann b" | map search="| makeresults | eval user=$who$" maxsearches=5"#, shows: "a value with a blank" },
    ],
    support: Support::Full,
    parse,
    file: file!(),
};

#[derive(Debug, Serialize)]
struct Map {
    /// The text, or the name of a saved search.
    search: Option<String>,
    saved: Option<String>,
    most: u64,
    #[serde(skip)]
    span: Span,
}

fn parse(mut i: Tokens<'_>) -> Parsed<'_, Box<dyn Stage>> {
    let mut tree = Map { search: None, saved: None, most: 10, span: i.span() };
    let mut text = String::new();
    while !i.is_empty() {
        let whole = tree.search.is_some() || tree.saved.is_some();
        i = if let Some(rest) = SEARCH.read(i, &mut text)? {
            (tree.search, tree.span) = (Some(text.clone()), i.skip(2).span_to(&rest));
            rest
        } else if let Some(rest) = MAXSEARCHES.read(i, &mut tree.most)? {
            rest
        } else if at_option(i) {
            return unknown_option(i, COMMAND.name, COMMAND.options);
        } else if whole {
            break;
        } else if i.at_symbol('[') {
            let (rest, inside) = bracketed(i)?;
            let command = inside.first().is_some_and(|t| super::find(inside.text(t)).is_some()) && !inside.peek(1).is_some_and(|t| t.is('='));
            let spelled = inside.spelled_to(&inside.skip(usize::MAX / 2));
            (tree.search, tree.span) = (Some(if command { format!("| {spelled}") } else { spelled }), i.span_to(&rest));
            rest
        } else {
            let (rest, name) = raw_value(i)?;
            (tree.saved, tree.span) = (Some(name.text), name.span);
            rest
        };
    }
    if tree.search.is_none() && tree.saved.is_none() {
        return i.miss(Want::Option(SEARCH.card.name));
    }
    stage(i, tree)
}

impl Stage for Map {
    fn plan(&self, planner: &mut Planner<'_>, input: Node) -> Result<Node, Diagnostic> {
        let text = match (&self.search, &self.saved) {
            (Some(text), _) => text.clone(),
            (None, name) => planner.saved(name.as_deref().unwrap_or_default(), self.span)?.search.clone(),
        };
        let mut template = planner.template(text, self.span);
        template.depth += 1;
        planner.deep_enough(template.depth, self.span)?;
        let repeat = Arc::new(Repeat::Rows { template, most: self.most });
        Ok(Node::Repeat { input: Box::new(planner.started(input)), repeat })
    }
}

#[cfg(test)]
mod tests {
    use crate::operator::testing::run;

    const ROWS: &str = r#"[{"k":"a b","n":"1"},{"k":"c\"\\d","n":"2"},{"m":["1","2"]}]"#;

    #[test]
    fn a_search_a_row() {
        for (query, want) in [
            (r#"where isnotnull(k) | map search="search k=$k$ | table n""#, r#"[{"n":"1"},{"n":"2"}]"#),
            (r#"where isnotnull(k) | map search="search k=\"$k$\" | table n""#, r#"[{"n":"1"},{"n":"2"}]"#),
            (r#"where isnotnull(n) | map [search n=$n$ | eval r="$_serial_id$" | table r k]"#, r#"[{"r":"1","k":"a b"},{"r":"2","k":"c\"\\d"}]"#),
            (r#"map maxsearches=1 search="| makeresults | eval r=$n$ | table r""#, r#"[{"r":1}]"#),
            (r#"map maxsearches=0 search="| makeresults""#, "[]"),
            (r#"search n=9 | map search="| makeresults""#, "[]"),
            (r#"head 1 | map search="| makeresults | eval r=\"5$ and 6$\" | table r""#, r#"[{"r":"5$ and 6$"}]"#),
        ] {
            assert_eq!(run(ROWS, &format!("* | {query}")), want, "{query}");
        }
    }

    #[test]
    fn saved_searches_with_macros() {
        use crate::knowledge::Knowledge;
        use crate::operator::testing::{rows, shown};
        use crate::store::Catalog;
        use crate::{Engine, Settings};
        let dir = tempfile::tempdir().unwrap();
        std::fs::create_dir(dir.path().join("default")).unwrap();
        let conf = "[by n]\nsearch = search n=$n$ | `cols(k)`\n[again]\nsearch = | makeresults | map again\n";
        std::fs::write(dir.path().join("default/savedsearches.conf"), conf).unwrap();
        std::fs::write(dir.path().join("default/macros.conf"), "[cols(1)]\nargs = f\ndefinition = table $f$\n").unwrap();
        let mut knowledge = Knowledge::builtin();
        knowledge.add_app(dir.path()).unwrap();
        let engine = Engine::new(Catalog::of_rows(rows(ROWS)), knowledge, Settings::default());
        let run = |query: &str| match engine.run(query) {
            Ok(answer) => shown(&answer.rows),
            Err(failure) => failure.diagnostics[0].to_string(),
        };
        assert_eq!(run("n=2 | map \"by n\""), r#"[{"k":"c\"\\d"}]"#);
        assert_eq!(run("n=1 | map maxsearches=1 search=\"search n=$n$ | `cols(n)`\""), r#"[{"n":"1"}]"#);
        assert!(run("| makeresults | map again").contains("nest deeper"), "{}", run("| makeresults | map again"));
        assert!(run("| union savedsearch:again").contains("nest deeper"));
        assert!(run("* | map \"by m\"").contains("`by n`"));
    }

    #[test]
    fn says_what_is_wrong() {
        let deep = (0..9).fold("head 1".to_string(), |text, _| format!("head 1 | map [{text}]"));
        for (query, want) in [
            ("map", "expected"),
            ("map nothing", "no saved search"),
            ("map max=1 search=x", "maxsearches"),
            ("map search=\"| nosuch\"", "unknown command `nosuch`, in `| nosuch`"),
            ("map search=\"\"", "the search is empty"),
            ("map search=\"search n=$n$\"", "no value of `n` in row 3"),
            ("map search=\"search n=$none$\"", "no value of `none` in row 1"),
            (&deep, "nest deeper"),
        ] {
            let got = run(ROWS, &format!("* | {query}"));
            assert!(got.contains(want), "{query}: {got}");
        }
    }
}
