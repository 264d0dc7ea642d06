//! `--memory` holds for what the process really has, also where a single stage makes much of few bytes.
#![cfg(target_os = "linux")]

use std::fs;
use std::process::{Command, Stdio};
use std::time::Duration;

const MIB: usize = 1 << 20;

/// Runs a query; gives its exit code, what it said, and the most memory of its own that it was seen to have.
fn peak(query: &str, memory: usize) -> (Option<i32>, String, usize) {
    let mut command = Command::new(env!("CARGO_BIN_EXE_spl"));
    command.args(["query", "--quiet", "--format", "ndjson", "--memory", &format!("{}M", memory / MIB), "--", query]);
    peak_of(command)
}

/// The same of a command.
fn peak_of(mut command: Command) -> (Option<i32>, String, usize) {
    let mut child = command.stdout(Stdio::null()).stderr(Stdio::piped()).spawn().unwrap();
    let status = format!("/proc/{}/status", child.id());
    let mut most = 0;
    while child.try_wait().unwrap().is_none() {
        let text = fs::read_to_string(&status).unwrap_or_default();
        let line = text.lines().find_map(|l| l.strip_prefix("RssAnon:"));
        most = most.max(line.and_then(|l| l.trim().strip_suffix("kB")?.trim().parse().ok()).unwrap_or(0) * 1024);
        std::thread::sleep(Duration::from_millis(1));
    }
    let output = child.wait_with_output().unwrap();
    (output.status.code(), String::from_utf8(output.stderr).unwrap(), most)
}

#[test]
fn stages_that_keep_much_stop_at_the_cap() {
    let memory = 48 * MIB;
    for stage in [
        "dedup a",
        "streamstats count by a",
        "eventstats count by a",
        "selfjoin a",
        "mvcombine a",
        "untable _time k v",
        "xyseries a b a",
        "fieldsummary",
        "transaction a",
        "sort 0 b",
    ] {
        let query = format!("| makeresults count=1200000 | eval a=random(), b=random() | {stage} | stats count");
        let (code, said, most) = peak(&query, memory);
        assert!(code == Some(0) || said.contains("SPL053"), "{stage}: {code:?} {said}");
        // A tenth more, what the allocator has yet to give back, and room for machines whose pages are larger.
        assert!((MIB..memory + memory / 2).contains(&most), "{stage}: {} MiB", most / MIB);
    }
}

#[test]
fn many_rows_as_a_table_are_laid_out_page_by_page() {
    let mut command = Command::new(env!("CARGO_BIN_EXE_spl"));
    let query = "| makeresults count=30000 | eval a=random(), b=mvjoin(mvrange(0, 200), \",\") | table a b";
    command.args(["query", "--quiet", "--format", "table", "--memory", "48M", "--", query]);
    let (code, said, most) = peak_of(command);
    assert_eq!((code, said.as_str()), (Some(0), ""));
    assert!((MIB..80 * MIB).contains(&most), "{} MiB", most / MIB);
}
