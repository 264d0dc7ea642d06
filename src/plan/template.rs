//! Searches written as templates: `foreach` and `map` fill them in and plan them when their values are known.

use super::{Limits, Node, Planner, Shown, TimeRange, planner::constant};
use crate::diagnostic::{Code, Diagnostic, Sources, Span};
use crate::function::Env;
use crate::knowledge::Knowledge;
use crate::syntax::{self, Pipeline, expand::expand, lex::lex};
use std::sync::Arc;

/// A search with places to fill in.
#[derive(Clone, Debug)]
pub struct Template {
    pub text: String,
    /// Where it stands in the query: its mistakes are shown there.
    pub span: Span,
    /// The range of time of the events that it reads.
    pub range: TimeRange,
    /// How many subsearches it stands in.
    pub depth: usize,
}

/// What planning a text needs to know.
pub struct Surroundings<'a> {
    pub knowledge: &'a Knowledge,
    pub env: &'a Arc<Env>,
    pub limits: &'a Limits,
    /// Rows that stand in for events keep their order.
    pub in_order: bool,
    /// Events may be rows of states, as sistats makes them.
    pub states: bool,
}

impl Template {
    /// The plan of a filled-in text over an input, before any rewriting.
    pub fn plan(&self, text: &str, input: Node, around: &Surroundings<'_>) -> Result<Node, Diagnostic> {
        self.plan_and_shows(text, input, around).map(|(node, _)| node)
    }

    /// The same, with what the rows of the whole query are to be shown as.
    pub fn plan_and_shows(&self, text: &str, input: Node, around: &Surroundings<'_>) -> Result<(Node, Vec<Shown>), Diagnostic> {
        let (pipeline, sources) = read(text, around).map_err(|d| self.inside(d, text))?;
        let mut planner = Planner::new(around.knowledge, &sources, around.env.clone(), around.limits.clone(), self.range).at_depth(self.depth);
        (planner.in_order, planner.states) = (around.in_order, around.states);
        let node = planner.pipeline(&pipeline, input).map(|node| planner.started(node)).map_err(|d| self.inside(d, text))?;
        Ok((node, planner.shows))
    }

    /// A message about the filled-in text, at the place of the template.
    fn inside(&self, d: Diagnostic, text: &str) -> Diagnostic {
        let shown: String = text.chars().take(200).collect();
        Diagnostic { message: format!("{}, in `{shown}`", d.message), others: Vec::new(), fix: None, ..d }.at(self.span)
    }
}

/// The stages of a text, with its macros expanded.
pub fn read(text: &str, around: &Surroundings<'_>) -> Result<(Pipeline, Sources), Diagnostic> {
    let mut sources = Sources::new(text, None);
    let lexemes = lex(text, Default::default());
    let evaluate = |text: &str| constant(text, around.knowledge, around.env);
    let (tokens, errors) = expand(lexemes.tokens, &mut sources, around.knowledge.macros(), &evaluate);
    let (pipeline, _, syntax_errors) = syntax::parse(&tokens, &sources);
    match lexemes.errors.into_iter().chain(errors).chain(syntax_errors).next() {
        Some(first) => Err(first),
        None if pipeline.stages.is_empty() => Err(Diagnostic::error(Code::SYNTAX, "the search is empty")),
        None => Ok((pipeline, sources)),
    }
}
