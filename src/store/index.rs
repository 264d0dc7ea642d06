//! Where the values of a table stand, so that a rare one is found without a look at all rows.

use crate::column::{Batch, Column, Hits, Name, Value};
use std::collections::HashMap;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, OnceLock};

/// Where rare values were asked for so often they are asked for again: then the rows are sorted by them, which takes longer than to look at
/// all of them once.
const AGAIN: usize = 2;

/// The fields of a table, as far as they were asked for.
#[derive(Debug, Default)]
pub struct Index(Mutex<HashMap<Name, Arc<Entry>>>);

/// One field.
#[derive(Debug)]
pub struct Entry {
    dictionary: Option<Arc<Column>>,
    /// How often few rows were found.
    found: AtomicUsize,
    /// Codes that were asked for alone and are not rare, with a number of rows that have them.
    frequent: Mutex<Vec<(u32, usize)>>,
    postings: OnceLock<Postings>,
}

/// The rows of a table, by the codes of a field.
#[derive(Debug)]
struct Postings {
    /// Where those of a code begin; one more than there are codes.
    starts: Vec<u32>,
    /// Numbers of rows, over all segments.
    rows: Vec<u32>,
}

impl Index {
    /// What is known of a field.
    pub fn entry(&self, segments: &[Batch], field: &str) -> Arc<Entry> {
        let mut known = self.0.lock().unwrap_or_else(|e| e.into_inner());
        match known.get(field) {
            Some(entry) => entry.clone(),
            None => {
                let entry =
                    Entry { dictionary: dictionary(segments, field), found: AtomicUsize::default(), frequent: Mutex::default(), postings: OnceLock::new() };
                known.entry(field.into()).or_insert(Arc::new(entry)).clone()
            }
        }
    }
}

impl Entry {
    /// The dictionary that all segments share; nothing where some has the field in another way, or where there are too many rows for their
    /// numbers.
    pub fn dictionary(&self) -> Option<&Arc<Column>> {
        self.dictionary.as_ref()
    }

    /// The numbers of the rows whose value passes, ascending for each value; nothing where they are more than so many, or where null passes. What is
    /// kept for the next time may take so many bytes.
    pub fn rows(&self, segments: &[Batch], field: &str, hits: &Hits, most: usize, bytes: usize) -> Option<Vec<u32>> {
        let (mut codes, mut found) = (hits.codes()?, Vec::new());
        let frequent = || self.frequent.lock().unwrap_or_else(|e| e.into_inner());
        if frequent().iter().any(|(code, rows)| *rows > most && hits.passes(*code)) {
            return None;
        }
        if let Some(postings) = self.postings.get() {
            for code in codes {
                found.extend_from_slice(postings.of(code));
                if found.len() > most {
                    return None;
                }
            }
            return Some(found);
        }
        for (first, rows) in parts(segments, field) {
            found.extend(hits.rows(rows, None).rows().map(|row| first + row as u32));
            if found.len() > most {
                if let (Some(one), None) = (codes.next(), codes.next()) {
                    frequent().push((one, found.len()));
                }
                return None;
            }
        }
        let rows: usize = segments.iter().map(Batch::len).sum();
        if self.found.fetch_add(1, Ordering::Relaxed) + 1 >= AGAIN && rows.saturating_mul(size_of::<u32>()) <= bytes {
            let codes = self.dictionary.as_ref().map_or(0, |values| values.len());
            self.postings.get_or_init(|| Postings::new(segments, field, codes));
        }
        Some(found)
    }
}

/// The dictionary that all segments share which have the field at all.
fn dictionary(segments: &[Batch], field: &str) -> Option<Arc<Column>> {
    u32::try_from(segments.iter().map(Batch::len).sum::<usize>()).ok()?;
    let mut shared = None;
    for segment in segments {
        match segment.get(field).map(Arc::as_ref) {
            None | Some(Column::Const(Value::Null, _)) => {}
            Some(Column::Dict { values, shared: true, .. }) if shared.is_none_or(|s| Arc::ptr_eq(s, values)) => shared = Some(values),
            _ => return None,
        }
    }
    shared.cloned()
}

/// The codes of each segment that has some, with the number of its first row.
fn parts<'a>(segments: &'a [Batch], field: &'a str) -> impl Iterator<Item = (u32, &'a [u32])> {
    let mut next = 0;
    segments.iter().filter_map(move |segment| {
        let first = next;
        next += segment.len() as u32;
        if let Column::Dict { codes, .. } = segment.get(field)?.as_ref() { Some((first, codes.as_slice())) } else { None }
    })
}

impl Postings {
    fn new(segments: &[Batch], field: &str, codes: usize) -> Postings {
        // First how many rows a code has, two places on; then where they begin, and while they are put there, where the next one goes.
        let mut starts = vec![0u32; codes + 2];
        for code in parts(segments, field).flat_map(|(_, codes)| codes) {
            if let Some(count) = (*code as usize).checked_add(2).and_then(|place| starts.get_mut(place)) {
                *count += 1;
            }
        }
        let mut sum = 0;
        for start in &mut starts {
            sum += *start;
            *start = sum;
        }
        let mut rows = vec![0; sum as usize];
        for (first, codes) in parts(segments, field) {
            for (row, code) in (first..).zip(codes) {
                if let Some(next) = (*code as usize).checked_add(1).and_then(|place| starts.get_mut(place))
                    && let Some(place) = rows.get_mut(*next as usize)
                {
                    *place = row;
                    *next += 1;
                }
            }
        }
        starts.pop();
        Postings { starts, rows }
    }

    fn of(&self, code: u32) -> &[u32] {
        let start = |code: usize| self.starts.get(code).copied().unwrap_or_default() as usize;
        self.rows.get(start(code as usize)..start(code as usize + 1)).unwrap_or_default()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::column::{Mask, NO_CODE};

    #[test]
    fn rows_are_the_same_before_and_after_they_are_sorted() {
        let values = Arc::new(Column::numbers(vec![1.0, 2.0, 3.0, 4.0]));
        let segment = |codes: &[u32]| {
            let mut segment = Batch::new(codes.len());
            segment.set("f", Column::Dict { codes: codes.to_vec(), values: values.clone(), shared: true });
            segment.set("other", Column::coded(codes.to_vec(), Column::numbers(vec![1.0, 2.0, 3.0, 4.0])));
            segment
        };
        let segments = [segment(&[0, 3, NO_CODE, 0]), Batch::new(2), segment(&[3, 1, 3])];
        let entry = Index::default().entry(&segments, "f");
        assert!(entry.dictionary().is_some_and(|d| Arc::ptr_eq(d, &values)));
        let ask = |codes: &[usize], most, bytes| entry.rows(&segments, "f", &Hits::of(&Mask::from_fn(4, |code| codes.contains(&code)), false), most, bytes);
        for time in 0..2 * AGAIN {
            let found = |codes: &[usize], most| {
                let mut rows = ask(codes, most, 4 * 9)?;
                rows.sort_unstable();
                Some(rows)
            };
            assert_eq!(ask(&[1], 9, 0), Some(vec![7]));
            assert_eq!(found(&[0, 3], 5), Some(vec![0, 1, 3, 6, 8]), "{time}");
            assert_eq!((found(&[0, 3], 4), found(&[1], 1), found(&[2], 0)), (None, Some(vec![7]), Some(vec![])), "{time}");
            assert_eq!(entry.rows(&segments, "f", &Hits::of(&Mask::new(4, false), true), 9, 36), None, "null has no rows of its own");
        }
        assert!(entry.postings.get().is_some());
        let entry = Index::default().entry(&segments, "f");
        let ask = |codes: &[usize], most| entry.rows(&segments, "f", &Hits::of(&Mask::from_fn(4, |code| codes.contains(&code)), false), most, 0);
        for most in [2, 2, 1] {
            assert_eq!((ask(&[3], most), ask(&[1, 3], most), ask(&[1], most)), (None, None, Some(vec![7])));
        }
        assert_eq!(ask(&[3], 3), Some(vec![1, 6, 8]));
        assert!(["other", "missing"].iter().all(|field| Index::default().entry(&segments, field).dictionary().is_none()));
    }
}
