//! stats: one row a group.

use super::{Command, Kind, Stage, stage};
use crate::card::{Example, Support};
use crate::diagnostic::{Code, Diagnostic};
use crate::plan::{self, Node, Planner};
use crate::syntax::aggregation::{Aggregation, aggregations};
use crate::syntax::field::{Field, fields};
use crate::syntax::option::Opt;
use crate::syntax::tokens::word;
use crate::syntax::{Parsed, Tokens};
use serde::Serialize;

static PARTITIONS: Opt<u64> = Opt::new("partitions", "1", "How many parts the work is cut into; it changes no result and is not needed here.").idle();
static ALLNUM: Opt<bool> = Opt::new("allnum", "f", "Give numeric statistics only where every value is a number.");
static DELIM: Opt<String> = Opt::new("delim", " ", "What stands between the values of list() and values() where they are shown as one text.").idle();
static DEDUP: Opt<bool> = Opt::new("dedup_splitvals", "f", "Count a value that stands twice in a multivalue by-field once.");

pub const COMMAND: Command = Command {
    name: "stats",
    aliases: &[],
    kind: Kind::Transforming,
    summary: "Works out statistics over all rows, or over the rows of each combination of the by-fields.",
    syntax: "stats <function>(<field>) [AS <name>] … [BY <field> …]",
    options: &[&PARTITIONS.card, &ALLNUM.card, &DELIM.card, &DEDUP.card],
    examples: &[
        Example { spl: "| makeresults count=3 | stats count", shows: "without BY there is always one row" },
        Example { spl: "| makeresults count=3 | eval user=\"a\" | stats count min(_time) AS first BY user", shows: "one row a user" },
    ],
    support: Support::Partial("allnum=t is accepted but not applied"),
    parse,
    file: file!(),
};

/// What stats and eventstats wrote.
#[derive(Debug, Serialize)]
pub struct Written {
    pub aggregations: Vec<Aggregation>,
    pub by: Vec<Field>,
}

#[derive(Debug, Serialize)]
struct Stats(Written);

fn parse(i: Tokens<'_>) -> Parsed<'_, Box<dyn Stage>> {
    let (rest, written) = written(i)?;
    stage(rest, Stats(written))
}

/// Options, aggregations, the by-clause and options again, as shipped searches have them.
pub fn written(i: Tokens<'_>) -> Parsed<'_, Written> {
    let i = options(i)?;
    let (rest, aggregations) = aggregations(i)?;
    let (rest, by) = match word("BY")(rest) {
        Ok((rest, _)) => fields(&[])(rest)?,
        Err(_) => (rest, Vec::new()),
    };
    let rest = options(rest)?;
    Ok((rest, Written { aggregations, by }))
}

fn options(mut i: Tokens<'_>) -> Result<Tokens<'_>, nom::Err<crate::syntax::Failure>> {
    let (mut number, mut flag, mut text) = (0, false, String::new());
    loop {
        i = if let Some(rest) = PARTITIONS.read(i, &mut number)? {
            rest
        } else if let Some(rest) = ALLNUM.read(i, &mut flag)? {
            rest
        } else if let Some(rest) = DEDUP.read(i, &mut flag)? {
            rest
        } else if let Some(rest) = DELIM.read(i, &mut text)? {
            rest
        } else {
            return Ok(i);
        };
    }
}

impl Written {
    /// Compiled.
    pub fn compile(&self, planner: &mut Planner<'_>) -> Result<plan::Aggregation, Diagnostic> {
        let aliases = self.aggregations.iter().filter_map(|a| a.alias.as_ref());
        if let Some(alias) = aliases.into_iter().find(|a| self.by.iter().any(|by| by.name == a.name)) {
            return Err(Diagnostic::error(Code::ARGUMENTS, format!("`{0}` is a by-field already: a result of the same name would replace it", alias.name))
                .at(alias.span)
                .help("Give the result another name."));
        }
        let outputs = planner.outputs(&self.aggregations)?;
        Ok(plan::Aggregation { by: self.by.iter().map(|f| f.name.as_str().into()).collect(), outputs, keep_null: false, sorted: true })
    }
}

impl Stage for Stats {
    fn plan(&self, planner: &mut Planner<'_>, input: Node) -> Result<Node, Diagnostic> {
        let aggregation = self.0.compile(planner)?;
        Ok(Node::Aggregate { input: Box::new(planner.started(input)), aggregation })
    }
}
