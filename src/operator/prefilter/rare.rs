//! The check of raw records asked of the index of a loaded table: all rows that may pass, where they are few.

use super::narrow::{cost, look, passes};
use crate::column::{Batch, Column, Hits, data};
use crate::input::sieve::Check;
use crate::store::Table;

/// One row in so many is rare. In the small tables of tests many are.
const RARE: usize = if cfg!(debug_assertions) { 2 } else { 32 };

/// Rows of a segment, by its place and theirs, ascending.
pub type Places = (usize, Vec<u32>);

/// The rows of a table that may pass, where some of what is asked for is rare; what is kept of where they stand may take so many bytes a field.
pub fn rows(check: &Check, table: &Table, bytes: usize) -> Option<Vec<Places>> {
    let mut rows = candidates(check, table, bytes)?.into_iter().peekable();
    let (mut places, mut first) = (Vec::new(), 0);
    for (at, segment) in table.segments.iter().enumerate() {
        let end = first + segment.len() as u32;
        let mut some: Vec<u32> = std::iter::from_fn(|| rows.next_if(|row| *row < end)).map(|row| row - first).collect();
        keep(check, segment, &mut some);
        if !some.is_empty() {
            places.push((at, some));
        }
        first = end;
    }
    Some(places)
}

/// Numbers of rows over all segments, ascending: of what must all pass that which is rare, and of alternatives all.
fn candidates(check: &Check, table: &Table, bytes: usize) -> Option<Vec<u32>> {
    match check {
        Check::All(all) => {
            let mut all: Vec<&Check> = all.iter().collect();
            all.sort_by_cached_key(|check| table.segments.first().map(|segment| cost(check, segment)));
            all.into_iter().find_map(|check| candidates(check, table, bytes))
        }
        Check::Any(any) => {
            let each = any.iter().map(|check| candidates(check, table, bytes)).collect::<Option<Vec<_>>>()?;
            ascending(each.into_iter().flatten().collect(), table)
        }
        Check::Text { .. } => None,
        Check::Value { names, test, parts, hits, .. } => {
            let mut rows = Vec::new();
            for name in names.iter().filter(|name| table.segments.iter().any(|segment| segment.get(name.as_str()).is_some())) {
                let entry = table.index(name.as_str());
                let values = entry.dictionary()?;
                if !data::worth_keeping(table.segments.first().map_or(0, Batch::len), values.len()) {
                    return None;
                }
                let hits = Hits::once(hits, values, |values| look(values, parts), |value| passes(test, value));
                rows.extend(entry.rows(&table.segments, name.as_str(), &hits, table.rows() / RARE, bytes)?);
            }
            ascending(rows, table)
        }
    }
}

/// Each once, where they are rare.
fn ascending(mut rows: Vec<u32>, table: &Table) -> Option<Vec<u32>> {
    rows.sort_unstable();
    rows.dedup();
    (rows.len() * RARE <= table.rows()).then_some(rows)
}

/// Takes the rows out whose values cannot pass.
fn keep(check: &Check, segment: &Batch, rows: &mut Vec<u32>) {
    match check {
        _ if rows.is_empty() => {}
        Check::Text { .. } => {}
        Check::All(all) => all.iter().for_each(|check| keep(check, segment, rows)),
        Check::Any(any) => {
            let mut left = Vec::new();
            for check in any {
                let mut some = rows.clone();
                keep(check, segment, &mut some);
                left.extend(some);
            }
            left.sort_unstable();
            left.dedup();
            *rows = left;
        }
        Check::Value { names, test, hits, .. } => {
            let columns: Vec<_> = names.iter().filter_map(|name| segment.get(name.as_str())).collect();
            let known = |column: &Column| if let Column::Dict { values, shared: true, .. } = column { hits.known(values) } else { None };
            let known: Vec<_> = columns.iter().map(|column| known(column)).collect();
            rows.retain(|row| {
                columns.iter().zip(&known).any(|(column, known)| match (column.as_ref(), known) {
                    (Column::Dict { codes, .. }, Some(hits)) => codes.get(*row as usize).is_some_and(|code| hits.passes(*code)),
                    (column, _) => passes(test, &column.get(*row as usize)),
                })
            });
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::column::Memo;
    use crate::input::sieve::FieldName;
    use std::sync::Arc;

    /// Rows of two segments: `a` and `b` have a dictionary, `plain` has none, and the second segment has no `b`.
    fn table() -> Table {
        let coded = |codes: Vec<u32>, values: &Arc<Column>| Column::Dict { codes, values: values.clone(), shared: true };
        let values: Arc<Column> = Arc::new(["x", "Y", "z"].into_iter().map(crate::column::Value::text).collect());
        let segments = [0u32, 40].map(|first| {
            let mut segment = Batch::new(40);
            segment.set("a", coded((first..first + 40).map(|row| u32::from(row % 20 == 3) + 2 * u32::from(row == 50)).collect(), &values));
            if first == 0 {
                segment.set("b", coded((0..40).map(|row| [2, 0, u32::MAX][row % 3]).collect(), &values));
            }
            segment.set("plain", Column::Text((first..first + 40).map(|row| Some(row.to_string())).collect()));
            segment
        });
        Table::new("t", segments.to_vec())
    }

    fn value(names: &[&str], wanted: &'static str) -> Check {
        let names = names.iter().map(|name| FieldName::new(*name)).collect();
        let test = Arc::new(move |text: &str| text.eq_ignore_ascii_case(wanted));
        Check::Value { names, test, parts: Arc::new(Check::text(wanted)), shown: wanted.into(), hits: Memo::default() }
    }

    #[test]
    fn what_is_rare_leads_to_its_rows() {
        let table = table();
        let (y, z, plain) = (value(&["a"], "y"), value(&["a"], "Z"), value(&["plain"], "23"));
        let either = Check::Any(vec![y.clone(), value(&["missing", "a"], "z")]);
        let cases = [
            (y.clone(), Some(vec![(0, vec![3, 23]), (1, vec![3, 23])])),
            (z.clone(), Some(vec![(1, vec![10])])),
            (value(&["missing"], "x"), Some(vec![])),
            (Check::All(vec![y.clone(), plain.clone()]), Some(vec![(0, vec![23])])),
            (Check::All(vec![either.clone(), Check::own_text("text")]), Some(vec![(0, vec![3, 23]), (1, vec![3, 10, 23])])),
            (Check::All(vec![either, value(&["b"], "z")]), Some(vec![(0, vec![3])])),
            (Check::Any(vec![Check::All(vec![y.clone(), z.clone()]), z]), Some(vec![(1, vec![10])])),
            (value(&["a"], "x"), None),
            (plain.clone(), None),
            (Check::Any(vec![y.clone(), plain]), None),
            (Check::Any(vec![y, Check::none()]), None),
            (Check::none(), None),
        ];
        for _ in 0..3 {
            for (check, wanted) in &cases {
                assert_eq!(rows(check, &table, 80 * 4), *wanted, "{check:?}");
            }
        }
    }
}
