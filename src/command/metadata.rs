//! metadata: the hosts, sources or source types of the events, with their counts and times.

use super::{Command, Kind, Stage, stage};
use crate::card::{Example, Support};
use crate::diagnostic::{Code, Diagnostic};
use crate::plan::text::quoted;
use crate::plan::{Node, Planner};
use crate::syntax::option::{Opt, OptionValue, at_option, unknown_option};
use crate::syntax::tokens::commas;
use crate::syntax::wanted::Want;
use crate::syntax::{Parsed, Tokens};
use serde::Serialize;

static TYPE: Opt<Option<Of>> = Opt::new("type", "", "What to list: `hosts`, `sources` or `sourcetypes`.");
static INDEX: Opt<String> = Opt::new("index", "", "Only this index, or those that a wildcard fits; may stand several times.");
static SERVER: Opt<String> = Opt::with_aliases("splunk_server", &["splunk_server_group"], "", "Where to look; there is one place here.").idle();
static DATATYPE: Opt<String> = Opt::new("datatype", "all", "The kind of index: `metric` or `all`; indexes are of one kind here.").idle();

pub const COMMAND: Command = Command {
    name: "metadata",
    aliases: &[],
    kind: Kind::Generating,
    summary: "Lists the hosts, sources or source types of the events, with how many there are and when.",
    syntax: "metadata type=hosts|sources|sourcetypes [index=<name>] … [splunk_server=<text>] [datatype=metric|all]",
    options: &[&TYPE.card, &INDEX.card, &SERVER.card, &DATATYPE.card],
    examples: &[Example { spl: "| metadata type=sourcetypes index=*", shows: "one row a source type" }],
    support: Support::Full,
    parse,
    file: file!(),
};

/// The field that is listed, and its plural.
#[derive(Clone, Copy, Debug, Serialize)]
struct Of(&'static str, &'static str);

impl OptionValue for Of {
    fn read(text: &str) -> Result<Of, &'static str> {
        let known = [Of("host", "hosts"), Of("source", "sources"), Of("sourcetype", "sourcetypes")];
        known.into_iter().find(|o| o.1.eq_ignore_ascii_case(text)).ok_or("`hosts`, `sources` or `sourcetypes`")
    }
}

#[derive(Debug, Serialize)]
struct Metadata {
    of: Of,
    indexes: Vec<String>,
}

fn parse(mut i: Tokens<'_>) -> Parsed<'_, Box<dyn Stage>> {
    let (mut of, mut indexes, mut index, mut ignored) = (None, Vec::new(), String::new(), String::new());
    while !i.is_empty() {
        i = if let Some(rest) = TYPE.read(i, &mut of)? {
            rest
        } else if let Some(rest) = INDEX.read(i, &mut index)? {
            indexes.push(std::mem::take(&mut index));
            rest
        } else if let Some(rest) = [&SERVER, &DATATYPE].iter().find_map(|o| o.read(i, &mut ignored).transpose()).transpose()? {
            rest
        } else if at_option(i) {
            return unknown_option(i, COMMAND.name, COMMAND.options);
        } else {
            break;
        };
        i = commas(i)?.0;
    }
    match of {
        Some(of) => stage(i, Metadata { of, indexes }),
        None if i.is_empty() => i.fail(
            Diagnostic::error(Code::ARGUMENTS, "`metadata` needs a `type`").at(i.span()).help("Write `type=hosts`, `type=sources` or `type=sourcetypes`."),
        ),
        None => i.miss(Want::Option("type")),
    }
}

/// The events of these indexes as a search; of all where none is named.
pub(super) fn of_indexes(indexes: &[String]) -> String {
    match indexes {
        [] => "search *".into(),
        some => format!("search ({})", some.iter().map(|i| format!("index={}", quoted(i))).collect::<Vec<_>>().join(" OR ")),
    }
}

impl Stage for Metadata {
    fn plan(&self, planner: &mut Planner<'_>, _: Node) -> Result<Node, Diagnostic> {
        let (search, Of(field, plural)) = (of_indexes(&self.indexes), self.of);
        let text = format!(
            "{search} | eval _indextime=coalesce(_indextime, _time) | stats min(_time) AS firstTime max(_time) AS lastTime max(_indextime) AS recentTime count AS totalCount BY {field} | eval type=\"{plural}\" | table firstTime {field} lastTime recentTime totalCount type"
        );
        planner.text(&text, "metadata", Node::Start)
    }
}

#[cfg(test)]
mod tests {
    use crate::operator::testing::run;

    #[test]
    fn lists_what_events_have() {
        let rows = r#"[{"_time":5,"index":"a","host":"h","source":"s"},{"_time":9,"index":"a","host":"h","source":"t","_indextime":"12"},{"_time":1,"index":"b","host":"g"}]"#;
        for (query, want) in [
            ("| metadata type=hosts index=a", r#"[{"firstTime":5,"host":"h","lastTime":9,"recentTime":12,"totalCount":2,"type":"hosts"}]"#),
            ("| metadata type=sources index=* splunk_server=x datatype=all | table source", r#"[{"source":"s"},{"source":"t"}]"#),
            ("| metadata type=hosts index=a index=b | table host totalCount", r#"[{"host":"g","totalCount":1},{"host":"h","totalCount":2}]"#),
            ("| metadata type=sourcetypes", "[]"),
            ("| eventcount", r#"[{"count":3}]"#),
            ("| eventcount index=a index=\"x\\\"y\"", r#"[{"count":2}]"#),
            ("| eventcount summarize=false index=* list_vix=f", r#"[{"count":2,"index":"a","server":"local"},{"count":1,"index":"b","server":"local"}]"#),
            ("| eventcount summarize=f report_size=t index=b", r#"[{"count":1,"index":"b","server":"local","size_bytes":0}]"#),
        ] {
            assert_eq!(run(rows, query), want, "{query}");
        }
        for (query, want) in [
            ("| metadata", "needs a `type`"),
            ("| metadata type=users", "`hosts`"),
            ("| metadata type=hosts indx=a", "`index`"),
            ("| eventcount summarise=f", "`summarize`"),
            ("* | eventcount", "must stand first"),
        ] {
            let got = run(rows, query);
            assert!(got.contains(want), "{query}: {got}");
        }
    }
}
