//! One operator at a time, over rows in memory.

mod data;

use divan::Bencher;
use divan::counter::ItemsCount;
use spl_engine::knowledge::Knowledge;
use spl_engine::store::Catalog;
use spl_engine::{Engine, Settings, input};
use std::sync::LazyLock;

/// That of the program.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() {
    divan::main();
}

const ROWS: u64 = 50_000;

/// Rows with a field of eight values (`kind`), one of about a thousand (`name`), one that differs everywhere (`id`) and a number.
static ENGINE: LazyLock<Engine> = LazyLock::new(|| {
    let mut chance = data::Chance::new(7);
    let rows: Vec<serde_json::Map<String, serde_json::Value>> = (0..ROWS)
        .map(|n| {
            let row = serde_json::json!({
                "_time": 1_772_431_200 + n,
                "kind": format!("kind{}", chance.below(8)),
                "name": format!("name{:04}", chance.below(1_000)),
                "id": format!("{:016x}", chance.next()),
                "size": chance.below(100_000),
            });
            row.as_object().cloned().unwrap_or_default()
        })
        .collect();
    Engine::new(Catalog::of_rows(input::rows(&rows)), Knowledge::builtin(), Settings { now: Some(1_773_000_000.0), ..Settings::default() })
});

fn run(bencher: Bencher, spl: &str) {
    let engine = &*ENGINE;
    bencher.counter(ItemsCount::new(ROWS)).bench(|| engine.run(spl).expect("the query runs").rows.len());
}

#[divan::bench(args = ["kind", "name", "id"])]
fn stats_count_by(bencher: Bencher, field: &str) {
    run(bencher, &format!("* | stats count by {field}"));
}

#[divan::bench(args = ["sum(size)", "dc(name)", "values(name)", "perc90(size)", "avg(size) max(size) min(size)"])]
fn stats_by_kind(bencher: Bencher, function: &str) {
    run(bencher, &format!("* | stats {function} by kind"));
}

#[divan::bench(args = ["size", "-name", "kind, -size", "10 -size"])]
fn sort(bencher: Bencher, by: &str) {
    let count = if by.starts_with("10") { "" } else { "0 " };
    run(bencher, &format!("* | sort {count}{by} | stats first(id)"));
}

#[divan::bench(args = ["kind", "name", "id"])]
fn dedup(bencher: Bencher, field: &str) {
    run(bencher, &format!("* | dedup {field} | stats count"));
}

#[divan::bench(args = ["kind", "name", "id"])]
fn top(bencher: Bencher, field: &str) {
    run(bencher, &format!("* | top {field}"));
}

#[divan::bench(args = ["span=1h count", "span=10m count by kind", "span=1h avg(size) by name"])]
fn timechart(bencher: Bencher, what: &str) {
    run(bencher, &format!("* | timechart {what}"));
}

/// Stages that put all rows together.
#[divan::bench(args = ["contingency kind name", "xyseries name kind size", "fieldsummary", "cluster field=name", "appendpipe [stats count]", "foreach s* [eval x='<<FIELD>>'*2]"])]
fn whole_results(bencher: Bencher, stage: &str) {
    run(bencher, &format!("* | {stage} | stats count"));
}

/// Something is made of the results, or the stage would be left out.
#[divan::bench(args = ["eval x=size*2+1", "eval x=if(size>500, upper(name), kind)", "where size>99000 | rename id as x", "rex field=name \"(?<x>\\d+)\""])]
fn row_by_row(bencher: Bencher, stage: &str) {
    run(bencher, &format!("* | {stage} | stats count(x)"));
}

/// A thousand values that are searched for, and a hundred conditions.
#[divan::bench(args = ["values", "wildcards", "networks", "phrases", "in", "like", "case"])]
fn many(bencher: Bencher, what: &str) {
    let listed = |count: u64, separator: &str, one: &dyn Fn(u64) -> String| (0..count).map(one).collect::<Vec<_>>().join(separator);
    let stage = match what {
        "values" => format!("search {}", listed(1000, " OR ", &|n| format!("id={n:016x}"))),
        "wildcards" => format!("search {}", listed(1000, " OR ", &|n| format!("id=*{n:04}a*"))),
        "networks" => format!("search {}", listed(1000, " OR ", &|n| format!("id=10.{}.{}.0/24", n / 250, n % 250))),
        "phrases" => format!("search {}", listed(1000, " OR ", &|n| format!("id{n:016x}"))),
        "in" => format!("where id IN ({})", listed(1000, ", ", &|n| format!("\"{n:016x}\""))),
        "like" => format!("where {}", listed(100, " OR ", &|n| format!("like(id, \"%{n:04}a%\")"))),
        _ => format!("eval x=case({})", listed(100, ", ", &|n| format!("name=\"name{:04}\", {n}", n * 7))),
    };
    run(bencher, &format!("* | {stage} | stats count(x) count"));
}
