//! How often each text occurs in each group: `dc`, `values` and `mode` are three readings of it.

use super::pairs::Pairs;
use super::stored::{self, Piece, Pieces};
use super::{Accumulator, Call, Rows, values};
use crate::column::{Column, Lexicon, NO_CODE, Value};
use hashbrown::{HashMap, HashSet};
use std::any::Any;
use std::borrow::Cow;
use std::sync::Arc;

/// Distinct texts, each with a number, and each pair of group and text, packed into a word. Values are texts: `1`, `1.0` and `01` are
/// three.
pub(super) struct Tally {
    texts: Lexicon,
    /// In place of them the dictionary of a table, as long as nothing else came: their numbers are its codes.
    coded: Option<Arc<Column>>,
    pairs: Pairs,
    /// The last dictionary seen and its codes' numbers here.
    dictionary: Option<(Arc<Column>, Vec<u32>)>,
    kept: Kept,
    reading: fn(Tally, usize) -> Column,
    /// Bytes that the reading will make of each pair of group and text, beside the text itself; 0 where it makes no texts.
    result: usize,
}

/// How often pairs and texts are kept.
#[derive(Clone, Copy)]
enum Kept {
    /// Each once.
    Once,
    /// The same, of a part that is merged with others later. It has had so many rows.
    Trial(usize),
    /// As they come, where hardly any repeats: what they are merged with keeps each once. Up to so many pairs; texts only if they
    /// hardly repeat either.
    Listed { most: usize, texts: bool },
}

/// Rows of a part after which one knows whether pairs repeat.
const TRIAL: usize = if cfg!(debug_assertions) { 4 } else { 256 };

/// Pairs that are kept as they come, until one looks whether they repeat after all.
const LISTED: usize = if cfg!(debug_assertions) { 16 } else { 1 << 16 };

/// Texts that stand so often in groups are put in order before the groups are.
const SHARED: usize = 4;

/// Bytes of a text in a multivalue, beside the text itself.
const VALUE: usize = size_of::<Value>() + 16;

/// A code whose number here is not known yet.
const UNKNOWN: u32 = u32::MAX;

impl Tally {
    fn boxed(counted: bool, reading: fn(Tally, usize) -> Column, result: usize) -> Box<dyn Accumulator> {
        let pairs = if counted { Pairs::Counted(HashMap::default()) } else { Pairs::Seen(HashSet::default()) };
        Box::new(Tally { texts: Lexicon::default(), coded: None, pairs, dictionary: None, kept: Kept::Once, reading, result })
    }

    pub(super) fn dc(call: &Call) -> Box<dyn Accumulator> {
        Tally::boxed(call.stored, Tally::distinct, 0)
    }

    pub(super) fn values(call: &Call) -> Box<dyn Accumulator> {
        Tally::boxed(call.stored, Tally::sorted, VALUE)
    }

    pub(super) fn mode(_: &Call) -> Box<dyn Accumulator> {
        Tally::boxed(true, Tally::most, 0)
    }

    /// The text with a number.
    fn text(&self, number: usize) -> Option<&str> {
        match self.coded.as_deref() {
            Some(Column::Text(texts)) => texts.get(number),
            Some(_) => None,
            None => self.texts.get(number),
        }
    }

    /// Takes the texts out of the dictionary.
    fn own(&mut self) {
        let Some(coded) = self.coded.take() else { return };
        if let Column::Text(texts) = coded.as_ref() {
            self.pairs.take().each(|group, code, times| {
                if let Some(text) = texts.get(code) {
                    self.pairs.add(group as u32, self.texts.number(text), times);
                }
            });
        }
    }

    /// Do all texts so far, and these, stand in one dictionary of a table?
    fn is_coded(&mut self, values: &Arc<Column>, shared: bool) -> bool {
        if shared && self.pairs.len() == 0 && matches!(values.as_ref(), Column::Text(_)) {
            self.coded = Some(values.clone());
        }
        self.coded.as_ref().is_some_and(|mine| Arc::ptr_eq(mine, values))
    }

    fn add_text(&mut self, group: u32, text: &str) {
        let number = self.number(text);
        self.pairs.add(group, number, 1);
    }

    /// The number of a text.
    #[inline]
    fn number(&mut self, text: &str) -> u32 {
        match self.kept {
            Kept::Listed { texts: true, .. } => self.texts.append(text),
            _ => self.texts.number(text),
        }
    }

    /// Looks whether pairs repeat, so many rows later.
    fn watch(&mut self, rows: usize) {
        match self.kept {
            Kept::Trial(before) => match before + rows {
                rows if rows < TRIAL => self.kept = Kept::Trial(rows),
                rows => self.list(rows, LISTED),
            },
            Kept::Listed { most, .. } if self.pairs.len() >= most => {
                let listed = self.pairs.len();
                self.keep_once();
                self.list(listed, 2 * most);
            }
            _ => {}
        }
    }

    /// Keeps pairs as they come from now on, where more than half of those of so many rows were new.
    fn list(&mut self, rows: usize, most: usize) {
        self.kept = Kept::Once;
        if let Pairs::Seen(pairs) = &self.pairs
            && pairs.len() * 2 > rows
        {
            self.pairs = Pairs::Listed(pairs.iter().copied().collect());
            self.kept = Kept::Listed { most, texts: self.texts.len() * 2 > rows };
        }
    }

    /// Keeps each pair and text once, from now on.
    fn keep_once(&mut self) {
        if let Kept::Listed { .. } = std::mem::replace(&mut self.kept, Kept::Once) {
            let (texts, pairs) = (std::mem::take(&mut self.texts), std::mem::replace(&mut self.pairs, Pairs::Seen(HashSet::default())));
            self.dictionary = None;
            let numbers: Vec<u32> = (0..texts.len()).map(|number| self.texts.number_of(&texts, number)).collect();
            // Without texts they are the codes of a table's dictionary.
            let number = |number: usize| numbers.get(number).copied().unwrap_or(number as u32);
            pairs.each(|group, text, times| self.pairs.add(group as u32, number(text), times));
        }
    }

    /// Rows of dictionary codes: a text is looked up once for each code.
    fn add_codes(&mut self, groups: &[u32], codes: &[u32], values: &Arc<Column>, shared: bool) {
        if self.is_coded(values, shared) {
            for (&group, &code) in groups.iter().zip(codes).filter(|(group, code)| **group != super::NO_GROUP && **code != NO_CODE) {
                self.pairs.add(group, code, 1);
            }
            return;
        }
        self.own();
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
            self.pairs.add(group, *number, 1);
        }
        self.dictionary = Some((values.clone(), numbers));
    }

    /// `dc`: distinct values of each group.
    fn distinct(self, groups: usize) -> Column {
        let mut all = vec![0.0; groups];
        self.pairs.each(|group, _, _| {
            if let Some(n) = all.get_mut(group) {
                *n += 1.0;
            }
        });
        Column::numbers(all)
    }

    /// What is made of the texts of each group with their counts, which are sorted by code point.
    fn of_groups<T>(&self, groups: usize, make: impl Fn(&[(&str, u64)]) -> T) -> Vec<T> {
        // Texts that groups share are put in order once.
        let shared = self.coded.is_none() && self.texts.len() * SHARED <= self.pairs.len();
        let mut order: Vec<u32> = if shared { (0..self.texts.len() as u32).collect() } else { Vec::new() };
        order.sort_by_key(|number| self.texts.get(*number as usize));
        let mut ranks = vec![0; order.len()];
        order.iter().zip(0..).for_each(|(number, rank)| ranks.get_mut(*number as usize).into_iter().for_each(|r| *r = rank));
        // Where the texts of each group end, once they are all there.
        let mut ends = vec![0; groups + 1];
        self.pairs.each(|group, _, _| ends.get_mut(group + 1).into_iter().for_each(|n| *n += 1));
        let mut sum = 0;
        for n in &mut ends {
            sum += *n;
            *n = sum;
        }
        let mut all = vec![("", 0, 0); sum];
        self.pairs.each(|group, number, times| {
            let Some(next) = ends.get_mut(group).filter(|_| group < groups) else { return };
            if let Some(place) = all.get_mut(*next) {
                let rank = ranks.get(number).copied().unwrap_or_default();
                (*place, *next) = ((self.text(number).unwrap_or_default(), times, rank), *next + 1);
            }
        });
        let mut rest = all.as_mut_slice();
        let (mut begin, mut texts) = (0, Vec::new());
        let group = |end: &usize| {
            let (own, behind) = std::mem::take(&mut rest).split_at_mut(end.saturating_sub(begin));
            (rest, begin) = (behind, *end);
            if shared {
                own.sort_unstable_by_key(|(.., rank)| *rank);
            } else {
                own.sort_unstable_by_key(|(text, ..)| *text);
            }
            texts.clear();
            texts.extend(own.iter().map(|(text, times, _)| (*text, *times)));
            make(&texts)
        };
        ends.iter().take(groups).map(group).collect()
    }

    /// `values`: the distinct values of each group, sorted by code point.
    fn sorted(self, groups: usize) -> Column {
        let all = self.of_groups(groups, |texts| match texts {
            [] => Value::Null,
            [(text, _)] => Value::owned(*text),
            several => Value::Multi(several.iter().map(|(text, _)| Value::owned(*text)).collect()),
        });
        if all.iter().any(|v| matches!(v, Value::Multi(_))) { Column::Mixed(all) } else { all.into_iter().collect() }
    }

    /// `mode`: the most frequent value of each group; of equally frequent ones the first by code point.
    fn most(self, groups: usize) -> Column {
        let mut all: Vec<Option<(u64, &str)>> = vec![None; groups];
        self.pairs.each(|group, number, count| {
            let (Some(best), Some(text)) = (all.get_mut(group), self.text(number)) else { return };
            if best.is_none_or(|(n, old)| count > n || count == n && text < old) {
                *best = Some((count, text));
            }
        });
        all.into_iter().map(|best| best.map_or(Value::Null, |(_, text)| Value::text(text))).collect()
    }
}

impl Accumulator for Tally {
    fn as_part(&mut self) {
        self.kept = Kept::Trial(0);
    }

    fn update(&mut self, rows: &Rows<'_>, _: usize) {
        match rows.column {
            Some(Column::Dict { codes, values, shared }) if values::single(values) => self.add_codes(rows.groups, codes, values, *shared),
            Some(Column::Text(texts)) => {
                self.own();
                for (row, group) in rows.groups.iter().enumerate().filter(|(_, group)| **group != super::NO_GROUP) {
                    if let Some(text) = texts.get(row) {
                        self.add_text(*group, text);
                    }
                }
            }
            _ => {
                self.own();
                // A row may bring any number of pairs here, and what would be listed is limited by the rows.
                self.keep_once();
                values::singles(rows, |group, v| {
                    if let Some(text) = v.as_text() {
                        self.add_text(group, &text);
                    }
                });
            }
        }
        self.watch(rows.groups.len());
    }

    fn merge(&mut self, later: Box<dyn Accumulator>, map: &[u32], _: usize) {
        let Ok(mut later) = later.into_any().downcast::<Tally>() else { return };
        let same = later.coded.clone().is_some_and(|values| self.is_coded(&values, true));
        if !same {
            self.own();
            later.own();
        }
        let numbers: Vec<u32> = (0..later.texts.len()).map(|number| self.texts.number_of(&later.texts, number)).collect();
        later.pairs.each(|group, number, times| {
            let number = if same { Some(number as u32) } else { numbers.get(number).copied() };
            if let (Some(&group), Some(number)) = (map.get(group), number) {
                self.pairs.add(group, number, times);
            }
        });
    }

    fn finish(mut self: Box<Self>, groups: usize) -> Column {
        self.keep_once();
        (self.reading)(*self, groups)
    }

    fn store(mut self: Box<Self>, groups: usize) -> Vec<Piece> {
        self.keep_once();
        let line = |texts: &[(&str, u64)]| stored::joined(texts.iter().flat_map(|(text, count)| [Cow::Borrowed(*text), Cow::Owned(count.to_string())]));
        vec![("vm", self.of_groups(groups, line).into_iter().collect())]
    }

    fn restore(&mut self, pieces: &Pieces<'_>, rows: usize) {
        let lines = pieces.get("vm");
        for row in 0..rows {
            for pair in stored::parted(&lines.get(row)).chunks_exact(2) {
                if let [text, count] = pair {
                    let number = self.texts.number(text);
                    self.pairs.add(row as u32, number, count.parse().unwrap_or(1));
                }
            }
        }
    }

    fn bytes(&self) -> usize {
        let dictionary = self.dictionary.as_ref().map_or(0, |(_, numbers)| numbers.len() * size_of::<u32>());
        let texts = self.texts.bytes() * if self.result > 0 { 2 } else { 1 };
        texts + self.pairs.bytes() + self.pairs.len() * self.result + dictionary
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
    fn parts_say_the_same_however_they_keep_their_pairs() {
        let (_, call) = super::super::testing::call("values");
        // Batches of ten rows: groups and texts that never repeat at first, and do later.
        let batch = |at: usize, repeat: bool| {
            let value = |row: usize| if repeat { row % 3 } else { at * 10 + row };
            let texts: Vec<String> = (0..10).map(|row| format!("v{}", value(row))).collect();
            (column(&texts.iter().map(String::as_str).collect::<Vec<_>>()), (0..10).map(|row| value(row) as u32 % 7).collect::<Vec<_>>())
        };
        let batches: Vec<_> =
            [(0..6, false), (6..12, true), (12..20, false)].into_iter().flat_map(|(all, repeat)| all.map(move |at| batch(at, repeat))).collect();
        let shown = |make: fn(&super::Call) -> Box<dyn Accumulator>, parts: usize| {
            let mut total = make(&call);
            for batches in batches.chunks(batches.len().div_ceil(parts.max(1))) {
                let mut part = make(&call);
                if parts > 0 {
                    part.as_part();
                }
                for (texts, groups) in batches {
                    let coded = Column::coded((0..10).collect(), texts.clone());
                    for column in [texts, &coded] {
                        part.update(&Rows { groups, column: Some(column), time: None }, 7);
                    }
                }
                if parts == 0 {
                    return part.finish(7);
                }
                total.merge(part, &[0, 1, 2, 3, 4, 5, 6], 7);
            }
            total.finish(7)
        };
        for make in [super::Tally::dc, super::Tally::values, super::Tally::mode] {
            let all = |c: Column| format!("{:?}", (0..7).map(|group| c.get(group)).collect::<Vec<_>>());
            let whole = all(shown(make, 0));
            for parts in [1, 2, 5] {
                assert_eq!(all(shown(make, parts)), whole, "{parts}");
            }
        }
        let mut part = super::Tally::values(&call);
        part.as_part();
        let (texts, groups) = batch(0, false);
        part.update(&Rows { groups: &groups, column: Some(&texts), time: None }, 7);
        let part = part.into_any().downcast::<super::Tally>().unwrap();
        assert!(matches!((part.kept, &part.pairs), (super::Kept::Listed { texts: true, .. }, super::Pairs::Listed(_))));
    }

    #[test]
    fn rows_of_many_values_are_kept_once() {
        let (_, call) = super::super::testing::call("dc");
        let mut part = super::Tally::dc(&call);
        part.as_part();
        let many = Value::multi((0..100).map(|n| Value::owned(n.to_string())));
        for _ in 0..10 {
            let rows = Column::Mixed(vec![many.clone(); 10]);
            part.update(&Rows { groups: &[0; 10], column: Some(&rows), time: None }, 1);
        }
        let part = part.into_any().downcast::<super::Tally>().unwrap();
        assert_eq!((part.pairs.len(), part.texts.len()), (100, 100));
    }

    #[test]
    fn dictionaries_are_read_by_code() {
        let values = Arc::new(column(&["x", "-", "y"]));
        let c = Column::Dict { codes: vec![0, 2, 0, NO_CODE, 1], values, shared: false };
        assert_eq!(run("values", &c, &[0, 0, 1, 1, 1], 2), ["x, y", "x"]);
    }
}
