//! Phrases of free text: where there are many, one automaton says which of them a text may have.

use crate::column::{Batch, Column, Mask};
use crate::plan::{Phrase, Predicate};
use crate::wildcard::{Pattern, Set};

/// All phrases of all predicates.
#[derive(Default)]
pub struct Phrases {
    /// Each is a [`Predicate::Text`].
    all: Vec<Predicate>,
    set: Option<Set>,
}

/// So few are searched for one by one: that is quicker for each of them.
const FEW: usize = 16;

impl Phrases {
    /// Takes in a phrase; gives its number.
    pub fn add(&mut self, phrase: &Phrase) -> usize {
        self.all.push(Predicate::Text(phrase.clone()));
        self.all.len() - 1
    }

    /// Makes the automaton where it is worth it, after the last phrase was added.
    pub fn prepare(&mut self) {
        // Other letters fold in more ways than those of a pattern.
        let part = |phrase: &Phrase| Pattern::new(if phrase.text.is_ascii() { &phrase.text } else { "*" });
        let patterns: Vec<Pattern> = self.phrases().map(part).collect();
        self.set = (patterns.len() > FEW).then(|| Set::for_long_texts((0..).zip(&patterns), true));
    }

    /// Are all of them searched for at once?
    pub fn all_at_once(&self) -> bool {
        self.set.is_some()
    }

    /// A phrase as a predicate.
    pub fn get(&self, number: usize) -> Option<&Predicate> {
        self.all.get(number)
    }

    fn phrases(&self) -> impl Iterator<Item = &Phrase> {
        self.all.iter().filter_map(|p| if let Predicate::Text(phrase) = p { Some(phrase) } else { None })
    }

    /// The rows that each phrase stands in, `None` where it stands in no row: in `_raw`, or in any other value of a row without one.
    pub fn found_in(&self, batch: &Batch) -> Vec<Option<Mask>> {
        let mut found = vec![None; self.all.len()];
        let raw = batch.get("_raw");
        let others: Vec<&Column> = batch.columns().filter(|(name, _)| !name.starts_with('_')).map(|(_, column)| column.as_ref()).collect();
        for row in 0..batch.len() {
            match raw.filter(|raw| !raw.is_null(row)) {
                Some(raw) => self.look(raw, row, &mut found),
                None => others.iter().for_each(|column| self.look(column, row, &mut found)),
            }
        }
        found
    }

    fn look(&self, column: &Column, row: usize, found: &mut [Option<Mask>]) {
        for value in column.get(row).each() {
            let (Some(text), Some(set)) = (value.as_text(), &self.set) else { continue };
            set.may_match(&text, |number| {
                let (Some(Predicate::Text(phrase)), Some(rows)) = (self.all.get(number as usize), found.get_mut(number as usize)) else { return };
                if !rows.as_ref().is_some_and(|rows| rows.get(row)) && phrase.found_in(&text) {
                    rows.get_or_insert_with(|| Mask::new(column.len(), false)).set(row, true);
                }
            });
        }
    }
}
