//! The program from outside: exit codes, what goes where, hostile and broken input.

use assert_cmd::Command;
use std::fs;
use std::path::Path;
use tempfile::TempDir;

fn spl(args: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_spl"));
    command.args(args).env_remove("NO_COLOR");
    command
}

struct Ran {
    code: i32,
    out: String,
    err: String,
}

fn ran(mut command: Command) -> Ran {
    let output = command.output().unwrap();
    let text = |bytes: Vec<u8>| String::from_utf8(bytes).unwrap();
    Ran { code: output.status.code().unwrap_or(-1), out: text(output.stdout), err: text(output.stderr) }
}

fn run(args: &[&str]) -> Ran {
    ran(spl(args))
}

fn fixture(files: &[(&str, &str)]) -> TempDir {
    let dir = tempfile::tempdir().unwrap();
    for (name, text) in files {
        fs::write(dir.path().join(name), text).unwrap();
    }
    dir
}

fn at(dir: &TempDir, name: &str) -> String {
    dir.path().join(name).display().to_string()
}

const EVENTS: &str = "{\"_time\":1700000000.5,\"a\":\"1\",\"b\":\"x\"}\n{\"_time\":1700000001,\"a\":\"2\",\"b\":\"\"}\n";

#[test]
fn query_writes_rows_to_stdout_and_nothing_else() {
    let dir = fixture(&[("e.ndjson", EVENTS)]);
    let data = at(&dir, "e.ndjson");
    let r = run(&["query", "a=* | sort a | table _time a b | eval n=a*2", "--data", &data, "--format", "ndjson"]);
    assert_eq!((r.code, r.err.as_str()), (0, ""));
    assert_eq!(r.out, "{\"_time\":1700000000.5,\"a\":\"1\",\"b\":\"x\",\"n\":2}\n{\"_time\":1700000001,\"a\":\"2\",\"b\":\"\",\"n\":4}\n");
    let r = run(&["query", "--data", &data, "--format", "csv", "--", "a=1 | table _time, a"]);
    assert_eq!(r.out, "_time,a\n1700000000.5,1\n");
    let r = run(&["query", "a=1 | table _time, a", "--data", &data, "--tz", "+01:00"]);
    assert!(r.out.contains("│ 2023-11-14 23:13:20.500 ┆ 1 │"), "{}", r.out);
    assert_eq!(run(&["query", "a=1 | table a", "--data", &data, "--format", "tsv", "--no-header"]).out, "1\n");
}

#[test]
fn queries_come_from_files_and_standard_input() {
    let dir = fixture(&[("e.ndjson", EVENTS), ("q.spl", "```\nname: q\n```\n`it`\n| stast count\n"), ("macros.conf", "[it]\ndefinition = a=1\n")]);
    let r = run(&["query", "-f", &at(&dir, "q.spl"), "--data", &at(&dir, "e.ndjson")]);
    assert_eq!(r.code, 2);
    assert!(r.err.contains("q.spl:5:3") && r.err.contains("Did you mean `stats`?"), "{}", r.err);
    let mut command = spl(&["query", "-", "--data", &at(&dir, "e.ndjson"), "--format", "ndjson"]);
    command.write_stdin("a=2 | table a\n");
    assert_eq!(ran(command).out, "{\"a\":\"2\"}\n");
    for stdin in ["-", "-,format=json"] {
        let mut command = spl(&["query", "a=2 | table a", "--data", stdin, "--format", "ndjson"]);
        command.write_stdin(EVENTS);
        assert_eq!(ran(command).out, "{\"a\":\"2\"}\n");
    }
}

#[cfg(target_os = "linux")]
#[test]
fn files_that_the_system_makes_up_are_read() {
    let r = run(&["query", "VmPeak | stats count", "--data", "/proc/self/status,format=text", "--format", "tsv", "--no-header"]);
    assert_eq!((r.code, r.out.as_str()), (0, "1\n"), "{}", r.err);
}

#[test]
fn exit_codes_say_what_was_wrong() {
    let dir = fixture(&[("e.ndjson", EVENTS)]);
    let data = at(&dir, "e.ndjson");
    for (args, code, says) in [
        (vec!["query", "a=1 | stast count", "--data", &data], 2, "Did you mean `stats`?"),
        (vec!["query"], 2, "required"),
        (vec!["query", "a=1", "--nothing"], 2, "--nothing"),
        (vec!["query", "a=1", "--data", "--quiet"], 2, "name a file"),
        (vec!["query", "a=1", "--tz", "Mars"], 2, "Europe/Berlin"),
        (vec!["query", "a=1", "--memory", "lots"], 2, "256M"),
        (vec!["query", "a=1", "--earliest", "-1parsec"], 2, "--earliest"),
        (vec!["query", "a=1", "--earliest", "garbage"], 2, "2024-03-01T10:00:00"),
        (vec!["check", "--format", "csv", "queries"], 2, "SPL060"),
        (vec!["help", "stast"], 2, "SPL060"),
        (vec!["query", "a=1", "--data", "nowhere.json"], 3, "no such file"),
        (vec!["query", "a=1", "--app", "nowhere"], 3, "nowhere"),
        (vec!["query", "a=1", "--macros", "nowhere.conf"], 3, "nowhere.conf"),
        (vec!["query", "a=1", "--data", &data, "--output", "nowhere/out.csv"], 3, "nowhere/out.csv"),
        (vec!["batch", "--queries", "nowhere.jsonl"], 3, "nowhere.jsonl"),
        (vec!["run", "nowhere"], 3, "nowhere"),
        (vec!["check", "nowhere"], 3, "nowhere"),
        (vec!["help", "stast"], 2, "Did you mean `stats`?"),
    ] {
        let r = run(&args);
        assert_eq!((r.code, r.out.as_str()), (code, ""), "{args:?}: {}", r.err);
        assert!(r.err.contains(says) && !r.err.contains("panicked"), "{args:?}: {}", r.err);
    }
    assert_eq!(run(&["--help"]).code, 0);
    assert_eq!(run(&["--version"]).code, 0);
    assert!(run(&["query", "a=1"]).err.contains("--data"));
}

#[test]
fn a_closed_pipe_ends_quietly() {
    let dir = fixture(&[("e.ndjson", &EVENTS.repeat(20_000))]);
    let program = env!("CARGO_BIN_EXE_spl");
    let script = format!("'{program}' query 'a=*' --data '{}' --format ndjson | head -n 1; echo \"${{PIPESTATUS[0]}}\"", at(&dir, "e.ndjson"));
    let output = std::process::Command::new("bash").args(["-c", &script]).output().unwrap();
    let out = String::from_utf8(output.stdout).unwrap();
    assert!(out.ends_with("\n0\n") && out.starts_with('{'), "{out}");
    assert_eq!(String::from_utf8(output.stderr).unwrap(), "");
}

#[test]
fn output_goes_to_a_file_or_nowhere() {
    let dir = fixture(&[("e.ndjson", EVENTS), ("out.csv", "old\n")]);
    let (data, out) = (at(&dir, "e.ndjson"), at(&dir, "out.csv"));
    let r = run(&["query", "a=1 | stast", "--data", &data, "--format", "csv", "--output", &out]);
    assert_eq!((r.code, fs::read_to_string(&out).unwrap().as_str()), (2, "old\n"));
    let r = run(&["query", "a=1 | table a", "--data", &data, "--format", "csv", "--output", &out]);
    assert_eq!((r.code, r.out.as_str(), fs::read_to_string(&out).unwrap().as_str()), (0, "", "a\n1\n"));
    assert_eq!(fs::read_dir(dir.path()).unwrap().count(), 2);
}

#[test]
fn damaged_data_is_answered_with_one_warning() {
    let dir = fixture(&[("e.ndjson", &format!("{EVENTS}{{\"a\":\n{EVENTS}"))]);
    let data = at(&dir, "e.ndjson");
    let r = run(&["query", "a=1 | stats count", "--data", &data, "--format", "ndjson"]);
    assert_eq!((r.code, r.out.as_str()), (0, "{\"count\":2}\n"), "{}", r.err);
    assert_eq!(r.err.matches("SPL041").count(), 1, "{}", r.err);
    assert_eq!(run(&["query", "a=1 | stats count", "--data", &data, "--quiet"]).err, "");
}

#[test]
fn hostile_text_is_visible_for_people_and_exact_for_programs() {
    let dir = fixture(&[("e.ndjson", "{\"a\":\"\\u001b[2Jx\\u202e\",\"_raw\":\"r\"}\n")]);
    let data = at(&dir, "e.ndjson");
    let table = run(&["query", "r | table a", "--data", &data]).out;
    assert!(table.contains("␛[2Jx\\u202e") && !table.contains('\u{1b}'), "{table}");
    assert_eq!(run(&["query", "r | table a", "--data", &data, "--format", "csv"]).out, "a\n\u{1b}[2Jx\u{202e}\n");
    // Messages quote the query and file names.
    let r = run(&["query", "r | \u{1b}[31m", "--data", &data]);
    assert!(r.code == 2 && !r.err.contains('\u{1b}'), "{}", r.err);
}

#[test]
fn batch_answers_every_line() {
    let dir = fixture(&[("e.ndjson", EVENTS)]);
    let lines = "{\"id\":1,\"spl\":\"a=* | stats count\"}\nnonsense\n{\"id\":\"x\",\"spl\":\"a=1 | stast\"}\n\n{\"id\":3,\"spl\":\"v=7 | eval w=v+1\",\"data\":[{\"v\":7},{\"v\":8}]}\n";
    let mut command = spl(&["batch", "--data", &at(&dir, "e.ndjson")]);
    command.write_stdin(lines);
    let r = ran(command);
    let answers: Vec<serde_json::Value> = r.out.lines().map(|l| serde_json::from_str(l).unwrap()).collect();
    assert_eq!((r.code, answers.len()), (0, 4));
    assert_eq!(answers[0]["rows"], serde_json::json!([{"count": 2}]));
    assert_eq!(answers[1]["id"], serde_json::Value::Null);
    assert_eq!((&answers[2]["id"], &answers[2]["error"]["code"], &answers[2]["error"]["start"]), (&"x".into(), &"SPL003".into(), &6.into()));
    assert_eq!(answers[3]["rows"], serde_json::json!([{"v": "7", "w": 8}]));
}

const DETECTION: &str =
    "```\nname: Ones\ntags:\n  risk_score: 40\n  message: $b$ was seen $count$ times\n```\n`data` a=1 | stats count min(_time) as firstTime by b\n";

#[test]
fn run_reports_hits_and_goes_on_after_a_bad_detection() {
    let dir = fixture(&[("ones.spl", DETECTION), ("macros.conf", "[data]\ndefinition = index=*\n"), ("readme.yml", "name: no search\n")]);
    let data = fixture(&[("e.ndjson", EVENTS)]);
    let (path, data) = (dir.path().display().to_string(), at(&data, "e.ndjson"));
    let r = run(&["run", &path, "--data", &data]);
    assert!(r.code == 0 && r.out.contains("• 2023-11-14 22:13:20.500  x was seen 1 times") && !r.out.contains('│'), "{}{}", r.out, r.err);
    let r = run(&["run", &path, "--data", &data, "--format", "table"]);
    assert!(r.code == 0 && !r.out.contains('•') && r.out.contains("│ x ┆     1 ┆"), "{}{}", r.out, r.err);
    let r = run(&["run", &path, "--data", &data]);
    assert!(r.err.contains("│ Ones") && r.err.contains("2023-11-14 22:13:20.500") && r.err.contains("1 with hits"), "{}", r.err);
    let r = run(&["run", &path, "--data", &data, "--format", "ndjson", "--quiet", "--fail-on-hit"]);
    assert_eq!((r.code, r.err.as_str()), (1, ""));
    assert_eq!(r.out, "{\"detection\":\"ones\",\"row\":{\"b\":\"x\",\"count\":1,\"firstTime\":1700000000.5}}\n");
    assert_eq!(run(&["run", &path, "--data", &data, "--format", "csv"]).out, "detection,b,count,firstTime\nones,x,1,1700000000.5\n");
    assert_eq!(run(&["run", &path, "--data", &data, "--latest", "1600000000", "--format", "ndjson", "--fail-on-hit"]).code, 0);
    fs::write(dir.path().join("slow.spl"), "index=* | eval x=\"aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa!\" | regex x=\"^((?=a)a+)+$\"\n")
        .unwrap();
    let r = run(&["run", &path, "--data", &data]);
    assert_eq!((r.code, r.err.matches("took too many steps").count()), (0, 1), "{}", r.err);
    fs::write(dir.path().join("bad.spl"), "index=*\n| stast\n").unwrap();
    let r = run(&["run", &path, "--data", &data]);
    assert!(r.code == 2 && r.out.contains("x was seen") && r.err.contains("bad.spl:2:3") && r.err.contains("1 failed"), "{}", r.err);
}

#[test]
fn numbers_stand_at_the_right_however_they_are_made() {
    let query =
        "| makeresults count=3 | streamstats count as n | eval same=7, chosen=if(n>5, 1, 0), some=if(n=2, 30, 4), text=if(n=2, \"x\", 4) | fields - _time";
    let r = run(&["query", "--format", "table", query]);
    for row in ["│ 1 ┆    7 ┆      0 ┆    4 ┆ 4    │", "│ 2 ┆    7 ┆      0 ┆   30 ┆ x    │"] {
        assert!(r.out.contains(row), "{}", r.out);
    }
}

#[test]
fn a_detection_that_needs_too_much_fails_alone() {
    // Values that are too many, and far more combinations of them.
    let many = "a=1 | eval n=mvrange(0,900000), m=mvappend(n,n,n) | where mvcount(m)>3 | stats count by b";
    let more = "a=1 | eval n=mvrange(0,20000), m=n | stats count by n, m";
    let dir = fixture(&[("good.spl", "a=1 | stats count by b"), ("many.spl", many), ("more.spl", more), ("e.ndjson", EVENTS)]);
    let r = run(&["run", &at(&dir, "."), "--data", &at(&dir, "e.ndjson"), "--memory", "64M", "--format", "ndjson"]);
    assert_eq!((r.code, r.out.as_str()), (2, "{\"detection\":\"good\",\"row\":{\"b\":\"x\",\"count\":1}}\n"), "{}", r.err);
    assert_eq!(r.err.matches("needs more than 64 MiB").count(), 2, "{}", r.err);
}

#[test]
fn a_detection_that_takes_too_long_fails_alone() {
    let slow = "a=1 | eval n=mvrange(0,20000), k=n, m=mvmap(n, mvcount(mvmap(k, k*k))) | stats count(m) by b";
    let dir = fixture(&[("a.spl", slow), ("b.spl", "a=1 | stats count by b"), ("c.spl", "a=1 | table b"), ("e.ndjson", EVENTS)]);
    let r = run(&["run", &at(&dir, "."), "--data", &at(&dir, "e.ndjson"), "--timeout", "1s", "--memory", "16G", "--format", "ndjson"]);
    let rows = "{\"detection\":\"b\",\"row\":{\"b\":\"x\",\"count\":1}}\n{\"detection\":\"c\",\"row\":{\"b\":\"x\"}}\n";
    assert_eq!((r.code, r.out.as_str()), (2, rows), "{}", r.err);
    assert_eq!(r.err.matches("took longer than `--timeout` allows").count(), 1, "{}", r.err);
}

#[test]
fn a_filter_that_is_cut_short_fails() {
    // All rows are one batch, and the slow part is what the rows are filtered by.
    let rows: String = (0..4000).map(|n| format!("{{\"_time\":{},\"id\":{n},\"f\":\"v{}\"}}\n", 1_700_000_000 + n, n % 7)).collect();
    let slow = "len(sha512(mvjoin(mvrange(id,20000+id),\"x\")))";
    let files = [
        ("a.spl", format!("* | where {slow}=0 OR {slow}=1 OR {slow}=128 | stats count")),
        ("b.spl", format!("* | where NOT ({slow}=1 AND f=\"q\") AND NOT ({slow}=0) | stats count")),
        ("c.spl", "f=v2 | stats count".to_string()),
    ];
    let dir = fixture(&files.iter().map(|(name, text)| (*name, text.as_str())).chain([("e.ndjson", rows.as_str())]).collect::<Vec<_>>());
    let r = run(&["run", &at(&dir, "."), "--data", &at(&dir, "e.ndjson"), "--timeout", "1s", "--threads", "2", "--format", "ndjson"]);
    assert_eq!((r.code, r.out.as_str()), (2, "{\"detection\":\"c\",\"row\":{\"count\":572}}\n"), "{}", r.err);
    assert_eq!(r.err.matches("took longer than `--timeout` allows").count(), 2, "{}", r.err);
}

#[test]
fn the_time_of_a_detection_is_not_that_of_those_before_it() {
    // What sorts runs after the pass, one after the other.
    let query = "| makeresults count=60000 | eval x=md5(random()) | sort 0 x | eval y=sha512(x) | stats dc(y) as d";
    let files: Vec<String> = (0..12).map(|n| format!("d{n}.spl")).collect();
    let dir = fixture(&files.iter().map(|name| (name.as_str(), query)).chain([("e.ndjson", EVENTS)]).collect::<Vec<_>>());
    let one = std::time::Instant::now();
    run(&["run", &at(&dir, "d0.spl"), "--data", &at(&dir, "e.ndjson")]);
    let few = format!("{}ms", one.elapsed().as_millis() * 4);
    let r = run(&["run", &at(&dir, "."), "--data", &at(&dir, "e.ndjson"), "--timeout", &few, "--format", "ndjson"]);
    assert_eq!((r.code, r.out.lines().count()), (0, 12), "{}", r.err);
}

#[test]
fn detections_that_write_one_file_do_so_one_after_the_other() {
    let files: Vec<(String, String)> =
        (0..60).map(|n| (format!("d{n:02}.spl"), format!("a=1 | stats count by a | eval d={n} | outputcsv append=t out.csv"))).collect();
    let files: Vec<(&str, &str)> = files.iter().map(|(name, text)| (name.as_str(), text.as_str())).chain([("e.json", "{\"a\":1}\n")]).collect();
    let dir = fixture(&files);
    let mut command = spl(&["run", "--allow-write", "--threads", "4", "--data", "e.json", "."]);
    command.current_dir(dir.path());
    assert_eq!(ran(command).code, 0);
    let written = std::fs::read_to_string(dir.path().join("out.csv")).unwrap();
    let numbers: Vec<String> = written.lines().skip(1).filter_map(|line| line.rsplit(',').next()).map(str::to_string).collect();
    assert_eq!(numbers, (0..60).map(|n| n.to_string()).collect::<Vec<_>>(), "{written}");
}

#[test]
fn check_names_file_line_and_column() {
    let dir = fixture(&[("a.spl", "index=main\n| stast count\n"), ("b.yml", "name: b\nsearch: |\n  index=main\n  | sotr x\n"), ("ok.spl", DETECTION)]);
    fs::write(dir.path().join("macros.conf"), "[data]\ndefinition = index=*\n").unwrap();
    let path = dir.path().display().to_string();
    let r = run(&["check", &path, "--format", "ndjson"]);
    let found: Vec<serde_json::Value> = r.out.lines().map(|l| serde_json::from_str(l).unwrap()).collect();
    let short: Vec<_> =
        found.iter().map(|d| (Path::new(d["file"].as_str().unwrap()).file_name().unwrap().to_str().unwrap(), d["line"].clone(), d["column"].clone())).collect();
    assert_eq!((r.code, short), (2, vec![("a.spl", 2.into(), 3.into()), ("b.yml", 4.into(), 5.into())]), "{}", r.err);
    assert_eq!((&found[0]["severity"], &found[0]["code"], &found[0]["start"], &found[0]["end"]), (&"error".into(), &"SPL003".into(), &13.into(), &18.into()));
    let r = run(&["check", &path]);
    assert!(r.out.contains("a.spl:2:3") && r.out.contains("b.yml:4:5") && r.err.contains("3 searches checked: 2 errors"), "{}{}", r.out, r.err);
    let r = run(&["check", &at(&dir, "ok.spl")]);
    assert_eq!((r.code, r.out.as_str()), (0, ""), "{}", r.err);
}

#[test]
fn explain_shows_every_stage() {
    let dir = fixture(&[("e.ndjson", EVENTS), ("macros.conf", "[m(1)]\nargs = x\ndefinition = a=$x$\n")]);
    let (data, macros) = (at(&dir, "e.ndjson"), at(&dir, "macros.conf"));
    let args = ["explain", "`m(1)` | stats count by b", "--macros", &macros, "--data", &data];
    let r = run(&args);
    let places: Vec<_> = ["── tokens", "── expanded", "── tree", "── plan", "── rules", "── operators"].iter().map(|s| r.out.find(s)).collect();
    assert!(r.code == 0 && places.iter().all(Option::is_some) && places.is_sorted(), "{}{}", r.out, r.err);
    let r = run(&[&args[..], &["--at", "expanded"]].concat());
    assert!(r.out.starts_with("a=1\n| stats count by b\n") && r.out.contains("in `m`"), "{}", r.out);
    let r = run(&[&args[..], &["--at", "plan", "--format", "json", "--analyze"]].concat());
    let json: serde_json::Value = serde_json::from_str(&r.out).unwrap();
    assert_eq!((&json["plan"]["node"], &json["analyze"]["rows"]), (&"Aggregate".into(), &1.into()));
    // Only what is planned needs the lookups of an app.
    let r = run(&["explain", "--at", "tree", "a | lookup none x"]);
    assert!(r.code == 0 && r.out.contains("lookup") && r.err.is_empty(), "{} {}", r.out, r.err);
    assert_ne!(run(&["explain", "--at", "tree", "a | stast"]).code, 0);
    assert_ne!(run(&["explain", "--at", "plan", "a | lookup none x"]).code, 0);
    let r = run(&["explain", "a | stast"]);
    assert!(r.code == 2 && r.out.contains("── tokens") && r.err.contains("stast"));
}

#[test]
fn help_comes_from_the_cards() {
    for name in ["head", "max", "SPL001", "commands", "functions", "knowledge"] {
        let r = run(&["help", name]);
        assert!(r.code == 0 && !r.out.is_empty(), "{name}");
    }
    assert!(run(&["help"]).out.contains("spl help NAME"));
    assert!(run(&["help", "--coverage"]).out.contains("commands"));
}

#[test]
fn contradictory_flags_are_one_message() {
    let dir = fixture(&[("e.ndjson", EVENTS)]);
    let data = at(&dir, "e.ndjson");
    for (args, says) in [
        (&["query", "-", "--data", "-"][..], "standard input cannot be both the query and `--data -`"),
        (&["batch", "--data", "-"], "standard input cannot be both the queries and `--data -`"),
        (&["query", "*", "--data", &data, "--earliest", "2024-01-02", "--latest", "2024-01-01"], "--earliest is after --latest"),
        (&["query", "`never | stats count", "--data", &data], "this macro call is never closed"),
        (&["query", "| inputlookup none.csv | lookup `", "--data", &data], "this macro call is never closed"),
    ] {
        let r = run(args);
        assert_eq!((r.code, r.out.as_str(), r.err.matches("error").count()), (2, "", 1), "{args:?}: {}", r.err);
        assert!(r.err.contains(says), "{args:?}: {}", r.err);
    }
    let r = run(&["query", "*", "--data", &format!("{data},inedx=a")]);
    assert!(r.code == 3 && r.err.contains("`inedx` is no option of --data"), "{}", r.err);
}

#[test]
fn the_ending_of_the_output_chooses_the_format() {
    let dir = fixture(&[("e.ndjson", EVENTS)]);
    let data = at(&dir, "e.ndjson");
    for (name, format, want) in
        [("o.csv", None, "a\n1\n2\n"), ("o.ndjson", None, "{\"a\":\"1\"}\n{\"a\":\"2\"}\n"), ("o.csv", Some("ndjson"), "{\"a\":\"1\"}\n{\"a\":\"2\"}\n")]
    {
        let out = at(&dir, name);
        let mut command = spl(&["query", "* | sort a | table a", "--data", &data, "--output", &out]);
        format.map(|f| command.args(["--format", f]));
        assert_eq!(ran(command).code, 0);
        assert_eq!(fs::read_to_string(&out).unwrap(), want, "{name} {format:?}");
    }
}

#[test]
fn a_lookup_must_have_the_columns_that_are_asked_for() {
    let dir = fixture(&[("e.ndjson", EVENTS)]);
    fs::create_dir_all(dir.path().join("app/lookups")).unwrap();
    fs::write(dir.path().join("app/lookups/t.csv"), "a,name\n1,one\n").unwrap();
    let (data, app) = (at(&dir, "e.ndjson"), at(&dir, "app"));
    let r = run(&["query", "* | lookup t.csv a OUTPUT nmae", "--data", &data, "--app", &app]);
    assert!(r.code == 2 && r.err.contains("the lookup `t.csv` has no column `nmae`") && r.err.contains("`name`"), "{} {}", r.code, r.err);
    assert_eq!(run(&["query", "a=1 | lookup t.csv a OUTPUT name | table name", "--data", &data, "--app", &app, "--format", "csv"]).out, "name\none\n");
}

#[test]
fn a_file_that_is_only_the_start_of_its_header_is_named() {
    let dir = tempfile::tempdir().unwrap();
    for (name, bytes) in [("a.gz", &b"\x1f\x8b"[..]), ("a.zst", b"\x28\xb5\x2f\xfd"), ("a.evtx", b"ElfFile\0junk")] {
        let path = dir.path().join(name);
        fs::write(&path, bytes).unwrap();
        let r = run(&["query", "* | stats count", "--data", &path.display().to_string(), "--format", "csv"]);
        assert_eq!((r.code, r.out.as_str(), r.err.matches("warning").count()), (0, "count\n0\n", 1), "{name}: {}", r.err);
    }
}

#[test]
fn loaded_data_stands_in_for_a_lookup() {
    let dir = fixture(&[("e.ndjson", EVENTS), ("names.csv", "a,name\n1,one\n2,two\n")]);
    let names = format!("{},index=names", at(&dir, "names.csv"));
    let data = at(&dir, "e.ndjson");
    let r = run(&["query", "b=x | lookup names a OUTPUT name | table a name", "--data", &data, "--data", &names, "--format", "ndjson"]);
    assert_eq!((r.code, r.out.as_str()), (0, "{\"a\":\"1\",\"name\":\"one\"}\n"), "{}", r.err);
    let r = run(&["query", "| inputlookup names where a=2 | table name", "--data", &names, "--format", "ndjson"]);
    assert_eq!(r.out, "{\"name\":\"two\"}\n");
}

#[test]
fn a_cut_archive_gives_its_whole_events_and_one_warning() {
    use std::io::Write;
    let lines: String = (0..20_000).map(|i| format!("{{\"n\":\"{i}\",\"t\":\"{}\"}}\n", i * 7919 % 104_729)).collect();
    let mut packed = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::default());
    packed.write_all(lines.as_bytes()).unwrap();
    let packed = packed.finish().unwrap();
    let dir = tempfile::tempdir().unwrap();
    fs::write(dir.path().join("e.ndjson.gz"), &packed[..packed.len() / 2]).unwrap();
    let r = run(&["query", "n=* | stats count max(n) as last", "--data", &at(&dir, "e.ndjson.gz"), "--format", "ndjson"]);
    assert_eq!(r.code, 0);
    assert_eq!(r.err.matches("warning").count(), 1, "{}", r.err);
    let row: serde_json::Value = serde_json::from_str(r.out.trim()).unwrap();
    assert_eq!(row["count"].as_f64(), row["last"].as_f64().map(|n| n + 1.0), "{}", r.out);
}

#[test]
fn a_subcommand_s_help_names_the_flags_that_it_uses() {
    let help = run(&["check", "--help"]).out;
    assert!(help.contains("--app") && help.contains("--format") && !help.contains("--threads") && !help.contains("--data"), "{help}");
    let help = run(&["query", "--help"]).out;
    assert!(help.contains("--threads") && help.contains("--data"), "{help}");
    let dir = fixture(&[("q.spl", "index=main | stats count\n")]);
    let r = run(&["check", &at(&dir, "q.spl"), "--threads", "1", "--quiet"]);
    assert_eq!((r.code, r.out.as_str(), r.err.as_str()), (0, "", ""));
}

#[test]
fn a_query_of_a_checkout_knows_its_macros() {
    let dir = tempfile::tempdir().unwrap();
    for (name, text) in
        [("detections/web/d.yml", "name: D\nsearch: '`it` | table a'\n"), ("macros/it.yml", "name: it\ndefinition: a=2\n"), ("e.ndjson", EVENTS)]
    {
        let path = dir.path().join(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    }
    let (file, data) = (at(&dir, "detections/web/d.yml"), at(&dir, "e.ndjson"));
    for command in ["query", "explain"] {
        let r = run(&[command, "-f", &file, "--data", &data, "--format", "ndjson"]);
        assert_eq!((r.code, r.err.as_str()), (0, ""), "{command}");
    }
    assert_eq!(run(&["query", "-f", &file, "--data", &data, "--format", "ndjson"]).out, "{\"a\":\"2\"}\n");
}

#[test]
fn damage_in_data_that_stands_in_for_a_lookup_is_told() {
    let dir = fixture(&[("e.ndjson", EVENTS), ("t.json", "{\"a\":\"1\",\"who\":\"ann\"}\n{\"a\":\"2\",\n")]);
    let table = format!("{},index=people", at(&dir, "t.json"));
    let r =
        run(&["query", "index!=people a=1 | lookup people a OUTPUT who | table who", "--data", &at(&dir, "e.ndjson"), "--data", &table, "--format", "ndjson"]);
    assert!(r.code == 0 && r.out.contains("ann") && r.err.matches("SPL041").count() >= 1, "{}{}", r.out, r.err);
}

#[test]
fn ceilings_warn_and_are_lifted() {
    let spl = "| makeresults count=3 | streamstats count AS n | sort n | append [| makeresults count=3] | stats count, list(n) AS n";
    let query = |more: &[&str]| run(&[&["query", spl, "--format", "ndjson"], more].concat());
    let r = query(&["--ceiling", "sort=2", "--ceiling", "join=1", "--ceiling", "list=1"]);
    assert_eq!(r.out, "{\"count\":3,\"n\":\"1\"}\n");
    for said in ["`sort` keeps 2 rows", "`sort 0 …` keeps all", "subsearch of `append` found more than 1", "--ceiling join=0", "--ceiling list=0"] {
        assert!(r.err.contains(said), "{said}: {}", r.err);
    }
    let r = query(&["--ceiling", "sort=0"]);
    assert_eq!((r.out.as_str(), r.err.as_str()), ("{\"count\":6,\"n\":[\"1\",\"2\",\"3\"]}\n", ""));
    let r = query(&["--ceiling", "rows=1"]);
    assert_eq!(r.code, 2);
    assert!(r.err.contains("list, subsearch, join, sort and window"), "{}", r.err);
}
