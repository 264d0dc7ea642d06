//! abstract: the text of every event, shortened.

use super::{Command, Kind, Stage, options, stage};
use crate::card::{Example, Support};
use crate::diagnostic::{Code, Diagnostic};
use crate::plan::{Change, Each, Excerpt, Extension, FieldPattern, Node, Planner};
use crate::syntax::option::Opt;
use crate::syntax::{Parsed, Tokens};
use serde::Serialize;
use std::sync::Arc;

static MAXTERMS: Opt<u64> = Opt::new("maxterms", "1000", "How many words of the search count for the choice of lines, 1 to 1000.");
static MAXLINES: Opt<u64> = Opt::new("maxlines", "10", "How many lines to keep, 1 to 500.");

pub const COMMAND: Command = Command {
    name: "abstract",
    aliases: &["excerpt"],
    kind: Kind::Streaming,
    summary: "Shortens the text of every event to the lines with most of the search's words in them or beside them; a line behind a gap begins with `...`.",
    syntax: "abstract [maxterms=<n>] [maxlines=<n>]",
    options: &[&MAXTERMS.card, &MAXLINES.card],
    examples: &[Example { spl: r#"| makeresults | eval _raw=replace("a b c", " ", urldecode("%0A")) | abstract maxlines=2"#, shows: "two of three lines" }],
    support: Support::Full,
    parse,
    file: file!(),
};

#[derive(Debug, Serialize)]
struct Abstract {
    lines: u64,
    terms: u64,
}

fn parse(mut i: Tokens<'_>) -> Parsed<'_, Box<dyn Stage>> {
    let mut tree = Abstract { lines: 10, terms: 1000 };
    i = options(i, &COMMAND, [MAXTERMS.to(&mut tree.terms), MAXLINES.to(&mut tree.lines)])?;
    stage(i, tree)
}

impl Stage for Abstract {
    fn plan(&self, planner: &mut Planner<'_>, input: Node) -> Result<Node, Diagnostic> {
        if !(1..=500).contains(&self.lines) || !(1..=1000).contains(&self.terms) {
            return Err(Diagnostic::error(Code::OPTION_VALUE, "`maxlines` takes a number from 1 to 500, and `maxterms` one from 1 to 1000"));
        }
        let mut terms = input.search_terms();
        terms.truncate(usize::try_from(self.terms).unwrap_or(usize::MAX));
        let change = Change::Excerpt(Arc::new(Excerpt { terms, lines: usize::try_from(self.lines).unwrap_or(usize::MAX) }));
        let each = Each { fields: vec![FieldPattern::new("_raw")], except: Vec::new(), into: None, create: false, change };
        Ok(Node::Extend { input: Box::new(planner.started(input)), steps: vec![Extension::Each(each)] })
    }
}

#[cfg(test)]
mod tests {
    use crate::operator::testing::run;

    #[test]
    fn the_first_lines() {
        let rows = r#"[{"_raw":"a\nb\nc"},{"_raw":"d"},{"x":"1\n2\n3"}]"#;
        for (query, want) in [
            ("abstract maxlines=2", r#"[{"_raw":"a\nb"},{"_raw":"d"},{"x":"1\n2\n3"}]"#),
            ("abstract maxlines=1 maxterms=5 | head 1", r#"[{"_raw":"a"}]"#),
            ("excerpt", rows),
            ("search c _raw=*a* | abstract maxlines=1 maxterms=1", r#"[{"_raw":"c"}]"#),
            ("search b NOT d | abstract maxlines=2", r#"[{"_raw":"a\nb"}]"#),
        ] {
            assert_eq!(run(rows, &format!("* | {query}")), want, "{query}");
        }
        for (query, want) in
            [("abstract maxlines=0", "from 1 to 500"), ("abstract maxterms=1001", "1000"), ("abstract lines=1", "maxlines"), ("abstract x", "expected")]
        {
            assert!(run(rows, &format!("* | {query}")).contains(want), "{query}");
        }
    }
}
