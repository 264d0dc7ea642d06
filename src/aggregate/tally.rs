//! How often each text occurs in each group: `dc`, `values` and `mode` are three readings of it.

use super::stored::{self, Piece, Pieces};
use super::{Accumulator, Call, Rows, values};
use crate::column::{Column, NO_CODE, Value};
use hashbrown::HashMap;
use indexmap::IndexSet;
use std::any::Any;
use std::borrow::Cow;
use std::sync::Arc;

type Hasher = foldhash::fast::RandomState;

/// Distinct texts, each with a number, and a count for each pair of group and text, packed into a word. Values are texts: `1`,
/// `1.0` and `01` are three.
pub(super) struct Tally {
    texts: Texts,
    counts: HashMap<u64, u64, Hasher>,
    /// The last dictionary seen and its codes' numbers here.
    dictionary: Option<(Arc<Column>, Vec<u32>)>,
    reading: fn(Tally, usize) -> Column,
    /// Bytes that the reading will make of each pair of group and text, beside the text itself; 0 where it makes no texts.
    result: usize,
}

/// Where the texts are.
enum Texts {
    /// In the dictionary of a table, as long as nothing else came: their numbers are its codes.
    Coded(Arc<Column>),
    /// Numbered as they come, with their bytes in all.
    Own(IndexSet<Box<str>, Hasher>, usize),
}

impl Texts {
    fn get(&self, number: usize) -> Option<&str> {
        match self {
            Texts::Coded(values) => {
                if let Column::Text(texts) = values.as_ref() {
                    texts.get(number)
                } else {
                    None
                }
            }
            Texts::Own(texts, _) => texts.get_index(number).map(Box::as_ref),
        }
    }
}

/// Bytes of a text in a multivalue, beside the text itself.
const VALUE: usize = size_of::<Value>() + 16;

/// The group and the number of the text.
fn pair(key: &u64) -> (usize, usize) {
    ((key >> 32) as usize, (key & u64::from(u32::MAX)) as usize)
}

/// A code whose number here is not known yet.
const UNKNOWN: u32 = u32::MAX;

impl Tally {
    fn boxed(reading: fn(Tally, usize) -> Column, result: usize) -> Box<dyn Accumulator> {
        Box::new(Tally { texts: Texts::Own(IndexSet::default(), 0), counts: HashMap::default(), dictionary: None, reading, result })
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
        if let Texts::Coded(_) = self.texts {
            self.own();
        }
        let Texts::Own(texts, bytes) = &mut self.texts else { return UNKNOWN };
        let known = texts.get_index_of(text);
        known.unwrap_or_else(|| {
            *bytes += text.len();
            texts.insert_full(text.into()).0
        }) as u32
    }

    /// Takes the texts out of the dictionary.
    fn own(&mut self) {
        let coded = std::mem::replace(&mut self.texts, Texts::Own(IndexSet::default(), 0));
        let counts = std::mem::take(&mut self.counts);
        for (key, count) in counts {
            let (group, code) = pair(&key);
            if let Some(text) = coded.get(code) {
                let number = self.number(text);
                self.add(group as u32, number, count);
            }
        }
    }

    /// Do all texts so far, and these, stand in one dictionary of a table?
    fn is_coded(&mut self, values: &Arc<Column>, shared: bool) -> bool {
        if shared && self.counts.is_empty() && matches!(values.as_ref(), Column::Text(_)) {
            self.texts = Texts::Coded(values.clone());
        }
        matches!(&self.texts, Texts::Coded(mine) if Arc::ptr_eq(mine, values))
    }

    fn add(&mut self, group: u32, number: u32, times: u64) {
        *self.counts.entry(u64::from(group) << 32 | u64::from(number)).or_insert(0) += times;
    }

    fn add_value(&mut self, group: u32, value: &Value<'_>) {
        if let Some(text) = value.as_text() {
            let number = self.number(&text);
            self.add(group, number, 1);
        }
    }

    /// Rows of dictionary codes: a text is looked up once for each code.
    fn add_codes(&mut self, groups: &[u32], codes: &[u32], values: &Arc<Column>, shared: bool) {
        if self.is_coded(values, shared) {
            for (&group, &code) in groups.iter().zip(codes).filter(|(group, code)| **group != super::NO_GROUP && **code != NO_CODE) {
                self.add(group, code, 1);
            }
            return;
        }
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
        for (group, _) in self.counts.keys().map(pair) {
            if let Some(n) = all.get_mut(group) {
                *n += 1.0;
            }
        }
        Column::numbers(all)
    }

    /// `values`: the distinct values of each group, sorted by code point.
    fn sorted(self, groups: usize) -> Column {
        let mut all = vec![Vec::new(); groups];
        for (group, number) in self.counts.keys().map(pair) {
            if let (Some(texts), Some(text)) = (all.get_mut(group), self.texts.get(number)) {
                texts.push(text);
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
        for (key, &count) in &self.counts {
            let (group, number) = pair(key);
            let (Some(best), Some(text)) = (all.get_mut(group), self.texts.get(number)) else { continue };
            if best.is_none_or(|(n, old)| count > n || count == n && text < old) {
                *best = Some((count, text));
            }
        }
        all.into_iter().map(|best| best.map_or(Value::Null, |(_, text)| Value::text(text))).collect()
    }
}

impl Accumulator for Tally {
    fn update(&mut self, rows: &Rows<'_>, _: usize) {
        match rows.column {
            Some(Column::Dict { codes, values, shared }) if values::single(values) => self.add_codes(rows.groups, codes, values, *shared),
            _ => values::singles(rows, |g, v| self.add_value(g, v)),
        }
    }

    fn merge(&mut self, later: Box<dyn Accumulator>, map: &[u32], _: usize) {
        let Ok(mut later) = later.into_any().downcast::<Tally>() else { return };
        if let Texts::Coded(values) = &later.texts {
            let values = values.clone();
            if self.is_coded(&values, true) {
                for (key, count) in later.counts {
                    let (group, code) = pair(&key);
                    if let Some(&group) = map.get(group) {
                        self.add(group, code as u32, count);
                    }
                }
                return;
            }
            later.own();
        }
        let Texts::Own(texts, _) = &later.texts else { return };
        let numbers: Vec<u32> = texts.iter().map(|text| self.number(text)).collect();
        for (key, count) in later.counts {
            let (group, number) = pair(&key);
            if let (Some(&group), Some(&number)) = (map.get(group), numbers.get(number)) {
                self.add(group, number, count);
            }
        }
    }

    fn finish(self: Box<Self>, groups: usize) -> Column {
        (self.reading)(*self, groups)
    }

    fn store(self: Box<Self>, groups: usize) -> Vec<Piece> {
        let mut all: Vec<Vec<(&str, u64)>> = vec![Vec::new(); groups];
        for (key, count) in &self.counts {
            let (group, number) = pair(key);
            if let (Some(texts), Some(text)) = (all.get_mut(group), self.texts.get(number)) {
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
        let texts = match &self.texts {
            Texts::Coded(_) => 0,
            // A text is a box in a table with an index beside it.
            Texts::Own(texts, bytes) => texts.capacity() * 34 + texts.len() * 16 + if self.result > 0 { bytes * 2 } else { *bytes },
        };
        texts + self.counts.capacity() * 18 + self.counts.len() * self.result + dictionary
    }

    fn into_any(self: Box<Self>) -> Box<dyn Any> {
        self
    }
}

#[cfg(test)]
mod tests {
    use super::super::testing::{column, run};
    use super::super::{Accumulator, Rows};
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
    fn the_dictionary_of_a_table_is_left_for_texts_of_other_places() {
        let table: Arc<Column> = Arc::new(column(&["x", "y", "z"]));
        let coded = |codes: &[u32]| Column::Dict { codes: codes.to_vec(), values: table.clone(), shared: true };
        let (_, call) = super::super::testing::call("values");
        let part = |columns: &[Column]| {
            let mut tally = super::Tally::values(&call);
            for c in columns {
                tally.update(&Rows { groups: &vec![0; c.len()], column: Some(c), time: None }, 1);
            }
            tally
        };
        let shown = |parts: Vec<Box<dyn Accumulator>>| {
            let mut all = super::Tally::values(&call);
            parts.into_iter().for_each(|p| all.merge(p, &[0], 1));
            all.finish(1).get(0).each().iter().filter_map(|v| v.as_text().map(|t| t.into_owned())).collect::<Vec<_>>().join(", ")
        };
        let (xz, y, other) = (coded(&[2, 0, NO_CODE, 2]), coded(&[1]), column(&["w", "x"]));
        assert_eq!(shown(vec![part(std::slice::from_ref(&xz)), part(std::slice::from_ref(&y))]), "x, y, z");
        assert_eq!(shown(vec![part(&[xz.clone(), other.clone()]), part(std::slice::from_ref(&y))]), "w, x, y, z");
        assert_eq!(shown(vec![part(&[xz]), part(&[other, y])]), "w, x, y, z");
    }

    #[test]
    fn dictionaries_are_read_by_code() {
        let values = Arc::new(column(&["x", "-", "y"]));
        let c = Column::Dict { codes: vec![0, 2, 0, NO_CODE, 1], values, shared: false };
        assert_eq!(run("values", &c, &[0, 0, 1, 1, 1], 2), ["x, y", "x"]);
    }
}
