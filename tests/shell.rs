//! The shell in a real pseudo-terminal.
#![cfg(unix)]

use expectrl::session::OsSession;
use expectrl::{ControlCode, Eof, Expect, Session};
use std::process::Command;
use std::time::{Duration, Instant};
use tempfile::TempDir;

/// Events, one of which tries to take over the terminal.
const EVENTS: &str = concat!(
    r#"{"user":"anna","process_name":"regasm.exe","note":"plain"}"#,
    "\n",
    r#"{"user":"evil","process_name":"regsvcs.exe","note":"\u001b]0;owned\u0007\u001b[2J\r\u202egpj","a\u001b[31mb":"x"}"#,
    "\n"
);
const MACROS: &str = "[only_annas_events]\ndefinition = user=anna\n";

struct Shell {
    terminal: OsSession,
    /// Keeps the files until the shell has ended.
    dir: TempDir,
}

impl Shell {
    fn start(color: bool) -> Shell {
        let dir = tempfile::tempdir().unwrap();
        let write = |name: &str, text: &str| {
            let path = dir.path().join(name);
            std::fs::write(&path, text).unwrap();
            path
        };
        let mut command = Command::new(env!("CARGO_BIN_EXE_spl"));
        command.arg("--data").arg(write("events.ndjson", EVENTS)).arg("--macros").arg(write("macros.conf", MACROS));
        command.env("SPL_HISTORY", dir.path().join("history")).env("TERM", "xterm-256color").env_remove("NO_COLOR");
        if !color {
            command.arg("--no-color");
        }
        let mut terminal = Session::spawn(command).unwrap();
        terminal.get_process_mut().set_window_size(200, 50).unwrap();
        terminal.set_expect_timeout(Some(Duration::from_secs(20)));
        let mut shell = Shell { terminal, dir };
        shell.until("spl> ");
        shell
    }

    /// Waits for a text; gives what came before it.
    fn until(&mut self, text: &str) -> String {
        let found = self.terminal.expect(text).unwrap_or_else(|e| panic!("waiting for {text:?}: {e}"));
        String::from_utf8_lossy(found.before()).into_owned()
    }

    /// Types keys.
    fn keys(&mut self, keys: &str) {
        self.terminal.send(keys).unwrap();
    }

    /// Types a line and waits until the prompt has taken it: a key that comes before belongs to the line.
    fn enter(&mut self, line: &str) {
        self.keys(line);
        self.keys("\r");
        self.until("\u{1b}[?2004l");
    }

    /// Types a query and gives what it showed, up to its timing line.
    fn run(&mut self, keys: &str) -> String {
        self.keys(keys);
        self.keys("\r");
        let shown = self.until(" shown) in ");
        self.until("spl> ");
        shown
    }

    fn leave(mut self) -> TempDir {
        self.terminal.send(ControlCode::EndOfTransmission).unwrap();
        self.terminal.expect(Eof).unwrap();
        self.dir
    }
}

#[test]
fn tab_completes_commands_fields_and_macros() {
    let mut shell = Shell::start(false);
    let shown = shell.run("| maker\t| eval answer=6*7");
    assert!(shown.contains("42"), "{shown}");
    let shown = shell.run("* | stats count by process_n\t");
    assert!(shown.contains("│ regasm.exe") && shown.contains("2 rows (2"), "{shown}");
    let shown = shell.run("`only_ann\t | table user");
    assert!(shown.contains("│ anna") && !shown.contains("│ evil"), "{shown}");
    shell.leave();
}

#[test]
fn a_query_goes_on_until_it_is_whole_and_errors_do_not_end_the_shell() {
    let mut shell = Shell::start(false);
    shell.keys("| makeresults |\r");
    shell.until("...> ");
    let shown = shell.run("eval x=7*6");
    assert!(shown.contains("42") && shown.contains("1 row (1"), "{shown}");
    shell.keys("| stast count\r");
    shell.until("Did you mean `stats`?");
    shell.until("spl> ");
    shell.keys(".halp\r");
    shell.until("Did you mean `.help`?");
    shell.until("spl> ");
    // An open quote is given up with an empty line, a half-typed query with Ctrl-C.
    shell.keys("user=\"\r");
    shell.until("...> ");
    shell.keys("\r\r");
    shell.until("never closed");
    shell.until("spl> ");
    shell.keys("half a que");
    shell.terminal.send(ControlCode::EndOfText).unwrap();
    shell.until("spl> ");
    for (keys, says) in
        [(".rows 5", "a table shows 5 rows"), (".time -1d now", "from -1d until now"), (".mode csv", "shown as csv"), (".mode auto", "shown as auto")]
    {
        shell.keys(&format!("{keys}\r"));
        shell.until(says);
        shell.until("spl> ");
    }
    shell.run("| makeresults");
    let dir = shell.leave();
    let history = std::fs::read_to_string(dir.path().join("history")).unwrap();
    assert!(history.contains("| stast count") && history.contains("eval x=7*6"), "{history}");
}

#[test]
fn ctrl_c_cancels_the_query_and_not_the_shell() {
    let mut shell = Shell::start(false);
    for query in [
        "| makeresults count=200000000 | eval x=random() | stats count",
        "| makeresults count=200000000 | eval x=random() | stats dc(x) by _time",
        "| makeresults count=200000000 | where random()<0",
        "| makeresults count=3000000 | eval x=random() | sort 0 x | head 1",
        "| makeresults count=2000000 | eval x=random()%1000000 | stats count by x | eventstats sum(count) by x",
    ] {
        shell.enter(query);
        std::thread::sleep(Duration::from_millis(400));
        let asked = Instant::now();
        shell.terminal.send(ControlCode::EndOfText).unwrap();
        shell.until("the query was cancelled");
        let took = asked.elapsed();
        println!("cancelled after {} ms: {query}", took.as_millis());
        assert!(took < Duration::from_secs(1), "{query} took {took:?} to end");
        shell.until("spl> ");
    }
    assert!(shell.run("| makeresults | eval x=6*7").contains("42"));
    shell.leave();
}

#[test]
fn ctrl_c_gives_the_prompt_back_at_any_time_and_what_was_left_behind_stays_silent() {
    let mut shell = Shell::start(false);
    for (rows, query, waits) in [
        (".rows 100", "| makeresults count=1000000 | eval x=random() | stats count values(x) list(x) by x", &[400, 1500, 4000][..]),
        (".rows 100", "| makeresults count=1000000 | eval x=random() | sort 0 x | stats dc(x) by x", &[400, 2000, 5000]),
        // While the rows are made, drawn and written: nobody reads them here.
        (".rows 0", "| makeresults count=500000 | eval left=random() | table left", &[400, 2000, 6000]),
        // Often: the terminal throws away what it has not shown, and whoever waits to write more must wake up all the same.
        (".rows 0", "| makeresults count=50000 | eval left=random() | table left", &[1000; 12]),
    ] {
        shell.enter(rows);
        shell.until("spl> ");
        for &wait in waits {
            shell.enter(query);
            std::thread::sleep(Duration::from_millis(wait));
            let asked = Instant::now();
            shell.terminal.send(ControlCode::EndOfText).unwrap();
            // A fast machine is done before the key.
            let ends = expectrl::Any::boxed(vec![Box::new("the query was cancelled"), Box::new(" shown) in ")]);
            let done = shell.terminal.expect(ends).unwrap().get(0).is_some_and(|end| end.starts_with(b" shown"));
            let took = asked.elapsed();
            if done {
                // Then the prompt gets the key, and what is typed before it did would be lost.
                std::thread::sleep(Duration::from_millis(500));
                shell.enter(r#"| makeresults | eval x="mar"."ked""#);
                shell.until("marked");
            }
            println!("the prompt came {} ms after the key at {wait} ms: {query}", took.as_millis());
            assert!(took < Duration::from_secs(1), "{query} took {took:?} to end after {wait} ms");
            shell.until("spl> ");
        }
    }
    // The next query has the terminal, and its token, to itself.
    shell.keys(".rows 100\r");
    shell.until("spl> ");
    let shown = shell.run("| makeresults count=3 | eval x=6*7 | table x");
    let lines: Vec<&str> = shown.lines().filter(|l| l.starts_with('│')).map(str::trim_end).collect();
    assert_eq!(lines, ["│ x  │", "│ 42 │", "│ 42 │", "│ 42 │"], "{shown}");
    shell.leave();
}

#[test]
fn what_logs_hold_reaches_the_terminal_harmless() {
    let mut shell = Shell::start(true);
    for (mode, keys) in [("auto", "user=evil | table user note"), ("vertical", "user=evil"), ("raw", "user=evil"), ("json", "user=evil | table note")] {
        shell.keys(&format!(".mode {mode}\r"));
        shell.until("spl> ");
        shell.keys(keys);
        shell.keys("\r");
        let shown = shell.until(" shown) in ");
        for bad in ["\u{1b}]0;", "\u{1b}[2J", "\u{202e}", "\u{7}", "\u{1b}[31mb"] {
            assert!(!shown.contains(bad), "{mode}: {bad:?} in {shown:?}");
        }
        assert!(shown.contains("gpj"), "{mode}: {shown:?}");
        shell.until("spl> ");
    }
    // Names of fields are hostile, too: in lists, in completion, in messages.
    shell.keys(".fields\r");
    let shown = shell.until("user");
    assert!(shown.contains("a␛[31mb") && !shown.contains("\u{1b}[31mb"), "{shown:?}");
    shell.until("spl> ");
    shell.keys("* | table a\t\t");
    std::thread::sleep(Duration::from_millis(300));
    shell.terminal.send(ControlCode::EndOfText).unwrap();
    std::thread::sleep(Duration::from_millis(200));
    let shown = shell.run("| makeresults");
    assert!(!shown.contains("\u{1b}[31mb"), "{shown:?}");
    shell.leave();
}

#[test]
fn a_pipe_needs_no_prompt() {
    let mut command = assert_cmd::Command::new(env!("CARGO_BIN_EXE_spl"));
    let out = command.args(["--format", "csv"]).write_stdin("| makeresults | eval x=6*7 | table x\n| makeresults | nosuch\n").assert().code(2);
    let out = out.get_output();
    assert_eq!(String::from_utf8_lossy(&out.stdout), "x\n42\n");
    assert!(String::from_utf8_lossy(&out.stderr).contains("nosuch"));
}

#[test]
fn detections_run_over_what_is_loaded_as_over_files() {
    let spl = |args: &[&str], input: &str| {
        let mut command = assert_cmd::Command::new(env!("CARGO_BIN_EXE_spl"));
        let output = command.args(["--format", "ndjson", "--data", "datasets"]).args(args).write_stdin(input).output().unwrap();
        (String::from_utf8(output.stdout).unwrap(), String::from_utf8(output.stderr).unwrap(), output.status.code())
    };
    let (rows, summary, code) = spl(&["run", "queries"], "");
    assert!(rows.lines().count() > 20 && summary.contains("2 with hits") && code == Some(0), "{rows}{summary}");
    assert_eq!(spl(&[], ".run queries\n"), (rows.clone(), summary, code));
    assert_eq!(spl(&["--quiet"], ".run\n"), (rows, String::new(), code));
    // One that fails does not end the others.
    let dir = tempfile::tempdir().unwrap();
    std::fs::write(dir.path().join("a.spl"), "index=main | stast count").unwrap();
    std::fs::write(dir.path().join("b.spl"), "* | stats count").unwrap();
    let (rows, said, code) = spl(&[], &format!(".run {}\n", dir.path().display()));
    assert!(rows.starts_with("{\"detection\":\"b\"") && rows.lines().count() == 1 && code == Some(2), "{rows}");
    assert!(said.contains("a.spl:1:14") && said.contains("`stats`") && said.contains("1 of 2 searches failed"), "{said}");
}
