//! folderize: paths become the folders that they lie in.

use super::{Command, Kind, Stage, option, stage};
use crate::card::{Example, Support};
use crate::diagnostic::{Code, Diagnostic};
use crate::plan::rework::{Folders, Merge};
use crate::plan::{Node, Planner, Rework};
use crate::syntax::option::{Opt, OptionValue};
use crate::syntax::tokens::commas;
use crate::syntax::wanted::Want;
use crate::syntax::{Parsed, Tokens};
use serde::Serialize;

static ATTR: Opt<Option<String>> = Opt::new("attr", "", "The field with the paths; it gets the folders.");
static SEP: Opt<Separator> = Opt::new("sep", "::", "What parts the paths.");
static SIZE: Opt<String> = Opt::new("size", "totalCount", "The field with the size of a row, which is summed up; a row without one counts as 1.");
static MINFOLDERS: Opt<u64> = Opt::new("minfolders", "2", "The fewest folders, even where these are more than the most.");
static MAXFOLDERS: Opt<u64> = Opt::new("maxfolders", "20", "The most folders.");

pub const COMMAND: Command = Command {
    name: "folderize",
    aliases: &[],
    kind: Kind::Dataset,
    summary: "Puts rows together by folders: all paths are cut after as many parts as leave no more folders than asked for; sizes are summed up, and a path that is alone in its folder stays whole.",
    syntax: "folderize attr=<field> [sep=<text>] [size=<field>] [minfolders=<n>] [maxfolders=<n>]",
    options: &[&ATTR.card, &SEP.card, &SIZE.card, &MINFOLDERS.card, &MAXFOLDERS.card],
    examples: &[
        Example {
            spl: "| metadata type=sources index=* | folderize attr=source sep=\"/\" maxfolders=20 | sort totalCount d",
            shows: "where events come from, in 20 folders",
        },
        Example {
            spl: "| makeresults count=6 | streamstats count AS n | eval file=\"/d\".(n%2).\"/f\".n | folderize attr=file sep=\"/\" size=files maxfolders=3",
            shows: "two folders of three files",
        },
    ],
    support: Support::Full,
    parse,
    file: file!(),
};

/// A text that is there.
#[derive(Clone, Debug, Serialize)]
pub(super) struct Separator(pub String);

impl OptionValue for Separator {
    fn read(text: &str) -> Result<Separator, &'static str> {
        if text.is_empty() { Err("a text of one character or more") } else { Ok(Separator(text.to_string())) }
    }
}

#[derive(Debug, Serialize)]
struct Folderize {
    attr: String,
    sep: Separator,
    size: String,
    least: u64,
    most: u64,
}

fn parse(start: Tokens<'_>) -> Parsed<'_, Box<dyn Stage>> {
    let (mut attr, mut sep, mut size, mut least, mut most) = (None, Separator("::".into()), SIZE.card.default.to_string(), 2, 20);
    let mut i = start;
    while !i.is_empty()
        && let Some(rest) =
            option(i, &COMMAND, [ATTR.to(&mut attr), SEP.to(&mut sep), SIZE.to(&mut size), MINFOLDERS.to(&mut least), MAXFOLDERS.to(&mut most)])?
    {
        i = commas(rest)?.0;
    }
    if most == 0 {
        let d = Diagnostic::error(Code::OPTION_VALUE, "`maxfolders` takes a whole number above 0").at(start.span_to(&i));
        return i.fail(d);
    }
    match attr {
        Some(attr) => stage(i, Folderize { attr, sep, size, least, most }),
        None => i.miss(Want::Option("attr")),
    }
}

impl Stage for Folderize {
    fn plan(&self, planner: &mut Planner<'_>, input: Node) -> Result<Node, Diagnostic> {
        let number = |n: u64| usize::try_from(n).unwrap_or(usize::MAX);
        let merge = Merge::Depth { least: number(self.least), most: number(self.most) };
        let folders = Folders { path: self.attr.as_str().into(), size: self.size.as_str().into(), count: None, sep: Some(self.sep.0.clone()), merge };
        Ok(Node::Rework { input: Box::new(planner.started(input)), rework: Rework::Folders(folders) })
    }
}
