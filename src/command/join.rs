//! join: adds the fields of a subsearch's matching rows.

use super::{Command, Kind, Stage, stage};
use crate::card::{Example, Support};
use crate::diagnostic::{Code, Diagnostic};
use crate::plan::{self, Expr, Extension, Node, Planner, Target};
use crate::syntax::field::{Field, field_but, run};
use crate::syntax::option::{Opt, OptionValue};
use crate::syntax::pipeline::{Pipeline, subsearch};
use crate::syntax::token::Kind as Token;
use crate::syntax::tokens::{commas, symbol, unquote, word};
use crate::syntax::wanted::Want;
use crate::syntax::{Parsed, Tokens};
use serde::Serialize;

static TYPE: Opt<Type> = Opt::new("type", "inner", "What becomes of rows that nothing matches: `inner` drops them, `outer` and `left` keep them.");
static USETIME: Opt<bool> = Opt::new("usetime", "f", "Match only rows that are earlier, or later; see `earlier`.");
static EARLIER: Opt<bool> = Opt::new("earlier", "t", "With `usetime`, match rows that are not later than the row here; else rows that are not earlier.");
static OVERWRITE: Opt<bool> = Opt::new("overwrite", "t", "Let fields of the subsearch replace fields of the same name.");
static MAX: Opt<u64> = Opt::new("max", "1", "How many matching rows to take for one row; 0 for all.");
static LEFT: Opt<Option<String>> = Opt::new("left", "", "A name for the rows here, used in WHERE.");
static RIGHT: Opt<Option<String>> = Opt::new("right", "", "A name for the rows of the subsearch, used in WHERE.");

pub const COMMAND: Command = Command {
    name: "join",
    aliases: &[],
    kind: Kind::Dataset,
    summary: "Adds the fields of a subsearch's matching rows.",
    syntax: "join [type=inner|outer|left] [usetime=<bool>] [earlier=<bool>] [overwrite=<bool>] [max=<n>] [<field> …|left=<l> right=<r> WHERE <l>.<field>=<r>.<field> …] [ <subsearch> ]",
    options: &[&TYPE.card, &USETIME.card, &EARLIER.card, &OVERWRITE.card, &MAX.card, &LEFT.card, &RIGHT.card],
    examples: &[
        Example { spl: "| makeresults | eval id=1 | join id [| makeresults | eval id=1, name=\"one\"]", shows: "the row gets a name" },
        Example {
            spl: "| makeresults | eval id=1 | join left=L right=R where L.id=R.number [| makeresults | eval number=1, name=\"one\"]",
            shows: "fields of different names; those of the subsearch keep theirs",
        },
    ],
    support: Support::Full,
    parse,
    file: file!(),
};

#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
enum Type {
    Inner,
    Outer,
}

impl OptionValue for Type {
    fn read(text: &str) -> Result<Type, &'static str> {
        match text.to_ascii_lowercase().as_str() {
            "inner" => Ok(Type::Inner),
            "outer" | "left" => Ok(Type::Outer),
            _ => Err("`inner`, `outer` or `left`"),
        }
    }
}

#[derive(Debug, Serialize)]
struct Join {
    kind: Type,
    usetime: bool,
    earlier: bool,
    overwrite: bool,
    max: u64,
    fields: Vec<Field>,
    /// Of WHERE: a field here, and that of the subsearch that must have the same value.
    equal: Vec<(String, String)>,
    subsearch: Pipeline,
}

/// Options and fields in any order, as shipped searches have them.
fn parse(mut i: Tokens<'_>) -> Parsed<'_, Box<dyn Stage>> {
    let mut join = Join {
        kind: Type::Inner,
        usetime: false,
        earlier: true,
        overwrite: true,
        max: 1,
        fields: Vec::new(),
        equal: Vec::new(),
        subsearch: Pipeline::default(),
    };
    let (mut left, mut right): (Option<String>, Option<String>) = (None, None);
    while !i.at_symbol('[') {
        i = if let Some(rest) = TYPE.read(i, &mut join.kind)? {
            rest
        } else if let Some(rest) = USETIME.read(i, &mut join.usetime)? {
            rest
        } else if let Some(rest) = EARLIER.read(i, &mut join.earlier)? {
            rest
        } else if let Some(rest) = OVERWRITE.read(i, &mut join.overwrite)? {
            rest
        } else if let Some(rest) = MAX.read(i, &mut join.max)? {
            rest
        } else if let Some(rest) = LEFT.read(i, &mut left)? {
            rest
        } else if let Some(rest) = RIGHT.read(i, &mut right)? {
            rest
        } else if let (true, Some(left), Some(right)) = (i.at_word("WHERE"), &left, &right) {
            let (rest, equal) = condition(i.skip(1), left, right)?;
            join.equal = equal;
            rest
        } else if crate::syntax::option::at_option(i) {
            return crate::syntax::option::unknown_option(i, COMMAND.name, COMMAND.options);
        } else if let Ok((rest, field)) = field_but(&[])(i) {
            join.fields.push(field);
            rest
        } else {
            break;
        };
        i = commas(i)?.0;
    }
    let (rest, subsearch) = subsearch(i)?;
    join.subsearch = subsearch;
    stage(rest, join)
}

/// `L.a=R.b`, several with AND between; either side may stand first.
fn condition<'a>(mut i: Tokens<'a>, left: &str, right: &str) -> Parsed<'a, Vec<(String, String)>> {
    let mut all = Vec::new();
    loop {
        let (rest, one) = side(i)?;
        let (rest, _) = symbol('=')(rest)?;
        let (rest, two) = side(rest)?;
        let of = |name: &str, side: &str| name.strip_prefix(side)?.strip_prefix('.').filter(|n| !n.is_empty()).map(str::to_string);
        let pair = of(&one, left).zip(of(&two, right)).or_else(|| of(&two, left).zip(of(&one, right)));
        let Some(pair) = pair else {
            let error = Diagnostic::error(Code::ARGUMENTS, "WHERE of `join` compares a field of one side with one of the other").at(i.span_to(&rest));
            return i.fail(error.help(format!("Write it as `{left}.field={right}.field`.")));
        };
        all.push(pair);
        i = rest;
        match word("AND")(i) {
            Ok((rest, _)) => i = rest,
            Err(_) => return Ok((i, all)),
        }
    }
}

/// One side of it.
fn side(i: Tokens<'_>) -> Parsed<'_, String> {
    if let Some(t) = i.first().filter(|t| t.kind == Token::String) {
        return Ok((i.skip(1), unquote(i.text(t))));
    }
    let rest = run(i, &['=', '<', '>', '!', '[', ']', ',', '|']);
    if i.until(&rest) == 0 { i.miss(Want::Field) } else { Ok((rest, i.text_to(&rest))) }
}

impl Stage for Join {
    fn plan(&self, planner: &mut Planner<'_>, input: Node) -> Result<Node, Diagnostic> {
        if let Some(f) = self.fields.iter().find(|f| f.is_pattern() && !f.quoted) {
            return Err(Diagnostic::error(Code::WILDCARD, "`join` takes no wildcards in field names").at(f.span).help("Name each field."));
        }
        let mut other = Box::new(planner.subsearch(&self.subsearch)?);
        // A field of the subsearch with another name gets that of this side, too.
        let renamed = self.equal.iter().filter(|(here, there)| here != there);
        let steps: Vec<Extension> =
            renamed.map(|(here, there)| Extension::Assign { target: Target::Field(here.as_str().into()), expr: Expr::Field(there.as_str().into()) }).collect();
        if !steps.is_empty() {
            other = Box::new(Node::Extend { input: other, steps });
        }
        let join = plan::Join {
            fields: self.fields.iter().map(|f| &f.name).chain(self.equal.iter().map(|(here, _)| here)).map(|f| f.as_str().into()).collect(),
            outer: self.kind == Type::Outer,
            overwrite: self.overwrite,
            max: self.max,
            earlier: self.usetime.then_some(self.earlier),
        };
        Ok(Node::Join { input: Box::new(planner.started(input)), other, join })
    }
}

#[cfg(test)]
mod tests {
    use crate::{Engine, Settings};

    #[test]
    fn options_and_fields_come_in_any_order() {
        let engine = Engine::new(Default::default(), crate::knowledge::Knowledge::builtin(), Settings::default());
        for (spl, want) in [
            ("join a [head 1]", serde_json::json!([["a"], "Inner", 1])),
            ("join type=left max=0 a, _time, b.c [| makeresults]", serde_json::json!([["a", "_time", "b.c"], "Outer", 0])),
            ("join a type=outer [search x=1]", serde_json::json!([["a"], "Outer", 1])),
            ("join [head 1]", serde_json::json!([[], "Inner", 1])),
            ("join left=L right=R WHERE L.a=R.b [head 1]", serde_json::json!([[], "Inner", 1])),
        ] {
            let parsed = engine.parse(&format!("* | {spl}"), None);
            assert!(parsed.diagnostics.is_empty(), "{spl}: {:?}", parsed.diagnostics);
            let tree = parsed.pipeline.stages[1].stage.tree();
            let fields: Vec<_> = tree["fields"].as_array().unwrap().iter().map(|f| f["name"].clone()).collect();
            assert_eq!(serde_json::json!([fields, tree["kind"], tree["max"]]), want, "{spl}");
        }
        for (spl, code) in [
            ("join a", "SPL001"),
            ("join type=cross a [head 1]", "SPL007"),
            ("join mx=1 a [head 1]", "SPL006"),
            ("join a* [head 1]", "SPL024"),
            ("join left=L right=R where L.a=L.b [head 1]", "SPL005"),
            ("join left=L right=R where a=b [head 1]", "SPL005"),
            ("join left=L right=R where L.a>R.b [head 1]", "SPL001"),
            ("join left=L where L.a=R.a [head 1]", "SPL001"),
        ] {
            assert_eq!(engine.run(&format!("* | {spl}")).unwrap_err().diagnostics[0].code.id, code, "{spl}");
        }
    }
}
