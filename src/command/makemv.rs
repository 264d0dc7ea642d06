//! makemv: one text to several values.

use super::{Command, Kind, Stage, option, rex, stage};
use crate::card::{Example, Support};
use crate::diagnostic::Diagnostic;
use crate::plan::{Change, Each, Extension, FieldPattern, Node, Planner, Split};
use crate::syntax::field::{Field, field};
use crate::syntax::option::Opt;
use crate::syntax::wanted::Want;
use crate::syntax::{Parsed, Tokens};
use serde::Serialize;
use std::sync::Arc;

static DELIM: Opt<String> = Opt::new("delim", " ", "What stands between the values.");
static TOKENIZER: Opt<Option<String>> =
    Opt::new("tokenizer", "", "A regular expression whose first group is a value, for every match; in place of a delimiter.");
static ALLOWEMPTY: Opt<bool> = Opt::new("allowempty", "f", "Keep empty values between delimiters that follow each other.");
static SETSV: Opt<bool> =
    Opt::new("setsv", "f", "Set a single text of all values beside them; a field is one or the other here, so this changes nothing.").idle();

pub const COMMAND: Command = Command {
    name: "makemv",
    aliases: &[],
    kind: Kind::Streaming,
    summary: "Splits a field into several values, at a delimiter or by a regular expression.",
    syntax: "makemv [delim=<text>|tokenizer=<regex>] [allowempty=<bool>] [setsv=<bool>] <field>",
    options: &[&DELIM.card, &TOKENIZER.card, &ALLOWEMPTY.card, &SETSV.card],
    examples: &[
        Example { spl: r#"| makeresults | eval t="a,b,c" | makemv delim="," t"#, shows: "three values" },
        Example { spl: r#"| makeresults | eval t="a1b2" | makemv tokenizer="([a-z])\d" t"#, shows: "by a pattern" },
    ],
    support: Support::Full,
    parse,
    file: file!(),
};

#[derive(Debug, Serialize)]
struct Makemv {
    field: Field,
    delimiter: String,
    tokenizer: Option<String>,
    allow_empty: bool,
}

fn parse(mut i: Tokens<'_>) -> Parsed<'_, Box<dyn Stage>> {
    let (mut delimiter, mut tokenizer, mut allow_empty, mut single) = (DELIM.card.default.to_string(), None, false, false);
    let mut name = None;
    while !i.is_empty() {
        i = if let Some(rest) =
            option(i, &COMMAND, [DELIM.to(&mut delimiter), TOKENIZER.to(&mut tokenizer), ALLOWEMPTY.to(&mut allow_empty), SETSV.to(&mut single)])?
        {
            rest
        } else if name.is_none() {
            let (rest, f) = field(i)?;
            name = Some(f);
            rest
        } else {
            break;
        };
    }
    match name {
        Some(field) => stage(i, Makemv { field, delimiter, tokenizer, allow_empty }),
        None => i.miss(Want::Field),
    }
}

impl Stage for Makemv {
    fn plan(&self, planner: &mut Planner<'_>, input: Node) -> Result<Node, Diagnostic> {
        let split = match &self.tokenizer {
            Some(regex) => Split::Tokenizer(Arc::new(rex::compile(regex, planner.span)?)),
            None => Split::Delimiter { delimiter: self.delimiter.clone(), allow_empty: self.allow_empty },
        };
        let each = Each { fields: vec![FieldPattern::new(&self.field.name)], except: Vec::new(), into: None, create: false, change: Change::Split(split) };
        Ok(Node::Extend { input: Box::new(planner.started(input)), steps: vec![Extension::Each(each)] })
    }
}

#[cfg(test)]
mod tests {
    use crate::operator::testing::run;

    #[test]
    fn splits() {
        let rows = r#"[{"t":"a b","c":"1,,2"}]"#;
        for (query, want) in [
            ("makemv t | table t", r#"[{"t":["a","b"]}]"#),
            (r#"makemv delim="," c | table c"#, r#"[{"c":["1","2"]}]"#),
            (r#"makemv allowempty=t c delim="," setsv=t | table c"#, r#"[{"c":["1","","2"]}]"#),
            (r#"makemv tokenizer="(\d)" c | table c"#, r#"[{"c":["1","2"]}]"#),
            ("makemv missing | table missing", "[{}]"),
        ] {
            assert_eq!(run(rows, &format!("* | {query}")), want, "{query}");
        }
        assert!(run(rows, r#"* | makemv tokenizer="(" c"#).contains("does not compile"));
        assert!(run(rows, "* | makemv delim=x").contains("expected a field"));
        assert!(run(rows, "* | makemv delimiter=x c").contains("no option"));
    }
}
