//! highlight and iconify: how an interface shows events; the rows stay as they are.

use super::{Command, Kind, Stage, stage};
use crate::card::{Example, Support};
use crate::diagnostic::Diagnostic;
use crate::plan::{Node, Planner};
use crate::syntax::field::fields;
use crate::syntax::option::raw_value;
use crate::syntax::tokens::commas;
use crate::syntax::wanted::Want;
use crate::syntax::{Parsed, Tokens};
use serde::Serialize;

pub const COMMAND: Command = Command {
    name: "highlight",
    aliases: &[],
    kind: Kind::Streaming,
    summary: "Marks words in the events that an interface shows; rows are not changed.",
    syntax: "highlight <text> …",
    options: &[],
    examples: &[Example { spl: "| makeresults | eval _raw=\"login failed\" | highlight login, \"failed\"", shows: "the same row" }],
    support: Support::Full,
    parse: words,
    file: file!(),
};

pub const ICONIFY: Command = Command {
    name: "iconify",
    aliases: &[],
    kind: Kind::Streaming,
    summary: "Shows an icon for each value of the fields in an interface; rows are not changed.",
    syntax: "iconify <field> …",
    options: &[],
    examples: &[Example { spl: "| makeresults | eval user=\"ann\" | iconify user", shows: "the same row" }],
    support: Support::Full,
    parse: icons,
    file: file!(),
};

/// What an interface would show.
#[derive(Debug, Serialize)]
struct Shown {
    names: Vec<String>,
}

fn words(i: Tokens<'_>) -> Parsed<'_, Box<dyn Stage>> {
    let (mut i, mut names) = (commas(i)?.0, Vec::new());
    while !i.is_empty() {
        let (rest, word) = raw_value(i)?;
        names.push(word.text);
        i = commas(rest)?.0;
    }
    if names.is_empty() { i.miss(Want::Value) } else { stage(i, Shown { names }) }
}

fn icons(i: Tokens<'_>) -> Parsed<'_, Box<dyn Stage>> {
    let (rest, all) = fields(&[])(i)?;
    stage(rest, Shown { names: all.into_iter().map(|f| f.name).collect() })
}

impl Stage for Shown {
    fn plan(&self, planner: &mut Planner<'_>, input: Node) -> Result<Node, Diagnostic> {
        Ok(planner.started(input))
    }
}

#[cfg(test)]
mod tests {
    use crate::operator::testing::run;

    #[test]
    fn rows_stay() {
        let rows = r#"[{"a":["1","2"]},{"b":"x"}]"#;
        for query in ["highlight a", "highlight a, \"b c\" =", "iconify a", "iconify a, b none"] {
            assert_eq!(run(rows, &format!("* | {query}")), rows, "{query}");
        }
        for query in ["highlight", "iconify", "iconify |"] {
            assert!(run(rows, &format!("* | {query}")).contains("expected") || query.ends_with('|'), "{query}");
        }
    }
}
