//! Rows in and rows out for the tests of operators and commands.

use super::{Cancel, Context, Memory};
use crate::column::{Batch, Value};
use crate::engine::{Engine, Settings};
use crate::function::Env;
use crate::knowledge::Knowledge;
use crate::plan::Limits;
use crate::store::Catalog;
use serde_json::{Map, Value as Json};
use std::sync::{Arc, Mutex};

/// A context with room for everything.
pub fn context() -> Context {
    Context {
        env: Arc::new(Env::default()),
        memory: Memory::new(1 << 30),
        cancel: Cancel::default(),
        limits: Limits::default(),
        threads: 1,
        batch_rows: usize::MAX,
        optimise: true,
        meters: None,
        scanned: Default::default(),
        store: Arc::new(Catalog::default()),
        knowledge: Arc::new(Knowledge::default()),
        input_warnings: Mutex::default(),
        warnings: Mutex::default(),
    }
}

/// A batch of a JSON array of objects.
pub fn rows(json: &str) -> Batch {
    crate::input::rows(&serde_json::from_str::<Vec<Map<String, Json>>>(json).unwrap())
}

/// Rows as a JSON array of objects: columns in order, missing values left out.
pub fn shown(batch: &Batch) -> String {
    let rows = (0..batch.len()).map(|i| {
        let fields = batch.columns().filter(|(_, c)| !c.is_null(i)).map(|(n, c)| (n.to_string(), json(&c.get(i))));
        let fields: Vec<String> = fields.map(|(n, v)| format!("{}:{v}", Json::String(n))).collect();
        format!("{{{}}}", fields.join(","))
    });
    format!("[{}]", rows.collect::<Vec<_>>().join(","))
}

fn json(value: &Value<'_>) -> Json {
    match value {
        Value::Null => Json::Null,
        Value::Bool(b) => Json::Bool(*b),
        Value::Number(n) if *n == n.trunc() && n.abs() < 1e15 => Json::from(*n as i64),
        Value::Number(n) => Json::from(*n),
        Value::Text(t) => Json::String(t.to_string()),
        Value::Multi(all) => all.iter().map(json).collect(),
    }
}

/// The rows of a query over these rows, as [`shown`]; or the first error's message.
pub fn run(json: &str, query: &str) -> String {
    let one = |batch_rows, threads| {
        let settings = Settings { batch_rows, threads, now: Some(1_700_000_000.0), ..Settings::default() };
        let engine = Engine::new(Catalog::of_rows(rows(json)), Knowledge::builtin(), settings);
        match engine.run(query) {
            Ok(answer) => shown(&answer.rows),
            Err(failure) => failure.diagnostics.first().map(|d| d.to_string()).unwrap_or_default(),
        }
    };
    let (whole, single) = (one(usize::MAX, 2), one(1, 1));
    assert_eq!(whole, single, "batches of one row give other rows");
    whole
}
