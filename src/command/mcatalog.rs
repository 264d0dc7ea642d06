//! mcatalog: the names of metrics, and the dimensions that they have.

use super::tstats::{grouped, until_by};
use super::{Command, Kind, Stage, stage};
use crate::card::{Example, Support};
use crate::diagnostic::{Code, Diagnostic};
use crate::plan::{Node, Planner, Predicate};
use crate::syntax::aggregation::{Aggregation, Argument, aggregations};
use crate::syntax::ast::Search;
use crate::syntax::field::{Field, fields};
use crate::syntax::option::{Opt, at_option, unknown_option};
use crate::syntax::search::search;
use crate::syntax::tokens::commas;
use crate::syntax::wanted::Want;
use crate::syntax::{Parsed, Tokens};
use serde::Serialize;

static PRESTATS: Opt<bool> = Opt::new("prestats", "f", "Hand the rows on for a stats that follows, instead of results.");
static APPEND: Opt<bool> = Opt::new("append", "f", "Put the rows behind those that are there.");

pub const COMMAND: Command = Command {
    name: "mcatalog",
    aliases: &[],
    kind: Kind::Generating,
    summary: "Lists the distinct values of `metric_name`, of a dimension, or of `_dims`, the names of all dimensions, over metrics: rows with `metric_name` and `_value`, or with fields `metric_name:<name>`. What is no metric and none of index, host, source and source type is a dimension.",
    syntax: "mcatalog [prestats=<bool>] [append=<bool>] values(<field>) [AS <name>] … [WHERE <search>] [BY <field> …]",
    options: &[&PRESTATS.card, &APPEND.card],
    examples: &[
        Example { spl: "| mcatalog values(metric_name) WHERE index=*", shows: "the names of all metrics" },
        Example { spl: "| mcatalog values(_dims) AS dimensions WHERE index=* BY metric_name", shows: "the dimensions of each metric" },
    ],
    support: Support::Full,
    parse,
    file: file!(),
};

#[derive(Debug, Default, Serialize)]
struct Mcatalog {
    prestats: bool,
    append: bool,
    values: Vec<Aggregation>,
    condition: Option<Search>,
    by: Vec<Field>,
}

fn parse(mut i: Tokens<'_>) -> Parsed<'_, Box<dyn Stage>> {
    let mut m = Mcatalog::default();
    while let Some(rest) = PRESTATS.read(i, &mut m.prestats)?.map_or_else(|| APPEND.read(i, &mut m.append), |rest| Ok(Some(rest)))? {
        i = commas(rest)?.0;
    }
    if at_option(i) {
        return unknown_option(i, COMMAND.name, COMMAND.options);
    }
    let (mut i, values) = aggregations(i)?;
    for call in &values {
        let why = match &call.argument {
            _ if !call.function.eq_ignore_ascii_case("values") => format!("`mcatalog` lists values, and has no `{}`", call.function),
            Argument::Field(field) if TIMES.contains(&field.name.as_str()) => format!("`mcatalog` does not list `{}`", field.name),
            Argument::Field(_) => continue,
            _ => "`mcatalog` lists the values of a field".to_string(),
        };
        return i.fail(Diagnostic::error(Code::ARGUMENTS, why).at(call.span).help("Numbers are worked out by `mstats`."));
    }
    m.values = values;
    if i.at_word("WHERE") {
        let body = i.skip(1);
        let n = until_by(body, &["by", "groupby"]);
        let (rest, condition) = search(body.only(n))?;
        if !rest.is_empty() {
            return rest.miss(Want::SearchTerm);
        }
        m.condition = Some(condition);
        i = body.skip(n);
    }
    if i.at_word("BY") || i.at_word("GROUPBY") {
        (i, m.by) = fields(&[])(i.skip(1))?;
    }
    stage(i, m)
}

/// The number itself, and fields of time, which are no dimensions.
const TIMES: [&str; 16] = [
    "_value",
    "_values",
    "_time",
    "date_hour",
    "date_mday",
    "date_minute",
    "date_month",
    "date_second",
    "date_wday",
    "date_year",
    "date_zone",
    "metric_timestamp",
    "time",
    "timeendpos",
    "timestamp",
    "timestartpos",
];

/// A row for each metric of a row, whichever way it has them.
const METRICS: &str = r#"| foreach "metric_name:*" [eval metric_name=if(isnull('<<FIELD>>'), metric_name, mvappend(metric_name, "<<MATCHSTR>>"))] | where isnotnull(metric_name) | mvexpand metric_name"#;

/// The names of its dimensions.
const DIMENSIONS: &str = r#"| foreach * [eval _dims=if(isnull('<<FIELD>>') OR match("<<FIELD>>", "^(metric_name(:.*)?|index|host|source|sourcetype|splunk_server|linecount|punct|date_.*|time.*|metric_timestamp)$"), _dims, mvappend(_dims, "<<FIELD>>"))]"#;

impl Stage for Mcatalog {
    fn plan(&self, planner: &mut Planner<'_>, input: Node) -> Result<Node, Diagnostic> {
        let first = matches!(input, Node::Start);
        if !first && !self.append {
            let d = Diagnostic::error(Code::PLACE, "`mcatalog` must stand first, or say `append=t`");
            return Err(d.help("Else put it into a subsearch: `| append [| mcatalog …]`."));
        }
        let events = planner.started(Node::Start);
        let mut rows = planner.text(METRICS, COMMAND.name, events)?;
        if let Some(predicate) = self.condition.as_ref().map(|c| planner.predicate(c)).transpose()?.map(Predicate::of_events) {
            rows = Node::Filter { input: Box::new(rows), predicate };
        }
        let listed = self.values.iter().any(|v| matches!(&v.argument, Argument::Field(f) if f.name == "_dims"));
        if listed || self.by.iter().any(|f| f.name == "_dims") {
            rows = planner.text(DIMENSIONS, COMMAND.name, rows)?;
        }
        let grouped = grouped(rows, &self.values, &self.by, None, None, self.prestats, planner)?;
        Ok(if first { grouped } else { Node::Union { inputs: vec![input, grouped] } })
    }
}

#[cfg(test)]
mod tests {
    use crate::operator::testing::run;

    #[test]
    fn names_and_dimensions_of_metrics() {
        let rows = r#"[{"metric_name":"cpu.user","_value":"4","host":"a","app":"x"},{"metric_name:cpu.user":"8","metric_name:cpu.sys":"1","host":"b","zone":"z"},{"host":"c","no":"1"}]"#;
        for (query, want) in [
            ("| mcatalog values(metric_name)", r#"[{"values(metric_name)":["cpu.sys","cpu.user"]}]"#),
            ("| mcatalog values(host) AS h WHERE metric_name=cpu.sys", r#"[{"h":"b"}]"#),
            (
                "| mcatalog values(_dims) AS d values(app) GROUPBY metric_name",
                r#"[{"metric_name":"cpu.sys","d":"zone"},{"metric_name":"cpu.user","d":["app","zone"],"values(app)":"x"}]"#,
            ),
            ("| mcatalog prestats=t values(host) WHERE host=* | stats values(host) AS h", r#"[{"h":["a","b"]}]"#),
            ("| mcatalog values(zone) AS v | mcatalog append=t values(app) AS v", r#"[{"v":"z"},{"v":"x"}]"#),
        ] {
            assert_eq!(run(rows, query), want, "{query}");
        }
        for (query, want) in [
            ("| mcatalog", "expected"),
            ("| mcatalog count", "has no `count`"),
            ("| mcatalog values(_value)", "does not list `_value`"),
            ("| mcatalog values(eval(1))", "of a field"),
            ("| mcatalog span=1h values(host)", "no option `span`"),
            ("* | mcatalog values(host)", "must stand first"),
        ] {
            let got = run(rows, query);
            assert!(got.contains(want), "{query}: {got}");
        }
    }
}
