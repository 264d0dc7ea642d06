//! geomfilter: only what lies within a rectangle of a map.

use super::geom::{SIDES, checked, side};
use super::{Command, Kind, Stage, stage};
use crate::card::{Example, Support};
use crate::diagnostic::Diagnostic;
use crate::plan::rework::Area;
use crate::plan::{Node, Planner, Rework};
use crate::syntax::option::{at_option, unknown_option};
use crate::syntax::tokens::commas;
use crate::syntax::wanted::Want;
use crate::syntax::{Parsed, Tokens};
use serde::Serialize;

pub const COMMAND: Command = Command {
    name: "geomfilter",
    aliases: &[],
    kind: Kind::Dataset,
    summary: "Cuts the outlines in `geom` at a rectangle, and leaves out rows of which nothing lies within; rows without an outline stay.",
    syntax: "geomfilter [min_x=<n>] [min_y=<n>] [max_x=<n>] [max_y=<n>]",
    options: &SIDES,
    examples: &[Example {
        spl: "| makeresults | eval state=\"Lab\" | geom rooms featureIdField=state | geomfilter min_x=-90 max_x=90",
        shows: "half of the world",
    }],
    support: Support::Full,
    parse,
    file: file!(),
};

#[derive(Debug, Serialize)]
struct Geomfilter {
    area: Area,
}

fn parse(start: Tokens<'_>) -> Parsed<'_, Box<dyn Stage>> {
    let mut area = Area::WORLD;
    let mut i = start;
    while !i.is_empty() {
        i = match side(i, &mut area)? {
            Some(rest) => rest,
            None if at_option(i) => return unknown_option(i, COMMAND.name, COMMAND.options),
            None => return i.miss(Want::End),
        };
        i = commas(i)?.0;
    }
    checked(start, i, area)?;
    stage(i, Geomfilter { area })
}

impl Stage for Geomfilter {
    fn plan(&self, planner: &mut Planner<'_>, input: Node) -> Result<Node, Diagnostic> {
        Ok(Node::Rework { input: Box::new(planner.started(input)), rework: Rework::Clip(self.area) })
    }
}
