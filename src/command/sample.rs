//! sample: a random part of the rows, or random parts of all of them.

use super::{Command, Kind, Stage, option, stage};
use crate::card::{Example, Support};
use crate::diagnostic::{Code, Diagnostic};
use crate::plan::rework::{Chance, Sample};
use crate::plan::{Node, Planner, Rework};
use crate::syntax::field::{Field, field_but};
use crate::syntax::option::{Opt, OptionValue};
use crate::syntax::tokens::commas;
use crate::syntax::wanted::Want;
use crate::syntax::{Parsed, Tokens};
use serde::Serialize;

static RATIO: Opt<Option<Share>> = Opt::new("ratio", "", "The chance of each row, from 0 to 1.");
static COUNT: Opt<Option<u64>> = Opt::new("count", "", "How many rows, of each group with BY; all where there are fewer.");
static PROPORTIONAL: Opt<Option<String>> = Opt::new("proportional", "", "The field with the chance of each row; a row without a number is left out.");
static PARTITIONS: Opt<Option<u64>> = Opt::new("partitions", "", "Keep all rows and put each into one of so many parts by chance, numbered from 0.");
static FIELDNAME: Opt<String> = Opt::new("fieldname", "partition_number", "The field for the number of the part.");
static SEED: Opt<Option<f64>> =
    Opt::new("seed", "", "The same number gives the same sample of the same rows; without one it is told from the time of the search.");

pub const COMMAND: Command = Command {
    name: "sample",
    aliases: &[],
    kind: Kind::Dataset,
    summary: "Keeps a random part of the rows, in their order, or numbers random parts of all of them; a bare number is a ratio below 1, else a count.",
    syntax: "sample (ratio=<n> | count=<n> | proportional=<field> [inverse] | partitions=<n> [fieldname=<field>]) [seed=<n>] [BY <field>]",
    options: &[&RATIO.card, &COUNT.card, &PROPORTIONAL.card, &PARTITIONS.card, &FIELDNAME.card, &SEED.card],
    examples: &[
        Example { spl: "| makeresults count=1000 | sample ratio=0.01", shows: "about ten rows" },
        Example { spl: "| makeresults count=100 | streamstats count AS n | eval host=n%2 | sample count=3 seed=7 BY host", shows: "three rows a host" },
        Example { spl: "| makeresults count=10 | sample partitions=3 seed=7 fieldname=part | stats count BY part", shows: "parts of about the same size" },
        Example {
            spl: "| makeresults count=9 | streamstats count AS n | eval p=n/10 | sample proportional=p inverse",
            shows: "the small ones are kept more often",
        },
    ],
    support: Support::Full,
    parse,
    file: file!(),
};

/// From 0 to 1.
#[derive(Clone, Copy, Debug, Serialize)]
struct Share(f64);

impl OptionValue for Share {
    fn read(text: &str) -> Result<Share, &'static str> {
        f64::read(text).ok().filter(|n| (0.0..=1.0).contains(n)).map(Share).ok_or("a number from 0 to 1")
    }
}

#[derive(Debug, Default, Serialize)]
struct Tree {
    ratio: Option<Share>,
    count: Option<u64>,
    proportional: Option<String>,
    partitions: Option<u64>,
    fieldname: String,
    inverse: bool,
    seed: Option<f64>,
    by: Option<Field>,
}

fn parse(start: Tokens<'_>) -> Parsed<'_, Box<dyn Stage>> {
    let mut t = Tree { fieldname: FIELDNAME.card.default.into(), ..Tree::default() };
    let mut i = start;
    while !i.is_empty() {
        let slots = [
            RATIO.to(&mut t.ratio),
            COUNT.to(&mut t.count),
            PROPORTIONAL.to(&mut t.proportional),
            PARTITIONS.to(&mut t.partitions),
            FIELDNAME.to(&mut t.fieldname),
            SEED.to(&mut t.seed),
        ];
        i = if let Some(rest) = option(i, &COMMAND, slots)? {
            rest
        } else if i.at_word("inverse") {
            t.inverse = true;
            i.skip(1)
        } else if i.at_word("BY") {
            let (rest, by) = field_but(&[])(i.skip(1))?;
            t.by = Some(by);
            rest
        } else {
            let (rest, word) = field_but(&[])(i)?;
            match (f64::read(&word.name), u64::read(&word.name)) {
                (Ok(n), _) if (0.0..1.0).contains(&n) => t.ratio = Some(Share(n)),
                (_, Ok(n)) => t.count = Some(n),
                _ => return i.miss(Want::Number),
            }
            rest
        };
        i = commas(i)?.0;
    }
    let wrong = |message: &str, help: &str| start.fail(Diagnostic::error(Code::ARGUMENTS, message).at(start.span_to(&i)).help(help));
    let ways = [t.ratio.is_some(), t.count.is_some(), t.proportional.is_some(), t.partitions.is_some()];
    match ways.iter().filter(|w| **w).count() {
        0 => return i.miss(Want::Option("ratio")),
        1 => {}
        _ => return wrong("`sample` takes one way to choose rows", "Keep one of `ratio`, `count`, `proportional` and `partitions`."),
    }
    if t.by.is_some() && t.count.is_none() {
        return wrong("only `count` goes by groups", "Give a `count`, or leave BY out: a chance is the same in every group.");
    }
    if t.inverse && t.proportional.is_none() {
        return wrong("`inverse` turns the chances of `proportional` round", "Give `proportional=<field>`, or leave `inverse` out.");
    }
    if t.partitions.is_some_and(|n| n < 2) {
        return wrong("`partitions` takes a whole number above 1", "One part is all rows.");
    }
    stage(i, t)
}

impl Stage for Tree {
    fn plan(&self, planner: &mut Planner<'_>, input: Node) -> Result<Node, Diagnostic> {
        let chance = match (self.ratio, self.count, &self.proportional, self.partitions) {
            (Some(ratio), ..) => Chance::Ratio(ratio.0),
            (_, Some(count), ..) => Chance::Count { count, by: self.by.as_ref().map(|f| f.name.as_str().into()) },
            (.., Some(field), _) => Chance::Field { field: field.as_str().into(), inverse: self.inverse },
            (.., partitions) => Chance::Parts { parts: partitions.unwrap_or(2), into: self.fieldname.as_str().into() },
        };
        let sample = Sample { chance, seed: self.seed.map_or(planner.env.seed, f64::to_bits) };
        Ok(Node::Rework { input: Box::new(planner.started(input)), rework: Rework::Sample(sample) })
    }
}
