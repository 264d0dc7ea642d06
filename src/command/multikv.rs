//! multikv: the lines of a table in an event become events.

use super::{Command, Kind, Stage, option, stage};
use crate::card::{Example, Support};
use crate::diagnostic::{Code, Diagnostic, Span, did_you_mean};
use crate::knowledge::multikv::TableLayout;
use crate::plan::reading::Table;
use crate::plan::{FieldPattern, Form, Node, Planner, Projection, Reading};
use crate::syntax::field::{Field, fields};
use crate::syntax::option::Opt;
use crate::syntax::tokens::commas;
use crate::syntax::wanted::Want;
use crate::syntax::{Parsed, Tokens};
use serde::Serialize;
use std::sync::Arc;

static CONF: Opt<Option<String>> =
    Opt::new("conf", "", "A stanza of multikv.conf that says where the table is and how its lines are cut; else headings are looked for.");
static COPYATTRS: Opt<bool> = Opt::new("copyattrs", "t", "Give every row the fields of its event; internal ones it always has.");
static FORCEHEADER: Opt<Option<u64>> = Opt::new("forceheader", "", "The line of the headings, from 1; else the first with two words.");
static MULTITABLE: Opt<bool> = Opt::new("multitable", "t", "Look for another table behind a blank line.");
static NOHEADER: Opt<bool> = Opt::new("noheader", "f", "There are no headings: columns are called Column_1, Column_2 and so on.");
static RMORIG: Opt<bool> = Opt::new("rmorig", "t", "Leave out the event that the rows came from.");

pub const COMMAND: Command = Command {
    name: "multikv",
    aliases: &[],
    kind: Kind::Streaming,
    summary: "Makes an event of every line of a table in `_raw`, as `ps` or `netstat` print one.",
    syntax: "multikv [conf=<stanza>] [copyattrs=<bool>] [fields <field> …] [filter <text> …] [forceheader=<n>] [multitable=<bool>] [noheader=<bool>] [rmorig=<bool>]",
    options: &[&CONF.card, &COPYATTRS.card, &FORCEHEADER.card, &MULTITABLE.card, &NOHEADER.card, &RMORIG.card],
    examples: &[Example {
        spl: "| makeresults | eval _raw=\"PID CMD\n1 init\n7 sh\" | multikv fields PID CMD filter sh",
        shows: "one event, of the line with `sh`",
    }],
    support: Support::Full,
    parse,
    file: file!(),
};

#[derive(Debug, Serialize)]
struct MultiKv {
    conf: Option<String>,
    #[serde(skip)]
    conf_at: Span,
    fields: Vec<Field>,
    filter: Vec<Field>,
    copyattrs: bool,
    forceheader: Option<u64>,
    multitable: bool,
    noheader: bool,
    rmorig: bool,
}

const LISTS: &[&str] = &["fields", "filter"];

fn parse(mut i: Tokens<'_>) -> Parsed<'_, Box<dyn Stage>> {
    let mut m = MultiKv {
        conf: None,
        conf_at: Span::default(),
        fields: Vec::new(),
        filter: Vec::new(),
        copyattrs: true,
        forceheader: None,
        multitable: true,
        noheader: false,
        rmorig: true,
    };
    while !i.is_empty() {
        i = if let Some(rest) = CONF.read(i, &mut m.conf)? {
            m.conf_at = i.skip(2).span_to(&rest);
            rest
        } else if let Some(rest) = option(
            i,
            &COMMAND,
            [
                COPYATTRS.to(&mut m.copyattrs),
                FORCEHEADER.to(&mut m.forceheader),
                MULTITABLE.to(&mut m.multitable),
                NOHEADER.to(&mut m.noheader),
                RMORIG.to(&mut m.rmorig),
            ],
        )? {
            rest
        } else if i.at_word("fields") {
            let (rest, all) = fields(LISTS)(i.skip(1))?;
            m.fields.extend(all);
            rest
        } else if i.at_word("filter") {
            let (rest, all) = fields(LISTS)(i.skip(1))?;
            m.filter.extend(all);
            rest
        } else {
            return i.miss(Want::Keyword("fields"));
        };
        i = commas(i)?.0;
    }
    stage(i, m)
}

impl MultiKv {
    /// The stanza of multikv.conf.
    fn layout(&self, name: &str, planner: &Planner<'_>) -> Result<Arc<TableLayout>, Diagnostic> {
        match planner.knowledge.table_layout(name) {
            Some(Ok(layout)) => Ok(Arc::new(layout)),
            Some(Err(why)) => Err(Diagnostic::error(Code::OPTION_VALUE, format!("the stanza `{name}` of multikv.conf is wrong: {why}")).at(self.conf_at)),
            None => {
                let mut d = Diagnostic::error(Code::OPTION_VALUE, format!("multikv.conf has no stanza `{name}`")).at(self.conf_at);
                let known: Vec<String> = planner.knowledge.table_layouts().collect();
                d.help.extend(did_you_mean(name, known.iter().map(String::as_str)));
                Err(if d.help.is_empty() { d.help("It comes from an app: `--app DIR`.") } else { d })
            }
        }
    }
}

/// The rows of a table while they are on their way.
const ROWS: &str = "_multikv";

impl Stage for MultiKv {
    fn plan(&self, planner: &mut Planner<'_>, input: Node) -> Result<Node, Diagnostic> {
        let names = |all: &[Field]| all.iter().map(|f| f.name.clone()).collect();
        let layout = self.conf.as_deref().map(|name| self.layout(name, planner)).transpose()?;
        let table = Table {
            layout,
            output: ROWS.into(),
            fields: names(&self.fields),
            filter: names(&self.filter),
            header_line: self.forceheader.map(|n| usize::try_from(n).unwrap_or(usize::MAX)),
            header: !self.noheader,
            several: self.multitable,
            keep_original: !self.rmorig,
        };
        // Rows as a multivalue of JSON, then a row each, then their cells as fields.
        let read = |field: &str, form, input| {
            let step = Reading::step(field, form);
            Box::new(Node::Extend { input, steps: vec![step] })
        };
        let mut rows = read("_raw", Form::Table(table), Box::new(planner.started(input)));
        if !self.copyattrs {
            rows = Box::new(Node::Project { input: rows, projection: Projection::Keep(vec![FieldPattern::new(ROWS)]) });
        }
        let rows = read(ROWS, Form::Object { prefix: String::new() }, Box::new(Node::Unnest { input: rows, field: ROWS.into(), limit: None }));
        Ok(Node::Project { input: rows, projection: Projection::Remove(vec![FieldPattern::new(ROWS)]) })
    }
}

#[cfg(test)]
mod tests {
    use crate::operator::testing::run;

    #[test]
    fn lines_become_events() {
        let rows = r#"[{"_raw":"P C\n1 a\n2 b","h":"x"},{"_raw":"none","h":"y"}]"#;
        for (query, want) in [
            ("multikv | table h, P, C, _raw", r#"[{"h":"x","P":"1","C":"a","_raw":"1 a"},{"h":"x","P":"2","C":"b","_raw":"2 b"},{"h":"y","_raw":"none"}]"#),
            ("multikv fields P filter b copyattrs=f | table h, P, C", r#"[{"P":"2"},{}]"#),
            (
                "head 1 | multikv rmorig=f forceheader=1 multitable=f | table P, _raw",
                r#"[{"_raw":"P C\n1 a\n2 b"},{"P":"1","_raw":"1 a"},{"P":"2","_raw":"2 b"}]"#,
            ),
            ("head 1 | multikv noheader=t filter 1 | table Column_*", r#"[{"Column_1":"1","Column_2":"a"}]"#),
        ] {
            assert_eq!(run(rows, &format!("* | {query}")), want, "{query}");
        }
        for (query, want) in [("multikv feilds a", "`fields`"), ("multikv max=1", "no option `max`"), ("multikv filter", "expected a field")] {
            let got = run("[]", &format!("* | {query}"));
            assert!(got.contains(want), "{query}: {got}");
        }
    }
}
