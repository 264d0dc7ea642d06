//! Which fields a scan must give: worked out from the top of the plan down.

use super::{Aggregation, Argument, Change, Extension, FieldPattern, Node, Projection, Shape, Target};
use crate::aggregate::stored;
use crate::column::Name;
use std::collections::BTreeSet;

/// Stands for all internal fields, whatever they are: `fields` keeps them.
pub const INTERNAL: &str = "_*";

/// The fields that something needs.
#[derive(Clone, Debug, PartialEq, Default)]
pub enum Needs {
    /// Whatever there is.
    #[default]
    All,
    Only(BTreeSet<Name>),
}

impl Needs {
    /// Just these.
    pub fn only(names: impl IntoIterator<Item = Name>) -> Needs {
        Needs::Only(names.into_iter().collect())
    }

    /// Is this field among them?
    pub fn has(&self, name: &str) -> bool {
        match self {
            Needs::All => true,
            Needs::Only(set) => set.contains(name) || name.starts_with('_') && set.contains(INTERNAL),
        }
    }

    /// These and more.
    pub fn and(mut self, names: impl IntoIterator<Item = Name>) -> Needs {
        if let Needs::Only(set) = &mut self {
            set.extend(names);
        }
        self
    }

    fn without(mut self, name: &str) -> Needs {
        if let Needs::Only(set) = &mut self {
            set.remove(name);
        }
        self
    }
}

/// Writes into every scan below what the nodes above it need.
pub fn assign(node: &mut Node, needs: Needs) {
    match node {
        Node::Start | Node::Held | Node::Rows(_) | Node::Make { .. } | Node::Table { .. } => {}
        Node::Scan(scan) => {
            // Sorting events by time and asking for a range both read it.
            scan.needs = if scan.range.is_all() { needs } else { needs.and(["_time".into()]) };
        }
        Node::Filter { input, predicate } => {
            let mut names = Vec::new();
            predicate.fields(&mut names);
            let needs = needs.and(names);
            // A subsearch may name any field.
            assign(input, if predicate.has_subsearch() { Needs::All } else { needs });
        }
        Node::Extend { input, steps } => {
            let needs = steps.iter_mut().rev().fold(needs, |needs, step| {
                if let Extension::Read(reading) = step {
                    std::sync::Arc::make_mut(reading).wanted.clone_from(&needs);
                }
                before(needs, step)
            });
            assign(input, needs);
        }
        Node::Project { input, projection } => {
            let needs = match projection {
                Projection::Keep(patterns) => chosen(needs, patterns, true),
                Projection::Table(patterns) => chosen(needs, patterns, false),
                Projection::Remove(_) => needs,
            };
            assign(input, needs);
        }
        Node::Rename { input, renames } => {
            let needs = renames.iter().rev().fold(needs, |needs, r| match r.from.wildcard {
                Some(_) => Needs::All,
                None => {
                    if needs.has(&r.to) {
                        needs.without(&r.to).and([Name::from(r.from.text.as_str())])
                    } else {
                        needs
                    }
                }
            });
            assign(input, needs);
        }
        Node::Aggregate { input, aggregation } => assign(input, of_aggregation(aggregation)),
        Node::Attach { input, aggregation } => {
            let needs = match of_aggregation(aggregation) {
                Needs::All => Needs::All,
                Needs::Only(set) => needs.and(set),
            };
            assign(input, needs);
        }
        Node::Top { input, top } => {
            let states = [Name::from(stored::MARK), stored::ROWS.into()].into_iter().filter(|_| top.merges);
            assign(input, Needs::only(top.fields.iter().chain(&top.by).cloned().chain(states)));
        }
        Node::Sort { input, keys, .. } => assign(input, needs.and(keys.iter().map(|k| k.field.clone()))),
        Node::Limit { input, limit } => {
            let mut names = Vec::new();
            if let super::Limit::While { expr, .. } = limit {
                expr.fields(&mut names);
            }
            assign(input, needs.and(names));
        }
        Node::Tail { input, .. } | Node::Reverse { input } | Node::Fill { input, .. } => assign(input, needs),
        Node::Distinct { input, distinct } => assign(input, needs.and(distinct.fields.iter().cloned())),
        Node::Bin { input, bin } => assign(input, needs.and([bin.field.clone()])),
        Node::Unnest { input, field, .. } => assign(input, needs.and([field.clone()])),
        // All other fields decide whether rows agree.
        Node::Combine { input, .. } => assign(input, Needs::All),
        Node::Lookup { input, lookup } => {
            let time = lookup.index.timed().then(|| Name::from("_time"));
            assign(input, needs.and(lookup.keys.iter().map(|(_, f)| f.clone()).chain(lookup.outputs.iter().map(|(_, f)| f.clone())).chain(time)))
        }
        Node::Join { input, other, join } => {
            // Without fields the join is over all that both sides have.
            let both = if join.fields.is_empty() { Needs::All } else { needs.and(join.fields.iter().cloned()).and(["_time".into()]) };
            assign(input, both.clone());
            assign(other, both);
        }
        Node::Union { inputs } => inputs.iter_mut().for_each(|i| assign(i, needs.clone())),
        // Which fields there are is part of the result.
        Node::Pivot { input, .. } | Node::Write { input, .. } | Node::Repeat { input, .. } => assign(input, Needs::All),
        Node::Reshape { input, shape } => assign(input, of_shape(shape, needs)),
        Node::Fork { input, branch } => {
            assign(input, Needs::All);
            assign(branch, needs);
        }
        Node::Pair { input, other, .. } => {
            assign(input, Needs::All);
            assign(other, Needs::All);
        }
        Node::Running { input, running } => assign(input, running.reads().map_or(Needs::All, |names| needs.and(names))),
        // Lines are counted in the events' own text.
        Node::Session { input, session } => assign(input, session.reads().map_or(Needs::All, |names| needs.and(names).and(["_raw".into()]))),
        Node::Rework { input, rework } => assign(input, rework.reads().map_or(Needs::All, |names| needs.and(names))),
    }
}

/// What a shape reads, when `needs` is needed of its rows.
fn of_shape(shape: &Shape, needs: Needs) -> Needs {
    let written_out = |fields: &[FieldPattern]| fields.iter().map(|f| f.wildcard.is_none().then(|| f.text.as_str().into())).collect::<Option<Vec<Name>>>();
    match shape {
        Shape::Xyseries(x) => Needs::only([&x.row, &x.column].into_iter().chain(&x.cells).cloned()),
        Shape::Return(r) => Needs::only(r.items.iter().map(|(field, _)| field.clone())),
        Shape::Diff(d) => Needs::only([d.attribute.clone()]),
        Shape::Contingency(c) => Needs::only([c.row.clone(), c.column.clone()]),
        Shape::Fieldsummary(f) if !f.fields.is_empty() => written_out(&f.fields).map_or(Needs::All, Needs::only),
        Shape::Kmeans(k) if !k.fields.is_empty() => written_out(&k.fields).map_or(Needs::All, |fields| needs.and(fields)),
        Shape::Cluster(c) => needs.and([c.field.clone()]),
        // Which fields there are is part of the result.
        _ => Needs::All,
    }
}

/// What is needed before a row-wise change, when `needs` is needed after it.
fn before(needs: Needs, step: &Extension) -> Needs {
    match step {
        Extension::Assign { target, expr } => {
            let mut names = Vec::new();
            expr.fields(&mut names);
            match target {
                Target::Field(name) if !needs.has(name) => needs,
                // The old value stays readable within the expression: its own fields are added after the target is taken out.
                Target::Field(name) => needs.without(name).and(names),
                Target::Dynamic(parts) => needs.and(names).and(parts.iter().filter(|(field, _)| *field).map(|(_, f)| f.as_str().into())),
            }
        }
        Extension::Each(each) => {
            if each.into.is_some() || matches!(each.change, Change::Sed(_)) {
                if each.fields.iter().any(|f| f.wildcard.is_some()) {
                    return Needs::All;
                }
                return needs.and(each.fields.iter().map(|f| f.text.as_str().into()));
            }
            needs
        }
        Extension::Total { fields, into } => match fields.iter().all(|f| f.wildcard.is_none()) {
            _ if !needs.has(into) => needs,
            true => needs.and(fields.iter().map(|f| f.text.as_str().into())),
            false => Needs::All,
        },
        Extension::Extract(extract) => needs.and([extract.field.clone()]),
        Extension::Show { field, expr } => {
            let mut names = Vec::new();
            expr.fields(&mut names);
            if needs.has(field) { needs.and(names) } else { needs }
        }
        Extension::Read(reading) => match reading.made() {
            Some(made) if !made.iter().any(|f| needs.has(f)) => needs,
            _ => needs.and([reading.field.clone()]),
        },
        Extension::ToJson(how) if needs.has(&how.output) => Needs::All,
        Extension::ToJson(_) => needs,
        Extension::Report(report) => needs.and([report.transform.source_key.as_str().into()]),
        Extension::Bin { field, into, .. } => {
            if needs.has(into) {
                needs.without(into).and([field.clone()])
            } else {
                needs
            }
        }
    }
}

fn chosen(needs: Needs, patterns: &[FieldPattern], internal: bool) -> Needs {
    if patterns.iter().any(|p| p.wildcard.is_some()) {
        return needs;
    }
    let named = patterns.iter().map(|p| Name::from(p.text.as_str()));
    let internal: &[&str] = if internal { &["_time", "_raw", INTERNAL] } else { &[] };
    match needs {
        Needs::All => Needs::only(named.chain(internal.iter().map(|n| Name::from(*n)))),
        Needs::Only(set) => Needs::only(named.filter(|n| set.contains(n)).chain(set.iter().filter(|n| !internal.is_empty() && n.starts_with('_')).cloned())),
    }
}

fn of_aggregation(a: &Aggregation) -> Needs {
    let mut names: Vec<Name> = a.by.clone();
    names.extend(a.time_field());
    if a.merges {
        names.extend(a.pieces());
    }
    for o in &a.outputs {
        match &o.argument {
            Argument::None => {}
            Argument::Field(f) => names.push(f.clone()),
            Argument::Pattern(_) => return Needs::All,
            Argument::Expr(e) => e.fields(&mut names),
        }
    }
    Needs::only(names)
}
