//! What the program says on standard error.

use super::exit::{self, DONE, Failed};
use super::flags::Shared;
use crate::diagnostic::{Code, Diagnostic, Severity, Sources, render};
use crate::fault;
use crate::output::{Sink, cleaned};
use std::io;

/// Standard error, and what may be said there.
pub struct Report {
    sink: Sink,
    quiet: bool,
}

impl Report {
    /// As the flags want it.
    pub fn new(shared: &Shared) -> Report {
        Report { sink: Sink::stderr(shared.color()), quiet: shared.quiet }
    }

    /// For what must be said whatever the flags are.
    pub fn of_faults(color: bool) -> Report {
        Report { sink: Sink::stderr(color), quiet: false }
    }

    /// For tests: says nothing.
    #[cfg(test)]
    pub fn silent() -> Report {
        Report { sink: Sink::new(Box::new(io::sink()), false), quiet: true }
    }

    /// Says a diagnostic; warnings and notes not where the user wants quiet.
    pub fn diagnostic(&mut self, diagnostic: &Diagnostic, sources: &Sources) {
        if diagnostic.severity != Severity::Error && self.quiet {
            return;
        }
        let text = render(&cleaned(diagnostic), sources, self.sink.has_color());
        self.say(&format!("{text}\n"));
    }

    /// Says diagnostics that point into no query.
    pub fn plain<'a>(&mut self, diagnostics: impl IntoIterator<Item = &'a Diagnostic>) {
        let none = Sources::default();
        diagnostics.into_iter().for_each(|d| self.diagnostic(d, &none));
    }

    /// Says a sentence that is neither an error nor a result.
    pub fn note(&mut self, text: &str) {
        if !self.quiet {
            self.say(&format!("{text}\n"));
        }
    }

    /// May it speak of anything but errors?
    pub fn is_quiet(&self) -> bool {
        self.quiet
    }

    /// Is a person reading along?
    pub fn is_terminal(&self) -> bool {
        self.sink.is_terminal()
    }

    /// Says why a subcommand ended early, and gives the exit code.
    pub fn failed(&mut self, failed: Failed) -> u8 {
        match failed {
            _ if fault::met() => exit::FAULT,
            Failed::Query(failure) => {
                failure.diagnostics.iter().for_each(|d| self.diagnostic(d, &failure.sources));
                failure.diagnostics.iter().filter(|d| d.is_error()).map(exit::code).max().unwrap_or(exit::USAGE)
            }
            Failed::Plain(d) => {
                self.plain([&*d]);
                exit::code(&d)
            }
            // Who reads has seen enough: `spl … | head`.
            Failed::Write(e) if e.kind() == io::ErrorKind::BrokenPipe => DONE,
            Failed::Write(e) => {
                self.plain([&Diagnostic::error(Code::RUNTIME, format!("the results cannot be written: {e}"))]);
                exit::DATA_ERROR
            }
            Failed::Said(code) => code,
        }
    }

    fn say(&mut self, text: &str) {
        // There is nowhere left to complain to.
        let _ = self.sink.styled(text).and_then(|()| self.sink.flush());
    }
}
