//! concurrency: how many events were under way when each began.

use super::{Command, Kind, Stage, options, stage};
use crate::card::{Example, Support};
use crate::diagnostic::Diagnostic;
use crate::plan::{Node, Planner, Rework};
use crate::syntax::option::Opt;
use crate::syntax::wanted::Want;
use crate::syntax::{Parsed, Tokens};
use serde::Serialize;

static DURATION: Opt<Option<String>> = Opt::new("duration", "", "The field that says how many seconds an event lasted.");
static START: Opt<String> = Opt::new("start", "_time", "The field that says when it began.");
static OUTPUT: Opt<String> = Opt::new("output", "concurrency", "The field that gets the number.");

pub const COMMAND: Command = Command {
    name: "concurrency",
    aliases: &[],
    kind: Kind::Dataset,
    summary: "Counts the events that were under way when each began, itself among them; an event that ends just then is over.",
    syntax: "concurrency duration=<field> [start=<field>] [output=<field>]",
    options: &[&DURATION.card, &START.card, &OUTPUT.card],
    examples: &[
        Example { spl: "| makeresults count=3 | streamstats count AS n | eval _time=n*10, took=15 | concurrency duration=took", shows: "1, 2, 2" },
        Example { spl: "| makeresults | eval began=5, took=1 | concurrency start=began duration=took output=open", shows: "1 in `open`" },
    ],
    support: Support::Full,
    parse,
    file: file!(),
};

#[derive(Debug, Serialize)]
struct Concurrency {
    duration: String,
    start: String,
    output: String,
}

fn parse(mut i: Tokens<'_>) -> Parsed<'_, Box<dyn Stage>> {
    let (mut duration, mut start, mut output) = (None, START.card.default.to_string(), OUTPUT.card.default.to_string());
    i = options(i, &COMMAND, [DURATION.to(&mut duration), START.to(&mut start), OUTPUT.to(&mut output)])?;
    match duration {
        Some(duration) => stage(i, Concurrency { duration, start, output }),
        None => i.miss(Want::Option("duration")),
    }
}

impl Stage for Concurrency {
    fn plan(&self, planner: &mut Planner<'_>, input: Node) -> Result<Node, Diagnostic> {
        let name = |text: &String| text.as_str().into();
        let rework = Rework::Concurrency { start: name(&self.start), duration: name(&self.duration), into: name(&self.output) };
        Ok(Node::Rework { input: Box::new(planner.started(input)), rework })
    }
}
