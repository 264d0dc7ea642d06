//! Whole queries: the shipped detections and six typical jobs, over files that are read anew and over loaded tables.

mod data;

use divan::Bencher;
use divan::counter::ItemsCount;
use spl_engine::input::{InputFile, ParseOptions, ReadOptions, Warnings};
use spl_engine::knowledge::{Detection, Knowledge};
use spl_engine::store::{Catalog, Dataset, load};
use spl_engine::{Engine, Settings, input};
use std::path::Path;
use std::sync::LazyLock;
use tempfile::TempDir;

/// That of the program.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() {
    divan::main();
}

const XML_BYTES: u64 = 20_000_000;

/// Their names, and what they ask.
const JOBS: [(&str, &str); 6] = [
    ("needle", r#"EventID=3 Image="*\\regsvcs.exe" DestinationIp!=10.0.0.0/8 | stats count by Computer, User, DestinationIp"#),
    ("groups", "EventID=3 | stats count dc(DestinationIp) as peers values(Image) as images by User, Computer"),
    ("wildcard", r#"EventID=1 CommandLine="*powershell*-enc*" | stats count by Computer, User, ParentImage"#),
    ("top", "* | stats count by Image | sort 20 -count, Image"),
    ("hours", "* | bin _time span=1h | stats count by _time, EventID"),
    ("text", "*sekurlsa* | stats count"),
];

/// How the events are read: from XML, from NDJSON, or loaded before from the XML.
const WAYS: [&str; 3] = ["xml", "ndjson", "loaded"];

struct Setup {
    engines: [Engine; 3],
    detections: Vec<Detection>,
    events: u64,
    _directory: TempDir,
}

static SETUP: LazyLock<Setup> = LazyLock::new(|| {
    let directory = tempfile::tempdir().expect("a temporary directory");
    let files = data::write(directory.path(), XML_BYTES, 1).expect("the data is written");
    let queries = Path::new(env!("CARGO_MANIFEST_DIR")).join("queries");
    let mut knowledge = Knowledge::builtin();
    knowledge.add_macros(&queries).expect("the macros are there");
    let settings = Settings { now: Some(1_773_000_000.0), ..Settings::default() };
    let file = |path: &Path| {
        let spec = input::DataSpec { path: path.to_string_lossy().into_owned(), ..input::DataSpec::default() };
        input::expand(&spec).expect("the file is there").remove(0)
    };
    let table = |file: InputFile| {
        load(&file, &ReadOptions::default(), &ParseOptions::default(), settings.threads, &|| Ok(()), &mut Warnings::new()).expect("the file loads")
    };
    let datasets = [Dataset::File(file(&files.xml)), Dataset::File(file(&files.ndjson)), table(file(&files.xml)).into()];
    let engine = Engine::new(Catalog::default(), knowledge, settings.clone());
    let engines = datasets.map(|dataset| {
        let mut catalog = Catalog::default();
        catalog.add(dataset);
        engine.over(catalog)
    });
    let detections = Detection::read_dir(&queries, &mut Vec::new()).expect("the detections are there");
    Setup { engines, detections, events: files.events, _directory: directory }
});

/// The engine that reads the events this way.
fn engine(way: &str) -> &'static Engine {
    &SETUP.engines[WAYS.iter().position(|w| *w == way).unwrap_or_default()]
}

fn run(bencher: Bencher, spl: &str, way: &str) {
    let engine = engine(way);
    bencher.counter(ItemsCount::new(SETUP.events)).bench(|| engine.run(spl).expect("the query runs").rows.len());
}

#[divan::bench(args = data::pairs(&JOBS.map(|(name, _)| name), &WAYS))]
fn job(bencher: Bencher, (name, way): (&str, &str)) {
    let spl = JOBS.iter().find(|(n, _)| *n == name).map_or("", |(_, spl)| spl);
    run(bencher, spl, way);
}

#[divan::bench(args = data::pairs(&["regasm", "regsvcs"], &WAYS))]
fn detection(bencher: Bencher, (program, way): (&str, &str)) {
    let detection = SETUP.detections.iter().find(|d| d.stem.contains(program)).expect("it is shipped");
    run(bencher, &detection.search, way);
}

/// Both detections in one pass.
#[divan::bench(args = WAYS)]
fn detections_together(bencher: Bencher, way: &str) {
    let engine = engine(way);
    let plan = |search: &str| engine.plan(engine.parse(search, None)).map_err(|f| f.diagnostics).expect("it is planned");
    bencher.counter(ItemsCount::new(SETUP.events)).bench(|| {
        let planned = SETUP.detections.iter().map(|d| plan(&d.search)).collect();
        engine.run_together(planned).into_iter().filter(|o| o.answer.is_ok()).count()
    });
}
