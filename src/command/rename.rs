//! rename: gives fields other names; a target that exists is replaced.

use super::{Command, Kind, Stage, stage};
use crate::card::{Example, Support};
use crate::diagnostic::Code;
use crate::diagnostic::Diagnostic;
use crate::plan::{FieldPattern, Node, Planner, Rename};
use crate::syntax::field::{Field, field};
use crate::syntax::tokens::{commas, word};
use crate::syntax::{Parsed, Tokens};
use nom::Parser;
use nom::multi::many1;
use serde::Serialize;

pub const COMMAND: Command = Command {
    name: "rename",
    aliases: &[],
    kind: Kind::Streaming,
    summary: "Gives fields other names; a target that exists is replaced.",
    syntax: "rename <field> AS <field> …",
    options: &[],
    examples: &[
        Example { spl: "| makeresults | eval a=1 | rename a AS \"my field\"", shows: "a name with a blank" },
        Example { spl: "| makeresults | eval x_a=1, x_b=2 | rename x_* AS *", shows: "wildcards carry over" },
    ],
    support: Support::Full,
    parse,
    file: file!(),
};

#[derive(Debug, Serialize)]
struct Renames {
    renames: Vec<(Field, Field)>,
}

fn parse(i: Tokens<'_>) -> Parsed<'_, Box<dyn Stage>> {
    let pair = |i| {
        let (rest, from) = field(i)?;
        let (rest, _) = word("AS")(rest)?;
        let (rest, to) = field(rest)?;
        let (rest, _) = commas(rest)?;
        Ok((rest, (from, to)))
    };
    let (rest, renames) = many1(pair).parse(i)?;
    stage(rest, Renames { renames })
}

impl Stage for Renames {
    fn plan(&self, planner: &mut Planner<'_>, input: Node) -> Result<Node, Diagnostic> {
        let stars = |f: &Field| f.name.matches('*').count();
        for (from, to) in &self.renames {
            if stars(from) != stars(to) {
                return Err(Diagnostic::error(Code::WILDCARD, format!("`{}` and `{}` have different numbers of wildcards", from.name, to.name))
                    .at(from.span.to(to.span))
                    .help("Each `*` on the left carries over to one on the right."));
            }
        }
        let renames = self.renames.iter().map(|(from, to)| Rename { from: FieldPattern::new(&from.name), to: to.name.clone() }).collect();
        Ok(Node::Rename { input: Box::new(planner.started(input)), renames })
    }
}
