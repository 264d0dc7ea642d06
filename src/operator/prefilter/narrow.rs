//! The check of raw records asked of loaded tables: which of their rows may pass.

use super::free_text;
use crate::column::{Batch, Column, Mask, Text, Value, data};
use crate::input::sieve::{self, Check};
use crate::store::Told;
use std::sync::Arc;

/// Bytes that are searched in the time that one value takes to be tested, about.
const SWEEP: usize = 512;

/// The row of a place is looked up in the time that so many rows take one after the other.
const ONE_BY_ONE: usize = 64;

/// The rows of a loaded table that may pass: what is asked of raw records is asked of the values that were taken from them. Cheaper than
/// the predicate where that is about fields that rules make, which are then made for few rows, or about free text, which is searched for in
/// whole buffers.
pub fn mask(check: &Check, segment: &Segment<'_>) -> Mask {
    let mut rows = Mask::new(segment.rows.len(), true);
    if !check.is_none() {
        narrow(check, !asks_values(check), segment, &mut rows);
    }
    rows
}

/// Rows of a loaded table.
pub struct Segment<'a> {
    pub rows: &'a Batch,
    /// What is told of the texts of its table, and the place of this segment.
    pub told: Option<(&'a Arc<Told>, usize)>,
}

/// Is anything asked of fields? Then the texts beside it are mostly parts of their values, and not worth a search.
fn asks_values(check: &Check) -> bool {
    match check {
        Check::All(all) | Check::Any(all) => all.iter().any(asks_values),
        Check::Text { .. } => false,
        Check::Value { .. } => true,
    }
}

/// Are whole buffers of raw text searched?
pub fn searches_raw(check: &Check) -> bool {
    fn own(check: &Check) -> bool {
        match check {
            Check::All(all) | Check::Any(all) => all.iter().any(own),
            Check::Text { own, .. } => *own,
            Check::Value { .. } => false,
        }
    }
    own(check) && !asks_values(check)
}

/// Takes the rows out that cannot pass.
fn narrow(check: &Check, texts: bool, segment: &Segment<'_>, rows: &mut Mask) {
    let batch = segment.rows;
    match check {
        Check::All(all) => {
            // What few of the distinct values pass is asked first, then what is asked of few values: it leaves fewer rows to ask one by one.
            let mut all: Vec<&Check> = all.iter().collect();
            all.sort_by_cached_key(|c| (passing(c, batch), cost(c, batch)));
            for c in all {
                if rows.none() {
                    return;
                }
                narrow(c, texts, segment, rows);
            }
        }
        Check::Any(any) => {
            let mut out = Mask::new(batch.len(), false);
            for c in any {
                let mut some = rows.clone();
                narrow(c, texts, segment, &mut some);
                out.or(&some);
            }
            *rows = out;
        }
        Check::Text { own, .. } if !texts || !own => {}
        Check::Text { .. } => {
            let raw = || match batch.get("_raw").map(Arc::as_ref) {
                // Where a row has no text, its fields hold what it says.
                Some(Column::Text(raw)) => found(check, raw, rows, true),
                _ => None,
            };
            if let Some(found) = free_text::rows(check, segment, rows).or_else(raw) {
                *rows = found;
            }
        }
        Check::Value { names, test, parts, hits, .. } => {
            let passes = |v: &Value<'_>| passes(test, v);
            let left = rows.count();
            let mut out: Option<Mask> = None;
            for column in names.iter().filter_map(|n| batch.get(n.as_str())) {
                let passed = match column.as_ref() {
                    Column::Dict { values, shared: true, .. } if data::worth_keeping(left, values.len()) => {
                        column.test_some_once(hits, Some(rows), |values| look(values, parts), passes)
                    }
                    Column::Dict { values, .. } if values.len() <= left => column.test(passes),
                    Column::Const(..) => column.test(passes),
                    plain => {
                        let found = one_sweep(plain, left).and_then(|text| found(parts, text, rows, false));
                        let asked = found.as_ref().unwrap_or(rows);
                        let mut passed = Mask::new(batch.len(), false);
                        asked.rows().filter(|row| passes(&plain.get(*row))).for_each(|row| passed.set(row, true));
                        passed
                    }
                };
                match &mut out {
                    Some(out) => out.or(&passed),
                    None => out = Some(passed),
                }
            }
            rows.and(&out.unwrap_or_else(|| Mask::new(batch.len(), false)));
        }
    }
}

/// Has a value, or one of several, what is asked for?
pub fn passes(test: &sieve::Test, value: &Value<'_>) -> bool {
    value.each().iter().filter_map(Value::as_text).any(|t| test(&t))
}

/// Which of the distinct values of a table have what every value has that passes, where one sweep tells.
pub fn look(values: &Column, parts: &Check) -> Option<Mask> {
    let all = Mask::new(values.len(), true);
    one_sweep(values, values.len()).and_then(|text| found(parts, text, &all, false))
}

/// Which part of the distinct values pass, in millionths, where that is known by now; those that are not known come last.
fn passing(check: &Check, batch: &Batch) -> usize {
    let Check::Value { names, hits, .. } = check else { return usize::MAX };
    let share = |column: &Arc<Column>| match column.as_ref() {
        Column::Dict { values, shared: true, .. } => hits.known(values).map(|hits| hits.share),
        _ => None,
    };
    names.iter().filter_map(|n| batch.get(n.as_str())).map(share).try_fold(0, |sum, share| Some(sum + share?)).unwrap_or(usize::MAX)
}

/// Values that are looked at to answer, about.
pub fn cost(check: &Check, batch: &Batch) -> usize {
    match check {
        Check::All(all) | Check::Any(all) => all.iter().map(|c| cost(c, batch)).fold(0, usize::saturating_add),
        Check::Text { .. } => usize::MAX / 2,
        Check::Value { names, .. } => names.iter().filter_map(|n| batch.get(n.as_str())).map(|c| distinct(c)).sum(),
    }
}

fn distinct(column: &Column) -> usize {
    match column {
        Column::Const(..) => 1,
        Column::Dict { values, .. } => values.len(),
        plain => plain.len(),
    }
}

/// The column as text, where a search of all its buffers is cheaper than to test that many of its values one by one.
fn one_sweep(column: &Column, rows: usize) -> Option<&Text> {
    let Column::Text(text) = column else { return None };
    let bytes: usize = text.buffers().iter().map(|b| b.len()).sum();
    (bytes / SWEEP < rows).then_some(text)
}

/// Those of some rows whose text, which lies in few buffers, has what is asked for; nothing where no text is. Rows without a text are among
/// them where `absent` says so.
pub fn found(check: &Check, text: &Text, rows: &Mask, absent: bool) -> Option<Mask> {
    Some(rows_at(&sieve::places(check, text.buffers())?, text, rows, absent))
}

/// Those of some rows whose text has one of these places, which are ascending for each of its buffers. Rows without a text are among them
/// where `absent` says so.
pub fn rows_at(places: &[Vec<usize>], text: &Text, rows: &Mask, absent: bool) -> Mask {
    let mut out = Mask::new(rows.len(), false);
    if !absent && places.iter().all(Vec::is_empty) {
        return out;
    }
    if !absent && places.iter().map(Vec::len).sum::<usize>() * ONE_BY_ONE < rows.len() && text.in_order() {
        let places = places.iter().enumerate().flat_map(|(buffer, places)| places.iter().map(move |at| (buffer, *at)));
        places.filter_map(|(buffer, at)| text.row_at(buffer, at)).filter(|row| rows.get(*row)).for_each(|row| out.set(row, true));
        return out;
    }
    // Values mostly lie in the order of their rows: the next place is the last one, or near behind it.
    let mut next: usize = 0;
    for row in rows.rows() {
        let has = match text.place(row) {
            Some((buffer, range)) => {
                let places = places.get(buffer).map(Vec::as_slice).unwrap_or_default();
                next = match next.checked_sub(1).is_none_or(|last| places.get(last).is_some_and(|p| *p < range.start)) {
                    true => next + places.iter().skip(next).take_while(|p| **p < range.start).count(),
                    false => places.partition_point(|p| *p < range.start),
                };
                places.get(next).is_some_and(|p| range.contains(p))
            }
            None => absent,
        };
        if has {
            out.set(row, true);
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_sweep_over_the_buffers_finds_the_rows_that_may_pass() {
        let mut text = Text::of(&["x powershell -enc", "", "PowerShell", "power", "shell", "powerſhell", "a powershel", "lb"]);
        text.append(&Text::of(&["other", "powershell"]));
        text.append_nulls(1);
        // In no order, and one row twice.
        let text = text.take(&[9, 0, 10, 3, 2, 8, 1, 5, 2, 6, 7, 4]);
        let all = Mask::new(text.len(), true);
        let rows = |check: &Check, rows: &Mask, absent| found(check, &text, rows, absent).map(|m| m.rows().collect::<Vec<_>>());
        let check = Check::text("powershell");
        assert_eq!(rows(&check, &all, false), Some(vec![0, 1, 3, 4, 7, 8, 9]), "with what folds into it, and what begins in one value and ends in the next");
        assert_eq!(rows(&check, &all, true), Some(vec![0, 1, 2, 3, 4, 7, 8, 9]));
        assert_eq!(rows(&check, &Mask::from_fn(text.len(), |row| row > 1), false), Some(vec![3, 4, 7, 8, 9]));
        assert_eq!(rows(&Check::Any(vec![check, Check::text("other")]), &all, false), Some(vec![0, 1, 3, 4, 5, 7, 8, 9]));
        assert_eq!(rows(&Check::text("nowhere"), &all, true), Some(vec![2, 7]), "a character that folds hides what it is part of");
        assert_eq!(rows(&Check::none(), &all, false), None);
    }
}
