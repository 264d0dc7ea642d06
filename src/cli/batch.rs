//! `spl batch`: many queries over data that is loaded once; a JSON line in, a JSON line out, in the same order.
//!
//! A question is `{"id", "spl", "data"?}`, an answer `{"id", "rows", "ms"}` or `{"id", "error"}`. No question ends the others.

use super::{DONE, Failed, Report, Shared, interrupt};
use crate::diagnostic::{Code, Diagnostic, Sources};
use crate::engine::{Answer, Failure};
use crate::fault::guarded;
use crate::input::Warnings;
use crate::output::json;
use crate::store::Catalog;
use crate::{Engine, column::number, input};
use serde_json::{Map, Value as Json};
use std::fs::File;
use std::io::{self, BufRead, BufReader};
use std::path::PathBuf;
use std::time::Instant;

#[derive(Clone, Debug, clap::Args)]
#[command(
    after_help = "Example of a line: {\"id\": 1, \"spl\": \"EventID=3 | stats count\"}\nWith \"data\": [row, …] these rows stand in for the loaded events."
)]
pub struct Args {
    /// One JSON object a line; standard input by default
    #[arg(long, value_name = "FILE", default_value = "-")]
    queries: PathBuf,
}

pub fn run(shared: &Shared, args: &Args, report: &mut Report) -> Result<u8, Failed> {
    let settings = shared.settings()?;
    let knowledge = shared.knowledge(&[], None)?;
    report.plain(knowledge.warnings());
    let questions = open(shared, args)?;
    let mut warnings = Warnings::new();
    let catalog = shared.loaded(&shared.files(None)?, &settings, &mut warnings)?;
    report.plain(&warnings.diagnostics());
    let engine = Engine::new(catalog, knowledge, settings);
    interrupt::install(&engine.cancel);
    let mut sink = shared.sink()?;
    for line in questions.split(b'\n') {
        let line = line.map_err(|e| Diagnostic::error(Code::DATA_FILE, format!("the queries cannot be read: {e}")))?;
        if line.trim_ascii().is_empty() {
            continue;
        }
        let answer = answer(&engine, &line, report);
        sink.text(&answer)?;
        sink.flush()?;
        engine.cancel.check()?;
    }
    sink.finish()?;
    Ok(DONE)
}

fn open(shared: &Shared, args: &Args) -> Result<Box<dyn BufRead>, Diagnostic> {
    if args.queries.as_os_str() == "-" {
        shared.stdin_is_free("the queries")?;
        return Ok(Box::new(BufReader::new(io::stdin())));
    }
    let file = File::open(&args.queries).map_err(|e| Diagnostic::error(Code::DATA_FILE, format!("cannot read {}: {e}", args.queries.display())))?;
    Ok(Box::new(BufReader::new(file)))
}

/// The answer line to a question line.
fn answer(engine: &Engine, line: &[u8], report: &mut Report) -> String {
    let start = Instant::now();
    let (id, result) = match question(line) {
        Ok(q) => {
            let run = || match &q.data {
                Some(rows) => engine.over(Catalog::of_rows(input::rows(rows))).run(&q.spl),
                None => engine.run(&q.spl),
            };
            // A fault of the program itself is an answer, too: the other questions are still asked.
            let fault = || Err(alone(Diagnostic::error(Code::FAULT, "the query met a fault of this program")));
            let result = guarded(run).unwrap_or_else(fault);
            (q.id, result)
        }
        Err((id, d)) => (id, Err(alone(d))),
    };
    match result {
        Ok(a) => {
            report.plain(&a.warnings);
            answered(&id, &a, start)
        }
        Err(failure) => refused(&id, &failure),
    }
}

fn answered(id: &Json, answer: &Answer, start: Instant) -> String {
    let mut out = format!("{{\"id\":{id},\"rows\":[");
    let objects = json::Objects::new(&answer.rows);
    for row in 0..answer.rows.len() {
        if row > 0 {
            out.push(',');
        }
        objects.write(row, &mut out);
    }
    out.push_str("],\"ms\":");
    number::write((start.elapsed().as_secs_f64() * 1e6).round() / 1e3, &mut out);
    out.push_str("}\n");
    out
}

/// A failure that has no place in a text.
fn alone(d: Diagnostic) -> Failure {
    Failure { sources: Sources::default(), diagnostics: vec![d] }
}

/// The first error, with its place in the question's own text.
fn refused(id: &Json, failure: &Failure) -> String {
    let Some(d) = failure.diagnostics.iter().find(|d| d.is_error()).or(failure.diagnostics.first()) else {
        return format!("{}\n", serde_json::json!({"id": id, "error": {"kind": "runtime", "message": "the query failed"}}));
    };
    let span = d.span.map(|s| failure.sources.in_user_text(s));
    let error = serde_json::json!({
        "kind": d.kind(), "code": d.code.id, "message": d.to_string(), "start": span.map(|s| s.start), "end": span.map(|s| s.end),
    });
    format!("{}\n", serde_json::json!({"id": id, "error": error}))
}

struct Question {
    id: Json,
    spl: String,
    data: Option<Vec<Map<String, Json>>>,
}

/// Reads a question; what is wrong with it goes with its id, as far as it has one.
fn question(line: &[u8]) -> Result<Question, (Json, Diagnostic)> {
    let wrong = |id: &Json, message: String| {
        let help = "A question is {\"id\": …, \"spl\": \"…\"}, with \"data\": [row, …] where rows stand in for the events.";
        (id.clone(), Diagnostic::error(Code::SYNTAX, message).help(help))
    };
    let json: Json = serde_json::from_slice(line).map_err(|e| wrong(&Json::Null, format!("the line is no JSON: {e}")))?;
    let Json::Object(mut map) = json else { return Err(wrong(&Json::Null, "the line is no JSON object".to_string())) };
    let id = map.remove("id").unwrap_or_default();
    let spl = match map.remove("spl") {
        Some(Json::String(spl)) => spl,
        Some(_) => return Err(wrong(&id, "`spl` is no text".to_string())),
        None => return Err(wrong(&id, "`spl` is missing".to_string())),
    };
    let row = |row: Json| match row {
        Json::Object(map) => Ok(map),
        _ => Err(wrong(&id, "a row of `data` is no object".to_string())),
    };
    let data = match map.remove("data") {
        None | Some(Json::Null) => None,
        Some(Json::Array(rows)) => Some(rows.into_iter().map(row).collect::<Result<Vec<_>, _>>()?),
        Some(_) => return Err(wrong(&id, "`data` is no array of rows".to_string())),
    };
    Ok(Question { id, spl, data })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Settings, knowledge::Knowledge};

    #[test]
    fn every_line_gets_an_answer() {
        let engine = Engine::new(Catalog::default(), Knowledge::builtin(), Settings::default());
        let mut report = Report::silent();
        let mut ask = |line: &str| -> Json { serde_json::from_str(&answer(&engine, line.as_bytes(), &mut report)).unwrap() };
        let good = ask(r#"{"id": "a", "spl": "x=1 | eval y=x+1", "data": [{"x": 1}, {"x": 2}]}"#);
        assert_eq!((&good["id"], &good["rows"], good["ms"].is_number()), (&serde_json::json!("a"), &serde_json::json!([{"x": "1", "y": 2}]), true));
        for (line, id, kind) in [
            ("{", Json::Null, "parse"),
            ("[1]", Json::Null, "parse"),
            (r#"{"id": 7}"#, 7.into(), "parse"),
            (r#"{"id": 7, "spl": 1}"#, 7.into(), "parse"),
            (r#"{"id": 7, "spl": "x", "data": {}}"#, 7.into(), "parse"),
            (r#"{"id": 7, "spl": "x", "data": [1]}"#, 7.into(), "parse"),
            (r#"{"id": 7, "spl": "x | stast count"}"#, 7.into(), "parse"),
        ] {
            let answer = ask(line);
            assert_eq!((&answer["id"], &answer["error"]["kind"]), (&id, &kind.into()), "{line}");
        }
        let place = &ask(r#"{"id": 7, "spl": "x | stast count"}"#)["error"];
        assert_eq!((&place["start"], &place["end"]), (&4.into(), &9.into()));
        assert!(answer(&engine, b"{\"id\":1,\"spl\":\"\xff\"}", &mut Report::silent()).contains("error"));
    }
}
