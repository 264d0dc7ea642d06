//! gentimes: consecutive spans of time.

use super::{Command, Kind, Stage, options, stage};
use crate::card::{Example, Support};
use crate::diagnostic::{Code, Diagnostic, Span};
use crate::plan::{self, Node, Planner, Shape};
use crate::syntax::option::Opt;
use crate::syntax::wanted::Want;
use crate::syntax::{Parsed, Tokens};
use crate::time::strptime;
use serde::Serialize;

static START: Opt<String> = Opt::new("start", "", "Where the first span begins: `MM/DD/YYYY[:HH:MM:SS]`, or a number of days from today, as in `-30`.");
static END: Opt<Option<String>> = Opt::new("end", "0", "Where the last span ends, in the same form; the midnight that today began with where it is left out.");
static INCREMENT: Opt<String> = Opt::new("increment", "1d", "How long a span is: a number with `s`, `m`, `h` or `d`.");

pub const COMMAND: Command = Command {
    name: "gentimes",
    aliases: &[],
    kind: Kind::Generating,
    summary: "Makes a row for each span of time from start to end, with its first and last second as numbers and as texts.",
    syntax: "gentimes start=<time> [end=<time>] [increment=<n>[s|m|h|d]]",
    options: &[&START.card, &END.card, &INCREMENT.card],
    examples: &[
        Example { spl: "| gentimes start=-3", shows: "the last three days" },
        Example { spl: "| gentimes start=10/1/2023 end=10/2/2023 increment=6h", shows: "four spans" },
    ],
    support: Support::Full,
    parse,
    file: file!(),
};

#[derive(Debug, Serialize)]
struct Gentimes {
    start: String,
    end: Option<String>,
    increment: String,
    #[serde(skip)]
    span: Span,
}

fn parse(mut i: Tokens<'_>) -> Parsed<'_, Box<dyn Stage>> {
    let mut tree = Gentimes { start: String::new(), end: None, increment: INCREMENT.card.default.into(), span: i.span() };
    let begin = i;
    i = options(i, &COMMAND, [START.to(&mut tree.start), END.to(&mut tree.end), INCREMENT.to(&mut tree.increment)])?;
    tree.span = begin.span_to(&i);
    if tree.start.is_empty() { i.miss(Want::Option(START.card.name)) } else { stage(i, tree) }
}

impl Gentimes {
    /// A time of the options, epoch seconds.
    fn time(&self, text: &str, planner: &Planner<'_>) -> Result<f64, Diagnostic> {
        let (zone, now) = (&planner.env.zone, planner.env.now);
        if let Ok(days) = text.parse::<i64>()
            && days.abs() < 1_000_000
        {
            let day = 86_400_000_000;
            let today = zone.to_local((now * 1e6) as i64).div_euclid(day);
            return Ok(zone.to_utc((today + days) * day) as f64 / 1e6);
        }
        let formats = ["%m/%d/%Y:%H:%M:%S", "%m/%d/%Y", "%m/%d/%y:%H:%M:%S", "%m/%d/%y"];
        // A year of two digits is read by the formats for it.
        let year = text.split(':').next().and_then(|d| d.rsplit('/').next()).map_or(0, str::len);
        let fits = |f: &&&str| f.contains("%Y") == (year > 2);
        formats.iter().filter(fits).find_map(|f| strptime(text, f, zone, now)).ok_or_else(|| {
            Diagnostic::error(Code::TIME, format!("`{text}` is no time that `gentimes` reads"))
                .at(self.span)
                .help("Write it as `MM/DD/YYYY`, `MM/DD/YYYY:HH:MM:SS`, or as a number of days from today.")
        })
    }
}

impl Stage for Gentimes {
    fn plan(&self, planner: &mut Planner<'_>, _: Node) -> Result<Node, Diagnostic> {
        let unit = self.increment.trim_start_matches(|c: char| c.is_ascii_digit());
        let number = self.increment.strip_suffix(unit).and_then(|n| if n.is_empty() { Some(1) } else { n.parse::<u32>().ok() });
        let seconds = match unit {
            "s" => Some(1),
            "m" => Some(60),
            "h" => Some(3_600),
            "d" | "" => Some(1),
            _ => None,
        };
        let (Some(number), Some(seconds)) = (number.filter(|n| *n > 0), seconds) else {
            return Err(
                Diagnostic::error(Code::OPTION_VALUE, format!("`increment` takes a number with `s`, `m`, `h` or `d`, not `{}`", self.increment)).at(self.span)
            );
        };
        let shape = plan::reshape::Times {
            start: self.time(&self.start, planner)?,
            end: self.time(self.end.as_deref().unwrap_or(END.card.default), planner)?,
            days: matches!(unit, "d" | ""),
            increment: u64::from(number) * seconds,
        };
        Ok(Node::Reshape { input: Box::new(Node::Make { count: 1, annotate: false }), shape: Shape::Times(shape) })
    }
}

#[cfg(test)]
mod tests {
    use super::super::chart::tests::table;
    use crate::operator::testing::run;

    #[test]
    fn spans_of_time() {
        let rows = serde_json::json!([]);
        let get = |zone, spl: &str| table(&rows, zone, spl);
        assert_eq!(
            get("UTC", "| gentimes start=10/1/07 end=10/2/07 increment=12h"),
            [
                "starttime=1191196800 endtime=1191239999 starthuman=Mon Oct 01 00:00:00 2007 endhuman=Mon Oct 01 11:59:59 2007",
                "starttime=1191240000 endtime=1191283199 starthuman=Mon Oct 01 12:00:00 2007 endhuman=Mon Oct 01 23:59:59 2007",
            ]
        );
        assert_eq!(
            get("Europe/Berlin", "| gentimes start=03/26/2023 end=03/27/2023 | eval n=endtime-starttime+1 | table n starthuman"),
            ["n=82800 starthuman=Sun Mar 26 00:00:00 2023"]
        );
        // The present is 2023-11-14 22:13:20 UTC.
        let days = |query: &str| run("[]", &format!("| gentimes {query} | stats count min(starttime) AS a max(endtime) AS b"));
        assert_eq!(days("start=-2"), r#"[{"count":2,"a":1699747200,"b":1699919999}]"#);
        assert_eq!(days("start=-3 end=-1 increment=2"), r#"[{"count":1,"a":1699660800,"b":1699833599}]"#);
        assert_eq!(days("start=10/01/2023:10:00:00 end=10/01/2023:10:00:30 increment=10s"), r#"[{"count":3,"a":1696154400,"b":1696154429}]"#);
        assert_eq!(run("[]", "| gentimes start=0"), "[]");
    }

    #[test]
    fn says_what_is_wrong() {
        for (query, want) in [
            ("| gentimes", "expected"),
            ("| gentimes start=yesterday", "no time that `gentimes` reads"),
            ("| gentimes start=-1 increment=2w", "`increment` takes"),
            ("| gentimes start=-1 increment=0d", "`increment` takes"),
            ("| gentimes start=-1 step=1d", "no option"),
            ("* | gentimes start=-1", "must stand first"),
        ] {
            assert!(run("[]", query).contains(want), "{query}: {}", run("[]", query));
        }
    }
}
