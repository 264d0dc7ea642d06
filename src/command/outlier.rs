//! outlier: values far from the others of their field.

use super::{Command, Kind, Stage, option, stage};
use crate::card::{Example, Support};
use crate::diagnostic::Diagnostic;
use crate::plan::{FieldPattern, Node, Outliers, Planner, Rework};
use crate::syntax::field::{Field, field_but};
use crate::syntax::option::{Opt, OptionValue};
use crate::syntax::tokens::commas;
use crate::syntax::{Parsed, Tokens};
use serde::Serialize;

static ACTION: Opt<Action> = Opt::new("action", "transform", "`transform` (or `tf`) cuts a value to the threshold, `remove` (or `rm`) takes its row out.");
static TYPE: Opt<Iqr> = Opt::new("type", "iqr", "How outliers are found: by the interquartile range, the only way there is.").idle();
static PARAM: Opt<f64> = Opt::new("param", "2.5", "How many interquartile ranges beyond the quartiles the threshold lies.");
static USELOWER: Opt<bool> = Opt::new("uselower", "f", "Look at values that are too low, too.");
static MARK: Opt<bool> = Opt::new("mark", "f", "Put 000 before a value that was cut.");

pub const COMMAND: Command = Command {
    name: "outlier",
    aliases: &[],
    kind: Kind::Dataset,
    summary: "Cuts numbers that lie far beyond the quartiles of their field to a threshold, or takes their rows out; quartiles are those of `perc25` and `perc75`.",
    syntax: "outlier [type=iqr] [action=transform|remove] [param=<n>] [uselower=<bool>] [mark=<bool>] [<field> …]",
    options: &[&ACTION.card, &TYPE.card, &PARAM.card, &USELOWER.card, &MARK.card],
    examples: &[
        Example { spl: "| makeresults count=9 | streamstats count AS n | eval n=if(n==9, 1000, n) | outlier n", shows: "the last number is cut" },
        Example { spl: "| makeresults count=9 | streamstats count AS n | eval n=if(n==9, 1000, n) | outlier action=remove param=1.5 n", shows: "eight rows" },
    ],
    support: Support::Full,
    parse,
    file: file!(),
};

/// Is the row to go?
#[derive(Clone, Copy, Debug, Serialize)]
struct Action(bool);

impl OptionValue for Action {
    fn read(text: &str) -> Result<Action, &'static str> {
        match text.to_ascii_lowercase().as_str() {
            "transform" | "tf" => Ok(Action(false)),
            "remove" | "rm" => Ok(Action(true)),
            _ => Err("`transform` or `remove`"),
        }
    }
}

struct Iqr;

impl OptionValue for Iqr {
    fn read(text: &str) -> Result<Iqr, &'static str> {
        if text.eq_ignore_ascii_case("iqr") { Ok(Iqr) } else { Err("`iqr`") }
    }
}

#[derive(Debug, Serialize)]
struct Outlier {
    fields: Vec<Field>,
    action: Action,
    param: f64,
    lower: bool,
    mark: bool,
}

fn parse(mut i: Tokens<'_>) -> Parsed<'_, Box<dyn Stage>> {
    let mut outlier = Outlier { fields: Vec::new(), action: Action(false), param: 2.5, lower: false, mark: false };
    while !i.is_empty() {
        let slots = [ACTION.to(&mut outlier.action), TYPE.unused(), PARAM.to(&mut outlier.param), USELOWER.to(&mut outlier.lower), MARK.to(&mut outlier.mark)];
        i = if let Some(rest) = option(i, &COMMAND, slots)? {
            rest
        } else {
            let (rest, field) = field_but(&[])(i)?;
            outlier.fields.push(field);
            rest
        };
        i = commas(i)?.0;
    }
    stage(i, outlier)
}

impl Stage for Outlier {
    fn plan(&self, planner: &mut Planner<'_>, input: Node) -> Result<Node, Diagnostic> {
        let fields = match self.fields.as_slice() {
            [] => vec![FieldPattern::new("*")],
            some => some.iter().map(|f| FieldPattern::new(&f.name)).collect(),
        };
        let outliers = Outliers { fields, remove: self.action.0, param: self.param, lower: self.lower, mark: self.mark };
        Ok(Node::Rework { input: Box::new(planner.started(input)), rework: Rework::Outliers(outliers) })
    }
}
