//! streamstats: adds running statistics to every row.

use super::{Command, Kind, Stage, stage};
use crate::card::{Example, Support};
use crate::command::stats::Written;
use crate::diagnostic::{Code, Diagnostic, Span};
use crate::plan::planner::expression;
use crate::plan::{self, Node, Planner, Running};
use crate::syntax::aggregation::aggregation_or_bare;
use crate::syntax::ast::{Expr, ExprNode};
use crate::syntax::expr::expr;
use crate::syntax::field::fields;
use crate::syntax::option::{Opt, OptCard, at_option, unknown_option};
use crate::syntax::token::Kind as Token;
use crate::syntax::tokens::{commas, symbol, unquote};
use crate::syntax::wanted::Want;
use crate::syntax::{Parsed, Tokens};
use crate::time;
use serde::Serialize;

static CURRENT: Opt<bool> = Opt::new("current", "t", "Count the row itself, not only those before it.");
static WINDOW: Opt<u64> =
    Opt::new("window", "0", "How many rows count; all so far with 0. More than 10,000, in a time window too, only with `--ceiling window=…`.");
static TIME_WINDOW: Opt<Option<String>> = Opt::new("time_window", "", "Count rows whose `_time` is less than this away; rows must be in the order of time.");
static GLOBAL: Opt<bool> = Opt::new("global", "t", "Count the window over all rows, not for each combination of the by-fields.");
static ALLNUM: Opt<bool> = Opt::new("allnum", "f", "Give numeric statistics only where every value is a number.");
static ON_CHANGE: Opt<bool> = Opt::new("reset_on_change", "f", "Begin anew where the by-fields' values change.");
static BEFORE: Opt<String> = Opt::new("reset_before", "", "Begin anew before a row for which this expression is true.");
static AFTER: Opt<String> = Opt::new("reset_after", "", "Begin anew after a row for which this expression is true; it sees the row's results.");

pub const COMMAND: Command = Command {
    name: "streamstats",
    aliases: &[],
    kind: Kind::Streaming,
    summary: "Adds running statistics to every row: over the rows so far, or over a window that moves along.",
    syntax: "streamstats [reset_on_change=<bool>] [reset_before=(<expression>)] [reset_after=(<expression>)] [current=<bool>] [window=<n>] [time_window=<span>] [global=<bool>] [allnum=<bool>] <function>(<field>) [AS <name>] … [BY <field> …]",
    options: &[&CURRENT.card, &WINDOW.card, &TIME_WINDOW.card, &GLOBAL.card, &ALLNUM.card, &ON_CHANGE.card, &BEFORE.card, &AFTER.card],
    examples: &[
        Example { spl: "| makeresults count=3 | streamstats count", shows: "1, 2, 3" },
        Example { spl: "| makeresults count=5 | streamstats count AS n | streamstats window=3 avg(n) AS mean", shows: "the mean of the last three rows" },
        Example {
            spl: "| makeresults count=4 | streamstats count AS n | streamstats current=f last(n) AS before | eval step=n-before",
            shows: "what the row before held",
        },
        Example { spl: "| makeresults count=6 | streamstats count AS n reset_after=(n>=3)", shows: "1, 2, 3, 1, 2, 3" },
    ],
    support: Support::Full,
    parse,
    file: file!(),
};

#[derive(Debug, Serialize)]
struct Streamstats {
    #[serde(flatten)]
    written: Written,
    current: bool,
    window: u64,
    time_window: Option<String>,
    #[serde(skip)]
    time_window_at: Span,
    global: bool,
    on_change: bool,
    before: Option<Expr>,
    after: Option<Expr>,
}

fn parse(mut i: Tokens<'_>) -> Parsed<'_, Box<dyn Stage>> {
    let written = Written::default();
    let (current, window, time_window, global) = (true, 0, None, true);
    let (time_window_at, on_change) = (Span::default(), false);
    let mut s = Streamstats { written, current, window, time_window, time_window_at, global, on_change, before: None, after: None };
    while !i.is_empty() {
        i = if let Some(rest) = WINDOW.read(i, &mut s.window)? {
            rest
        } else if let Some(rest) = TIME_WINDOW.read(i, &mut s.time_window)? {
            s.time_window_at = i.skip(2).span_to(&rest);
            rest
        } else if let Some(rest) = flag(i, &mut s)? {
            rest
        } else if let Some((rest, e)) = condition(i, &BEFORE.card)? {
            s.before = Some(e);
            rest
        } else if let Some((rest, e)) = condition(i, &AFTER.card)? {
            s.after = Some(e);
            rest
        } else if at_option(i) {
            return unknown_option(i, COMMAND.name, COMMAND.options);
        } else if i.at_word("BY") && s.written.by.is_empty() && !s.written.aggregations.is_empty() {
            let (rest, by) = fields(&[])(i.skip(1))?;
            s.written.by = by;
            rest
        } else if s.written.by.is_empty() {
            let (rest, one) = aggregation_or_bare(i)?;
            s.written.aggregations.push(one);
            rest
        } else {
            break;
        };
        i = commas(i)?.0;
    }
    if s.written.aggregations.is_empty() { i.miss(Want::Aggregate) } else { stage(i, s) }
}

fn flag<'a>(i: Tokens<'a>, s: &mut Streamstats) -> Result<Option<Tokens<'a>>, nom::Err<crate::syntax::Failure>> {
    for (option, into) in [(&CURRENT, &mut s.current), (&GLOBAL, &mut s.global), (&ALLNUM, &mut s.written.allnum), (&ON_CHANGE, &mut s.on_change)] {
        if let Some(rest) = option.read(i, into)? {
            return Ok(Some(rest));
        }
    }
    Ok(None)
}

/// An option whose value is an expression: bare, in parentheses, in quotes, or in parentheses that are in quotes (`"("x>1")"`), as
/// Splunk's reference writes it.
fn condition<'a>(i: Tokens<'a>, card: &'static OptCard) -> Result<Option<(Tokens<'a>, Expr)>, nom::Err<crate::syntax::Failure>> {
    if !i.at_word(card.name) || !i.peek(1).is_some_and(|t| t.is('=')) {
        drop(i.miss::<()>(Want::Option(card.name)));
        return Ok(None);
    }
    let (rest, _) = symbol('=')(i.skip(1))?;
    let quoted = |i: Tokens<'_>, c: &str| i.first().is_some_and(|t| t.kind == Token::String && unquote(i.text(t)).trim() == c);
    if quoted(rest, "(") {
        let (rest, e) = expr(rest.skip(1))?;
        return if quoted(rest, ")") { Ok(Some((rest.skip(1), e))) } else { rest.miss(Want::Symbol(')')).map(Some) };
    }
    expr(rest).map(Some)
}

/// A text is an expression in quotes.
fn compiled(e: &Option<Expr>, planner: &mut Planner<'_>) -> Result<Option<plan::Expr>, Diagnostic> {
    match e {
        None => Ok(None),
        Some(Expr { node: ExprNode::Text(text), span }) => match expression(text, planner.knowledge, &planner.env) {
            Ok(e) => Ok(Some(e)),
            Err(d) => Err(Diagnostic::error(d.code, format!("in the quoted expression: {}", d.message)).at(*span)),
        },
        Some(e) => planner.expr(e).map(Some),
    }
}

impl Stage for Streamstats {
    fn plan(&self, planner: &mut Planner<'_>, input: Node) -> Result<Node, Diagnostic> {
        let time_window = match self.time_window.as_deref() {
            None => None,
            Some(text) => match time::Span::parse(text) {
                None => {
                    let d = Diagnostic::error(Code::TIME, format!("`{text}` is no span of time")).at(self.time_window_at);
                    return Err(d.help("Write a number and a unit: `30s`, `5m`, `1h`."));
                }
                span => span,
            },
        };
        let most = planner.limits.window;
        let asked = usize::try_from(self.window).ok().filter(|w| *w > 0);
        // Without any window all rows count, as they do on a server.
        let ceiling = asked.map_or(time_window.is_some(), |w| w > most);
        let window = if ceiling { Some(most) } else { asked };
        let statistics = plan::Statistics {
            aggregation: self.written.compile(planner)?,
            current: self.current,
            window: window.filter(|w| !ceiling || *w < usize::MAX),
            ceiling,
            time_window,
            // Without by-fields there is one window anyway.
            global: self.global || self.written.by.is_empty(),
            only_numbers: self.written.allnum,
            reset_on_change: self.on_change,
            reset_before: compiled(&self.before, planner)?,
            reset_after: compiled(&self.after, planner)?,
        };
        Ok(Node::Running { input: Box::new(planner.started(input)), running: Running::Statistics(statistics) })
    }
}

#[cfg(test)]
mod tests {
    use crate::operator::testing::run;

    const ROWS: &str = r#"[{"n":1,"g":"a"},{"n":2,"g":"b"},{"n":"x","g":"a"},{"n":4},{"n":5,"g":"a"},{"n":6,"g":"b"}]"#;

    /// The values of `r` in every row, `-` for none.
    fn column(query: &str) -> String {
        run(ROWS, &format!("* | {query} | fillnull value=- r | stats list(r) AS r | eval r=mvjoin(r, \" \") | table r"))
    }

    #[test]
    fn over_rows_so_far_and_windows() {
        for (query, want) in [
            ("streamstats count AS r", "1 2 3 4 5 6"),
            ("streamstats sum(n) AS r", "1 3 3 7 12 18"),
            ("streamstats current=f sum(n) AS r", "- 1 3 3 7 12"),
            ("streamstats window=2 sum(n) AS r", "1 3 2 4 9 11"),
            ("streamstats window=2 current=f sum(n) AS r", "- 1 3 2 4 9"),
            ("streamstats sum(n) AS r by g", "1 2 1 - 6 8"),
            ("streamstats window=2 sum(n) AS r by g", "1 2 - - 5 6"),
            ("streamstats window=2 sum(n) AS r by g global=f", "1 2 1 - 5 8"),
            ("streamstats window=2 global=f current=f count AS r by g", "0 0 1 - 2 1"),
            ("streamstats allnum=t sum(n) AS r", "1 3 - - - -"),
            ("streamstats allnum=t window=2 sum(n) AS r", "1 3 - - 9 11"),
            ("streamstats count(eval(n>1)) AS r", "0 1 2 3 4 5"),
            ("streamstats reset_on_change=t count AS r by g", "1 1 1 - 2 1"),
            ("streamstats reset_before=(n=4) count AS r", "1 2 3 1 2 3"),
            ("streamstats reset_before=n==4 count AS r", "1 2 3 1 2 3"),
            (r#"streamstats reset_after="n=4" count AS r"#, "1 2 3 4 1 2"),
            (r#"streamstats reset_after="("n=4")" window=2 sum(n) AS r"#, "1 3 2 4 5 11"),
            ("streamstats count AS r reset_after=(r>=2)", "1 2 1 2 1 2"),
            ("streamstats last(n) AS r first(n) AS f current=f", "- 1 2 x 4 5"),
        ] {
            assert_eq!(column(query), format!(r#"[{{"r":"{want}"}}]"#), "{query}");
        }
    }

    #[test]
    fn over_stretches_of_time() {
        let rows = r#"[{"_time":100,"g":"a"},{"_time":95,"g":"b"},{"_time":90,"g":"a"},{"_time":60,"g":"a"}]"#;
        for (query, want) in [
            ("time_window=10s count AS r", "1 2 2 1"),
            ("time_window=11s count AS r", "1 2 3 1"),
            ("time_window=11s window=2 count AS r", "1 2 2 1"),
            ("time_window=11s count AS r by g", "1 1 2 1"),
            ("time_window=11s window=2 global=f count AS r by g", "1 1 2 1"),
            ("time_window=5m current=f count AS r", "0 1 2 3"),
        ] {
            let got = run(rows, &format!("* | streamstats {query} | stats list(r) AS r | eval r=mvjoin(r, \" \")"));
            assert_eq!(got, format!(r#"[{{"r":"{want}"}}]"#), "{query}");
        }
    }

    #[test]
    fn patterns_and_multivalues() {
        let rows = r#"[{"a":1,"b":2,"g":["x","y"]},{"a":3,"g":"y"},{"b":5,"g":"x"}]"#;
        let got = run(rows, "* | streamstats sum(*) AS sum_* | table sum_*");
        assert_eq!(got, r#"[{"sum_a":1,"sum_b":2},{"sum_a":4,"sum_b":2},{"sum_a":4,"sum_b":7}]"#);
        let got = run(rows, "* | streamstats count by g | table count");
        assert_eq!(got, r#"[{"count":1},{"count":2},{"count":2}]"#);
    }

    #[test]
    fn says_what_is_wrong() {
        for (query, want) in [
            ("streamstats", "a stats function"),
            ("streamstats window=x count", "whole number"),
            ("streamstats time_window=5x count", "no span of time"),
            ("streamstats windo=5 count", "no option `windo`"),
            (r#"streamstats reset_after="n=" count"#, "in the quoted expression"),
            ("streamstats count by", "a field"),
            ("streamstats nope(x)", "unknown stats function"),
        ] {
            let got = run("[]", &format!("* | {query}"));
            assert!(got.contains(want), "{query}: {got}");
        }
    }
}
