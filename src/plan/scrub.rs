//! What `scrub` leaves, and what it replaces.

use crate::regex::Regex;
use foldhash::fast::RandomState;
use hashbrown::HashSet;

/// Words in lower case.
pub type Words = HashSet<String, RandomState>;

/// The lists that decide over words.
#[derive(Debug, Default)]
pub struct Scrub {
    /// Left as they are.
    pub public: Words,
    /// Left as they are, too; what is private goes before it.
    pub dictionary: Words,
    /// Always replaced.
    pub private: Words,
    /// Replaced by each other, those of the same length.
    pub names: Vec<String>,
    /// Times, whose digits are replaced one by one; those of [`Scrub::kept`] stay where there are none.
    pub times: Vec<Regex>,
    /// Forms of times that stay.
    pub kept: Vec<Regex>,
}

/// A word a line; lines that begin with `#` are about them.
pub fn words(text: &str) -> impl Iterator<Item = String> {
    text.lines().map(str::trim).filter(|l| !l.is_empty() && !l.starts_with('#')).map(str::to_lowercase)
}
