//! Dictionary coding of columns at load time: values that repeat become codes into the distinct values of the whole table, so that
//! predicates, functions and groups work on each of those once.

use crate::column::{Batch, Column, NO_CODE, Text};
use foldhash::fast::RandomState;
use hashbrown::HashMap;
use std::sync::Arc;

/// A column repeats enough for a dictionary of its table when it has at most one distinct value in this many.
const WORTH: usize = 2;

/// Values after which a column that has hardly repeated so far is given up: of a table, of one batch, and of one batch of a query.
const TRIAL: usize = 1 << 14;
const SHORT_TRIAL: usize = 1 << 9;
const QUERY_TRIAL: usize = 1 << 11;

/// One column of a table, in segments: for each the pieces that follow each other, and their rows where a batch has no such column.
pub type Pieces = Vec<Segment>;

/// The pieces of one segment.
pub type Segment = Vec<(Option<Arc<Column>>, usize)>;

/// The column of each segment; `None` for a segment of which no batch has it. Segments of text share one dictionary where values repeat.
pub fn encode(segments: &Pieces) -> Vec<Option<Arc<Column>>> {
    let plain = |pieces: &[(Option<Arc<Column>>, usize)]| {
        let all: Vec<Arc<Column>> = pieces.iter().map(|(c, rows)| c.clone().unwrap_or_else(|| Arc::new(Column::null(*rows)))).collect();
        Arc::new(match Column::concat(&all.iter().map(Arc::as_ref).collect::<Vec<_>>()).uncoded() {
            Column::Text(text) => Column::Text(text.packed()),
            other => other,
        })
    };
    let mut coder = Coder::default();
    let mut coded: Vec<Option<Vec<u32>>> = Vec::with_capacity(segments.len());
    for pieces in segments {
        coded.push(if pieces.iter().any(|(c, _)| matches!(c.as_deref(), Some(Column::Text(_) | Column::Dict { .. }))) { coder.segment(pieces) } else { None });
        if coder.hopeless(TRIAL) {
            coded.clear();
            break;
        }
    }
    coded.resize(segments.len(), None);
    let worth = coder.values.len() * WORTH <= coder.present;
    let values = Arc::new(Column::Text(Text::of(&coder.values)));
    let column = |(pieces, codes): (&Segment, Option<Vec<u32>>)| {
        pieces.iter().any(|(c, _)| c.is_some()).then(|| match codes {
            Some(codes) if worth => Arc::new(Column::Dict { codes, values: values.clone(), shared: true }),
            _ => plain(pieces),
        })
    };
    segments.iter().zip(coded).map(column).collect()
}

/// Gives values codes.
#[derive(Default)]
struct Coder<'a> {
    seen: HashMap<&'a str, u32, RandomState>,
    values: Vec<&'a str>,
    /// Values so far, those that repeat too.
    present: usize,
}

impl<'a> Coder<'a> {
    /// The codes of a segment; `None` where it has more than texts.
    fn segment(&mut self, pieces: &'a [(Option<Arc<Column>>, usize)]) -> Option<Vec<u32>> {
        let text = |c: &Column| matches!(c, Column::Text(_) | Column::Const(crate::column::Value::Null, _));
        let coded = |c: &Column| matches!(c, Column::Dict { values, .. } if text(values));
        if !pieces.iter().all(|(c, _)| c.as_deref().is_none_or(|c| text(c) || coded(c))) {
            return None;
        }
        let mut codes = Vec::with_capacity(pieces.iter().map(|(_, rows)| rows).sum());
        for (column, rows) in pieces {
            match column.as_deref() {
                Some(Column::Text(t)) => codes.extend((0..t.len()).map(|i| self.code(t.get(i)))),
                Some(Column::Dict { codes: old, values, .. }) => {
                    if let Column::Text(t) = values.as_ref() {
                        let known: Vec<u32> = (0..t.len()).map(|c| self.code(t.get(c))).collect();
                        self.present += old.iter().filter(|c| **c != NO_CODE).count().saturating_sub(t.len());
                        codes.extend(old.iter().map(|c| known.get(*c as usize).copied().unwrap_or(NO_CODE)));
                    } else {
                        codes.resize(codes.len() + rows, NO_CODE);
                    }
                }
                _ => codes.resize(codes.len() + rows, NO_CODE),
            }
        }
        Some(codes)
    }

    fn code(&mut self, text: Option<&'a str>) -> u32 {
        let Some(text) = text else { return NO_CODE };
        self.present += 1;
        *self.seen.entry(text).or_insert_with(|| {
            self.values.push(text);
            self.values.len() as u32 - 1
        })
    }

    /// Do values repeat so little that there is no point in going on?
    fn hopeless(&self, trial: usize) -> bool {
        self.present >= trial && self.values.len() * 4 > self.present * 3
    }
}

/// The batch with its texts out of the much longer text that they were read from, which is near only now: values that repeat in a
/// dictionary, others side by side.
pub fn gathered(batch: Batch) -> Batch {
    let gather = |column: &Arc<Column>| {
        let Column::Text(text) = column.as_ref() else { return column.clone() };
        let mut coder = Coder::default();
        let mut codes = Vec::with_capacity(text.len());
        for i in 0..text.len() {
            codes.push(coder.code(text.get(i)));
            if coder.hopeless(SHORT_TRIAL) {
                return Arc::new(Column::Text(text.clone().packed()));
            }
        }
        Arc::new(match coder.values.len() * WORTH <= coder.present {
            true => Column::coded(codes, Column::Text(Text::of(&coder.values))),
            false => Column::Text(text.clone().packed()),
        })
    };
    batch.with_columns(batch.columns().map(|(name, column)| (name.clone(), gather(column))))
}

/// A dictionary for the work of one query on a column, also where its values repeat little: looking one up is cheap beside what is made of it.
pub fn dictionary_now(column: &Column) -> Option<Column> {
    let Column::Text(text) = column else { return None };
    let mut coder = Coder::default();
    let mut codes = Vec::with_capacity(text.len());
    for i in 0..text.len() {
        codes.push(coder.code(text.get(i)));
        if coder.hopeless(QUERY_TRIAL) {
            return None;
        }
    }
    let repeats = coder.values.len() <= text.len() / 4 * 3;
    repeats.then(|| Column::coded(codes, Column::Text(Text::of(&coder.values))))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::column::Value;

    fn texts(values: impl Iterator<Item = Option<String>>) -> Arc<Column> {
        Arc::new(Column::Text(values.collect()))
    }

    #[test]
    fn segments_share_a_dictionary_where_values_repeat() {
        let letters = |from: usize| texts((from..from + 20).map(|i| (i % 7 != 0).then(|| format!("v{}", i % 3))));
        let pieces: Pieces = vec![vec![(Some(letters(0)), 20), (None, 2)], vec![(None, 5)], vec![(Some(letters(1)), 20)]];
        let coded = encode(&pieces);
        assert!(coded[1].is_none());
        let (first, last) = (coded[0].as_ref().unwrap(), coded[2].as_ref().unwrap());
        let values = |c: &Column| if let Column::Dict { values, shared: true, .. } = c { values.clone() } else { panic!("no dictionary") };
        assert!(Arc::ptr_eq(&values(first), &values(last)) && first.len() == 22);
        assert!((0..20).all(|i| first.get(i) == letters(0).get(i) && last.get(i) == letters(1).get(i)) && first.is_null(21));
    }

    #[test]
    fn what_hardly_repeats_or_is_no_text_stays() {
        let unique = texts((0..40).map(|i| Some(i.to_string())));
        assert!(matches!(encode(&vec![vec![(Some(unique.clone()), 40)]])[0].as_deref(), Some(Column::Text(_))));
        assert!(dictionary_now(&unique).is_none());
        let multi = Arc::new(Column::Mixed(vec![Value::multi([Value::text("a"), Value::text("b")])]));
        let coded = encode(&vec![vec![(Some(texts((0..9).map(|_| Some("x".into())))), 9)], vec![(Some(multi), 1)]]);
        assert!(matches!(coded[0].as_deref(), Some(Column::Dict { shared: true, .. })));
        assert_eq!(coded[1].as_ref().unwrap().get(0).count(), 2);
    }
}
