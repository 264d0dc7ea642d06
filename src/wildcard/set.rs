//! Many patterns at once: one automaton over a literal part of each says which ones may match.

use super::{Pattern, folded};
use aho_corasick::{AhoCorasick, AhoCorasickKind};
use foldhash::fast::RandomState;
use hashbrown::HashMap;
use std::borrow::Cow;

/// Patterns, each with a number. Case counts for all of them or for none.
#[derive(Debug, Default)]
pub struct Set {
    automaton: Option<AhoCorasick>,
    /// The numbers of the patterns that have each part of the automaton.
    having: Vec<Vec<u32>>,
    /// Those that have no literal part.
    others: Vec<u32>,
    fold: bool,
}

/// Bytes of literal parts.
const NEAR: usize = 64 << 10;

impl Set {
    /// A set of patterns with their numbers.
    pub fn new<'a>(patterns: impl IntoIterator<Item = (u32, &'a Pattern)>, fold: bool) -> Set {
        Set::made(patterns, fold, None)
    }

    /// The same for long texts: it takes longer to make, and finds in fewer steps.
    pub fn for_long_texts<'a>(patterns: impl IntoIterator<Item = (u32, &'a Pattern)>, fold: bool) -> Set {
        Set::made(patterns, fold, Some(AhoCorasickKind::DFA))
    }

    fn made<'a>(patterns: impl IntoIterator<Item = (u32, &'a Pattern)>, fold: bool, kind: Option<AhoCorasickKind>) -> Set {
        let mut parts: HashMap<&str, usize, RandomState> = HashMap::default();
        let mut set = Set { fold, ..Set::default() };
        for (number, pattern) in patterns {
            let Some(longest) = pattern.literals().max_by_key(|l| l.len()) else {
                set.others.push(number);
                continue;
            };
            let place = *parts.entry(longest).or_insert(set.having.len());
            if place == set.having.len() {
                set.having.push(Vec::new());
            }
            set.having.get_mut(place).into_iter().for_each(|having| having.push(number));
        }
        let mut parts: Vec<(&str, usize)> = parts.into_iter().collect();
        parts.sort_unstable_by_key(|(_, place)| *place);
        // Of more it would not stay near the processor.
        let kind = kind.filter(|_| parts.iter().map(|(part, _)| part.len()).sum::<usize>() <= NEAR);
        let build = || AhoCorasick::builder().kind(kind).ascii_case_insensitive(fold).build(parts.iter().map(|(part, _)| part)).ok();
        set.automaton = Some(()).filter(|()| !parts.is_empty()).and_then(|()| build());
        if set.automaton.is_none() {
            set.others.extend(set.having.drain(..).flatten());
        }
        set
    }

    /// Hands out the patterns that may match a text, some maybe several times.
    pub fn may_match(&self, text: &str, mut f: impl FnMut(u32)) {
        self.others.iter().for_each(|number| f(*number));
        if let Some(automaton) = &self.automaton {
            let text = if self.fold && !text.is_ascii() { folded(text) } else { Cow::Borrowed(text) };
            let found = automaton.find_overlapping_iter(text.as_ref()).filter_map(|m| self.having.get(m.pattern().as_usize()));
            found.flatten().for_each(|number| f(*number));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn what_matches_may_match(patterns in prop::collection::vec("[abAB*]{0,5}", 0..12), texts in prop::collection::vec("[abABK\u{212a}]{0,8}", 1..8), fold: bool) {
            let patterns: Vec<Pattern> = patterns.iter().map(|p| if fold { Pattern::new(p) } else { Pattern::case_sensitive(p) }).collect();
            let set = Set::new((0..).zip(&patterns), fold);
            for text in &texts {
                let mut may = vec![false; patterns.len()];
                set.may_match(text, |number| may[number as usize] = true);
                for (pattern, may) in patterns.iter().zip(may) {
                    prop_assert!(may || !pattern.matches(text), "{pattern:?} {text}");
                }
            }
        }
    }
}
