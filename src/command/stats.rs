//! stats: one row a group.

use super::{Command, Kind, Stage, stage};
use crate::card::{Example, Support};
use crate::column::Name;
use crate::diagnostic::{Code, Diagnostic};
use crate::function;
use crate::plan::{self, Expr, Extension, Node, Planner, Target};
use crate::syntax::aggregation::{Aggregation, aggregations_or_bare};
use crate::syntax::field::{Field, fields};
use crate::syntax::option::Opt;
use crate::syntax::tokens::word;
use crate::syntax::{Parsed, Tokens};
use serde::Serialize;

static PARTITIONS: Opt<u64> = Opt::new("partitions", "1", "How many parts the work is cut into; it changes no result and is not needed here.").idle();
pub(super) static ALLNUM: Opt<bool> = Opt::new("allnum", "f", "Give numeric statistics only where every value is a number.");
static DELIM: Opt<String> = Opt::new("delim", " ", "What `nomv` puts between the values of list() and values() when it makes one text of them.");
pub(super) static DEDUP: Opt<bool> =
    Opt::with_aliases("dedup_splitvals", &["dedup_splitval"], "f", "Count a value that stands twice in a multivalue by-field once.");

pub const COMMAND: Command = Command {
    name: "stats",
    aliases: &[],
    kind: Kind::Transforming,
    summary: "Works out statistics over all rows, or over the rows of each combination of the by-fields.",
    syntax: "stats [partitions=<n>] [allnum=<bool>] [delim=<text>] <function>(<field>) [AS <name>] … [BY <field> … [dedup_splitvals=<bool>]]",
    options: &[&PARTITIONS.card, &ALLNUM.card, &DELIM.card, &DEDUP.card],
    examples: &[
        Example { spl: "| makeresults count=3 | stats count", shows: "without BY there is always one row" },
        Example { spl: "| makeresults count=3 | eval user=\"a\" | stats count min(_time) AS first BY user", shows: "one row a user" },
    ],
    support: Support::Full,
    parse,
    file: file!(),
};

/// What stats and eventstats wrote.
#[derive(Debug, Default, Serialize)]
pub struct Written {
    pub aggregations: Vec<Aggregation>,
    pub by: Vec<Field>,
    pub allnum: bool,
    /// Of `nomv`; empty where it is not given.
    delimiter: String,
    dedup: bool,
}

#[derive(Debug, Serialize)]
struct Stats(Written);

fn parse(i: Tokens<'_>) -> Parsed<'_, Box<dyn Stage>> {
    let (rest, written) = written(i)?;
    stage(rest, Stats(written))
}

/// Options, aggregations, the by-clause and options again, as shipped searches have them.
pub fn written(i: Tokens<'_>) -> Parsed<'_, Written> {
    let mut written = Written::default();
    let (rest, aggregations) = aggregations_or_bare(written.options(i)?)?;
    written.aggregations = aggregations;
    let mut rest = rest;
    if let Ok((after, _)) = word("BY")(rest) {
        (rest, written.by) = fields(&[])(after)?;
    }
    let rest = written.options(rest)?;
    Ok((rest, written))
}

impl Written {
    fn options<'a>(&mut self, mut i: Tokens<'a>) -> Result<Tokens<'a>, nom::Err<crate::syntax::Failure>> {
        let mut number = 0;
        loop {
            i = if let Some(rest) = PARTITIONS.read(i, &mut number)? {
                rest
            } else if let Some(rest) = ALLNUM.read(i, &mut self.allnum)? {
                rest
            } else if let Some(rest) = DEDUP.read(i, &mut self.dedup)? {
                rest
            } else if let Some(rest) = DELIM.read(i, &mut self.delimiter)? {
                rest
            } else {
                return Ok(i);
            };
        }
    }

    /// One row a group; rows may hold states to be merged.
    pub fn grouped(&self, planner: &mut Planner<'_>, input: Node) -> Result<Node, Diagnostic> {
        let mut aggregation = self.compile(planner)?;
        let input = planner.started(input);
        aggregation.merges = input.may_hold_states();
        let input = if self.dedup { distinct(input, &aggregation.by) } else { input };
        Ok(Node::Aggregate { input: Box::new(input), aggregation })
    }

    /// Compiled.
    pub fn compile(&self, planner: &mut Planner<'_>) -> Result<plan::Aggregation, Diagnostic> {
        let aliases = self.aggregations.iter().filter_map(|a| a.alias.as_ref());
        if let Some(alias) = aliases.into_iter().find(|a| self.by.iter().any(|by| by.name == a.name)) {
            return Err(Diagnostic::error(Code::ARGUMENTS, format!("`{0}` is a by-field already: a result of the same name would replace it", alias.name))
                .at(alias.span)
                .help("Give the result another name."));
        }
        whole_names(&self.by)?;
        let mut outputs = planner.outputs(&self.aggregations)?;
        outputs.iter_mut().for_each(|o| o.only_numbers = self.allnum);
        if !self.delimiter.is_empty() {
            let lists = outputs.iter().filter(|o| matches!(o.function.name, "list" | "values"));
            planner.delimiters.extend(lists.map(|o| (o.name.to_string(), self.delimiter.clone())));
        }
        Ok(plan::Aggregation {
            by: self.by.iter().map(|f| f.name.as_str().into()).collect(),
            outputs,
            keep_null: false,
            sorted: true,
            ..plan::Aggregation::default()
        })
    }
}

/// By-fields are called by their whole names: with a wildcard there would be no such field, and so no row.
pub(super) fn whole_names<'f>(by: impl IntoIterator<Item = &'f Field>) -> Result<(), Diagnostic> {
    match by.into_iter().find(|f| f.is_pattern() && !f.quoted) {
        None => Ok(()),
        Some(field) => {
            let error = Diagnostic::error(Code::WILDCARD, format!("`{}` has a wildcard, and fields to group by are called by their whole names", field.name));
            Err(error.at(field.span).help("Name each field; in quotes it is a field that is called so."))
        }
    }
}

impl Stage for Stats {
    fn plan(&self, planner: &mut Planner<'_>, input: Node) -> Result<Node, Diagnostic> {
        self.0.grouped(planner, input)
    }
}

/// `dedup_splitvals=t`: rows whose multivalues in the by-fields hold each value once.
pub(super) fn distinct(input: Node, by: &[Name]) -> Node {
    let Some(function) = function::find("mvdedup") else { return input };
    let step = |f: &Name| Extension::Assign { target: Target::Field(f.clone()), expr: Expr::call(function, vec![Expr::Field(f.clone())], None) };
    Node::Extend { input: Box::new(input), steps: by.iter().map(step).collect() }
}
