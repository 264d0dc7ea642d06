//! arules: values that imply others.

use super::{Command, Kind, Stage, option, stage};
use crate::card::{Example, Support};
use crate::diagnostic::{Code, Diagnostic};
use crate::plan::study::Rules;
use crate::plan::{Node, Planner, Rework, Study};
use crate::syntax::field::{Field, field_but};
use crate::syntax::option::Opt;
use crate::syntax::tokens::commas;
use crate::syntax::wanted::Want;
use crate::syntax::{Parsed, Tokens};
use serde::Serialize;

static SUP: Opt<u64> = Opt::new("sup", "3", "Values that fewer rows have together do not count.");
static CONF: Opt<f64> = Opt::new("conf", ".5", "The least strength.");

pub const COMMAND: Command = Command {
    name: "arules",
    aliases: &[],
    kind: Kind::Transforming,
    summary: "Finds values of fields that imply values of other fields: `Strength` is the share of the rows with the given values that have the implied ones too.",
    syntax: "arules [sup=<n>] [conf=<n>] <field> <field> …",
    options: &[&SUP.card, &CONF.card],
    examples: &[Example {
        spl: "| makeresults count=9 | streamstats count AS n | eval a=n%3, b=if(a==1, \"x\", \"y\") | arules a b",
        shows: "`a=1` implies `b=x`",
    }],
    support: Support::Full,
    parse,
    file: file!(),
};

#[derive(Debug, Serialize)]
struct Tree {
    fields: Vec<Field>,
    support: u64,
    confidence: f64,
}

fn parse(mut i: Tokens<'_>) -> Parsed<'_, Box<dyn Stage>> {
    let mut tree = Tree { fields: Vec::new(), support: 3, confidence: 0.5 };
    while !i.is_empty() {
        i = if let Some(rest) = option(i, &COMMAND, [SUP.to(&mut tree.support), CONF.to(&mut tree.confidence)])? {
            rest
        } else {
            let (rest, field) = field_but(&[])(i)?;
            if field.is_pattern() {
                let d = Diagnostic::error(Code::ARGUMENTS, "`arules` takes fields by their whole names").at(field.span);
                return i.fail(d.help("Write them out, without `*`."));
            }
            tree.fields.push(field);
            rest
        };
        i = commas(i)?.0;
    }
    if tree.fields.len() < 2 {
        return i.miss(Want::Field);
    }
    stage(i, tree)
}

impl Stage for Tree {
    fn plan(&self, planner: &mut Planner<'_>, input: Node) -> Result<Node, Diagnostic> {
        let fields = self.fields.iter().map(|f| f.name.as_str().into()).collect();
        let study = Study::Rules(Rules { fields, support: self.support, confidence: self.confidence });
        Ok(Node::Rework { input: Box::new(planner.started(input)), rework: Rework::Study(study.into()) })
    }
}
