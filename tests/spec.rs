//! Runs the literate cases in `tests/spec`: Markdown with fenced blocks.
//!
//! `events` holds rows (a JSON object a line) for the cases that follow, `macros` a macros.conf, `transforms` a transforms.conf,
//! `transactiontypes` a transactiontypes.conf, `multikv` a multikv.conf, `model` the JSON of a data model, `lookup NAME` the CSV text of a
//! lookup file, `regions NAME` the GeoJSON of outlines, `app PATH` any other file of an app; all hold to the next heading.
//! `spl` is a query, with settings behind it (`spl tz=Europe/Berlin now=1700000000`), and the block after it is what it must
//! give: `rows`, `diagnostic`, `plan`, or `file PATH`, a file of the app as the query, which may write, leaves it. Every
//! case runs with the optimiser on and off, with whole batches and batches of one, and on one and two threads.
//! `UPDATE=1 cargo test --test spec` writes what came into the files.

use spl_engine::column::Batch;
use spl_engine::engine::{Failure, Settings};
use spl_engine::knowledge::Knowledge;
use spl_engine::lint::{Query, lint};
use spl_engine::output::json::Objects;
use spl_engine::store::{Catalog, Dataset};
use spl_engine::{Engine, diagnostic, input, plan, time};
use std::cell::OnceCell;
use std::fmt::Write;
use std::path::{Path, PathBuf};

/// A fenced block: its kind with settings, and the lines of its body.
struct Block {
    info: String,
    body: std::ops::Range<usize>,
}

/// What holds for the cases under one heading.
#[derive(Default)]
struct Surroundings {
    events: String,
    macros: String,
    transforms: String,
    transactions: String,
    tables: String,
    models: Vec<String>,
    /// Name and GeoJSON.
    regions: Vec<(String, String)>,
    /// File name and CSV text.
    lookups: Vec<(String, String)>,
    /// Path within the app and text.
    app: Vec<(String, String)>,
    /// Where the app is.
    dir: OnceCell<tempfile::TempDir>,
    /// Made of the above for the first case, and kept while they stay as they are.
    engine: OnceCell<Engine>,
}

#[test]
fn the_spec_holds() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/spec");
    let mut files = Vec::new();
    find(&root, &mut files);
    files.sort();
    assert!(files.len() > 5, "the spec is there");
    let (mut failures, mut cases) = (String::new(), 0);
    for file in files {
        cases += run_file(&file, &mut failures);
    }
    assert!(failures.is_empty(), "{failures}");
    assert!(cases > 60, "{cases} cases");
}

fn find(dir: &Path, files: &mut Vec<PathBuf>) {
    for entry in std::fs::read_dir(dir).expect("a folder").flatten() {
        let path = entry.path();
        if path.is_dir() {
            find(&path, files);
        } else if path.extension().is_some_and(|e| e == "md") {
            files.push(path);
        }
    }
}

fn run_file(file: &Path, failures: &mut String) -> usize {
    let text = std::fs::read_to_string(file).expect("a case file");
    let lines: Vec<&str> = text.lines().collect();
    let mut surroundings = Surroundings::default();
    let mut query: Option<(String, String)> = None;
    let mut edits: Vec<(std::ops::Range<usize>, String)> = Vec::new();
    let mut cases = 0;
    let mut at = 0;
    while at < lines.len() {
        if lines[at].starts_with('#') {
            surroundings = Surroundings::default();
        }
        let Some(block) = block(&lines, at) else {
            at += 1;
            continue;
        };
        let body = lines[block.body.clone()].join("\n");
        at = block.body.end + 1;
        match block.info.split(' ').next().unwrap_or_default() {
            "events" => surroundings = Surroundings { events: body, engine: OnceCell::new(), ..surroundings },
            "macros" => surroundings = Surroundings { macros: body, engine: OnceCell::new(), ..surroundings },
            "transforms" => surroundings = Surroundings { transforms: body, engine: OnceCell::new(), ..surroundings },
            "multikv" => surroundings = Surroundings { tables: body, engine: OnceCell::new(), ..surroundings },
            "transactiontypes" => surroundings = Surroundings { transactions: body, engine: OnceCell::new(), ..surroundings },
            "regions" => {
                let name = block.info.split(' ').nth(1).expect("the name of the regions");
                surroundings.regions.push((name.into(), body));
                surroundings.engine = OnceCell::new();
            }
            "model" => {
                surroundings.models.push(body);
                surroundings.engine = OnceCell::new();
            }
            "lookup" => {
                let name = block.info.split(' ').nth(1).expect("the name of a lookup");
                surroundings.lookups.push((name.into(), body));
                surroundings.engine = OnceCell::new();
            }
            "app" => {
                let path = block.info.split(' ').nth(1).expect("the path of a file");
                surroundings = Surroundings { dir: OnceCell::new(), engine: OnceCell::new(), ..surroundings };
                surroundings.app.push((path.into(), body));
            }
            "spl" => query = Some((block.info.clone(), body)),
            "rows" | "diagnostic" | "plan" | "file" => {
                let (info, spl) = query.take().unwrap_or_else(|| panic!("{}:{}: no query before this block", file.display(), block.body.start));
                cases += 1;
                for (name, got) in results(&block.info, &info, &spl, &surroundings) {
                    if got.trim_end() == body.trim_end() {
                        continue;
                    }
                    if std::env::var_os("UPDATE").is_some() {
                        edits.push((block.body.clone(), got));
                    } else {
                        let _ = writeln!(failures, "{}:{} ({name})\n{spl}\n--- wanted\n{body}\n--- got\n{got}\n", file.display(), block.body.start);
                    }
                    break;
                }
            }
            other => panic!("{}:{}: unknown block `{other}`", file.display(), block.body.start),
        }
    }
    if !edits.is_empty() {
        let mut out: Vec<String> = lines.iter().map(|l| l.to_string()).collect();
        for (range, new) in edits.into_iter().rev() {
            out.splice(range, new.trim_end().lines().map(String::from));
        }
        std::fs::write(file, out.join("\n") + "\n").expect("the case file is written");
    }
    cases
}

fn block(lines: &[&str], at: usize) -> Option<Block> {
    let info = lines[at].strip_prefix("~~~").or_else(|| lines[at].strip_prefix("```"))?.trim().to_string();
    let fence = &lines[at][..3];
    let end = (at + 1..lines.len()).find(|&i| lines[i] == fence)?;
    Some(Block { info, body: at + 1..end })
}

/// What a case gives under every setting, the plain one first.
fn results(kind: &str, info: &str, spl: &str, surroundings: &Surroundings) -> Vec<(String, String)> {
    let mut settings = Settings { now: Some(1_700_000_000.0), threads: 1, ..Settings::default() };
    for (key, value) in info.split(' ').filter_map(|part| part.split_once('=')) {
        match key {
            "tz" => settings.zone = time::Zone::parse(value).expect("a zone"),
            "now" => settings.now = value.parse().ok(),
            other => panic!("unknown setting `{other}`"),
        }
    }
    match kind {
        "diagnostic" => vec![("plain".into(), diagnostics(&engine(settings, surroundings), spl))],
        "plan" => vec![("plain".into(), plan_of(&engine(settings, surroundings), spl))],
        wanted => {
            let mut all = Vec::new();
            for (optimise, batch_rows, threads) in [(true, usize::MAX, 1), (false, usize::MAX, 1), (true, 1, 1), (false, 1, 2), (true, usize::MAX, 2)] {
                let settings = Settings { optimise, batch_rows, threads, ..settings.clone() };
                let name = format!("optimise {optimise}, batch {batch_rows}, threads {threads}");
                all.push((
                    name,
                    match wanted.strip_prefix("file ") {
                        Some(path) => file(settings, surroundings, spl, path),
                        None => rows(&engine(settings, surroundings), spl),
                    },
                ));
            }
            all
        }
    }
}

fn engine(settings: Settings, surroundings: &Surroundings) -> Engine {
    let dir = surroundings.dir.get_or_init(|| tempfile::tempdir().expect("a folder"));
    Engine { settings, ..surroundings.engine.get_or_init(|| surroundings.make(dir.path())).clone() }
}

/// A file of the app behind a query that may write.
fn file(settings: Settings, surroundings: &Surroundings, spl: &str, path: &str) -> String {
    let dir = tempfile::tempdir().expect("a folder");
    let engine = Engine { settings: Settings { writes: Some(dir.path().into()), ..settings }, ..surroundings.make(dir.path()) };
    match engine.run(spl) {
        Ok(_) => std::fs::read_to_string(dir.path().join(path)).unwrap_or_else(|_| "there is no file".into()),
        Err(f) => rendered(&f),
    }
}

impl Surroundings {
    /// With its app in a folder.
    fn make(&self, dir: &Path) -> Engine {
        let objects: Vec<serde_json::Map<String, serde_json::Value>> =
            self.events.lines().filter(|l| !l.trim().is_empty()).map(|l| serde_json::from_str(l).expect("an event is a JSON object")).collect();
        let store = if objects.is_empty() { Catalog::default() } else { table(input::rows(&objects)) };
        let mut knowledge = Knowledge::builtin();
        if !self.macros.is_empty() {
            knowledge.add_macros_text(&self.macros, "macros.conf");
        }
        if !self.transforms.is_empty() {
            knowledge.add_transforms_text(&self.transforms, "transforms.conf");
        }
        if !self.tables.is_empty() {
            knowledge.add_multikv_text(&self.tables, "multikv.conf");
        }
        if !self.transactions.is_empty() {
            knowledge.add_transactions_text(&self.transactions, "transactiontypes.conf");
        }
        for (name, json) in &self.regions {
            knowledge.add_features_text(name, json).expect("regions are GeoJSON");
        }
        self.models.iter().for_each(|json| knowledge.add_model_text(json, "model"));
        for (path, text) in &self.app {
            let path = dir.join(path);
            std::fs::create_dir_all(path.parent().expect("a folder")).expect("the folder is made");
            std::fs::write(path, text.clone() + "\n").expect("the file is written");
        }
        if !self.app.is_empty() {
            std::fs::create_dir_all(dir.join("lookups")).expect("the folder is made");
            knowledge.add_app(dir).expect("the app is read");
        }
        for (name, csv) in &self.lookups {
            knowledge.add_lookup_text(name, csv).expect("a lookup is CSV");
        }
        Engine::new(store, knowledge, Settings::default())
    }
}

/// Rows as a loaded table, whose events come newest first.
fn table(rows: Batch) -> Catalog {
    let mut catalog = Catalog::default();
    catalog.add(Dataset::table("events", vec![rows]));
    catalog
}

fn rows(engine: &Engine, spl: &str) -> String {
    match engine.run(spl) {
        Ok(answer) => answer.warnings.iter().map(|w| format!("warning: {w}\n")).collect::<String>() + &objects(&answer.rows),
        Err(f) => rendered(&f),
    }
}

fn objects(batch: &Batch) -> String {
    let objects = Objects::new(batch);
    let mut out = String::new();
    for row in 0..batch.len() {
        objects.write(row, &mut out);
        out.push('\n');
    }
    out
}

/// Every error; where there is none, what lint has to say.
fn diagnostics(engine: &Engine, spl: &str) -> String {
    let parsed = engine.parse(spl, None);
    if !parsed.diagnostics.is_empty() {
        return rendered(&Failure { sources: parsed.sources, diagnostics: parsed.diagnostics });
    }
    let advice = lint(&Query { engine, sources: &parsed.sources, tokens: &parsed.expanded, pipeline: &parsed.pipeline });
    if !advice.is_empty() {
        return rendered(&Failure { sources: parsed.sources, diagnostics: advice });
    }
    match engine.plan(parsed).and_then(|p| engine.start(p)).and_then(|r| r.finish()) {
        Ok(_) => "nothing is wrong".into(),
        Err(f) => rendered(&f),
    }
}

fn rendered(failure: &Failure) -> String {
    failure.diagnostics.iter().map(|d| diagnostic::render(d, &failure.sources, false).trim_end().to_string() + "\n").collect()
}

fn plan_of(engine: &Engine, spl: &str) -> String {
    match engine.plan(engine.parse(spl, None)) {
        Ok(planned) => plan::explain::text(&planned.plan),
        Err(f) => rendered(&f),
    }
}
