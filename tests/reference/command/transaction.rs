//! Events that belong together.

use super::{Named, Stage};
use crate::data;
use crate::value::{Row, Value, get, set};
use proptest::prelude::*;
use proptest::sample::select;

pub const LIST: &[Named] = &[("transaction", transaction), ("transaction", marked)];

/// The most that a transaction may have.
#[derive(Clone, Copy, Debug)]
struct Limits {
    span: f64,
    pause: f64,
    events: usize,
}

const ANY: Limits = Limits { span: f64::INFINITY, pause: f64::INFINITY, events: usize::MAX };

/// Its events, the newest first, and whether a limit ended it.
struct Transaction {
    events: Vec<Row>,
    closed: bool,
}

fn time(row: &Row) -> f64 {
    get(row, "_time").number().unwrap()
}

fn transaction() -> BoxedStrategy<Stage> {
    let limits = [
        ("", ANY),
        (" maxspan=30m", Limits { span: 1800.0, ..ANY }),
        (" maxpause=10m", Limits { pause: 600.0, ..ANY }),
        (" maxevents=2", Limits { events: 2, ..ANY }),
        (" maxspan=1h maxpause=901s", Limits { span: 3600.0, pause: 901.0, ..ANY }),
    ];
    select(limits.to_vec())
        .prop_map(|(written, limits)| {
            // Events of equal times have no order of their own: none here.
            let spl = format!("eval g=mvindex(g, 0) | dedup _time | transaction g{written} | table id g n a _time duration eventcount closed_txn");
            Stage::new(spl, move |rows, _| gathered(rows, limits))
        })
        .boxed()
}

fn gathered(rows: Vec<Row>, limits: Limits) -> Vec<Row> {
    let mut all: Vec<Transaction> = Vec::new();
    let mut seen = Vec::new();
    let fresh = |row: &Row| {
        let fresh = !seen.contains(&time(row));
        seen.push(time(row));
        fresh
    };
    // Whatever their order, events are gone through from the newest to the oldest.
    let distinct = rows.into_iter().filter(|r| !get(r, "_time").is_null()).filter(fresh).collect();
    for mut row in data::newest_first(distinct) {
        let now = time(&row);
        let group = get(&row, "g").each().into_iter().next().unwrap_or(Value::Null);
        set(&mut row, "g", group.clone());
        // Time that passes ends what may not last so long.
        for open in all.iter_mut().filter(|t| !t.closed) {
            let (first, last) = (time(&open.events[0]), time(open.events.last().unwrap()));
            open.closed = first - now > limits.span || last - now > limits.pause;
        }
        if group.is_null() {
            continue;
        }
        let same = |t: &&mut Transaction| !t.closed && get(&t.events[0], "g").as_text() == group.as_text();
        match all.iter_mut().find(same) {
            Some(open) => {
                open.events.push(row);
                open.closed = open.events.len() >= limits.events;
            }
            None => all.push(Transaction { events: vec![row], closed: limits.events <= 1 }),
        }
    }
    let mut out: Vec<Row> = all.iter().map(one).collect();
    out.sort_by(|a, b| time(b).total_cmp(&time(a)));
    out
}

/// The event that a transaction becomes: each value once, in the order of texts.
fn one(t: &Transaction) -> Row {
    let mut out = Row::new();
    for field in ["id", "g", "n", "a"] {
        let mut values: Vec<String> = t.events.iter().flat_map(|e| get(e, field).each()).filter_map(|v| v.as_text()).collect();
        values.sort();
        values.dedup();
        // A single event stays as it is.
        let all = if t.events.len() == 1 { get(&t.events[0], field) } else { Value::multi(values.into_iter().map(Value::Text)) };
        set(&mut out, field, all);
    }
    let first = time(t.events.last().unwrap());
    set(&mut out, "_time", first.into());
    set(&mut out, "duration", (time(&t.events[0]) - first).into());
    set(&mut out, "eventcount", (t.events.len() as f64).into());
    set(&mut out, "closed_txn", if t.closed { 1.0 } else { 0.0 }.into());
    out
}

/// Which events mark a start or an end, by their numbers.
#[derive(Clone, Copy, Debug)]
struct Marks {
    start: Option<(u64, u64)>,
    end: Option<(u64, u64)>,
}

/// Is the number such?
fn marks(rule: Option<(u64, u64)>, row: &Row) -> bool {
    let id = get(row, "id").number();
    rule.zip(id).is_some_and(|((by, rest), id)| id % by as f64 == rest as f64)
}

/// Transactions from a start to an end: those whose start never came are evicted.
fn marked() -> BoxedStrategy<Stage> {
    let rule = |by: u64, rest: u64| prop::option::of(Just((by, rest)));
    (rule(3, 0), rule(4, 1), any::<bool>())
        .prop_filter("a mark", |(start, end, _)| start.or(*end).is_some())
        .prop_map(|(start, end, evicted)| {
            let marks = Marks { start, end };
            let written = |name: &str, rule: Option<(u64, u64)>| rule.map_or(String::new(), |(by, rest)| format!(" {name}=eval(id%{by}=={rest})"));
            let spl = format!(
                "eval g=mvindex(g, 0), id=mvindex(id, 0) | where isnotnull(g) | dedup _time | transaction g{}{} keepevicted={} | table id g n a _time duration eventcount closed_txn",
                written("startswith", start),
                written("endswith", end),
                super::order::letter(evicted)
            );
            Stage::new(spl, move |rows, _| between(rows, marks, evicted))
        })
        .boxed()
}

fn between(rows: Vec<Row>, rules: Marks, evicted: bool) -> Vec<Row> {
    let mut all: Vec<Transaction> = Vec::new();
    let mut open: Vec<(String, usize)> = Vec::new();
    let mut seen = Vec::new();
    let first = |row: &Row, f: &str| get(row, f).each().into_iter().next().unwrap_or(Value::Null);
    let mut events: Vec<Row> = Vec::new();
    for mut row in rows.into_iter().filter(|r| !get(r, "_time").is_null() && !get(r, "g").is_null()) {
        if seen.contains(&time(&row)) {
            continue;
        }
        seen.push(time(&row));
        for field in ["g", "id"] {
            let value = first(&row, field);
            set(&mut row, field, value);
        }
        events.push(row);
    }
    for row in data::newest_first(events) {
        let group = get(&row, "g").as_text().unwrap();
        let (is_start, is_end) = (marks(rules.start, &row), marks(rules.end, &row));
        let current = open.iter().position(|(g, _)| *g == group);
        let place = match current {
            // An end is the newest event of one of its own.
            Some(at) if !is_end => open[at].1,
            _ if is_end || rules.end.is_none() => {
                if let Some(at) = current {
                    open.remove(at);
                }
                all.push(Transaction { events: Vec::new(), closed: rules.start.is_none() });
                open.push((group.clone(), all.len() - 1));
                all.len() - 1
            }
            // What no end came behind is in none.
            _ => continue,
        };
        all[place].events.push(row);
        if is_start {
            all[place].closed = true;
            open.retain(|(g, _)| *g != group);
        }
    }
    let mut out: Vec<Row> = all.iter().filter(|t| t.closed || evicted).map(one).collect();
    out.sort_by(|a, b| time(b).total_cmp(&time(a)));
    out
}
