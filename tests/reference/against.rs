//! The engine over the same rows, and whether its rows are those of the reference.

use crate::value::{Row, Value, number, written};
use proptest::test_runner::{Config, FileFailurePersistence, RngSeed, TestCaseError};
use spl_engine::column::{Batch, Value as Cell};
use spl_engine::engine::Settings;
use spl_engine::input;
use spl_engine::knowledge::Knowledge;
use spl_engine::store::{Catalog, Dataset};
use spl_engine::{Engine, diagnostic};
use std::sync::OnceLock;

/// The start of every query.
pub const NOW: f64 = 1_700_000_000.0;

/// So many cases as can be waited for, the same each time.
pub fn config(cases: u32) -> Config {
    let given = |name| std::env::var(name).ok().and_then(|n: String| n.parse::<u64>().ok());
    Config {
        cases: given("PROPTEST_CASES").map_or(cases, |n| n as u32),
        rng_seed: RngSeed::Fixed(given("PROPTEST_RNG_SEED").unwrap_or(1)),
        failure_persistence: Some(Box::new(FileFailurePersistence::Direct("proptest-regressions/reference.txt"))),
        max_shrink_iters: 4000,
        ..Config::default()
    }
}

/// An engine whose events are these rows. Texts stay texts; a number is one where `_time` says so.
pub fn engine(rows: &[Row]) -> Engine {
    static BUILTIN: OnceLock<Engine> = OnceLock::new();
    let plain = BUILTIN.get_or_init(|| {
        let settings = Settings { threads: 1, now: Some(NOW), ..Settings::default() };
        let mut knowledge = Knowledge::builtin();
        knowledge.add_lookup_text("groups.csv", &crate::command::lookup_table()).expect("a table");
        for (name, text) in crate::command::tables() {
            knowledge.add_lookup_text(name, &text).expect("a table");
        }
        knowledge.add_transforms_text(crate::command::TRANSFORMS, "transforms.conf");
        Engine::new(Catalog::default(), knowledge, settings)
    });
    let objects: Vec<_> = rows.iter().map(|r| r.iter().map(|(k, v)| (k.clone(), json(v))).collect()).collect();
    let mut catalog = Catalog::default();
    catalog.add(Dataset::table("events", crate::data::pieces(&objects).map(input::rows).collect()));
    plain.over(catalog)
}

fn json(value: &Value) -> serde_json::Value {
    match value {
        Value::Multi(all) => all.iter().map(json).collect(),
        other => other.as_text().into(),
    }
}

/// What the engine answers.
pub fn answer(engine: &Engine, spl: &str) -> Result<Vec<Row>, TestCaseError> {
    match engine.run(spl) {
        Ok(answer) => Ok(rows_of(&answer.rows)),
        Err(f) => Err(TestCaseError::fail(diagnostic::render(&f.diagnostics[0], &f.sources, false))),
    }
}

/// The rows of a batch.
pub fn rows_of(batch: &Batch) -> Vec<Row> {
    let cell = |name: &str, row| Some((name.to_string(), value(&batch.value(name, row)))).filter(|(_, v)| !v.is_null());
    (0..batch.len()).map(|row| batch.names().filter_map(|name| cell(name, row)).collect()).collect()
}

fn value(cell: &Cell<'_>) -> Value {
    match cell {
        Cell::Null => Value::Null,
        Cell::Bool(b) => Value::Bool(*b),
        Cell::Number(n) => Value::Number(*n),
        Cell::Text(t) => Value::text(t.as_ref()),
        Cell::Multi(all) => Value::Multi(all.iter().map(value).collect()),
    }
}

/// Fails unless the engine's rows are these, in this order, also row by row and without the optimiser.
pub fn same(engine: &Engine, spl: &str, wanted: &[Row]) -> Result<(), TestCaseError> {
    compared(engine, spl, wanted, false)
}

/// The same, but for numbers that may be texts that print alike.
pub fn alike(engine: &Engine, spl: &str, wanted: &[Row]) -> Result<(), TestCaseError> {
    compared(engine, spl, wanted, true)
}

fn compared(engine: &Engine, spl: &str, wanted: &[Row], loosely: bool) -> Result<(), TestCaseError> {
    let plain = Engine { settings: Settings { optimise: false, batch_rows: 1, ..engine.settings.clone() }, ..engine.clone() };
    for engine in [engine, &plain] {
        let got = answer(engine, spl)?;
        if !same_rows(&got, wanted, loosely) {
            let how = if engine.settings.optimise { "" } else { " (plainly)" };
            return Err(TestCaseError::fail(format!("{spl}\nreference:\n{}engine{how}:\n{}", shown(wanted), shown(&got))));
        }
    }
    Ok(())
}

fn same_rows(a: &[Row], b: &[Row], loosely: bool) -> bool {
    a.len() == b.len() && a.iter().zip(b).all(|(a, b)| same_row(a, b, loosely))
}

/// Are rows the same, but for sums in another order?
pub fn near_rows(a: &[Row], b: &[Row]) -> bool {
    same_rows(a, b, false)
}

pub fn shown(rows: &[Row]) -> String {
    rows.iter().map(|r| format!("  {r:?}\n")).collect()
}

fn same_row(a: &Row, b: &Row, loosely: bool) -> bool {
    a.len() == b.len() && a.iter().all(|(name, v)| b.get(name).is_some_and(|w| same_value(v, w, loosely)))
}

/// The same kind, the same text; numbers as near as sums in another order come.
fn same_value(a: &Value, b: &Value, loosely: bool) -> bool {
    match (a, b) {
        (Value::Number(x), Value::Number(y)) => near(*x, *y),
        (Value::Multi(x), Value::Multi(y)) => x.len() == y.len() && x.iter().zip(y).all(|(x, y)| same_value(x, y, loosely)),
        // Among texts of events a number that was made may have become one.
        (Value::Number(n), Value::Text(t)) | (Value::Text(t), Value::Number(n)) if loosely => written(*n) == *t || number(t).is_some_and(|m| near(*n, m)),
        _ => a == b,
    }
}

fn near(x: f64, y: f64) -> bool {
    x == y || (x.is_nan() && y.is_nan()) || (x - y).abs() <= 1e-9 * x.abs().max(y.abs()).max(1e-3)
}
