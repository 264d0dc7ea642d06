//! set: unites, intersects or subtracts the rows of two searches.

use super::sub::Limits;
use super::{Command, Kind, Stage, stage};
use crate::card::{Example, Support};
use crate::diagnostic::Diagnostic;
use crate::plan::{Node, Pairing, Planner};
use crate::syntax::pipeline::{Pipeline, subsearch};
use crate::syntax::wanted::Want;
use crate::syntax::{Parsed, Tokens};
use serde::Serialize;

pub const COMMAND: Command = Command {
    name: "set",
    aliases: &[],
    kind: Kind::Generating,
    summary: "Gives the distinct rows of two searches: of either, of only one, or of both; rows are the same when all fields are, internal ones too.",
    syntax: "set union|diff|intersect [ <subsearch> ] [ <subsearch> ]",
    options: &[],
    examples: &[Example { spl: "| set diff [| makeresults | eval n=1 | table n] [| makeresults | eval n=2 | table n]", shows: "two rows" }],
    support: Support::Full,
    parse,
    file: file!(),
};

#[derive(Debug, Serialize)]
struct Set {
    operation: &'static str,
    first: Pipeline,
    second: Pipeline,
}

fn parse(i: Tokens<'_>) -> Parsed<'_, Box<dyn Stage>> {
    let Some(operation) = ["union", "diff", "intersect"].into_iter().find(|w| i.at_word(w)) else {
        for word in ["union", "diff", "intersect"] {
            i.context.wanted.add(i.position(), Want::Keyword(word));
        }
        return i.miss(Want::Keyword("union"));
    };
    let (i, first) = subsearch(i.skip(1))?;
    let (i, second) = subsearch(i)?;
    stage(i, Set { operation, first, second })
}

impl Stage for Set {
    fn plan(&self, planner: &mut Planner<'_>, _: Node) -> Result<Node, Diagnostic> {
        let pairing = match self.operation {
            "diff" => Pairing::Difference,
            "intersect" => Pairing::Intersection,
            _ => Pairing::Union,
        };
        let [first, second] = [planner.subsearch(&self.first)?, planner.subsearch(&self.second)?];
        let limited = |rows| Box::new(Limits::default().over(rows, COMMAND.name, planner));
        Ok(Node::Pair { input: limited(first), other: limited(second), pairing })
    }
}

#[cfg(test)]
mod tests {
    use crate::operator::testing::run;

    #[test]
    fn sets_of_rows() {
        let rows = r#"[{"s":"1","k":"a"},{"s":"1","k":"b"},{"s":"1","k":"b"},{"s":"2","k":"b"},{"s":"2","k":["a","c"]},{"s":"2"}]"#;
        for (query, want) in [
            ("union [search s=1 | table k] [search s=2 | table k]", r#"[{"k":"a"},{"k":"b"},{"k":["a","c"]},{}]"#),
            ("diff [search s=1 | table k] [search s=2 | table k]", r#"[{"k":"a"},{"k":["a","c"]},{}]"#),
            ("intersect [search s=1 | table k] [search s=2 | table k z]", r#"[{"k":"b"}]"#),
            ("intersect [search s=1 | table k] [search s=9]", "[]"),
            ("diff [search s=2 | fields k] [search s=9]", r#"[{"k":"b"},{"k":["a","c"]},{}]"#),
        ] {
            assert_eq!(run(rows, &format!("| set {query}")), want, "{query}");
        }
        for (query, want) in [
            ("| set", "`intersect`"),
            ("| set minus [head 1] [head 1]", "`diff`"),
            ("| set diff [head 1]", "a subsearch"),
            ("* | set diff [head 1] [head 1]", "must stand first"),
        ] {
            assert!(run(rows, query).contains(want), "{query}: {}", run(rows, query));
        }
    }
}
