//! Events that belong together.

use super::{Named, Stage};
use crate::data;
use crate::value::{Row, Value, get, set};
use proptest::prelude::*;
use proptest::sample::select;

pub const LIST: &[Named] = &[("transaction", transaction)];

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
