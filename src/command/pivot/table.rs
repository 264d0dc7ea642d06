//! How a pivot is worked out: by `stats` and `chart`, as Splunk says that it does it.

use super::{Comparison, Filter, Limit, Pivot, Split};
use crate::column::Name;
use crate::diagnostic::Diagnostic;
use crate::knowledge::datamodel::Dataset;
use crate::plan::node::Join;
use crate::plan::text::quoted;
use crate::plan::{Node, Planner};
use crate::syntax::aggregation::{Aggregation, Argument};
use crate::syntax::field::Field;

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
pub(super) const ALL: &str = "ALL";

/// A field's name as eval has it.
pub(super) fn single(name: &str) -> String {
    format!("'{name}'")
}

/// The pivot over a dataset.
pub(super) struct Table<'p> {
    pub(super) pivot: &'p Pivot,
    pub(super) dataset: &'p Dataset,
}

impl Table<'_> {
    /// A field without the names of the datasets before it.
    pub(super) fn plain<'a>(&self, name: &'a str) -> &'a str {
        let prefixes = self.dataset.prefixes();
        prefixes.iter().find_map(|p| name.strip_prefix(p.as_str())?.strip_prefix('.')).unwrap_or(name)
    }

    pub(super) fn names(&self, splits: &[Split]) -> Vec<String> {
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
    pub(super) fn prepared(&self) -> String {
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
    pub(super) fn table(&self, rows: Node, by: &[String], planner: &mut Planner<'_>) -> Result<Node, Diagnostic> {
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
    pub(super) fn limited(&self, rows: Node, limit: &Limit, planner: &mut Planner<'_>) -> Result<Node, Diagnostic> {
        let field = self.plain(&limit.field);
        let sign = if limit.top { "-" } else { "" };
        let text = format!("| stats {} BY {1} | sort {2} {sign}{SCORE} | fields {1}", self.cell(&limit.by, SCORE), quoted(field), limit.count);
        let kept = planner.text(&text, "pivot", rows.clone())?;
        let join = Join { fields: vec![field.into()], outer: false, overwrite: true, max: 1, earlier: None };
        Ok(Node::Join { input: Box::new(rows), other: Box::new(kept), join })
    }
}
