//! localize: spans of time in which events lie close together.

use super::{Command, Kind, Stage, options, stage};
use crate::card::{Example, Support};
use crate::diagnostic::Diagnostic;
use crate::plan::study::Localize;
use crate::plan::{Node, Planner, Rework, Study};
use crate::syntax::option::{Opt, OptionValue};
use crate::syntax::{Parsed, Tokens};
use crate::time::Span;
use serde::Serialize;

static MAXPAUSE: Opt<Length> = Opt::new("maxpause", "60s", "The longest time between events of one span.");
static TIMEAFTER: Opt<Length> = Opt::new("timeafter", "30s", "How much later than its last event a span ends.");
static TIMEBEFORE: Opt<Length> = Opt::new("timebefore", "30s", "How much earlier than its first event a span starts.");

pub const COMMAND: Command = Command {
    name: "localize",
    aliases: &[],
    kind: Kind::Transforming,
    summary: "Lists the spans of time in which events lie close together, latest first, with `starttime` and `endtime`: for `map` to search around them.",
    syntax: "localize [maxpause=<span>] [timeafter=<span>] [timebefore=<span>]",
    options: &[&MAXPAUSE.card, &TIMEAFTER.card, &TIMEBEFORE.card],
    examples: &[Example {
        spl: "| makeresults count=6 | streamstats count AS n | eval _time=n*n*n | localize maxpause=20s timebefore=5s timeafter=5s",
        shows: "a span of three events, and later ones alone",
    }],
    support: Support::Full,
    parse,
    file: file!(),
};

/// Seconds.
#[derive(Clone, Copy, Debug, Serialize)]
pub(super) struct Length(pub f64);

impl OptionValue for Length {
    fn read(text: &str) -> Result<Length, &'static str> {
        let plain = text.parse::<f64>().ok().filter(|n| n.is_finite() && *n >= 0.0);
        // A span is at least one of its unit; no time at all is one here too.
        let zero = text.strip_prefix('0').is_some_and(|unit| Span::parse(&format!("1{unit}")).is_some()).then_some(0.0);
        plain.or(zero).or(Span::parse(text).map(|s| s.seconds())).map(Length).ok_or("a length of time such as `30s` or `5m`")
    }
}

#[derive(Debug, Serialize)]
struct Tree {
    pause: Length,
    after: Length,
    before: Length,
}

fn parse(mut i: Tokens<'_>) -> Parsed<'_, Box<dyn Stage>> {
    let mut tree = Tree { pause: Length(60.0), after: Length(30.0), before: Length(30.0) };
    i = options(i, &COMMAND, [MAXPAUSE.to(&mut tree.pause), TIMEAFTER.to(&mut tree.after), TIMEBEFORE.to(&mut tree.before)])?;
    stage(i, tree)
}

impl Stage for Tree {
    fn plan(&self, planner: &mut Planner<'_>, input: Node) -> Result<Node, Diagnostic> {
        let study = Study::Localize(Localize { pause: self.pause.0, after: self.after.0, before: self.before.0 });
        Ok(Node::Rework { input: Box::new(planner.started(input)), rework: Rework::Study(study.into()) })
    }
}
