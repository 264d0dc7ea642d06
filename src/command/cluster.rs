//! cluster: events whose texts are much alike.

use super::{Command, Kind, Stage, stage};
use crate::card::{Example, Support};
use crate::diagnostic::{Code, Diagnostic};
use crate::plan::study::{Alike, Cluster, Match};
use crate::plan::{Node, Planner, Rework, Study};
use crate::syntax::option::{Opt, OptionValue, at_option, unknown_option};
use crate::syntax::tokens::commas;
use crate::syntax::{Parsed, Tokens};
use serde::Serialize;

static T: Opt<f64> = Opt::new("t", "0.8", "How much alike texts must be, above 0 and at most 1.");
static DELIMS: Opt<Option<String>> = Opt::new("delims", "", "Characters between terms; by default all but letters, digits and `_`.");
static SHOWCOUNT: Opt<bool> = Opt::new("showcount", "f", "Say how many events a cluster has.");
static COUNTFIELD: Opt<String> = Opt::new("countfield", "cluster_count", "The field that gets this number.");
static LABELFIELD: Opt<String> = Opt::new("labelfield", "cluster_label", "The field that gets the cluster's number.");
static FIELD: Opt<String> = Opt::new("field", "_raw", "The field whose texts are compared.");
static LABELONLY: Opt<bool> = Opt::new("labelonly", "f", "Keep all events, not only the first one of each cluster.");
static MATCH: Opt<Match> =
    Opt::new("match", "termlist", "`termlist` compares terms place by place, `termset` whatever their order, `ngramset` sets of three characters.");

pub const COMMAND: Command = Command {
    name: "cluster",
    aliases: &[],
    kind: Kind::Dataset,
    summary: "Groups events whose texts are much alike and keeps the first event of each group; an event without the field is in no group.",
    syntax: "cluster [t=<n>] [delims=<text>] [showcount=<bool>] [countfield=<field>] [labelfield=<field>] [field=<field>] [labelonly=<bool>] [match=termlist|termset|ngramset]",
    options: &[&T.card, &DELIMS.card, &SHOWCOUNT.card, &COUNTFIELD.card, &LABELFIELD.card, &FIELD.card, &LABELONLY.card, &MATCH.card],
    examples: &[
        Example {
            spl: "| makeresults count=6 | streamstats count AS n | eval _raw=if(n%3==0, \"disk full\", \"user u\".n.\" logged in\") | cluster t=0.7 showcount=t",
            shows: "two rows, of 4 and 2 events",
        },
        Example {
            spl: "| makeresults count=2 | streamstats count AS n | eval p=if(n==1, \"a b\", \"b a\") | cluster field=p match=termset labelonly=t labelfield=group",
            shows: "both in group 1",
        },
    ],
    support: Support::Full,
    parse,
    file: file!(),
};

impl OptionValue for Match {
    fn read(text: &str) -> Result<Match, &'static str> {
        Match::parse(text).ok_or("`termlist`, `termset` or `ngramset`")
    }
}

#[derive(Debug, Serialize)]
struct Tree {
    threshold: f64,
    delimiters: Option<String>,
    show_count: bool,
    count_field: String,
    label_field: String,
    field: String,
    label_only: bool,
    by: Match,
}

fn parse(mut i: Tokens<'_>) -> Parsed<'_, Box<dyn Stage>> {
    let start = i;
    let default = |o: &Opt<String>| o.card.default.to_string();
    let mut tree = Tree {
        threshold: 0.8,
        delimiters: None,
        show_count: false,
        count_field: default(&COUNTFIELD),
        label_field: default(&LABELFIELD),
        field: default(&FIELD),
        label_only: false,
        by: Match::Terms,
    };
    while !i.is_empty() {
        i = if let Some(rest) = T.read(i, &mut tree.threshold)? {
            rest
        } else if let Some(rest) = DELIMS.read(i, &mut tree.delimiters)? {
            rest
        } else if let Some(rest) = SHOWCOUNT.read(i, &mut tree.show_count)? {
            rest
        } else if let Some(rest) = COUNTFIELD.read(i, &mut tree.count_field)? {
            rest
        } else if let Some(rest) = LABELFIELD.read(i, &mut tree.label_field)? {
            rest
        } else if let Some(rest) = FIELD.read(i, &mut tree.field)? {
            rest
        } else if let Some(rest) = LABELONLY.read(i, &mut tree.label_only)? {
            rest
        } else if let Some(rest) = MATCH.read(i, &mut tree.by)? {
            rest
        } else if at_option(i) {
            return unknown_option(i, COMMAND.name, COMMAND.options);
        } else {
            break;
        };
        i = commas(i)?.0;
    }
    if !(tree.threshold > 0.0 && tree.threshold <= 1.0) {
        let d = Diagnostic::error(Code::OPTION_VALUE, "`t` lies above 0 and is at most 1").at(start.span());
        return start.fail(d.help("Texts that are the same come to 1."));
    }
    stage(i, tree)
}

impl Stage for Tree {
    fn plan(&self, planner: &mut Planner<'_>, input: Node) -> Result<Node, Diagnostic> {
        let study = Study::Cluster(Cluster {
            field: self.field.as_str().into(),
            label: self.label_field.as_str().into(),
            count: self.show_count.then(|| self.count_field.as_str().into()),
            all: self.label_only,
            alike: Alike { threshold: self.threshold, by: self.by, delimiters: self.delimiters.clone() },
        });
        Ok(Node::Rework { input: Box::new(planner.started(input)), rework: Rework::Study(study.into()) })
    }
}
