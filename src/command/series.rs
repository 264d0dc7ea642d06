//! What chart and timechart share: the options of their columns, the limits on them, and the WHERE clause.

use crate::aggregate::{self, Family};
use crate::diagnostic::{Code, Diagnostic};
use crate::plan::{Argument, Choice, Output, Planner, Score, Series, pivot};
use crate::syntax::field::field;
use crate::syntax::option::{Opt, OptCard, OptionValue};
use crate::syntax::tokens::commas;
use crate::syntax::wanted::Want;
use crate::syntax::{Failure, Parsed, Tokens};
use serde::Serialize;

static LIMIT: Opt<Option<Choice>> =
    Opt::new("limit", "top10", "How many columns to keep: the highest with `top5` or `5`, the lowest with `bottom5`, all with 0.");
static AGG: Opt<Option<Score>> = Opt::new(
    "agg",
    "sum",
    "What decides whether a column is kept: a stats function of its cells, or `count`, how many rows it is of, as it is without this where there are several aggregates.",
);
static USEOTHER: Opt<bool> = Opt::new("useother", "t", "Put the values that are not kept into one more column.");
static USENULL: Opt<bool> = Opt::new("usenull", "t", "Give rows without a value a column.");
static OTHERSTR: Opt<String> = Opt::new("otherstr", "OTHER", "The name of the column of the values that are not kept.");
static NULLSTR: Opt<String> = Opt::new("nullstr", "NULL", "The name of the column of rows without a value.");
static SEP: Opt<Option<String>> = Opt::new("sep", ": ", "What stands between aggregate and value in the names of columns, where there are several aggregates.");
static FORMAT: Opt<Option<String>> = Opt::new("format", "$AGG$: $VAL$", "How columns are called where there are several aggregates; it goes before `sep`.");

/// The cards of the options.
pub const CARDS: [&OptCard; 8] = [&LIMIT.card, &AGG.card, &USEOTHER.card, &USENULL.card, &OTHERSTR.card, &NULLSTR.card, &SEP.card, &FORMAT.card];

/// The options as written.
#[derive(Debug, Serialize)]
pub struct Options {
    limit: Option<Choice>,
    score: Option<Score>,
    pub useother: bool,
    pub usenull: bool,
    pub otherstr: String,
    pub nullstr: String,
    sep: Option<String>,
    format: Option<String>,
    /// The WHERE clause.
    condition: Option<Series>,
}

impl Default for Options {
    fn default() -> Options {
        let (otherstr, nullstr) = ("OTHER".into(), "NULL".into());
        Options { limit: None, score: None, useother: true, usenull: true, otherstr, nullstr, sep: None, format: None, condition: None }
    }
}

impl Options {
    /// Reads one of the options or the WHERE clause; `None` where something else stands.
    pub fn read<'a>(&mut self, i: Tokens<'a>) -> Result<Option<Tokens<'a>>, nom::Err<Failure>> {
        if i.at_word("WHERE") {
            let (rest, condition) = condition(i.skip(1))?;
            self.condition = Some(condition);
            return Ok(Some(rest));
        }
        for (flag, into) in [(&USEOTHER, &mut self.useother), (&USENULL, &mut self.usenull)] {
            if let Some(rest) = flag.read(i, into)? {
                return Ok(Some(rest));
            }
        }
        for (text, into) in [(&OTHERSTR, &mut self.otherstr), (&NULLSTR, &mut self.nullstr)] {
            if let Some(rest) = text.read(i, into)? {
                return Ok(Some(rest));
            }
        }
        for (text, into) in [(&SEP, &mut self.sep), (&FORMAT, &mut self.format)] {
            if let Some(rest) = text.read(i, into)? {
                return Ok(Some(rest));
            }
        }
        // `limit=top 5` is written, too.
        if i.at_word("limit")
            && i.peek(1).is_some_and(|t| t.is('='))
            && let Ok((number, end)) = field(i.skip(2))
            && let "top" | "bottom" = end.name.to_ascii_lowercase().as_str()
            && let Ok((rest, count)) = field(number)
            && let Ok(choice) = Choice::read(&format!("{}{}", end.name, count.name))
        {
            self.limit = Some(choice);
            return Ok(Some(rest));
        }
        match LIMIT.read(i, &mut self.limit)? {
            Some(rest) => Ok(Some(rest)),
            None => AGG.read(i, &mut self.score),
        }
    }

    /// Which columns are kept. Where the number of rows decides, it becomes one more output.
    pub fn chosen(&self, outputs: &mut Vec<Output>, planner: &mut Planner<'_>) -> Result<Series, Diagnostic> {
        let series = self.series(outputs);
        if series.score == Score::Rows {
            outputs.push(planner.rows_counted(pivot::ROWS)?);
        }
        Ok(series)
    }

    /// A WHERE clause takes the place of the limit. Several aggregates have no sum in common: then the most
    /// frequent values count, as the reference of timechart says.
    fn series(&self, outputs: &[Output]) -> Series {
        let several = outputs.iter().filter(|o| o.is_shown()).count() > 1 || outputs.iter().any(|o| matches!(o.argument, Argument::Pattern(_)));
        let score = || if several { Score::Rows } else { Score::sum() };
        let limit = || Series { score: self.score.clone().unwrap_or_else(score), choice: self.limit.unwrap_or(Choice::Top { count: 10, kept: true }) };
        self.condition.clone().unwrap_or_else(limit)
    }

    /// The name of the column of the rest, where there is to be one.
    pub fn other(&self) -> Option<String> {
        self.useother.then(|| self.otherstr.clone())
    }

    /// How columns are called.
    pub fn format(&self) -> String {
        let sep = self.sep.as_deref().unwrap_or(": ");
        self.format.clone().unwrap_or_else(|| format!("$AGG${sep}$VAL$"))
    }
}

impl OptionValue for Score {
    /// `sum`, or `sum(bytes)`: what counts is the function, over the cells; `count` is of the rows themselves.
    fn read(text: &str) -> Result<Score, &'static str> {
        let name = text.split_once('(').map_or(text, |(name, _)| name).trim().to_ascii_lowercase();
        match aggregate::find(&name) {
            Some((function, _)) if function.name == "count" => Ok(Score::Rows),
            Some((function, _)) if function.family != Family::Multivalue && function.name != "sparkline" => Ok(Score::Cells(name)),
            _ => Err("a stats function that gives a number, as `sum`, `max` or `count`"),
        }
    }
}

impl OptionValue for Choice {
    fn read(text: &str) -> Result<Choice, &'static str> {
        let lower = text.trim().to_ascii_lowercase();
        let number = |t: &str| t.trim().parse::<u64>().map_err(|_| "a number, `top` and a number, or `bottom` and a number");
        let kept = true;
        Ok(match (lower.strip_prefix("top"), lower.strip_prefix("bottom")) {
            (Some(n), _) => Choice::Top { count: number(n)?, kept },
            (_, Some(n)) => Choice::Bottom { count: number(n)?, kept },
            _ => match number(&lower)? {
                0 => Choice::All,
                count => Choice::Top { count, kept },
            },
        })
    }
}

/// `sum in top5`, `max(x) notin bottom3`, `avg > 10`.
fn condition(i: Tokens<'_>) -> Parsed<'_, Series> {
    let (rest, function) = field(i)?;
    let score = match Score::read(&function.name) {
        Ok(score) => score,
        Err(wanted) => return i.fail(Diagnostic::error(Code::ARGUMENTS, format!("WHERE goes by {wanted}, not `{}`", function.name)).at(function.span)),
    };
    let (negated, above) = (rest.at_word("NOTIN"), rest.at_symbol('>'));
    if above || rest.at_symbol('<') {
        let (after, value) = field(rest.skip(1))?;
        return match crate::column::number::parse(&value.name) {
            Some(n) => Ok((after, Series { score, choice: if above { Choice::Above(n) } else { Choice::Below(n) } })),
            None => rest.skip(1).miss(Want::Number),
        };
    }
    if !negated && !rest.at_word("IN") {
        return rest.miss(Want::Keyword("in"));
    }
    let (mut after, which) = field(rest.skip(1))?;
    let mut text = which.name;
    // `top 5` is written, too.
    if let ("top" | "bottom", Ok((next, n))) = (text.to_ascii_lowercase().as_str(), field(after)) {
        text.push_str(&n.name);
        after = next;
    }
    let choice = match Choice::read(&text) {
        Ok(Choice::Top { count, .. }) => Choice::Top { count, kept: !negated },
        Ok(Choice::Bottom { count, .. }) => Choice::Bottom { count, kept: !negated },
        _ => return rest.skip(1).miss(Want::Keyword("top5")),
    };
    let (after, _) = commas(after)?;
    Ok((after, Series { score, choice }))
}
