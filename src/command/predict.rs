//! predict: forecasts of series.

use super::{Command, Kind, Stage, stage};
use crate::card::{Example, Support};
use crate::diagnostic::{Code, Diagnostic};
use crate::plan::study::{Algorithm, Bound, Forecast, Predict};
use crate::plan::{Node, Planner, Rework, Study};
use crate::syntax::aggregation::alias;
use crate::syntax::field::{Field, field_but};
use crate::syntax::option::{Opt, OptionValue, at_option, raw_value, unknown_option};
use crate::syntax::tokens::{commas, symbol};
use crate::syntax::wanted::Want;
use crate::syntax::{Parsed, Tokens};
use serde::Serialize;

static ALGORITHM: Opt<Algorithm> = Opt::new(
    "algorithm",
    "LLP5",
    "LL is a local level, LLT adds a trend, LLP a season, LLP5 weighs LLT and LLP, LLB foretells one series by another, BiLL two at once.",
);
static CORRELATE: Opt<Option<String>> =
    Opt::with_aliases("correlate", &["correlate_field"], "", "The series that LLB foretells by, or the second one of BiLL.");
static FUTURE: Opt<u64> = Opt::new("future_timespan", "5", "How many rows behind the last one that is used are foretold; with LLB by default those held back.");
static HOLDBACK: Opt<u64> = Opt::new("holdback", "0", "So many last rows are not used, to compare them with what is foretold.");
static PERIOD: Opt<u64> = Opt::new("period", "", "Rows of a season, at least 2; by default what the series shows.");
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
    syntax: "predict <field> [AS <name>] … [algorithm=LL|LLT|LLP|LLP5|LLB|BiLL] [correlate=<field>] [future_timespan=<n>] [holdback=<n>] [period=<n>] [suppress=<field>] [lower<XX>=<name>] [upper<XX>=<name>]",
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

#[derive(Debug, Serialize)]
struct Tree {
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

fn parse(mut i: Tokens<'_>) -> Parsed<'_, Box<dyn Stage>> {
    let start = i;
    let bound = |label: &str| Bound { percent: 95.0, label: label.into() };
    let (lower, upper) = (bound("lower95"), bound("upper95"));
    let mut tree =
        Tree { fields: Vec::new(), algorithm: Algorithm::Llp5, correlate: None, future: None, holdback: 0, period: None, suppress: None, lower, upper };
    let (mut future, mut period) = (0, 0);
    while !i.is_empty() {
        i = if let Some(rest) = ALGORITHM.read(i, &mut tree.algorithm)? {
            rest
        } else if let Some(rest) = CORRELATE.read(i, &mut tree.correlate)? {
            rest
        } else if let Some(rest) = FUTURE.read(i, &mut future)? {
            tree.future = Some(future);
            rest
        } else if let Some(rest) = HOLDBACK.read(i, &mut tree.holdback)? {
            rest
        } else if let Some(rest) = PERIOD.read(i, &mut period)? {
            tree.period = Some(period);
            rest
        } else if let Some(rest) = SUPPRESS.read(i, &mut tree.suppress)? {
            rest
        } else if let Some((rest, upper, found)) = interval(i)? {
            *(if upper { &mut tree.upper } else { &mut tree.lower }) = found;
            rest
        } else if at_option(i) {
            return unknown_option(i, COMMAND.name, COMMAND.options);
        } else {
            let (rest, field) = field_but(&[])(i)?;
            let (rest, name) = alias(rest)?;
            tree.fields.push((field, name));
            rest
        };
        i = commas(i)?.0;
    }
    let two = tree.fields.len() + usize::from(tree.correlate.is_some());
    let wrong = |text: &str, help: &str| Diagnostic::error(Code::ARGUMENTS, text).at(start.span()).help(help);
    match tree.algorithm {
        _ if tree.fields.is_empty() => i.miss(Want::Field),
        _ if tree.period.is_some_and(|p| !(2..=MOST).contains(&p)) => {
            start.fail(wrong("a period has at least 2 rows, and at most a million", "Leave it out to have it found."))
        }
        _ if tree.future.unwrap_or(0) > MOST => start.fail(wrong("`future_timespan` is a million at most", "The default is 5.")),
        Algorithm::Llb if tree.correlate.is_none() || tree.fields.len() != 1 => {
            start.fail(wrong("LLB foretells one field by another", "Name one field, and the other one with `correlate=<field>`."))
        }
        Algorithm::BiLl if two != 2 => start.fail(wrong("BiLL foretells two fields at once", "Name two fields, or one and `correlate=<field>`.")),
        _ => stage(i, tree),
    }
}

/// `upper95=name`; `true` for the upper one.
fn interval(i: Tokens<'_>) -> Result<Option<(Tokens<'_>, bool, Bound)>, nom::Err<crate::syntax::Failure>> {
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
        let forecast = |(field, name): &(Field, Option<Field>)| Forecast {
            field: field.name.as_str().into(),
            into: name.as_ref().map_or_else(|| format!("prediction({})", field.name), |n| n.name.clone()).into(),
            hidden: self.suppress.as_ref() == Some(&field.name),
        };
        let future = if self.algorithm == Algorithm::Llb { self.holdback } else { 5 };
        let study = Study::Predict(Predict {
            series: self.fields.iter().map(forecast).collect(),
            algorithm: self.algorithm,
            correlate: self.correlate.as_deref().map(Into::into),
            future: self.future.unwrap_or(future) as usize,
            holdback: usize::try_from(self.holdback).unwrap_or(usize::MAX),
            period: self.period.map(|p| p as usize),
            lower: self.lower.clone(),
            upper: self.upper.clone(),
        });
        Ok(Node::Rework { input: Box::new(planner.started(input)), rework: Rework::Study(study.into()) })
    }
}
