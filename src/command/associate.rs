//! associate: fields whose values tell of each other.

use super::{Command, Kind, Stage, option, stage};
use crate::card::{Example, Support};
use crate::diagnostic::{Code, Diagnostic};
use crate::plan::study::Associated;
use crate::plan::{Node, Planner, Rework, Study};
use crate::syntax::field::{Field, field_but};
use crate::syntax::option::Opt;
use crate::syntax::tokens::commas;
use crate::syntax::{Parsed, Tokens};
use serde::Serialize;

static SUPCNT: Opt<u64> = Opt::new("supcnt", "100", "A value that fewer rows have is not looked at.");
static SUPFREQ: Opt<f64> = Opt::new("supfreq", "0.1", "A value that a smaller share of the rows has is not looked at.");
static IMPROV: Opt<f64> = Opt::new("improv", "0.5", "By how many bits the entropy must fall.");

pub const COMMAND: Command = Command {
    name: "associate",
    aliases: &[],
    kind: Kind::Transforming,
    summary: "Finds pairs of fields where a value of the one makes the other less uncertain, by the bits that its entropy falls.",
    syntax: "associate [supcnt=<n>] [supfreq=<n>] [improv=<n>] [<field> …]",
    options: &[&SUPCNT.card, &SUPFREQ.card, &IMPROV.card],
    examples: &[Example {
        spl: "| makeresults count=400 | streamstats count AS n | eval method=if(n%2==0, \"GET\", \"POST\"), status=if(n%2==0, 200, n%8) | associate method status",
        shows: "what `method=GET` tells of `status`",
    }],
    support: Support::Full,
    parse,
    file: file!(),
};

#[derive(Debug, Serialize)]
struct Tree {
    fields: Vec<Field>,
    least_count: u64,
    least_share: f64,
    improvement: f64,
}

fn parse(mut i: Tokens<'_>) -> Parsed<'_, Box<dyn Stage>> {
    let mut tree = Tree { fields: Vec::new(), least_count: 100, least_share: 0.1, improvement: 0.5 };
    while !i.is_empty() {
        i = if let Some(rest) = option(i, &COMMAND, [SUPCNT.to(&mut tree.least_count), SUPFREQ.to(&mut tree.least_share), IMPROV.to(&mut tree.improvement)])? {
            rest
        } else {
            let (rest, field) = field_but(&[])(i)?;
            if field.is_pattern() {
                let d = Diagnostic::error(Code::ARGUMENTS, "`associate` takes fields by their whole names").at(field.span);
                return i.fail(d.help("Write them out, without `*`."));
            }
            tree.fields.push(field);
            rest
        };
        i = commas(i)?.0;
    }
    stage(i, tree)
}

impl Stage for Tree {
    fn plan(&self, planner: &mut Planner<'_>, input: Node) -> Result<Node, Diagnostic> {
        let fields = self.fields.iter().map(|f| f.name.as_str().into()).collect();
        let study = Study::Associations(Associated { fields, least_count: self.least_count, least_share: self.least_share, improvement: self.improvement });
        Ok(Node::Rework { input: Box::new(planner.started(input)), rework: Rework::Study(study.into()) })
    }
}
