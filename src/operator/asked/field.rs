//! The tests of one field: equalities and networks in tables, wildcards in one automaton, and what is left one by one.

use super::{Passed, TestId};
use crate::column::number::bits;
use crate::column::{Column, Hits, Mask, Memo, Name, Value, address, data};
use crate::plan::Test;
use crate::store::dictionary_now;
use crate::wildcard::{self, Pattern, folded};
use foldhash::fast::RandomState;
use hashbrown::{HashMap, HashTable};
use ipnet::IpNet;
use std::collections::BTreeSet;
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
    /// By network, and how long their prefixes are.
    networks: HashMap<IpNet, Vec<TestId>, RandomState>,
    prefixes: BTreeSet<u8>,
    /// The wildcards by number, and all of them at once.
    patterns: Vec<(TestId, Pattern)>,
    wildcards: wildcard::Set,
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
            networks: HashMap::default(),
            prefixes: BTreeSet::new(),
            patterns: Vec::new(),
            wildcards: wildcard::Set::default(),
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
            if !alternatives.iter().all(has_table) {
                rest.push(place);
                continue;
            }
            for test in alternatives {
                match test {
                    Test::Equal { text, number } => match text.literals().next().filter(|_| text.is_literal()) {
                        Some(text) => {
                            self.equal.entry(text.to_string()).or_default().push(*id);
                            number.iter().for_each(|n| self.numbers.entry(bits(*n)).or_default().push(*id));
                        }
                        None => self.patterns.push((*id, text.clone())),
                    },
                    Test::Within(net) => {
                        self.networks.entry(net.trunc()).or_default().push(*id);
                        self.prefixes.insert(net.prefix_len());
                    }
                    _ => {}
                }
            }
        }
        self.wildcards = wildcard::Set::new((0..).zip(self.patterns.iter().map(|(_, pattern)| pattern)), true);
        self.tests = tests;
        rest
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
            self.wildcards.may_match(&text, |number| {
                if let Some((id, pattern)) = self.patterns.get(number as usize)
                    && !into.iter().skip(before).any(|known| known == id)
                    && pattern.matches(&text)
                {
                    into.push(*id);
                }
            });
            let address = Some(()).filter(|()| !self.prefixes.is_empty()).and_then(|()| address::parse(text.trim()));
            for net in address.into_iter().flat_map(|ip| self.prefixes.iter().filter_map(move |length| IpNet::new(ip, *length).ok())) {
                into.extend(self.networks.get(&net.trunc()).into_iter().flatten());
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

/// Is it a test for one value, for a wildcard with a literal part, or for a network?
fn has_table(test: &Test) -> bool {
    match test {
        Test::Equal { text, .. } => text.folds() && text.literals().next().is_some(),
        Test::Within(_) => true,
        _ => false,
    }
}
