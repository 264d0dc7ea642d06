//! typer: the event types that fit an event.

use super::{Command, Kind, Stage, options, stage};
use crate::card::{Example, Support};
use crate::diagnostic::Diagnostic;
use crate::plan::text::quoted;
use crate::plan::{Extension, Node, Planner, Target, planner};
use crate::syntax::option::Opt;
use crate::syntax::{Parsed, Tokens};
use serde::Serialize;

static EVENTTYPES: Opt<Option<String>> = Opt::new("eventtypes", "", "Only these event types, with commas between; `*` is a wildcard.");
static MAXLEN: Opt<u64> = Opt::new("maxlen", "10000", "How many characters of an event Splunk looks at; here all are.").idle();

pub const COMMAND: Command = Command {
    name: "typer",
    aliases: &[],
    kind: Kind::Streaming,
    summary: "Makes the field `eventtype` of the event types of eventtypes.conf that fit, the most important first. A query that names `eventtype`, `tag` or `tag::<field>` has them of its events without this command; `*` does not name them.",
    syntax: "typer [eventtypes=<list>] [maxlen=<n>]",
    options: &[&EVENTTYPES.card, &MAXLEN.card],
    examples: &[Example { spl: "| makeresults | eval source=\"XmlWinEventLog:Security\", EventID=4688 | typer", shows: "windows_process" }],
    support: Support::Full,
    parse,
    file: file!(),
};

#[derive(Debug, Serialize)]
struct Typer {
    eventtypes: Option<String>,
}

fn parse(mut i: Tokens<'_>) -> Parsed<'_, Box<dyn Stage>> {
    let mut eventtypes = None;
    i = options(i, &COMMAND, [EVENTTYPES.to(&mut eventtypes), MAXLEN.unused()])?;
    stage(i, Typer { eventtypes })
}

impl Stage for Typer {
    fn plan(&self, planner: &mut Planner<'_>, input: Node) -> Result<Node, Diagnostic> {
        let chosen: Option<Vec<_>> = self.eventtypes.as_ref().map(|all| all.split(',').map(|t| crate::wildcard::Pattern::new(t.trim())).collect());
        let mut types: Vec<_> =
            planner.knowledge.event_types().values().filter(|t| chosen.as_ref().is_none_or(|c| c.iter().any(|p| p.matches(&t.name)))).collect();
        types.sort_by_key(|t| t.priority);
        let mut parts = vec!["eventtype".to_string()];
        for t in types {
            // One that cannot be read must not hide the others.
            match planner.search_text(&t.search, planner.span) {
                Ok(_) => parts.push(format!("if(searchmatch({}), {}, null())", quoted(&t.search), quoted(&t.name))),
                Err(e) => planner.warnings.push(t.place.warning(format!("the event type `{}` is left out: {}", t.name, e.message))),
            }
        }
        let text = format!("mvdedup(mvappend({}))", parts.join(", "));
        let expr = planner::expression(&text, planner.knowledge, &planner.env)?;
        let step = Extension::Assign { target: Target::Field("eventtype".into()), expr };
        Ok(Node::Extend { input: Box::new(planner.started(input)), steps: vec![step] })
    }
}

#[cfg(test)]
mod tests {
    use crate::operator::testing::run;

    #[test]
    fn event_types_and_tags() {
        let rows =
            r#"[{"source":"XmlWinEventLog:Security","EventID":"4688"},{"source":"XmlWinEventLog:Security","EventID":"1102","eventtype":"mine"},{"x":"1"}]"#;
        for (query, want) in [
            ("typer | table eventtype", r#"[{"eventtype":"windows_process"},{"eventtype":["mine","windows_log_cleared"]},{}]"#),
            ("typer eventtypes=\"windows_log*, none\" maxlen=5 | table eventtype", r#"[{},{"eventtype":["mine","windows_log_cleared"]},{}]"#),
            (
                "typer | tags | table tag, tag::eventtype",
                r#"[{"tag":["process","report"],"tag::eventtype":["process","report"]},{"tag":["change","audit"],"tag::eventtype":["change","audit"]},{}]"#,
            ),
            (
                "typer | tags outputfield=t inclname=t inclvalue=t allowed_tags=process eventtype | table t, tag",
                r#"[{"t":"eventtype::windows_process::process"},{},{}]"#,
            ),
            ("typer | tags host | table tag", "[{},{},{}]"),
        ] {
            assert_eq!(run(rows, &format!("* | {query}")), want, "{query}");
        }
        for (query, want) in [("typer max=1", "no option `max`"), ("typer x", "expected"), ("tags outputfeild=x", "`outputfield`")] {
            let got = run(rows, &format!("* | {query}"));
            assert!(got.contains(want), "{query}: {got}");
        }
    }
}
