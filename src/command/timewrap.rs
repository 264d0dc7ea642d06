//! timewrap: the periods of a timechart beside each other.

use super::{Command, Kind, Stage, addinfo, option, stage};
use crate::card::{Example, Support};
use crate::diagnostic::{Code, Diagnostic};
use crate::plan::{Naming, Node, Planner, Rework, Wrap};
use crate::syntax::field::{Field, field_but};
use crate::syntax::option::{Opt, OptionValue};
use crate::syntax::tokens::commas;
use crate::syntax::wanted::Want;
use crate::syntax::{Parsed, Tokens};
use crate::time::Span;
use serde::Serialize;

static ALIGN: Opt<Align> =
    Opt::new("align", "end", "Where the latest period ends: with `end` at the end of the search's range of time, with `now` at the present.");
static SERIES: Opt<Naming> =
    Opt::new("series", "relative", "How columns are called: `relative` (`count_1day_before`), `short` (`s1`, with several columns `count_s1`) or `exact`.");
static TIME_FORMAT: Opt<String> = Opt::new("time_format", "%Y-%m-%d %H:%M:%S", "With series=exact how the start of a period is written.");

pub const COMMAND: Command = Command {
    name: "timewrap",
    aliases: &[],
    kind: Kind::Transforming,
    summary: "Lays the periods of a timechart beside each other, the oldest first, of a number and a unit where `m` is a month and `min` a minute; without an end of the search's range the last row ends the latest period.",
    syntax: "timewrap <span> [align=now|end] [series=relative|exact|short] [time_format=<format>]",
    options: &[&ALIGN.card, &SERIES.card, &TIME_FORMAT.card],
    examples: &[
        Example {
            spl: "| makeresults count=4 | streamstats count AS n | eval _time=n*43200 | timechart span=12h sum(n) AS n | timewrap 1day",
            shows: "`n_1day_before` and `n_latest_day`",
        },
        Example {
            spl: "| makeresults count=4 | streamstats count AS n | eval _time=n*86400 | timechart span=1d count | timewrap w series=short",
            shows: "`s0`",
        },
    ],
    support: Support::Full,
    parse,
    file: file!(),
};

/// At the present?
#[derive(Clone, Copy, Debug, Serialize)]
struct Align(bool);

impl OptionValue for Align {
    fn read(text: &str) -> Result<Align, &'static str> {
        match text.to_ascii_lowercase().as_str() {
            "now" => Ok(Align(true)),
            "end" => Ok(Align(false)),
            _ => Err("`now` or `end`"),
        }
    }
}

impl OptionValue for Naming {
    fn read(text: &str) -> Result<Naming, &'static str> {
        match text.to_ascii_lowercase().as_str() {
            "relative" => Ok(Naming::Relative),
            "exact" => Ok(Naming::Exact),
            "short" => Ok(Naming::Short),
            _ => Err("`relative`, `exact` or `short`"),
        }
    }
}

#[derive(Debug, Serialize)]
struct Timewrap {
    span: Field,
    now: Align,
    series: Naming,
    format: String,
}

fn parse(mut i: Tokens<'_>) -> Parsed<'_, Box<dyn Stage>> {
    let (mut span, mut now, mut series, mut format) = (None, Align(false), Naming::Relative, TIME_FORMAT.card.default.to_string());
    while !i.is_empty() {
        i = if let Some(rest) = option(i, &COMMAND, [ALIGN.to(&mut now), SERIES.to(&mut series), TIME_FORMAT.to(&mut format)])? {
            rest
        } else if span.is_none() {
            let (rest, field) = field_but(&[])(i)?;
            span = Some(field);
            rest
        } else {
            break;
        };
        i = commas(i)?.0;
    }
    match span {
        Some(span) => stage(i, Timewrap { span, now, series, format }),
        None => i.miss(Want::Value),
    }
}

impl Stage for Timewrap {
    fn plan(&self, planner: &mut Planner<'_>, input: Node) -> Result<Node, Diagnostic> {
        // Unlike in other commands `m` is a month here, and `min` a minute.
        let text = self.span.name.to_ascii_lowercase();
        let text = match text.strip_suffix('m').filter(|count| count.bytes().all(|b| b.is_ascii_digit())) {
            Some(count) => format!("{count}mon"),
            None => text,
        };
        let Some(period) = Span::parse(&text).filter(|s| !s.unit().is_subsecond()) else {
            let d = Diagnostic::error(Code::TIME, format!("`{}` is no period of time", self.span.name)).at(self.span.span);
            return Err(d.help("A period is a number and a unit: `1h`, `1day`, `2w`, `1month`, `1quarter`, `1y`."));
        };
        let input = planner.started(input);
        let end = if self.now.0 { Some(planner.env.now) } else { addinfo::range(&input).latest };
        let rework = Rework::Wrap(Wrap { period, naming: self.series, end, format: self.format.clone() });
        Ok(Node::Rework { input: Box::new(input), rework })
    }
}
