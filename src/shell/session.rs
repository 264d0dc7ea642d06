//! One session: the engine with what is loaded, and how answers are shown.

use super::attended::{self, Leave};
use super::{dot, show};
use crate::Engine;
use crate::column::{Name, Value};
use crate::detections::Found;
use crate::diagnostic::{Code, Diagnostic, Sources, render};
use crate::engine::Failure;
use crate::fault::{self, guarded};
use crate::knowledge::Knowledge;
use crate::operator::Cancel;
use crate::output::{self, Format, Sink, cleaned};
use crate::plan::TimeRange;
use crate::time::{FORMS, ModifierError, clock, modifier::relative_time};
use std::collections::BTreeSet;
use std::sync::Arc;

/// How the shell starts.
#[derive(Clone, Debug)]
pub struct Options {
    /// The format of answers; `None` for tables that turn vertical where they would be too wide.
    pub format: Option<Format>,
    pub header: bool,
    pub color: bool,
    /// Errors only: no warnings, no timing.
    pub quiet: bool,
}

impl Default for Options {
    fn default() -> Options {
        Options { format: None, header: true, color: true, quiet: false }
    }
}

/// Whether the shell goes on, and whether the last entry went well.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Next {
    Go(bool),
    Quit,
}

/// What is known for searches in files, with what lies beside them.
pub type Beside = Arc<dyn Fn(&Found) -> Result<Knowledge, Diagnostic> + Send + Sync>;

/// The state of a shell.
pub struct Session {
    pub engine: Engine,
    pub beside: Beside,
    pub options: Options,
    /// What Ctrl-C sets: the token that the engine came with.
    pub interrupt: Cancel,
    /// What the entry that runs goes by.
    leave: Leave,
    /// Rows that a table shows at most; `None` for all.
    pub cap: Option<usize>,
    pub timer: bool,
    /// `.time`, as written: it moves on with the clock.
    pub earliest: Option<String>,
    pub latest: Option<String>,
    fields: Arc<Vec<Name>>,
    /// Opens the place for results.
    open: fn(bool) -> Sink,
    results: Sink,
    remarks: Sink,
}

impl Session {
    /// A session over an engine.
    pub fn new(engine: Engine, beside: Beside, options: Options) -> Session {
        Session::with_sinks(engine, beside, options, Sink::stdout, Sink::stderr)
    }

    /// For tests: says nothing.
    #[cfg(test)]
    pub fn silent(engine: Engine) -> Session {
        let mute = |_| Sink::new(Box::new(std::io::sink()), false);
        Session::with_sinks(engine, Arc::new(|_| Ok(Knowledge::builtin())), Options::default(), mute, mute)
    }

    fn with_sinks(engine: Engine, beside: Beside, options: Options, open: fn(bool) -> Sink, remarks: fn(bool) -> Sink) -> Session {
        let (results, remarks) = (open(options.color), remarks(options.color));
        let timer = !options.quiet && results.is_terminal();
        let options = Options { color: results.has_color(), ..options };
        let mut session = Session {
            interrupt: engine.cancel.clone(),
            leave: Leave::default(),
            engine,
            beside,
            options,
            cap: Some(100),
            timer,
            earliest: None,
            latest: None,
            fields: Arc::default(),
            open,
            results,
            remarks,
        };
        session.loaded();
        session
    }

    /// The fields of what is loaded, and those that field knowledge makes of it; sorted.
    pub fn fields(&self) -> &Arc<Vec<Name>> {
        &self.fields
    }

    /// Looks again at what is loaded.
    pub fn loaded(&mut self) {
        let engine = self.engine.clone();
        if let Ok(fields) = self.attend(move || Ok(fields(&engine))) {
            self.fields = Arc::new(fields);
        }
    }

    /// What a person reads first.
    pub fn greet(&mut self) {
        let hint = "A query ends with Enter; `.help` lists what else there is, Tab completes, Ctrl-D leaves.";
        if self.engine.store.datasets().is_empty() && !self.options.quiet {
            self.say(&format!("No events are loaded: `.load PATH` loads them, and `| makeresults` makes rows to try things on.\n{hint}\n"));
        }
    }

    /// Runs a dot command or a query.
    pub fn enter(&mut self, text: &str) -> Next {
        self.interrupt.reset();
        self.leave = Leave::default();
        self.engine.cancel = self.leave.cancel.clone();
        match text {
            "" => Next::Go(true),
            dotted if dotted.starts_with('.') => dot::run(self, dotted),
            query => Next::Go(guarded(|| self.query(query)).unwrap_or(false)),
        }
    }

    /// Runs a query and shows its rows. False where it went wrong, which is said.
    fn query(&mut self, text: &str) -> bool {
        match self.with_range().and_then(|engine| show::rows(self, engine, text)) {
            Ok(()) => true,
            Err(failure) => {
                if !fault::met() {
                    self.failed(&failure);
                }
                false
            }
        }
    }

    /// The engine with the range of `.time` as it is now.
    pub fn with_range(&self) -> Result<Engine, Box<Failure>> {
        let mut engine = self.engine.clone();
        let (flags, mine) = (engine.settings.range, self.range().map_err(plain)?);
        engine.settings.range = flags.overridden_by(mine);
        Ok(engine)
    }

    /// The range of `.time`, in seconds.
    pub fn range(&self) -> Result<TimeRange, Diagnostic> {
        let now = self.engine.settings.now.unwrap_or_else(clock);
        let read = |text: &Option<String>| {
            let wrong = |t: &String, e: ModifierError| Diagnostic::error(Code::TIME, format!("`{t}` is no time")).help(e.to_string()).help(FORMS);
            let at = |t: &String| relative_time(now, t, &self.engine.settings.zone).map_err(|e| wrong(t, e));
            text.as_ref().map(at).transpose()
        };
        Ok(TimeRange { earliest: read(&self.earliest)?, latest: read(&self.latest)? })
    }

    /// A sink for results: one more of the same kind, for a format to finish. Nothing comes out of it once the entry is left.
    pub fn sink(&self) -> Sink {
        (self.open)(self.options.color).behind(&self.leave.gate)
    }

    /// Does work of this entry where Ctrl-C can leave it.
    pub fn attend<T: Send + 'static>(&self, work: impl FnOnce() -> Result<T, Box<Failure>> + Send + 'static) -> Result<T, Box<Failure>> {
        attended::attend(&self.interrupt, &self.leave, work)
    }

    /// How rows are shown.
    pub fn output(&self) -> (Format, output::Options) {
        let width = if self.results.is_terminal() { output::table::terminal_width() } else { None };
        let options =
            output::Options { zone: self.engine.settings.zone, header: self.options.header, width, auto_vertical: self.options.format.is_none(), cap: None };
        (self.options.format.unwrap_or_default(), options)
    }

    /// Rows that are shown in a format at most: what people read has a cap.
    pub fn cap_of(&self, format: Format) -> usize {
        self.cap.filter(|_| matches!(format, Format::Table | Format::Vertical)).unwrap_or(usize::MAX)
    }

    /// Writes an answer of the shell itself.
    pub fn say(&mut self, text: &str) {
        // There is nowhere to complain to.
        let _ = self.results.text(text).and_then(|()| self.results.flush());
    }

    /// Writes a remark beside the results.
    pub fn remark(&mut self, text: &str) {
        let _ = self.remarks.text(text).and_then(|()| self.remarks.flush());
    }

    /// Tells a person what a setting is now; results in a pipe stay results.
    pub fn done(&mut self, text: &str) {
        if !self.options.quiet && self.results.is_terminal() {
            self.say(text);
        }
    }

    /// Says a diagnostic; warnings not where the user wants quiet.
    pub fn diagnostic(&mut self, diagnostic: &Diagnostic, sources: &Sources) {
        if self.options.quiet && !diagnostic.is_error() {
            return;
        }
        let text = render(&cleaned(diagnostic), sources, self.remarks.has_color());
        let _ = self.remarks.styled(&text).and_then(|()| self.remarks.text("\n")).and_then(|()| self.remarks.flush());
    }

    /// Says why something did not work.
    pub fn failed(&mut self, failure: &Failure) {
        failure.diagnostics.iter().for_each(|d| self.diagnostic(d, &failure.sources));
    }
}

/// The fields that stand in the loaded tables, and those that the rules for their sources make at search time.
fn fields(engine: &Engine) -> Vec<Name> {
    let mut names = engine.store.fields();
    let mut kinds: BTreeSet<[String; 3]> = BTreeSet::new();
    for dataset in engine.store.datasets() {
        for segment in dataset.known() {
            let columns = ["source", "host", "sourcetype"].map(|name| segment.column(name));
            let mut last: Option<[Value<'_>; 3]> = None;
            for row in 0..segment.len() {
                let kind = [columns[0].get(row), columns[1].get(row), columns[2].get(row)];
                if last.as_ref() != Some(&kind) {
                    kinds.insert(kind.each_ref().map(|v| v.as_text().map_or(String::new(), |t| t.into_owned())));
                    last = Some(kind);
                }
            }
        }
    }
    for [source, host, sourcetype] in &kinds {
        names.extend(engine.knowledge.rules_for(source, host, sourcetype).made().map(|made| Name::from(made.field)));
    }
    names.sort();
    names.dedup();
    names
}

/// Trouble that has no place in a query.
pub fn plain(diagnostic: Diagnostic) -> Box<Failure> {
    Box::new(Failure { sources: Sources::default(), diagnostics: vec![diagnostic] })
}
