//! sort: orders rows; equal ones stay as they were, missing values come last.

use super::{Command, Kind, Stage, stage};
use crate::card::{Example, Support};
use crate::column::compare::Collation;
use crate::diagnostic::Diagnostic;
use crate::plan::{Limit, Node, Planner, SortKey};
use crate::syntax::field::{Field, field};
use crate::syntax::option::{Opt, count};
use crate::syntax::tokens::{commas, symbol};
use crate::syntax::wanted::Want;
use crate::syntax::{Parsed, Tokens};
use nom::Parser;
use nom::combinator::opt;
use serde::Serialize;

static LIMIT: Opt<Option<u64>> = Opt::new("limit", "10000", "How many rows to keep; 0 for all.");

pub const COMMAND: Command = Command {
    name: "sort",
    aliases: &[],
    kind: Kind::Dataset,
    summary: "Orders rows; equal ones stay as they were, missing values come last.",
    syntax: "sort [<count>] [+|-] [num|str|ip|auto](<field>) … [desc]",
    options: &[&LIMIT.card],
    examples: &[
        Example { spl: "| makeresults count=3 | eval n=random() | sort - n", shows: "descending" },
        Example { spl: "| makeresults | eval ip=\"10.0.0.1\" | sort 0 ip(ip)", shows: "all rows, as addresses" },
    ],
    support: Support::Full,
    parse,
    file: file!(),
};

#[derive(Debug, Serialize)]
struct Sort {
    /// Rows to keep; 0 for all.
    limit: Option<u64>,
    keys: Vec<SortKey>,
}

fn parse(i: Tokens<'_>) -> Parsed<'_, Box<dyn Stage>> {
    let (mut rest, mut limit) = opt(count).parse(i)?;
    if let Some(next) = LIMIT.read(rest, &mut limit)? {
        rest = next;
    }
    let (rest, keys) = keys(rest)?;
    stage(rest, Sort { limit, keys })
}

/// Keys up to the end of the stage; at least one.
pub(super) fn keys(i: Tokens<'_>) -> Parsed<'_, Vec<SortKey>> {
    let (mut rest, _) = commas(i)?;
    let mut keys = Vec::new();
    // A sign with a blank behind it holds for all keys that follow.
    let mut all_descending = false;
    while !rest.is_empty() {
        if !keys.is_empty() && (rest.at_word("d") || rest.at_word("desc")) {
            rest = rest.skip(1);
            keys.iter_mut().for_each(|k: &mut SortKey| k.descending = !k.descending);
            break;
        }
        let sign = rest.at_symbol('-') || rest.at_symbol('+');
        let descending = rest.at_symbol('-');
        let apart = sign && rest.peek(1).is_some_and(|t| !t.glued);
        if sign {
            rest = rest.skip(1);
        }
        if apart {
            all_descending = descending;
        }
        let (next, (field, collation)) = key(rest)?;
        keys.push(SortKey { field: field.name.as_str().into(), descending: if sign { descending } else { all_descending }, collation });
        rest = commas(next)?.0;
    }
    if keys.is_empty() {
        return rest.miss(Want::Field);
    }
    Ok((rest, keys))
}

/// `field` or `num(field)`.
fn key(i: Tokens<'_>) -> Parsed<'_, (Field, Collation)> {
    let kinds = [("num", Collation::Number), ("str", Collation::Text), ("ip", Collation::Ip), ("auto", Collation::Auto)];
    for (name, collation) in kinds {
        if i.at_word(name) && i.peek(1).is_some_and(|t| t.is('(')) {
            let (rest, f) = field(i.skip(2))?;
            let (rest, _) = symbol(')')(rest)?;
            return Ok((rest, (f, collation)));
        }
    }
    let (rest, f) = field(i)?;
    Ok((rest, (f, Collation::Auto)))
}

impl Stage for Sort {
    fn plan(&self, planner: &mut Planner<'_>, input: Node) -> Result<Node, Diagnostic> {
        let sorted = |input: Node, limit| Node::Sort { input: Box::new(input), keys: self.keys.clone(), limit };
        let (input, ceiling) = (planner.started(input), planner.limits.sort);
        Ok(match self.limit {
            Some(0) => sorted(input, None),
            Some(n) => sorted(input, Some(n)),
            // One row more shows that there were more.
            None => Node::Limit { input: Box::new(sorted(input, ceiling.checked_add(1))), limit: Limit::Unasked { count: ceiling, what: COMMAND.name } },
        })
    }
}
