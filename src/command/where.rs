//! where: keeps the rows for which an eval expression is true.

use super::{Command, Kind, Stage, stage};
use crate::card::{Example, Support};
use crate::diagnostic::{Code, Diagnostic};
use crate::plan::{Node, Planner, Predicate};
use crate::syntax::ast::Expr;
use crate::syntax::expr::whole;
use crate::syntax::{Parsed, Tokens};
use serde::Serialize;

pub const COMMAND: Command = Command {
    name: "where",
    aliases: &[],
    kind: Kind::Streaming,
    summary: "Keeps the rows for which an eval expression is true; an unquoted right side is a field, and case counts.",
    syntax: "where <eval-expression>",
    options: &[],
    examples: &[
        Example { spl: "| makeresults count=3 | eval n=2 | where n > 1 AND isnotnull(n)", shows: "a condition over fields" },
        Example { spl: "| makeresults | eval path=\"C:\\\\Windows\\\\x.exe\" | where like(path, \"C:%.exe\")", shows: "wildcards by like()" },
    ],
    support: Support::Full,
    parse,
    file: file!(),
};

#[derive(Debug, Serialize)]
struct Where {
    condition: Expr,
}

fn parse(i: Tokens<'_>) -> Parsed<'_, Box<dyn Stage>> {
    let (rest, condition) = whole(i)?;
    stage(rest, Where { condition })
}

impl Stage for Where {
    fn plan(&self, planner: &mut Planner<'_>, input: Node) -> Result<Node, Diagnostic> {
        let expr = planner.expr(&self.condition)?;
        if !expr.may_be_boolean() {
            let warning = Diagnostic::warning(Code::ARGUMENTS, "this is no condition, so no row passes").at(self.condition.span);
            planner.warnings.push(warning.help("Compare it, as in `where x=1`, or test it, as in `where isnotnull(x)`; for search terms use `search`."));
        }
        let predicate = Predicate::Expr(expr);
        Ok(Node::Filter { input: Box::new(planner.started(input)), predicate })
    }
}
