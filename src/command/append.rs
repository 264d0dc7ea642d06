//! append: puts the rows of a subsearch behind those that are there.

use super::{Command, Kind, Stage, stage};
use crate::card::{Example, Support};
use crate::diagnostic::Diagnostic;
use crate::plan::{Limit, Node, Planner};
use crate::syntax::option::Opt;
use crate::syntax::pipeline::{Pipeline, subsearch};
use crate::syntax::{Parsed, Tokens};
use serde::Serialize;

static EXTEND: Opt<bool> = Opt::new("extendtimerange", "f", "Widen the time range of the search to the subsearch's; it changes no rows.").idle();
static MAXTIME: Opt<u64> = Opt::new("maxtime", "60", "Seconds after which Splunk ends the subsearch; `--timeout` does that here.").idle();
static MAXOUT: Opt<Option<u64>> = Opt::new("maxout", "50000", "How many rows to take from the subsearch.");
static TIMEOUT: Opt<u64> = Opt::new("timeout", "60", "Seconds to wait for the subsearch; `--timeout` does that here.").idle();

pub const COMMAND: Command = Command {
    name: "append",
    aliases: &[],
    kind: Kind::Dataset,
    summary: "Puts the rows of a subsearch behind those that are there.",
    syntax: "append [extendtimerange=<bool>] [maxtime=<n>] [maxout=<n>] [timeout=<n>] [ <subsearch> ]",
    options: &[&EXTEND.card, &MAXTIME.card, &MAXOUT.card, &TIMEOUT.card],
    examples: &[Example { spl: "| makeresults | eval part=\"first\" | append [| makeresults | eval part=\"second\"]", shows: "two rows" }],
    support: Support::Full,
    parse,
    file: file!(),
};

#[derive(Debug, Serialize)]
struct Append {
    maxout: Option<u64>,
    subsearch: Pipeline,
}

fn parse(mut i: Tokens<'_>) -> Parsed<'_, Box<dyn Stage>> {
    let (mut maxout, mut number, mut flag) = (None, 0, false);
    loop {
        if let Some(rest) = EXTEND.read(i, &mut flag)? {
            i = rest;
        } else if let Some(rest) = MAXOUT.read(i, &mut maxout)? {
            i = rest;
        } else if let Some(rest) = MAXTIME.read(i, &mut number)? {
            i = rest;
        } else if let Some(rest) = TIMEOUT.read(i, &mut number)? {
            i = rest;
        } else {
            break;
        }
    }
    if crate::syntax::option::at_option(i) {
        return crate::syntax::option::unknown_option(i, COMMAND.name, COMMAND.options);
    }
    let (rest, subsearch) = subsearch(i)?;
    stage(rest, Append { maxout, subsearch })
}

impl Stage for Append {
    fn plan(&self, planner: &mut Planner<'_>, input: Node) -> Result<Node, Diagnostic> {
        let rows = Box::new(planner.subsearch(&self.subsearch)?);
        let limit = self.maxout.map_or(Limit::Ceiling { count: planner.limits.join as u64, what: "append" }, Limit::Count);
        let rows = Node::Limit { input: rows, limit };
        // As the first stage it has nothing to stand behind.
        Ok(if matches!(input, Node::Start) { rows } else { Node::Union { inputs: vec![input, rows] } })
    }
}

#[cfg(test)]
mod tests {
    use crate::{Engine, Settings};

    #[test]
    fn rows_stand_behind_and_a_ceiling_warns() {
        let mut settings = Settings::default();
        settings.limits.join = 2;
        let engine = Engine::new(Default::default(), crate::knowledge::Knowledge::builtin(), settings);
        for (spl, rows, warnings) in [
            ("| makeresults | append [| makeresults count=2]", 3, 0),
            ("| makeresults | append maxtime=5 timeout=5 extendtimerange=t [makeresults count=3]", 3, 1),
            ("| makeresults | append maxout=1 [| makeresults count=3]", 2, 0),
            ("| append [| makeresults count=2]", 2, 0),
        ] {
            let answer = engine.run(spl).unwrap();
            assert_eq!((answer.rows.len(), answer.warnings.len()), (rows, warnings), "{spl}");
        }
        for (spl, code) in [("* | append", "SPL001"), ("* | append max=1 [head 1]", "SPL006"), ("* | append [head 1", "SPL002")] {
            assert_eq!(engine.run(spl).unwrap_err().diagnostics[0].code.id, code, "{spl}");
        }
    }
}
