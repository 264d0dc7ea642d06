//! makecontinuous: rows for the values between.

use super::{Command, Kind, Stage, option, stage};
use crate::card::{Example, Support};
use crate::column::Name;
use crate::diagnostic::{Code, Diagnostic, Span};
use crate::plan::{BinSpan, Continuous, Node, Planner, Rework};
use crate::syntax::field::{Field, field_but};
use crate::syntax::option::Opt;
use crate::syntax::tokens::commas;
use crate::syntax::{Parsed, Tokens};
use serde::Serialize;

static SPAN: Opt<Option<String>> = Opt::new("span", "", "The size of a part: a number, or a time as `5m`.");
static BINS: Opt<u64> = Opt::new("bins", "100", "The most parts, where no size is given.");
static START: Opt<Option<f64>> = Opt::new("start", "", "Numbers begin here; rows below go.");
static END: Opt<Option<f64>> = Opt::new("end", "", "Numbers end before here; rows from here on go.");
static ALIGNTIME: Opt<Option<String>> = Opt::new("aligntime", "", "Count parts of time below a day from here: `earliest`, `latest` or a time.");

pub const COMMAND: Command = Command {
    name: "makecontinuous",
    aliases: &[],
    kind: Kind::Transforming,
    summary: "Puts times or numbers at the start of their part, in ascending order, and adds a row for every part without one; rows without a value come last.",
    syntax: "makecontinuous [<field>] [span=<span>|bins=<n>] [start=<n>] [end=<n>] [aligntime=<time>]",
    options: &[&SPAN.card, &BINS.card, &START.card, &END.card, &ALIGNTIME.card],
    examples: &[
        Example { spl: "| makeresults count=2 | streamstats count AS n | eval _time=n*600 | makecontinuous span=5m", shows: "three rows: 600, 900, 1200" },
        Example { spl: "| makeresults | eval hour=3, count=7 | makecontinuous hour span=1 start=0 end=24 | fillnull count", shows: "a row an hour" },
    ],
    support: Support::Full,
    parse,
    file: file!(),
};

#[derive(Debug, Default, Serialize)]
struct Makecontinuous {
    field: Option<Field>,
    span: Option<String>,
    #[serde(skip)]
    span_at: Span,
    bins: u64,
    start: Option<f64>,
    end: Option<f64>,
    align: Option<String>,
}

fn parse(mut i: Tokens<'_>) -> Parsed<'_, Box<dyn Stage>> {
    let mut make = Makecontinuous { bins: 100, ..Makecontinuous::default() };
    while !i.is_empty() {
        i = if let Some(rest) = SPAN.read(i, &mut make.span)? {
            make.span_at = i.skip(2).span_to(&rest);
            rest
        } else if let Some(rest) =
            option(i, &COMMAND, [BINS.to(&mut make.bins), START.to(&mut make.start), END.to(&mut make.end), ALIGNTIME.to(&mut make.align)])?
        {
            rest
        } else if make.field.is_none() {
            let (rest, field) = field_but(&[])(i)?;
            make.field = Some(field);
            rest
        } else {
            break;
        };
        i = commas(i)?.0;
    }
    stage(i, make)
}

impl Stage for Makecontinuous {
    fn plan(&self, planner: &mut Planner<'_>, input: Node) -> Result<Node, Diagnostic> {
        let field: Name = self.field.as_ref().map_or("_time", |f| f.name.as_str()).into();
        let align = match self.align.as_deref() {
            None => None,
            Some("earliest") => planner.range.earliest,
            Some("latest") => planner.range.latest,
            Some(text) => Some(planner.moment(text, planner.span)?),
        };
        let span = match &self.span {
            None => None,
            Some(text) => match BinSpan::parse(text, &*field == "_time", align) {
                None | Some(BinSpan::Log { .. }) => {
                    let d = Diagnostic::error(Code::TIME, format!("`{text}` is no span of equal parts")).at(self.span_at);
                    return Err(d.help("A span is a number, or a time such as `30s`, `5m`, `1h` or `1d`."));
                }
                span => span,
            },
        };
        let rework = Rework::Continuous(Continuous { field, span, bins: self.bins, start: self.start, end: self.end });
        Ok(Node::Rework { input: Box::new(planner.started(input)), rework })
    }
}
