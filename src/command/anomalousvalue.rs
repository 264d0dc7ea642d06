//! anomalousvalue: values that are rare, or far from the mean of their field.

use super::{Command, Kind, Stage, one_of, option, stage};
use crate::card::{Example, Support};
use crate::column::Name;
use crate::diagnostic::Diagnostic;
use crate::plan::study::{Show, Unusual};
use crate::plan::{Node, Planner, Rework, Study};
use crate::syntax::field::{Field, field_but};
use crate::syntax::option::{Opt, OptCard, OptionValue};
use crate::syntax::tokens::commas;
use crate::syntax::{Failure, Parsed, Tokens};
use serde::Serialize;

static ACTION: Opt<Show> = Opt::new("action", "filter", "`filter` keeps the rows with anomalous values, `annotate` all rows, `summary` gives a row a field.");
static MAXANOFREQ: Opt<f64> = Opt::new("maxanofreq", "0.05", "A field of whose values a larger share is anomalous is not looked at.");
static MINNORMFREQ: Opt<f64> = Opt::new("minnormfreq", "0.01", "A field of whose values a smaller share is anomalous is not looked at.");
static MINSUPCOUNT: Opt<u64> = Opt::new("minsupcount", "100", "A field that fewer rows have is not looked at.");
static MINSUPFREQ: Opt<f64> = Opt::new("minsupfreq", "0.05", "A field that a smaller share of the rows has is not looked at.");
static PTHRESH: Opt<f64> = Opt::new("pthresh", "0.01", "A value less probable than this is anomalous.");

pub const COMMAND: Command = Command {
    name: "anomalousvalue",
    aliases: &[],
    kind: Kind::Transforming,
    summary: "Finds values that are rare in their field, and numbers far from its mean; `Anomaly_Score_Cat(…)` and `Anomaly_Score_Num(…)` say how probable they are.",
    syntax: "anomalousvalue [action=filter|annotate|summary] [maxanofreq=<n>] [minnormfreq=<n>] [minsupcount=<n>] [minsupfreq=<n>] [pthresh=<n>] [<field> …]",
    options: &[&ACTION.card, &MAXANOFREQ.card, &MINNORMFREQ.card, &MINSUPCOUNT.card, &MINSUPFREQ.card, &PTHRESH.card],
    examples: &[
        Example { spl: "| makeresults count=200 | streamstats count AS n | eval n=if(n>197, 9000, n%5) | anomalousvalue n", shows: "the three rows with 9000" },
        Example {
            spl: "| makeresults count=200 | streamstats count AS n | eval u=if(n==1, \"eve\", \"bob\") | anomalousvalue action=summary minnormfreq=0 u",
            shows: "a row for the field u",
        },
    ],
    support: Support::Full,
    parse,
    file: file!(),
};

impl OptionValue for Show {
    fn read(text: &str) -> Result<Show, &'static str> {
        match text.to_ascii_lowercase().as_str() {
            "filter" => Ok(Show::Filter),
            "annotate" => Ok(Show::Annotate),
            "summary" => Ok(Show::Summary),
            _ => Err("`filter`, `annotate` or `summary`"),
        }
    }
}

/// Which fields are looked at, by how many rows have them and how many of their values are anomalous.
#[derive(Debug, Serialize)]
pub(super) struct Worth {
    most_anomalous: f64,
    least_anomalous: f64,
    least_count: u64,
    least_share: f64,
}

/// The cards of its options.
pub(super) const WORTH: [&OptCard; 4] = [&MAXANOFREQ.card, &MINNORMFREQ.card, &MINSUPCOUNT.card, &MINSUPFREQ.card];

impl Default for Worth {
    fn default() -> Worth {
        Worth { most_anomalous: 0.05, least_anomalous: 0.01, least_count: 100, least_share: 0.05 }
    }
}

impl Worth {
    /// Reads one of the options; `None` where something else stands.
    pub fn read<'a>(&mut self, i: Tokens<'a>) -> Result<Option<Tokens<'a>>, nom::Err<Failure>> {
        let Worth { most_anomalous, least_anomalous, least_count, least_share } = self;
        let mut shares = [MAXANOFREQ.to(most_anomalous), MINNORMFREQ.to(least_anomalous), MINSUPCOUNT.to(least_count), MINSUPFREQ.to(least_share)];
        one_of(i, &mut shares)
    }

    /// The study of these fields.
    pub fn study(&self, fields: Vec<Name>, show: Show, threshold: f64) -> Study {
        let Worth { most_anomalous, least_anomalous, least_count, least_share } = *self;
        Study::Unusual(Unusual { fields, show, most_anomalous, least_anomalous, least_count, least_share, threshold })
    }
}

#[derive(Debug, Serialize)]
struct Tree {
    fields: Vec<Field>,
    show: Show,
    worth: Worth,
    threshold: f64,
}

fn parse(mut i: Tokens<'_>) -> Parsed<'_, Box<dyn Stage>> {
    let mut tree = Tree { fields: Vec::new(), show: Show::Filter, worth: Worth::default(), threshold: 0.01 };
    while !i.is_empty() {
        i = if let Some(rest) = ACTION.read(i, &mut tree.show)? {
            rest
        } else if let Some(rest) = tree.worth.read(i)? {
            rest
        } else if let Some(rest) = option(i, &COMMAND, [PTHRESH.to(&mut tree.threshold)])? {
            rest
        } else {
            let (rest, field) = field_but(&[])(i)?;
            tree.fields.push(field);
            rest
        };
        i = commas(i)?.0;
    }
    stage(i, tree)
}

impl Stage for Tree {
    fn plan(&self, planner: &mut Planner<'_>, input: Node) -> Result<Node, Diagnostic> {
        let study = self.worth.study(self.fields.iter().map(|f| f.name.as_str().into()).collect(), self.show, self.threshold);
        Ok(Node::Rework { input: Box::new(planner.started(input)), rework: Rework::Study(study.into()) })
    }
}
