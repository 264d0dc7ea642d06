//! The inner loops: what is done once for each byte, record or value.

mod data;

use divan::counter::{BytesCount, ItemsCount};
use divan::{Bencher, black_box};
use spl_engine::column::{Batch, number};
use spl_engine::input::sieve::{self, Check};
use spl_engine::input::{self, Chunk, Chunks, DataSpec, ParseOptions, ReadOptions, Wanted, Warnings};
use spl_engine::regex::Regex;
use spl_engine::wildcard::Pattern;
use std::sync::LazyLock;

/// That of the program.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() {
    divan::main();
}

const FORMATS: [&str; 2] = ["xml", "ndjson"];

/// A chunk of each format: 4 MB of XML and its events as NDJSON.
static CHUNKS: LazyLock<[Chunk; 2]> = LazyLock::new(|| {
    let dir = tempfile::tempdir().expect("a temporary directory");
    let files = data::write(dir.path(), 4_000_000, 1).expect("the data is written");
    [&files.xml, &files.ndjson].map(|path| {
        let spec = DataSpec { path: path.to_string_lossy().into_owned(), ..DataSpec::default() };
        let file = input::expand(&spec).expect("the file is there").remove(0);
        Chunks::open(&file, &ReadOptions { chunk_bytes: 64 << 20, ..ReadOptions::default() })
            .expect("the file opens")
            .next()
            .expect("it reads")
            .expect("it has events")
    })
});

fn chunk(format: &str) -> &'static Chunk {
    let [xml, ndjson] = &*CHUNKS;
    if format == "xml" { xml } else { ndjson }
}

/// The texts of a field of the XML chunk.
fn values(field: &str) -> Vec<String> {
    let batches = input::parse(chunk("xml"), &Wanted::only([field]), &ParseOptions::default(), &mut Warnings::new());
    let rows = Batch::concat(batches);
    (0..rows.len()).filter_map(|row| rows.value(field, row).as_text().map(|t| t.into_owned())).collect()
}

/// Which records hold a text, in raw bytes: one that is nowhere, one in few, one in nearly all.
#[divan::bench(args = data::pairs(&FORMATS, &["gobbledegook", "sekurlsa", "windows"]))]
fn literal_search(bencher: Bencher, (format, text): (&str, &str)) {
    let chunk = chunk(format);
    let check = Check::text(text);
    bencher.counter(BytesCount::new(chunk.bytes.len())).bench(|| sieve::candidates(black_box(&check), chunk));
}

#[divan::bench(args = FORMATS)]
fn cut_into_records(bencher: Bencher, format: &str) {
    let chunk = chunk(format);
    bencher.counter(BytesCount::new(chunk.bytes.len())).bench(|| input::records(black_box(chunk)));
}

fn parse(bencher: Bencher, format: &str, wanted: Wanted) {
    let chunk = chunk(format);
    let options = ParseOptions::default();
    bencher.counter(BytesCount::new(chunk.bytes.len())).bench(|| input::parse(black_box(chunk), &wanted, &options, &mut Warnings::new()));
}

#[divan::bench(args = FORMATS)]
fn parse_all_fields(bencher: Bencher, format: &str) {
    parse(bencher, format, Wanted::All);
}

#[divan::bench(args = data::pairs(&FORMATS, &["EventID", "Image", "_time"]))]
fn parse_one_field(bencher: Bencher, (format, field): (&str, &str)) {
    parse(bencher, format, Wanted::only([field]));
}

#[divan::bench(args = ["powershell", "*powershell*", "*powershell*-enc*", "*.exe*:1*c:\\logs*.txt"])]
fn wildcard_match(bencher: Bencher, pattern: &str) {
    let lines = values("CommandLine");
    let pattern = Pattern::new(pattern);
    bencher.counter(ItemsCount::new(lines.len())).bench(|| lines.iter().filter(|l| black_box(&pattern).matches(l)).count());
}

#[divan::bench(args = ["1772431200.548", "53", "-1.5e-3", "10.0.0.1", "svchost.exe"])]
fn number_parse(text: &str) -> Option<f64> {
    number::parse(black_box(text))
}

#[divan::bench(args = [r"--session (?<session>\w+)", r"\\(?<program>[^\\]+)$", r"(?i)(?<drive>[a-z]):\\.*\.(?<ending>\w+)"])]
fn regex_extraction(bencher: Bencher, pattern: &str) {
    let lines = values("CommandLine");
    let regex = Regex::new(pattern).expect("a pattern");
    bencher
        .counter(ItemsCount::new(lines.len()))
        .bench(|| lines.iter().filter_map(|l| black_box(&regex).captures_at(l, 0)).filter(|c| c.get(1).is_some()).count());
}
