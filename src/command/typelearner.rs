//! typelearner: searches that could be event types, for groups by a field.

use super::findtypes::EVENTS;
use super::{Command, Kind, Stage, option, stage};
use crate::card::{Example, Support};
use crate::diagnostic::Diagnostic;
use crate::plan::study::Types;
use crate::plan::{Node, Planner, Rework, Study};
use crate::syntax::field::{Field, field_but};
use crate::syntax::option::Opt;
use crate::syntax::tokens::commas;
use crate::syntax::{Parsed, Tokens};
use serde::Serialize;

static MAXLEN: Opt<i64> = Opt::new("maxlen", "15", "How many characters of the field's value make a group; all with a number below 0.");

pub const COMMAND: Command = Command {
    name: "typelearner",
    aliases: &[],
    kind: Kind::Transforming,
    summary: "Proposes searches that could be event types: events are grouped by a field, by default by the punctuation of their text. `findtypes` is its successor. A group's search is made of the words that all of its events have, which stand for a server's own way: that is not published.",
    syntax: "typelearner [<field>] [maxlen=<n>]",
    options: &[&MAXLEN.card],
    examples: &[Example {
        spl: "| makeresults count=6 | streamstats count AS n | eval _raw=if(n%3==0, \"disk full\", \"login failed: user=\".n) | typelearner maxlen=5",
        shows: "two searches",
    }],
    support: Support::Full,
    parse,
    file: file!(),
};

#[derive(Debug, Serialize)]
struct Tree {
    field: Option<Field>,
    length: i64,
}

fn parse(mut i: Tokens<'_>) -> Parsed<'_, Box<dyn Stage>> {
    let mut tree = Tree { field: None, length: 15 };
    while !i.is_empty() {
        i = if let Some(rest) = option(i, &COMMAND, [MAXLEN.to(&mut tree.length)])? {
            rest
        } else if tree.field.is_none() {
            let (rest, field) = field_but(&[])(i)?;
            tree.field = Some(field);
            rest
        } else {
            break;
        };
        i = commas(i)?.0;
    }
    stage(i, tree)
}

impl Stage for Tree {
    fn plan(&self, planner: &mut Planner<'_>, input: Node) -> Result<Node, Diagnostic> {
        // Punctuation is worked out from the text: it is no field of the events here.
        let field = self.field.as_ref().filter(|f| f.name != "punct").map(|f| f.name.as_str().into());
        let length = usize::try_from(self.length).unwrap_or(usize::MAX);
        let study = Study::Types(Types { field, length, most: usize::MAX, phrases: false, only_uncovered: false, events: EVENTS });
        Ok(Node::Rework { input: Box::new(planner.started(input)), rework: Rework::Study(study.into()) })
    }
}
