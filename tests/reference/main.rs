//! A second opinion: SPL worked out a row at a time, as plainly as it can be said, from Splunk's documentation and the choices
//! that the cards state, not from the engine's code. Random rows and random queries go to both, and the answers must agree.
//!
//! A query is a small tree that prints itself as SPL for the engine and works itself out for the reference; nothing here parses.
//! Where the two disagree, Splunk's words decide; what was wrong in the engine has a case in `tests/spec` as well.
//!
//! The seed is fixed, so that a run repeats; `PROPTEST_CASES=5000` or `PROPTEST_RNG_SEED=7` looks elsewhere.

mod against;
mod command;
mod coverage;
mod data;
mod expr;
mod function;
mod invariant;
mod options;
mod search;
mod stats;
#[allow(dead_code)]
mod value;
mod ways;
