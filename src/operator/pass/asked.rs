//! What many predicates ask of fields, asked once for each value instead of once for each predicate.
//!
//! A test that several predicates share is one test. Of the tests of a field, equalities are looked up in a table and wildcards are found
//! by one automaton over their literal parts; only what is left is tried one by one, once for each distinct value where the column has
//! a dictionary.

use crate::column::{Batch, Column, Mask, Name, Value};
use crate::operator::matching::passes;
use crate::plan::{Predicate, Test};
use crate::wildcard::folded;
use aho_corasick::AhoCorasick;
use foldhash::fast::RandomState;
use hashbrown::HashMap;

/// The number of a test.
pub type TestId = u32;

/// All tests of all predicates.
#[derive(Default)]
pub struct Tests {
    fields: Vec<Field>,
    count: u32,
}

struct Field {
    name: Name,
    /// By how they are shown, so that the same test gets the same number.
    known: HashMap<String, Vec<TestId>, RandomState>,
    tests: Vec<(TestId, Test)>,
    /// By folded text and by number: tests for one value.
    equal: HashMap<String, Vec<TestId>, RandomState>,
    numbers: HashMap<u64, Vec<TestId>, RandomState>,
    /// The wildcards whose literal part each pattern of the automaton is, by place in `tests`.
    parts: Vec<(String, Vec<usize>)>,
    automaton: Option<AhoCorasick>,
    /// The others, by place.
    rest: Vec<usize>,
}

/// A predicate with its tests by number.
pub enum Ask {
    All(Vec<Ask>),
    Any(Vec<Ask>),
    Not(Box<Ask>),
    Test(TestId),
    /// What is not about one field.
    Other(Predicate),
}

impl Ask {
    /// Tests that some row has to pass for any row to pass.
    pub fn needed(&self) -> Vec<TestId> {
        match self {
            Ask::Test(id) => vec![*id],
            Ask::All(all) => all.iter().flat_map(Ask::needed).collect(),
            _ => Vec::new(),
        }
    }
}

/// The rows that pass, by test; tests that nothing passes are not there.
pub struct Passed(HashMap<TestId, Mask, RandomState>);

impl Tests {
    /// The predicate in numbers; its tests are kept.
    pub fn add(&mut self, predicate: &Predicate) -> Ask {
        match predicate {
            Predicate::And(all) => Ask::All(all.iter().map(|p| self.add(p)).collect()),
            Predicate::Or(any) => Ask::Any(any.iter().map(|p| self.add(p)).collect()),
            Predicate::Not(p) => Ask::Not(Box::new(self.add(p))),
            Predicate::Field { name, test, .. } => Ask::Test(self.test(name, test)),
            other => Ask::Other(other.clone()),
        }
    }

    fn test(&mut self, name: &Name, test: &Test) -> TestId {
        let at = match self.fields.iter().position(|f| f.name == *name) {
            Some(at) => at,
            None => {
                self.fields.push(Field::new(name.clone()));
                self.fields.len() - 1
            }
        };
        let Some(field) = self.fields.get_mut(at) else { return 0 };
        let shown = format!("{test:?}");
        let same = field.known.get(&shown).and_then(|ids| ids.iter().find(|id| field.tests.iter().any(|(i, t)| i == *id && t == test)));
        if let Some(id) = same {
            return *id;
        }
        let id = self.count;
        self.count += 1;
        field.known.entry(shown).or_default().push(id);
        field.tests.push((id, test.clone()));
        id
    }

    /// Makes the tables and automata, after the last predicate was added.
    pub fn prepare(&mut self) {
        self.fields.iter_mut().for_each(Field::prepare);
    }

    /// The fields that are asked.
    pub fn fields(&self) -> impl Iterator<Item = &Name> {
        self.fields.iter().map(|f| &f.name)
    }

    /// Asks everything of the rows of a batch.
    pub fn run(&self, batch: &Batch) -> Passed {
        let mut passed = HashMap::default();
        for field in &self.fields {
            if let Some(column) = batch.get(&field.name) {
                field.run(column, &mut passed);
            }
        }
        Passed(passed)
    }
}

impl Passed {
    /// The tests that some row passes.
    pub fn tests(&self) -> impl Iterator<Item = TestId> {
        self.0.keys().copied()
    }

    /// The rows for which an asked predicate is true; `other` evaluates what is not about one field.
    pub fn mask(&self, ask: &Ask, rows: usize, other: &mut dyn FnMut(&Predicate) -> Mask) -> Mask {
        match ask {
            Ask::Test(id) => self.0.get(id).cloned().unwrap_or_else(|| Mask::new(rows, false)),
            Ask::Other(p) => other(p),
            Ask::Not(inner) => {
                let mut mask = self.mask(inner, rows, other);
                mask.invert();
                mask
            }
            Ask::All(all) => {
                let mut mask = Mask::new(rows, true);
                for ask in all {
                    mask.and(&self.mask(ask, rows, other));
                    if mask.none() {
                        break;
                    }
                }
                mask
            }
            Ask::Any(any) => {
                let mut mask = Mask::new(rows, false);
                any.iter().for_each(|ask| mask.or(&self.mask(ask, rows, other)));
                mask
            }
        }
    }
}

impl Field {
    fn new(name: Name) -> Field {
        Field {
            name,
            known: HashMap::default(),
            tests: Vec::new(),
            equal: HashMap::default(),
            numbers: HashMap::default(),
            parts: Vec::new(),
            automaton: None,
            rest: Vec::new(),
        }
    }

    fn prepare(&mut self) {
        let tests = std::mem::take(&mut self.tests);
        for (place, (id, test)) in tests.iter().enumerate() {
            let alternatives = match test {
                Test::Any(tests) => tests.as_slice(),
                one => std::slice::from_ref(one),
            };
            // A list is taken apart only as a whole: what is tried one by one is tried once.
            if !alternatives.iter().all(|t| self.index(*id, place, t, true)) {
                self.rest.push(place);
            } else {
                for t in alternatives {
                    self.index(*id, place, t, false);
                }
            }
        }
        self.tests = tests;
        self.automaton = AhoCorasick::new(self.parts.iter().map(|(part, _)| part)).ok().filter(|_| !self.parts.is_empty());
        if self.automaton.is_none() {
            self.rest.extend(self.parts.drain(..).flat_map(|(_, places)| places));
        }
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

    /// The tests that a value passes, some maybe more than once.
    fn passed(&self, value: &Value<'_>, into: &mut Vec<TestId>) {
        for single in value.each() {
            let Some(text) = single.as_text() else { continue };
            let text = folded(&text);
            into.extend(self.equal.get(text.as_ref()).into_iter().flatten());
            if let Value::Number(n) = single {
                into.extend(self.numbers.get(&bits(*n)).into_iter().flatten());
            }
            let found = self.automaton.iter().flat_map(|a| a.find_overlapping_iter(text.as_ref()));
            for (_, places) in found.filter_map(|m| self.parts.get(m.pattern().as_usize())) {
                let tests = places.iter().filter_map(|p| self.tests.get(*p));
                into.extend(tests.filter(|(id, test)| !into.contains(id) && passes(test, single)).map(|(id, _)| *id).collect::<Vec<_>>());
            }
        }
        into.extend(self.rest.iter().filter_map(|p| self.tests.get(*p)).filter(|(_, test)| passes(test, value)).map(|(id, _)| *id));
    }

    fn run(&self, column: &Column, passed: &mut HashMap<TestId, Mask, RandomState>) {
        let rows = column.len();
        let mut set = |ids: &[TestId], row: usize| ids.iter().for_each(|id| passed.entry(*id).or_insert_with(|| Mask::new(rows, false)).set(row, true));
        let mut ids = Vec::new();
        match column {
            Column::Const(value, _) => {
                self.passed(value, &mut ids);
                ids.iter().for_each(|id| drop(passed.insert(*id, Mask::new(rows, true))));
            }
            Column::Dict { codes, values, .. } if values.len() <= codes.len() => {
                let by_code: Vec<Vec<TestId>> = (0..values.len())
                    .map(|code| {
                        let mut ids = Vec::new();
                        self.passed(&values.get(code), &mut ids);
                        ids
                    })
                    .collect();
                for (row, code) in codes.iter().enumerate() {
                    if let Some(ids) = by_code.get(*code as usize) {
                        set(ids, row);
                    }
                }
            }
            column => {
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::syntax::ast::Compare;

    #[test]
    fn all_kinds_of_tests_give_what_each_gives_alone() {
        let values = ["cmd.exe", "CMD.EXE", "powershell.exe", "10.1.2.3", "8.8.8.8", "3", "3.0", "0", "-0", "", "ſtraße", "STRASSE", "a*b", "K"];
        let texts = ["cmd.exe", "*.exe", "*shell*", "10.0.0.0/8", "3", "*", "0", "stra*", "a*b", "k", "", "*e*e*"];
        let mut tests: Vec<Test> =
            texts.iter().flat_map(|t| [Test::compare(Compare::Eq, t), Test::compare(Compare::Ne, t), Test::compare(Compare::Lt, t)]).collect();
        tests.push(Test::Any(vec![Test::equal("cmd.exe"), Test::equal("*shell*"), Test::equal("3")]));
        tests.push(Test::Any(vec![Test::equal("cmd.exe"), Test::equal("8.0.0.0/8")]));
        let plain: Column = values.iter().map(|v| Value::text(v)).chain([Value::Null, Value::multi([Value::text("cmd.exe"), Value::text("3")])]).collect();
        let mut all = Tests::default();
        let asks: Vec<Ask> = tests.iter().map(|t| all.add(&Predicate::field("f", t.clone()))).collect();
        assert!(matches!((&asks[0], all.add(&Predicate::field("f", tests[0].clone()))), (Ask::Test(a), Ask::Test(b)) if *a == b));
        all.prepare();
        let rows = plain.len();
        let coded = Column::coded((0..rows as u32).chain([0, 1, u32::MAX]).collect(), plain.clone());
        for column in [plain, coded, Column::Const(Value::text("CMD.exe"), 2)] {
            let mut batch = Batch::new(column.len());
            batch.set("f", column.clone());
            let passed = all.run(&batch);
            for (test, ask) in tests.iter().zip(&asks) {
                let got = passed.mask(ask, column.len(), &mut |_| unreachable!());
                assert_eq!(got, column.test(|v| passes(test, v)), "{test:?}");
            }
        }
    }
}
