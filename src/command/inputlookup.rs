//! inputlookup: reads the rows of a lookup table.

use super::{Command, Kind, Stage, stage};
use crate::card::{Example, Support};
use crate::diagnostic::{Code, Diagnostic, Span};
use crate::knowledge::LookupTable;
use crate::plan::{Limit, Node, Planner};
use crate::syntax::ast::Search;
use crate::syntax::option::{Opt, raw_value};
use crate::syntax::search::search;
use crate::syntax::wanted::Want;
use crate::syntax::{Parsed, Tokens};
use serde::Serialize;
use std::sync::Arc;

pub(super) static APPEND: Opt<bool> = Opt::new("append", "f", "Put the rows behind those that are there; else the command stands first.");
pub(super) static STRICT: Opt<bool> = Opt::new("strict", "f", "End the search when the table cannot be read, which is always so here.").idle();
pub(super) static START: Opt<u64> = Opt::new("start", "0", "The first row to read, counted from 0.");
pub(super) static MAX: Opt<Option<u64>> = Opt::new("max", "1000000000", "How many rows to keep.");

pub const COMMAND: Command = Command {
    name: "inputlookup",
    aliases: &[],
    kind: Kind::Generating,
    summary: "Reads the rows of a lookup table.",
    syntax: "inputlookup [append=<bool>] [strict=<bool>] [start=<n>] [max=<n>] <table> [WHERE <search>]",
    options: &[&APPEND.card, &STRICT.card, &START.card, &MAX.card],
    examples: &[Example { spl: "| inputlookup hosts.csv where site=lab", shows: "the rows of a table" }],
    support: Support::Full,
    parse,
    file: file!(),
};

#[derive(Debug, Serialize)]
struct InputLookup(Read);

/// What inputlookup and inputcsv read.
#[derive(Debug, Serialize)]
pub(super) struct Read {
    table: String,
    #[serde(skip)]
    table_span: Span,
    append: bool,
    start: u64,
    max: Option<u64>,
    condition: Option<Search>,
}

fn parse(i: Tokens<'_>) -> Parsed<'_, Box<dyn Stage>> {
    let (rest, read) = read(i, &[])?;
    stage(rest, InputLookup(read))
}

/// The options, the table and the condition; `accepted` options change nothing.
pub(super) fn read<'a>(mut i: Tokens<'a>, accepted: &[&Opt<bool>]) -> Parsed<'a, Read> {
    let mut read = Read { table: String::new(), table_span: Span::default(), append: false, start: 0, max: None, condition: None };
    let mut ignored = false;
    loop {
        if let Some(rest) = APPEND.read(i, &mut read.append)? {
            i = rest;
        } else if let Some(rest) = STRICT.read(i, &mut ignored)? {
            i = rest;
        } else if let Some(rest) = START.read(i, &mut read.start)? {
            i = rest;
        } else if let Some(rest) = MAX.read(i, &mut read.max)? {
            i = rest;
        } else if let Some(rest) = accepted.iter().find_map(|o| o.read(i, &mut ignored).transpose()).transpose()? {
            i = rest;
        } else if read.table.is_empty() {
            let Ok((rest, name)) = raw_value(i) else { return i.miss(Want::Lookup) };
            if rest.at_symbol('=') || name.text.is_empty() {
                return i.miss(Want::Lookup);
            }
            (read.table, read.table_span) = (name.text, name.span);
            i = rest;
        } else if read.condition.is_none() && i.at_word("WHERE") {
            let (rest, condition) = search(i.skip(1))?;
            read.condition = Some(condition);
            i = rest;
        } else {
            return Ok((i, read));
        }
    }
}

impl Stage for InputLookup {
    fn plan(&self, planner: &mut Planner<'_>, input: Node) -> Result<Node, Diagnostic> {
        self.0.plan(planner, input, COMMAND.name, |planner, name, span| match planner.knowledge.is_geo(name) {
            true => Ok(Arc::new(planner.knowledge.features(name).map_err(|d| d.at(span))?.table(name))),
            false => Ok(planner.lookup(name, span)?.table),
        })
    }
}

impl Read {
    /// The rows of the table that `find` gives.
    pub(super) fn plan(
        &self,
        planner: &mut Planner<'_>,
        input: Node,
        command: &str,
        find: impl FnOnce(&mut Planner<'_>, &str, Span) -> Result<Arc<LookupTable>, Diagnostic>,
    ) -> Result<Node, Diagnostic> {
        let first = matches!(input, Node::Start);
        if !first && !self.append {
            return Err(Diagnostic::error(Code::PLACE, format!("`{command}` must stand first, or say `append=t`"))
                .help("`append=t` puts the table's rows behind those that are there; to match rows with a table use `lookup`."));
        }
        let table = find(planner, &self.table, self.table_span)?;
        let mut rows = match self.start {
            0 => Node::Table { name: self.table.clone(), table },
            start => Node::Rows(Arc::new(table.rows.slice(usize::try_from(start).unwrap_or(usize::MAX), usize::MAX))),
        };
        if let Some(condition) = &self.condition {
            rows = Node::Filter { input: Box::new(rows), predicate: planner.predicate(condition)? };
        }
        if let Some(max) = self.max {
            rows = Node::Limit { input: Box::new(rows), limit: Limit::Count(max) };
        }
        Ok(if first { rows } else { Node::Union { inputs: vec![input, rows] } })
    }
}

#[cfg(test)]
mod tests {
    use crate::knowledge::Knowledge;
    use crate::{Engine, Settings};

    #[test]
    fn rows_come_first_behind_others_and_in_subsearches() {
        let dir = tempfile::tempdir().unwrap();
        std::fs::create_dir(dir.path().join("lookups")).unwrap();
        std::fs::write(dir.path().join("lookups/t.csv"), "a,b\n1,x\n2,y\n3,x\n").unwrap();
        let mut knowledge = Knowledge::builtin();
        knowledge.add_app(dir.path()).unwrap();
        let engine = Engine::new(Default::default(), knowledge, Settings::default());
        let a = |spl: &str| {
            let rows = engine.run(spl).unwrap().rows;
            (0..rows.len()).map(|i| rows.value("a", i).as_text().map_or("-".into(), |t| t.into_owned())).collect::<Vec<_>>().join(" ")
        };
        for (spl, want) in [
            ("| inputlookup t.csv", "1 2 3"),
            ("| inputlookup append=t t.csv", "1 2 3"),
            ("| inputlookup t.csv where b=x OR a=2", "1 2 3"),
            ("| inputlookup max=1 t.csv where b=X NOT a=1", "3"),
            ("| inputlookup t.csv start=1 max=1", "2"),
            ("| inputlookup start=9 t.csv", ""),
            ("| makeresults | inputlookup append=T t.csv where a>2", "- 3"),
            ("| inputlookup t.csv | search [inputlookup t.csv where b=y | fields a]", "2"),
        ] {
            assert_eq!(a(spl), want, "{spl}");
        }
        for (spl, code) in [("| makeresults | inputlookup t.csv", "SPL025"), ("| inputlookup u.csv", "SPL026"), ("| inputlookup ../t.csv", "SPL026")] {
            assert_eq!(engine.run(spl).unwrap_err().diagnostics[0].code.id, code, "{spl}");
        }
    }
}
