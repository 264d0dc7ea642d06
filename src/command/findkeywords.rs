//! findkeywords: searches that find the groups that events are in.

use super::{Command, Kind, Stage, options, stage};
use crate::card::{Example, Support};
use crate::diagnostic::Diagnostic;
use crate::plan::{Node, Planner, Rework, Study};
use crate::syntax::option::Opt;
use crate::syntax::wanted::Want;
use crate::syntax::{Parsed, Tokens};
use serde::Serialize;

static LABELFIELD: Opt<Option<String>> = Opt::new("labelfield", "", "The field that says which group an event is in.");
static DEDUP: Opt<bool> = Opt::new("dedup", "f", "Leave out groups whose search is that of a larger one.");

pub const COMMAND: Command = Command {
    name: "findkeywords",
    aliases: &[],
    kind: Kind::Transforming,
    summary: "Finds for each group of events the words that set it apart: those that its events have (`includeKeywords`), those that only others have (`excludeKeywords`), and the search that they make; `eventTypeable` is 1 where it finds no other event.",
    syntax: "findkeywords labelfield=<field> [dedup=<bool>]",
    options: &[&LABELFIELD.card, &DEDUP.card],
    examples: &[Example {
        spl: "| makeresults count=6 | streamstats count AS n | eval _raw=if(n%3==0, \"disk full\", \"login failed: user=\".n) | cluster labelonly=t | findkeywords labelfield=cluster_label",
        shows: "a search for each of two groups",
    }],
    support: Support::Partial("Splunk's way is not published, and of its columns only `groupID` is: the words that set a group apart stand for it"),
    parse,
    file: file!(),
};

#[derive(Debug, Serialize)]
struct Findkeywords {
    label: String,
    dedup: bool,
}

fn parse(mut i: Tokens<'_>) -> Parsed<'_, Box<dyn Stage>> {
    let (mut label, mut dedup) = (None, false);
    i = options(i, &COMMAND, [LABELFIELD.to(&mut label), DEDUP.to(&mut dedup)])?;
    match label {
        Some(label) => stage(i, Findkeywords { label, dedup }),
        None => i.miss(Want::Option("labelfield")),
    }
}

impl Stage for Findkeywords {
    fn plan(&self, planner: &mut Planner<'_>, input: Node) -> Result<Node, Diagnostic> {
        let study = Study::Keywords { label: self.label.as_str().into(), dedup: self.dedup };
        Ok(Node::Rework { input: Box::new(planner.started(input)), rework: Rework::Study(study.into()) })
    }
}
