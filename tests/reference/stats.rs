//! Stats functions over the rows of a group, and groups.

use crate::against::{config, engine, same};
use crate::data;
use crate::expr::{self, Expr};
use crate::value::{Row, Value, compare, get, ordered, set};
use proptest::prelude::*;
use proptest::sample::select;
use std::cmp::Ordering;
use std::fmt::{Display, Formatter, Result};

/// A function with what it is of, and the name of its result.
#[derive(Clone, Debug)]
pub struct Aggregate {
    pub function: &'static str,
    pub of: Of,
    pub name: Option<String>,
}

/// What a function is of.
#[derive(Clone, Debug)]
pub enum Of {
    /// The rows themselves.
    Rows,
    Field(&'static str),
    Eval(Expr),
}

impl Display for Aggregate {
    fn fmt(&self, f: &mut Formatter<'_>) -> Result {
        match &self.of {
            Of::Rows => f.write_str(self.function)?,
            Of::Field(field) => write!(f, "{}({field})", self.function)?,
            Of::Eval(e) => write!(f, "{}(eval({e}))", self.function)?,
        }
        self.name.iter().try_for_each(|name| write!(f, " AS {name}"))
    }
}

impl Aggregate {
    /// The field of the result: as it is written, unless it has a name.
    pub fn field(&self) -> String {
        self.name.clone().unwrap_or_else(|| self.to_string())
    }

    /// The result over rows in the order in which they come.
    pub fn of(&self, rows: &[Row]) -> Value {
        let value = |row: &Row| match &self.of {
            Of::Rows => Value::Number(1.0),
            Of::Field(field) => get(row, field),
            // A condition counts where it is true.
            Of::Eval(e) => match e.value(row) {
                Value::Bool(b) => b.then(|| "1".to_string()).into(),
                v => v,
            },
        };
        worked_out(self.function, &rows.iter().map(|r| (get(r, "_time").number(), value(r))).collect::<Vec<_>>())
    }
}

fn worked_out(function: &str, rows: &[(Option<f64>, Value)]) -> Value {
    let values: Vec<Value> = rows.iter().flat_map(|(_, v)| v.clone().each()).collect();
    let texts: Vec<String> = values.iter().filter_map(Value::as_text).collect();
    let numbers: Vec<f64> = values.iter().filter_map(Value::number).collect();
    let mut distinct = texts.clone();
    distinct.sort();
    distinct.dedup();
    let n = numbers.len() as f64;
    let some = |f: &dyn Fn() -> f64| (!numbers.is_empty()).then(f).into();
    let mean = || numbers.iter().sum::<f64>() / n;
    let squares = || numbers.iter().map(|x| (x - mean()).powi(2)).sum::<f64>();
    let sample = || if numbers.len() < 2 { 0.0 } else { squares() / (n - 1.0) };
    match function {
        "count" | "c" => (values.len() as f64).into(),
        "dc" | "distinct_count" | "estdc" => (distinct.len() as f64).into(),
        "estdc_error" => 0.0.into(),
        "sum" => some(&|| numbers.iter().sum()),
        "sumsq" => some(&|| numbers.iter().map(|x| x * x).sum()),
        "avg" | "mean" => some(&mean),
        "range" => some(&|| numbers.iter().copied().fold(f64::MIN, f64::max) - numbers.iter().copied().fold(f64::MAX, f64::min)),
        "var" => some(&sample),
        "varp" => some(&|| squares() / n),
        "stdev" => some(&|| sample().sqrt()),
        "stdevp" => some(&|| (squares() / n).sqrt()),
        "min" => extreme(&values, Ordering::Less),
        "max" => extreme(&values, Ordering::Greater),
        // Of equally frequent values the first in the order of texts.
        "mode" => {
            let often = |t: &String| texts.iter().filter(|o| *o == t).count();
            distinct.iter().rev().max_by_key(|t| often(t)).cloned().into()
        }
        "values" => Value::multi(distinct.into_iter().map(Value::Text)),
        "list" => Value::multi(texts.into_iter().take(100).map(Value::Text)),
        "first" => values.first().cloned().into(),
        "last" => values.last().cloned().into(),
        "median" => {
            let mut sorted = numbers.clone();
            sorted.sort_by(f64::total_cmp);
            sorted.get(sorted.len() / 2).copied().into()
        }
        _ => match (function, timed(rows)) {
            ("earliest", times) => times.first().and_then(|(_, v)| v.clone().each().first().cloned()).into(),
            ("latest", times) => times.last().and_then(|(_, v)| v.clone().each().first().cloned()).into(),
            ("earliest_time", times) => times.first().map(|(t, _)| *t).into(),
            ("latest_time", times) => times.last().map(|(t, _)| *t).into(),
            // A change over time has two numbers at different times.
            ("rate" | "rate_avg" | "rate_sum", times) => {
                let numbers: Vec<(f64, f64)> = times.iter().filter_map(|(t, v)| Some((*t, v.clone().each().iter().find_map(Value::number)?))).collect();
                let ends = numbers.first().zip(numbers.last()).filter(|(a, b)| a.0 < b.0);
                // A counter that falls was reset; what it had before the largest reset counts too.
                let reset = numbers.windows(2).filter(|w| w[1].1 < w[0].1).map(|w| w[0].1).fold(0.0, f64::max);
                ends.map(|(a, b)| (b.1 - a.1 + reset) / (b.0 - a.0)).into()
            }
            (percent, _) => {
                let digits = percent.find(|c: char| c.is_ascii_digit()).expect("a percentile");
                percentile(&numbers, percent[digits..].parse().unwrap(), percent.starts_with("exact"))
            }
        },
    }
}

/// The values with their times, the oldest first; rows come newest first, so of those of equal times the later is the older.
fn timed(rows: &[(Option<f64>, Value)]) -> Vec<(f64, Value)> {
    let mut all: Vec<(f64, Value)> = rows.iter().rev().filter_map(|(t, v)| Some(((*t)?, v.clone()))).filter(|(_, v)| !v.is_null()).collect();
    all.sort_by(|a, b| a.0.total_cmp(&b.0));
    all
}

/// By number where all are numbers, else by text.
fn extreme(values: &[Value], wanted: Ordering) -> Value {
    let numeric = values.iter().all(|v| v.number().is_some());
    let order = |a: &Value, b: &Value| if numeric { compare(a, b).unwrap() } else { a.as_text().cmp(&b.as_text()) };
    let best = values.iter().cloned().reduce(|best, v| if order(&v, &best) == wanted { v } else { best });
    best.map(|v| if numeric { v.number().into() } else { v.as_text().into() }).unwrap_or(Value::Null)
}

/// By nearest rank; where an exact one falls between two, their middle.
fn percentile(numbers: &[f64], percent: f64, exact: bool) -> Value {
    let mut sorted = numbers.to_vec();
    sorted.sort_by(f64::total_cmp);
    let place = percent / 100.0 * sorted.len() as f64;
    let at = |place: f64| sorted.get((place as usize).clamp(1, sorted.len().max(1)) - 1).copied();
    match exact && place.fract() == 0.0 && place >= 1.0 {
        true => at(place).zip(at(place + 1.0)).map(|(a, b)| (a + b) / 2.0).into(),
        false => at(place.ceil()).into(),
    }
}

/// The groups of rows, in the order of their by-fields: a row counts once for each combination of its values.
pub fn groups(rows: &[Row], by: &[&str]) -> Vec<(Vec<Value>, Vec<Row>)> {
    let mut groups: Vec<(Vec<Value>, Vec<Row>)> = Vec::new();
    for row in rows {
        for key in keys(row, by) {
            // Within a group the field has the group's value.
            let mut row = row.clone();
            by.iter().zip(&key).for_each(|(field, v)| set(&mut row, field, v.clone()));
            // Values that print alike are the same.
            match groups.iter_mut().find(|(k, _)| alike(k, &key)) {
                Some((_, members)) => members.push(row),
                None => groups.push((key, vec![row])),
            }
        }
    }
    groups.sort_by(|(a, _), (b, _)| {
        a.iter().zip(b).map(|(a, b)| ordered(a, b).then_with(|| a.as_text().cmp(&b.as_text()))).find(|o| o.is_ne()).unwrap_or(Ordering::Equal)
    });
    groups
}

/// Do keys print alike?
pub fn alike(a: &[Value], b: &[Value]) -> bool {
    a.iter().map(Value::as_text).eq(b.iter().map(Value::as_text))
}

/// Every combination of the values of the by-fields; none where one is missing.
pub fn keys(row: &Row, by: &[&str]) -> Vec<Vec<Value>> {
    by.iter().fold(vec![Vec::new()], |keys, field| {
        keys.iter().flat_map(|key| get(row, field).each().into_iter().map(|v| key.iter().cloned().chain([v]).collect())).collect()
    })
}

/// `stats`: a row a group; without by-fields one row, whatever there is.
pub fn stats(rows: &[Row], aggregates: &[Aggregate], by: &[&str]) -> Vec<Row> {
    let groups = if by.is_empty() { vec![(Vec::new(), rows.to_vec())] } else { groups(rows, by) };
    let row = |(key, members): &(Vec<Value>, Vec<Row>)| {
        let mut row = Row::new();
        by.iter().zip(key).for_each(|(field, v)| set(&mut row, field, v.clone()));
        aggregates.iter().for_each(|a| set(&mut row, &a.field(), a.of(members)));
        row
    };
    groups.iter().map(row).collect()
}

/// Functions of any values, of numbers, and of times.
pub const FUNCTIONS: &[&str] = &[
    "count",
    "c",
    "dc",
    "distinct_count",
    "estdc",
    "estdc_error",
    "sum",
    "sumsq",
    "avg",
    "mean",
    "range",
    "var",
    "varp",
    "stdev",
    "stdevp",
    "min",
    "max",
    "mode",
    "values",
    "list",
    "first",
    "last",
    "median",
    "perc50",
    "p90",
    "perc0",
    "perc100",
    "exactperc25",
    "exactperc50",
    "exactperc99",
    "upperperc75",
    "earliest",
    "latest",
    "earliest_time",
    "latest_time",
    "rate",
    "rate_avg",
    "rate_sum",
];

/// A function of something.
pub fn aggregate() -> impl Strategy<Value = Aggregate> {
    let field = (select(FUNCTIONS), select(&["n", "n", "a", "g", "s", "none"][..])).prop_map(|(function, field)| Aggregate {
        function,
        of: Of::Field(field),
        name: None,
    });
    let values = (select(&["sum", "values", "max", "list", "avg"][..]), expr::value(2));
    let conditions = (Just("count"), expr::condition(1));
    prop_oneof![
        8 => field,
        1 => Just(Aggregate { function: "count", of: Of::Rows, name: None }),
        1 => prop_oneof![values.boxed(), conditions.boxed()].prop_map(|(function, e)| Aggregate { function, of: Of::Eval(e), name: Some("e".into()) }),
    ]
}

/// A few functions, none of whose results has the name of another.
pub fn aggregates(most: usize) -> impl Strategy<Value = Vec<Aggregate>> {
    prop::collection::vec(aggregate(), 1..=most).prop_map(|all| {
        let mut names = Vec::new();
        all.into_iter()
            .filter(|a| {
                let fresh = !names.contains(&a.field());
                names.push(a.field());
                fresh
            })
            .collect()
    })
}

/// As written behind a command.
pub fn written(aggregates: &[Aggregate], by: &[&str]) -> String {
    let list = aggregates.iter().map(Aggregate::to_string).collect::<Vec<_>>().join(", ");
    if by.is_empty() { list } else { format!("{list} BY {}", by.join(", ")) }
}

const BY: &[&[&str]] = &[&[], &["g"], &["g"], &["g", "n"], &["a"], &["s"], &["s"], &["s", "g"], &["none"]];

/// Fields to group by.
pub fn by() -> impl Strategy<Value = Vec<&'static str>> {
    select(BY).prop_map(<[&str]>::to_vec)
}

proptest! {
    #![proptest_config(config(300))]

    #[test]
    fn groups_have_the_same_results(rows in data::timed(12), aggregates in aggregates(5), by in by()) {
        let engine = engine(&rows);
        let rows = data::newest_first(rows);
        same(&engine, &format!("search * | stats {}", written(&aggregates, &by)), &stats(&rows, &aggregates, &by))?;
    }
}
