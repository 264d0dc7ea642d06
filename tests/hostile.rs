//! Hostile queries: each ends quickly with an answer or a message, never with a panic or an overflow.

use spl_engine::Engine;
use spl_engine::engine::Settings;
use spl_engine::input;
use spl_engine::knowledge::Knowledge;
use spl_engine::store::Catalog;
use std::time::{Duration, Instant};

fn engine() -> Engine {
    let rows: Vec<serde_json::Map<String, serde_json::Value>> = serde_json::from_str(r#"[{"x": "a", "n": 1}]"#).expect("rows");
    let settings = Settings { memory: 64 << 20, timeout: Some(Duration::from_secs(5)), ..Settings::default() };
    Engine::new(Catalog::of_rows(input::rows(&rows)), Knowledge::builtin(), settings)
}

#[test]
fn deep_and_long_queries_end_in_a_message_or_an_answer() {
    let n = 50_000;
    let queries = [
        "(".repeat(n),
        format!("{}a=1{}", "(".repeat(n), ")".repeat(n)),
        "NOT ".repeat(n),
        format!("{}a=1", "NOT ".repeat(n)),
        "[".repeat(n),
        format!("{}| search a{}", "[".repeat(n), "]".repeat(n)),
        vec!["a=1"; n].join(" OR "),
        vec!["a=1"; n].join(" "),
        format!("| makeresults | eval x={}1{}", "(".repeat(n), ")".repeat(n)),
        format!("| makeresults | eval x={}1", "-".repeat(n)),
        format!("| makeresults | eval x={}", vec!["1"; n].join("+")),
        format!("| makeresults | eval x={}", vec!["\"a\""; n].join(".")),
        format!("| makeresults | where {}", vec!["1=1"; n].join(" AND ")),
        format!("| makeresults | eval x={}1{}", "abs(".repeat(n), ")".repeat(n)),
        "|".repeat(n),
        format!("| makeresults{}", "| head 1".repeat(n)),
        format!("| makeresults{}", "| head 1".repeat(490)),
        format!("| makeresults{}", "| eval x=1".repeat(490)),
        format!("| makeresults{}", "| stats count".repeat(490)),
        format!("| makeresults{}", "| sort 0 x".repeat(490)),
        format!("| makeresults{}", "| append [| makeresults]".repeat(240)),
        format!("| makeresults{}", "| join x [| makeresults]".repeat(240)),
        format!("x=a{}", "| where n=1".repeat(490)),
        "`".repeat(n),
        "\"".repeat(n + 1),
        "'".repeat(n),
        "\\".repeat(n),
        "\u{202e}\0\u{7}".repeat(100),
        format!("x={}", "*".repeat(n)),
        format!("x=\"{}\"", "*a".repeat(n)),
        format!("| makeresults | where match(\"{}\", \"(a+)+$\")", "a".repeat(60) + "!"),
        format!("| makeresults | where match(\"{}\", \"^(?=(a+)+$)b\")", "a".repeat(60) + "!"),
        format!("x {}", "a(".repeat(n)),
    ];
    for q in queries {
        let start = Instant::now();
        let _ = engine().run(&q);
        let took = start.elapsed();
        assert!(took < Duration::from_secs(20), "{}… took {took:?}", q.chars().take(40).collect::<String>());
    }
}

#[test]
fn bombs_stop_at_the_memory_cap_or_the_clock() {
    let doubling = format!("x=a | eval x=\"aaaaaaaaaaaaaaaa\"{}", ", x=x.x".repeat(60));
    for q in [
        doubling.as_str(),
        "| makeresults count=1000000000000 | eval x=random() | sort 0 x",
        "| makeresults count=1000000000000 | stats count",
        "| makeresults | eval x=mvrange(0, 100000000000)",
        "| makeresults count=100000000 | eval x=random() | stats values(x)",
        "| makeresults count=20000 | streamstats count | eval {count}=1",
        // Each value of many stands beside a long text.
        "| makeresults | eval x=mvrange(0, 100000), y=mvjoin(x, \",\"), z=mvjoin(x, y)",
        "| makeresults | eval x=mvrange(0, 100000), y=mvjoin(x, \",\"), z=mvzip(x, x, y)",
        // Each value of many is worked on beside all of them.
        "| makeresults | eval x=mvrange(0, 20000), y=x, z=mvmap(x, mvcount(mvmap(y, y*y)))",
    ] {
        let start = Instant::now();
        let result = engine().run(q);
        assert!(start.elapsed() < Duration::from_secs(20), "{q}");
        if !q.contains("mvrange") {
            let failure = result.expect_err(q);
            assert!(matches!(failure.diagnostics[0].code.id, "SPL052" | "SPL053"), "{q}: {}", failure.diagnostics[0]);
        }
    }
}

#[test]
fn many_columns_are_no_many_times_many() {
    let columns = "| makeresults count=30000 | eval a=1 | table a | transpose 0";
    for q in ["rename row* AS r*", "replace 1 WITH 2", "foreach r* [eval x='<<FIELD>>']", "table r*, *", "convert auto(*)"] {
        let start = Instant::now();
        let settings = Settings { memory: 1 << 30, ..Settings::default() };
        let answer = Engine::new(Catalog::default(), Knowledge::builtin(), settings).run(&format!("{columns} | {q}")).unwrap();
        assert!((30_000..=30_002).contains(&answer.rows.names().len()), "{q}");
        assert!(start.elapsed() < Duration::from_secs(20), "{q} took {:?}", start.elapsed());
    }
}

/// A replacement that would fill the memory is none, and that is said.
#[test]
fn replacements_do_not_make_more_than_a_text_may_have() {
    let many = "| makeresults | eval x=mvrange(0, 20000), y=mvjoin(x, \",\"), z=";
    let groups = "\\1".repeat(700);
    for query in [format!("{many}replace(y, \"1\", y)"), format!("{many}y | rex field=z mode=sed \"s/(.+)/{groups}/1\"")] {
        let answer = engine().run(&format!("{query} | eval same=if(z=y, 1, 0)")).unwrap();
        assert_eq!(answer.rows.value("same", 0).as_number(), Some(1.0));
        assert!(answer.warnings.iter().any(|w| w.message.contains("was too long")), "{:?}", answer.warnings);
    }
}

#[test]
fn macros_that_double_stop_at_their_limit() {
    let mut conf = String::from("[n0]\ndefinition = \n[t0(1)]\nargs = x\ndefinition = \"$x$\"\n");
    for i in 1..60 {
        let j = i - 1;
        conf += &format!("[n{i}]\ndefinition = `n{j}` `n{j}`\n[t{i}(1)]\nargs = x\ndefinition = `t{j}($x$$x$)`\n");
    }
    let mut knowledge = Knowledge::builtin();
    knowledge.add_macros_text(&conf, "macros.conf");
    let engine = Engine::new(Catalog::default(), knowledge, Settings::default());
    for q in ["x=1 `n59`", "x=1 `t59(abc)`"] {
        let start = Instant::now();
        let failure = engine.run(q).expect_err(q);
        assert!(start.elapsed() < Duration::from_secs(20), "{q}");
        assert_eq!(failure.diagnostics.iter().map(|d| d.code.id).collect::<Vec<_>>(), ["SPL013"], "{q}");
    }
}
