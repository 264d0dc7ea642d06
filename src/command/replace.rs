//! replace: values by other values.

use super::{Command, Kind, Stage, stage};
use crate::card::{Example, Support};
use crate::diagnostic::{Code, Diagnostic, Span};
use crate::plan::{Change, Each, Extension, FieldPattern, Node, Planner};
use crate::syntax::field::{Field, fields};
use crate::syntax::option::raw_value;
use crate::syntax::tokens::{commas, word};
use crate::syntax::{Parsed, Tokens};
use crate::wildcard::Pattern;
use serde::Serialize;
use std::cmp::Reverse;

pub const COMMAND: Command = Command {
    name: "replace",
    aliases: &[],
    kind: Kind::Streaming,
    summary: "Replaces whole values, case included; `*` stands for any text and carries over to the `*` of the replacement. Of several that fit, one without stars wins, then the longest.",
    syntax: "replace <value> WITH <value> [, <value> WITH <value>] … [IN <field> …]",
    options: &[],
    examples: &[
        Example { spl: r#"| makeresults | eval host="localhost" | replace localhost WITH "127.0.0.1" IN host"#, shows: "one value in one field" },
        Example { spl: r#"| makeresults | eval ip="::ffff:10.0.0.1" | replace "::ffff:*" WITH * IN ip"#, shows: "what the star stood for is kept" },
        Example { spl: r#"| makeresults | eval a="1", b="2" | replace 1 WITH low, 2 WITH high"#, shows: "two values in all fields" },
    ],
    support: Support::Full,
    parse,
    file: file!(),
};

#[derive(Debug, Serialize)]
struct Replace {
    pairs: Vec<Pair>,
    /// Empty for all fields but the internal ones.
    fields: Vec<Field>,
}

#[derive(Debug, Serialize)]
struct Pair {
    value: String,
    with: String,
    #[serde(skip)]
    span: Span,
}

fn parse(i: Tokens<'_>) -> Parsed<'_, Box<dyn Stage>> {
    let (mut rest, first) = pair(i)?;
    let mut pairs = vec![first];
    while !rest.is_empty() && !rest.at_word("IN") {
        let (next, another) = pair(rest)?;
        pairs.push(another);
        rest = next;
    }
    let (rest, fields) = if rest.at_word("IN") { fields(&[])(rest.skip(1))? } else { (rest, Vec::new()) };
    stage(rest, Replace { pairs, fields })
}

fn pair(i: Tokens<'_>) -> Parsed<'_, Pair> {
    let (rest, value) = raw_value(i)?;
    let (rest, _) = word("WITH")(rest)?;
    let (rest, with) = raw_value(rest)?;
    let (rest, _) = commas(rest)?;
    Ok((rest, Pair { value: value.text, with: with.text, span: value.span.to(with.span) }))
}

/// The texts between the stars of a value; `\*` is a star.
fn pieces(text: &str) -> Vec<String> {
    let mut pieces = vec![String::new()];
    let mut chars = text.chars().peekable();
    while let Some(c) = chars.next() {
        match (c, pieces.last_mut()) {
            ('*', _) | (_, None) => pieces.push(String::new()),
            ('\\', Some(last)) if chars.peek() == Some(&'*') => last.extend(chars.next()),
            (c, Some(last)) => last.push(c),
        }
    }
    pieces
}

impl Stage for Replace {
    fn plan(&self, planner: &mut Planner<'_>, input: Node) -> Result<Node, Diagnostic> {
        let mut pairs = Vec::new();
        for pair in &self.pairs {
            let (value, with) = (pieces(&pair.value), pieces(&pair.with));
            if with.len() > 1 && with.len() != value.len() {
                return Err(Diagnostic::error(Code::WILDCARD, format!("`{}` and `{}` have different numbers of wildcards", pair.value, pair.with))
                    .at(pair.span)
                    .help("Each `*` on the left carries over to one on the right; a replacement may also have none. A star itself is `\\*`."));
            }
            pairs.push((value, pair.with.clone()));
        }
        // Of several that fit a value, one without stars goes first, a longer text before a shorter one, and a later pair before an
        // earlier one, as documented. What is tried first wins.
        pairs.reverse();
        pairs.sort_by_key(|(pieces, ..)| (pieces.len() > 1, Reverse(pieces.iter().map(String::len).sum::<usize>())));
        let pairs = pairs.into_iter().map(|(pieces, with)| (Pattern::from_pieces(pieces.iter().map(String::as_str), false), with)).collect();
        let fields = match self.fields.as_slice() {
            [] => vec![FieldPattern::new("*")],
            some => some.iter().map(|f| FieldPattern::new(&f.name)).collect(),
        };
        let each = Each { fields, except: Vec::new(), into: None, create: false, change: Change::Replace(pairs) };
        Ok(Node::Extend { input: Box::new(planner.started(input)), steps: vec![Extension::Each(each)] })
    }
}

#[cfg(test)]
mod tests {
    use crate::operator::testing::run;

    #[test]
    fn replaces_whole_values() {
        let rows = r#"[{"a":"error","b":"error"},{"a":"errors","b":"foo*bar"}]"#;
        for (query, want) in [
            ("replace error WITH bad IN a", r#"[{"a":"bad","b":"error"},{"a":"errors","b":"foo*bar"}]"#),
            ("replace error with bad", r#"[{"a":"bad","b":"bad"},{"a":"errors","b":"foo*bar"}]"#),
            ("replace error WITH x, errors WITH y in a, b", r#"[{"a":"x","b":"x"},{"a":"y","b":"foo*bar"}]"#),
            ("replace e* WITH star, error WITH plain, err* WITH more, error WITH last IN a", r#"[{"a":"last","b":"error"},{"a":"more","b":"foo*bar"}]"#),
            (r#"replace "e*s" WITH "<*>" IN a"#, r#"[{"a":"error","b":"error"},{"a":"<rror>","b":"foo*bar"}]"#),
            (r#"replace "foo\\*bar" WITH star, "*" WITH "" IN b"#, r#"[{"a":"error","b":""},{"a":"errors","b":"star"}]"#),
        ] {
            assert_eq!(run(rows, &format!("* | {query}")), want, "{query}");
        }
        assert!(run(rows, "* | replace a* WITH ** IN a").contains("wildcards"));
        assert!(run(rows, "* | replace a BY b").contains("expected `WITH`"));
    }
}
