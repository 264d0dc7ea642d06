//! `multikv`: the lines of a table in text, each as a JSON object of its cells.

use super::sections;
use crate::column::Value;
use crate::operator::transform;
use crate::plan::reading::Table;
use crate::xml::Emit;
use serde_json::{Map, Value as Json};
use std::borrow::Cow;

/// Lines of an event that are read.
const MAX_LINES: usize = 100_000;
/// Characters of a column's name.
const MAX_NAME: usize = 100;

/// Columns of a table: `maxcols` of Splunk's limits.conf.
const MAX_COLUMNS: usize = 512;

/// A column: its name, and where its heading begins, in bytes.
type Columns = Vec<(String, usize)>;

/// Each row of the text's tables into `output`, its own line as `_raw`.
pub fn rows(text: &str, table: &Table, emit: Emit<'_, 'static>) {
    if table.keep_original {
        let original = Map::from_iter([("_raw".to_string(), Json::from(text))]);
        emit(&table.output, Value::owned(Json::Object(original).to_string()));
    }
    let wanted = |line: &str| table.filter.is_empty() || table.filter.iter().any(|f| line.contains(f.as_str()));
    let chosen = |name: &str| !name.is_empty() && (table.fields.is_empty() || table.fields.iter().any(|f| f == name));
    if let Some(layout) = &table.layout {
        for found in sections::rows(text, layout, table.several, MAX_LINES).into_iter().filter(|row| wanted(&row.line)) {
            let mut row = Map::from_iter([("_raw".to_string(), Json::from(found.line))]);
            row.extend(
                found
                    .cells
                    .into_iter()
                    .take(MAX_COLUMNS)
                    .map(|(name, cell)| (heading(&name), cell))
                    .filter(|(name, cell)| chosen(name) && !cell.is_empty())
                    .map(|(name, cell)| (name, Json::from(cell))),
            );
            emit(&table.output, Value::owned(Json::Object(row).to_string()));
        }
        return;
    }
    let mut columns: Option<Columns> = None;
    for (number, line) in text.lines().enumerate().skip(table.header_line.map_or(0, |n| n.saturating_sub(1))).take(MAX_LINES) {
        if line.trim().is_empty() {
            if columns.is_some() && !table.several {
                break;
            }
            // The next table has a heading of its own, unless its line was named.
            columns = columns.filter(|_| table.header_line.is_some());
            continue;
        }
        let cells = cells(line);
        let heading = match &columns {
            Some(columns) => columns,
            None if !table.header => columns.insert(cells.iter().take(MAX_COLUMNS).zip(1..).map(|((at, _), n)| (format!("Column_{n}"), *at)).collect()),
            None if cells.len() < 2 && table.header_line != Some(number + 1) => continue,
            None => {
                columns = Some(cells.iter().take(MAX_COLUMNS).map(|(at, name)| (heading(name), *at)).collect());
                continue;
            }
        };
        let rule = line.chars().all(|c| matches!(c, '-' | '=' | '+' | '|') || c.is_whitespace());
        if rule || !wanted(line) {
            continue;
        }
        let mut row = Map::from_iter([("_raw".to_string(), Json::from(line))]);
        for (name, cell) in fitted(heading, &cells, line) {
            if chosen(name) {
                row.insert(name.to_string(), Json::from(cell));
            }
        }
        emit(&table.output, Value::owned(Json::Object(row).to_string()));
    }
}

/// What stands between blanks, with its place.
fn cells(line: &str) -> Vec<(usize, &str)> {
    let start = line.as_ptr() as usize;
    line.split_whitespace().map(|cell| ((cell.as_ptr() as usize).wrapping_sub(start), cell)).collect()
}

/// A heading as a field's name.
fn heading(text: &str) -> String {
    let mut name = Cow::Owned(text.chars().take(MAX_NAME).collect());
    transform::clean(&mut name);
    name.into_owned()
}

/// Cells with their columns: one by one where there are as many, the last column with all that is left where there are more, by
/// their place where there are fewer.
fn fitted<'c, 'l>(columns: &'c Columns, cells: &[(usize, &'l str)], line: &'l str) -> Vec<(&'c str, &'l str)> {
    if cells.len() >= columns.len() {
        let last = columns.len().saturating_sub(1);
        let rest = |i: usize, at: usize, cell: &'l str| if i == last { line.get(at..).unwrap_or(cell).trim_end() } else { cell };
        return columns.iter().zip(cells).enumerate().map(|(i, ((name, _), (at, cell)))| (name.as_str(), rest(i, *at, cell))).collect();
    }
    // Headings stand in the order of their places.
    let under = |at: usize, cell: &str| {
        let behind = columns.partition_point(|(_, start)| *start < at + cell.len());
        columns.get(behind.checked_sub(1)?).map(|(name, _)| name.as_str())
    };
    cells.iter().filter_map(|(at, cell)| Some((under(*at, cell)?, *cell))).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_become_rows() {
        let table =
            Table { output: "o".into(), fields: vec![], filter: vec![], header_line: None, header: true, several: true, keep_original: false, layout: None };
        let shown = |text: &str, table: &Table| {
            let mut out = Vec::new();
            rows(text, table, &mut |_, v| {
                let row: Map<String, Json> = serde_json::from_str(&v.as_text().unwrap()).unwrap();
                out.push(row.iter().filter(|(k, _)| *k != "_raw").map(|(k, v)| format!("{k}={}", v.as_str().unwrap())).collect::<Vec<_>>().join(","));
            });
            out.join(";")
        };
        let ps = "PID %CPU CMD\n---  --- ---\n1   0.5  init\n2   0.1  sh -c x\n3        gone\n\nA B\n1 2\n";
        assert_eq!(shown(ps, &table), "PID=1,CPU=0.5,CMD=init;PID=2,CPU=0.1,CMD=sh -c x;PID=3,CMD=gone;A=1,B=2");
        assert_eq!(shown(ps, &Table { several: false, filter: vec!["sh".into()], fields: vec!["CMD".into()], ..table.clone() }), "CMD=sh -c x");
        assert_eq!(shown("title\nA B\n1 2", &Table { header_line: Some(2), ..table.clone() }), "A=1,B=2");
        assert_eq!(shown("1 2\n3 4", &Table { header: false, ..table.clone() }), "Column_1=1,Column_2=2;Column_1=3,Column_2=4");
        assert_eq!(shown("x", &table), "");
    }
}
