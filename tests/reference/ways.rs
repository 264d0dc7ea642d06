//! However the rows are read and worked on, they are the same: from files or tables, in one piece or many, with any number of
//! threads and rows a batch, with the optimiser or without, and in little memory, unless that ends the query.

use crate::against::{config, near_rows, rows_of, shown};
use crate::command::{stage, wanted};
use crate::data;
use crate::invariant::{self, AGGREGATES, COMMANDS, FUNCTIONS};
use crate::options;
use crate::value::{Row, Value, get};
use proptest::prelude::*;
use proptest::sample::select;
use spl_engine::Engine;
use spl_engine::diagnostic::Code;
use spl_engine::engine::{Failure, Settings};
use spl_engine::input::{DataSpec, ReadOptions, Warnings, expand};
use spl_engine::store::{Catalog, Dataset, load};
use std::fs;
use std::path::Path;
use tempfile::TempDir;

/// A line of NDJSON, with what events of files have beside their fields. Each piece has a host of its own.
fn line(row: &Row, piece: usize) -> String {
    let json = |v: &Value| match v {
        Value::Multi(all) => all.iter().filter_map(Value::as_text).collect::<serde_json::Value>(),
        v => v.as_text().into(),
    };
    let mut object: serde_json::Map<String, serde_json::Value> = row.iter().filter(|(name, _)| *name != "_time").map(|(n, v)| (n.clone(), json(v))).collect();
    object.insert("_time".into(), get(row, "_time").number().into());
    object.insert("_raw".into(), format!("id={} {}", get(row, "id").as_text().unwrap_or_default(), get(row, "a").as_text().unwrap_or_default()).into());
    object.insert("metric_name".into(), "cpu".into());
    object.insert("_value".into(), get(row, "id").number().into());
    for (name, text) in [("host", format!("h{}", piece % 2)), ("source", "x".into()), ("sourcetype", "x".into()), ("index", "x".into())] {
        object.insert(name.into(), text.into());
    }
    serde_json::Value::Object(object).to_string() + "\n"
}

/// The rows in one file, or a file a piece.
fn files(dir: &Path, rows: &[Row], together: bool) -> String {
    let dir = dir.join(if together { "one" } else { "many" });
    fs::create_dir_all(&dir).unwrap();
    let pieces = data::pieces(rows).enumerate().map(|(i, part)| part.iter().map(|r| line(r, i)).collect::<String>());
    match together {
        true => fs::write(dir.join("all.json"), pieces.collect::<String>()).unwrap(),
        false => pieces.enumerate().for_each(|(i, text)| fs::write(dir.join(format!("{i:02}.json")), text).unwrap()),
    }
    dir.to_str().unwrap().to_string()
}

fn catalog(path: &str, chunk_bytes: usize, as_table: bool) -> Catalog {
    let read = ReadOptions { chunk_bytes, ..ReadOptions::default() };
    let mut catalog = Catalog::default().cut_by(read.clone());
    for file in expand(&DataSpec::parse(path).unwrap()).unwrap() {
        catalog.add(match as_table {
            true => Dataset::Table(load(&file, &read, &Default::default(), 2, &|| Ok(()), &mut Warnings::new()).unwrap()),
            false => Dataset::File(file),
        });
    }
    catalog
}

/// What a query gives: its rows, and the files that it wrote.
struct Outcome {
    rows: Result<Vec<Row>, Failure>,
    written: Vec<(String, String)>,
}

fn run(engine: &Engine, spl: &str) -> Outcome {
    let dir = tempfile::tempdir().unwrap();
    let engine = Engine { settings: Settings { writes: Some(dir.path().to_path_buf()), ..engine.settings.clone() }, ..engine.clone() };
    let rows = engine.run(spl).map(|answer| rows_of(&answer.rows));
    let text = |f: fs::DirEntry| (f.file_name().to_string_lossy().into_owned(), fs::read_to_string(f.path()).unwrap_or_default());
    let mut written: Vec<_> = fs::read_dir(dir.path()).unwrap().map(|f| text(f.unwrap())).collect();
    written.sort();
    Outcome { rows, written }
}

/// More rows, so that values repeat and chunks end among them.
fn repeated(rows: &[Row], times: usize, sites: &[data::Site]) -> Vec<Row> {
    let again = |i: usize| {
        rows.iter().map(move |r| {
            let mut row = r.clone();
            row.insert("id".into(), Value::text(format!("{i}{}", get(r, "id").as_text().unwrap_or_default())));
            row.insert("_time".into(), get(r, "_time").number().map(|t| t - 7.0 * i as f64).into());
            row
        })
    };
    let mut all: Vec<Row> = (0..times).flat_map(again).collect();
    data::sited(&mut all, sites);
    all
}

/// The same rows in all ways.
struct Ways {
    plain: Engine,
    others: Vec<(&'static str, Engine)>,
    _files: TempDir,
}

impl Ways {
    fn new(rows: &[Row]) -> Ways {
        let dir = tempfile::tempdir().unwrap();
        let settings =
            |threads, batch_rows, optimise, memory| Settings { threads, batch_rows, optimise, memory, now: Some(1_700_000_000.0), ..Settings::default() };
        let (one, many) = (files(dir.path(), rows, true), files(dir.path(), rows, false));
        let (whole, large) = (usize::MAX, 4 << 30);
        let plain = Engine::new(catalog(&one, 4 << 20, false), invariant::knowledge(&dir.path().join("app")), settings(1, whole, false, large));
        let ways = [
            ("optimised", &one, 4 << 20, false, settings(1, whole, true, large)),
            ("in small chunks, 8 threads", &one, 700, false, settings(8, whole, true, large)),
            ("seven rows at a time", &one, 700, false, settings(2, 7, true, large)),
            ("one row at a time", &one, 4 << 20, false, settings(1, 1, true, large)),
            ("three files", &many, 4 << 20, false, settings(2, whole, true, large)),
            ("a table", &one, 700, true, settings(1, whole, true, large)),
            ("a table, 8 threads, plainly", &one, 4 << 20, true, settings(8, 7, false, large)),
            ("three tables", &many, 4 << 20, true, settings(2, 1, true, large)),
            ("in 30 kB", &one, 700, false, settings(2, whole, true, 30_000)),
            ("in 8 kB", &one, 4 << 20, true, settings(1, 7, true, 8_000)),
        ];
        let others =
            ways.into_iter().map(|(way, path, chunk, table, settings)| (way, Engine { settings, ..plain.over(catalog(path, chunk, table)) })).collect();
        Ways { plain, others, _files: dir }
    }

    fn agree(&self, spl: &str) -> Result<(), TestCaseError> {
        let plain = run(&self.plain, spl);
        let codes = |f: &Failure| f.diagnostics.iter().map(|d| d.code.id).collect::<Vec<_>>();
        for (way, engine) in &self.others {
            let so = run(engine, spl);
            let little = engine.settings.memory < 1 << 20;
            match (&so.rows, &plain.rows) {
                (Err(f), _) if little && f.diagnostics.iter().all(|d| d.code == Code::MEMORY) => {}
                // What ends a query plainly ends it in every way.
                (Err(f), Err(p)) if codes(f) == codes(p) => {}
                (Ok(got), Ok(wanted)) if near_rows(got, wanted) => {
                    prop_assert_eq!(&so.written, &plain.written, "{}: {}: the files", way, spl);
                }
                (Ok(got), Ok(wanted)) => return Err(TestCaseError::fail(format!("{way}: {spl}\nplainly:\n{}so:\n{}", shown(wanted), shown(got)))),
                (so, plain) => return Err(TestCaseError::fail(format!("{way}: {spl}\nplainly: {}\nso: {}", told(plain), told(so)))),
            }
        }
        Ok(())
    }
}

fn told(outcome: &Result<Vec<Row>, Failure>) -> String {
    outcome.as_ref().map_or_else(|f| format!("{:?}", f.diagnostics), |rows| shown(rows))
}

/// The texts of commands and functions that have no second implementation.
fn invariants() -> Vec<String> {
    let texts = |all: &'static [invariant::Written]| all.iter().filter(|(name, _)| wanted(name)).flat_map(|(_, texts)| texts.iter());
    let functions = texts(FUNCTIONS).map(|e| format!("eval x={e}"));
    texts(COMMANDS).chain(texts(AGGREGATES)).chain(texts(options::LIST)).map(|s| s.to_string()).chain(functions).collect()
}

/// A query that ends in an error, or finds nothing, shows nothing by ending so in every way.
#[test]
fn what_is_asked_to_be_the_same_runs() {
    let row = |i: u32| {
        let (g, s) = if i == 29 { ("rare", "y") } else { [("a", "x"), ("b", "y")][i as usize % 2] };
        let all = [("id", i.to_string()), ("a", format!("a {}", i % 3)), ("b", "x".into()), ("n", (i % 4).to_string()), ("g", g.into()), ("s", s.into())];
        all.into_iter().map(|(name, v)| (name.to_string(), v.into())).collect()
    };
    let rows: Vec<Row> = (0..30).map(row).collect();
    let ways = Ways::new(&data::at_times(rows, &(0..30).collect::<Vec<_>>()));
    let failed = |spl: &String| match run(&ways.plain, &format!("search * | {spl}")).rows {
        Ok(rows) if !rows.is_empty() => None,
        outcome => Some(format!("{spl}: {}", told(&outcome))),
    };
    let failed: Vec<String> = invariants().iter().filter_map(failed).collect();
    assert!(failed.is_empty(), "{}", failed.join("\n"));
}

/// Any command, with a second implementation or without.
fn any_stage() -> BoxedStrategy<String> {
    let modelled = stage().prop_map(|s| s.spl);
    match invariants() {
        none if none.is_empty() => modelled.boxed(),
        others => prop_oneof![3 => modelled, 2 => select(others)].boxed(),
    }
}

proptest! {
    #![proptest_config(config(60))]

    #[test]
    fn every_way_gives_the_same_rows(
        rows in prop::collection::vec(data::row(), 1..12),
        times in prop::collection::vec(0..20u32, 12),
        again in 1..9usize,
        sites in data::sites(),
        stages in prop::collection::vec(any_stage(), 1..4),
    ) {
        let rows = repeated(&data::at_times(rows, &times), again, &sites);
        Ways::new(&rows).agree(&format!("search * | {}", stages.join(" | ")))?;
    }
}

proptest! {
    #![proptest_config(config(1))]

    #[test]
    fn every_command_gives_the_same_rows_in_every_way(
        rows in prop::collection::vec(data::row(), 1..12),
        times in prop::collection::vec(0..20u32, 12),
        again in 1..5usize,
        sites in data::sites(),
    ) {
        let rows = repeated(&data::at_times(rows, &times), again, &sites);
        let ways = Ways::new(&rows);
        for spl in invariants() {
            ways.agree(&format!("search * | {spl}"))?;
        }
    }
}
