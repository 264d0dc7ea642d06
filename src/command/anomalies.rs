//! anomalies: how unexpected each event is.

use super::{Command, Kind, Stage, option, stage};
use crate::card::{Example, Support};
use crate::diagnostic::Diagnostic;
use crate::plan::study::Unexpected;
use crate::plan::{Node, Planner, Rework, Study};
use crate::syntax::field::{Field, fields};
use crate::syntax::option::{Opt, OptionValue};
use crate::syntax::tokens::{commas, word};
use crate::syntax::{Parsed, Tokens};
use serde::Serialize;

static THRESHOLD: Opt<f64> = Opt::new("threshold", "0.01", "Events that are less unexpected are left out.");
static LABELONLY: Opt<bool> = Opt::new("labelonly", "f", "Keep all events.");
static NORMALIZE: Opt<bool> = Opt::new("normalize", "t", "Take all digits as the same.");
static MAXVALUES: Opt<Window> = Opt::new("maxvalues", "100", "How many events before it an event is compared with, from 10 to 10000.");
static FIELD: Opt<String> = Opt::new("field", "_raw", "The field whose text is looked at.");
static DENYLIST: Opt<Option<String>> =
    Opt::with_aliases("denylist", &["blacklist"], "", "A CSV file of events that are expected; what is much like them comes to 0.");
static DENYTHRESHOLD: Opt<f64> =
    Opt::with_aliases("denylistthreshold", &["blacklistthreshold"], "0.05", "An event less unexpected than this beside the listed ones is expected.");

pub const COMMAND: Command = Command {
    name: "anomalies",
    aliases: &[],
    kind: Kind::Streaming,
    summary: "Scores in `unexpectedness` how much each event differs from the ones before it, and keeps those that do. The formula is the documented one; how much there is in texts is counted by their runs of three characters (Broder, 1997), as a server's own measure is not published.",
    syntax: "anomalies [threshold=<n>] [labelonly=<bool>] [normalize=<bool>] [maxvalues=<n>] [field=<field>] [denylist=<file>] [denylistthreshold=<n>] [BY <field> …]",
    options: &[&THRESHOLD.card, &LABELONLY.card, &NORMALIZE.card, &MAXVALUES.card, &FIELD.card, &DENYLIST.card, &DENYTHRESHOLD.card],
    examples: &[
        Example {
            spl: "| makeresults count=5 | streamstats count AS n | eval _raw=if(n==4, \"kernel panic\", \"login \".n) | anomalies",
            shows: "the first event and the fourth",
        },
        Example {
            spl: "| makeresults count=4 | streamstats count AS n | eval m=\"m\".n%2 | anomalies field=m normalize=f labelonly=t maxvalues=10 BY n",
            shows: "each event alone in its group",
        },
    ],
    support: Support::Full,
    parse,
    file: file!(),
};

/// As many events as Splunk lets an event be compared with.
#[derive(Clone, Copy, Debug, Serialize)]
struct Window(usize);

impl OptionValue for Window {
    fn read(text: &str) -> Result<Window, &'static str> {
        usize::try_from(u64::read(text)?).ok().filter(|n| (10..=10_000).contains(n)).map(Window).ok_or("a whole number from 10 to 10000")
    }
}

#[derive(Debug, Serialize)]
struct Tree {
    threshold: f64,
    label_only: bool,
    normalize: bool,
    most: Window,
    field: String,
    expected: Option<String>,
    expected_threshold: f64,
    by: Vec<Field>,
}

fn parse(mut i: Tokens<'_>) -> Parsed<'_, Box<dyn Stage>> {
    let mut tree = Tree {
        threshold: 0.01,
        label_only: false,
        normalize: true,
        most: Window(100),
        field: FIELD.card.default.into(),
        expected: None,
        expected_threshold: 0.05,
        by: Vec::new(),
    };
    while !i.is_empty() {
        let slots = [
            THRESHOLD.to(&mut tree.threshold),
            LABELONLY.to(&mut tree.label_only),
            NORMALIZE.to(&mut tree.normalize),
            MAXVALUES.to(&mut tree.most),
            FIELD.to(&mut tree.field),
            DENYLIST.to(&mut tree.expected),
            DENYTHRESHOLD.to(&mut tree.expected_threshold),
        ];
        i = if let Some(rest) = option(i, &COMMAND, slots)? {
            rest
        } else {
            let (rest, _) = word("BY")(i)?;
            let (rest, by) = fields(&[])(rest)?;
            tree.by = by;
            rest
        };
        i = commas(i)?.0;
    }
    stage(i, tree)
}

impl Stage for Tree {
    fn plan(&self, planner: &mut Planner<'_>, input: Node) -> Result<Node, Diagnostic> {
        let mut expected = Vec::new();
        if let Some(name) = &self.expected {
            let name = if name.ends_with(".csv") { name.clone() } else { format!("{name}.csv") };
            let table = planner.knowledge.lookups().file(&name).map_err(|d| d.at(planner.span))?;
            let column = table.rows.column(&self.field);
            expected.extend((0..column.len()).filter_map(|row| column.get(row).as_text().map(|t| t.into_owned())));
        }
        let study = Study::Unexpected(Unexpected {
            field: self.field.as_str().into(),
            threshold: self.threshold,
            label_only: self.label_only,
            normalize: self.normalize,
            most: self.most.0,
            expected,
            expected_threshold: self.expected_threshold,
            by: self.by.iter().map(|f| f.name.as_str().into()).collect(),
        });
        Ok(Node::Rework { input: Box::new(planner.started(input)), rework: Rework::Study(study.into()) })
    }
}
