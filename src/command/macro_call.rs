//! A stage that is only a macro call which was not expanded: the grammar accepts it for the formatter and the editor.

use super::{Command, Kind, Stage, stage};
use crate::card::Support;
use crate::diagnostic::{Code, Diagnostic};
use crate::plan::{Node, Planner};
use crate::syntax::{Parsed, Tokens};
use serde::Serialize;

pub const COMMAND: Command = Command {
    name: "`macro`",
    aliases: &[],
    kind: Kind::Streaming,
    summary: "A macro call that was not expanded.",
    syntax: "`<macro>`",
    options: &[],
    examples: &[],
    support: Support::Full,
    parse,
    file: file!(),
};

#[derive(Debug, Serialize)]
struct MacroCall {
    text: String,
}

fn parse(i: Tokens<'_>) -> Parsed<'_, Box<dyn Stage>> {
    let rest = i.skip(usize::MAX / 2);
    stage(rest, MacroCall { text: i.source_to(&rest) })
}

impl Stage for MacroCall {
    fn plan(&self, _: &mut Planner<'_>, _: Node) -> Result<Node, Diagnostic> {
        Err(Diagnostic::error(Code::UNKNOWN_MACRO, format!("the macro {} was not expanded", self.text)))
    }
}
