//! bin: numbers and times into parts of equal size.

use super::{Command, Kind, Stage, option, stage};
use crate::card::{Example, Support};
use crate::diagnostic::{Code, Diagnostic, Span};
use crate::plan::{AutoBin, BinSpan, Extension, Node, Planner};
use crate::syntax::field::{Field, field};
use crate::syntax::option::{Opt, OptionValue};
use crate::syntax::tokens::word;
use crate::syntax::wanted::Want;
use crate::syntax::{Parsed, Tokens};
use crate::time;
use serde::Serialize;

static SPAN: Opt<Option<String>> = Opt::new("span", "", "The size of a bin: a number, a time as `5m`, or a logarithm as `2log10`.");
static BINS: Opt<u64> = Opt::new("bins", "100", "The most bins, where no size is given.");
static MINSPAN: Opt<Option<TimeSpan>> = Opt::new("minspan", "", "The smallest size to choose, where none is given.");
static START: Opt<Option<f64>> = Opt::new("start", "", "Take the range of the numbers to begin here or lower, where no size is given.");
static END: Opt<Option<f64>> = Opt::new("end", "", "Take the range of the numbers to end here or higher, where no size is given.");
static ALIGNTIME: Opt<Option<String>> = Opt::new("aligntime", "", "Count bins of time below a day from here: `earliest`, `latest` or a time.");

pub const COMMAND: Command = Command {
    name: "bin",
    aliases: &["bucket", "discretize"],
    kind: Kind::Streaming,
    summary: "Puts times at the start of their bin, and other numbers into `start-end` bins whose end is not included.",
    syntax: "bin [span=<span>|bins=<n>] [minspan=<span>] [start=<n>] [end=<n>] [aligntime=<time>] <field> [AS <field>]",
    options: &[&SPAN.card, &BINS.card, &MINSPAN.card, &START.card, &END.card, &ALIGNTIME.card],
    examples: &[
        Example { spl: "| makeresults | bin span=5m _time", shows: "times in steps of five minutes" },
        Example { spl: "| makeresults | eval n=17 | bin n span=10 AS tens", shows: "10-20, beside the number" },
        Example { spl: "| makeresults | eval bytes=39225 | bin bytes span=2log10", shows: "20000-200000" },
        Example { spl: "| makeresults | eval n=17 | bin bins=10 end=100 n", shows: "a power of ten that needs no more than ten bins" },
    ],
    support: Support::Full,
    parse,
    file: file!(),
};

/// A span of time, or a number of seconds.
#[derive(Clone, Copy, Debug)]
pub(super) struct TimeSpan(pub(super) time::Span);

impl OptionValue for TimeSpan {
    fn read(text: &str) -> Result<TimeSpan, &'static str> {
        time::Span::parse(text).map(TimeSpan).ok_or("a span such as `10` or `5m`")
    }
}

impl Serialize for TimeSpan {
    fn serialize<S: serde::Serializer>(&self, s: S) -> Result<S::Ok, S::Error> {
        s.collect_str(&self.0)
    }
}

#[derive(Debug, Default, Serialize)]
struct Bin {
    field: Option<Field>,
    alias: Option<Field>,
    span: Option<String>,
    #[serde(skip)]
    span_at: Span,
    bins: u64,
    minspan: Option<TimeSpan>,
    start: Option<f64>,
    end: Option<f64>,
    aligntime: Option<String>,
}

fn parse(mut i: Tokens<'_>) -> Parsed<'_, Box<dyn Stage>> {
    let mut bin = Bin { bins: 100, ..Bin::default() };
    while !i.is_empty() {
        i = if let Some(rest) = SPAN.read(i, &mut bin.span)? {
            bin.span_at = i.span_to(&rest);
            rest
        } else if let Some(rest) = option(
            i,
            &COMMAND,
            [BINS.to(&mut bin.bins), MINSPAN.to(&mut bin.minspan), START.to(&mut bin.start), END.to(&mut bin.end), ALIGNTIME.to(&mut bin.aligntime)],
        )? {
            rest
        } else if bin.field.is_none() {
            let (rest, name) = field(i)?;
            bin.field = Some(name);
            rest
        } else if bin.field.is_some() && bin.alias.is_none() && i.at_word("AS") {
            let (rest, name) = field(word("AS")(i)?.0)?;
            bin.alias = Some(name);
            rest
        } else {
            break;
        };
    }
    if bin.field.is_none() { i.miss(Want::Field) } else { stage(i, bin) }
}

impl Stage for Bin {
    fn plan(&self, planner: &mut Planner<'_>, input: Node) -> Result<Node, Diagnostic> {
        let Some(field) = &self.field else { return Ok(input) };
        let into = self.alias.as_ref().unwrap_or(field).name.as_str().into();
        let name: crate::column::Name = field.name.as_str().into();
        let align = match self.aligntime.as_deref() {
            None => None,
            Some("earliest") => planner.range.earliest,
            Some("latest") => planner.range.latest,
            Some(text) => Some(planner.moment(text, planner.span)?),
        };
        let input = Box::new(planner.started(input));
        let Some(text) = &self.span else {
            let bin = AutoBin { field: name, into, bins: self.bins, minspan: self.minspan.map(|s| s.0), start: self.start, end: self.end };
            return Ok(Node::Bin { input, bin });
        };
        let span = span(text, &name, align, self.span_at)?;
        Ok(Node::Extend { input, steps: vec![Extension::Bin { field: name, span, into }] })
    }
}

/// A span as it is written for a field, or what is wrong with it.
pub(super) fn span(text: &str, field: &str, align: Option<f64>, at: Span) -> Result<BinSpan, Diagnostic> {
    BinSpan::parse(text, field == "_time", align).ok_or_else(|| {
        Diagnostic::error(Code::TIME, format!("`{text}` is no span"))
            .at(at)
            .help("A span is a number, a time such as `30s`, `5m`, `1h` or `1d`, or a logarithm such as `log2` or `2log10`.")
    })
}

#[cfg(test)]
mod tests {
    use crate::operator::testing::run;

    #[test]
    fn options_stand_before_and_behind_the_field() {
        let rows = r#"[{"n":"17","_time":5000}]"#;
        for (query, want) in [
            ("bin span=10 n | table n", r#"[{"n":"10-20"}]"#),
            ("bucket n span=10 AS m | table n, m", r#"[{"n":"17","m":"10-20"}]"#),
            ("bin n as m span=10 | table m", r#"[{"m":"10-20"}]"#),
            ("bin _time span=1h | eval t=_time | table t", r#"[{"t":3600}]"#),
            ("bin _time span=1h aligntime=600 | eval t=_time | table t", r#"[{"t":4200}]"#),
            ("bin minspan=10 start=0 end=50 bins=3 n | table n", r#"[{"n":"0-100"}]"#),
            ("bin nothing | table n", r#"[{"n":"17"}]"#),
        ] {
            assert_eq!(run(rows, &format!("* | {query}")), want, "{query}");
        }
    }

    #[test]
    fn says_what_is_wrong() {
        for (query, want) in [
            ("bin span=5x n", "no span"),
            ("bin span=0 n", "no span"),
            ("bin", "expected a field"),
            ("bin bins=x n", "whole number"),
            ("bin size=5 n", "no option `size`"),
        ] {
            let got = run("[]", &format!("* | {query}"));
            assert!(got.contains(want), "{query}: {got}");
        }
    }
}
