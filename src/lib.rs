#![deny(unsafe_code)]
//! Splunk's Search Processing Language, run on one's own machine.
//!
//! ```text
//! text ─ syntax::lex ─▶ tokens ─ syntax::expand ─▶ tokens ─ syntax + command ─▶ stages ─ command::plan ─▶ plan ─ plan::rules ─▶ plan
//!      ─ operator::build ─▶ operators over column batches ─ output ─▶ table, JSON, CSV
//! ```

pub mod engine;

pub mod aggregate;
pub mod card;
pub mod cli;
pub mod column;
pub mod command;
mod crew;
pub mod detections;
pub mod diagnostic;
mod each;
pub mod editor;
pub mod fault;
pub mod function;
pub mod input;
pub mod knowledge;
pub mod lint;
mod machine;
pub mod manual;
pub mod operator;
pub mod output;
pub mod path;
pub mod plan;
pub mod regex;
pub mod shell;
pub mod store;
pub mod syntax;
pub mod time;
pub mod wildcard;
pub mod xml;

pub use engine::{Answer, Engine, Settings};

/// The examples of the README are tests.
#[cfg(doctest)]
#[doc = include_str!("../README.md")]
pub struct Readme;
