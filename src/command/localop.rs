//! localop, redistribute and noop: where and how a server runs a search; here there is one place, and nothing changes.

use super::{Command, Kind, Stage, stage};
use crate::card::{Example, Support};
use crate::diagnostic::Diagnostic;
use crate::plan::{Node, Planner};
use crate::syntax::field::{Field, fields};
use crate::syntax::option::{Opt, at_option, raw_value};
use crate::syntax::{Parsed, Tokens};
use serde::Serialize;

static NUM_OF_REDUCERS: Opt<u64> = Opt::new("num_of_reducers", "", "How many indexers take part; there is one place here.").idle();

pub const COMMAND: Command = Command {
    name: "localop",
    aliases: &[],
    kind: Kind::Streaming,
    summary: "Runs what follows on the search head alone; there is one place here, so this changes nothing.",
    syntax: "localop",
    options: &[],
    examples: &[Example { spl: "| makeresults | localop | eval a=1", shows: "the same row" }],
    support: Support::Full,
    parse: |i| stage(i, Steer::default()),
    file: file!(),
};

pub const REDISTRIBUTE: Command = Command {
    name: "redistribute",
    aliases: &[],
    kind: Kind::Orchestrating,
    summary: "Spreads the work over indexers by the fields; there is one place here, so this changes nothing.",
    syntax: "redistribute [num_of_reducers=<n>] [BY <field> …]",
    options: &[&NUM_OF_REDUCERS.card],
    examples: &[Example { spl: "| makeresults | eval host=\"a\" | redistribute by host | stats count by host", shows: "the same counts" }],
    support: Support::Full,
    parse: redistribute,
    file: file!(),
};

pub const NOOP: Command = Command {
    name: "noop",
    aliases: &[],
    kind: Kind::Streaming,
    summary: "Passes rows on; its options steer a server's optimiser and are read without effect.",
    syntax: "noop [<option>=<value> …]",
    options: &[],
    examples: &[Example { spl: "| makeresults | noop search_optimization=false", shows: "the same row" }],
    support: Support::Full,
    parse: noop,
    file: file!(),
};

#[derive(Debug, Default, Serialize)]
struct Steer {
    by: Vec<Field>,
}

fn redistribute(i: Tokens<'_>) -> Parsed<'_, Box<dyn Stage>> {
    let i = NUM_OF_REDUCERS.read(i, &mut 0)?.unwrap_or(i);
    let (i, by) = if i.at_word("BY") { fields(&[])(i.skip(1))? } else { (i, Vec::new()) };
    stage(i, Steer { by })
}

fn noop(mut i: Tokens<'_>) -> Parsed<'_, Box<dyn Stage>> {
    // Names such as `search_optimization.merge_union`.
    while i.first().is_some() {
        let (rest, _) = crate::syntax::field::field(i)?;
        let (rest, _) = crate::syntax::tokens::symbol('=')(rest)?;
        i = raw_value(rest)?.0;
        if !at_option(i) && i.is_empty() {
            break;
        }
    }
    stage(i, Steer::default())
}

impl Stage for Steer {
    fn plan(&self, planner: &mut Planner<'_>, input: Node) -> Result<Node, Diagnostic> {
        Ok(planner.started(input))
    }
}

#[cfg(test)]
mod tests {
    use crate::operator::testing::run;

    #[test]
    fn rows_stay() {
        let rows = r#"[{"a":"1"},{"b":["x","y"]}]"#;
        for query in ["localop", "redistribute", "redistribute num_of_reducers=2 by a, b", "noop", "noop search_optimization.merge_union=f x=1"] {
            assert_eq!(run(rows, &format!("* | {query}")), rows, "{query}");
        }
        for query in ["localop x", "redistribute x", "redistribute by", "noop x"] {
            assert!(run(rows, &format!("* | {query}")).contains("expected"), "{query}");
        }
    }
}
