//! Every command and function that is built is in a property: one with a second implementation, or one that asks for the same rows in every way.

use crate::command::list;
use crate::function::chapters;
use crate::invariant::{AGGREGATES, COMMANDS, FUNCTIONS, Written};
use crate::options;
use crate::stats;
use proptest::strategy::{Strategy, ValueTree};
use proptest::test_runner::TestRunner;
use spl_engine::card::Support;
use spl_engine::syntax::option::Effect;
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
    for (name, texts) in [COMMANDS, FUNCTIONS, AGGREGATES, options::LIST].into_iter().flatten() {
        assert!(texts.iter().all(|spl| has(spl, name)), "{name}: {texts:?}");
    }
    let mut runner = TestRunner::deterministic();
    for (name, make) in list() {
        let drawn = (0..30).any(|_| has(&make().new_tree(&mut runner).unwrap().current().spl, name));
        assert!(drawn, "{name} is not in the stages that stand under its name");
    }
}

/// Options that no stage has, and why.
const OPTION_EXCEPTIONS: &[(&str, &str, &str)] = &[];

#[test]
fn every_option_is_in_a_property() {
    let mut runner = TestRunner::deterministic();
    let drawn = list().flat_map(|(_, make)| (0..150).map(|_| make().new_tree(&mut runner).unwrap().current().spl).collect::<Vec<_>>());
    let texts: Vec<String> =
        drawn.chain([COMMANDS, AGGREGATES, options::LIST].into_iter().flatten().flat_map(|(_, all)| all.iter().map(|t| t.to_string()))).collect();
    let mut lacking = Vec::new();
    for c in command::all().filter(|c| !matches!(c.support, Support::Planned | Support::Outside(_))) {
        let its: Vec<&String> = texts.iter().filter(|t| has(t, c.name)).collect();
        let applied = c.options.iter().filter(|o| o.effect == Effect::Applied);
        lacking.extend(applied.filter(|o| !its.iter().any(|t| t.contains(&format!("{}=", o.name)))).map(|o| (c.name, o.name)));
    }
    lacking.retain(|(c, o)| !OPTION_EXCEPTIONS.iter().any(|(command, option, _)| command == c && option == o));
    assert!(lacking.is_empty(), "no property has {lacking:?}: write them in `options.rs`");
}

fn has(spl: &str, name: &str) -> bool {
    spl.split(|c: char| !c.is_ascii_alphanumeric() && c != '_').any(|word| word == name)
}
