//! Values to numbers, for one by-field of groups. Values that print alike are the same value.

use crate::aggregate::NO_GROUP;
use crate::column::growth::growth;
use crate::column::{Column, Lexicon, NO_CODE, Value};
use foldhash::fast::RandomState;
use hashbrown::HashMap;
use std::borrow::Cow;
use std::sync::Arc;

/// Numbers that are compared with the last one in one go.
const TOGETHER: usize = 32;

/// The distinct values of one by-field, each with a number.
#[derive(Debug, Default)]
pub struct Interner {
    /// The dictionary of a table, as long as all values come from it: their numbers are its codes.
    coded: Option<Arc<Column>>,
    /// As the values print.
    texts: Lexicon,
    /// The values by number, up to the last one that is no text; null stands for a text.
    others: Vec<Value<'static>>,
    /// The number of null, where null is a group of its own.
    null: Option<u32>,
    /// The last dictionary of a table beside other values, and the numbers of its codes: the batches of a table share theirs.
    dictionary: Option<(Arc<Column>, Vec<u32>)>,
    /// Of numbers, by their bits.
    floats: HashMap<u64, u32, RandomState>,
    /// Of multivalues, where they count as a whole.
    wholes: HashMap<Box<[u8]>, u32, RandomState>,
}

impl Interner {
    /// The value with this number.
    pub fn get(&self, number: u32) -> Value<'_> {
        if self.is_null(number) {
            return Value::Null;
        }
        match (&self.coded, self.others.get(number as usize)) {
            (Some(values), _) => values.get(number as usize),
            (None, Some(value)) if !value.is_null() => value.borrowed(),
            _ => self.texts.get(number as usize).map_or(Value::Null, Value::text),
        }
    }

    /// All numbers are smaller than this.
    pub fn bound(&self) -> usize {
        match &self.coded {
            Some(values) => values.len() + usize::from(self.null.is_some()),
            None => self.texts.len(),
        }
    }

    /// Is it the number of null?
    pub fn is_null(&self, number: u32) -> bool {
        self.null == Some(number)
    }

    /// Bytes held, roughly. A table's dictionary is not the query's.
    pub fn bytes(&self) -> usize {
        let others = self.others.capacity() * size_of::<Value>() + self.floats.capacity() * 17;
        let wholes = self.wholes.iter().next().map_or(0, |(key, _)| self.wholes.capacity() * 25 + self.wholes.len() * 2 * key.len());
        self.texts.bytes() + others + wholes + self.dictionary.as_ref().map_or(0, |(_, known)| known.len() * 4)
    }

    /// Bytes that are needed while it grows by so many values.
    pub fn growth(&self, more: usize) -> usize {
        // Numbers stand in each of them.
        let floats = if self.floats.is_empty() { 0 } else { growth(self.floats.len(), self.floats.capacity(), more, 17) };
        let others = if self.others.is_empty() { 0 } else { growth(self.others.len(), self.others.capacity(), more, size_of::<Value>()) };
        self.texts.growth(more) + floats + others
    }

    /// Do all values so far, and these, stand in one dictionary of a table?
    fn is_coded(&mut self, values: &Arc<Column>, shared: bool) -> bool {
        if shared && self.coded.is_none() && self.texts.is_empty() && matches!(values.as_ref(), Column::Text(_)) {
            self.coded = Some(values.clone());
        }
        self.coded.as_ref().is_some_and(|mine| Arc::ptr_eq(mine, values))
    }

    /// Takes the values out of the dictionary, with the numbers that they have.
    fn own(&mut self) {
        let Some(coded) = self.coded.take() else { return };
        for code in 0..coded.len() {
            self.texts.number(&coded.get(code).as_text().unwrap_or_default());
        }
        if self.null.is_some() {
            self.texts.skip();
        }
    }

    /// The number of a value that is not null.
    fn value(&mut self, value: &Value<'_>) -> u32 {
        if let Value::Text(text) = value {
            return self.texts.number(text);
        }
        if let Value::Multi(all) = value {
            return self.whole(value, all);
        }
        let known = self.texts.len();
        let number = self.texts.number(&value.as_text().unwrap_or_default());
        if self.texts.len() > known {
            self.other(number, value);
        }
        number
    }

    /// Keeps the value of a new number, which is no text.
    fn other(&mut self, number: u32, value: &Value<'_>) {
        self.others.resize(number as usize, Value::Null);
        self.others.push(value.clone().into_owned());
    }

    /// The number of a multivalue: it is the same as another one if all of its values print alike, in their order.
    fn whole(&mut self, value: &Value<'_>, all: &[Value<'_>]) -> u32 {
        let mut key = Vec::new();
        for text in all.iter().filter_map(Value::as_text) {
            key.extend((text.len() as u64).to_le_bytes());
            key.extend(text.as_bytes());
        }
        if let Some(number) = self.wholes.get(key.as_slice()) {
            return *number;
        }
        let number = self.texts.skip();
        self.other(number, value);
        self.wholes.insert(key.into(), number);
        number
    }

    /// The number of a number.
    fn float(&mut self, n: f64) -> u32 {
        if let Some(number) = self.floats.get(&n.to_bits()) {
            return *number;
        }
        let number = self.value(&Value::Number(n));
        self.floats.insert(n.to_bits(), number);
        number
    }

    fn null(&mut self) -> u32 {
        if let Some(known) = self.null {
            return known;
        }
        let number = match &self.coded {
            Some(values) => values.len() as u32,
            None => self.texts.skip(),
        };
        *self.null.insert(number)
    }

    /// The numbers here of the values of a later part, asked for one by one.
    pub fn follow<'a>(&'a mut self, later: &'a Interner) -> impl FnMut(u32) -> u32 + 'a {
        // A part without any value has nothing to ask for.
        let same = later.coded.as_ref().map_or(later.texts.is_empty(), |values| self.is_coded(values, true));
        if !same {
            self.own();
        }
        let mut known = vec![NO_CODE; if same { 0 } else { later.bound() }];
        move |number| {
            if later.null == Some(number) {
                return self.null();
            }
            if same {
                return number;
            }
            let Some(known) = known.get_mut(number as usize) else { return NO_GROUP };
            if *known == NO_CODE {
                *known = match later.get(number) {
                    Value::Text(_) if later.coded.is_none() => self.texts.number_of(&later.texts, number as usize),
                    value => self.value(&value),
                };
            }
            *known
        }
    }

    /// A number for each row; [`NO_GROUP`] for null, unless null is a group.
    pub fn numbers<'c>(&mut self, column: &'c Column, keep_null: bool) -> Cow<'c, [u32]> {
        if let Column::Dict { codes, values, shared } = column
            && self.is_coded(values, *shared)
        {
            if !keep_null {
                return codes.into();
            }
            let null = self.null();
            return codes.iter().map(|c| if *c == NO_CODE { null } else { *c }).collect::<Vec<u32>>().into();
        }
        if !matches!(column, Column::Const(Value::Null, _)) {
            self.own();
        }
        let missing = if keep_null { self.null() } else { NO_GROUP };
        Cow::Owned(match column {
            Column::Const(v, len) => vec![if v.is_null() { missing } else { self.value(v) }; *len],
            Column::Text(t) => (0..t.len()).map(|i| t.get(i).map_or(missing, |s| self.texts.number(s))).collect(),
            Column::Dict { codes, values, shared } => {
                let seen = self.dictionary.take_if(|(seen, _)| *shared && Arc::ptr_eq(seen, values));
                let mut known = seen.map_or_else(|| vec![NO_CODE; values.len()], |(_, known)| known);
                let numbers = codes.iter().map(|&c| match known.get_mut(c as usize) {
                    None => missing,
                    Some(k) => {
                        if *k == NO_CODE {
                            let v = values.get(c as usize);
                            *k = if v.is_null() { missing } else { self.value(&v) };
                        }
                        *k
                    }
                });
                let numbers = numbers.collect();
                if *shared {
                    self.dictionary = Some((values.clone(), known));
                }
                numbers
            }
            Column::Number { values, valid } => {
                let mut numbers = Vec::with_capacity(values.len());
                // Rows that follow each other often have the same number: `_time` in spans.
                let mut last = (0, missing);
                for some in values.chunks(TOGETHER) {
                    let row = numbers.len();
                    if valid.is_none() && last.1 != missing && some.iter().fold(true, |same, n| same & (n.to_bits() == last.0)) {
                        numbers.resize(row + some.len(), last.1);
                        continue;
                    }
                    for (row, n) in (row..).zip(some) {
                        let there = valid.as_ref().is_none_or(|v| v.get(row));
                        if there && (last.1 == missing || last.0 != n.to_bits()) {
                            last = (n.to_bits(), self.float(*n));
                        }
                        numbers.push(if there { last.1 } else { missing });
                    }
                }
                numbers
            }
            Column::Mixed(values) => values.iter().map(|v| if v.is_null() { missing } else { self.value(v) }).collect(),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::column::Text;

    fn texts(values: &[Option<&str>]) -> Column {
        Column::Text(values.iter().copied().collect::<Text>())
    }

    #[test]
    fn values_that_print_alike_have_one_number_in_every_representation() {
        let values = Arc::new(texts(&[Some("1"), Some("x")]));
        let dictionary = |shared| Column::Dict { codes: vec![1, 0, NO_CODE], values: values.clone(), shared };
        for first_is_coded in [false, true] {
            let mut interner = Interner::default();
            if first_is_coded {
                assert_eq!(*interner.numbers(&dictionary(true), false), [1, 0, NO_GROUP]);
            }
            assert_eq!(*interner.numbers(&texts(&[Some("1"), Some("x"), None]), false), [0, 1, NO_GROUP]);
            for shared in [true, true, false] {
                assert_eq!(*interner.numbers(&dictionary(shared), false), [1, 0, NO_GROUP]);
            }
            assert_eq!(*interner.numbers(&Column::numbers(vec![1.0, 1.0, 2.0, 1.0]), false), [0, 0, 2, 0]);
            assert_eq!(*interner.numbers(&Column::Mixed(vec![Value::Null, Value::Number(2.0)]), true), [3, 2]);
        }
    }

    #[test]
    fn later_parts_get_the_numbers_of_earlier_ones() {
        let values = Arc::new(texts(&[Some("a"), Some("b"), Some("c")]));
        let coded = |codes: &[u32]| Column::Dict { codes: codes.to_vec(), values: values.clone(), shared: true };
        let part = |columns: &[Column], keep_null| {
            let mut interner = Interner::default();
            columns.iter().for_each(|c| drop(interner.numbers(c, keep_null)));
            interner
        };
        let mut all = Interner::default();
        let mut follow = all.follow(&part(&[coded(&[2, NO_CODE])], true)).to_vec_of(&[2, 3]);
        assert_eq!(follow, [2, 3]);
        follow = all.follow(&part(&[texts(&[Some("z"), Some("b")])], false)).to_vec_of(&[1, 0]);
        assert_eq!(follow, [1, 4]);
        assert_eq!((all.get(1), all.get(3), all.get(4)), (Value::text("b"), Value::Null, Value::text("z")));
        follow = all.follow(&part(&[coded(&[0])], true)).to_vec_of(&[0, 3]);
        assert_eq!(follow, [0, 3]);
    }

    trait ToVecOf {
        fn to_vec_of(self, numbers: &[u32]) -> Vec<u32>;
    }

    impl<F: FnMut(u32) -> u32> ToVecOf for F {
        fn to_vec_of(self, numbers: &[u32]) -> Vec<u32> {
            numbers.iter().copied().map(self).collect()
        }
    }
}
