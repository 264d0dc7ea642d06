//! regex: keeps the rows in which a regular expression matches, or those in which it does not.

use super::{Command, Kind, Stage, rex, stage};
use crate::card::{Example, Support};
use crate::diagnostic::{Diagnostic, Span};
use crate::plan::{Node, Planner, Predicate, Test};
use crate::syntax::field::{Field, field};
use crate::syntax::token;
use crate::syntax::{Parsed, Tokens};
use serde::Serialize;
use std::sync::Arc;

pub const COMMAND: Command = Command {
    name: "regex",
    aliases: &[],
    kind: Kind::Streaming,
    summary: "Keeps the rows in which a field matches a regular expression, or with `!=` those in which it does not; rows without the field do not match, so `!=` keeps them.",
    syntax: "regex [<field>=|<field>!=]\"<regex>\"",
    options: &[],
    examples: &[
        Example { spl: r#"| makeresults | eval host="web-01" | regex host="^web-\d+$""#, shows: "a field that matches" },
        Example { spl: r#"| makeresults | eval host="web-01" | regex host!="^db""#, shows: "a field that does not" },
        Example { spl: r#"| makeresults | eval _raw="GET /index.html" | regex "(?i)get\s+/""#, shows: "the event itself" },
    ],
    support: Support::Full,
    parse,
    file: file!(),
};

#[derive(Debug, Serialize)]
struct Match {
    field: String,
    not: bool,
    pattern: String,
    #[serde(skip)]
    span: Span,
}

fn parse(i: Tokens<'_>) -> Parsed<'_, Box<dyn Stage>> {
    let (rest, (field, not)) = subject(i)?;
    let (rest, pattern) = rex::pattern(rest, &[])?;
    stage(rest, Match { field, not, pattern: pattern.text, span: pattern.span })
}

/// `field=` or `field!=`; `_raw` where the pattern stands alone.
fn subject(i: Tokens<'_>) -> Parsed<'_, (String, bool)> {
    let alone = i.first().is_some_and(|t| t.kind == token::Kind::String) && !i.peek(1).is_some_and(|t| t.is('=') || t.is('!'));
    if let (false, Ok((rest, Field { name, .. }))) = (alone, field(i)) {
        let not = rest.at_symbol('!');
        let rest = if not { rest.skip(1) } else { rest };
        if rest.at_symbol('=') {
            return Ok((rest.skip(1), (name, not)));
        }
    }
    Ok((i, ("_raw".into(), false)))
}

impl Stage for Match {
    fn plan(&self, planner: &mut Planner<'_>, input: Node) -> Result<Node, Diagnostic> {
        let regex = rex::compile(&self.pattern, self.span)?;
        let matches = Predicate::field(self.field.as_str(), Test::Matches(Arc::new(regex)));
        let predicate = if self.not { Predicate::Not(Box::new(matches)) } else { matches };
        Ok(Node::Filter { input: Box::new(planner.started(input)), predicate })
    }
}

#[cfg(test)]
mod tests {
    use crate::operator::testing::run;

    #[test]
    fn keeps_what_matches() {
        let rows = r#"[{"n":"1","m":"reject"},{"n":"2","m":["keep","reject"]},{"n":"3","_raw":"a|b"},{"n":"4","m":""}]"#;
        for (query, want) in [
            (r#"regex m="rej""#, r#"[{"n":"1"},{"n":"2"}]"#),
            (r#"regex m = "^REJECT$""#, "[]"),
            (r#"regex m="(?i)^REJECT$""#, r#"[{"n":"1"},{"n":"2"}]"#),
            (r#"regex m!="rej""#, r#"[{"n":"3"},{"n":"4"}]"#),
            (r#"regex m="^$""#, r#"[{"n":"4"}]"#),
            (r#"regex "m"="^k""#, r#"[{"n":"2"}]"#),
            (r#"regex "a\|b""#, r#"[{"n":"3"}]"#),
            (r#"regex _raw=^a"#, r#"[{"n":"3"}]"#),
        ] {
            assert_eq!(run(rows, &format!("* | {query} | table n")), want, "{query}");
        }
        assert!(run(rows, r#"* | regex m="(""#).contains("does not compile"));
        assert!(run(rows, "* | regex m=").contains("expected a quoted text"));
        assert!(run(rows, "* | regex").contains("expected"));
    }
}
