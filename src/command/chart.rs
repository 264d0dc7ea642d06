//! chart: a table with a row a value of one field and a column a value of another.

use super::bin::TimeSpan;
use super::series::{CARDS, Options};
use super::stats::{DEDUP, distinct, whole_names};
use super::{Command, Kind, Stage, bin, one_of, option, stage};
use crate::card::{Example, Support};
use crate::column::{Name, Value};
use crate::diagnostic::{Code, Diagnostic};
use crate::function::{self, operator};
use crate::plan::{self, Argument, AutoBin, Expr, Extension, Node, Output, Pivot, Planner, Predicate, Series, Test};
use crate::syntax::aggregation::Aggregation;
use crate::syntax::computed::aggregation_or_eval;
use crate::syntax::field::{Field, field_but};
use crate::syntax::option::Opt;
use crate::syntax::tokens::commas;
use crate::syntax::wanted::Want;
use crate::syntax::{Failure, Parsed, Tokens};
use serde::Serialize;

static SPAN: Opt<Option<String>> = Opt::new("span", "", "The size of the parts that a numeric or time field is put into.");
static BINS: Opt<Option<u64>> = Opt::new("bins", "300", "The most parts that a numeric or time field is put into.");
static MINSPAN: Opt<Option<TimeSpan>> = Opt::new("minspan", "", "The smallest size of parts to choose, where none is given.");
static START: Opt<Option<f64>> = Opt::new("start", "", "The least number that parts are made for; lesser ones are left out.");
static END: Opt<Option<f64>> = Opt::new("end", "", "The greatest number that parts are made for; greater ones are left out.");
static ALIGN: Opt<Option<String>> = Opt::new("aligntime", "", "The time that parts of time are counted from.");
static CONT: Opt<bool> = Opt::new("cont", "t", "Make rows for parts without values, from the first to the last or from `start` to `end`.");

pub const COMMAND: Command = Command {
    name: "chart",
    aliases: &[],
    kind: Kind::Transforming,
    summary: "Makes a table with a row a value of one field and a column a value of another.",
    syntax: "chart [limit=…] <function>(<field>)|eval(<expression>) [AS <name>] … [OVER <field>] [BY <field> [<field>]] [WHERE <function> in top<n>]",
    options: &[
        CARDS[0],
        CARDS[1],
        CARDS[2],
        CARDS[3],
        CARDS[4],
        CARDS[5],
        CARDS[6],
        CARDS[7],
        &SPAN.card,
        &BINS.card,
        &MINSPAN.card,
        &START.card,
        &END.card,
        &ALIGN.card,
        &CONT.card,
        &DEDUP.card,
    ],
    examples: &[
        Example { spl: "| makeresults count=2 | eval a=\"x\", b=\"y\" | chart count OVER a BY b", shows: "a row for x, a column for y" },
        Example { spl: "| makeresults | eval a=\"x\", n=5 | chart sum(n) AS total BY a", shows: "without a second field it is as stats" },
        Example { spl: "| makeresults | eval a=\"x\", n=5 | chart eval(round(sum(n)/count, 1)) AS mean BY a", shows: "worked out of several" },
    ],
    support: Support::Full,
    parse,
    file: file!(),
};

#[derive(Debug, Default, Serialize)]
struct Chart {
    aggregations: Vec<Aggregation>,
    /// The field of the rows, and that of the columns.
    by: Vec<By>,
    options: Options,
    continuous: bool,
    dedup_splitvals: bool,
    gives: bool,
}

/// A field with the parts that its values are put into.
#[derive(Debug, Serialize)]
pub(super) struct By {
    pub field: Field,
    pub parts: Parts,
}

#[derive(Clone, Debug, Default, Serialize)]
pub(super) struct Parts {
    pub span: Option<String>,
    pub bins: Option<u64>,
    pub minspan: Option<TimeSpan>,
    pub start: Option<f64>,
    pub end: Option<f64>,
    align: Option<String>,
}

impl Parts {
    /// Reads one of the options; `None` where something else stands.
    pub fn read<'a>(&mut self, i: Tokens<'a>) -> Result<Option<Tokens<'a>>, nom::Err<Failure>> {
        let Parts { span, bins, minspan, start, end, align } = self;
        one_of(i, &mut [SPAN.to(span), BINS.to(bins), MINSPAN.to(minspan), START.to(start), END.to(end), ALIGN.to(align)])
    }
}

/// Words that are no field after BY.
const STOPS: &[&str] = &["BY", "OVER", "WHERE"];

fn parse(i: Tokens<'_>) -> Parsed<'_, Box<dyn Stage>> {
    let (rest, chart) = written(i)?;
    stage(rest, chart)
}

/// sichart: states, to be charted later.
pub(super) fn parse_summary(i: Tokens<'_>) -> Parsed<'_, Box<dyn Stage>> {
    let (rest, chart) = written(i)?;
    stage(rest, Chart { gives: true, ..chart })
}

fn written(mut i: Tokens<'_>) -> Parsed<'_, Chart> {
    let mut chart = Chart { continuous: true, ..Chart::default() };
    // Parts that stand before any field are those of the rows.
    let (mut first, mut naming) = (Parts::default(), false);
    while !i.is_empty() {
        let parts = chart.by.last_mut().map_or(&mut first, |b| &mut b.parts);
        i = if let Some(rest) = chart.options.read(i)? {
            rest
        } else if let Some(rest) = parts.read(i)? {
            rest
        } else if let Some(rest) = option(i, &COMMAND, [CONT.to(&mut chart.continuous), DEDUP.to(&mut chart.dedup_splitvals)])? {
            rest
        } else if i.at_word("BY") || i.at_word("OVER") {
            naming = true;
            let (rest, field) = field_but(STOPS)(i.skip(1))?;
            chart.by.push(By { field, parts: Parts::default() });
            rest
        } else if naming {
            let (rest, field) = field_but(STOPS)(i)?;
            chart.by.push(By { field, parts: Parts::default() });
            rest
        } else {
            let (rest, one) = aggregation_or_eval(i)?;
            chart.aggregations.push(one);
            rest
        };
        i = commas(i)?.0;
    }
    if chart.aggregations.is_empty() {
        return i.miss(Want::Aggregate);
    }
    if let Some(extra) = chart.by.get(2) {
        let error = Diagnostic::error(Code::ARGUMENTS, "`chart` takes one field for the rows and one for the columns").at(extra.field.span);
        return i.fail(error.help("For more fields use `stats … BY`."));
    }
    if let Some(row) = chart.by.first_mut() {
        let Parts { span, bins, minspan, start, end, align } = first;
        let parts = &mut row.parts;
        (parts.span, parts.bins, parts.minspan) = (parts.span.take().or(span), parts.bins.or(bins), parts.minspan.or(minspan));
        (parts.start, parts.end, parts.align) = (parts.start.or(start), parts.end.or(end), parts.align.take().or(align));
    }
    Ok((i, chart))
}

impl By {
    /// The parts that the field's values are put into; `None` where they stay as they are.
    pub fn parts(&self, planner: &Planner<'_>, outputs: &[Output], continuous: bool) -> Result<Option<plan::Parts>, Diagnostic> {
        let Parts { span, bins, minspan, start, end, align } = &self.parts;
        if span.is_none() && bins.is_none() && minspan.is_none() && start.is_none() && end.is_none() {
            return Ok(None);
        }
        self.apart_from(outputs)?;
        let field: Name = self.field.name.as_str().into();
        let align = match align.as_deref() {
            None => None,
            Some("earliest") => planner.range.earliest,
            Some("latest") => planner.range.latest,
            Some(time) => Some(planner.moment(time, planner.span)?),
        };
        let span = span.as_ref().map(|text| bin::span(text, &self.field.name, align, planner.span)).transpose()?;
        let auto = AutoBin { into: field.clone(), field, bins: bins.unwrap_or(300), minspan: minspan.map(|s| s.0), start: *start, end: *end };
        Ok(Some(plan::Parts { span, auto, continuous }))
    }

    /// The rows without numbers below `start` and above `end`; those in text stay. Times have no such bounds.
    pub fn inside(&self, input: Node) -> Node {
        let field: Name = self.field.name.as_str().into();
        let call = |name: &str, args| Some(Expr::call(operator::find(name).or_else(|| function::find(name))?, args, None));
        let beyond = |name: &str, bound: Option<f64>| call(name, vec![Expr::Field(field.clone()), Expr::Literal(Value::Number(bound?))]);
        let sides: Vec<Expr> = [beyond("<", self.parts.start), beyond(">", self.parts.end)].into_iter().flatten().collect();
        if sides.is_empty() || &*field == "_time" {
            return input;
        }
        let numeric = call("isnum", vec![Expr::Field(field.clone())]);
        let outside: Vec<Predicate> = sides.into_iter().filter_map(|side| call("AND", vec![numeric.clone()?, side])).map(Predicate::Expr).collect();
        Node::Filter { input: Box::new(input), predicate: Predicate::Not(Box::new(Predicate::Or(outside))) }
    }
}

impl By {
    /// A field whose values become parts cannot be worked with in an aggregate, as the reference says: the numbers are gone then.
    fn apart_from(&self, outputs: &[Output]) -> Result<(), Diagnostic> {
        let reads = |o: &Output| match &o.argument {
            Argument::Field(f) => **f == *self.field.name,
            Argument::Expr(e) => {
                let mut names = Vec::new();
                e.fields(&mut names);
                names.iter().any(|n| **n == *self.field.name)
            }
            _ => false,
        };
        if self.field.name == "_time" || !outputs.iter().any(reads) {
            return Ok(());
        }
        let name = &self.field.name;
        let error = Diagnostic::error(Code::ARGUMENTS, format!("`{name}` is put into parts here, and stands in a function, too")).at(self.field.span);
        Err(error.help(format!("Make a copy before: `eval parts={name}`, and put that one after BY.")))
    }
}

impl Stage for Chart {
    fn plan(&self, planner: &mut Planner<'_>, input: Node) -> Result<Node, Diagnostic> {
        let mut outputs = planner.outputs(&self.aggregations)?;
        whole_names(self.by.iter().map(|by| &by.field))?;
        let mut rows = self.by.iter().fold(planner.started(input), |node, by| by.inside(node));
        let merges = rows.may_hold_states();
        let mut parts = self.by.first().map(|row| row.parts(planner, &outputs, self.continuous)).transpose()?.flatten();
        if let Some(parts) = self.by.get(1).map(|column| column.parts(planner, &outputs, false)).transpose()?.flatten() {
            rows = binned(rows, parts);
        }
        let by: Vec<Name> = self.by.iter().map(|b| b.field.name.as_str().into()).collect();
        rows = if self.dedup_splitvals { distinct(rows, &by) } else { rows };
        let column = by.get(1).cloned();
        if let [row, column] = by.as_slice() {
            rows = with_values(rows, row);
            rows = if self.options.usenull { rows } else { with_values(rows, column) };
        }
        let row = by.first().cloned();
        let series = if column.is_some() && !self.gives { self.options.chosen(&mut outputs, planner)? } else { Series::default() };
        let mut aggregation = plan::Aggregation { by, outputs, keep_null: column.is_some(), sorted: true, merges, ..plan::Aggregation::default() };
        if self.gives {
            if let Some(parts) = parts.take() {
                rows = binned(kept_times(rows, row.as_ref(), &mut aggregation), parts);
            }
            return Ok(Node::Aggregate { input: Box::new(rows), aggregation: planner.giving(aggregation)? });
        }
        // The parts of the rows are made with the table, which has a row for each.
        let aggregate = Node::Aggregate { input: Box::new(rows), aggregation };
        match row {
            Some(row) if column.is_some() || parts.is_some() => {
                let pivot = Pivot {
                    row,
                    column,
                    series,
                    other: self.options.other(),
                    null: self.options.nullstr.clone(),
                    format: self.options.format(),
                    time: None,
                    parts: parts.map(Box::new),
                };
                Ok(Node::Pivot { input: Box::new(aggregate), pivot })
            }
            _ => Ok(aggregate),
        }
    }
}

/// The values of the field in their parts.
pub(super) fn binned(rows: Node, parts: plan::Parts) -> Node {
    let AutoBin { field, into, .. } = parts.auto.clone();
    match parts.span {
        Some(span) => Node::Extend { input: Box::new(rows), steps: vec![Extension::Bin { field, span, into }] },
        None => Node::Bin { input: Box::new(rows), bin: parts.auto },
    }
}

/// The rows with their own times beside the field of the rows, where that is the time and both are needed.
pub(super) fn kept_times(rows: Node, row: Option<&Name>, aggregation: &mut plan::Aggregation) -> Node {
    match row.filter(|row| &***row == "_time").and_then(|_| aggregation.keep_times()) {
        Some(step) => Node::Extend { input: Box::new(rows), steps: vec![step] },
        None => rows,
    }
}

/// Only the rows that have a value of the field.
pub fn with_values(input: Node, field: &str) -> Node {
    Node::Filter { input: Box::new(input), predicate: Predicate::field(field, Test::Exists) }
}

#[cfg(test)]
pub mod tests {
    use crate::store::Catalog;
    use crate::time::Zone;
    use crate::{Engine, Settings};

    /// The table of a query over rows, as lines of `field=value`.
    pub fn table(rows: &serde_json::Value, zone: &str, spl: &str) -> Vec<String> {
        let rows: Vec<_> = rows.as_array().unwrap().iter().map(|r| r.as_object().unwrap().clone()).collect();
        let settings = Settings { zone: Zone::parse(zone).unwrap(), ..Settings::default() };
        let engine = Engine::new(Catalog::of_rows(crate::input::rows(&rows)), crate::knowledge::Knowledge::builtin(), settings);
        let rows = engine.run(spl).unwrap_or_else(|e| panic!("{spl}: {:?}", e.diagnostics)).rows;
        let text = |i, c: &crate::column::Column| c.get(i).as_text().map_or("-".into(), |t| t.replace('\n', ","));
        (0..rows.len()).map(|i| rows.columns().map(|(n, c)| format!("{n}={}", text(i, c))).collect::<Vec<_>>().join(" ")).collect()
    }

    fn chart(spl: &str) -> Vec<String> {
        let rows = serde_json::json!([
            {"r": 10, "c": "b", "n": 1, "m": 5}, {"r": 9, "c": "a", "n": 2, "m": 5}, {"r": 10, "c": "a", "n": 3, "m": 6},
            {"r": 10, "c": "a", "n": 4, "m": 6}, {"r": 9, "n": 5}, {"c": "a", "n": 100}, {"r": 9, "c": "d", "n": 6, "m": 5}, {"r": 9, "c": "_e", "n": 0.5, "m": 5}
        ]);
        table(&rows, "UTC", &format!("* | chart {spl}"))
    }

    #[test]
    fn rows_ascend_and_columns_go_by_name() {
        for (spl, want) in [
            ("count over r by c", ["r=9 VALUE_e=1 a=1 b=0 d=1 NULL=1", "r=10 VALUE_e=0 a=2 b=1 d=0 NULL=0"]),
            ("sum(n) by r, c", ["r=9 VALUE_e=0.5 a=2 b=- d=6 NULL=5", "r=10 VALUE_e=- a=7 b=1 d=- NULL=-"]),
            ("sum(n) by r c limit=2", ["r=9 a=2 d=6 NULL=5 OTHER=0.5", "r=10 a=7 d=- NULL=- OTHER=1"]),
            ("limit=top1 avg(n) by r c", ["r=9 d=6 NULL=5 OTHER=1.25", "r=10 d=- NULL=- OTHER=2.6666666666666665"]),
            ("dc(m) by r c limit=1 usenull=f", ["r=9 a=1 OTHER=1", "r=10 a=1 OTHER=1"]),
            ("limit=bottom1 count by r c useother=f nullstr=none", ["r=9 VALUE_e=1 none=1", "r=10 VALUE_e=0 none=0"]),
            ("sum(n) by r c where max > 3 otherstr=rest usenull=f", ["r=9 a=2 d=6 rest=0.5", "r=10 a=7 d=- rest=1"]),
            ("sum(n) by r c where sum notin top 1 useother=f usenull=f", ["r=9 VALUE_e=0.5 b=- d=6", "r=10 VALUE_e=- b=1 d=-"]),
            ("count AS k max(n) over r by c limit=1 usenull=f useother=f", ["r=9 k: a=1 max(n): a=2", "r=10 k: a=2 max(n): a=4"]),
            ("count sum(n) by r c limit=1 usenull=f useother=f format=\"$VAL$/$AGG$\"", ["r=9 a/count=1 a/sum(n)=2", "r=10 a/count=2 a/sum(n)=7"]),
            ("max(n) min(n) by r", ["r=9 max(n)=6 min(n)=0.5", "r=10 max(n)=4 min(n)=1"]),
        ] {
            assert_eq!(chart(spl), want, "{spl}");
        }
        assert_eq!(chart("count"), ["count=8"]);
        let twice = serde_json::json!([{"r": "x", "c": ["a", "a", "b"]}]);
        assert_eq!(table(&twice, "UTC", "* | chart count by r c"), ["r=x a=2 b=1"]);
        assert_eq!(table(&twice, "UTC", "* | chart dedup_splitvals=t count by r c"), ["r=x a=1 b=1"]);
        assert_eq!(table(&twice, "UTC", "* | chart count by c dedup_splitvals=t"), ["c=a count=1", "c=b count=1"]);
        assert!(chart("count by nowhere c").is_empty());
    }

    #[test]
    fn what_is_wrong_is_said() {
        let engine = Engine::new(Default::default(), crate::knowledge::Knowledge::builtin(), Settings::default());
        for (spl, code) in [
            ("chart", "SPL001"),
            ("chart count by a b c", "SPL005"),
            ("chart count by a b limit=most", "SPL007"),
            ("chart count by a b where values in top5", "SPL005"),
            ("chart sum(a) by a span=log2", "SPL005"),
            ("chart count by a b where sum near top5", "SPL001"),
            ("chart count bys=1", "SPL006"),
            ("chart count by a span=x", "SPL022"),
        ] {
            assert_eq!(engine.run(&format!("* | {spl}")).unwrap_err().diagnostics[0].code.id, code, "{spl}");
        }
    }
}
