//! autoregress: values of earlier rows beside the present ones.

use super::{Command, Kind, Stage, stage};
use crate::card::{Example, Support};
use crate::diagnostic::{Code, Diagnostic};
use crate::plan::{Node, Planner, Running};
use crate::syntax::aggregation::alias;
use crate::syntax::field::{Field, field_but};
use crate::syntax::option::{Opt, OptionValue, at_option, unknown_option};
use crate::syntax::{Parsed, Tokens};
use serde::Serialize;

static P: Opt<Back> = Opt::new("p", "1", "How many rows back the value is taken from; several with a range such as `2-4`.");

/// Splunk looks back no further.
const MOST: usize = 1000;

pub const COMMAND: Command = Command {
    name: "autoregress",
    aliases: &[],
    kind: Kind::Streaming,
    summary: "Copies values of earlier rows into the present one, under the name `<field>_p<n>` where no other is given.",
    syntax: "autoregress <field> [AS <name>] [p=<n>[-<n>]]",
    options: &[&P.card],
    examples: &[
        Example { spl: "| makeresults count=3 | streamstats count AS n | autoregress n AS before", shows: "the value of the row before" },
        Example { spl: "| makeresults count=5 | streamstats count AS n | autoregress n p=2-3", shows: "`n_p2` and `n_p3`" },
    ],
    support: Support::Full,
    parse,
    file: file!(),
};

/// From so many rows back to so many.
#[derive(Clone, Copy, Debug, Serialize)]
struct Back(usize, usize);

impl OptionValue for Back {
    fn read(text: &str) -> Result<Back, &'static str> {
        let wanted = "a number from 1 to 1000, or a range such as `2-4`";
        let number = |t: &str| t.trim().parse::<usize>().ok().filter(|n| (1..=MOST).contains(n)).ok_or(wanted);
        match text.split_once('-') {
            None => number(text).map(|n| Back(n, n)),
            Some((from, to)) => Ok(Back(number(from)?, number(to)?)).and_then(|b: Back| if b.0 <= b.1 { Ok(b) } else { Err(wanted) }),
        }
    }
}

#[derive(Debug, Serialize)]
struct Autoregress {
    field: Field,
    alias: Option<Field>,
    p: Back,
}

fn parse(i: Tokens<'_>) -> Parsed<'_, Box<dyn Stage>> {
    let mut p = Back(1, 1);
    let i = P.read(i, &mut p)?.unwrap_or(i);
    let (rest, field) = if at_option(i) { return unknown_option(i, COMMAND.name, COMMAND.options) } else { field_but(&["AS"])(i)? };
    let rest = P.read(rest, &mut p)?.unwrap_or(rest);
    let (rest, alias) = alias(rest)?;
    let rest = P.read(rest, &mut p)?.unwrap_or(rest);
    stage(rest, Autoregress { field, alias, p })
}

impl Stage for Autoregress {
    fn plan(&self, planner: &mut Planner<'_>, input: Node) -> Result<Node, Diagnostic> {
        let Back(from, to) = self.p;
        let into = match &self.alias {
            Some(alias) if from == to => vec![(from, alias.name.as_str().into())],
            Some(alias) if alias.is_pattern() => {
                return Err(Diagnostic::error(Code::WILDCARD, format!("`{}` has a wildcard, but names one field", alias.name)).at(alias.span));
            }
            // One name cannot hold several values: it stands before the number.
            alias => {
                let name = alias.as_ref().unwrap_or(&self.field);
                (from..=to).map(|n| (n, format!("{}_p{n}", name.name).into())).collect()
            }
        };
        Ok(Node::Running { input: Box::new(planner.started(input)), running: Running::Earlier { field: self.field.name.as_str().into(), into } })
    }
}
