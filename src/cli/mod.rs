//! The program: one file per subcommand, and the flags that they share.
//!
//! Standard output carries results only; warnings, progress and summaries go to standard error.

mod batch;
mod check;
mod exit;
mod explain;
mod flags;
mod help;
mod interrupt;
mod progress;
mod query;
mod repl;
mod report;
mod run;

pub use check::diagnose;
pub use exit::{DATA_ERROR, DONE, FAULT, Failed, HIT, INTERRUPTED, USAGE};
pub use flags::Shared;
pub use report::Report;

use crate::fault;
use crate::machine::pages;
use clap::{FromArgMatches, Parser, Subcommand};
use std::ffi::OsString;
use std::process::ExitCode;

/// Splunk's Search Processing Language, run on this machine
#[derive(Debug, Parser)]
#[command(name = "spl", version, disable_help_subcommand = true, max_term_width = 110)]
struct Cli {
    #[command(flatten)]
    shared: Shared,
    #[command(subcommand)]
    command: Option<Command>,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Run one query
    Query(query::Args),
    /// Answer many queries, one JSON line each, over data that is loaded once
    Batch(batch::Args),
    /// Run detections over events
    Run(run::Args),
    /// Check searches without running them
    Check(check::Args),
    /// Show every stage of a query, from its text to what runs
    Explain(explain::Args),
    /// Show the manual: a command, a function, a code, what is built in
    Help(help::Args),
    /// The interactive shell; also without any subcommand
    Repl,
}

/// Runs the program.
pub fn main(args: impl IntoIterator<Item = OsString>) -> ExitCode {
    let cli = match help::command().try_get_matches_from(args).and_then(|m| Cli::from_arg_matches(&m)) {
        Ok(cli) => cli,
        Err(e) => return ExitCode::from(exit::usage(&e)),
    };
    let color = cli.shared.color();
    fault::install(move |d| Report::of_faults(color).plain([d]));
    pages::small();
    ExitCode::from(fault::guarded(|| run_command(&cli)).unwrap_or(FAULT))
}

/// Runs the subcommand; gives the exit code.
fn run_command(cli: &Cli) -> u8 {
    let shared = &cli.shared;
    let mut report = Report::new(shared);
    let done = match &cli.command {
        None | Some(Command::Repl) => repl::run(shared, &mut report),
        Some(Command::Query(args)) => query::run(shared, args, &mut report),
        Some(Command::Batch(args)) => batch::run(shared, args, &mut report),
        Some(Command::Run(args)) => run::run(shared, args, &mut report),
        Some(Command::Check(args)) => check::run(shared, args, &mut report),
        Some(Command::Explain(args)) => explain::run(shared, args, &mut report),
        Some(Command::Help(args)) => help::run(shared, args),
    };
    done.unwrap_or_else(|failed| report.failed(failed))
}
