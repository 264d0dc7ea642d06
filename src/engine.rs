//! The whole path, one folder a line: text → tokens → stages → plan → operators → rows.

mod together;

pub use together::Outcome;

use crate::column::Batch;
use crate::diagnostic::{Code, Diagnostic, Sources};
use crate::function::Env;
use crate::input::Warnings;
use crate::knowledge::Knowledge;
use crate::operator::{self, Cancel, Context, Memory, Stream};
use crate::plan::{self, Limits, Node, Planner, TimeRange};
use crate::store::Catalog;
use crate::syntax::{self, Pipeline, Token, expand::expand, lex::lex};
use crate::time::{Zone, clock};
use std::path::PathBuf;
use std::sync::{Arc, Mutex};
use std::time::Duration;

/// How queries run.
#[derive(Clone, Debug)]
pub struct Settings {
    pub threads: usize,
    /// Bytes that one query may hold.
    pub memory: usize,
    pub timeout: Option<Duration>,
    pub zone: Zone,
    /// The present, epoch seconds; `None` for the clock's.
    pub now: Option<f64>,
    pub range: TimeRange,
    pub limits: Limits,
    /// Rows of a batch at most.
    pub batch_rows: usize,
    /// The directory that commands may write files to, and read them from again; `None` forbids them to write at all.
    pub writes: Option<PathBuf>,
    /// Apply the rewrites that only make plans faster.
    pub optimise: bool,
}

impl Default for Settings {
    fn default() -> Settings {
        let threads = std::thread::available_parallelism().map_or(1, |n| n.get());
        Settings {
            threads,
            memory: 4 << 30,
            timeout: None,
            zone: Zone::utc(),
            now: None,
            range: TimeRange::default(),
            limits: Limits::default(),
            batch_rows: usize::MAX,
            writes: None,
            optimise: true,
        }
    }
}

/// Runs queries over loaded events.
#[derive(Clone)]
pub struct Engine {
    pub store: Arc<Catalog>,
    pub knowledge: Arc<Knowledge>,
    pub settings: Settings,
    pub cancel: Cancel,
}

/// A query read as far as a tree, with everything that is wrong with it.
pub struct Parsed {
    pub sources: Sources,
    pub tokens: Vec<Token>,
    pub expanded: Vec<Token>,
    pub pipeline: Pipeline,
    /// How many stages there are, those of subsearches among them.
    pub stages: usize,
    pub diagnostics: Vec<Diagnostic>,
}

/// A planned query.
pub struct Planned {
    pub sources: Sources,
    pub plan: Node,
    /// The present and the zone that it was planned for: it runs with the same.
    pub env: Arc<Env>,
    pub stages: usize,
    pub warnings: Vec<Diagnostic>,
}

/// Why a query did not run, with the texts that the diagnostics point into.
#[derive(Debug)]
pub struct Failure {
    pub sources: Sources,
    pub diagnostics: Vec<Diagnostic>,
}

/// A running query.
pub struct Running {
    pub sources: Sources,
    pub rows: Stream,
    pub context: Arc<Context>,
    stages: usize,
    pub warnings: Vec<Diagnostic>,
}

/// The rows of a query that ran to its end.
#[derive(Debug)]
pub struct Answer {
    pub rows: Batch,
    pub warnings: Vec<Diagnostic>,
}

impl Engine {
    /// An engine over these events.
    pub fn new(store: Catalog, knowledge: Knowledge, settings: Settings) -> Engine {
        Engine { store: Arc::new(store), knowledge: Arc::new(knowledge), settings, cancel: Cancel::default() }
    }

    /// Runs a query to its end.
    pub fn run(&self, text: &str) -> Result<Answer, Failure> {
        let parsed = self.parse(text, None);
        let planned = self.plan(parsed)?;
        let running = self.start(planned)?;
        running.finish()
    }

    /// Text to tree. Reports every error at once.
    pub fn parse(&self, text: &str, file: Option<String>) -> Parsed {
        let env = self.env();
        let mut sources = Sources::new(text, file);
        let lexemes = lex(text, Default::default());
        let evaluate = |text: &str| plan::planner::constant(text, &self.knowledge, &env);
        let (expanded, errors) = expand(lexemes.tokens.clone(), &mut sources, self.knowledge.macros(), &evaluate);
        let (pipeline, stages, syntax_errors) = syntax::parse(&expanded, &sources);
        // A text that is cut wrongly, or cut off by a limit, is not parsed rightly: one cause, one message.
        let broken = !lexemes.errors.is_empty() || errors.iter().any(|e| e.code == Code::MACRO_LIMIT);
        let diagnostics = lexemes.errors.into_iter().chain(errors).chain(syntax_errors.into_iter().filter(|_| !broken)).collect();
        Parsed { sources, tokens: lexemes.tokens, expanded, pipeline, stages, diagnostics }
    }

    /// Tree to plan.
    pub fn plan(&self, parsed: Parsed) -> Result<Planned, Failure> {
        self.lower(parsed).map(|planned| self.rewrite(planned))
    }

    /// Tree to plan as the commands lower it.
    pub fn lower(&self, parsed: Parsed) -> Result<Planned, Failure> {
        roomy(parsed.stages, || self.lowered(parsed))
    }

    /// The plan after the rewrites.
    pub fn rewrite(&self, planned: Planned) -> Planned {
        let apply = if self.settings.optimise { plan::rules::apply } else { plan::rules::apply_required };
        roomy(planned.stages, || Planned { plan: apply(planned.plan), ..planned })
    }

    fn lowered(&self, parsed: Parsed) -> Result<Planned, Failure> {
        if !parsed.diagnostics.is_empty() {
            return Err(Failure { sources: parsed.sources, diagnostics: parsed.diagnostics });
        }
        let env = self.env();
        let mut planner = Planner::new(&self.knowledge, &parsed.sources, env.clone(), self.settings.limits.clone(), self.settings.range);
        planner.in_order = self.store.in_order();
        planner.states = self.store.holds_states();
        planner.writes = self.settings.writes.clone();
        let planned = env.ceilings.watch(|| planner.query(&parsed.pipeline));
        let (warnings, stages) = (std::mem::take(&mut planner.warnings), parsed.stages + planner.written_out);
        match planned {
            Ok(plan) => Ok(Planned { sources: parsed.sources, plan, env, stages, warnings }),
            Err(d) => Err(Failure { sources: parsed.sources, diagnostics: vec![d] }),
        }
    }

    /// Plan to operators: the rows come as they are asked for.
    pub fn start(&self, planned: Planned) -> Result<Running, Failure> {
        let context = Arc::new(self.context(planned.env.clone()));
        self.start_in(planned, context)
    }

    /// What the raw records of a file must show to be parsed for a scan; empty where all are parsed.
    pub fn raw_check(&self, scan: &plan::Scan) -> String {
        let predicate = scan.predicate.as_ref().filter(|_| self.settings.optimise);
        let check = predicate.map(|p| operator::prefilter::check(p, &self.knowledge, &self.env()));
        check.filter(|c| !c.is_none()).map(|c| format!("{c:?}")).unwrap_or_default()
    }

    /// As [`Engine::start`], with what each operator takes measured.
    pub fn start_measured(&self, planned: Planned) -> Result<Running, Failure> {
        let context = Context { meters: Some(Default::default()), ..self.context(planned.env.clone()) };
        self.start_in(planned, Arc::new(context))
    }

    fn start_in(&self, planned: Planned, context: Arc<Context>) -> Result<Running, Failure> {
        let Planned { stages, plan, .. } = planned;
        match roomy(stages, || context.env.ceilings.watch(|| operator::build(plan, &context))) {
            Ok(rows) => Ok(Running { sources: planned.sources, rows, context, stages, warnings: planned.warnings }),
            Err(d) => Err(Failure { sources: planned.sources, diagnostics: vec![d] }),
        }
    }

    /// An engine over other events, with all else the same.
    pub fn over(&self, store: Catalog) -> Engine {
        Engine { store: Arc::new(store), ..self.clone() }
    }

    fn env(&self) -> Arc<Env> {
        let now = self.settings.now.unwrap_or_else(clock);
        Arc::new(Env { now, zone: self.settings.zone, seed: now.to_bits(), ..Env::default() })
    }

    fn context(&self, env: Arc<Env>) -> Context {
        Context {
            env,
            memory: Memory::new(self.settings.memory),
            cancel: self.cancel.clone().within(self.settings.timeout),
            limits: self.settings.limits.clone(),
            threads: self.settings.threads,
            batch_rows: self.settings.batch_rows,
            optimise: self.settings.optimise,
            meters: None,
            scanned: operator::Scanned::default(),
            store: self.store.clone(),
            knowledge: self.knowledge.clone(),
            input_warnings: Mutex::new(Warnings::new()),
            warnings: Mutex::new(Vec::new()),
        }
    }
}

impl Running {
    /// The next rows.
    pub fn next_batch(&mut self) -> Result<Option<Batch>, Diagnostic> {
        self.context.cancel.check()?;
        let rows = roomy(self.stages, || self.context.env.ceilings.watch(|| self.rows.next()))?;
        // Rows that were made while the query was told to end, or had no memory left, are not whole.
        self.context.cancel.check()?;
        self.context.memory.check()?;
        Ok(rows)
    }

    /// Ceilings that cut, damaged input, and what the planner had to say.
    pub fn all_warnings(&mut self) -> Vec<Diagnostic> {
        let mut all = std::mem::take(&mut self.warnings);
        all.extend(self.context.warnings.lock().map(|mut w| std::mem::take(&mut *w)).unwrap_or_default());
        all.extend(self.context.env.ceilings.warnings());
        all.extend(self.context.input_warnings.lock().map(|w| w.diagnostics()).unwrap_or_default());
        all
    }

    /// All rows.
    pub fn finish(mut self) -> Result<Answer, Failure> {
        let (mut parts, mut seen) = (Vec::new(), Default::default());
        loop {
            match self.next_batch().map(|batch| batch.map(Batch::kept)) {
                Ok(Some(batch)) => match self.context.memory.charge(batch.bytes_beside(&mut seen)) {
                    Ok(()) => parts.push(batch),
                    Err(d) => return Err(Failure { sources: self.sources, diagnostics: vec![d] }),
                },
                Ok(None) => break,
                Err(d) => return Err(Failure { sources: self.sources, diagnostics: vec![d] }),
            }
        }
        let warnings = self.all_warnings();
        Ok(Answer { rows: Batch::concat(parts), warnings })
    }
}

/// From so many stages on a plan gets a stack of its own: rules and operators call each other as deep as it has stages.
const MANY_STAGES: usize = 40;
/// Bytes of that stack, as address space: only what is touched takes memory.
const STACK: usize = 128 << 20;

fn roomy<T>(stages: usize, work: impl FnOnce() -> T) -> T {
    if stages > MANY_STAGES { stacker::maybe_grow(STACK / 2, STACK, work) } else { work() }
}
