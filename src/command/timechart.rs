//! timechart: statistics over time, with a column a value of another field.

use super::chart::{By, Parts, binned, kept_times, with_values};
use super::series::{CARDS, Options};
use super::stats::{DEDUP, distinct, whole_names};
use super::{Command, Kind, Stage, option, stage};
use crate::card::{Example, Support};
use crate::column::Name;
use crate::diagnostic::{Code, Diagnostic};
use crate::plan::{self, AutoBin, BinSpan, Buckets, Node, Pivot, Planner, Series};
use crate::syntax::aggregation::Aggregation;
use crate::syntax::computed::aggregation_or_eval;
use crate::syntax::field::field_but;
use crate::syntax::option::Opt;
use crate::syntax::tokens::commas;
use crate::syntax::wanted::Want;
use crate::syntax::{Failure, Parsed, Tokens};
use crate::time::Span;
use serde::Serialize;

static SPAN: Opt<Option<String>> = Opt::new(
    "span",
    "",
    "How long a row is: `5m`, `1h`, `1d`, `1mon`, or `auto`; `w@w1` are weeks from Monday. Days and longer ones are those of the time zone. Behind the field after BY, a number or a logarithm is the size of that field's parts, and so is any other span where one stands before, too.",
);
static BINS: Opt<u64> = Opt::new(
    "bins",
    "100",
    "The most rows, where no span is given, and one more where the first begins within its span; behind the field after BY, the most parts that it is put into.",
);
static MINSPAN: Opt<Option<String>> = Opt::new("minspan", "", "The least length of a row, where no span is given.");
static ALIGN: Opt<Option<String>> = Opt::new("aligntime", "", "The time that rows shorter than a day are counted from: a time, `earliest` or `latest`.");
static START: Opt<Option<f64>> = Opt::new("start", "", "Behind the field after BY: the least number that its parts are made for; lesser ones are left out.");
static END: Opt<Option<f64>> = Opt::new("end", "", "Behind the field after BY: the greatest number that its parts are made for.");
static CONT: Opt<bool> = Opt::new("cont", "t", "Make rows for times without events.");
static PARTIAL: Opt<bool> = Opt::new("partial", "t", "Keep the first and the last row where the search's range of time cuts them.");
static FIXED: Opt<bool> = Opt::new("fixedrange", "t", "Make rows for the whole range of time of the search, where it has one.");

pub const COMMAND: Command = Command {
    name: "timechart",
    aliases: &[],
    kind: Kind::Transforming,
    summary: "Works out statistics for each stretch of time, with a column a value of another field.",
    syntax: "timechart [span=<span>] [limit=…] <function>(<field>)|eval(<expression>) [AS <name>] … [BY <field>] [WHERE <function> in top<n>]",
    options: &[
        &SPAN.card,
        &BINS.card,
        &MINSPAN.card,
        &ALIGN.card,
        &START.card,
        &END.card,
        &CONT.card,
        &PARTIAL.card,
        &FIXED.card,
        &DEDUP.card,
        CARDS[0],
        CARDS[1],
        CARDS[2],
        CARDS[3],
        CARDS[4],
        CARDS[5],
        CARDS[6],
        CARDS[7],
    ],
    examples: &[
        Example { spl: "| makeresults count=5 | timechart span=1h count", shows: "one row an hour" },
        Example { spl: "| makeresults | eval user=\"a\", n=1 | timechart span=1d limit=5 sum(n) BY user", shows: "a column a user" },
    ],
    support: Support::Full,
    parse,
    file: file!(),
};

#[derive(Debug, Serialize)]
struct Timechart {
    aggregations: Vec<Aggregation>,
    by: Option<By>,
    options: Options,
    span: Option<String>,
    bins: u64,
    minspan: Option<String>,
    align: Option<String>,
    continuous: bool,
    partial: bool,
    fixed: bool,
    dedup_splitvals: bool,
    gives: bool,
}

fn parse(i: Tokens<'_>) -> Parsed<'_, Box<dyn Stage>> {
    let (rest, chart) = written(i)?;
    stage(rest, chart)
}

/// sitimechart: states, to be charted later.
pub(super) fn parse_summary(i: Tokens<'_>) -> Parsed<'_, Box<dyn Stage>> {
    let (rest, chart) = written(i)?;
    stage(rest, Timechart { gives: true, ..chart })
}

fn written(mut i: Tokens<'_>) -> Parsed<'_, Timechart> {
    let mut chart = Timechart {
        aggregations: Vec::new(),
        by: None,
        options: Options::default(),
        span: None,
        bins: 100,
        minspan: None,
        align: None,
        continuous: true,
        partial: true,
        fixed: true,
        dedup_splitvals: false,
        gives: false,
    };
    while !i.is_empty() {
        i = if let Some(rest) = chart.options.read(i)? {
            rest
        } else if let Some(rest) = chart.split(i)? {
            rest
        } else if let Some(rest) = option(
            i,
            &COMMAND,
            [
                SPAN.to(&mut chart.span),
                BINS.to(&mut chart.bins),
                MINSPAN.to(&mut chart.minspan),
                ALIGN.to(&mut chart.align),
                CONT.to(&mut chart.continuous),
                PARTIAL.to(&mut chart.partial),
                FIXED.to(&mut chart.fixed),
                DEDUP.to(&mut chart.dedup_splitvals),
                START.unused(),
                END.unused(),
            ],
        )? {
            rest
        } else if i.at_word("BY") && chart.by.is_none() {
            let (rest, field) = field_but(&["BY", "WHERE"])(i.skip(1))?;
            chart.by = Some(By { field, parts: Parts::default() });
            rest
        } else if chart.by.is_some() {
            let error = Diagnostic::error(Code::ARGUMENTS, "`timechart` takes one field after BY").at(i.span());
            return i.fail(error.help("Put two fields into one with `eval key=a.\":\".b`, or use `bin _time` and `stats … BY _time, …`."));
        } else {
            let (rest, one) = aggregation_or_eval(i)?;
            chart.aggregations.push(one);
            rest
        };
        i = commas(i)?.0;
    }
    if chart.aggregations.is_empty() { i.miss(Want::Aggregate) } else { Ok((i, chart)) }
}

impl Timechart {
    /// Options behind the field after BY that are about that field, as the reference has it; `None` where something else stands. A span of
    /// time is about the rows all the same where none stands before, because it says nothing of a field, and searches are written so.
    fn split<'a>(&mut self, i: Tokens<'a>) -> Result<Option<Tokens<'a>>, nom::Err<Failure>> {
        let Some(by) = &mut self.by else { return Ok(None) };
        let mut parts = by.parts.clone();
        let Some(rest) = parts.read(i)? else { return Ok(None) };
        let timed =
            |span: &String| Span::parse(span).is_some() && span.ends_with(|c: char| c.is_ascii_alphabetic() || c.is_ascii_digit() && span.contains('@'));
        let of_rows = parts.span != by.parts.span && self.span.is_none() && parts.span.as_ref().is_some_and(|s| timed(s) || s.eq_ignore_ascii_case("auto"));
        if of_rows || i.at_word(ALIGN.card.name) || i.at_word(MINSPAN.card.name) {
            return Ok(None);
        }
        by.parts = parts;
        Ok(Some(rest))
    }

    fn buckets(&self, planner: &Planner<'_>) -> Result<Buckets, Diagnostic> {
        let span = |text: &Option<String>| match text {
            None => Ok(None),
            Some(text) if text.eq_ignore_ascii_case("auto") => Ok(None),
            Some(text) => Span::parse(text).map(Some).ok_or_else(|| {
                Diagnostic::error(Code::TIME, format!("`{text}` is no span of time"))
                    .at(planner.span)
                    .help("Write a number and a unit: `30s`, `5m`, `1h`, `1d`, `1mon`.")
            }),
        };
        let align = match self.align.as_deref() {
            None => None,
            Some("earliest") => planner.range.earliest,
            Some("latest") => planner.range.latest,
            Some(time) => Some(planner.moment(time, planner.span)?),
        };
        Ok(Buckets {
            span: span(&self.span)?,
            bins: self.bins,
            minspan: span(&self.minspan)?,
            align,
            continuous: self.continuous,
            partial: self.partial,
            fixed: self.fixed,
        })
    }
}

impl Stage for Timechart {
    fn plan(&self, planner: &mut Planner<'_>, input: Node) -> Result<Node, Diagnostic> {
        let mut outputs = planner.outputs(&self.aggregations)?;
        let (row, column): (Name, Option<Name>) = ("_time".into(), self.by.as_ref().map(|by| by.field.name.as_str().into()));
        let mut rows = with_values(planner.started(input), &row);
        whole_names(self.by.iter().map(|by| &by.field))?;
        if let Some(by) = &self.by
            && let Some(parts) = by.parts(planner, &outputs, false)?
        {
            rows = binned(by.inside(rows), parts);
        }
        if let Some(column) = column.as_deref().filter(|_| !self.options.usenull) {
            rows = with_values(rows, column);
        }
        if let Some(column) = column.as_ref().filter(|_| self.dedup_splitvals) {
            rows = distinct(rows, std::slice::from_ref(column));
        }
        let series = if column.is_some() && !self.gives { self.options.chosen(&mut outputs, planner)? } else { Series::default() };
        let by = std::iter::once(row.clone()).chain(column.clone()).collect();
        let merges = rows.may_hold_states();
        let mut aggregation = plan::Aggregation { by, outputs, keep_null: true, sorted: true, merges, ..plan::Aggregation::default() };
        let buckets = self.buckets(planner)?;
        if self.gives {
            rows = kept_times(rows, Some(&row), &mut aggregation);
            let auto = AutoBin { field: row.clone(), into: row, bins: self.bins, minspan: buckets.minspan, start: None, end: None };
            let span = buckets.span.map(|span| BinSpan::Time { span, align: buckets.align });
            rows = binned(rows, plan::Parts { span, auto, continuous: false });
            return Ok(Node::Aggregate { input: Box::new(rows), aggregation: planner.giving(aggregation)? });
        }
        let pivot = Pivot {
            row,
            column,
            series,
            other: self.options.other(),
            null: self.options.nullstr.clone(),
            format: self.options.format(),
            time: Some(buckets),
            parts: None,
        };
        Ok(Node::Pivot { input: Box::new(Node::Aggregate { input: Box::new(rows), aggregation }), pivot })
    }
}

#[cfg(test)]
mod tests {
    use super::super::chart::tests::table;
    use crate::{Engine, Settings};

    fn timechart(spl: &str) -> Vec<String> {
        let rows = serde_json::json!([
            {"_time": 60, "u": "b", "n": 3}, {"_time": 65, "u": "a", "n": 4}, {"_time": 200, "u": "a", "n": 6}, {"u": "a", "n": 9}, {"_time": 290, "n": 1}
        ]);
        table(&rows, "UTC", &format!("* | {spl}"))
    }

    #[test]
    fn empty_rows_are_made_and_rates_go_by_the_span() {
        for (spl, want) in [
            ("timechart span=1m count", vec!["_time=60 count=2", "_time=120 count=0", "_time=180 count=1", "_time=240 count=1"]),
            ("timechart span=2m sum(n) AS s by u", vec!["_time=0 a=4 b=3 NULL=-", "_time=120 a=6 b=- NULL=-", "_time=240 a=- b=- NULL=1"]),
            ("timechart count by u span=2m usenull=f cont=f", vec!["_time=0 a=1 b=1", "_time=120 a=1 b=0"]),
            (
                "timechart span=2m per_minute(n) per_hour(n)",
                vec!["_time=0 per_minute(n)=3.5 per_hour(n)=210", "_time=120 per_minute(n)=3 per_hour(n)=180", "_time=240 per_minute(n)=0.5 per_hour(n)=30"],
            ),
            ("timechart bins=3 count", vec!["_time=0 count=4"]),
            ("timechart minspan=2m limit=1 useother=f usenull=f max(n) by u", vec!["_time=0 a=6"]),
            ("timechart span=2m aligntime=60 count cont=f", vec!["_time=60 count=2", "_time=180 count=2"]),
            ("search earliest=30 latest=330 | timechart span=2m partial=f count", vec!["_time=120 count=1"]),
            (
                "search earliest=30 latest=500 | timechart span=2m count",
                vec!["_time=0 count=2", "_time=120 count=1", "_time=240 count=1", "_time=360 count=0", "_time=480 count=0"],
            ),
            ("search earliest=30 latest=500 | timechart span=2m fixedrange=f count", vec!["_time=0 count=2", "_time=120 count=1", "_time=240 count=1"]),
            ("search nothing=1 | timechart count", vec![]),
        ] {
            assert_eq!(timechart(spl), want, "{spl}");
        }
    }

    #[test]
    fn days_are_those_of_the_zone() {
        // 2024-03-31 has 23 hours in Berlin.
        let rows = serde_json::json!([{"_time": 1711839600}, {"_time": 1711925999}, {"_time": 1712008800}]);
        assert_eq!(
            table(&rows, "Europe/Berlin", "* | timechart span=1d count per_hour(x)"),
            ["_time=1711839600 count=1 per_hour(x)=-", "_time=1711922400 count=1 per_hour(x)=-", "_time=1712008800 count=1 per_hour(x)=-"]
        );
    }

    #[test]
    fn what_is_wrong_is_said() {
        let rows = serde_json::json!([{"_time": 0}, {"_time": 1e9}]);
        let rows: Vec<_> = rows.as_array().unwrap().iter().map(|r| r.as_object().unwrap().clone()).collect();
        let catalog = crate::store::Catalog::of_rows(crate::input::rows(&rows));
        let engine = Engine::new(catalog, crate::knowledge::Knowledge::builtin(), Settings::default());
        for (spl, code) in [
            ("timechart", "SPL001"),
            ("timechart span=5x count", "SPL022"),
            ("timechart count by a b", "SPL005"),
            ("timechart count spam=1m", "SPL006"),
            ("timechart span=1s count", "SPL054"),
            ("timechart nope(x)", "SPL004"),
        ] {
            assert_eq!(engine.run(&format!("* | {spl}")).unwrap_err().diagnostics[0].code.id, code, "{spl}");
        }
    }
}
