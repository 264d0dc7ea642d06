//! What many predicates ask of fields, asked once for each value instead of once for each predicate.
//!
//! A test that several predicates share is one test. Of the tests of a field, equalities and networks are looked up in tables and wildcards are
//! found by one automaton over their literal parts, as are many phrases of free text; what is left is tried one by one. All is asked once for each distinct value where the column
//! has a dictionary, and of those of a table once for all of its segments. Only the tests that rows are routed by are asked of all rows; the
//! others are asked of the rows that are left, as long as those are few.

mod field;
mod phrases;

use super::matching::passes;
use crate::column::{Batch, Mask, Memo, Name};
use crate::plan::{Predicate, Test};
use field::Field;
use foldhash::fast::RandomState;
use hashbrown::HashMap;
use phrases::Phrases;
use std::collections::BTreeSet;
use std::hash::BuildHasher;

/// The number of a test.
pub type TestId = u32;

/// All tests of all predicates.
#[derive(Default)]
pub struct Tests {
    fields: Vec<Field>,
    /// By number.
    places: Vec<Place>,
    units: Vec<Unit>,
    phrases: Phrases,
    hasher: RandomState,
}

/// Where a test is, and what it is asked with.
#[derive(Clone, Copy)]
struct Place {
    field: usize,
    /// Among the tests of the field.
    place: usize,
    unit: usize,
}

/// What is asked in one go.
#[derive(Clone, Copy)]
enum Unit {
    /// All tests of a field that its tables and its automaton have.
    Index(usize),
    /// A test alone.
    Alone(TestId),
}

/// A predicate with its tests by number.
pub enum Ask {
    All(Vec<Ask>),
    Any(Vec<Ask>),
    Not(Box<Ask>),
    Test(TestId),
    /// Free text, by number.
    Phrase(usize),
    /// What is about more.
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

    /// Are they all about one field?
    fn is_of_tests(&self) -> bool {
        match self {
            Ask::All(all) | Ask::Any(all) => all.iter().all(Ask::is_of_tests),
            Ask::Not(inner) => inner.is_of_tests(),
            Ask::Test(_) => true,
            Ask::Phrase(_) | Ask::Other(_) => false,
        }
    }
}

/// Of so many rows few are asked a test one by one.
const FEW: usize = 8;

/// Of so many rows few are asked all tests one by one.
const FEWEST: usize = 512;

/// What is known so far of the rows of a batch.
pub struct Asked<'a> {
    tests: &'a Tests,
    batch: &'a Batch,
    /// The rows that pass, by test; tests that nothing passes are not there.
    passed: Passed,
    units: Vec<State>,
    /// The rows that each phrase stands in, once that was asked.
    found: Option<Vec<Option<Mask>>>,
}

/// Rows by test.
pub type Passed = HashMap<TestId, Mask, RandomState>;

#[derive(Clone, Copy, PartialEq)]
enum State {
    /// So many rows were asked one by one.
    Open(usize),
    Asked,
}

impl Tests {
    /// The predicate in numbers; its tests are kept.
    pub fn add(&mut self, predicate: &Predicate) -> Ask {
        match predicate {
            Predicate::And(all) => Ask::All(all.iter().map(|p| self.add(p)).collect()),
            Predicate::Or(any) => Ask::Any(any.iter().map(|p| self.add(p)).collect()),
            Predicate::Not(p) => Ask::Not(Box::new(self.add(p))),
            Predicate::Field { name, test, .. } => Ask::Test(self.test(name, test)),
            Predicate::Text(phrase) => Ask::Phrase(self.phrases.add(phrase)),
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
        let id = self.places.len() as TestId;
        let Some(field) = self.fields.get_mut(at) else { return id };
        let hash = self.hasher.hash_one(test);
        let is_same = |(_, id): &(u64, TestId)| self.places.get(*id as usize).and_then(|p| field.tests.get(p.place)).is_some_and(|(_, t)| t == test);
        if let Some((_, id)) = field.known.find(hash, is_same) {
            return *id;
        }
        field.known.insert_unique(hash, (hash, id), |(hash, _)| *hash);
        self.places.push(Place { field: at, place: field.tests.len(), unit: usize::MAX });
        field.tests.push((id, test.clone()));
        field.hits.push(Memo::default());
        id
    }

    /// Makes the tables and automata, after the last predicate was added.
    pub fn prepare(&mut self) {
        self.phrases.prepare();
        for (at, field) in self.fields.iter_mut().enumerate() {
            let alone = field.prepare();
            let index = self.units.len();
            self.units.push(Unit::Index(at));
            for (id, _) in &field.tests {
                if let Some(place) = self.places.get_mut(*id as usize) {
                    place.unit = index;
                }
            }
            for place in alone {
                let Some((id, _)) = field.tests.get(place) else { continue };
                if let Some(place) = self.places.get_mut(*id as usize) {
                    place.unit = self.units.len();
                }
                self.units.push(Unit::Alone(*id));
            }
        }
    }

    /// A test and its field.
    pub fn get(&self, id: TestId) -> Option<(&Name, &Test)> {
        self.find(id).map(|(field, _, test)| (&field.name, test))
    }

    /// A test, its field and its place.
    fn find(&self, id: TestId) -> Option<(&Field, Place, &Test)> {
        let place = *self.places.get(id as usize)?;
        let field = self.fields.get(place.field)?;
        field.tests.get(place.place).map(|(_, test)| (field, place, test))
    }

    /// What is asked in one go with each of some tests.
    pub fn units<'a>(&'a self, tests: impl Iterator<Item = &'a TestId>) -> BTreeSet<usize> {
        tests.filter_map(|id| self.places.get(*id as usize)).map(|p| p.unit).collect()
    }

    /// Asks all rows of a batch what is asked with some tests.
    pub fn ask<'a>(&'a self, batch: &'a Batch, units: &BTreeSet<usize>) -> Asked<'a> {
        let mut asked = Asked { tests: self, batch, passed: HashMap::default(), units: vec![State::Open(0); self.units.len()], found: None };
        units.iter().for_each(|unit| asked.all(*unit));
        asked
    }
}

impl Asked<'_> {
    /// The tests that some row passes, of those that were asked.
    pub fn tests(&self) -> impl Iterator<Item = TestId> {
        self.passed.keys().copied()
    }

    /// The rows that pass a test that was asked; `None` where none does.
    pub fn passed(&self, id: TestId) -> Option<&Mask> {
        self.passed.get(&id)
    }

    /// Those of some rows for which a predicate is true; `other` says for which what is not about one field is.
    pub fn rows(&mut self, ask: &Ask, mut among: Mask, other: &mut dyn FnMut(&Predicate) -> Mask) -> Mask {
        match ask {
            _ if among.none() => among,
            // Masks of all rows would take longer.
            ask if among.count() * FEWEST <= among.len() && ask.is_of_tests() => {
                let mut out = Mask::new(among.len(), false);
                for row in among.rows() {
                    out.set(row, self.row(ask, row));
                }
                out
            }
            Ask::Test(id) => self.test(*id, among),
            Ask::Phrase(number) => {
                let (tests, batch) = (self.tests, self.batch);
                match tests.phrases.all_at_once() {
                    true => match self.found.get_or_insert_with(|| tests.phrases.found_in(batch)).get(*number).and_then(Option::as_ref) {
                        Some(found) => among.and(found),
                        None => return Mask::new(among.len(), false),
                    },
                    false => tests.phrases.get(*number).into_iter().for_each(|phrase| among.and(&other(phrase))),
                }
                among
            }
            Ask::Other(p) => {
                among.and(&other(p));
                among
            }
            Ask::Not(inner) => {
                let mut not = self.rows(inner, among.clone(), other);
                not.invert();
                among.and(&not);
                among
            }
            // What is known already leaves fewer rows to ask.
            Ask::All(all) => {
                let (known, open): (Vec<&Ask>, Vec<&Ask>) = all.iter().partition(|a| matches!(a, Ask::Test(id) if self.is_known(*id)));
                known.into_iter().chain(open).fold(among, |among, ask| self.rows(ask, among, other))
            }
            Ask::Any(any) => {
                let mut out = Mask::new(among.len(), false);
                for ask in any {
                    if !self.is_out(ask) {
                        out.or(&self.rows(ask, among.clone(), other));
                    }
                }
                out
            }
        }
    }

    /// Is it known already that no row passes?
    fn is_out(&self, ask: &Ask) -> bool {
        match ask {
            Ask::Test(id) => self.is_known(*id) && !self.passed.contains_key(id),
            Ask::Phrase(number) => self.found.as_ref().is_some_and(|found| found.get(*number).is_none_or(Option::is_none)),
            Ask::All(all) => all.iter().any(|ask| self.is_out(ask)),
            _ => false,
        }
    }

    /// Does a row pass?
    fn row(&mut self, ask: &Ask, row: usize) -> bool {
        match ask {
            Ask::All(all) => all.iter().all(|ask| self.row(ask, row)),
            Ask::Any(any) => any.iter().any(|ask| self.row(ask, row)),
            Ask::Not(inner) => !self.row(inner, row),
            Ask::Test(id) => {
                let Some((field, Place { unit, .. }, test)) = self.tests.find(*id) else { return false };
                match self.units.get_mut(unit) {
                    Some(State::Open(before)) if *before < self.batch.len() => {
                        *before += 1;
                        return self.batch.get(&field.name).is_some_and(|column| passes(test, &column.get(row)));
                    }
                    Some(State::Open(_)) => self.all(unit),
                    _ => {}
                }
                self.passed.get(id).is_some_and(|passed| passed.get(row))
            }
            Ask::Phrase(_) | Ask::Other(_) => false,
        }
    }

    fn is_known(&self, id: TestId) -> bool {
        self.tests.find(id).and_then(|(_, at, _)| self.units.get(at.unit)).is_some_and(|s| *s == State::Asked)
    }

    /// Those of some rows that pass a test.
    fn test(&mut self, id: TestId, mut among: Mask) -> Mask {
        let nothing = Mask::new(among.len(), false);
        let Some((field, Place { unit, .. }, test)) = self.tests.find(id) else { return nothing };
        let Some(column) = self.batch.get(&field.name) else { return nothing };
        if let Some(State::Open(before)) = self.units.get_mut(unit) {
            let few = among.count();
            *before += few;
            if few * FEW <= among.len() && *before <= among.len() {
                let mut out = nothing;
                among.rows().filter(|row| passes(test, &column.get(*row))).for_each(|row| out.set(row, true));
                return out;
            }
            self.all(unit);
        }
        match self.passed.get(&id) {
            Some(passed) => {
                among.and(passed);
                among
            }
            None => nothing,
        }
    }

    /// Asks all rows.
    fn all(&mut self, unit: usize) {
        let tests = self.tests;
        match tests.units.get(unit) {
            Some(Unit::Index(field)) => {
                if let Some((field, column)) = tests.fields.get(*field).and_then(|f| Some((f, self.batch.get(&f.name)?))) {
                    field.run(column, &mut self.passed);
                }
            }
            Some(Unit::Alone(id)) => {
                if let Some((field, Place { place, .. }, test)) = tests.find(*id)
                    && let (Some(column), Some(hits)) = (self.batch.get(&field.name), field.hits.get(place))
                {
                    let passed = column.test_once(hits, None, |v| passes(test, v));
                    if !passed.none() {
                        self.passed.insert(*id, passed);
                    }
                }
            }
            None => {}
        }
        if let Some(state) = self.units.get_mut(unit) {
            *state = State::Asked;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::column::{Column, Value};
    use crate::syntax::ast::Compare;

    #[test]
    fn all_kinds_of_tests_give_what_each_gives_alone() {
        let values = ["cmd.exe", "CMD.EXE", "powershell.exe", "10.1.2.3", "8.8.8.8", "3", "3.0", "0", "-0", "", "ſtraße", "STRASSE", "a*b", "K"];
        let texts = ["cmd.exe", "*.exe", "*shell*", "10.0.0.0/8", "3", "*", "0", "stra*", "a*b", "k", "", "*e*e*"];
        let mut tests: Vec<Test> =
            texts.iter().flat_map(|t| [Test::compare(Compare::Eq, t), Test::compare(Compare::Ne, t), Test::compare(Compare::Lt, t)]).collect();
        tests.push(Test::Any(vec![Test::equal("cmd.exe"), Test::equal("*shell*"), Test::equal("3")]));
        tests.push(Test::Any(vec![Test::equal("cmd.exe"), Test::equal("8.0.0.0/8")]));
        tests.extend(["10.1.2.3/32", "10.1.2.99/24", "0.0.0.0/0", "::/0"].map(Test::equal));
        tests.push(Test::Any(vec![Test::equal("*.exe"), Test::equal("*r*a*"), Test::equal("10.0.0.0/9")]));
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
            for units in [all.units([].iter()), all.units((0..tests.len() as TestId).collect::<Vec<_>>().iter())] {
                for among in [Mask::new(column.len(), true), Mask::from_fn(column.len(), |row| row == 1)] {
                    let mut asked = all.ask(&batch, &units);
                    for (test, ask) in tests.iter().zip(&asks) {
                        let mut expected = column.test(|v| passes(test, v));
                        expected.and(&among);
                        assert_eq!(asked.rows(ask, among.clone(), &mut |_| unreachable!()), expected, "{test:?}");
                        let not = asked.rows(&Ask::Not(Box::new(Ask::All(vec![]))), among.clone(), &mut |_| unreachable!());
                        assert!(not.none());
                        if let Ask::Test(id) = ask {
                            let others = asked.rows(&Ask::Not(Box::new(Ask::Test(*id))), among.clone(), &mut |_| unreachable!());
                            expected.invert();
                            expected.and(&among);
                            assert_eq!(others, expected, "NOT {test:?}");
                        }
                    }
                }
            }
        }
    }
}
