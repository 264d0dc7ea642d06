//! findtypes: searches that could be event types.

use super::{Command, Kind, Stage, option, stage};
use crate::card::{Example, Support};
use crate::diagnostic::Diagnostic;
use crate::plan::study::Types;
use crate::plan::{Node, Planner, Rework, Study};
use crate::syntax::option::Opt;
use crate::syntax::tokens::{commas, word};
use crate::syntax::{Parsed, Tokens};
use serde::Serialize;

static MAX: Opt<u64> = Opt::new("max", "10", "The most searches that are proposed.");

/// Splunk's ceiling.
pub(super) const EVENTS: usize = 5000;

pub const COMMAND: Command = Command {
    name: "findtypes",
    aliases: &[],
    kind: Kind::Transforming,
    summary: "Proposes searches that could be event types, by the first 5000 events: a row each with `eventtype`, `search`, `count` and a `sample`. `notcovered` takes only events without an event type, `useraw` phrases of their text instead of words. Events of like punctuation are a group, and what all of them have is its search, which stands for a server's own way: that is not published.",
    syntax: "findtypes [max=<n>] [notcovered] [useraw]",
    options: &[&MAX.card],
    examples: &[Example {
        spl: "| makeresults count=6 | streamstats count AS n | eval _raw=if(n%3==0, \"disk full\", \"login failed: user=\".n) | findtypes max=5 notcovered",
        shows: "two searches",
    }],
    support: Support::Full,
    parse,
    file: file!(),
};

#[derive(Debug, Serialize)]
struct Tree {
    max: u64,
    not_covered: bool,
    use_raw: bool,
}

fn parse(mut i: Tokens<'_>) -> Parsed<'_, Box<dyn Stage>> {
    let mut tree = Tree { max: 10, not_covered: false, use_raw: false };
    while !i.is_empty() {
        i = if let Some(rest) = option(i, &COMMAND, [MAX.to(&mut tree.max)])? {
            rest
        } else if let Ok((rest, _)) = word("notcovered")(i) {
            tree.not_covered = true;
            rest
        } else if let Ok((rest, _)) = word("useraw")(i) {
            tree.use_raw = true;
            rest
        } else {
            break;
        };
        i = commas(i)?.0;
    }
    stage(i, tree)
}

impl Stage for Tree {
    fn plan(&self, planner: &mut Planner<'_>, input: Node) -> Result<Node, Diagnostic> {
        let most = usize::try_from(self.max).unwrap_or(usize::MAX);
        let study = Study::Types(Types { field: None, length: usize::MAX, most, phrases: self.use_raw, only_uncovered: self.not_covered, events: EVENTS });
        Ok(Node::Rework { input: Box::new(planner.started(input)), rework: Rework::Study(study.into()) })
    }
}
