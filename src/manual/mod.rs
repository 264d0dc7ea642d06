//! What derives from the cards: help pages, lists, coverage, and the manual's files.

mod book;
mod coverage;
mod page;

pub use book::book;
pub use coverage::coverage;
pub use page::{did_you_mean, page};

/// What `spl help` tells beside the subcommands.
pub const TOPICS: &str = "\
Manual:
  spl help commands     all commands with a line each
  spl help functions    all eval and stats functions
  spl help codes        all diagnostic codes
  spl help knowledge    the built-in field knowledge, as .conf files
  spl help NAME         one command, function or code
  spl help --coverage   how much of Splunk's language there is
";
