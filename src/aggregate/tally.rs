//! How often each text occurs in each group: `dc`, `values` and `mode` are three readings of it.

use super::stored::{self, Piece, Pieces};
use super::{Accumulator, Call, Rows, values};
use crate::column::{Column, Value};
use hashbrown::HashMap;
use indexmap::IndexSet;
use std::any::Any;
use std::borrow::Cow;
use std::sync::Arc;

type Hasher = foldhash::fast::RandomState;

/// Distinct texts, numbered as they come, and a count for each pair of group and text. Values are texts: `1`, `1.0` and `01`
/// are three.
pub(super) struct Tally {
    texts: IndexSet<Box<str>, Hasher>,
    text_bytes: usize,
    counts: HashMap<(u32, u32), u64, Hasher>,
    /// The last dictionary seen and its codes' numbers here: batches of one table share theirs.
    dictionary: Option<(Arc<Column>, Vec<u32>)>,
    reading: fn(Tally, usize) -> Column,
    /// Bytes that the reading will make of each pair of group and text.
    result: usize,
}

/// Bytes of a text in a multivalue, beside the text itself.
const VALUE: usize = size_of::<Value>() + 16;

/// A code whose number here is not known yet.
const UNKNOWN: u32 = u32::MAX;

impl Tally {
    fn boxed(reading: fn(Tally, usize) -> Column, result: usize) -> Box<dyn Accumulator> {
        Box::new(Tally { texts: IndexSet::default(), text_bytes: 0, counts: HashMap::default(), dictionary: None, reading, result })
    }

    pub(super) fn dc(_: &Call) -> Box<dyn Accumulator> {
        Tally::boxed(Tally::distinct, 0)
    }

    pub(super) fn values(_: &Call) -> Box<dyn Accumulator> {
        Tally::boxed(Tally::sorted, VALUE)
    }

    pub(super) fn mode(_: &Call) -> Box<dyn Accumulator> {
        Tally::boxed(Tally::most, 0)
    }

    /// The number of a text.
    fn number(&mut self, text: &str) -> u32 {
        let known = self.texts.get_index_of(text);
        known.unwrap_or_else(|| {
            self.text_bytes += text.len();
            self.texts.insert_full(text.into()).0
        }) as u32
    }

    fn add(&mut self, group: u32, number: u32, times: u64) {
        *self.counts.entry((group, number)).or_insert(0) += times;
    }

    fn add_value(&mut self, group: u32, value: &Value<'_>) {
        if let Some(text) = value.as_text() {
            let number = self.number(&text);
            self.add(group, number, 1);
        }
    }

    /// Rows of dictionary codes: a text is looked up once for each code.
    fn add_codes(&mut self, groups: &[u32], codes: &[u32], values: &Arc<Column>) {
        let known = self.dictionary.take().filter(|(seen, _)| Arc::ptr_eq(seen, values));
        let (_, mut numbers) = known.unwrap_or_else(|| (values.clone(), vec![UNKNOWN; values.len()]));
        for (&group, &code) in groups.iter().zip(codes) {
            let Some(number) = numbers.get_mut(code as usize).filter(|_| group != super::NO_GROUP) else { continue };
            if *number == UNKNOWN {
                match values.get(code as usize).as_text() {
                    Some(text) => *number = self.number(&text),
                    None => continue,
                }
            }
            let number = *number;
            self.add(group, number, 1);
        }
        self.dictionary = Some((values.clone(), numbers));
    }

    /// `dc`: distinct values of each group.
    fn distinct(self, groups: usize) -> Column {
        let mut all = vec![0.0; groups];
        for (group, _) in self.counts.keys() {
            if let Some(n) = all.get_mut(*group as usize) {
                *n += 1.0;
            }
        }
        Column::numbers(all)
    }

    /// `values`: the distinct values of each group, sorted by code point.
    fn sorted(self, groups: usize) -> Column {
        let mut all = vec![Vec::new(); groups];
        for (group, number) in self.counts.keys() {
            if let (Some(texts), Some(text)) = (all.get_mut(*group as usize), self.texts.get_index(*number as usize)) {
                texts.push(text.as_ref());
            }
        }
        let value = |mut texts: Vec<&str>| {
            texts.sort_unstable();
            Value::multi(texts.into_iter().map(Value::text)).into_owned()
        };
        all.into_iter().map(value).collect()
    }

    /// `mode`: the most frequent value of each group; of equally frequent ones the first by code point.
    fn most(self, groups: usize) -> Column {
        let mut all: Vec<Option<(u64, &str)>> = vec![None; groups];
        for ((group, number), &count) in &self.counts {
            let (Some(best), Some(text)) = (all.get_mut(*group as usize), self.texts.get_index(*number as usize)) else { continue };
            if best.is_none_or(|(n, old)| count > n || count == n && text.as_ref() < old) {
                *best = Some((count, text));
            }
        }
        all.into_iter().map(|best| best.map_or(Value::Null, |(_, text)| Value::text(text))).collect()
    }
}

impl Accumulator for Tally {
    fn update(&mut self, rows: &Rows<'_>, _: usize) {
        match rows.column {
            Some(Column::Dict { codes, values }) if values::single(values) => self.add_codes(rows.groups, codes, values),
            _ => values::singles(rows, |g, v| self.add_value(g, v)),
        }
    }

    fn merge(&mut self, later: Box<dyn Accumulator>, map: &[u32], _: usize) {
        let Ok(later) = later.into_any().downcast::<Tally>() else { return };
        let numbers: Vec<u32> = later.texts.iter().map(|text| self.number(text)).collect();
        for ((group, number), count) in later.counts {
            if let (Some(&group), Some(&number)) = (map.get(group as usize), numbers.get(number as usize)) {
                self.add(group, number, count);
            }
        }
    }

    fn finish(self: Box<Self>, groups: usize) -> Column {
        (self.reading)(*self, groups)
    }

    fn store(self: Box<Self>, groups: usize) -> Vec<Piece> {
        let mut all: Vec<Vec<(&str, u64)>> = vec![Vec::new(); groups];
        for ((group, number), count) in &self.counts {
            if let (Some(texts), Some(text)) = (all.get_mut(*group as usize), self.texts.get_index(*number as usize)) {
                texts.push((text, *count));
            }
        }
        let line = |mut texts: Vec<(&str, u64)>| {
            texts.sort_unstable();
            stored::joined(texts.into_iter().flat_map(|(text, count)| [Cow::Borrowed(text), Cow::Owned(count.to_string())]))
        };
        vec![("vm", all.into_iter().map(line).collect())]
    }

    fn restore(&mut self, pieces: &Pieces<'_>, rows: usize) {
        let lines = pieces.get("vm");
        for row in 0..rows {
            for pair in stored::parted(&lines.get(row)).chunks_exact(2) {
                if let [text, count] = pair {
                    let number = self.number(text);
                    self.add(row as u32, number, count.parse().unwrap_or(1));
                }
            }
        }
    }

    fn bytes(&self) -> usize {
        let dictionary = self.dictionary.as_ref().map_or(0, |(_, numbers)| numbers.len() * size_of::<u32>());
        // A text is a box in a table with an index beside it.
        self.texts.capacity() * 34 + self.texts.len() * 16 + self.text_bytes + self.counts.capacity() * 18 + self.counts.len() * self.result + dictionary
    }

    fn into_any(self: Box<Self>) -> Box<dyn Any> {
        self
    }
}

#[cfg(test)]
mod tests {
    use super::super::testing::{column, run};
    use crate::column::{Column, NO_CODE, Value};
    use std::sync::Arc;

    #[test]
    fn values_are_texts() {
        let c = column(&["1", "1.0", "01", "10|9|9", "-", "a|B|a"]);
        let groups = [0, 0, 0, 1, 0, 2];
        assert_eq!(run("dc", &c, &groups, 4), ["3", "2", "2", "0"]);
        assert_eq!(run("values", &c, &groups, 4), ["01, 1, 1.0", "10, 9", "B, a", ""]);
        assert_eq!(run("mode", &c, &groups, 4), ["01", "9", "a", ""]);
    }

    #[test]
    fn a_number_and_its_text_are_one_value() {
        let c = Column::Mixed(vec![Value::Number(1.0), Value::text("1"), Value::Number(1.5)]);
        assert_eq!(run("dc", &c, &[0; 3], 1), ["2"]);
    }

    #[test]
    fn dictionaries_are_read_by_code() {
        let values = Arc::new(column(&["x", "-", "y"]));
        let c = Column::Dict { codes: vec![0, 2, 0, NO_CODE, 1], values };
        assert_eq!(run("values", &c, &[0, 0, 1, 1, 1], 2), ["x, y", "x"]);
    }
}
