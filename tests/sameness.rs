//! The answer does not depend on how it was worked out: threads, batch sizes, chunk sizes, the optimiser, files or tables.

use spl_engine::engine::Settings;
use spl_engine::input::{DataSpec, ReadOptions, Warnings, expand};
use spl_engine::knowledge::Knowledge;
use spl_engine::output::json::Objects;
use spl_engine::store::{Catalog, Dataset, load};
use spl_engine::{Engine, diagnostic};

const QUERIES: &[&str] = &[
    "* | stats count",
    "EventID=3 | stats count dc(dest_ip) values(process_name) min(_time) max(_time) avg(dest_port) sum(dest_port) stdev(dest_port) by Computer, User",
    "EventID=3 | stats first(dest_ip) last(dest_ip) list(dest_port) earliest(dest_ip) latest(dest_ip) mode(dest_ip) perc90(dest_port) by process_name",
    "process_name=reg* | table _time, Computer, process_name, dest_ip, _raw",
    "* | head 7 | table _time, EventID",
    "* | eventstats count as n by EventID | where n > 20 | stats count by EventID, n",
    "* | sort EventID, -_time | head 20 | table EventID, _time",
    "EventID=1 regsvcs OR regasm | stats values(*) as * by Computer",
    "* | eval h=strftime(_time, \"%H\"), r=round(dest_port/3, 2) | stats sum(r) count by h",
    "* | tail 5 | table _time EventID",
    "*regsvcs* OR *10.0.* | stats count by EventID, process_name",
    "* | streamstats window=9 avg(dest_port) AS mean dc(process_name) count BY Computer | table _time, mean, dc*, count",
    "* | streamstats values(EventID) AS seen reset_on_change=t BY Computer | stats count BY seen",
    "* | transaction Computer maxpause=10m maxevents=20 | table _time, duration, eventcount, closed_txn, process_name",
    "* | table EventID, dest_port | filldown | uniq | accum dest_port AS sum | delta dest_port | addtotals col=t",
];

fn text(engine: &Engine, spl: &str) -> String {
    let answer = engine.run(spl).unwrap_or_else(|f| panic!("{}", diagnostic::render(&f.diagnostics[0], &f.sources, false)));
    let objects = Objects::new(&answer.rows);
    let mut out = String::new();
    for row in 0..answer.rows.len() {
        objects.write(row, &mut out);
        out.push('\n');
    }
    out
}

fn files() -> Vec<spl_engine::input::InputFile> {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/datasets");
    expand(&DataSpec::parse(path).expect("a path")).expect("the shipped data")
}

fn catalog(chunk_bytes: usize) -> Catalog {
    let mut catalog = Catalog::default().cut_by(ReadOptions { chunk_bytes, ..ReadOptions::default() });
    files().into_iter().for_each(|f| catalog.add(Dataset::File(f)));
    catalog
}

fn tables() -> Catalog {
    let mut catalog = Catalog::default();
    for file in files() {
        catalog.add(
            load(&file, &ReadOptions { chunk_bytes: 5_000, ..ReadOptions::default() }, &Default::default(), 3, &|| Ok(()), &mut Warnings::new())
                .expect("the file loads"),
        );
    }
    catalog
}

#[test]
fn every_way_gives_the_same_rows() {
    let plain = Settings { threads: 1, now: Some(1_716_000_000.0), ..Settings::default() };
    let reference = Engine::new(catalog(4 << 20), Knowledge::builtin(), plain.clone());
    for spl in QUERIES {
        let want = text(&reference, spl);
        assert!(want.lines().count() > 0, "{spl}");
        for threads in [1, 2, 8] {
            for batch_rows in [1, 7, usize::MAX] {
                for optimise in [true, false] {
                    let settings = Settings { threads, batch_rows, optimise, ..plain.clone() };
                    let engine = Engine { settings, ..reference.clone() };
                    assert_eq!(text(&engine, spl), want, "{spl}: {threads} threads, {batch_rows} rows, optimise {optimise}");
                }
            }
        }
        let from_tables = Engine::new(tables(), Knowledge::builtin(), plain.clone());
        assert_eq!(text(&from_tables, spl), want, "{spl}: from tables");
    }
}

/// Chunks decide how floating-point sums are grouped; everything else is the same for any chunk size, and so is every result
/// for one chunk size and any number of threads.
#[test]
fn small_chunks_change_nothing() {
    let settings = |threads| Settings { threads, now: Some(1_716_000_000.0), ..Settings::default() };
    let reference = Engine::new(catalog(4 << 20), Knowledge::builtin(), settings(1));
    let small = Engine::new(catalog(3_000), Knowledge::builtin(), settings(1));
    for spl in QUERIES {
        let want = text(&small, spl);
        if !spl.contains("stdev") && !spl.contains("sum(r)") {
            assert_eq!(want, text(&reference, spl), "{spl}");
        }
        for threads in [2, 8] {
            let engine = Engine { settings: settings(threads), ..small.clone() };
            assert_eq!(text(&engine, spl), want, "{spl}: {threads} threads");
        }
    }
}
