//! What a run of detections comes to: which of them hit, when, and how much time they took.

use crate::column::{Batch, Column, Value};
use crate::input::parse::time_value;
use crate::knowledge::Detection;
use crate::output::{Options, cell, table};
use crate::time::Zone;
use std::time::Duration;

/// The summary names detections without hits up to so many.
const LISTED: usize = 20;

/// The columns that say when a hit was first, and last.
pub const FIRST: [&str; 2] = ["firstTime", "_time"];
const LAST: [&str; 2] = ["lastTime", "_time"];

/// The time in the first of these columns that has one.
pub fn time_of(rows: &Batch, row: usize, columns: [&str; 2], zone: &Zone) -> Option<f64> {
    columns.into_iter().find_map(|name| match rows.value(name, row) {
        Value::Number(t) => Some(t),
        Value::Text(t) => time_value(t.as_bytes(), zone),
        _ => None,
    })
}

/// A line of the summary.
#[derive(Default)]
pub struct Line {
    pub name: String,
    pub hits: usize,
    first: Option<f64>,
    last: Option<f64>,
    risk: Option<f64>,
    pub failed: bool,
    /// Time spent on it alone.
    pub spent: Duration,
}

impl Line {
    /// Of a detection that gave none.
    pub fn failed(detection: &Detection, spent: Duration) -> Line {
        Line { name: detection.name.clone(), failed: true, spent, ..Line::default() }
    }

    /// Of a detection that gave these rows.
    pub fn new(detection: &Detection, rows: &Batch, spent: Duration, zone: &Zone) -> Line {
        let each = |columns| (0..rows.len()).filter_map(move |row| time_of(rows, row, columns, zone));
        Line {
            name: detection.name.clone(),
            hits: rows.len(),
            first: each(FIRST).reduce(f64::min),
            last: each(LAST).reduce(f64::max),
            risk: detection.risk.score,
            failed: false,
            spent,
        }
    }
}

/// The time that each detection took, the slowest first: what they share, reading and parsing, is in none of them.
pub fn profile(lines: &[Line]) -> String {
    let mut lines: Vec<&Line> = lines.iter().collect();
    lines.sort_by_key(|l| std::cmp::Reverse(l.spent));
    let mut rows = Batch::new(lines.len());
    rows.set("detection", lines.iter().map(|l| Value::owned(l.name.clone())).collect::<Column>());
    rows.set("ms", lines.iter().map(|l| Value::Number((l.spent.as_secs_f64() * 1e6).round() / 1e3)).collect::<Column>());
    table::text(&rows, &Options { width: table::terminal_width(), ..Options::default() })
}

/// The summary: a table of the detections, those without hits only while they are few.
pub fn text(lines: &[Line], zone: &Zone) -> String {
    let hit = lines.iter().filter(|l| l.hits > 0).count();
    let failed = lines.iter().filter(|l| l.failed).count();
    let listed: Vec<&Line> = lines.iter().filter(|l| lines.len() <= LISTED || l.hits > 0 || l.failed).collect();
    let time = |t: Option<f64>| Value::from(t.map(|t| cell::time(t, zone)));
    let mut rows = Batch::new(listed.len());
    let mut set = |name: &str, value: &dyn Fn(&Line) -> Value<'static>| rows.set(name, listed.iter().map(|l| value(l)).collect::<Column>());
    set("detection", &|l| Value::owned(l.name.clone()));
    set("hits", &|l| if l.failed { Value::text("failed") } else { Value::Number(l.hits as f64) });
    // Detections whose rows hold no times, or that have no risk, need no empty columns.
    if listed.iter().any(|l| l.first.is_some() || l.last.is_some()) {
        set("first", &|l| time(l.first));
        set("last", &|l| time(l.last));
    }
    if listed.iter().any(|l| l.risk.is_some() && l.hits > 0) {
        set("risk", &|l| l.risk.filter(|_| l.hits > 0).into());
    }
    let options = Options { width: table::terminal_width(), ..Options::default() };
    let failed = if failed > 0 { format!(", {failed} failed") } else { String::new() };
    let noun = if lines.len() == 1 { "detection" } else { "detections" };
    format!("{}{} {noun}, {hit} with hits{failed}", table::text(&rows, &options), lines.len())
}
