//! However the rows are read and worked on, they are the same: from files or tables, in one piece or many, with any number of
//! threads and rows a batch, with the optimiser or without, and in little memory, unless that ends the query.

use crate::against::{config, near_rows, rows_of, shown};
use crate::command::{Stage, stage};
use crate::data;
use crate::value::{Row, Value, get};
use proptest::prelude::*;
use spl_engine::Engine;
use spl_engine::diagnostic::Code;
use spl_engine::engine::{Failure, Settings};
use spl_engine::input::{DataSpec, ReadOptions, Warnings, expand};
use spl_engine::knowledge::Knowledge;
use spl_engine::store::{Catalog, Dataset, load};
use std::path::Path;

/// A line of NDJSON, with what events of files have beside their fields.
fn line(row: &Row) -> String {
    let json = |v: &Value| match v {
        Value::Multi(all) => all.iter().filter_map(Value::as_text).collect::<serde_json::Value>(),
        v => v.as_text().into(),
    };
    let mut object: serde_json::Map<String, serde_json::Value> = row.iter().filter(|(name, _)| *name != "_time").map(|(n, v)| (n.clone(), json(v))).collect();
    object.insert("_time".into(), get(row, "_time").number().into());
    object.insert("_raw".into(), format!("id={} {}", get(row, "id").as_text().unwrap_or_default(), get(row, "a").as_text().unwrap_or_default()).into());
    for name in ["host", "source", "sourcetype", "index"] {
        object.insert(name.into(), "x".into());
    }
    serde_json::Value::Object(object).to_string() + "\n"
}

/// The rows over so many files.
fn files(dir: &Path, rows: &[Row], n: usize) -> String {
    let dir = dir.join(format!("{n}"));
    std::fs::create_dir_all(&dir).unwrap();
    for (i, part) in rows.chunks(rows.len().div_ceil(n).max(1)).enumerate() {
        std::fs::write(dir.join(format!("{i:02}.json")), part.iter().map(line).collect::<String>()).unwrap();
    }
    dir.to_str().unwrap().to_string()
}

fn catalog(path: &str, chunk_bytes: usize, as_table: bool) -> Catalog {
    let read = ReadOptions { chunk_bytes, ..ReadOptions::default() };
    let mut catalog = Catalog::default().cut_by(read.clone());
    for file in expand(&DataSpec::parse(path).unwrap()).unwrap() {
        catalog.add(match as_table {
            true => load(&file, &read, &Default::default(), 2, &|| Ok(()), &mut Warnings::new()).unwrap(),
            false => Dataset::File(file),
        });
    }
    catalog
}

fn run(engine: &Engine, spl: &str) -> Result<Vec<Row>, Failure> {
    engine.run(spl).map(|answer| rows_of(&answer.rows))
}

/// More rows, so that values repeat and chunks end among them.
fn repeated(rows: &[Row], times: usize) -> Vec<Row> {
    let again = |i: usize| {
        rows.iter().map(move |r| {
            let mut row = r.clone();
            row.insert("id".into(), Value::text(format!("{i}{}", get(r, "id").as_text().unwrap_or_default())));
            row.insert("_time".into(), get(r, "_time").number().map(|t| t - 7.0 * i as f64).into());
            row
        })
    };
    (0..times).flat_map(again).collect()
}

fn tried(rows: &[Row], stages: &[Stage]) -> Result<(), TestCaseError> {
    if rows.is_empty() {
        return Ok(());
    }
    let dir = tempfile::tempdir().unwrap();
    let spl = format!("search *{}", stages.iter().map(|s| format!(" | {}", s.spl)).collect::<String>());
    let settings =
        |threads, batch_rows, optimise, memory| Settings { threads, batch_rows, optimise, memory, now: Some(1_700_000_000.0), ..Settings::default() };
    let (one, many) = (files(dir.path(), rows, 1), files(dir.path(), rows, 3));
    let mut knowledge = Knowledge::builtin();
    knowledge.add_lookup_text("groups.csv", &crate::command::lookup_table()).expect("a table");
    let whole = usize::MAX;
    let plain = Engine::new(catalog(&one, 4 << 20, false), knowledge, settings(1, whole, false, 4 << 30));
    let wanted = run(&plain, &spl).map_err(|f| TestCaseError::fail(format!("{spl}: {:?}", f.diagnostics)))?;
    let ways = [
        ("optimised", &one, 4 << 20, false, settings(1, whole, true, 4 << 30)),
        ("in small chunks, 8 threads", &one, 700, false, settings(8, whole, true, 4 << 30)),
        ("seven rows at a time", &one, 700, false, settings(2, 7, true, 4 << 30)),
        ("one row at a time", &one, 4 << 20, false, settings(1, 1, true, 4 << 30)),
        ("three files", &many, 4 << 20, false, settings(2, whole, true, 4 << 30)),
        ("a table", &one, 700, true, settings(1, whole, true, 4 << 30)),
        ("a table, 8 threads, plainly", &one, 4 << 20, true, settings(8, 7, false, 4 << 30)),
        ("three tables", &many, 4 << 20, true, settings(2, 1, true, 4 << 30)),
        ("in 30 kB", &one, 700, false, settings(2, whole, true, 30_000)),
        ("in 8 kB", &one, 4 << 20, true, settings(1, 7, true, 8_000)),
    ];
    for (way, path, chunk, table, settings) in ways {
        let engine = Engine { settings, ..plain.over(catalog(path, chunk, table)) };
        match run(&engine, &spl) {
            Ok(got) if near_rows(&got, &wanted) => {}
            Err(f) if engine.settings.memory < 1 << 20 && f.diagnostics.iter().all(|d| d.code == Code::MEMORY) => {}
            Ok(got) => return Err(TestCaseError::fail(format!("{way}: {spl}\nplainly:\n{}so:\n{}", shown(&wanted), shown(&got)))),
            Err(f) => return Err(TestCaseError::fail(format!("{way}: {spl}\n{:?}", f.diagnostics))),
        }
    }
    Ok(())
}

proptest! {
    #![proptest_config(config(40))]

    #[test]
    fn every_way_gives_the_same_rows(rows in data::timed(12), times in 1..9usize, stages in prop::collection::vec(stage(), 1..4)) {
        tried(&repeated(&rows, times), &stages)?;
    }
}
