//! `chart` and `timechart` with all that decides which columns there are and what they are called.

use super::order::letter;
use super::{Named, Stage};
use crate::stats::{Aggregate, Of, groups, stats};
use crate::value::{Row, Value, get, set};
use proptest::prelude::*;
use proptest::sample::select;

pub const LIST: &[Named] = &[("chart", chart), ("timechart", timechart), ("timechart", automatic), ("timechart", rates), ("chart", binned)];

/// What a chart's columns are made of.
#[derive(Clone, Debug)]
struct Columns {
    field: &'static str,
    aggregates: Vec<Aggregate>,
    /// 0 for all.
    limit: usize,
    bottom: bool,
    score: &'static str,
    other: bool,
    null: bool,
    named: bool,
}

impl Columns {
    fn options(&self) -> String {
        let limit = match (self.limit, self.bottom) {
            (n, true) if n > 0 => format!("bottom{n}"),
            (n, _) => n.to_string(),
        };
        let names = if self.named { " otherstr=rest nullstr=none" } else { "" };
        let score = if self.score.is_empty() { String::new() } else { format!(" agg={}", self.score) };
        format!("limit={limit}{score} useother={} usenull={}{names}", letter(self.other), letter(self.null))
    }

    fn functions(&self) -> String {
        self.aggregates.iter().map(Aggregate::to_string).collect::<Vec<_>>().join(", ")
    }

    /// A row a key; a row counts in each column that it has a value of.
    fn table(&self, row_field: &str, rows: &[Row], cell: &dyn Fn(&Aggregate, &[Row]) -> Value) -> Vec<Row> {
        let (other, null) = if self.named { ("rest", "none") } else { ("OTHER", "NULL") };
        let mut keys: Vec<(Value, Vec<(String, Row)>)> = Vec::new();
        for (key, members) in groups(rows, &[row_field]) {
            let columns = |row: &Row| match get(row, self.field).each() {
                none if none.is_empty() => self.null.then(|| (String::new(), row.clone())).into_iter().collect::<Vec<_>>(),
                all => all.iter().map(|v| (format!("={}", v.as_text().unwrap()), row.clone())).collect(),
            };
            let cells: Vec<(String, Row)> = members.iter().flat_map(columns).collect();
            if !cells.is_empty() {
                keys.push((key[0].clone(), cells));
            }
        }
        // The column of missing values stands beside the limit.
        let mut names: Vec<String> = keys.iter().flat_map(|(_, cells)| cells.iter().map(|(c, _)| c.clone())).filter(|c| !c.is_empty()).collect();
        names.sort();
        names.dedup();
        let of = |column: &str, cells: &[(String, Row)]| cells.iter().filter(|(c, _)| c == column).map(|(_, r)| r.clone()).collect::<Vec<Row>>();
        let score = |column: &String| {
            let parts: Vec<Vec<Row>> = keys.iter().map(|(_, cells)| of(column, cells)).filter(|rows| !rows.is_empty()).collect();
            // Counted are the events; of several aggregates none decides, unless it is said how.
            if self.score == "count" || self.aggregates.len() > 1 && self.score.is_empty() {
                return Some(parts.iter().map(Vec::len).sum::<usize>() as f64);
            }
            let all: Vec<f64> = parts.iter().filter_map(|rows| cell(&self.aggregates[0], rows).number()).collect();
            let sum = 0.0 + all.iter().sum::<f64>();
            Some(match self.score {
                // Without a number there is no score.
                _ if all.is_empty() => return None,
                "" | "sum" => sum,
                "avg" => sum / all.len() as f64,
                "max" => all.iter().copied().fold(f64::NEG_INFINITY, f64::max),
                _ => all.iter().copied().fold(f64::INFINITY, f64::min),
            })
        };
        let mut ranked: Vec<(Option<f64>, String)> = names.iter().map(|c| (score(c), c.clone())).collect();
        ranked.sort_by(|(a, _), (b, _)| match (a, b) {
            (Some(a), Some(b)) if self.bottom => a.total_cmp(b),
            (Some(a), Some(b)) => b.total_cmp(a),
            _ => a.is_none().cmp(&b.is_none()),
        });
        let kept: Vec<String> = ranked.into_iter().take(if self.limit == 0 { usize::MAX } else { self.limit }).map(|(_, c)| c).collect();
        let shown = |column: &str| match column.strip_prefix('=') {
            None => Some(null.to_string()),
            Some(_) if !kept.iter().any(|k| k == column) => self.other.then(|| other.to_string()),
            // A column is no internal field.
            Some(name) if name.is_empty() || name.starts_with('_') => Some(format!("VALUE{name}")),
            Some(name) => Some(name.to_string()),
        };
        let field = |a: &Aggregate, column: &str| if self.aggregates.len() > 1 { format!("{}: {column}", a.field()) } else { column.to_string() };
        let mut out: Vec<Row> = Vec::new();
        let mut all: Vec<String> = keys.iter().flat_map(|(_, cells)| cells.iter().filter_map(|(c, _)| shown(c))).collect();
        all.sort();
        all.dedup();
        for (key, cells) in &keys {
            let mut row: Row = [(row_field.to_string(), key.clone())].into_iter().collect();
            for column in &all {
                let members: Vec<Row> = cells.iter().filter(|(c, _)| shown(c).as_ref() == Some(column)).map(|(_, r)| r.clone()).collect();
                for a in &self.aggregates {
                    // Nothing counts as 0.
                    let value = if members.is_empty() && a.function != "count" { Value::Null } else { cell(a, &members) };
                    set(&mut row, &field(a, column), value);
                }
            }
            out.push(row);
        }
        out
    }
}

fn aggregate() -> impl Strategy<Value = Aggregate> {
    let of = |function, field| Aggregate { function, of: Of::Field(field), name: None };
    prop_oneof![
        3 => Just(Aggregate { function: "count", of: Of::Rows, name: None }),
        1 => Just(of("sum", "id")),
        1 => Just(of("max", "id")),
        1 => Just(of("avg", "n")),
        1 => Just(of("count", "n")),
        1 => Just(Aggregate { function: "sum", of: Of::Field("id"), name: Some("t".into()) }),
    ]
}

fn columns() -> impl Strategy<Value = Columns> {
    let aggregates = prop::collection::vec(aggregate(), 1..3).prop_map(|mut all| {
        all.dedup_by_key(|a| a.field());
        all
    });
    let choice = (0..4usize, any::<bool>(), select(&["", "", "sum", "avg", "max", "min", "count"][..]));
    (select(&["g", "s", "b"][..]), aggregates, choice, any::<bool>(), any::<bool>(), any::<bool>())
        .prop_map(|(field, aggregates, (limit, bottom, score), other, null, named)| Columns { field, aggregates, limit, bottom, score, other, null, named })
}

fn plain(a: &Aggregate, rows: &[Row]) -> Value {
    a.of(rows)
}

fn chart() -> BoxedStrategy<Stage> {
    (columns(), select(&["n", "id", "row"][..]))
        .prop_map(|(c, over)| {
            let spl = format!("eval row=s | chart {} {} OVER {over} BY {}", c.options(), c.functions(), c.field);
            Stage::new(spl, move |mut rows, _| {
                for row in &mut rows {
                    let s = get(row, "s");
                    set(row, "row", s);
                }
                c.table(over, &rows, &plain)
            })
        })
        .boxed()
}

fn at_start(mut rows: Vec<Row>, span: f64) -> Vec<Row> {
    for row in &mut rows {
        let t = get(row, "_time").number().map(|t| (t / span).floor() * span);
        set(row, "_time", t.into());
    }
    rows
}

/// Rows for the times between.
fn filled(made: Vec<Row>, span: f64) -> Vec<Row> {
    let zeros: Vec<String> = made.iter().flat_map(|r| r.keys().filter(|k| k.contains("count")).cloned()).collect();
    filled_with(made, span, &zeros)
}

fn filled_with(made: Vec<Row>, span: f64, zeros: &[String]) -> Vec<Row> {
    let mut out: Vec<Row> = Vec::new();
    for row in made {
        let t = get(&row, "_time").number().unwrap();
        while let Some(last) = out.last().and_then(|r| get(r, "_time").number()).filter(|l| l + span < t) {
            let mut empty: Row = [("_time".to_string(), Value::Number(last + span))].into_iter().collect();
            zeros.iter().for_each(|n| set(&mut empty, n, 0.0.into()));
            out.push(empty);
        }
        out.push(row);
    }
    out
}

fn timechart() -> BoxedStrategy<Stage> {
    (columns(), select(&[("10m", 600.0), ("1h", 3600.0), ("30m", 1800.0)][..]), any::<bool>())
        .prop_map(|(c, (written, span), continuous)| {
            let spl = format!("timechart span={written} cont={} {} {} BY {}", letter(continuous), c.options(), c.functions(), c.field);
            Stage::new(spl, move |rows, _| {
                let made = c.table("_time", &at_start(rows, span), &plain);
                if !continuous {
                    return made;
                }
                let counts = |f: &String| c.aggregates.len() == 1 && c.aggregates[0].function == "count" || f.starts_with("count");
                let zeros: Vec<String> = made.iter().flat_map(|r| r.keys().filter(|k| *k != "_time" && counts(k)).cloned()).collect();
                filled_with(made, span, &zeros)
            })
        })
        .boxed()
}

/// Spans to choose from, in seconds: the least of which no more than the wanted number are as long as all times.
const SPANS: &[f64] = &[1.0, 5.0, 10.0, 30.0, 60.0, 300.0, 600.0, 1800.0, 3600.0, 86_400.0];

fn automatic() -> BoxedStrategy<Stage> {
    select(&[100usize, 20, 7, 3][..])
        .prop_map(|bins| {
            let option = if bins == 100 { String::new() } else { format!("bins={bins} ") };
            Stage::new(format!("timechart {option}count, max(id)"), move |rows, _| {
                let times: Vec<f64> = rows.iter().filter_map(|r| get(r, "_time").number()).collect();
                let most = |f: fn(f64, f64) -> f64| times.iter().copied().reduce(f);
                let Some((first, last)) = most(f64::min).zip(most(f64::max)) else { return Vec::new() };
                let span = *SPANS.iter().find(|s| (last - first) / *s <= bins as f64).unwrap();
                let count = Aggregate { function: "count", of: Of::Rows, name: None };
                let max = Aggregate { function: "max", of: Of::Field("id"), name: None };
                filled(stats(&at_start(rows, span), &[count, max], &["_time"]), span)
            })
        })
        .boxed()
}

/// Sums for each second, minute, hour or day that a row lasts.
fn rates() -> BoxedStrategy<Stage> {
    (select(&[("per_second", 1.0), ("per_minute", 60.0), ("per_hour", 3600.0), ("per_day", 86_400.0)][..]), select(&["n", "id"][..]), any::<bool>())
        .prop_map(|((function, seconds), field, split)| {
            let by = if split { " BY s" } else { "" };
            Stage::new(format!("timechart span=30m limit=0 {function}({field}){by}"), move |rows, _| {
                let sum = Aggregate { function: "sum", of: Of::Field(field), name: Some(format!("{function}({field})")) };
                let cell = |a: &Aggregate, rows: &[Row]| a.of(rows).number().map(|n| n / 1800.0 * seconds).into();
                let rows = at_start(rows, 1800.0);
                let made = if split {
                    let all = Columns { field: "s", aggregates: vec![sum], limit: 0, bottom: false, score: "sum", other: true, null: true, named: false };
                    all.table("_time", &rows, &cell)
                } else {
                    let row = |(key, members): &(Vec<Value>, Vec<Row>)| {
                        let mut row: Row = [("_time".to_string(), key[0].clone())].into_iter().collect();
                        set(&mut row, &sum.field(), cell(&sum, members));
                        row
                    };
                    groups(&rows, &["_time"]).iter().map(row).collect()
                };
                filled_with(made, 1800.0, &[])
            })
        })
        .boxed()
}

/// A row a part of the numbers, from the first to the last.
fn binned() -> BoxedStrategy<Stage> {
    (select(&[2.0, 5.0, 10.0][..]), any::<bool>())
        .prop_map(|(span, continuous)| {
            let spl = format!("where isnum(n) AND abs(n)<50 | chart count BY n span={span} cont={}", letter(continuous));
            Stage::new(spl, move |rows, _| {
                let numbers: Vec<f64> =
                    rows.iter().filter_map(|r| get(r, "n").number()).filter(|n| n.abs() < 50.0).map(|n| (n / span).floor() * span).collect();
                let ends = numbers.iter().copied().reduce(f64::min).zip(numbers.iter().copied().reduce(f64::max));
                let Some((first, last)) = ends else { return Vec::new() };
                let mut out = Vec::new();
                let mut at = first;
                while at <= last {
                    let n = numbers.iter().filter(|n| **n == at).count();
                    let name = Value::text(format!("{}-{}", crate::value::written(at), crate::value::written(at + span)));
                    if n > 0 || continuous {
                        out.push([("n".to_string(), name), ("count".to_string(), Value::Number(n as f64))].into_iter().collect());
                    }
                    at += span;
                }
                out
            })
        })
        .boxed()
}
