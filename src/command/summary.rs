//! sistats, sichart, sitimechart, sitop and sirare: the forms of commands whose rows hold states, for a summary index. The same command
//! without `si` makes its results of them, also of the rows of many runs.

use super::stats::{Written, written};
use super::{Command, Kind, Stage, chart, rare, stage, stats, timechart, top};
use crate::card::{Example, Support};
use crate::diagnostic::Diagnostic;
use crate::plan::{Node, Planner};
use crate::syntax::{Parsed, Tokens};
use serde::Serialize;

type Parse = for<'a> fn(Tokens<'a>) -> Parsed<'a, Box<dyn Stage>>;

/// The form of a command.
const fn form(of: &Command, name: &'static str, summary: &'static str, syntax: &'static str, examples: &'static [Example], parse: Parse) -> Command {
    Command { name, aliases: &[], kind: Kind::Transforming, summary, syntax, options: of.options, examples, support: Support::Full, parse, file: file!() }
}

pub const SICHART: Command = form(
    &chart::COMMAND,
    "sichart",
    "The form of chart for a summary index: a row a pair of values, in `psrsvd_` columns all that chart needs to go on; limits count there.",
    "sichart <function>(<field>) … [OVER <field>] [BY <field> [<field>]]",
    &[Example { spl: "| makeresults count=3 | eval h=\"a\" | sichart count BY h | chart count BY h", shows: "what chart gives" }],
    chart::parse_summary,
);

pub const SIRARE: Command = form(
    &rare::COMMAND,
    "sirare",
    "The form of rare for a summary index: all combinations of values with their counts, of which rare makes its result; limits count there.",
    "sirare [<option>=<value> …] <field> … [BY <field> …]",
    &[Example { spl: "| makeresults count=3 | eval h=\"a\" | sirare h | rare h", shows: "what rare gives" }],
    |i| top::written(i, true, true),
);

pub const SISTATS: Command = form(
    &stats::COMMAND,
    "sistats",
    "The form of stats for a summary index: a row a group, in `psrsvd_` columns all that stats needs to go on.",
    "sistats [allnum=<bool>] [delim=<text>] [partitions=<n>] <function>(<field>) … [BY <field> … [dedup_splitvals=<bool>]]",
    &[
        Example { spl: "| makeresults count=3 | sistats count", shows: "psrsvd_gc is 3" },
        Example { spl: "| makeresults count=3 | eval n=2 | sistats avg(n) | stats avg(n)", shows: "what stats gives" },
    ],
    |i| {
        let (rest, written) = written(i)?;
        stage(rest, SiStats(written))
    },
);

pub const SITIMECHART: Command = form(
    &timechart::COMMAND,
    "sitimechart",
    "The form of timechart for a summary index: a row a stretch of time and value, in `psrsvd_` columns all that timechart needs to go on.",
    "sitimechart [span=<span>] <function>(<field>) … [BY <field>]",
    &[Example { spl: "| makeresults count=3 | sitimechart span=1h count | timechart span=1d count", shows: "what timechart gives" }],
    timechart::parse_summary,
);

pub const SITOP: Command = form(
    &top::COMMAND,
    "sitop",
    "The form of top for a summary index: all combinations of values with their counts, of which top makes its result; limits count there.",
    "sitop [<count>] [<option>=<value> …] <field> … [BY <field> …]",
    &[Example { spl: "| makeresults count=3 | eval h=\"a\" | sitop 5 h | top 5 h", shows: "what top gives" }],
    |i| top::written(i, false, true),
);

#[derive(Debug, Serialize)]
struct SiStats(Written);

impl Stage for SiStats {
    fn plan(&self, planner: &mut Planner<'_>, input: Node) -> Result<Node, Diagnostic> {
        Ok(match self.0.grouped(planner, input)? {
            Node::Aggregate { input, aggregation } => Node::Aggregate { input, aggregation: planner.giving(aggregation)? },
            other => other,
        })
    }
}

#[cfg(test)]
mod tests {
    use crate::input::InputFile;
    use crate::knowledge::Knowledge;
    use crate::operator::testing::{rows as rows_of, run, shown};
    use crate::store::{Catalog, Dataset};
    use crate::{Answer, Engine, Settings};

    #[test]
    fn the_command_goes_on_where_its_form_ends() {
        let rows = r#"[{"_time":"10","a":"x","n":"1"},{"_time":"20","a":["x","y"],"n":"2.5"},{"_time":"30","n":"q"},{"_time":"75","a":"y","n":"-4"}]"#;
        for query in [
            "stats count c(n) sum(n) avg(n) sumsq(n) range(n) BY a",
            "stats var(n) varp(n) stdev(n) stdevp(n) max(n) min(n) max(a) dc(n) estdc(n) estdc_error(n) mode(n) values(n) list(n)",
            "stats median(n) perc30(n) p90(n) exactperc50(n) upperperc99(n) first(n) last(n) earliest(n) latest(n) earliest_time(n) latest_time(n) rate(n)",
            "stats count(eval(n>1)) AS big sparkline(count, 10s) AS s sum(eval(n*2)) AS d BY a",
            "stats allnum=t sum(n) avg(n) max(n) BY a",
            "stats avg(*) AS mean_* values(n)",
            "stats count BY none",
            "stats count",
            "chart sum(n) BY a",
            "chart count max(n) OVER a BY n limit=1",
            "chart eval(round(sum(n)/count, 1)) AS r BY a",
            "chart count BY _time span=20s",
            "timechart span=10s count per_minute(n)",
            "timechart span=30s avg(n) earliest(n) BY a",
            "top a",
            "top limit=1 useother=t n BY a",
            "rare limit=1 a",
        ] {
            let plain = run(rows, &format!("* | {query}"));
            assert_eq!(run(rows, &format!("* | si{query} | {query}")), plain, "{query}");
            // In two parts, and these summed up once more.
            assert_eq!(run(rows, &format!("_time<25 | si{query} | append [search _time>25 | si{query}] | {query}")), plain, "{query}");
            assert_eq!(run(rows, &format!("* | si{query} | si{query} | {query}")), plain, "{query}");
        }
        assert!(run(rows, "* | sistats").contains("expected"));
    }

    #[test]
    fn what_collect_wrote_is_summed_up() {
        let dir = tempfile::tempdir().unwrap();
        let rows = r#"[{"_time":10,"host":"a","n":1,"u":"x;y"},{"_time":70,"host":"a","n":2.5,"u":"p\\q, \"r\""},{"_time":80,"host":"b","n":7,"u":"x;y"},{"_time":3700,"host":"b","u":"z"}]"#;
        let settings = Settings { writes: Some(dir.path().into()), ..Settings::default() };
        let events = Engine::new(Catalog::of_rows(rows_of(rows)), Knowledge::builtin(), settings);
        let text = |answer: &Answer| shown(&answer.rows);
        for (query, file, format) in [
            ("stats count avg(n) values(u) stdev(n) median(n) max(u) BY host", "s.stash", "raw"),
            ("timechart span=1m count avg(n) latest(u) BY host", "s.stash", "raw"),
            ("chart count OVER host BY u", "s.hec.ndjson", "hec"),
            ("top u BY host", "s.stash", "raw"),
        ] {
            events.run(&format!("* | si{query} | collect index=s output_format={format}")).unwrap();
            let path = dir.path().join(file);
            let mut catalog = Catalog::default();
            let file = InputFile { name: path.to_string_lossy().as_ref().into(), path: Some(path.clone()), spec: Default::default() };
            catalog.add(Dataset::File(file));
            let summary = Engine::new(catalog, Knowledge::builtin(), Settings::default());
            let (want, got) = (events.run(&format!("* | {query}")).unwrap(), summary.run(&format!("index=s | {query}")).unwrap());
            assert_eq!(text(&got), text(&want), "{query}");
            std::fs::remove_file(path).unwrap();
        }
    }

    #[test]
    fn columns_are_splunk_s() {
        let rows = r#"[{"a":"x","n":"1"},{"a":"x","n":"2"},{"a":"x","n":"q"}]"#;
        for (query, want) in [
            ("sistats count", r#"[{"psrsvd_gc":3,"psrsvd_v":1}]"#),
            ("sistats avg(n) BY a", r#"[{"a":"x","psrsvd_ct_n":3,"psrsvd_gc":3,"psrsvd_nc_n":2,"psrsvd_sm_n":3,"psrsvd_vt_n":0,"psrsvd_v":1}]"#),
            ("sistats values(n)", r#"[{"psrsvd_ct_n":3,"psrsvd_gc":3,"psrsvd_vm_n":"1;1;2;1;q;1;","psrsvd_v":1}]"#),
            ("sitop a", r#"[{"a":"x","psrsvd_gc":3,"psrsvd_v":1}]"#),
        ] {
            assert_eq!(run(rows, &format!("* | {query}")), want, "{query}");
        }
    }
}
