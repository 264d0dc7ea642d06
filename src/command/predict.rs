//! predict: forecasts of series.

use super::{Command, Kind, Stage, one_of, stage};
use crate::card::{Example, Support};
use crate::diagnostic::{Code, Diagnostic};
use crate::plan::study::{Algorithm, Bound, Forecast, Predict};
use crate::plan::{Node, Planner, Rework, Study};
use crate::syntax::aggregation::alias;
use crate::syntax::field::{Field, field_but};
use crate::syntax::option::{Opt, OptionValue, at_option, raw_value, unknown_option};
use crate::syntax::tokens::{commas, symbol};
use crate::syntax::wanted::Want;
use crate::syntax::{Failure, Parsed, Tokens};
use serde::Serialize;

static ALGORITHM: Opt<Algorithm> = Opt::new(
    "algorithm",
    "LLP5",
    "LL is a local level, LLT adds a trend, LLP a season, LLP5 weighs LLT and LLP, LLB foretells one series by another, BiLL two at once.",
);
static CORRELATE: Opt<Option<String>> =
    Opt::with_aliases("correlate", &["correlate_field"], "", "The series that LLB foretells by, or the second one of BiLL.");
static FUTURE: Opt<Option<u64>> =
    Opt::new("future_timespan", "5", "How many rows behind the last one that is used are foretold; with LLB by default those held back.");
static HOLDBACK: Opt<u64> = Opt::new("holdback", "0", "So many last rows are not used, to compare them with what is foretold.");
static PERIOD: Opt<Option<u64>> = Opt::new("period", "", "Rows of a season, at least 2; by default what the series shows.");
static SUPPRESS: Opt<Option<String>> = Opt::new("suppress", "", "A field whose forecast is not shown.");
static UPPER: Opt<String> = Opt::new(
    "upper95",
    "upper95",
    "How the upper bound's field begins; the number is how many percent of the values the interval holds, as in `upper90=high`.",
);
static LOWER: Opt<String> = Opt::new("lower95", "lower95", "The same for the lower bound.");

/// More rows than this are a slip.
const MOST: u64 = 1_000_000;

pub const COMMAND: Command = Command {
    name: "predict",
    aliases: &[],
    kind: Kind::Transforming,
    summary: "Foretells the next values of series of numbers, with an interval, and gives for each row what was to be expected from the rows before. The models are those of Durbin and Koopman, \"Time Series Analysis by State Space Methods\" (2001); a server's own variants of them are not published.",
    syntax: "predict <field> [AS <name>] … [algorithm=LL|LLT|LLP|LLP5|LLB|BiLL] [correlate=<field>] [future_timespan=<n>] [holdback=<n>] [period=<n>] [suppress=<field>] [lower<XX>=<name>] [upper<XX>=<name>] …",
    options: &[&ALGORITHM.card, &CORRELATE.card, &FUTURE.card, &HOLDBACK.card, &PERIOD.card, &SUPPRESS.card, &UPPER.card, &LOWER.card],
    examples: &[
        Example {
            spl: "| makeresults count=20 | streamstats count AS n | predict n AS next algorithm=LLT future_timespan=3",
            shows: "three rows more, which go on with the line",
        },
        Example {
            spl: "| makeresults count=28 | streamstats count AS n | eval n=n%7 | predict n algorithm=LLP period=7 holdback=7 future_timespan=7 upper90=high lower90=low",
            shows: "the last week as the weeks before make it expect",
        },
        Example {
            spl: "| makeresults count=9 | streamstats count AS a | eval b=2*a | predict b algorithm=LLB correlate=a holdback=2",
            shows: "two values by those of another series",
        },
    ],
    support: Support::Full,
    parse,
    file: file!(),
};

impl OptionValue for Algorithm {
    fn read(text: &str) -> Result<Algorithm, &'static str> {
        Ok(match text.to_ascii_lowercase().as_str() {
            "ll" => Algorithm::Ll,
            "llt" => Algorithm::Llt,
            "llp" => Algorithm::Llp,
            "llp5" => Algorithm::Llp5,
            "llb" => Algorithm::Llb,
            "bill" => Algorithm::BiLl,
            _ => return Err("`LL`, `LLT`, `LLP`, `LLP5`, `LLB` or `BiLL`"),
        })
    }
}

/// Fields, and the options that stand behind them.
#[derive(Debug, Serialize)]
struct Group {
    fields: Vec<(Field, Option<Field>)>,
    algorithm: Algorithm,
    correlate: Option<String>,
    future: Option<u64>,
    holdback: u64,
    period: Option<u64>,
    suppress: Option<String>,
    lower: Bound,
    upper: Bound,
}

#[derive(Debug, Serialize)]
struct Tree(Vec<Group>);

impl Default for Group {
    fn default() -> Group {
        let bound = |label: &str| Bound { percent: 95.0, label: label.into() };
        Group {
            fields: Vec::new(),
            algorithm: Algorithm::Llp5,
            correlate: None,
            future: None,
            holdback: 0,
            period: None,
            suppress: None,
            lower: bound("lower95"),
            upper: bound("upper95"),
        }
    }
}

/// Options are those of the fields before them; a field behind options begins anew.
fn parse(mut i: Tokens<'_>) -> Parsed<'_, Box<dyn Stage>> {
    let start = i;
    let (mut groups, mut group, mut options) = (Vec::new(), Group::default(), false);
    while !i.is_empty() {
        i = if let Some(rest) = group.option(i)? {
            options = true;
            rest
        } else if at_option(i) {
            return unknown_option(i, COMMAND.name, COMMAND.options);
        } else {
            let (rest, field) = field_but(&[])(i)?;
            let (rest, name) = alias(rest)?;
            if options && !group.fields.is_empty() {
                groups.push(std::mem::take(&mut group));
            }
            group.fields.push((field, name));
            options = false;
            rest
        };
        i = commas(i)?.0;
    }
    if group.fields.is_empty() {
        return i.miss(Want::Field);
    }
    groups.push(group);
    match groups.iter().find_map(Group::wrong) {
        Some((text, help)) => start.fail(Diagnostic::error(Code::ARGUMENTS, text).at(start.span()).help(help)),
        None => stage(i, Tree(groups)),
    }
}

impl Group {
    /// Reads one of the options; `None` where something else stands.
    fn option<'a>(&mut self, i: Tokens<'a>) -> Result<Option<Tokens<'a>>, nom::Err<Failure>> {
        let mut slots = [
            ALGORITHM.to(&mut self.algorithm),
            CORRELATE.to(&mut self.correlate),
            FUTURE.to(&mut self.future),
            HOLDBACK.to(&mut self.holdback),
            PERIOD.to(&mut self.period),
            SUPPRESS.to(&mut self.suppress),
        ];
        if let Some(rest) = one_of(i, &mut slots)? {
            return Ok(Some(rest));
        }
        let Some((rest, upper, found)) = interval(i)? else { return Ok(None) };
        *(if upper { &mut self.upper } else { &mut self.lower }) = found;
        Ok(Some(rest))
    }

    /// What does not go together, and what to do about it.
    fn wrong(&self) -> Option<(&'static str, &'static str)> {
        let two = self.fields.len() + usize::from(self.correlate.is_some());
        match self.algorithm {
            _ if self.period.is_some_and(|p| !(2..=MOST).contains(&p)) => {
                Some(("a period has at least 2 rows, and at most a million", "Leave it out to have it found."))
            }
            _ if self.future.unwrap_or(0) > MOST => Some(("`future_timespan` is a million at most", "The default is 5.")),
            Algorithm::Llb if self.correlate.is_none() || self.fields.len() != 1 => {
                Some(("LLB foretells one field by another", "Name one field, and the other one with `correlate=<field>`."))
            }
            Algorithm::BiLl if two != 2 => Some(("BiLL foretells two fields at once", "Name two fields, or one and `correlate=<field>`.")),
            _ => None,
        }
    }

    fn forecasts(&self) -> Predict {
        let forecast = |(field, name): &(Field, Option<Field>)| Forecast {
            field: field.name.as_str().into(),
            into: name.as_ref().map_or_else(|| format!("prediction({})", field.name), |n| n.name.clone()).into(),
            hidden: self.suppress.as_ref() == Some(&field.name),
        };
        let future = if self.algorithm == Algorithm::Llb { self.holdback } else { 5 };
        Predict {
            series: self.fields.iter().map(forecast).collect(),
            algorithm: self.algorithm,
            correlate: self.correlate.as_deref().map(Into::into),
            future: self.future.unwrap_or(future) as usize,
            holdback: usize::try_from(self.holdback).unwrap_or(usize::MAX),
            period: self.period.map(|p| p as usize),
            lower: self.lower.clone(),
            upper: self.upper.clone(),
        }
    }
}

/// `upper95=name`; `true` for the upper one.
fn interval(i: Tokens<'_>) -> Result<Option<(Tokens<'_>, bool, Bound)>, nom::Err<Failure>> {
    let key = i.first().map_or("", |t| i.text(t)).to_ascii_lowercase();
    let upper = key.starts_with("upper");
    let digits = key.strip_prefix("upper").or(key.strip_prefix("lower"));
    let Some(Ok(percent)) = digits.filter(|_| at_option(i)).map(str::parse::<u32>) else { return Ok(None) };
    if percent >= 100 {
        let d = Diagnostic::error(Code::OPTION_VALUE, "an interval holds less than 100 percent").at(i.span());
        return i
            .fail(d.help("Two digits stand behind the name, as in `upper95=high`."))
            .map(|(rest, ())| Some((rest, upper, Bound { percent: 0.0, label: key })));
    }
    let (rest, _) = symbol('=')(i.skip(1))?;
    let (rest, value) = raw_value(rest)?;
    Ok(Some((rest, upper, Bound { percent: f64::from(percent), label: value.text })))
}

impl Stage for Tree {
    fn plan(&self, planner: &mut Planner<'_>, input: Node) -> Result<Node, Diagnostic> {
        let study = Study::Predict(self.0.iter().map(Group::forecasts).collect());
        Ok(Node::Rework { input: Box::new(planner.started(input)), rework: Rework::Study(study.into()) })
    }
}
