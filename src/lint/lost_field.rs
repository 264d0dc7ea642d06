//! A field that is used after a command that removed it: after `stats` only its own columns are left.

use super::Query;
use crate::column::{Batch, Name};
use crate::diagnostic::{Code, Diagnostic, Span, did_you_mean};
use crate::plan::{Argument, Extension, Node, Planner, Projection, Target};
use crate::syntax::pipeline::{Pipeline, Step};
use std::collections::BTreeSet;
use std::sync::Arc;

pub fn check(query: &Query<'_>, out: &mut Vec<Diagnostic>) {
    let settings = &query.engine.settings;
    let mut planner = Planner::new(&query.engine.knowledge, query.sources, Arc::default(), settings.limits.clone(), settings.range);
    let mut known = Known(None);
    let mut reported = BTreeSet::new();
    for step in &query.pipeline.stages {
        let start = Node::Rows(Arc::new(Batch::default()));
        let single = Pipeline { stages: vec![step.clone()], span: step.span };
        let Ok(node) = planner.pipeline(&single, start) else { return };
        let mut lost = Vec::new();
        known.through(&node, &mut lost);
        for name in lost {
            if let (Some(span), true) = (place(query, step, &name), reported.insert(name.clone())) {
                let mut d = Diagnostic::warning(Code::LOST_FIELD, format!("`{name}` is not among the fields that are left here")).at(span);
                let left: Vec<Name> = known.0.iter().flatten().cloned().collect();
                d.help.extend(did_you_mean(&name, left.iter().map(|n| &**n)));
                out.push(d.help("An earlier command keeps only its own columns: name the field there, for instance behind BY."));
            }
        }
    }
}

/// The fields that there can be; `None` while any may be there.
struct Known(Option<BTreeSet<Name>>);

impl Known {
    fn read(&self, names: impl IntoIterator<Item = Name>, lost: &mut Vec<Name>) {
        let Some(known) = &self.0 else { return };
        lost.extend(names.into_iter().filter(|n| !known.contains(n) && !n.starts_with('_') && !is_null(n)));
    }

    fn make(&mut self, name: &Name) {
        if let Some(known) = &mut self.0 {
            known.insert(name.clone());
        }
    }

    fn through(&mut self, node: &Node, lost: &mut Vec<Name>) {
        if let Some(input) = node.inputs().first() {
            self.through(input, lost);
        }
        match node {
            Node::Filter { predicate, .. } => {
                let mut names = Vec::new();
                if !predicate.has_subsearch() {
                    predicate.fields(&mut names);
                }
                self.read(names, lost);
            }
            Node::Extend { steps, .. } => steps.iter().for_each(|s| self.extended(s, lost)),
            Node::Project { projection: Projection::Keep(p) | Projection::Table(p), .. } => {
                if p.iter().all(|p| p.wildcard.is_none()) {
                    self.0 = Some(p.iter().map(|p| Name::from(p.text.as_str())).collect());
                }
            }
            Node::Project { .. } => {}
            Node::Rename { renames, .. } => match renames.iter().all(|r| r.from.wildcard.is_none()) {
                true => renames.iter().for_each(|r| self.make(&Name::from(r.to.as_str()))),
                false => self.0 = None,
            },
            Node::Aggregate { aggregation, .. } => {
                let fixed = !aggregation.outputs.iter().any(|o| matches!(o.argument, Argument::Pattern(_)));
                self.0 = fixed.then(|| aggregation.by.iter().cloned().chain(aggregation.outputs.iter().map(|o| o.name.clone())).collect());
            }
            Node::Attach { aggregation, .. } if aggregation.outputs.iter().all(|o| !matches!(o.argument, Argument::Pattern(_))) => {
                aggregation.outputs.iter().for_each(|o| self.make(&o.name));
            }
            Node::Sort { .. }
            | Node::Limit { .. }
            | Node::Tail { .. }
            | Node::Reverse { .. }
            | Node::Distinct { .. }
            | Node::Unnest { .. }
            | Node::Combine { .. }
            | Node::Rows(_) => {}
            _ => self.0 = None,
        }
    }

    fn extended(&mut self, step: &Extension, lost: &mut Vec<Name>) {
        match step {
            Extension::Assign { target, expr } => {
                let mut names = Vec::new();
                expr.fields(&mut names);
                self.read(names, lost);
                match target {
                    Target::Field(name) => self.make(name),
                    Target::Dynamic(_) => self.0 = None,
                }
            }
            Extension::Show { .. } => {}
            Extension::Total { into, .. } => self.make(into),
            Extension::Bin { field, into, .. } => {
                self.read([field.clone()], lost);
                self.make(into);
            }
            Extension::Read(r) => match r.made() {
                Some(made) => made.iter().for_each(|f| self.make(f)),
                None => self.0 = None,
            },
            Extension::ToJson(how) => self.make(&how.output),
            Extension::Report(_) => self.0 = None,
            Extension::Extract(e) => e.regex.names().for_each(|(_, n)| self.make(&Name::from(n))),
            Extension::Each(each) => match &each.into {
                Some(name) if !name.contains('*') => self.make(&Name::from(name.as_str())),
                Some(_) => self.0 = None,
                None if each.create => each.fields.iter().for_each(|f| self.make(&Name::from(f.text.as_str()))),
                None => {}
            },
        }
    }
}

/// Shipped searches write a bare `null` for no value.
fn is_null(name: &str) -> bool {
    name.eq_ignore_ascii_case("null")
}

/// Where the stage names the field.
fn place(query: &Query<'_>, step: &Step, name: &str) -> Option<Span> {
    let within = |t: &&crate::syntax::Token| t.span.source == step.span.source && t.span.start >= step.span.start && t.span.end <= step.span.end;
    query.tokens.iter().filter(within).find(|t| query.sources.slice(t.span).trim_matches(['\'', '"']) == name).map(|t| t.span)
}
