//! cofilter: how many users two items share.

use super::{Command, Kind, Stage, stage};
use crate::card::{Example, Support};
use crate::diagnostic::{Code, Diagnostic};
use crate::plan::{Node, Planner, Rework, Study};
use crate::syntax::field::{Field, field_but};
use crate::syntax::tokens::commas;
use crate::syntax::{Parsed, Tokens};
use serde::Serialize;

pub const COMMAND: Command = Command {
    name: "cofilter",
    aliases: &[],
    kind: Kind::Transforming,
    summary: "Counts for each pair of values of the second field (items) how many values of the first field (users) stand with both; pairs go by their items, and those without a common user are left out.",
    syntax: "cofilter <user field> <item field>",
    options: &[],
    examples: &[Example {
        spl: "| makeresults count=4 | streamstats count AS n | eval user=if(n<3, \"ann\", \"bob\"), file=if(n%2==1, \"a\", \"b\") | cofilter user file",
        shows: "both users have both files",
    }],
    support: Support::Full,
    parse,
    file: file!(),
};

#[derive(Debug, Serialize)]
struct Cofilter {
    user: Field,
    item: Field,
}

fn parse(i: Tokens<'_>) -> Parsed<'_, Box<dyn Stage>> {
    let (i, user) = field_but(&[])(commas(i)?.0)?;
    let (i, item) = field_but(&[])(commas(i)?.0)?;
    for field in [&user, &item] {
        if field.is_pattern() && !field.quoted {
            let d = Diagnostic::error(Code::ARGUMENTS, "`cofilter` takes fields by their whole names").at(field.span);
            return i.fail(d.help("Write them out, without `*`."));
        }
    }
    stage(i, Cofilter { user, item })
}

impl Stage for Cofilter {
    fn plan(&self, planner: &mut Planner<'_>, input: Node) -> Result<Node, Diagnostic> {
        let study = Study::Shared { user: self.user.name.as_str().into(), item: self.item.name.as_str().into() };
        Ok(Node::Rework { input: Box::new(planner.started(input)), rework: Rework::Study(study.into()) })
    }
}
