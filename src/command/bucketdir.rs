//! bucketdir: few rows of folders in place of many of files.

use super::folderize::Separator;
use super::{Command, Kind, Stage, option, stage};
use crate::card::{Example, Support};
use crate::diagnostic::Diagnostic;
use crate::plan::rework::{Folders, Merge};
use crate::plan::{Node, Planner, Rework};
use crate::syntax::option::{Opt, OptionValue};
use crate::syntax::tokens::commas;
use crate::syntax::wanted::Want;
use crate::syntax::{Parsed, Tokens};
use serde::Serialize;

static PATHFIELD: Opt<Option<String>> = Opt::new("pathfield", "", "The field with the paths; it gets the folders.");
static SIZEFIELD: Opt<Option<String>> = Opt::new("sizefield", "", "The field with the size of a row, which is summed up.");
static MAXCOUNT: Opt<Most> = Opt::new("maxcount", "20", "The most rows.");
static COUNTFIELD: Opt<String> =
    Opt::new("countfield", "totalCount", "The field with the number of events of a row, which is summed up, too; the size stands for it where it is missing.");
static SEP: Opt<Option<Separator>> = Opt::new("sep", "", "What parts the paths: `/`, or `\\\\` where no path has that.");

pub const COMMAND: Command = Command {
    name: "bucketdir",
    aliases: &[],
    kind: Kind::Dataset,
    summary: "Puts rows of files together by their folders until few enough remain: those folders first that have many entries and few events.",
    syntax: "bucketdir pathfield=<field> sizefield=<field> [maxcount=<n>] [countfield=<field>] [sep=<text>]",
    options: &[&PATHFIELD.card, &SIZEFIELD.card, &MAXCOUNT.card, &COUNTFIELD.card, &SEP.card],
    examples: &[Example {
        spl: "| makeresults count=30 | streamstats count AS n | eval source=\"/log/\".(n%3).\"/\".n | top 30 source | bucketdir pathfield=source sizefield=count maxcount=10",
        shows: "at most ten sources and folders",
    }],
    support: Support::Full,
    parse,
    file: file!(),
};

/// Above 0.
#[derive(Clone, Copy, Debug, Serialize)]
struct Most(usize);

impl OptionValue for Most {
    fn read(text: &str) -> Result<Most, &'static str> {
        u64::read(text).ok().filter(|n| *n > 0).map(|n| Most(usize::try_from(n).unwrap_or(usize::MAX))).ok_or("a whole number above 0")
    }
}

#[derive(Debug, Serialize)]
struct Bucketdir {
    path: String,
    size: String,
    count: String,
    most: Most,
    sep: Option<Separator>,
}

fn parse(mut i: Tokens<'_>) -> Parsed<'_, Box<dyn Stage>> {
    let (mut path, mut size, mut most, mut count, mut sep) = (None, None, Most(20), COUNTFIELD.card.default.to_string(), None);
    while !i.is_empty()
        && let Some(rest) =
            option(i, &COMMAND, [PATHFIELD.to(&mut path), SIZEFIELD.to(&mut size), MAXCOUNT.to(&mut most), COUNTFIELD.to(&mut count), SEP.to(&mut sep)])?
    {
        i = commas(rest)?.0;
    }
    match (path, size) {
        (None, _) => i.miss(Want::Option("pathfield")),
        (_, None) => i.miss(Want::Option("sizefield")),
        (Some(path), Some(size)) => stage(i, Bucketdir { path, size, count, most, sep }),
    }
}

impl Stage for Bucketdir {
    fn plan(&self, planner: &mut Planner<'_>, input: Node) -> Result<Node, Diagnostic> {
        let folders = Folders {
            path: self.path.as_str().into(),
            size: self.size.as_str().into(),
            count: Some(self.count.as_str().into()),
            sep: self.sep.as_ref().map(|s| s.0.clone()),
            merge: Merge::OneByOne { most: self.most.0 },
        };
        Ok(Node::Rework { input: Box::new(planner.started(input)), rework: Rework::Folders(folders) })
    }
}
