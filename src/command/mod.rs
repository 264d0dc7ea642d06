//! SPL commands, one file each.
//!
//! Commands never execute. A command's file has the same five paragraphs in the same order: card, tree, parse, plan, tests. The
//! card says what the command is; `parse` reads a stage into the command's own tree; `plan` lowers the tree to plan nodes.

mod r#abstract;
mod accum;
mod addcoltotals;
mod addinfo;
mod addtotals;
mod analyzefields;
mod anomalies;
mod anomalousvalue;
mod anomalydetection;
mod append;
mod appendcols;
mod appendpipe;
mod arules;
mod associate;
mod autoregress;
mod bin;
mod bucketdir;
mod chart;
mod cluster;
mod cofilter;
mod collect;
mod concurrency;
mod contingency;
mod convert;
mod correlate;
mod datamodel;
mod datamodelsimple;
mod dedup;
mod delta;
mod diff;
mod erex;
mod eval;
mod eventcount;
mod eventstats;
mod expression;
mod extract;
mod fieldformat;
mod fields;
mod fieldsummary;
mod filldown;
mod filled;
mod fillnull;
mod findkeywords;
mod findtypes;
mod folderize;
mod foreach;
mod format;
mod from;
mod fromjson;
mod gauge;
mod gentimes;
mod geom;
mod geomfilter;
mod geostats;
mod head;
mod highlight;
mod inputcsv;
mod inputlookup;
mod iplocation;
mod join;
mod kmeans;
mod kvform;
mod loadjob;
mod localize;
mod localop;
mod lookup;
mod macro_call;
mod makecontinuous;
mod makemv;
mod makeresults;
mod map;
mod mcatalog;
mod metadata;
mod metasearch;
mod mstats;
mod multikv;
mod multisearch;
mod mvcombine;
mod mvexpand;
mod nomv;
mod outlier;
mod outputcsv;
mod outputlookup;
mod outputtext;
mod pivot;
mod planned;
mod predict;
mod prefix;
mod rangemap;
mod rare;
mod regex;
mod relevancy;
mod reltime;
mod rename;
mod replace;
mod require;
mod r#return;
mod reverse;
mod rex;
mod rtorder;
mod sample;
mod savedsearch;
mod scrub;
mod search;
mod searchtxn;
mod selfjoin;
mod series;
mod set;
mod setfields;
mod sort;
mod spath;
mod stats;
mod strcat;
mod streamstats;
mod sub;
mod summary;
mod table;
mod tags;
mod tail;
mod timechart;
mod timewrap;
mod tojson;
mod top;
mod transaction;
mod transpose;
mod trendline;
mod tscollect;
mod tstats;
mod typelearner;
mod typer;
mod union;
mod uniq;
mod untable;
mod r#where;
mod x11;
mod xmlkv;
mod xmlunescape;
mod xpath;
mod xyseries;

use crate::card::{Example, Support};
use crate::diagnostic::Diagnostic;
use crate::plan::{Node, Planner};
use crate::syntax::option::{OptCard, Slot, at_option, unknown_option};
use crate::syntax::tokens::commas;
use crate::syntax::{Failure, Parsed, Tokens};
pub use filled::Filled;
use serde::Serialize;
use std::fmt::Debug;

/// What a command does with rows, in Splunk's terms.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Kind {
    /// Row by row.
    Streaming,
    /// Rows become a table of results.
    Transforming,
    /// Makes rows; stands first.
    Generating,
    /// Needs all rows at once, and keeps them events.
    Dataset,
    /// Steers how the search runs.
    Orchestrating,
}

/// One command.
#[derive(Debug)]
pub struct Command {
    /// As typed, lower case.
    pub name: &'static str,
    /// Other spellings.
    pub aliases: &'static [&'static str],
    pub kind: Kind,
    /// One sentence: what it does.
    pub summary: &'static str,
    /// As in `head [<count>] [limit=<n>]`.
    pub syntax: &'static str,
    pub options: &'static [&'static OptCard],
    pub examples: &'static [Example],
    pub support: Support,
    pub parse: for<'a> fn(Tokens<'a>) -> Parsed<'a, Box<dyn Stage>>,
    /// `file!()`: where it is written.
    pub file: &'static str,
}

/// What a query wrote, in the command's own terms.
pub trait Stage: Debug + Send + Sync + Tree {
    /// Lowers the stage to plan nodes over its input.
    fn plan(&self, planner: &mut Planner<'_>, input: Node) -> Result<Node, Diagnostic>;

    /// The search expression that the stage is, for advice on it.
    fn search(&self) -> Option<&crate::syntax::ast::Search> {
        None
    }
}

/// The tree of a stage for `spl explain`.
pub trait Tree {
    /// As JSON.
    fn tree(&self) -> serde_json::Value;
}

impl<T: Serialize> Tree for T {
    fn tree(&self) -> serde_json::Value {
        serde_json::to_value(self).unwrap_or_default()
    }
}

/// A parsed stage, boxed, as `parse` functions return it.
pub fn stage<'a, T: Stage + 'static>(rest: Tokens<'a>, tree: T) -> Parsed<'a, Box<dyn Stage>> {
    Ok((rest, Box::new(tree)))
}

/// Reads one of a command's options, if one stands here: each slot is an option and the place for its value. A `name=` that none of them
/// claims is an error.
fn option<'a, const N: usize>(i: Tokens<'a>, command: &Command, mut slots: [Slot<'_>; N]) -> Result<Option<Tokens<'a>>, nom::Err<Failure>> {
    known(i, command, &mut slots)
}

/// Reads options until something else stands, with commas between them or none.
fn options<'a, const N: usize>(mut i: Tokens<'a>, command: &Command, mut slots: [Slot<'_>; N]) -> Result<Tokens<'a>, nom::Err<Failure>> {
    while !i.is_empty()
        && let Some(rest) = known(i, command, &mut slots)?
    {
        i = commas(rest)?.0;
    }
    Ok(i)
}

fn known<'a>(i: Tokens<'a>, command: &Command, slots: &mut [Slot<'_>]) -> Result<Option<Tokens<'a>>, nom::Err<Failure>> {
    match one_of(i, slots)? {
        None if at_option(i) => unknown_option(i, command.name, command.options).map(|(rest, ())| Some(rest)),
        read => Ok(read),
    }
}

/// Reads one of these options, where others may claim the `name=`, too.
fn one_of<'a>(i: Tokens<'a>, slots: &mut [Slot<'_>]) -> Result<Option<Tokens<'a>>, nom::Err<Failure>> {
    for slot in slots {
        if let Some(rest) = slot.read(i)? {
            return Ok(Some(rest));
        }
    }
    Ok(None)
}

/// The commands that are built, by name.
const BUILT: &[&Command] = &[
    &r#abstract::COMMAND,
    &accum::COMMAND,
    &addcoltotals::COMMAND,
    &addinfo::COMMAND,
    &addtotals::COMMAND,
    &analyzefields::COMMAND,
    &anomalies::COMMAND,
    &anomalousvalue::COMMAND,
    &anomalydetection::COMMAND,
    &append::COMMAND,
    &appendcols::COMMAND,
    &appendpipe::COMMAND,
    &arules::COMMAND,
    &associate::COMMAND,
    &autoregress::COMMAND,
    &bin::COMMAND,
    &bucketdir::COMMAND,
    &chart::COMMAND,
    &cluster::COMMAND,
    &cofilter::COMMAND,
    &collect::COMMAND,
    &concurrency::COMMAND,
    &contingency::COMMAND,
    &convert::COMMAND,
    &correlate::COMMAND,
    &datamodel::COMMAND,
    &datamodelsimple::COMMAND,
    &dedup::COMMAND,
    &delta::COMMAND,
    &diff::COMMAND,
    &erex::COMMAND,
    &eval::COMMAND,
    &eventcount::COMMAND,
    &eventstats::COMMAND,
    &extract::COMMAND,
    &fieldformat::COMMAND,
    &fields::COMMAND,
    &fieldsummary::COMMAND,
    &filldown::COMMAND,
    &fillnull::COMMAND,
    &findkeywords::COMMAND,
    &findtypes::COMMAND,
    &folderize::COMMAND,
    &foreach::COMMAND,
    &format::COMMAND,
    &from::COMMAND,
    &fromjson::COMMAND,
    &gauge::COMMAND,
    &gentimes::COMMAND,
    &geom::COMMAND,
    &geomfilter::COMMAND,
    &geostats::COMMAND,
    &head::COMMAND,
    &highlight::COMMAND,
    &highlight::ICONIFY,
    &inputcsv::COMMAND,
    &inputlookup::COMMAND,
    &iplocation::COMMAND,
    &join::COMMAND,
    &kmeans::COMMAND,
    &kvform::COMMAND,
    &loadjob::COMMAND,
    &localize::COMMAND,
    &localop::COMMAND,
    &localop::NOOP,
    &localop::REDISTRIBUTE,
    &lookup::COMMAND,
    &makecontinuous::COMMAND,
    &makemv::COMMAND,
    &makeresults::COMMAND,
    &map::COMMAND,
    &mcatalog::COMMAND,
    &metadata::COMMAND,
    &metasearch::COMMAND,
    &mstats::COMMAND,
    &multikv::COMMAND,
    &multisearch::COMMAND,
    &mvcombine::COMMAND,
    &mvexpand::COMMAND,
    &nomv::COMMAND,
    &outlier::COMMAND,
    &outputcsv::COMMAND,
    &outputlookup::COMMAND,
    &outputtext::COMMAND,
    &pivot::COMMAND,
    &predict::COMMAND,
    &rangemap::COMMAND,
    &rare::COMMAND,
    &regex::COMMAND,
    &relevancy::COMMAND,
    &reltime::COMMAND,
    &rename::COMMAND,
    &replace::COMMAND,
    &require::COMMAND,
    &r#return::COMMAND,
    &reverse::COMMAND,
    &rex::COMMAND,
    &rtorder::COMMAND,
    &sample::COMMAND,
    &savedsearch::COMMAND,
    &scrub::COMMAND,
    &search::COMMAND,
    &searchtxn::COMMAND,
    &selfjoin::COMMAND,
    &set::COMMAND,
    &setfields::COMMAND,
    &sort::COMMAND,
    &spath::COMMAND,
    &stats::COMMAND,
    &strcat::COMMAND,
    &streamstats::COMMAND,
    &summary::SICHART,
    &summary::SIRARE,
    &summary::SISTATS,
    &summary::SITIMECHART,
    &summary::SITOP,
    &table::COMMAND,
    &tags::COMMAND,
    &tail::COMMAND,
    &timechart::COMMAND,
    &timewrap::COMMAND,
    &tojson::COMMAND,
    &top::COMMAND,
    &transaction::COMMAND,
    &transpose::COMMAND,
    &trendline::COMMAND,
    &tscollect::COMMAND,
    &tstats::COMMAND,
    &typelearner::COMMAND,
    &typer::COMMAND,
    &union::COMMAND,
    &uniq::COMMAND,
    &untable::COMMAND,
    &r#where::COMMAND,
    &x11::COMMAND,
    &xmlkv::COMMAND,
    &xmlunescape::COMMAND,
    &xpath::COMMAND,
    &xyseries::COMMAND,
];

/// Every command.
pub fn all() -> impl Iterator<Item = &'static Command> {
    BUILT.iter().copied().chain(planned::LIST.iter().copied())
}

/// A command by name, any case.
pub fn find(name: &str) -> Option<&'static Command> {
    all().find(|c| c.name.eq_ignore_ascii_case(name) || c.aliases.iter().any(|a| a.eq_ignore_ascii_case(name)))
}

/// The search that a query begins with when it names no command.
pub fn implied_search() -> &'static Command {
    &search::COMMAND
}

/// A stage that is only a macro call which was not expanded.
pub fn unexpanded_macro() -> &'static Command {
    &macro_call::COMMAND
}
