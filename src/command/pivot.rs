//! pivot: a table of a dataset, by rows and columns.
//!
//! It is worked out as Splunk says that it is: by `stats` and `chart` over the rows of the dataset.

mod clause;
mod table;

use super::datamodel::Mode;
use super::tstats::dataset;
use super::{Command, Kind, Stage, stage};
use crate::card::{Example, Support};
use crate::diagnostic::{Diagnostic, Span};
use crate::plan::text::quoted;
use crate::plan::{Node, Planner};
use crate::syntax::aggregation::Aggregation;
use crate::syntax::option::raw_value;
use crate::syntax::tokens::commas;
use crate::syntax::wanted::Want;
use crate::syntax::{Parsed, Tokens};
use clause::{END, MAX, SIZE, START, element};
use serde::Serialize;
use table::{ALL, Table, single};

pub const COMMAND: Command = Command {
    name: "pivot",
    aliases: &[],
    kind: Kind::Generating,
    summary: "Makes a table of a data model's dataset: statistics, with rows and columns by fields; `count(<dataset>)` counts its rows.",
    syntax: "pivot <model> <dataset> <function>(<field>) [AS <name>] … [SPLITROW|SPLITCOL <field> [AS <name>] [RANGE start=<n> end=<n> max=<n> size=<n>] [PERIOD auto|year|month|day|hour|minute|second] [TRUELABEL <text>] [FALSELABEL <text>]] … [FILTER <field> <comparison> <value>] … [LIMIT <field> BY TOP|BOTTOM <n> <function>(<field>)] … [ROWSUMMARY <bool>] [COLSUMMARY <bool>] [SHOWOTHER <bool>] [NUMCOLS <n>] [SORT <n> [+|-]<field> …]",
    options: &[&START.card, &END.card, &MAX.card, &SIZE.card],
    examples: &[
        Example { spl: "| pivot Endpoint Processes count(Processes) AS runs SPLITROW dest SPLITCOL process_name", shows: "machines by programs" },
        Example { spl: "| pivot Web Web avg(bytes) SPLITROW _time PERIOD hour FILTER status is 4* ROWSUMMARY true", shows: "a row an hour" },
        Example { spl: "| pivot Web Web sum(bytes) AS bytes SPLITROW url LIMIT url BY TOP 10 count(Web) SORT 10 -bytes", shows: "of the ten most common ones" },
    ],
    support: Support::Full,
    parse,
    file: file!(),
};

#[derive(Debug, Serialize)]
struct Pivot {
    model: String,
    dataset: String,
    #[serde(skip)]
    place: Span,
    cells: Vec<Aggregation>,
    rows: Vec<Split>,
    columns: Vec<Split>,
    filters: Vec<Filter>,
    limits: Vec<Limit>,
    row_summary: bool,
    column_summary: bool,
    other: bool,
    most_columns: u64,
    sort: Vec<(bool, String)>,
    most_rows: u64,
}

/// A field of rows or columns.
#[derive(Debug, Serialize)]
struct Split {
    field: String,
    label: Option<String>,
    range: Option<Range>,
    period: Option<&'static str>,
    labels: [Option<String>; 2],
}

#[derive(Debug, Default, Serialize)]
struct Range {
    start: Option<f64>,
    end: Option<f64>,
    max: Option<u64>,
    size: Option<f64>,
}

#[derive(Debug, Serialize)]
struct Filter {
    field: String,
    comparison: Comparison,
    values: Vec<String>,
}

#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
enum Comparison {
    /// As `search` has it.
    Sign(&'static str),
    Is,
    IsNot,
    Contains,
    DoesNotContain,
    StartsWith,
    EndsWith,
    In,
    IsNull,
    IsNotNull,
}

#[derive(Debug, Serialize)]
struct Limit {
    field: String,
    top: bool,
    count: u64,
    by: Aggregation,
}

fn parse(start: Tokens<'_>) -> Parsed<'_, Box<dyn Stage>> {
    let (i, model) = raw_value(start)?;
    let (i, dataset) = raw_value(commas(i)?.0)?;
    let mut i = commas(i)?.0;
    let mut p = Pivot {
        model: model.text,
        dataset: dataset.text,
        place: dataset.span,
        cells: Vec::new(),
        rows: Vec::new(),
        columns: Vec::new(),
        filters: Vec::new(),
        limits: Vec::new(),
        row_summary: false,
        column_summary: false,
        other: true,
        most_columns: 100,
        sort: Vec::new(),
        most_rows: 0,
    };
    while !i.is_empty() {
        i = element(i, &mut p)?;
        i = commas(i)?.0;
    }
    match p.cells.is_empty() && p.rows.is_empty() {
        true => i.miss(Want::Aggregate),
        false => stage(i, p),
    }
}

impl Stage for Pivot {
    fn plan(&self, planner: &mut Planner<'_>, _: Node) -> Result<Node, Diagnostic> {
        let dataset = dataset(planner, &format!("{}.{}", self.model, self.dataset)).map_err(|d| d.at(self.place))?;
        let table = Table { pivot: self, dataset };
        let mut rows = Mode::Flat.rows(dataset, false, planner)?;
        let prepared = table.prepared();
        if !prepared.is_empty() {
            rows = planner.text(&prepared, "pivot", rows)?;
        }
        for limit in &self.limits {
            rows = table.limited(rows, limit, planner)?;
        }
        let by = table.names(&self.rows);
        let mut node = table.table(rows.clone(), &by, planner)?;
        if !self.sort.is_empty() {
            let name = |name: &String| {
                let labelled = self.rows.iter().find(|r| r.label.as_ref() == Some(name));
                quoted(labelled.map_or_else(|| table.plain(name), |r| table.plain(&r.field)))
            };
            let keys: Vec<String> = self.sort.iter().map(|(descending, f)| format!("{}{}", if *descending { "-" } else { "+" }, name(f))).collect();
            node = planner.text(&format!("| sort {} {}", self.most_rows, keys.join(", ")), "pivot", node)?;
        } else if self.most_rows > 0 {
            node = planner.text(&format!("| head {}", self.most_rows), "pivot", node)?;
        }
        if let (true, Some(first)) = (self.column_summary, by.first()) {
            let all = planner.text(&format!("| eval {}={}", single(first), quoted(ALL)), "pivot", rows)?;
            let last = table.table(all, std::slice::from_ref(first), planner)?;
            node = Node::Union { inputs: vec![node, last] };
        }
        let labels = |splits: &[Split]| -> Vec<String> {
            splits.iter().filter_map(|s| Some(format!("{} AS {}", quoted(table.plain(&s.field)), quoted(s.label.as_deref()?)))).collect()
        };
        match labels(&self.rows) {
            none if none.is_empty() => Ok(node),
            some => planner.text(&format!("| rename {}", some.join(", ")), "pivot", node),
        }
    }
}

#[cfg(test)]
mod tests {
    use crate::operator::testing::run;

    const ROWS: &str = r#"[
        {"_time":100,"tag":"web","dest":"a","status":"200","bytes":"10","cached":"true","url":"/x"},
        {"_time":200,"tag":"web","dest":"a","status":"404","bytes":"20","cached":"false","url":"/y"},
        {"_time":4000,"tag":"web","dest":"b","status":"200","bytes":"30","cached":"1","url":"/x"},
        {"_time":4100,"tag":"web","status":"200","bytes":"45","url":"/z"},
        {"_time":5000,"dest":"a"}]"#;

    #[test]
    fn tables_of_a_dataset() {
        for (query, want) in [
            ("count(Web)", r#"[{"count(Web)":4}]"#),
            (
                "count(Web) AS n sum(bytes) SPLITROW dest AS Machine",
                r#"[{"Machine":"a","n":2,"sum(bytes)":30},{"Machine":"b","n":1,"sum(bytes)":30},{"Machine":"unknown","n":1,"sum(bytes)":45}]"#,
            ),
            ("count(Web) SPLITROW dest SPLITCOL status", r#"[{"dest":"a","200":1,"404":1},{"dest":"b","200":1,"404":0},{"dest":"unknown","200":1,"404":0}]"#),
            (
                "count(Web) SPLITROW dest SPLITCOL status ROWSUMMARY true COLSUMMARY true",
                r#"[{"dest":"a","200":1,"404":1,"ALL":2},{"dest":"b","200":1,"404":0,"ALL":1},{"dest":"unknown","200":1,"404":0,"ALL":1},{"dest":"ALL","200":3,"404":1,"ALL":4}]"#,
            ),
            (
                "sum(bytes) SPLITROW status SPLITROW dest SPLITCOL url NUMCOLS 1 SHOWOTHER false",
                r#"[{"status":"200","dest":"a"},{"status":"200","dest":"b"},{"status":"200","dest":"unknown","/z":45},{"status":"404","dest":"a"}]"#,
            ),
            ("count(Web) SPLITCOL status", r#"[{"200":3,"404":1}]"#),
            ("count(Web) SPLITROW bytes RANGE start=10 end=40 size=20", r#"[{"bytes":"0-20","count(Web)":1},{"bytes":"20-40","count(Web)":2}]"#),
            ("count(Web) SPLITROW _time PERIOD hour", r#"[{"_time":0,"count(Web)":2},{"_time":3600,"count(Web)":2}]"#),
            ("count(Web) SPLITROW cached TRUELABEL hit FALSELABEL miss", r#"[{"cached":"hit","count(Web)":2},{"cached":"miss","count(Web)":1}]"#),
            ("SPLITROW status", r#"[{"status":"200"},{"status":"404"}]"#),
            ("count(Web) SPLITROW dest LIMIT dest BY TOP 1 sum(bytes)", r#"[{"dest":"unknown","count(Web)":1}]"#),
            ("count(Web) AS n SPLITROW url SORT 2 -n, url", r#"[{"url":"/x","n":2},{"url":"/y","n":1}]"#),
            ("count(Web) SPLITROW dest FILTER status is 2* FILTER bytes > 25", r#"[{"dest":"b","count(Web)":1},{"dest":"unknown","count(Web)":1}]"#),
            ("count(Web) FILTER url in (/x, \"/y\") FILTER cached isNotNull", r#"[{"count(Web)":3}]"#),
            ("count(Web) FILTER cached isNull", r#"[{"count(Web)":1}]"#),
            ("count(Web) FILTER url doesNotContain x FILTER url startsWith / FILTER url endsWith z", r#"[{"count(Web)":1}]"#),
            ("avg(Web.bytes) AS mean FILTER Web.status isNot 200", r#"[{"mean":20}]"#),
        ] {
            assert_eq!(run(ROWS, &format!("| pivot Web Web {query}")), want, "{query}");
        }
        for (query, want) in [
            ("Web", "expected"),
            ("Web Web", "expected a stats function"),
            ("Web Wob count(Web)", "`Web.Proxy`"),
            ("Web Web count(Web) SPLITROW _time PERIOD weekly", "`weekly` is no period"),
            ("Web Web count(Web) FILTER a has b", "no comparison"),
            ("Web Web count(Web) LIMIT a TOP 3 count(Web)", "expected `BY`"),
            ("Web Web count(Web) ROWSUMMARY perhaps", "`ROWSUMMARY` takes"),
            ("Web Web count(Web) SPLITROW bytes RANGE size=0", "above 0"),
        ] {
            let got = run(ROWS, &format!("| pivot {query}"));
            assert!(got.contains(want), "{query}: {got}");
        }
    }
}
