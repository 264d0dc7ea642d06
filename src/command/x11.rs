//! x11: a series without its season.

use super::{Command, Kind, Stage, stage};
use crate::card::{Example, Support};
use crate::diagnostic::{Code, Diagnostic};
use crate::plan::study::Adjust;
use crate::plan::{Node, Planner, Rework, Study};
use crate::syntax::aggregation::alias;
use crate::syntax::field::{Field, field};
use crate::syntax::tokens::symbol;
use crate::syntax::{Parsed, Tokens};
use serde::Serialize;

pub const COMMAND: Command = Command {
    name: "x11",
    aliases: &[],
    kind: Kind::Transforming,
    summary: "Takes the season out of a series by the X-11 method of the Census Bureau (1967), dividing (`mult`, the default) or subtracting (`add`); the period, in rows, is found where none is given. Extreme values count less, by the limits of 1.5 and 2.5 standard deviations.",
    syntax: "x11 [mult|add][<period>](<field>) [AS <name>]",
    options: &[],
    examples: &[
        Example { spl: "| makeresults count=60 | streamstats count AS n | eval x=100+n%7 | x11 add7(x) AS smooth", shows: "an even line" },
        Example { spl: "| makeresults count=60 | streamstats count AS n | eval x=100+n%7 | x11 mult(x)", shows: "the same with a season that is found" },
    ],
    support: Support::Full,
    parse,
    file: file!(),
};

#[derive(Debug, Serialize)]
struct Tree {
    ratios: bool,
    period: Option<usize>,
    field: Field,
    into: String,
}

fn parse(i: Tokens<'_>) -> Parsed<'_, Box<dyn Stage>> {
    let word = |i: Tokens<'_>| i.first().map_or(String::new(), |t| i.text(t).to_ascii_lowercase());
    let opens = |i: &Tokens<'_>, at: usize| i.peek(at).is_some_and(|t| t.is('('));
    let (mut rest, mut ratios, mut digits) = (i, true, String::new());
    // `mult`, `mult()`, `mult15` or `15`, then the field in parentheses; or the field alone.
    let name = word(rest);
    let kind = ["mult", "add"].into_iter().find_map(|kind| Some((kind, name.strip_prefix(kind)?))).filter(|(_, d)| d.chars().all(|c| c.is_ascii_digit()));
    let number = |at: usize| rest.peek(at).is_some_and(|t| rest.text(t).parse::<u64>().is_ok());
    let empty = opens(&rest, 1) && rest.peek(2).is_some_and(|t| t.is(')'));
    if let Some((kind, behind)) = kind.filter(|_| opens(&rest, 1) || number(1)) {
        ratios = kind == "mult";
        digits.push_str(behind);
        rest = rest.skip(if empty { 3 } else { 1 });
    }
    if opens(&rest, 1) && digits.is_empty() && word(rest).chars().all(|c| c.is_ascii_digit()) {
        digits = word(rest);
        rest = rest.skip(1);
    }
    let period = match digits.parse::<usize>() {
        Ok(period) if !(5..=1000).contains(&period) => {
            let d = Diagnostic::error(Code::ARGUMENTS, "the period of x11 is a whole number from 5 to 1000").at(i.span());
            return i.fail(d.help("Leave it out to have it found."));
        }
        Ok(period) => Some(period),
        Err(_) => None,
    };
    let (rest, field) = if rest.at_symbol('(') {
        let (rest, _) = symbol('(')(rest)?;
        let (rest, field) = field(rest)?;
        (symbol(')')(rest)?.0, field)
    } else {
        field(rest)?
    };
    let text = i.source_to(&rest);
    let (rest, name) = alias(rest)?;
    let into = name.map_or(if text == field.name { format!("x11({text})") } else { text }, |n| n.name);
    stage(rest, Tree { ratios, period, field, into })
}

impl Stage for Tree {
    fn plan(&self, planner: &mut Planner<'_>, input: Node) -> Result<Node, Diagnostic> {
        let study = Study::Adjust(Adjust { ratios: self.ratios, period: self.period, field: self.field.name.as_str().into(), into: self.into.as_str().into() });
        Ok(Node::Rework { input: Box::new(planner.started(input)), rework: Rework::Study(study.into()) })
    }
}
