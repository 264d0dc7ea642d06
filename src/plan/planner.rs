//! From stages to plan nodes: what every command's `plan` works with.

use super::{Aside, Node, Predicate, Scan, Shown, rules};
use crate::card::Support;
use crate::column::Name;
use crate::diagnostic::{Code, Diagnostic, Sources, Span};
use crate::function::Env;
use crate::knowledge::Knowledge;
use crate::syntax::pipeline::{Pipeline, Step};
use crate::syntax::{self, lex, tokens::Context, tokens::Tokens};
use std::collections::HashMap;
use std::path::PathBuf;
use std::sync::Arc;

/// Splunk's ceilings, as defaults.
#[derive(Clone, Debug)]
pub struct Limits {
    /// Values that `list()` keeps.
    pub list: usize,
    /// Rows that a subsearch in a search hands over.
    pub subsearch: usize,
    /// Rows of a join's or append's subsearch.
    pub join: usize,
    /// Rows that `sort` keeps without a count.
    pub sort: u64,
    /// Rows of a window of `streamstats`.
    pub window: usize,
    /// Subsearches within subsearches.
    pub depth: usize,
}

impl Default for Limits {
    fn default() -> Limits {
        Limits { list: 100, subsearch: 10_000, join: 50_000, sort: 10_000, window: 10_000, depth: 8 }
    }
}

/// A range of time: `earliest` inclusive, `latest` exclusive.
#[derive(Clone, Copy, Debug, Default, PartialEq, serde::Serialize)]
pub struct TimeRange {
    pub earliest: Option<f64>,
    pub latest: Option<f64>,
}

impl TimeRange {
    /// No bounds at all?
    pub fn is_all(&self) -> bool {
        self.earliest.is_none() && self.latest.is_none()
    }

    /// Bounds of the other one where it has them: what the search says wins over the flags.
    pub fn overridden_by(self, other: TimeRange) -> TimeRange {
        TimeRange { earliest: other.earliest.or(self.earliest), latest: other.latest.or(self.latest) }
    }

    /// Does a time lie within? A row without a time lies in no range that has bounds.
    pub fn contains(&self, time: Option<f64>) -> bool {
        self.is_all() || time.is_some_and(|t| self.earliest.is_none_or(|e| t >= e) && self.latest.is_none_or(|l| t < l))
    }
}

/// Turns the stages of a query into a plan.
pub struct Planner<'a> {
    pub knowledge: &'a Knowledge,
    pub sources: &'a Sources,
    pub env: Arc<Env>,
    pub limits: Limits,
    /// Of `--earliest` and `--latest`.
    pub range: TimeRange,
    /// Rows that stand in for events keep their order.
    pub in_order: bool,
    /// Events may be rows of states, as sistats makes them.
    pub states: bool,
    /// Where commands may write files; `None` forbids it.
    pub writes: Option<PathBuf>,
    /// The place of the stage that is being planned.
    pub span: Span,
    pub warnings: Vec<Diagnostic>,
    /// What the rows of the whole query are shown as: `fieldformat`.
    pub shows: Vec<Shown>,
    /// The `timeformat=` beside the search terms that are being planned.
    pub(super) time_format: Option<String>,
    /// What stands between the values of fields once `nomv` makes one text of them: the `delim` of mvcombine and stats.
    pub delimiters: HashMap<String, String>,
    pub(super) depth: usize,
    /// Stages that templates stand for in the plan, beyond those that are written.
    pub written_out: usize,
    /// What the expressions of the stage that is being planned need beside them.
    pub(super) asides: Vec<Aside>,
}

impl<'a> Planner<'a> {
    /// A planner for one query.
    pub fn new(knowledge: &'a Knowledge, sources: &'a Sources, env: Arc<Env>, limits: Limits, range: TimeRange) -> Planner<'a> {
        Planner {
            knowledge,
            sources,
            env,
            limits,
            range,
            in_order: false,
            states: false,
            writes: None,
            span: Span::default(),
            warnings: Vec::new(),
            shows: Vec::new(),
            time_format: None,
            delimiters: HashMap::new(),
            depth: 0,
            written_out: 0,
            asides: Vec::new(),
        }
    }

    /// The same, for a search that stands in so many subsearches.
    pub fn at_depth(mut self, depth: usize) -> Self {
        self.depth = depth;
        self
    }

    /// The plan of a pipeline over the rows that a [`Node::Fork`] holds.
    pub fn branch(&mut self, pipeline: &Pipeline) -> Result<Node, Diagnostic> {
        let before = self.shows.len();
        let node = self.pipeline(pipeline, Node::Held);
        self.shows.truncate(before);
        node
    }

    /// An error where searches nest deeper than allowed.
    pub fn deep_enough(&self, depth: usize, span: Span) -> Result<(), Diagnostic> {
        match depth > self.limits.depth {
            true => Err(Diagnostic::error(Code::NESTING, format!("subsearches nest deeper than {} levels", self.limits.depth)).at(span)),
            false => Ok(()),
        }
    }

    /// A template that stands here.
    pub fn template(&self, text: String, span: Span) -> super::Template {
        super::Template { text, span, range: self.range, depth: self.depth }
    }

    /// What planning a text takes of this planner.
    pub fn around(&self) -> super::template::Surroundings<'_> {
        super::template::Surroundings { knowledge: self.knowledge, env: &self.env, limits: &self.limits, in_order: self.in_order, states: self.states }
    }

    /// The plan of a whole query, before any rewriting.
    pub fn query(&mut self, pipeline: &Pipeline) -> Result<Node, Diagnostic> {
        let before = self.shows.len();
        let node = self.pipeline(pipeline, Node::Start)?;
        let node = self.started(node);
        let node = self.typed(node, pipeline)?;
        // The look of fields is for who reads the rows: nothing is left of it in a subsearch.
        let shows = self.shows.split_off(before.min(self.shows.len()));
        Ok(if self.depth == 0 { shows.into_iter().fold(node, |node, shown| shown.over(node)) } else { node })
    }

    /// The plan of stages over an input.
    pub fn pipeline(&mut self, pipeline: &Pipeline, input: Node) -> Result<Node, Diagnostic> {
        pipeline.stages.iter().try_fold(input, |node, step| self.step(step, node))
    }

    /// The plan of a subsearch: its own scan, and no more levels than the limit.
    pub fn subsearch(&mut self, pipeline: &Pipeline) -> Result<Node, Diagnostic> {
        if self.depth >= self.limits.depth {
            return Err(Diagnostic::error(Code::NESTING, format!("subsearches nest deeper than {} levels", self.limits.depth)).at(pipeline.span));
        }
        self.depth += 1;
        let span = self.span;
        let node = self.query(pipeline);
        self.span = span;
        self.depth -= 1;
        Ok(rules::apply(node?))
    }

    fn step(&mut self, step: &Step, input: Node) -> Result<Node, Diagnostic> {
        self.span = step.name_span;
        match step.command.support {
            Support::Outside(why) => {
                return Err(Diagnostic::error(Code::NEEDS_SERVER, format!("`{}` is not run here: {why}", step.command.name)).at(step.name_span));
            }
            Support::Planned => {
                return Err(
                    Diagnostic::error(Code::KNOWN_NOT_BUILT, format!("the command `{}` is known but not built yet", step.command.name)).at(step.name_span)
                );
            }
            _ => {}
        }
        let generating = step.command.kind == crate::command::Kind::Generating;
        if generating && !matches!(input, Node::Start) && !matches!(step.command.name, "inputlookup" | "inputcsv" | "mcatalog" | "tstats" | "mstats") {
            return Err(Diagnostic::error(Code::PLACE, format!("`{}` makes rows of its own and must stand first", step.command.name))
                .at(step.name_span)
                .help(format!("Put it into a subsearch: `| append [| {} …]`.", step.command.name)));
        }
        // A stage of a subsearch is planned amid another one.
        let outer = std::mem::take(&mut self.asides);
        let node = self.with_asides(step, input);
        self.asides = outer;
        node.map_err(|d| if d.span.is_none() { d.at(step.name_span) } else { d })
    }

    /// The stage over its input, and over what its expressions need beside them.
    fn with_asides(&mut self, step: &Step, input: Node) -> Result<Node, Diagnostic> {
        let named = ["cluster", "getfields"].iter().any(|name| self.sources.iter().any(|s| s.text.to_ascii_lowercase().contains(name)));
        let again = named.then(|| input.clone());
        let node = step.stage.plan(self, input)?;
        let asides = self.asides();
        let Some(input) = again.filter(|_| !asides.is_empty()) else { return Ok(node) };
        let hidden = Aside::hidden(&asides);
        let input = asides.into_iter().fold(self.started(input), |node, aside| aside.over(node));
        let (warnings, shows) = (self.warnings.len(), self.shows.len());
        let node = step.stage.plan(self, input)?;
        self.warnings.truncate(warnings);
        self.shows.truncate(shows);
        Ok(Node::Project { input: Box::new(node), projection: super::Projection::Remove(hidden) })
    }

    /// The events that a stage reads when nothing stands before it.
    pub fn started(&self, node: Node) -> Node {
        match node {
            Node::Start => Node::Scan(Scan { range: self.range, in_order: self.in_order, states: self.states, ..Scan::default() }),
            other => other,
        }
    }

    /// A search given as text, for `searchmatch` and event types.
    pub fn search_text(&mut self, text: &str, span: Span) -> Result<Predicate, Diagnostic> {
        let sources = Sources::new(text, None);
        let lexemes = lex::lex(text, Default::default());
        let context = Context::new(&sources);
        let parsed = syntax::search::search(Tokens::new(&lexemes.tokens, &context));
        match parsed {
            Ok((rest, tree)) if rest.is_empty() && lexemes.errors.is_empty() => self.predicate(&tree),
            _ => Err(Diagnostic::error(Code::SYNTAX, format!("`{text}` is no search expression")).at(span)),
        }
    }
}

/// An eval expression given as text, as props.conf has them.
pub fn expression(text: &str, knowledge: &Knowledge, env: &Arc<Env>) -> Result<super::Expr, Diagnostic> {
    let sources = Sources::new(text, None);
    let lexemes = lex::lex(text, Default::default());
    if let Some(e) = lexemes.errors.into_iter().next() {
        return Err(e);
    }
    let context = Context::new(&sources);
    match syntax::expr::expr(Tokens::new(&lexemes.tokens, &context)) {
        Ok((rest, tree)) if rest.is_empty() => {
            let mut planner = Planner::new(knowledge, &sources, env.clone(), Limits::default(), TimeRange::default());
            let expr = planner.expr(&tree)?;
            match planner.asides().is_empty() {
                true => Ok(expr),
                false => Err(Diagnostic::error(Code::ARGUMENTS, "`cluster` and `getfields` need the rows, which are not there yet here").at(tree.span)),
            }
        }
        Err(nom::Err::Failure(syntax::Failure(Some(d)))) => Err(*d),
        _ => {
            let (at, wants) = context.wanted.take();
            let place = Tokens::new(&lexemes.tokens, &context).skip(at).span();
            Err(Diagnostic::error(Code::SYNTAX, format!("expected {}", syntax::wanted::list(&wants))).at(place))
        }
    }
}

/// The fields that an expression of a rule reads; none where it cannot be read.
pub fn reads(text: &str, knowledge: &Knowledge, env: &Arc<Env>) -> Option<Arc<[Name]>> {
    knowledge.reads(text, || {
        let mut names = Vec::new();
        expression(text, knowledge, env).ok()?.fields(&mut names);
        Some(names)
    })
}

/// Constant eval text to its value as text: for macros with `iseval` and for their validation.
pub fn constant(text: &str, knowledge: &Knowledge, env: &Arc<Env>) -> Result<Option<String>, String> {
    match expression(text, knowledge, env) {
        Ok(super::Expr::Literal(v)) => Ok(v.as_text().map(|t| t.into_owned())),
        Ok(_) => Err("it names a field, and a macro has no events".into()),
        Err(d) => Err(d.to_string()),
    }
}

/// A search given as text, as a subsearch may return one; as a phrase where it is no search.
pub fn search_text_alone(text: &str, knowledge: &Knowledge, env: &Arc<Env>) -> Result<Predicate, Diagnostic> {
    let sources = Sources::new(text, None);
    let mut planner = Planner::new(knowledge, &sources, env.clone(), Limits::default(), TimeRange::default());
    match planner.search_text(text, Span::default()) {
        Err(_) => Ok(super::Phrase::new(text, false, super::predicate::Bound::Minor).map_or(Predicate::Or(Vec::new()), Predicate::Text)),
        ok => ok,
    }
}

impl Planner<'_> {
    /// The search that an event type stands for; `None` where no event type has this name, or a wildcard one.
    pub fn eventtype(&mut self, name: &str, span: Span) -> Result<Option<Predicate>, Diagnostic> {
        let pattern = crate::wildcard::Pattern::new(name);
        let searches: Vec<String> = self.knowledge.event_types().values().filter(|e| pattern.matches(&e.name)).map(|e| e.search.clone()).collect();
        if searches.is_empty() {
            return Ok(None);
        }
        let any = searches.iter().map(|s| self.search_text(s, span)).collect::<Result<Vec<_>, _>>()?;
        Ok(Some(Predicate::Or(any)))
    }

    /// The field values that carry a tag, as one condition; of one field where it is named.
    pub fn tag(&mut self, field: Option<&str>, name: &str) -> Option<Predicate> {
        let values: Vec<(String, String)> = self.knowledge.tags().values(name).map(|(f, v)| (f.to_string(), v.to_string())).collect();
        let any: Vec<Predicate> = values
            .into_iter()
            .filter(|(f, _)| field.is_none_or(|want| want == f))
            .map(|(f, v)| match f.as_str() {
                "eventtype" => self.eventtype(&v, self.span).ok().flatten().unwrap_or(Predicate::Or(Vec::new())),
                _ => Predicate::field(f.as_str(), super::Test::equal(&v)),
            })
            .collect();
        (!any.is_empty()).then_some(Predicate::Or(any))
    }
}
