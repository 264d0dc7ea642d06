//! collect: writes the rows as events of a summary index, here to a file.

use super::outputcsv::within;
use super::outputlookup::allowed;
use super::{Command, Kind, Stage, options, stage};
use crate::card::{Example, Support};
use crate::diagnostic::{Code, Diagnostic};
use crate::plan::write::{Layout, Write};
use crate::plan::{Node, Planner};
use crate::syntax::option::{Opt, OptionValue};
use crate::syntax::wanted::Want;
use crate::syntax::{Parsed, Tokens};
use serde::Serialize;
use std::sync::Arc;

static INDEX: Opt<Option<String>> = Opt::new("index", "", "The index; it names the file, `<index>.stash` or `<index>.hec.ndjson`.");
static ADDTIME: Opt<bool> = Opt::new("addtime", "t", "Begin with the time where a row has no `_raw`.");
static FILE: Opt<Option<String>> = Opt::new("file", "", "Another name for the file; `$timestamp$` and `$random$` stand for the present and a number.");
static HOST: Opt<Option<String>> = Opt::new("host", "", "The host of the events; only `hec` says it.");
static SOURCE: Opt<Option<String>> = Opt::new("source", "", "The source of the events; only `hec` says it.");
static SOURCETYPE: Opt<String> = Opt::new("sourcetype", "stash", "The source type of the events; only `hec` says it.");
static MARKER: Opt<String> = Opt::new("marker", "", "Text behind each event that is made of fields.");
static OUTPUT_FORMAT: Opt<Format> = Opt::new("output_format", "raw", "`raw` writes a line an event, `hec` a JSON object.");
static RUN_IN_PREVIEW: Opt<bool> = Opt::new("run_in_preview", "f", "Write for previews too; there are none here.").idle();
static SPOOL: Opt<bool> = Opt::new("spool", "t", "Let the server take the file in; there is none here.").idle();
static TESTMODE: Opt<bool> = Opt::new("testmode", "f", "Write nothing.");
static USELB: Opt<bool> = Opt::new("uselb", "t", "Break events as the server does; it changes nothing here.").idle();

pub const COMMAND: Command = Command {
    name: "collect",
    aliases: &["stash", "summaryindex", "sumindex"],
    kind: Kind::Streaming,
    summary: "Writes the rows as events behind those of a file in the current directory that stands for a summary index: read with `--data` it is that index; needs `--allow-write`.",
    syntax: "collect index=<name> [addtime=<bool>] [file=<name>] [host=<text>] [marker=<text>] [output_format=raw|hec] [run_in_preview=<bool>] [source=<text>] [sourcetype=<text>] [spool=<bool>] [testmode=<bool>] [uselb=<bool>]",
    options: &[
        &INDEX.card,
        &ADDTIME.card,
        &FILE.card,
        &HOST.card,
        &MARKER.card,
        &OUTPUT_FORMAT.card,
        &RUN_IN_PREVIEW.card,
        &SOURCE.card,
        &SOURCETYPE.card,
        &SPOOL.card,
        &TESTMODE.card,
        &USELB.card,
    ],
    examples: &[Example { spl: "| makeresults | eval user=\"ann\" | collect index=summary testmode=t", shows: "the rows; nothing is written in test mode" }],
    support: Support::Full,
    parse,
    file: file!(),
};

#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
enum Format {
    Raw,
    Hec,
}

impl OptionValue for Format {
    fn read(text: &str) -> Result<Format, &'static str> {
        match text.to_ascii_lowercase().as_str() {
            "raw" => Ok(Format::Raw),
            "hec" => Ok(Format::Hec),
            _ => Err("`raw` or `hec`"),
        }
    }
}

#[derive(Debug, Serialize)]
struct Collect {
    index: String,
    addtime: bool,
    file: Option<String>,
    host: Option<String>,
    source: Option<String>,
    sourcetype: String,
    marker: String,
    format: Format,
    testmode: bool,
}

fn parse(mut i: Tokens<'_>) -> Parsed<'_, Box<dyn Stage>> {
    let mut c = Collect {
        index: String::new(),
        addtime: true,
        file: None,
        host: None,
        source: None,
        sourcetype: SOURCETYPE.card.default.into(),
        marker: String::new(),
        format: Format::Raw,
        testmode: false,
    };
    let mut index = None;
    i = options(
        i,
        &COMMAND,
        [
            INDEX.to(&mut index),
            ADDTIME.to(&mut c.addtime),
            FILE.to(&mut c.file),
            HOST.to(&mut c.host),
            SOURCE.to(&mut c.source),
            SOURCETYPE.to(&mut c.sourcetype),
            MARKER.to(&mut c.marker),
            OUTPUT_FORMAT.to(&mut c.format),
            TESTMODE.to(&mut c.testmode),
            RUN_IN_PREVIEW.unused(),
            SPOOL.unused(),
            USELB.unused(),
        ],
    )?;
    match index {
        Some(index) => stage(i, Collect { index, ..c }),
        None => i.miss(Want::Option("index")),
    }
}

impl Stage for Collect {
    fn plan(&self, planner: &mut Planner<'_>, input: Node) -> Result<Node, Diagnostic> {
        let input = planner.started(input);
        if self.testmode {
            return Ok(input);
        }
        let dir = allowed(planner, COMMAND.name)?;
        let ending = if self.format == Format::Hec { "hec.ndjson" } else { "stash" };
        let name = self.file.clone().unwrap_or_else(|| format!("{}.{ending}", self.index));
        let name = name.replace("$timestamp$", &format!("{:.0}", planner.env.now)).replace("$random$", &(planner.env.seed % 1_000_000_007).to_string());
        // A name such as `x.csv` would be read back as a table.
        if name.ends_with(".csv") {
            return Err(Diagnostic::error(Code::ARGUMENTS, format!("`{name}` would be no CSV file")).help("outputcsv writes tables."));
        }
        let layout = match self.format {
            Format::Raw => Layout::Events { time: self.addtime, marker: self.marker.clone() },
            Format::Hec => Layout::Hec { index: self.index.clone(), host: self.host.clone(), source: self.source.clone(), sourcetype: self.sourcetype.clone() },
        };
        let write = Write { file: within(&dir, &name)?, layout, append: true, create_empty: false, override_if_empty: false, max: None, key: None };
        Ok(Node::Write { input: Box::new(input), write: Arc::new(write) })
    }
}

#[cfg(test)]
mod tests {
    use crate::knowledge::Knowledge;
    use crate::{Engine, Settings};

    #[test]
    fn events_are_added_to_a_file() {
        let dir = tempfile::tempdir().unwrap();
        let settings = Settings { writes: Some(dir.path().into()), now: Some(0.0), ..Settings::default() };
        let engine = Engine::new(Default::default(), Knowledge::builtin(), settings);
        let read = |name: &str| std::fs::read_to_string(dir.path().join(name)).unwrap_or_else(|_| "-".into());
        for (spl, file, want) in [
            ("| makeresults | eval a=\"x\\\"y\", m=split(\"p,q\",\",\") | collect index=s", "s.stash", "01/01/1970 00:00:00 +0000, a=\"x\\\"y\", m=\"p,q\"\n"),
            (
                "| makeresults | eval a=1 | collect index=s addtime=f marker=\"k=v\"",
                "s.stash",
                "01/01/1970 00:00:00 +0000, a=\"x\\\"y\", m=\"p,q\"\na=\"1\", k=v\n",
            ),
            ("| makeresults | eval _raw=\"l\n2\" | collect index=s file=f_$timestamp$.log spool=f", "f_0.log", "l 2\n"),
            (
                "| makeresults | eval a=1 | collect index=s output_format=hec host=h source=o",
                "s.hec.ndjson",
                "{\"time\":0,\"index\":\"s\",\"host\":\"h\",\"source\":\"o\",\"sourcetype\":\"stash\",\"event\":{\"a\":1}}\n",
            ),
            ("| makeresults | collect index=t testmode=t run_in_preview=t uselb=f sourcetype=x", "t.stash", "-"),
            ("| makeresults | head 0 | collect index=u", "u.stash", "-"),
        ] {
            engine.run(spl).unwrap();
            assert_eq!(read(file), want, "{spl}");
        }
        for (spl, code) in [
            ("| makeresults | collect", "SPL001"),
            ("| makeresults | collect index=../x", "SPL005"),
            ("| makeresults | collect index=a file=x.csv", "SPL005"),
            ("| makeresults | collect index=a output_format=xml", "SPL007"),
            ("| makeresults | collect indx=a", "SPL006"),
        ] {
            assert_eq!(engine.run(spl).unwrap_err().diagnostics[0].code.id, code, "{spl}");
        }
        let careful = Engine { settings: Settings::default(), ..engine };
        assert_eq!(careful.run("| makeresults | collect index=a").unwrap_err().diagnostics[0].code.id, "SPL032");
    }
}
