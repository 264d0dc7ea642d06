//! mstats: statistics over metrics.

use super::chart::with_values;
use super::series::Options as Columns;
use super::tstats::grouped;
use super::{Command, Kind, Stage, stage};
use crate::card::{Example, Support};
use crate::column::Name;
use crate::diagnostic::{Code, Diagnostic};
use crate::function::operator;
use crate::plan::{
    self, BinSpan, Buckets, Change, Conversion, Each, Expr, Extension, FieldPattern, Node, Pivot, Planner, Predicate, Rework, Series, Target, Test, planner,
};
use crate::syntax::aggregation::{Aggregation, Argument, aggregations};
use crate::syntax::ast::Search;
use crate::syntax::field::{Field, field_but};
use crate::syntax::option::{Opt, at_option, unknown_option};
use crate::syntax::search::search;
use crate::syntax::tokens::commas;
use crate::syntax::wanted::Want;
use crate::syntax::{Parsed, Tokens};
use crate::time::Span;
use crate::time::unit::{Length, Unit};
use serde::Serialize;

static CHART: Opt<bool> = Opt::new("chart", "f", "Give a chart as timechart does with a span, as chart does without one.");
static LIMIT: Opt<String> = Opt::new("chart.limit", "top10", "How many columns to keep, as in chart.");
static AGG: Opt<String> = Opt::new("chart.agg", "sum", "What of a column's cells decides whether it is kept, as in chart.");
static USENULL: Opt<bool> = Opt::new("chart.usenull", "t", "Give rows without a value a column.");
static USEOTHER: Opt<bool> = Opt::new("chart.useother", "t", "Put the values that are not kept into one more column.");
static NULLSTR: Opt<String> = Opt::new("chart.nullstr", "NULL", "The name of the column of rows without a value.");
static OTHERSTR: Opt<String> = Opt::new("chart.otherstr", "OTHER", "The name of the column of the values that are not kept.");
static PRESTATS: Opt<bool> = Opt::new("prestats", "f", "Hand the rows on for a stats, chart or timechart that follows, instead of results.");
static APPEND: Opt<bool> = Opt::new("append", "f", "Put the rows behind those that are there.");
static BACKFILL: Opt<bool> = Opt::new("backfill", "t", "Fill a real-time window with the past; there are none here.").idle();
static UPDATE_PERIOD: Opt<u64> = Opt::new("update_period", "0", "Milliseconds between updates of a real-time search; there are none here.").idle();
static CHUNK_SIZE: Opt<u64> = Opt::new("chunk_size", "10000000", "How much is read at a time; it changes no result.").idle();
static FILLNULL: Opt<Option<String>> = Opt::new("fillnull_value", "", "Stands for missing values of by-fields; rows without one are left out else.");
static SPAN: Opt<Option<String>> = Opt::new("span", "", "The length of time of a row; rows are by `_time` then.");
static EVERY: Opt<Option<String>> = Opt::new("every", "", "Take only the first span of each such stretch of time; months have 30 days then, years 365.");

pub const COMMAND: Command = Command {
    name: "mstats",
    aliases: &[],
    kind: Kind::Generating,
    summary: "Works out statistics over metrics: rows with `metric_name` and `_value`, or with fields `metric_name:<name>`.",
    syntax: "mstats [chart=<bool>] [chart.<option>=<value> …] [prestats=<bool>] [append=<bool>] [backfill=<bool>] [update_period=<n>] [chunk_size=<n>] [fillnull_value=<text>] <function>(<metric>) [AS <name>] … [WHERE <search>] [BY <field> …] [span=<span> [every=<span>]]",
    options: &[
        &CHART.card,
        &LIMIT.card,
        &AGG.card,
        &USENULL.card,
        &USEOTHER.card,
        &NULLSTR.card,
        &OTHERSTR.card,
        &PRESTATS.card,
        &APPEND.card,
        &BACKFILL.card,
        &UPDATE_PERIOD.card,
        &CHUNK_SIZE.card,
        &FILLNULL.card,
        &SPAN.card,
        &EVERY.card,
    ],
    examples: &[
        Example { spl: "| mstats avg(cpu.user) AS cpu WHERE index=* BY host span=1h", shows: "the mean of a metric by host and hour" },
        Example { spl: "| mstats chart=t count(cpu.user) WHERE index=* BY host span=1d chart.limit=top10", shows: "a column a host" },
        Example { spl: "| mstats rate_sum(bytes.total) WHERE index=* span=10m every=1h", shows: "of ten minutes an hour" },
    ],
    support: Support::Full,
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
    columns: Columns,
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
        i = if i.at_word("chart") && i.peek(1).is_some_and(|t| t.glued && t.is('.')) {
            columns(i, &mut m.columns)?
        } else if let Some(rest) = CHART.read(i, &mut m.chart)? {
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

/// `chart.limit=…` and its kin.
fn columns<'a>(i: Tokens<'a>, into: &mut Columns) -> Result<Tokens<'a>, nom::Err<crate::syntax::Failure>> {
    let inside = i.skip(2);
    let named = ["limit", "agg", "usenull", "useother", "nullstr", "otherstr"].iter().any(|name| inside.at_word(name));
    match if named { into.read(inside)? } else { None } {
        Some(rest) => Ok(rest),
        None => Ok(unknown_option::<()>(inside, COMMAND.name, COMMAND.options)?.0),
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
        if let Some(wrong) = self.wrong() {
            return Err(Diagnostic::error(Code::ARGUMENTS, wrong).at(planner.span));
        }
        let mut rows = planner.started(Node::Start);
        if let Some(condition) = &self.condition {
            rows = Node::Filter { input: Box::new(rows), predicate: planner.predicate(condition)?.of_events() };
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
                plan::Argument::Field(name) => Some(Predicate::field(name.clone(), Test::Exists)),
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
        if self.chart {
            by.sort_by_key(|f| f.name != "_time");
        }
        let span = self.span.as_deref().filter(|text| !text.eq_ignore_ascii_case("auto"));
        if let (Some(span), Some(every)) = (span, &self.every) {
            rows = sampled(rows, self::span(span, planner)?, self::span(every, planner)?);
        }
        let mut aggregations = self.aggregations.clone();
        rows = with_increases(rows, &mut aggregations);
        let grouped = grouped(rows, &aggregations, &by, self.fillnull.as_deref(), span, self.prestats, planner)?;
        let grouped = if self.chart { self.charted(grouped, planner)? } else { grouped };
        Ok(if first { grouped } else { Node::Union { inputs: vec![input, grouped] } })
    }
}

impl Mstats {
    /// What does not go together.
    fn wrong(&self) -> Option<String> {
        let auto = self.span.as_deref().is_none_or(|s| s.eq_ignore_ascii_case("auto"));
        let rated = self.aggregations.iter().find(|a| a.function.starts_with("rate_"));
        let by = self.by.iter().filter(|f| f.name != "_time").count();
        match rated {
            _ if self.every.is_some() && auto => Some("`every=` needs a `span=`, of which it takes the first one".into()),
            _ if self.chart && self.prestats => Some("`chart=t` gives results, and `prestats=t` none".into()),
            _ if self.chart && self.span.is_some() && by > 1 => Some("a chart over time takes one field after BY, for its columns".into()),
            _ if self.chart && self.span.is_none() && !(1..=2).contains(&by) => {
                Some("a chart without `span=` takes one field after BY, or two, for its rows and columns".into())
            }
            Some(a) if self.prestats => Some(format!("`{}` needs to know the final groups, so there is none with `prestats=t`", a.function)),
            _ => None,
        }
    }

    /// The groups as a table with a column a value.
    fn charted(&self, grouped: Node, planner: &mut Planner<'_>) -> Result<Node, Diagnostic> {
        let Node::Aggregate { input, mut aggregation } = grouped else { return Ok(grouped) };
        let timed = self.span.is_some();
        let mut by = aggregation.by.clone().into_iter();
        let (Some(row), column) = (by.next(), by.next()) else { return Ok(Node::Aggregate { input, aggregation }) };
        aggregation.keep_null = column.is_some();
        let mut rows = with_values(*input, &row);
        if let Some(column) = column.as_deref().filter(|_| !self.columns.usenull) {
            rows = with_values(rows, column);
        }
        let span = self.span.as_deref().filter(|text| !text.eq_ignore_ascii_case("auto")).map(|text| span(text, planner)).transpose()?;
        let time = timed.then_some(Buckets { span, bins: 100, minspan: None, align: None, continuous: true, partial: true, fixed: true });
        let series = if column.is_some() { self.columns.chosen(&mut aggregation.outputs, planner)? } else { Series::default() };
        let pivot =
            Pivot { row, column, series, other: self.columns.other(), null: self.columns.nullstr.clone(), format: self.columns.format(), time, parts: None };
        Ok(Node::Pivot { input: Box::new(Node::Aggregate { input: Box::new(rows), aggregation }), pivot })
    }
}

fn span(text: &str, planner: &Planner<'_>) -> Result<Span, Diagnostic> {
    Span::parse(text).ok_or_else(|| {
        Diagnostic::error(Code::TIME, format!("`{text}` is no span")).at(planner.span).help("A span is a time such as `30s`, `5m`, `1h` or `1d`.")
    })
}

/// Only the rows of the first span of each stretch. Stretches of months are of 30 days each, those of years of 365.
fn sampled(rows: Node, span: Span, every: Span) -> Node {
    let every = match every.unit().length() {
        Length::Months(_) => Span::new(every.seconds() as u32, Unit::Second).unwrap_or(every),
        _ => every,
    };
    let start = |into: &str, span| {
        let time = Extension::Assign { target: Target::Field(into.into()), expr: Expr::Field("_time".into()) };
        [time, Extension::Bin { field: into.into(), span: BinSpan::Time { span, align: None }, into: into.into() }]
    };
    // No fields of events are called so.
    let (own, first) = ("_\0span", "_\0every");
    let steps = start(own, span).into_iter().chain(start(first, every)).collect();
    let rows = Node::Extend { input: Box::new(rows), steps };
    match operator::find("=") {
        Some(function) => {
            let same = Expr::call(function, vec![Expr::Field(own.into()), Expr::Field(first.into())], None);
            Node::Filter { input: Box::new(rows), predicate: Predicate::Expr(same) }
        }
        None => rows,
    }
}

/// The rows with what the counters of `rate_avg` and `rate_sum` grew, which these are over then.
fn with_increases(rows: Node, aggregations: &mut [Aggregation]) -> Node {
    let mut metrics: Vec<(Name, Name)> = Vec::new();
    for a in aggregations.iter_mut().filter(|a| a.function.starts_with("rate_")) {
        if let Argument::Field(field) = &mut a.argument
            && !field.is_pattern()
        {
            let into = format!("_\0rate.{}", field.name);
            if !metrics.iter().any(|(metric, _)| **metric == *field.name) {
                metrics.push((field.name.as_str().into(), into.as_str().into()));
            }
            (field.name, field.quoted) = (into, true);
        }
    }
    match metrics.is_empty() {
        true => rows,
        false => Node::Rework { input: Box::new(rows), rework: Rework::Increases(metrics) },
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
            ("| mstats chart=t avg(x)", "takes one field after BY, or two"),
            ("| mstats avg(x) by host every=5m", "needs a `span=`"),
            ("| mstats chart=t avg(x) by a b span=1m", "takes one field after BY"),
            ("| mstats chart=t prestats=t avg(x) by a", "`prestats=t` none"),
            ("| mstats prestats=t rate_sum(x)", "final groups"),
            ("| mstats avg(x) chart.limits=1", "`limit"),
            ("| mstats avg(x) span=5x", "no span"),
            ("| mstats appendd=t avg(x)", "`append`"),
            ("* | mstats avg(x)", "must stand first"),
        ] {
            let got = run(rows, query);
            assert!(got.contains(want), "{query}: {got}");
        }
    }
}
