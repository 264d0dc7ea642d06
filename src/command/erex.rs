//! erex: takes a field out of text by examples of its values.

use super::{Command, Kind, Stage, option, stage};
use crate::card::{Example, Support};
use crate::diagnostic::{Code, Diagnostic};
use crate::plan::rework::Learn;
use crate::plan::{Node, Planner, Rework};
use crate::syntax::field::{Field, field_but};
use crate::syntax::option::{Opt, OptionValue, raw_value};
use crate::syntax::tokens::commas;
use crate::syntax::wanted::Want;
use crate::syntax::{Failure, Parsed, Tokens};
use serde::Serialize;

static EXAMPLES: Opt<String> = Opt::new("examples", "", "Values to take out, with commas between.");
static COUNTEREXAMPLES: Opt<String> = Opt::new("counterexamples", "", "Values that must not be taken out.");
static FROMFIELD: Opt<String> = Opt::new("fromfield", "_raw", "The field that is read.");
static MAXTRAINERS: Opt<Trainers> = Opt::new("maxtrainers", "100", "How many rows with an example are learnt from, at most 1000.");

pub const COMMAND: Command = Command {
    name: "erex",
    aliases: &[],
    kind: Kind::Dataset,
    summary: "Learns a regular expression from examples of a field's values, takes the field out by it, and tells the `rex` that does the same: it goes by what stands before the examples and by their shape.",
    syntax: "erex <field> examples=\"<value>, …\" [counterexamples=\"<value>, …\"] [fromfield=<field>] [maxtrainers=<n>]",
    options: &[&EXAMPLES.card, &COUNTEREXAMPLES.card, &FROMFIELD.card, &MAXTRAINERS.card],
    examples: &[
        Example {
            spl: "| makeresults count=2 | streamstats count AS n | eval _raw=\"from port \".(3350+n) | erex port examples=\"3351\"",
            shows: "3351 and 3352",
        },
        Example {
            spl: "| makeresults count=3 | streamstats count AS n | eval _raw=\"on \".case(n=1, \"7/01\", n=2, \"07/02\", n=3, \"99/2\") | erex monthday examples=\"7/01, 07/02\" counterexamples=\"99/2\"",
            shows: "the last one has no `monthday`",
        },
    ],
    support: Support::Full,
    parse,
    file: file!(),
};

/// From 1 to 1000.
#[derive(Clone, Copy, Debug, Serialize)]
struct Trainers(usize);

impl OptionValue for Trainers {
    fn read(text: &str) -> Result<Trainers, &'static str> {
        let number = u64::read(text).ok().filter(|n| (1..=1000).contains(n));
        number.and_then(|n| usize::try_from(n).ok()).map(Trainers).ok_or("a whole number from 1 to 1000")
    }
}

#[derive(Debug, Serialize)]
struct Erex {
    field: Field,
    examples: Vec<String>,
    counterexamples: Vec<String>,
    from: String,
    trainers: Trainers,
}

fn parse(mut i: Tokens<'_>) -> Parsed<'_, Box<dyn Stage>> {
    let (mut field, mut examples, mut counterexamples) = (None, None, Vec::new());
    let (mut from, mut trainers) = (FROMFIELD.card.default.to_string(), Trainers(100));
    while !i.is_empty() {
        i = if let Some((rest, list)) = list(i, &EXAMPLES)? {
            examples = Some(list);
            rest
        } else if let Some((rest, list)) = list(i, &COUNTEREXAMPLES)? {
            counterexamples = list;
            rest
        } else if let Some(rest) = option(i, &COMMAND, [FROMFIELD.to(&mut from), MAXTRAINERS.to(&mut trainers)])? {
            rest
        } else if field.is_none() {
            let (rest, name) = field_but(&[])(i)?;
            field = Some(name);
            rest
        } else {
            break;
        };
        i = commas(i)?.0;
    }
    match (field, examples) {
        (None, _) => i.miss(Want::Field),
        (_, None) => i.miss(Want::Option("examples")),
        (Some(field), Some(examples)) => {
            if examples.is_empty() {
                let d = Diagnostic::error(Code::ARGUMENTS, "`erex` cannot learn without examples").at(field.span);
                return i.fail(d.help("Write one or more values as they stand in the text: `examples=\"7/01, 07/02\"`."));
            }
            stage(i, Erex { field, examples, counterexamples, from, trainers })
        }
    }
}

/// The values of a list; without quotes they go on as long as they touch their commas.
fn list<'a>(i: Tokens<'a>, option: &Opt<String>) -> Result<Option<(Tokens<'a>, Vec<String>)>, nom::Err<Failure>> {
    let mut text = String::new();
    let Some(mut rest) = option.read(i, &mut text)? else { return Ok(None) };
    while rest.at_symbol(',') && rest.first().is_some_and(|t| t.glued) && rest.peek(1).is_some_and(|t| t.glued) {
        let (after, more) = raw_value(rest.skip(1))?;
        text.push(',');
        text.push_str(&more.text);
        rest = after;
    }
    Ok(Some((rest, text.split(',').map(str::trim).filter(|v| !v.is_empty()).map(String::from).collect())))
}

impl Stage for Erex {
    fn plan(&self, planner: &mut Planner<'_>, input: Node) -> Result<Node, Diagnostic> {
        let learn = Learn {
            from: self.from.as_str().into(),
            into: self.field.name.as_str().into(),
            examples: self.examples.clone(),
            against: self.counterexamples.clone(),
            trainers: self.trainers.0,
            place: planner.span,
        };
        Ok(Node::Rework { input: Box::new(planner.started(input)), rework: Rework::Learn(learn.into()) })
    }
}
