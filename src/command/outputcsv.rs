//! outputcsv: writes the rows to a CSV file.

use super::outputlookup::{APPEND, OVERRIDE, allowed};
use super::{Command, Kind, Stage, option, stage};
use crate::card::{Example, Support};
use crate::diagnostic::{Code, Diagnostic, Span};
use crate::plan::write::{Layout, Write};
use crate::plan::{Node, Planner, Rework};
use crate::syntax::option::{Opt, raw_value};
use crate::syntax::{Parsed, Tokens};
use serde::Serialize;
use std::path::{Component, Path, PathBuf};
use std::sync::Arc;

static CREATE_EMPTY: Opt<bool> = Opt::new("create_empty", "f", "Write a file also where there are no rows; else one that is there is removed.");
static DISPATCH: Opt<bool> = Opt::new("dispatch", "f", "Write to the folder of the search job; there is one folder here.").idle();
static USEXML: Opt<bool> = Opt::new("usexml", "f", "Write `&`, `<` and `>` as entities of XML, where no file is named.");
static SINGLEFILE: Opt<bool> = Opt::new("singlefile", "t", "Write one file for all that a search gives, which is always so here.").idle();

pub const COMMAND: Command = Command {
    name: "outputcsv",
    aliases: &[],
    kind: Kind::Dataset,
    summary: "Writes the rows to a CSV file in the current directory, whole or not at all; needs `--allow-write`. Without a file each row becomes a line of CSV in its field `_xml`.",
    syntax: "outputcsv [append=<bool>] [create_empty=<bool>] [override_if_empty=<bool>] [dispatch=<bool>] [usexml=<bool>] [singlefile=<bool>] [<file>]",
    options: &[&APPEND.card, &CREATE_EMPTY.card, &OVERRIDE.card, &DISPATCH.card, &USEXML.card, &SINGLEFILE.card],
    examples: &[
        Example { spl: "| makeresults | eval a=1 | table a | outputcsv result", shows: "the file result.csv" },
        Example { spl: "| makeresults | eval a=\"x,y\", b=2 | table a b | outputcsv | table _xml", shows: "\"x,y\",2" },
    ],
    support: Support::Full,
    parse,
    file: file!(),
};

#[derive(Debug, Serialize)]
struct OutputCsv {
    file: String,
    #[serde(skip)]
    span: Span,
    append: bool,
    create_empty: bool,
    override_if_empty: bool,
    xml: bool,
}

fn parse(mut i: Tokens<'_>) -> Parsed<'_, Box<dyn Stage>> {
    let mut o = OutputCsv { file: String::new(), span: Span::default(), append: false, create_empty: false, override_if_empty: true, xml: false };
    while !i.is_empty() {
        let slots = [
            APPEND.to(&mut o.append),
            CREATE_EMPTY.to(&mut o.create_empty),
            OVERRIDE.to(&mut o.override_if_empty),
            DISPATCH.unused(),
            USEXML.to(&mut o.xml),
            SINGLEFILE.unused(),
        ];
        i = if let Some(rest) = option(i, &COMMAND, slots)? {
            rest
        } else if o.file.is_empty() {
            let (rest, name) = raw_value(i)?;
            (o.file, o.span) = (name.text, name.span);
            rest
        } else {
            break;
        };
    }
    stage(i, o)
}

/// A file of this name in a directory; Splunk takes no paths either.
pub(super) fn within(dir: &Path, name: &str) -> Result<PathBuf, Diagnostic> {
    let mut parts = Path::new(name).components();
    let plain = matches!((parts.next(), parts.next()), (Some(Component::Normal(_)), None)) && !name.starts_with('.') && !name.contains(['\\', ':', '\0', '/']);
    match plain {
        true => Ok(dir.join(name)),
        false => {
            Err(Diagnostic::error(Code::ARGUMENTS, format!("`{name}` is not a plain file name"))
                .help("Files lie in the current directory; paths are not taken."))
        }
    }
}

/// The name with its ending.
pub(super) fn csv_name(name: &str) -> String {
    if name.ends_with(".csv") { name.to_string() } else { format!("{name}.csv") }
}

impl Stage for OutputCsv {
    fn plan(&self, planner: &mut Planner<'_>, input: Node) -> Result<Node, Diagnostic> {
        if self.file.is_empty() {
            let rework = Rework::CsvLine { into: "_xml".into(), xml: self.xml };
            return Ok(Node::Rework { input: Box::new(planner.started(input)), rework });
        }
        let dir = allowed(planner, COMMAND.name)?;
        let write = Write {
            file: within(&dir, &csv_name(&self.file)).map_err(|d| d.at(self.span))?,
            layout: Layout::Csv { multivalues: false },
            append: self.append,
            create_empty: self.create_empty,
            override_if_empty: self.override_if_empty,
            max: None,
            key: None,
        };
        Ok(Node::Write { input: Box::new(planner.started(input)), write: Arc::new(write) })
    }
}

#[cfg(test)]
mod tests {
    use crate::knowledge::Knowledge;
    use crate::{Engine, Settings};

    #[test]
    fn files_are_written_and_read_back() {
        let dir = tempfile::tempdir().unwrap();
        let engine = Engine::new(Default::default(), Knowledge::builtin(), Settings { writes: Some(dir.path().into()), ..Settings::default() });
        let read = || std::fs::read_to_string(dir.path().join("r.csv")).unwrap_or_else(|_| "-".into());
        for (spl, want) in [
            ("| makeresults | eval a=\"x,y\" | table a, b | outputcsv r", "a,b\n\"x,y\",\n"),
            ("| makeresults | eval b=2 | table b | outputcsv append=t singlefile=t r.csv", "a,b\n\"x,y\",\n,2\n"),
            ("| makeresults | head 0 | outputcsv override_if_empty=f r", "a,b\n\"x,y\",\n,2\n"),
            ("| makeresults | head 0 | outputcsv create_empty=t r", ""),
            ("| makeresults | head 0 | outputcsv r", "-"),
            ("| makeresults count=2 | eval a=1 | table a | outputcsv usexml=f dispatch=f r", "a\n1\n1\n"),
        ] {
            engine.run(spl).unwrap();
            assert_eq!(read(), want, "{spl}");
        }
        for (spl, rows) in [
            ("| inputcsv r", 2),
            ("| inputcsv start=1 max=5 r.csv", 1),
            ("| inputcsv r where a=2", 0),
            ("| makeresults | inputcsv append=t strict=t events=t dispatch=f r", 3),
        ] {
            assert_eq!(engine.run(spl).unwrap().rows.len(), rows, "{spl}");
        }
        for (spl, code) in [
            ("| makeresults | outputcsv ../r", "SPL005"),
            ("| makeresults | outputcsv /tmp/r", "SPL005"),
            ("| makeresults | outputcsv file=r", "SPL006"),
            ("| inputcsv ../r", "SPL026"),
            ("| inputcsv none", "SPL026"),
            ("| makeresults | inputcsv r", "SPL025"),
        ] {
            assert_eq!(engine.run(spl).unwrap_err().diagnostics[0].code.id, code, "{spl}");
        }
        let careful = Engine { settings: Settings::default(), ..engine };
        assert_eq!(careful.run("| makeresults | outputcsv r").unwrap_err().diagnostics[0].code.id, "SPL032");
        assert_eq!(careful.run("| inputcsv r").unwrap_err().diagnostics[0].code.id, "SPL026");
    }
}
