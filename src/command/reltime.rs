//! reltime: how long ago, in words.

use super::expression::{call, field, number, operator, text};
use super::{Command, Kind, Stage, options, stage};
use crate::card::{Example, Support};
use crate::diagnostic::Diagnostic;
use crate::plan::{Extension, Node, Planner, Target};
use crate::syntax::ast::Expr;
use crate::syntax::option::Opt;
use crate::syntax::{Parsed, Tokens};
use serde::Serialize;

static TIMEFIELD: Opt<Option<String>> = Opt::new("timefield", "_time", "The field, or fields with commas between and in quotes, that hold times.");
static PREFIX: Opt<Option<String>> = Opt::new(
    "prefix",
    "",
    "What stands before a field's name in the name of the new field; without it the new field is `reltime`, or `reltime_<field>` for several.",
);

pub const COMMAND: Command = Command {
    name: "reltime",
    aliases: &[],
    kind: Kind::Streaming,
    summary: "Adds how long ago a time was, in words of its largest unit: `5 days ago`; times to come read `in 5 days`.",
    syntax: "reltime [timefield=<field>] [prefix=<text>]",
    options: &[&TIMEFIELD.card, &PREFIX.card],
    examples: &[
        Example { spl: "| makeresults | eval _time=now()-7200 | reltime", shows: "2 hours ago" },
        Example { spl: "| makeresults | eval seen=now()-90 | reltime timefield=seen prefix=ago_", shows: "`ago_seen` holds 1 minute ago" },
    ],
    support: Support::Full,
    parse,
    file: file!(),
};

#[derive(Debug, Serialize)]
struct Reltime {
    fields: Option<String>,
    prefix: Option<String>,
}

fn parse(mut i: Tokens<'_>) -> Parsed<'_, Box<dyn Stage>> {
    let (mut fields, mut prefix) = (None, None);
    i = options(i, &COMMAND, [TIMEFIELD.to(&mut fields), PREFIX.to(&mut prefix)])?;
    stage(i, Reltime { fields, prefix })
}

/// Months have 30 days and years 365.
const UNITS: [(&str, f64); 6] = [("year", 31_536_000.0), ("month", 2_592_000.0), ("day", 86_400.0), ("hour", 3600.0), ("minute", 60.0), ("second", 1.0)];

/// `case(away>=60, floor(away/60)." minutes", …)` with `ago` behind or `in` before.
fn words(name: &str) -> Expr {
    let past = || operator("-", [call("now", []), field(name)]);
    let away = || call("abs", [past()]);
    let count = |unit: f64| call("floor", [operator("/", [away(), number(unit)])]);
    let amount = UNITS.iter().flat_map(|(unit, seconds)| {
        let many = call("if", [operator("==", [count(*seconds), number(1.0)]), text(unit), text(&format!("{unit}s"))]);
        [operator(">=", [away(), number(*seconds)]), operator(".", [count(*seconds), text(" "), many])]
    });
    let amount = || call("case", amount.clone());
    let ago = operator(".", [amount(), text(" ago")]);
    let to_come = operator(".", [text("in "), amount()]);
    call("case", [operator("<", [away(), number(1.0)]), text("now"), operator(">", [past(), number(0.0)]), ago, call("true", []), to_come])
}

impl Stage for Reltime {
    fn plan(&self, planner: &mut Planner<'_>, input: Node) -> Result<Node, Diagnostic> {
        let written = self.fields.as_deref().unwrap_or("_time");
        let fields: Vec<&str> = written.split(',').map(str::trim).filter(|f| !f.is_empty()).collect();
        let target = |name: &str| match &self.prefix {
            Some(prefix) => format!("{prefix}{name}"),
            None if fields.len() == 1 => "reltime".into(),
            None => format!("reltime_{name}"),
        };
        let step = |name: &&str| Ok(Extension::Assign { target: Target::Field(target(name).into()), expr: planner.expr(&words(name))? });
        let steps = fields.iter().map(step).collect::<Result<Vec<_>, Diagnostic>>()?;
        Ok(Node::Extend { input: Box::new(planner.started(input)), steps })
    }
}
