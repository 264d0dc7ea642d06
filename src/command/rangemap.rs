//! rangemap: names for ranges of numbers.

use super::expression::{call, field, null, number as literal, operator, text};
use super::{Command, Kind, Stage, stage};
use crate::card::{Example, Support};
use crate::column::number;
use crate::diagnostic::{Code, Diagnostic};
use crate::plan::{Extension, Node, Planner, Target};
use crate::syntax::option::{Opt, at_option, raw_value};
use crate::syntax::tokens::commas;
use crate::syntax::wanted::Want;
use crate::syntax::{Parsed, Tokens};
use serde::Serialize;

static FIELD: Opt<Option<String>> = Opt::new("field", "", "The field whose number is looked at.");
static DEFAULT: Opt<String> = Opt::new("default", "None", "The name where no range holds the number, or there is none.");

pub const COMMAND: Command = Command {
    name: "rangemap",
    aliases: &[],
    kind: Kind::Streaming,
    summary: "Puts into `range` the names of the ranges that a number lies in; both ends belong to a range.",
    syntax: "rangemap field=<field> [<name>=<low>-<high>] … [default=<name>]",
    options: &[&FIELD.card, &DEFAULT.card],
    examples: &[
        Example { spl: "| makeresults | eval n=42 | rangemap field=n low=0-9 elevated=10-99 default=severe", shows: "elevated" },
        Example { spl: "| makeresults | eval n=-5 | rangemap field=n frost=-40--1 mild=0-20", shows: "frost: ends may be negative" },
    ],
    support: Support::Full,
    parse,
    file: file!(),
};

#[derive(Debug, Serialize)]
struct Rangemap {
    field: String,
    ranges: Vec<(String, f64, f64)>,
    default: String,
}

fn parse(mut i: Tokens<'_>) -> Parsed<'_, Box<dyn Stage>> {
    let (mut name, mut default, mut ranges) = (None, DEFAULT.card.default.to_string(), Vec::new());
    while !i.is_empty() {
        i = if let Some(rest) = FIELD.read(i, &mut name)? {
            rest
        } else if let Some(rest) = DEFAULT.read(i, &mut default)? {
            rest
        } else if at_option(i) {
            let label = i.text_to(&i.skip(1));
            let (rest, value) = raw_value(i.skip(2))?;
            let Some((low, high)) = range(&value.text) else {
                let d = Diagnostic::error(Code::OPTION_VALUE, format!("`{}` is no range of numbers", value.text)).at(value.span);
                return i.fail(d.help(format!("Write it as two numbers with a hyphen between: `{label}=1-30`.")));
            };
            ranges.push((label, low, high));
            rest
        } else {
            return i.miss(Want::Option("field"));
        };
        i = commas(i)?.0;
    }
    match name {
        Some(field) => stage(i, Rangemap { field, ranges, default }),
        None => i.miss(Want::Option("field")),
    }
}

/// `1-30`, `-5--1`, `0.5-1e3`: the hyphen between is the first one that leaves a number on both sides.
fn range(text: &str) -> Option<(f64, f64)> {
    let ends = |at: usize| Some((number::parse(text.get(..at)?)?, number::parse(text.get(at + 1..)?)?));
    text.match_indices('-').find_map(|(at, _)| ends(at))
}

impl Stage for Rangemap {
    fn plan(&self, planner: &mut Planner<'_>, input: Node) -> Result<Node, Diagnostic> {
        let value = || call("tonumber", [field(&self.field)]);
        let names = self.ranges.iter().map(|(name, low, high)| {
            let inside = operator("AND", [operator(">=", [value(), literal(*low)]), operator("<=", [value(), literal(*high)])]);
            call("if", [inside, text(name), null()])
        });
        let range = call("coalesce", [call("mvappend", names.chain([null()])), text(&self.default)]);
        let step = Extension::Assign { target: Target::Field("range".into()), expr: planner.expr(&range)? };
        Ok(Node::Extend { input: Box::new(planner.started(input)), steps: vec![step] })
    }
}
