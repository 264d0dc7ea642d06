//! return: what a subsearch hands over.

use super::{Command, Kind, Stage, stage};
use crate::card::{Example, Support};
use crate::diagnostic::Diagnostic;
use crate::plan::{self, Node, Planner, Shape};
use crate::syntax::field::{Field, field};
use crate::syntax::option::count;
use crate::syntax::tokens::commas;
use crate::syntax::wanted::Want;
use crate::syntax::{Parsed, Tokens};
use nom::Parser;
use nom::combinator::opt;
use serde::Serialize;

pub const COMMAND: Command = Command {
    name: "return",
    aliases: &[],
    kind: Kind::Transforming,
    summary: "Hands values of the first rows to the search around it: `field=\"value\"`, under another name with `alias=field`, the bare value with `$field`.",
    syntax: "return [<count>] [<alias>=<field> …] [<field> …] [$<field> …]",
    options: &[],
    examples: &[
        Example { spl: r#"| makeresults | eval user="ann" | return user"#, shows: "user=\"ann\"" },
        Example { spl: r#"| makeresults | eval user="ann" | search [| makeresults | eval who="ann" | return user=who]"#, shows: "in a subsearch" },
    ],
    support: Support::Full,
    parse,
    file: file!(),
};

#[derive(Debug, Serialize)]
struct Return {
    count: u64,
    /// The field, and the name that it gets; none for the bare value.
    items: Vec<(Field, Option<String>)>,
}

fn parse(i: Tokens<'_>) -> Parsed<'_, Box<dyn Stage>> {
    let (mut i, count) = opt(count).parse(i)?;
    let mut items = Vec::new();
    while !i.is_empty() {
        i = if i.at_symbol('$') {
            let (rest, name) = field(i.skip(1))?;
            items.push((name, None));
            rest
        } else {
            let (rest, name) = field(i)?;
            match name.name.strip_prefix('$').filter(|n| !n.is_empty()) {
                Some(bare) => {
                    items.push((Field { name: bare.to_string(), ..name.clone() }, None));
                    rest
                }
                None if rest.at_symbol('=') => {
                    let (rest, of) = field(rest.skip(1))?;
                    items.push((of, Some(name.name)));
                    rest
                }
                None => {
                    let called = Some(name.name.clone());
                    items.push((name, called));
                    rest
                }
            }
        };
        i = commas(i)?.0;
    }
    if items.is_empty() { i.miss(Want::Field) } else { stage(i, Return { count: count.unwrap_or(1), items }) }
}

impl Stage for Return {
    fn plan(&self, planner: &mut Planner<'_>, input: Node) -> Result<Node, Diagnostic> {
        let items = self.items.iter().map(|(field, name)| (field.name.as_str().into(), name.clone())).collect();
        let shape = Shape::Return(plan::reshape::Return { count: self.count, items });
        Ok(Node::Reshape { input: Box::new(planner.started(input)), shape })
    }
}

#[cfg(test)]
mod tests {
    use crate::operator::testing::run;

    #[test]
    fn values_for_the_search_around() {
        let rows = r#"[{"u":"a","n":"1"},{"u":"b c","n":"2"},{"n":"3"}]"#;
        for (query, want) in [
            ("return u", r#"u=\"a\""#),
            ("return 2 u, n", r#"(u=\"a\" n=\"1\") OR (u=\"b c\" n=\"2\")"#),
            ("return 9 who=u", r#"(who=\"a\") OR (who=\"b c\")"#),
            ("return 3 $n", "(1) OR (2) OR (3)"),
            ("return $u", "a"),
            ("return 1 x=u $n", r#"x=\"a\" 1"#),
        ] {
            assert_eq!(run(rows, &format!("* | {query}")), format!(r#"[{{"search":"{want}"}}]"#), "{query}");
        }
        assert_eq!(run(rows, "* | return none"), "[]");
        assert_eq!(run(rows, "* [search n=2 | return u] | table n"), r#"[{"n":"2"}]"#);
        assert_eq!(run(rows, "* [search u=* | return 5 u] | table n"), r#"[{"n":"1"},{"n":"2"}]"#);
        assert_eq!(run(rows, "* [search u=none | return u] | table n"), "[]");
        assert!(run(rows, "* | return").contains("expected"));
        assert!(run(rows, "* | return 3").contains("expected"));
        assert!(run(rows, "* | return a=").contains("expected"));
    }
}
