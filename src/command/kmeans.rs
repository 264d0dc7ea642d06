//! kmeans: rows in k groups.

use super::{Command, Kind, Stage, stage};
use crate::card::{Example, Support};
use crate::diagnostic::{Code, Diagnostic};
use crate::plan::study::{Distance, Kmeans};
use crate::plan::{Node, Planner, Rework, Study};
use crate::syntax::field::{Field, field_but};
use crate::syntax::option::{Opt, OptionValue, at_option, unknown_option};
use crate::syntax::tokens::commas;
use crate::syntax::{Parsed, Tokens};
use serde::Serialize;

static K: Opt<Range> = Opt::new("k", "2", "How many groups; a range, as in `2-5`, gives one row for each number of groups instead.");
static REPS: Opt<u64> = Opt::new("reps", "10", "How many starts are tried; the best result is taken.");
static MAXITERS: Opt<u64> = Opt::new("maxiters", "10000", "The most rounds from one start.");
static T: Opt<f64> = Opt::new("t", "0", "Stop once a round makes the distortion less by no more than this.");
static DT: Opt<Distance> = Opt::with_aliases(
    "dt",
    &["distype"],
    "sqeuclidean",
    "The distance: `l1` (or `l1norm`, `cityblock`, `cb`), `l2` (or `l2norm`, `sq`, `sqeuclidean`), `cosine` (or `cos`).",
);
static CFIELD: Opt<String> = Opt::with_aliases("cnumfield", &["cfield"], "CLUSTERNUM", "The field that gets the group's number.");
static SHOWCENTROID: Opt<bool> = Opt::new("showcentroid", "t", "Give the group's centre in fields `centroid_…`.");

/// Splunk's ceilings.
const MOST_GROUPS: u64 = 1000;

pub const COMMAND: Command = Command {
    name: "kmeans",
    aliases: &[],
    kind: Kind::Transforming,
    summary: "Puts rows into k groups by their numeric fields, rows of a group beside each other; rows that lack a number are left out. Starts are drawn with a fixed seed.",
    syntax: "kmeans [k=<n>[-<n>]] [reps=<n>] [maxiters=<n>] [t=<n>] [dt=<distance>] [cnumfield=<field>] [showcentroid=<bool>] [<field> …]",
    options: &[&K.card, &REPS.card, &MAXITERS.card, &T.card, &DT.card, &CFIELD.card, &SHOWCENTROID.card],
    examples: &[
        Example {
            spl: "| makeresults count=6 | streamstats count AS n | eval n=if(n>3, n+100, n) | kmeans k=2 n",
            shows: "three rows in group 1, three in group 2",
        },
        Example { spl: "| makeresults count=6 | streamstats count AS n | kmeans k=2-4 dt=l1 reps=3 n", shows: "`distortion` for 2, 3 and 4 groups" },
    ],
    support: Support::Full,
    parse,
    file: file!(),
};

#[derive(Clone, Copy, Debug, Serialize)]
struct Range(u64, u64);

impl OptionValue for Range {
    fn read(text: &str) -> Result<Range, &'static str> {
        let (low, high) = text.split_once('-').unwrap_or((text, text));
        match (low.parse(), high.parse()) {
            (Ok(low), Ok(high)) if 1 <= low && low <= high && high <= MOST_GROUPS => Ok(Range(low, high)),
            _ => Err("a number from 1 to 1000, or two as in `2-5`"),
        }
    }
}

impl OptionValue for Distance {
    fn read(text: &str) -> Result<Distance, &'static str> {
        Ok(match text.to_ascii_lowercase().as_str() {
            "l1" | "l1norm" | "cityblock" | "cb" => Distance::CityBlock,
            "l2" | "l2norm" | "sq" | "sqeuclidean" => Distance::Squares,
            "cos" | "cosine" => Distance::Cosine,
            _ => return Err("`l1`, `l2` or `cosine`"),
        })
    }
}

#[derive(Debug, Serialize)]
struct Tree {
    fields: Vec<Field>,
    k: Range,
    reps: u64,
    iterations: u64,
    tolerance: f64,
    distance: Distance,
    into: String,
    centroids: bool,
}

fn parse(mut i: Tokens<'_>) -> Parsed<'_, Box<dyn Stage>> {
    let start = i;
    let mut tree = Tree {
        fields: Vec::new(),
        k: Range(2, 2),
        reps: 10,
        iterations: 10_000,
        tolerance: 0.0,
        distance: Distance::Squares,
        into: CFIELD.card.default.into(),
        centroids: true,
    };
    while !i.is_empty() {
        i = if let Some(rest) = K.read(i, &mut tree.k)? {
            rest
        } else if let Some(rest) = REPS.read(i, &mut tree.reps)? {
            rest
        } else if let Some(rest) = MAXITERS.read(i, &mut tree.iterations)? {
            rest
        } else if let Some(rest) = T.read(i, &mut tree.tolerance)? {
            rest
        } else if let Some(rest) = DT.read(i, &mut tree.distance)? {
            rest
        } else if let Some(rest) = CFIELD.read(i, &mut tree.into)? {
            rest
        } else if let Some(rest) = SHOWCENTROID.read(i, &mut tree.centroids)? {
            rest
        } else if at_option(i) {
            return unknown_option(i, COMMAND.name, COMMAND.options);
        } else {
            let (rest, field) = field_but(&[])(i)?;
            if field.is_pattern() {
                let d = Diagnostic::error(Code::ARGUMENTS, "`kmeans` takes fields by their whole names").at(field.span);
                return i.fail(d.help("Without fields all numeric ones are taken."));
            }
            tree.fields.push(field);
            rest
        };
        i = commas(i)?.0;
    }
    if tree.reps > MOST_GROUPS {
        return start.fail(Diagnostic::error(Code::OPTION_VALUE, "`reps` is 1000 at most").at(start.span()).help("The default is 10."));
    }
    stage(i, tree)
}

impl Stage for Tree {
    fn plan(&self, planner: &mut Planner<'_>, input: Node) -> Result<Node, Diagnostic> {
        let study = Study::Kmeans(Kmeans {
            fields: self.fields.iter().map(|f| f.name.as_str().into()).collect(),
            least: self.k.0,
            most: self.k.1,
            reps: self.reps,
            iterations: self.iterations,
            tolerance: self.tolerance,
            distance: self.distance,
            into: self.into.as_str().into(),
            centroids: self.centroids,
        });
        Ok(Node::Rework { input: Box::new(planner.started(input)), rework: Rework::Study(study.into()) })
    }
}
