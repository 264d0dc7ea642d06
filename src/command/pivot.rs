//! pivot: a table of a dataset, by rows and columns.
//!
//! It is worked out as Splunk says that it is: by `stats` and `chart` over the rows of the dataset.

use super::datamodel::Mode;
use super::tstats::dataset;
use super::{Command, Kind, Stage, stage};
use crate::card::{Example, Support};
use crate::column::Name;
use crate::diagnostic::{Code, Diagnostic, Span, did_you_mean};
use crate::knowledge::datamodel::Dataset;
use crate::plan::node::Join;
use crate::plan::text::quoted;
use crate::plan::{Node, Planner};
use crate::syntax::aggregation::{Aggregation, Argument, aggregation};
use crate::syntax::field::{Field, field};
use crate::syntax::option::{Opt, OptionValue, raw_value};
use crate::syntax::tokens::{commas, symbol};
use crate::syntax::wanted::Want;
use crate::syntax::{Failure, Parsed, Tokens};
use serde::Serialize;

static START: Opt<Option<f64>> = Opt::new("start", "", "After RANGE: the least number; rows with lesser ones are left out.");
static END: Opt<Option<f64>> = Opt::new("end", "", "After RANGE: where the numbers end; rows with this or greater ones are left out.");
static MAX: Opt<Option<u64>> = Opt::new("max", "", "After RANGE: the most parts that the numbers are put into, where no size is given.");
static SIZE: Opt<Option<f64>> = Opt::new("size", "", "After RANGE: the size of the parts.");

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

const COMPARISONS: [(&str, Comparison); 9] = [
    ("is", Comparison::Is),
    ("isNot", Comparison::IsNot),
    ("contains", Comparison::Contains),
    ("doesNotContain", Comparison::DoesNotContain),
    ("startsWith", Comparison::StartsWith),
    ("endsWith", Comparison::EndsWith),
    ("in", Comparison::In),
    ("isNull", Comparison::IsNull),
    ("isNotNull", Comparison::IsNotNull),
];

#[derive(Debug, Serialize)]
struct Limit {
    field: String,
    top: bool,
    count: u64,
    by: Aggregation,
}

const KEYWORDS: [&str; 9] = ["SPLITROW", "SPLITCOL", "FILTER", "LIMIT", "ROWSUMMARY", "COLSUMMARY", "SHOWOTHER", "NUMCOLS", "SORT"];

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

type Rest<'a> = Result<Tokens<'a>, nom::Err<Failure>>;

fn element<'a>(i: Tokens<'a>, p: &mut Pivot) -> Rest<'a> {
    let Some(keyword) = KEYWORDS.into_iter().find(|k| i.at_word(k)) else {
        let (rest, cell) = aggregation(i)?;
        p.cells.push(cell);
        return Ok(rest);
    };
    let at = i.skip(1);
    match keyword {
        "SPLITROW" | "SPLITCOL" => {
            let (rest, split) = split(at)?;
            if keyword == "SPLITROW" {
                p.rows.push(split)
            } else {
                p.columns.push(split)
            }
            Ok(rest)
        }
        "FILTER" => {
            let (rest, filter) = filter(at)?;
            p.filters.push(filter);
            Ok(rest)
        }
        "LIMIT" => {
            let (rest, limit) = limit(at)?;
            p.limits.push(limit);
            Ok(rest)
        }
        "SORT" => {
            let (mut rest, count) = typed::<u64>(at, keyword)?;
            p.most_rows = count;
            rest = commas(rest)?.0;
            while !rest.is_empty() && !KEYWORDS.iter().any(|k| rest.at_word(k)) {
                let sign = rest.at_symbol('-') || rest.at_symbol('+');
                let (after, name) = field(if sign { rest.skip(1) } else { rest })?;
                // A run of tokens may begin with its sign.
                let bare = name.name.strip_prefix(['-', '+']).filter(|_| !name.quoted);
                let descending = sign && rest.at_symbol('-') || !name.quoted && name.name.starts_with('-');
                p.sort.push((descending, bare.unwrap_or(&name.name).to_string()));
                rest = commas(after)?.0;
            }
            Ok(rest)
        }
        "NUMCOLS" => {
            let (rest, count) = typed(at, keyword)?;
            p.most_columns = count;
            Ok(rest)
        }
        _ => {
            let (rest, flag) = typed(at, keyword)?;
            match keyword {
                "ROWSUMMARY" => p.row_summary = flag,
                "COLSUMMARY" => p.column_summary = flag,
                _ => p.other = flag,
            }
            Ok(rest)
        }
    }
}

/// The value behind a keyword.
fn typed<'a, T: OptionValue>(i: Tokens<'a>, keyword: &'static str) -> Parsed<'a, T> {
    let (rest, value) = raw_value(i)?;
    match T::read(&value.text) {
        Ok(v) => Ok((rest, v)),
        Err(wanted) => i.fail(Diagnostic::error(Code::OPTION_VALUE, format!("`{keyword}` takes {wanted}, not `{}`", value.text)).at(value.span)),
    }
}

const PERIODS: [(&str, &str); 7] = [("auto", ""), ("year", "1y"), ("month", "1mon"), ("day", "1d"), ("hour", "1h"), ("minute", "1m"), ("second", "1s")];

fn split(i: Tokens<'_>) -> Parsed<'_, Split> {
    let (mut i, name) = field(i)?;
    let period = (name.name == "_time").then_some("");
    let mut split = Split { field: name.name, label: None, range: None, period, labels: [None, None] };
    loop {
        i = if i.at_word("AS") {
            let (rest, label) = field(i.skip(1))?;
            split.label = Some(label.name);
            rest
        } else if i.at_word("RANGE") {
            let (mut range, mut at) = (Range::default(), commas(i.skip(1))?.0);
            loop {
                at = if let Some(rest) = [(&START, &mut range.start), (&END, &mut range.end), (&SIZE, &mut range.size)]
                    .into_iter()
                    .find_map(|(option, into)| option.read(at, into).transpose())
                    .transpose()?
                {
                    rest
                } else if let Some(rest) = MAX.read(at, &mut range.max)? {
                    rest
                } else {
                    break;
                };
                at = commas(at)?.0;
            }
            if range.size.is_some_and(|s| s <= 0.0) {
                let d = Diagnostic::error(Code::OPTION_VALUE, "`size` takes a number above 0").at(i.span_to(&at));
                return i.fail(d);
            }
            split.range = Some(range);
            at
        } else if i.at_word("PERIOD") {
            let (rest, word) = raw_value(i.skip(1))?;
            let Some((_, span)) = PERIODS.iter().find(|(n, _)| n.eq_ignore_ascii_case(&word.text)) else {
                let mut d = Diagnostic::error(Code::ARGUMENTS, format!("`{}` is no period", word.text)).at(word.span);
                d.help.extend(did_you_mean(&word.text, PERIODS.iter().map(|(n, _)| *n)));
                return i.fail(d.help("Periods are `auto`, `year`, `month`, `day`, `hour`, `minute` and `second`."));
            };
            split.period = Some(span);
            rest
        } else if i.at_word("TRUELABEL") || i.at_word("FALSELABEL") {
            let (rest, label) = raw_value(i.skip(1))?;
            let [yes, no] = &mut split.labels;
            *(if i.at_word("TRUELABEL") { yes } else { no }) = Some(label.text);
            rest
        } else {
            return Ok((i, split));
        };
    }
}

fn filter(i: Tokens<'_>) -> Parsed<'_, Filter> {
    let (i, name) = field(i)?;
    for sign in ["!=", "<=", ">=", "=", "<", ">"] {
        let mut signs = sign.chars().enumerate();
        if signs.all(|(n, c)| i.peek(n).is_some_and(|t| t.is(c) && (n == 0 || t.glued))) {
            let (rest, value) = raw_value(i.skip(sign.len()))?;
            return Ok((rest, Filter { field: name.name, comparison: Comparison::Sign(sign), values: vec![value.text] }));
        }
    }
    let (mut rest, word) = raw_value(i)?;
    let Some((_, comparison)) = COMPARISONS.iter().find(|(n, _)| n.eq_ignore_ascii_case(&word.text)) else {
        let mut d = Diagnostic::error(Code::ARGUMENTS, format!("`{}` is no comparison of `pivot`", word.text)).at(word.span);
        d.help.extend(did_you_mean(&word.text, COMPARISONS.iter().map(|(n, _)| *n)));
        let names: Vec<String> = COMPARISONS.iter().map(|(n, _)| format!("`{n}`")).collect();
        return i.fail(d.help(format!("Comparisons are {}, `=`, `!=`, `<`, `<=`, `>` and `>=`.", names.join(", "))));
    };
    let mut values = Vec::new();
    match comparison {
        Comparison::IsNull | Comparison::IsNotNull => {}
        Comparison::In => {
            (rest, _) = symbol('(')(rest)?;
            while !rest.at_symbol(')') {
                let (after, value) = field(rest)?;
                values.push(value.name);
                rest = commas(after)?.0;
            }
            rest = rest.skip(1);
        }
        _ => {
            let (after, value) = raw_value(rest)?;
            values.push(value.text);
            rest = after;
        }
    }
    Ok((rest, Filter { field: name.name, comparison: *comparison, values }))
}

fn limit(i: Tokens<'_>) -> Parsed<'_, Limit> {
    let (i, name) = field(i)?;
    if !i.at_word("BY") {
        return i.miss(Want::Keyword("BY"));
    }
    let i = i.skip(1);
    let top = i.at_word("TOP");
    if !top && !i.at_word("BOTTOM") {
        return i.miss(Want::Keyword("TOP"));
    }
    let (i, count) = typed(i.skip(1), "LIMIT")?;
    let (rest, by) = aggregation(i)?;
    Ok((rest, Limit { field: name.name, top, count, by }))
}

impl Filter {
    /// As a search.
    fn spl(&self, name: &str) -> String {
        let field = quoted(name);
        let any = |before: &str, sign: &str, behind: &str| {
            let all: Vec<String> = self.values.iter().map(|v| format!("{field}{sign}{}", quoted(&format!("{before}{v}{behind}")))).collect();
            if all.is_empty() { "NOT *".to_string() } else { format!("({})", all.join(" OR ")) }
        };
        match self.comparison {
            Comparison::Sign(sign) => any("", sign, ""),
            Comparison::Is | Comparison::In => any("", "=", ""),
            Comparison::IsNot => any("", "!=", ""),
            Comparison::Contains => any("*", "=", "*"),
            Comparison::DoesNotContain => any("*", "!=", "*"),
            Comparison::StartsWith => any("", "=", "*"),
            Comparison::EndsWith => any("*", "=", ""),
            Comparison::IsNull => format!("NOT {field}=*"),
            Comparison::IsNotNull => format!("{field}=*"),
        }
    }
}

/// The field of rows where there is none, or several in one.
const ROW: &str = "__pivot_row";
/// The field of columns that several make.
const COLUMN: &str = "__pivot_column";
const SCORE: &str = "__pivot_score";
/// Stands between the values of several fields of rows.
const BETWEEN: char = '\u{1f}';
/// What sums up all rows or columns.
const ALL: &str = "ALL";

/// A field's name as eval has it.
fn single(name: &str) -> String {
    format!("'{name}'")
}

/// The pivot over a dataset.
struct Table<'p> {
    pivot: &'p Pivot,
    dataset: &'p Dataset,
}

impl Table<'_> {
    /// A field without the names of the datasets before it.
    fn plain<'a>(&self, name: &'a str) -> &'a str {
        let prefixes = self.dataset.prefixes();
        prefixes.iter().find_map(|p| name.strip_prefix(p.as_str())?.strip_prefix('.')).unwrap_or(name)
    }

    fn names(&self, splits: &[Split]) -> Vec<String> {
        splits.iter().map(|s| self.plain(&s.field).to_string()).collect()
    }

    /// A statistic as `stats` has it, under a name.
    fn cell(&self, cell: &Aggregation, name: &str) -> String {
        let call = match &cell.argument {
            Argument::Field(f) if f.name == self.dataset.name => cell.function.clone(),
            Argument::Field(Field { name, .. }) => format!("{}({})", cell.function, quoted(self.plain(name))),
            _ => cell.text.clone(),
        };
        format!("{call} AS {}", quoted(name))
    }

    fn cells(&self, name: impl Fn(&str) -> String) -> String {
        let one = |c: &Aggregation| self.cell(c, &name(c.alias.as_ref().map_or(&c.text, |a| &a.name)));
        match self.pivot.cells.is_empty() {
            // Rows alone.
            true => format!("count AS {SCORE}"),
            false => self.pivot.cells.iter().map(one).collect::<Vec<_>>().join(" "),
        }
    }

    /// The stages that filter the rows and put values into parts.
    fn prepared(&self) -> String {
        let mut text = String::new();
        for filter in &self.pivot.filters {
            text.push_str(&format!("| search {} ", filter.spl(self.plain(&filter.field))));
        }
        for split in self.pivot.rows.iter().chain(&self.pivot.columns) {
            let name = self.plain(&split.field);
            if let Some(range) = &split.range {
                let least = range.start.map(|n| format!("tonumber({})>={n}", single(name)));
                let most = range.end.map(|n| format!("tonumber({})<{n}", single(name)));
                let within: Vec<String> = least.into_iter().chain(most).collect();
                if !within.is_empty() {
                    text.push_str(&format!("| where {} ", within.join(" AND ")));
                }
                match range.size {
                    Some(size) => text.push_str(&format!("| bin {} span={size} ", quoted(name))),
                    None => text.push_str(&format!("| bin {} bins={} ", quoted(name), range.max.unwrap_or(100))),
                }
            }
            match split.period {
                None => {}
                Some("") => text.push_str(&format!("| bin {} bins=100 ", quoted(name))),
                Some(span) => text.push_str(&format!("| bin {} span={span} ", quoted(name))),
            }
            if let [yes, no] = &split.labels
                && (yes.is_some() || no.is_some())
            {
                let of = |label: &Option<String>, or: &str| quoted(label.as_deref().unwrap_or(or));
                let field = single(name);
                text.push_str(&format!(
                    "| eval {field}=case(isnull({field}), null(), in(lower({field}), \"true\", \"t\", \"1\", \"yes\"), {}, true(), {}) ",
                    of(yes, "true"),
                    of(no, "false")
                ));
            }
        }
        text
    }

    /// The table of these rows, by these fields.
    fn table(&self, rows: Node, by: &[String], planner: &mut Planner<'_>) -> Result<Node, Diagnostic> {
        let columns = self.names(&self.pivot.columns);
        let by_text = by.iter().map(|f| quoted(f)).collect::<Vec<_>>().join(" ");
        if columns.is_empty() {
            let by_text = if by.is_empty() { String::new() } else { format!("BY {by_text}") };
            let text = format!("| stats {} {by_text} | fields - {SCORE}", self.cells(str::to_string));
            return planner.text(&text, "pivot", rows);
        }
        let mut text = String::new();
        let row = match by {
            [one] => quoted(one),
            _ => {
                let parts: Vec<String> = by.iter().map(|f| single(f)).collect();
                let key = if parts.is_empty() { quoted(ALL) } else { parts.join(&format!(".\"{BETWEEN}\".")) };
                text.push_str(&format!("| eval {ROW}={key} "));
                ROW.to_string()
            }
        };
        let column = match columns.as_slice() {
            [one] => quoted(one),
            several => {
                text.push_str(&format!("| eval {COLUMN}={} ", several.iter().map(|f| single(f)).collect::<Vec<_>>().join(".\":\".")));
                COLUMN.to_string()
            }
        };
        let other = if self.pivot.other { "t" } else { "f" };
        let most = self.pivot.most_columns;
        text.push_str(&format!("| chart limit={most} useother={other} usenull=f {} OVER {row} BY {column} ", self.cells(str::to_string)));
        if by.len() != 1 {
            for (n, name) in by.iter().enumerate() {
                text.push_str(&format!("| eval {}=mvindex(split({ROW}, \"{BETWEEN}\"), {n}) ", single(name)));
            }
            text.push_str(&format!("| table {by_text} * | fields - {ROW} "));
            if !by.is_empty() {
                text.push_str(&format!("| sort 0 {} ", by.iter().map(|f| quoted(f)).collect::<Vec<_>>().join(", ")));
            }
        }
        let table = planner.text(&text, "pivot", rows.clone())?;
        if !self.pivot.row_summary {
            return Ok(table);
        }
        let name = |cell: &str| if self.pivot.cells.len() > 1 { format!("{cell}: {ALL}") } else { ALL.to_string() };
        let by_clause = if by.is_empty() { String::new() } else { format!("BY {by_text}") };
        let sums = planner.text(&format!("| stats {} {by_clause}", self.cells(name)), "pivot", rows)?;
        if by.is_empty() {
            return Ok(Node::Pair { input: Box::new(table), other: Box::new(sums), pairing: crate::plan::Pairing::Beside { overwrite: false } });
        }
        let join = Join { fields: by.iter().map(|f| Name::from(f.as_str())).collect(), outer: true, overwrite: true, max: 1, earlier: None };
        Ok(Node::Join { input: Box::new(table), other: Box::new(sums), join })
    }

    /// Keeps the rows with the values of a field that a statistic ranks first or last.
    fn limited(&self, rows: Node, limit: &Limit, planner: &mut Planner<'_>) -> Result<Node, Diagnostic> {
        let field = self.plain(&limit.field);
        let sign = if limit.top { "-" } else { "" };
        let text = format!("| stats {} BY {1} | sort {2} {sign}{SCORE} | fields {1}", self.cell(&limit.by, SCORE), quoted(field), limit.count);
        let kept = planner.text(&text, "pivot", rows.clone())?;
        let join = Join { fields: vec![field.into()], outer: false, overwrite: true, max: 1, earlier: None };
        Ok(Node::Join { input: Box::new(rows), other: Box::new(kept), join })
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
