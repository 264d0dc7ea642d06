//! head: keeps the first rows, or those before an expression turns false.

use super::{Command, Kind, Stage, stage};
use crate::card::{Example, Support};
use crate::diagnostic::{Code, Diagnostic};
use crate::plan::{Limit, Node, Planner};
use crate::syntax::ast::Expr;
use crate::syntax::expr::expr;
use crate::syntax::option::{Opt, count};
use crate::syntax::{Parsed, Tokens};
use serde::Serialize;

static LIMIT: Opt<Option<u64>> = Opt::new("limit", "10", "How many rows to keep.");
static NULL: Opt<bool> = Opt::new("null", "f", "Go on where the expression is null.");
static KEEPLAST: Opt<bool> = Opt::new("keeplast", "f", "Keep the first row for which the expression is not true, too.");

pub const COMMAND: Command = Command {
    name: "head",
    aliases: &[],
    kind: Kind::Streaming,
    summary: "Keeps the first rows, or those before an expression turns false.",
    syntax: "head [<count>] [(<expression>)] [limit=<n>] [null=<bool>] [keeplast=<bool>]",
    options: &[&LIMIT.card, &NULL.card, &KEEPLAST.card],
    examples: &[
        Example { spl: "| makeresults count=30 | head 5", shows: "five rows" },
        Example { spl: "| makeresults count=3 | eval n=1 | head n<2", shows: "while an expression is true" },
    ],
    support: Support::Full,
    parse,
    file: file!(),
};

#[derive(Debug, Serialize)]
struct Head {
    count: Option<u64>,
    condition: Option<Expr>,
    null: bool,
    keep_last: bool,
}

fn parse(mut i: Tokens<'_>) -> Parsed<'_, Box<dyn Stage>> {
    let mut head = Head { count: None, condition: None, null: false, keep_last: false };
    while !i.is_empty() {
        if let Some(rest) = LIMIT.read(i, &mut head.count)? {
            i = rest;
        } else if let Some(rest) = NULL.read(i, &mut head.null)? {
            i = rest;
        } else if let Some(rest) = KEEPLAST.read(i, &mut head.keep_last)? {
            i = rest;
        } else if let (None, Ok((rest, n))) = (head.count, count(i)) {
            head.count = Some(n);
            i = rest;
        } else if head.condition.is_none() {
            let (rest, e) = expr(i)?;
            head.condition = Some(e);
            i = rest;
        } else {
            break;
        }
    }
    stage(i, head)
}

impl Stage for Head {
    fn plan(&self, planner: &mut Planner<'_>, input: Node) -> Result<Node, Diagnostic> {
        let limit = match &self.condition {
            None => Limit::Count(self.count.unwrap_or(10)),
            Some(e) => {
                let expr = planner.expr(e)?;
                if !expr.may_be_boolean() {
                    return Err(Diagnostic::error(
                        Code::ARGUMENTS,
                        format!("`head` takes a number of rows or a condition, not `{}`", planner.sources.slice(e.span)),
                    )
                    .at(e.span)
                    .help("Write a whole number from 0 up, as in `head 10`, or a condition, as in `head (x>1)`."));
                }
                Limit::While { expr, null: self.null, keep_last: self.keep_last, count: self.count }
            }
        };
        Ok(Node::Limit { input: Box::new(planner.started(input)), limit })
    }
}
