//! appendcols: the fields of a subsearch's rows beside the rows here.

use super::sub::{self, Limits};
use super::{Command, Kind, Stage, stage};
use crate::card::{Example, Support};
use crate::diagnostic::Diagnostic;
use crate::plan::{Node, Pairing, Planner};
use crate::syntax::option::{Opt, at_option, unknown_option};
use crate::syntax::pipeline::{Pipeline, subsearch};
use crate::syntax::{Parsed, Tokens};
use serde::Serialize;

static OVERRIDE: Opt<bool> = Opt::new("override", "f", "Let the subsearch's values replace those that are here.");

pub const COMMAND: Command = Command {
    name: "appendcols",
    aliases: &[],
    kind: Kind::Dataset,
    summary: "Puts the fields of a subsearch's rows beside the rows here, first to first; internal fields stay out, rows that one side has more stand alone.",
    syntax: "appendcols [override=<bool>] [maxtime=<n>] [maxout=<n>] [timeout=<n>] [ <subsearch> ]",
    options: &[&OVERRIDE.card, sub::CARDS[0], sub::CARDS[1], sub::CARDS[2]],
    examples: &[Example { spl: "| makeresults | eval a=1 | appendcols [| makeresults | eval b=2]", shows: "one row with both fields" }],
    support: Support::Full,
    parse,
    file: file!(),
};

#[derive(Debug, Serialize)]
struct Appendcols {
    overwrite: bool,
    limits: Limits,
    subsearch: Pipeline,
}

fn parse(mut i: Tokens<'_>) -> Parsed<'_, Box<dyn Stage>> {
    let (mut overwrite, mut limits) = (false, Limits::default());
    while !i.at_symbol('[') {
        i = if let Some(rest) = OVERRIDE.read(i, &mut overwrite)? {
            rest
        } else if let Some(rest) = limits.read(i)? {
            rest
        } else if at_option(i) {
            return unknown_option(i, COMMAND.name, COMMAND.options);
        } else {
            break;
        };
    }
    let (rest, subsearch) = subsearch(i)?;
    stage(rest, Appendcols { overwrite, limits, subsearch })
}

impl Stage for Appendcols {
    fn plan(&self, planner: &mut Planner<'_>, input: Node) -> Result<Node, Diagnostic> {
        let other = planner.subsearch(&self.subsearch)?;
        let other = Box::new(self.limits.over(other, COMMAND.name, planner));
        Ok(Node::Pair { input: Box::new(planner.started(input)), other, pairing: Pairing::Beside { overwrite: self.overwrite } })
    }
}

#[cfg(test)]
mod tests {
    use crate::operator::testing::run;

    #[test]
    fn first_to_first() {
        let rows = r#"[{"s":"l","a":"1","b":"x"},{"s":"l","a":"2"},{"s":"r","b":["y","z"],"c":"3","_i":"7"},{"s":"r","b":"q"},{"s":"r","c":"5"}]"#;
        for (query, want) in [
            ("appendcols [search s=r | fields b c]", r#"[{"a":"1","b":"x","c":"3"},{"a":"2","b":"q"},{"c":"5"}]"#),
            ("appendcols override=t [search s=r | fields b c]", r#"[{"a":"1","b":["y","z"],"c":"3"},{"a":"2","b":"q"},{"c":"5"}]"#),
            ("appendcols maxout=1 maxtime=5 timeout=5 [search s=r | fields c]", r#"[{"a":"1","b":"x","c":"3"},{"a":"2"}]"#),
            ("appendcols [search s=none]", r#"[{"a":"1","b":"x"},{"a":"2"}]"#),
        ] {
            assert_eq!(run(rows, &format!("s=l | fields a b | {query}")), want, "{query}");
        }
        for (query, want) in [("appendcols", "a subsearch"), ("appendcols over=t [head 1]", "override"), ("appendcols override=x [head 1]", "`override` takes")]
        {
            assert!(run(rows, &format!("* | {query}")).contains(want), "{query}");
        }
    }
}
