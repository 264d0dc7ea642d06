//! trendline: moving averages.

use super::{Command, Kind, Stage, stage};
use crate::card::{Example, Support};
use crate::diagnostic::{Code, Diagnostic, did_you_mean};
use crate::plan::{Average, Node, Planner, Running, Trend};
use crate::syntax::aggregation::alias;
use crate::syntax::field::{Field, field};
use crate::syntax::tokens::{commas, symbol};
use crate::syntax::wanted::Want;
use crate::syntax::{Parsed, Tokens};
use serde::Serialize;

pub const COMMAND: Command = Command {
    name: "trendline",
    aliases: &[],
    kind: Kind::Streaming,
    summary: "Gives moving averages of numeric fields: simple, exponential or weighted, from the row on at which the period is full. The exponential one is `a × before + (1 - a) × value` with `a = 2 / (period + 1)`, as Splunk's reference has it, and begins with the first value.",
    syntax: "trendline sma|ema|wma<period>(<field>) [AS <name>] …",
    options: &[],
    examples: &[
        Example { spl: "| makeresults count=5 | streamstats count AS n | trendline sma3(n)", shows: "the mean of the last three rows in `sma3(n)`" },
        Example { spl: "| makeresults count=5 | streamstats count AS n | trendline ema2(n) AS smooth wma2(n) AS weighted", shows: "two averages" },
    ],
    support: Support::Full,
    parse,
    file: file!(),
};

#[derive(Debug, Serialize)]
struct Trendline(Vec<One>);

#[derive(Debug, Serialize)]
struct One {
    kind: Average,
    period: usize,
    field: Field,
    alias: Option<Field>,
    text: String,
}

fn parse(i: Tokens<'_>) -> Parsed<'_, Box<dyn Stage>> {
    let mut rest = i;
    let mut all = Vec::new();
    while !rest.is_empty() {
        let (next, one) = one(rest)?;
        all.push(one);
        rest = commas(next)?.0;
    }
    if all.is_empty() { rest.miss(Want::Aggregate) } else { stage(rest, Trendline(all)) }
}

fn one(i: Tokens<'_>) -> Parsed<'_, One> {
    let Some(t) = i.first().filter(|_| i.peek(1).is_some_and(|t| t.is('('))) else { return i.miss(Want::Aggregate) };
    let name = i.text(t).to_ascii_lowercase();
    let (kind, period) = name.split_at_checked(3).unwrap_or((&name, ""));
    let kind = match kind {
        "sma" => Average::Simple,
        "ema" => Average::Exponential,
        "wma" => Average::Weighted,
        _ => {
            let d = Diagnostic::error(Code::UNKNOWN_FUNCTION, format!("trendline has no average `{name}`")).at(t.span);
            let help = did_you_mean(kind, ["sma", "ema", "wma"]).unwrap_or_else(|| "Its averages are `sma`, `ema` and `wma`.".into());
            return i.fail(d.help(help));
        }
    };
    let Some(period) = period.parse::<usize>().ok().filter(|p| (2..=10_000).contains(p)) else {
        let d = Diagnostic::error(Code::ARGUMENTS, "the period of an average is a whole number from 2 to 10000").at(t.span);
        return i.fail(d.help("Write it behind the name, as in `sma5(count)`."));
    };
    let (rest, _) = symbol('(')(i.skip(1))?;
    let (rest, field) = field(rest)?;
    let (rest, _) = symbol(')')(rest)?;
    let text = i.source_to(&rest);
    let (rest, alias) = alias(rest)?;
    Ok((rest, One { kind, period, field, alias, text }))
}

impl Stage for Trendline {
    fn plan(&self, planner: &mut Planner<'_>, input: Node) -> Result<Node, Diagnostic> {
        let trend = |o: &One| Trend {
            kind: o.kind,
            period: o.period,
            field: o.field.name.as_str().into(),
            into: o.alias.as_ref().map_or(o.text.as_str(), |a| a.name.as_str()).into(),
        };
        Ok(Node::Running { input: Box::new(planner.started(input)), running: Running::Trends(self.0.iter().map(trend).collect()) })
    }
}
