//! metasearch: where and when events are, without their text.

use super::{Command, Kind, Stage, stage};
use crate::card::{Example, Support};
use crate::diagnostic::Diagnostic;
use crate::plan::{Extension, FieldPattern, Node, Planner, Predicate, Projection, Target, planner};
use crate::syntax::ast;
use crate::syntax::search::search;
use crate::syntax::{Parsed, Tokens};
use serde::Serialize;

pub const COMMAND: Command = Command {
    name: "metasearch",
    aliases: &[],
    kind: Kind::Generating,
    summary: "Finds the events that match a search expression and gives only `_time`, `host`, `index`, `source`, `sourcetype` and `splunk_server` of them; as in `tstats`, all fields may be asked for.",
    syntax: "metasearch [<search>]",
    options: &[],
    examples: &[
        Example { spl: "| metasearch sourcetype=access* 404", shows: "where and when this stands, without the events' text" },
        Example { spl: "| metasearch index=* | stats count BY host, sourcetype", shows: "which hosts send what" },
    ],
    support: Support::Full,
    parse,
    file: file!(),
};

/// The fields of the rows.
const FIELDS: [&str; 6] = ["_time", "host", "index", "source", "sourcetype", "splunk_server"];

#[derive(Debug, Serialize)]
struct Metasearch {
    expression: Option<ast::Search>,
}

fn parse(i: Tokens<'_>) -> Parsed<'_, Box<dyn Stage>> {
    if i.is_empty() {
        return stage(i, Metasearch { expression: None });
    }
    let (rest, expression) = search(i)?;
    stage(rest, Metasearch { expression: Some(expression) })
}

impl Stage for Metasearch {
    fn plan(&self, planner: &mut Planner<'_>, input: Node) -> Result<Node, Diagnostic> {
        let mut rows = planner.started(input);
        if let Some(predicate) = self.expression.as_ref().map(|e| planner.predicate(e)).transpose()?.map(Predicate::of_events).filter(|p| !p.is_all()) {
            rows = Node::Filter { input: Box::new(rows), predicate };
        }
        // Events do not say which server holds them: there is one place here.
        let expr = planner::expression("coalesce(splunk_server, \"local\")", planner.knowledge, &planner.env)?;
        let server = Extension::Assign { target: Target::Field("splunk_server".into()), expr };
        rows = Node::Extend { input: Box::new(rows), steps: vec![server] };
        Ok(Node::Project { input: Box::new(rows), projection: Projection::Table(FIELDS.iter().map(|f| FieldPattern::new(f)).collect()) })
    }

    fn search(&self) -> Option<&ast::Search> {
        self.expression.as_ref()
    }
}

#[cfg(test)]
mod tests {
    use crate::operator::testing::run;

    #[test]
    fn only_what_says_where_and_when() {
        let rows = r#"[{"_time":5,"index":"a","host":"h","source":"s","sourcetype":"t","_raw":"x 404","user":"ann"},{"_time":9,"index":"b","host":"g","splunk_server":"far"}]"#;
        for (query, want) in [
            ("| metasearch 404", r#"[{"_time":5,"host":"h","index":"a","source":"s","sourcetype":"t","splunk_server":"local"}]"#),
            ("| metasearch | table _time user splunk_server", r#"[{"_time":5,"splunk_server":"local"},{"_time":9,"splunk_server":"far"}]"#),
            ("| metasearch user=ann earliest=1 | table _raw, host", r#"[{"host":"h"}]"#),
            ("| metasearch earliest=6 | stats count by index", r#"[{"index":"b","count":1}]"#),
        ] {
            assert_eq!(run(rows, query), want, "{query}");
        }
        for (query, want) in [("| metasearch host=", "expected"), ("* | metasearch x", "must stand first")] {
            let got = run(rows, query);
            assert!(got.contains(want), "{query}: {got}");
        }
    }
}
