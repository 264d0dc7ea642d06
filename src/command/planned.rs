//! Commands of Splunk's that are known but not built yet, and those that are never run here. They are listed so that a search
//! with them parses, and says what is missing.

use super::{Command, Kind, Stage, stage};
use crate::card::Support;
use crate::diagnostic::{Code, Diagnostic};
use crate::plan::{Node, Planner};
use crate::syntax::{Parsed, Tokens};
use serde::Serialize;

/// The commands.
pub const LIST: &[&Command] = &[];

#[derive(Debug, Serialize)]
struct Planned {
    text: String,
}

/// Takes whatever the stage holds.
pub fn parse(i: Tokens<'_>) -> Parsed<'_, Box<dyn Stage>> {
    let rest = i.skip(usize::MAX / 2);
    stage(rest, Planned { text: i.source_to(&rest) })
}

impl Stage for Planned {
    fn plan(&self, _: &mut Planner<'_>, _: Node) -> Result<Node, Diagnostic> {
        Err(Diagnostic::error(Code::KNOWN_NOT_BUILT, "this command is known but not built yet"))
    }
}

/// A card of a command that is not built.
pub const fn card(name: &'static str, kind: Kind, support: Support, summary: &'static str, syntax: &'static str) -> Command {
    Command { name, aliases: &[], kind, summary, syntax, options: &[], examples: &[], support, parse, file: file!() }
}
