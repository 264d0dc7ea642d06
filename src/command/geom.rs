//! geom: the outlines of regions, for maps.

use super::{Command, Kind, Stage, stage};
use crate::card::{Example, Support};
use crate::diagnostic::{Code, Diagnostic, Span};
use crate::plan::rework::{Area, Outlines};
use crate::plan::{Node, Planner, Rework};
use crate::syntax::option::{Opt, OptCard, OptionValue, RawValue, at_option, raw_value, unknown_option};
use crate::syntax::tokens::commas;
use crate::syntax::wanted::Want;
use crate::syntax::{Failure, Parsed, Tokens};
use serde::Serialize;

static FEATURE_ID: Opt<String> = Opt::new("featureIdField", "featureId", "The field with the name of the region.");
static ALL: Opt<bool> = Opt::new("allFeatures", "f", "Add a row for each region that no row names; its numbers are 0.");
static GEN: Opt<Degrees> = Opt::new("gen", "0.1", "How far, in degrees, points may lie from the line without them to be left out; none is left out with 0.");
static MIN_X: Opt<f64> = Opt::new("min_x", "-180", "The west side of the area that outlines are cut at.");
static MIN_Y: Opt<f64> = Opt::new("min_y", "-90", "The south side of the area.");
static MAX_X: Opt<f64> = Opt::new("max_x", "180", "The east side of the area.");
static MAX_Y: Opt<f64> = Opt::new("max_y", "90", "The north side of the area.");

pub const COMMAND: Command = Command {
    name: "geom",
    aliases: &[],
    kind: Kind::Dataset,
    summary: "Adds `geom`, the outline of the region that a row names, as GeoJSON: from a geospatial lookup (`external_type=geo`), or a .kmz, .kml or .geojson file of that name in the lookups folder of an app.",
    syntax: "geom [<lookup>] [allFeatures=<bool>] [featureIdField=<field>] [gen=<n>] [min_x=<n>] [min_y=<n>] [max_x=<n>] [max_y=<n>]",
    options: &[&ALL.card, &FEATURE_ID.card, &GEN.card, &MIN_X.card, &MIN_Y.card, &MAX_X.card, &MAX_Y.card],
    examples: &[
        Example { spl: "| makeresults | eval state=\"Lab\", count=3 | geom rooms featureIdField=state", shows: "the outline of `Lab` in rooms.geojson" },
        Example { spl: "| makeresults | eval featureId=\"Lab\", featureCollection=\"rooms\" | geom", shows: "as a geospatial lookup names both" },
    ],
    support: Support::Full,
    parse,
    file: file!(),
};

/// From 0 up.
#[derive(Clone, Copy, Debug, Serialize)]
struct Degrees(f64);

impl OptionValue for Degrees {
    fn read(text: &str) -> Result<Degrees, &'static str> {
        f64::read(text).ok().filter(|n| *n >= 0.0 && n.is_finite()).map(Degrees).ok_or("a number of degrees, from 0 up")
    }
}

#[derive(Debug, Serialize)]
struct Geom {
    collection: Option<String>,
    #[serde(skip)]
    span: Span,
    id: String,
    all: bool,
    tolerance: Degrees,
    area: Area,
}

/// The cards of the area's sides.
pub(super) const SIDES: [&OptCard; 4] = [&MIN_X.card, &MIN_Y.card, &MAX_X.card, &MAX_Y.card];

/// Reads one side of an area.
pub(super) fn side<'a>(i: Tokens<'a>, area: &mut Area) -> Result<Option<Tokens<'a>>, nom::Err<Failure>> {
    let Area { min_x, min_y, max_x, max_y } = area;
    for (option, into) in [(&MIN_X, min_x), (&MIN_Y, min_y), (&MAX_X, max_x), (&MAX_Y, max_y)] {
        if let Some(rest) = option.read(i, into)? {
            return Ok(Some(rest));
        }
    }
    Ok(None)
}

/// An area that has no inside, or lies outside of the world, is a slip.
pub(super) fn checked<'a>(start: Tokens<'a>, end: Tokens<'a>, area: Area) -> Parsed<'a, ()> {
    let on_earth = [area.min_x, area.max_x].iter().all(|x| (-180.0..=180.0).contains(x)) && [area.min_y, area.max_y].iter().all(|y| (-90.0..=90.0).contains(y));
    if on_earth && area.min_x < area.max_x && area.min_y < area.max_y {
        return Ok((end, ()));
    }
    let d = Diagnostic::error(Code::OPTION_VALUE, "the sides of the area do not go together").at(start.span_to(&end));
    start.fail(d.help("`min_x` and `max_x` lie between -180 and 180, `min_y` and `max_y` between -90 and 90, and the least one is less."))
}

fn parse(start: Tokens<'_>) -> Parsed<'_, Box<dyn Stage>> {
    let mut g = Geom { collection: None, span: Span::default(), id: FEATURE_ID.card.default.into(), all: false, tolerance: Degrees(0.1), area: Area::WORLD };
    let mut i = start;
    while !i.is_empty() {
        i = if let Some(rest) = FEATURE_ID.read(i, &mut g.id)? {
            rest
        } else if let Some(rest) = ALL.read(i, &mut g.all)? {
            rest
        } else if let Some(rest) = GEN.read(i, &mut g.tolerance)? {
            rest
        } else if let Some(rest) = side(i, &mut g.area)? {
            rest
        } else if at_option(i) {
            return unknown_option(i, COMMAND.name, COMMAND.options);
        } else if g.collection.is_none() {
            let (rest, RawValue { text, span, .. }) = raw_value(i)?;
            (g.collection, g.span) = (Some(text), span);
            rest
        } else {
            return i.miss(Want::End);
        };
        i = commas(i)?.0;
    }
    checked(start, i, g.area)?;
    if g.all && g.collection.is_none() {
        return i.miss(Want::Lookup);
    }
    stage(i, g)
}

impl Stage for Geom {
    fn plan(&self, planner: &mut Planner<'_>, input: Node) -> Result<Node, Diagnostic> {
        if let Some(name) = &self.collection {
            planner.knowledge.features(name).map_err(|d| d.at(self.span))?;
        }
        let outlines =
            Outlines { collection: self.collection.clone(), id: self.id.as_str().into(), all: self.all, tolerance: self.tolerance.0, area: self.area };
        Ok(Node::Rework { input: Box::new(planner.started(input)), rework: Rework::Outlines(outlines) })
    }
}
