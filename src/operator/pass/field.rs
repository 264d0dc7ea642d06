//! The tests of one field: equalities in a table, wildcards in one automaton over their literal parts, and what is left one by one.

use super::asked::{Passed, TestId};
use crate::column::{Column, Hits, Mask, Memo, Name, Value, data};
use crate::operator::matching::passes;
use crate::plan::Test;
use crate::store::dictionary_now;
use crate::wildcard::folded;
use aho_corasick::AhoCorasick;
use foldhash::fast::RandomState;
use hashbrown::{HashMap, HashTable};
use std::sync::Arc;

/// A field with its tests.
pub struct Field {
    pub name: Name,
    /// All of them with their hash.
    pub known: HashTable<(u64, TestId)>,
    pub tests: Vec<(TestId, Test)>,
    /// By folded text and by number: tests for one value.
    equal: HashMap<String, Vec<TestId>, RandomState>,
    numbers: HashMap<u64, Vec<TestId>, RandomState>,
    /// The wildcards whose literal part each pattern of the automaton is, by place in `tests`.
    parts: Vec<(String, Vec<usize>)>,
    automaton: Option<AhoCorasick>,
    /// What the values of the dictionaries of tables pass, by tables and automaton.
    by_code: Memo<Arc<ByCode>>,
    /// What the other tests said of the dictionaries of tables, by place in `tests`.
    pub hits: Vec<Memo<Arc<Hits>>>,
}

/// The tests that each value of a dictionary passes.
struct ByCode {
    /// Where those of a code begin; one more than there are codes.
    starts: Vec<usize>,
    ids: Vec<TestId>,
}

impl Field {
    /// A field without tests.
    pub fn new(name: Name) -> Field {
        Field {
            name,
            known: HashTable::new(),
            tests: Vec::new(),
            equal: HashMap::default(),
            numbers: HashMap::default(),
            parts: Vec::new(),
            automaton: None,
            by_code: Memo::default(),
            hits: Vec::new(),
        }
    }

    /// Makes the tables and the automaton; gives the places of the tests that none of them has.
    pub fn prepare(&mut self) -> Vec<usize> {
        let mut rest = Vec::new();
        let tests = std::mem::take(&mut self.tests);
        for (place, (id, test)) in tests.iter().enumerate() {
            let alternatives = match test {
                Test::Any(tests) => tests.as_slice(),
                one => std::slice::from_ref(one),
            };
            // A list is taken apart only as a whole: what is tried one by one is tried once.
            if !alternatives.iter().all(|t| self.index(*id, place, t, true)) {
                rest.push(place);
            } else {
                for t in alternatives {
                    self.index(*id, place, t, false);
                }
            }
        }
        self.tests = tests;
        self.automaton = AhoCorasick::new(self.parts.iter().map(|(part, _)| part)).ok().filter(|_| !self.parts.is_empty());
        if self.automaton.is_none() {
            rest.extend(self.parts.drain(..).flat_map(|(_, places)| places));
            rest.sort_unstable();
            rest.dedup();
        }
        rest
    }

    /// Puts a test for one value, or for a wildcard, into its table; false where it has none. `dry` only asks.
    fn index(&mut self, id: TestId, place: usize, test: &Test, dry: bool) -> bool {
        let Test::Equal { text, number } = test else { return false };
        if !text.folds() {
            return false;
        }
        let Some(longest) = text.literals().max_by_key(|l| l.len()) else { return false };
        if dry {
            return true;
        }
        if text.is_literal() {
            self.equal.entry(longest.to_string()).or_default().push(id);
            if let Some(n) = number {
                self.numbers.entry(bits(*n)).or_default().push(id);
            }
            return true;
        }
        match self.parts.iter_mut().find(|(part, _)| part == longest) {
            Some((_, places)) => places.push(place),
            None => self.parts.push((longest.to_string(), vec![place])),
        }
        true
    }

    /// The tests of tables and automaton that a value passes, some maybe more than once.
    fn passed(&self, value: &Value<'_>, into: &mut Vec<TestId>) {
        let before = into.len();
        for single in value.each() {
            let Some(text) = single.as_text() else { continue };
            let text = folded(&text);
            into.extend(self.equal.get(text.as_ref()).into_iter().flatten());
            if let Value::Number(n) = single {
                into.extend(self.numbers.get(&bits(*n)).into_iter().flatten());
            }
            let found = self.automaton.iter().flat_map(|a| a.find_overlapping_iter(text.as_ref()));
            for (_, places) in found.filter_map(|m| self.parts.get(m.pattern().as_usize())) {
                for (id, test) in places.iter().filter_map(|p| self.tests.get(*p)) {
                    if !into.iter().skip(before).any(|known| known == id) && passes(test, single) {
                        into.push(*id);
                    }
                }
            }
        }
    }

    fn by_code(&self, values: &Column) -> ByCode {
        let mut by_code = ByCode { starts: vec![0], ids: Vec::new() };
        for code in 0..values.len() {
            self.passed(&values.get(code), &mut by_code.ids);
            by_code.starts.push(by_code.ids.len());
        }
        by_code
    }

    /// Which rows pass the tests of tables and automaton.
    pub fn run(&self, column: &Column, passed: &mut Passed) {
        let rows = column.len();
        if let Column::Const(value, _) = column {
            let mut ids = Vec::new();
            self.passed(value, &mut ids);
            ids.into_iter().for_each(|id| drop(passed.insert(id, Mask::new(rows, true))));
            return;
        }
        let mut set = |ids: &[TestId], row: usize| ids.iter().for_each(|id| passed.entry(*id).or_insert_with(|| Mask::new(rows, false)).set(row, true));
        let coded = dictionary_now(column);
        match coded.as_ref().unwrap_or(column) {
            Column::Dict { codes, values, shared } if values.len() <= codes.len() || *shared && data::worth_keeping(codes.len(), values.len()) => {
                let by_code = if *shared { self.by_code.of(values, || Arc::new(self.by_code(values))) } else { Arc::new(self.by_code(values)) };
                if by_code.ids.is_empty() {
                    return;
                }
                let bounds = |code: &u32| Some((*by_code.starts.get(*code as usize)?, *by_code.starts.get(*code as usize + 1)?));
                for (row, (from, to)) in codes.iter().enumerate().filter_map(|(row, code)| Some((row, bounds(code)?))).filter(|(_, (from, to))| from < to) {
                    set(by_code.ids.get(from..to).unwrap_or_default(), row);
                }
            }
            column => {
                let mut ids = Vec::new();
                for row in 0..rows {
                    ids.clear();
                    self.passed(&column.get(row), &mut ids);
                    set(&ids, row);
                }
            }
        }
    }
}

/// The bits of a number, the same for both zeros.
fn bits(n: f64) -> u64 {
    if n == 0.0 { 0 } else { n.to_bits() }
}
