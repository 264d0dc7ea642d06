//! How the program ends: what went wrong, and the exit code that says so.

use crate::diagnostic::{Code, Diagnostic, Kind};
use crate::engine::Failure;
use crate::output::Sink;
use std::io;

/// All went well.
pub const DONE: u8 = 0;
/// `--fail-on-hit`, and a detection found something.
pub const HIT: u8 = 1;
/// Wrong usage, a query that is wrong, or one that needs more than its limits.
pub const USAGE: u8 = 2;
/// Data that cannot be read, results that cannot be written.
pub const DATA_ERROR: u8 = 3;
/// A fault of the program itself.
pub const FAULT: u8 = 4;
/// Ended by Ctrl-C.
pub const INTERRUPTED: u8 = 130;

/// Why a subcommand ended early.
#[derive(Debug)]
pub enum Failed {
    /// A query, with the texts that its diagnostics point into.
    Query(Box<Failure>),
    /// Anything that has no place in a query.
    Plain(Box<Diagnostic>),
    /// Writing the results.
    Write(io::Error),
    /// All is said already.
    Said(u8),
}

impl Failed {
    /// A wrong flag or argument.
    pub fn usage(message: impl Into<String>) -> Diagnostic {
        Diagnostic::error(Code::USAGE, message)
    }
}

impl From<Failure> for Failed {
    fn from(failure: Failure) -> Failed {
        Failed::Query(Box::new(failure))
    }
}

impl From<Diagnostic> for Failed {
    fn from(diagnostic: Diagnostic) -> Failed {
        Failed::Plain(Box::new(diagnostic))
    }
}

impl From<io::Error> for Failed {
    fn from(error: io::Error) -> Failed {
        Failed::Write(error)
    }
}

/// The exit code that goes with an error.
pub fn code(diagnostic: &Diagnostic) -> u8 {
    match diagnostic.kind() {
        _ if diagnostic.code == Code::CANCELLED => INTERRUPTED,
        _ if diagnostic.code == Code::FAULT => FAULT,
        Kind::Data | Kind::Runtime => DATA_ERROR,
        Kind::Parse | Kind::Plan | Kind::Unsupported | Kind::Limit | Kind::Lint | Kind::Usage => USAGE,
    }
}

/// Prints what the argument parser has to say: help and version are no errors.
pub fn usage(error: &clap::Error) -> u8 {
    let color = std::env::var_os("NO_COLOR").is_none_or(|v| v.is_empty());
    let mut sink = if error.use_stderr() { Sink::stderr(color) } else { Sink::stdout(color) };
    // Nothing can be done where even this cannot be written.
    let _ = sink.styled(&error.render().ansi().to_string()).and_then(|()| sink.finish());
    if error.use_stderr() { USAGE } else { DONE }
}
