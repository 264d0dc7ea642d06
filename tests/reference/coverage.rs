//! Every command and function that is built is in a property: one with a second implementation, or one that asks for the same rows in every way.

use crate::command::list;
use crate::function::chapters;
use crate::invariant::{AGGREGATES, COMMANDS, FUNCTIONS, Written};
use crate::stats;
use proptest::strategy::{Strategy, ValueTree};
use proptest::test_runner::TestRunner;
use spl_engine::card::Support;
use spl_engine::{aggregate, command, function};

/// Commands without a property, and why.
const COMMAND_EXCEPTIONS: &[(&str, &str)] = &[];

/// Expressions that are kinds of their own in `expr` and `search`.
const OWN_KINDS: &[&str] = &["mvfilter", "mvmap", "searchmatch"];

fn names(all: &'static [Written]) -> impl Iterator<Item = &'static str> {
    all.iter().map(|(name, _)| *name)
}

/// Those that no list names.
fn missing(built: impl Iterator<Item = &'static str>, known: &[&str]) -> Vec<&'static str> {
    built.filter(|name| !known.contains(name)).collect()
}

#[test]
fn every_command_is_in_a_property() {
    let known: Vec<&str> = list().map(|(name, _)| *name).chain(names(COMMANDS)).chain(COMMAND_EXCEPTIONS.iter().map(|(name, _)| *name)).collect();
    let built = command::all().filter(|c| !matches!(c.support, Support::Planned | Support::Outside(_))).map(|c| c.name);
    let none = missing(built, &known);
    assert!(none.is_empty(), "no property has {none:?}: write them in `command/` or `invariant.rs`");
    for (name, why) in COMMAND_EXCEPTIONS {
        assert!(command::find(name).is_some() && !why.is_empty(), "{name}");
    }
}

#[test]
fn every_function_is_in_a_property() {
    let known: Vec<&str> = chapters().map(|f| f.name).chain(names(FUNCTIONS)).chain(OWN_KINDS.iter().copied()).collect();
    let none = missing(function::all().filter(|f| f.support != Support::Planned).map(|f| f.name), &known);
    assert!(none.is_empty(), "no property has {none:?}: write them in `function/` or `invariant.rs`");
}

#[test]
fn every_stats_function_is_in_a_property() {
    // By the card that a name such as `perc90` means.
    let known: Vec<&str> = stats::FUNCTIONS.iter().copied().filter_map(|name| aggregate::find(name).map(|(a, _)| a.name)).chain(names(AGGREGATES)).collect();
    let none = missing(aggregate::all().filter(|a| a.support != Support::Planned).map(|a| a.name), &known);
    assert!(none.is_empty(), "no property has {none:?}: write them in `stats.rs` or `invariant.rs`");
}

/// A list cannot claim what its texts do not have.
#[test]
fn what_is_listed_is_written() {
    let has = |spl: &str, name: &str| spl.split(|c: char| !c.is_ascii_alphanumeric() && c != '_').any(|word| word == name);
    for (name, texts) in [COMMANDS, FUNCTIONS, AGGREGATES].into_iter().flatten() {
        assert!(texts.iter().all(|spl| has(spl, name)), "{name}: {texts:?}");
    }
    let mut runner = TestRunner::deterministic();
    for (name, make) in list() {
        let drawn = (0..30).any(|_| has(&make().new_tree(&mut runner).unwrap().current().spl, name));
        assert!(drawn, "{name} is not in the stages that stand under its name");
    }
}
