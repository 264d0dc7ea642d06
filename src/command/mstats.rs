//! mstats: statistics over metrics.

use super::tstats::grouped;
use super::{Command, Kind, Stage, stage};
use crate::card::{Example, Support};
use crate::diagnostic::{Code, Diagnostic};
use crate::plan::{Argument, Change, Conversion, Each, Extension, FieldPattern, Node, Planner, Predicate, Target, Test, planner};
use crate::syntax::aggregation::{Aggregation, aggregations};
use crate::syntax::ast::Search;
use crate::syntax::field::{Field, field_but};
use crate::syntax::option::{Opt, at_option, unknown_option};
use crate::syntax::search::search;
use crate::syntax::tokens::commas;
use crate::syntax::wanted::Want;
use crate::syntax::{Parsed, Tokens};
use serde::Serialize;

static CHART: Opt<bool> = Opt::new("chart", "f", "Give a chart instead of rows; not built.").lacking();
static PRESTATS: Opt<bool> = Opt::new("prestats", "f", "Hand the rows on for a stats, chart or timechart that follows, instead of results.");
static APPEND: Opt<bool> = Opt::new("append", "f", "Put the rows behind those that are there.");
static BACKFILL: Opt<bool> = Opt::new("backfill", "t", "Fill a real-time window with the past; there are none here.").idle();
static UPDATE_PERIOD: Opt<u64> = Opt::new("update_period", "0", "Milliseconds between updates of a real-time search; there are none here.").idle();
static CHUNK_SIZE: Opt<u64> = Opt::new("chunk_size", "10000000", "How much is read at a time; it changes no result.").idle();
static FILLNULL: Opt<Option<String>> = Opt::new("fillnull_value", "", "Stands for missing values of by-fields; rows without one are left out else.");
static SPAN: Opt<Option<String>> = Opt::new("span", "", "The length of time of a row; rows are by `_time` then.");
static EVERY: Opt<Option<String>> = Opt::new("every", "", "Take a span of time only so often; not built.").lacking();

pub const COMMAND: Command = Command {
    name: "mstats",
    aliases: &[],
    kind: Kind::Generating,
    summary: "Works out statistics over metrics: rows with `metric_name` and `_value`, or with fields `metric_name:<name>`.",
    syntax: "mstats [chart=<bool>] [prestats=<bool>] [append=<bool>] [backfill=<bool>] [update_period=<n>] [chunk_size=<n>] [fillnull_value=<text>] <function>(<metric>) [AS <name>] … [WHERE <search>] [BY <field> …] [span=<span>]",
    options: &[&CHART.card, &PRESTATS.card, &APPEND.card, &BACKFILL.card, &UPDATE_PERIOD.card, &CHUNK_SIZE.card, &FILLNULL.card, &SPAN.card, &EVERY.card],
    examples: &[Example { spl: "| mstats avg(cpu.user) AS cpu WHERE index=* BY host span=1h", shows: "the mean of a metric by host and hour" }],
    support: Support::Partial("chart=t and every= are not built"),
    parse,
    file: file!(),
};

#[derive(Debug, Default, Serialize)]
struct Mstats {
    chart: bool,
    prestats: bool,
    append: bool,
    fillnull: Option<String>,
    aggregations: Vec<Aggregation>,
    condition: Option<Search>,
    by: Vec<Field>,
    span: Option<String>,
    every: Option<String>,
}

fn parse(i: Tokens<'_>) -> Parsed<'_, Box<dyn Stage>> {
    let mut m = Mstats::default();
    let i = options(i, &mut m)?;
    if at_option(i) {
        return unknown_option(i, COMMAND.name, COMMAND.options);
    }
    let (rest, aggregations) = aggregations(i)?;
    m.aggregations = aggregations;
    let mut i = options(rest, &mut m)?;
    if i.at_word("WHERE") {
        let body = i.skip(1);
        let n = super::tstats::until_by(body, &["by", "groupby", "span", "every"]);
        let (rest, condition) = search(body.only(n))?;
        if !rest.is_empty() {
            return rest.miss(Want::SearchTerm);
        }
        m.condition = Some(condition);
        i = options(body.skip(n), &mut m)?;
    }
    if i.at_word("BY") || i.at_word("GROUPBY") {
        i = commas(i.skip(1))?.0;
        while m.by.is_empty() || !i.is_empty() {
            let read = options(i, &mut m)?;
            i = if i.until(&read) > 0 {
                read
            } else if at_option(i) {
                return unknown_option(i, COMMAND.name, COMMAND.options);
            } else {
                let (rest, name) = field_but(&[])(i)?;
                m.by.push(name);
                rest
            };
            i = commas(i)?.0;
        }
    }
    stage(i, m)
}

fn options<'a>(mut i: Tokens<'a>, m: &mut Mstats) -> Result<Tokens<'a>, nom::Err<crate::syntax::Failure>> {
    let (mut flag, mut number) = (false, 0);
    loop {
        i = if let Some(rest) = CHART.read(i, &mut m.chart)? {
            rest
        } else if let Some(rest) = PRESTATS.read(i, &mut m.prestats)? {
            rest
        } else if let Some(rest) = APPEND.read(i, &mut m.append)? {
            rest
        } else if let Some(rest) = FILLNULL.read(i, &mut m.fillnull)? {
            rest
        } else if let Some(rest) = SPAN.read(i, &mut m.span)? {
            rest
        } else if let Some(rest) = EVERY.read(i, &mut m.every)? {
            rest
        } else if let Some(rest) = BACKFILL.read(i, &mut flag)? {
            rest
        } else if let Some(rest) = [&UPDATE_PERIOD, &CHUNK_SIZE].iter().find_map(|o| o.read(i, &mut number).transpose()).transpose()? {
            rest
        } else {
            return Ok(i);
        };
        i = commas(i)?.0;
    }
}

impl Stage for Mstats {
    fn plan(&self, planner: &mut Planner<'_>, input: Node) -> Result<Node, Diagnostic> {
        let first = matches!(input, Node::Start);
        if !first && !self.append {
            return Err(
                Diagnostic::error(Code::PLACE, "`mstats` must stand first, or say `append=t`").help("Else put it into a subsearch: `| append [| mstats …]`.")
            );
        }
        if self.chart || self.every.is_some() {
            let what = if self.chart { "chart=t" } else { "every=" };
            return Err(Diagnostic::error(Code::KNOWN_NOT_BUILT, format!("`{what}` of `mstats` is known but not built yet"))
                .help("`| mstats prestats=t … | timechart …` makes a chart."));
        }
        let mut rows = planner.started(Node::Start);
        if let Some(condition) = &self.condition {
            rows = Node::Filter { input: Box::new(rows), predicate: planner.predicate(condition)? };
        }
        // A metric becomes a field of its name, whichever way the row has it.
        let value = planner::expression("_value", planner.knowledge, &planner.env)?;
        let named = Extension::Assign { target: Target::Dynamic(vec![(true, "metric_name".into())]), expr: value };
        let measures = Each {
            fields: vec![FieldPattern::new("metric_name:*")],
            except: Vec::new(),
            into: Some("*".into()),
            create: false,
            change: Change::Convert(Conversion::None),
        };
        rows = Node::Extend { input: Box::new(rows), steps: vec![Extension::Each(measures), named] };
        // Rows that have none of the metrics make no groups.
        let metrics: Option<Vec<Predicate>> = planner
            .outputs(&self.aggregations)?
            .iter()
            .map(|o| match &o.argument {
                Argument::Field(name) => Some(Predicate::Field { name: name.clone(), test: Test::Exists }),
                _ => None,
            })
            .collect();
        if let Some(any) = metrics {
            rows = Node::Filter { input: Box::new(rows), predicate: Predicate::Or(any) };
        }
        let mut by = self.by.clone();
        if self.span.is_some() && !by.iter().any(|f| f.name == "_time") {
            by.insert(0, Field { name: "_time".into(), quoted: false, span: planner.span });
        }
        let grouped = grouped(rows, &self.aggregations, &by, self.fillnull.as_deref(), self.span.as_deref(), self.prestats, planner)?;
        Ok(if first { grouped } else { Node::Union { inputs: vec![input, grouped] } })
    }
}

#[cfg(test)]
mod tests {
    use crate::operator::testing::run;

    #[test]
    fn metrics_in_either_form() {
        let rows = r#"[{"_time":10,"metric_name":"cpu.user","_value":"4","host":"a"},{"_time":3700,"metric_name":"cpu.user","_value":"6","host":"a"},{"_time":20,"metric_name:cpu.user":"8","metric_name:cpu.sys":"1","host":"b"},{"_time":1,"host":"c"}]"#;
        for (query, want) in [
            ("| mstats avg(cpu.user) AS m WHERE index=* OR host=*", r#"[{"m":6}]"#),
            ("| mstats count(cpu.user) as n max(cpu.sys) where host=* by host", r#"[{"host":"a","n":2},{"host":"b","n":1,"max(cpu.sys)":1}]"#),
            ("| mstats sum(cpu.user) as s span=1h where host=a", r#"[{"_time":0,"s":4},{"_time":3600,"s":6}]"#),
            ("| mstats sum(cpu.user) as s where host=a by host span=1h", r#"[{"_time":0,"host":"a","s":4},{"_time":3600,"host":"a","s":6}]"#),
            ("| mstats count(_value) where metric_name=cpu.user", r#"[{"count(_value)":2}]"#),
            ("| mstats max(cpu.*) as top.* where host=b", r#"[{"top.user":8,"top.sys":1}]"#),
            ("| mstats prestats=t count(cpu.user) span=1h chunk_size=1 backfill=t update_period=0 | stats count(cpu.user) as n", r#"[{"n":3}]"#),
            ("| mstats fillnull_value=none sum(cpu.user) as s by app", r#"[{"app":"none","s":18}]"#),
            ("| mstats sum(cpu.sys) as s | mstats append=t sum(cpu.user) as s", r#"[{"s":1},{"s":18}]"#),
        ] {
            assert_eq!(run(rows, query), want, "{query}");
        }
        for (query, want) in [
            ("| mstats", "expected"),
            ("| mstats chart=t avg(x)", "not built"),
            ("| mstats avg(x) by host every=5m", "not built"),
            ("| mstats avg(x) span=5x", "no span"),
            ("| mstats appendd=t avg(x)", "`append`"),
            ("* | mstats avg(x)", "must stand first"),
        ] {
            let got = run(rows, query);
            assert!(got.contains(want), "{query}: {got}");
        }
    }
}
