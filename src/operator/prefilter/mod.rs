//! From a search predicate to what raw records must show: [`Check`].
//!
//! A field's values stand in the raw record when the parser takes them from there as they are, or when the rules of the knowledge only
//! choose among such fields or cut them down ([`Literal`]). A field that anything else may make is not asked for in the raw bytes.

mod free_text;
mod narrow;
pub mod rare;

pub use narrow::{Segment, mask, searches_raw};

use super::matching::passes;
use crate::column::{Memo, Name, Value};
use crate::function::Env;
use crate::input::parse::is_internal;
use crate::input::sieve::{Check, FieldName};
use crate::input::xml;
use crate::knowledge::Knowledge;
use crate::knowledge::literal::{Literal, Origin};
use crate::knowledge::props::Kv;
use crate::plan::{Expr, Phrase, Predicate, Test, planner};
use std::collections::BTreeSet;
use std::sync::Arc;

/// A longer list of names or alternatives is not worth asking for.
const NAMES: usize = 24;

/// What every raw record must show that can pass the predicate.
pub fn check(predicate: &Predicate, knowledge: &Knowledge, env: &Arc<Env>) -> Check {
    Lowering { knowledge, env }.predicate(predicate)
}

/// What a raw record must show in one field to pass a test; nothing where only texts say something of it.
pub fn value_check(name: &Name, test: &Test, knowledge: &Knowledge, env: &Arc<Env>) -> Check {
    let all = match (Lowering { knowledge, env }).field(name, test) {
        Check::All(all) => all,
        one => vec![one],
    };
    all.into_iter().find(|check| matches!(check, Check::Value { .. })).unwrap_or_else(Check::none)
}

struct Lowering<'a> {
    knowledge: &'a Knowledge,
    env: &'a Arc<Env>,
}

impl Lowering<'_> {
    fn predicate(&self, predicate: &Predicate) -> Check {
        match predicate {
            Predicate::And(all) => all_of(all.iter().map(|p| self.predicate(p))),
            Predicate::Or(any) => any_of(any.iter().map(|p| self.predicate(p))),
            Predicate::Field { name, test, .. } => self.field(name, test),
            Predicate::Text(phrase) => text(phrase),
            Predicate::Expr(e) => self.expr(e),
            Predicate::Not(_) | Predicate::Time(_) | Predicate::Subsearch(_) | Predicate::CompareSubsearch { .. } => Check::none(),
        }
    }

    fn field(&self, name: &Name, test: &Test) -> Check {
        if **name == *"_raw" {
            return of_test(test);
        }
        let Some(origin) = self.origin(name) else { return Check::none() };
        let parts = of_test(test);
        let value = |test: crate::input::sieve::Test, shown: String| match origin.anywhere || origin.names.len() > NAMES {
            true => Check::none(),
            false => {
                let names = origin.names.iter().cloned().map(FieldName::new).collect();
                Check::Value { names, test, parts: Arc::new(parts.clone()), shown, hits: Memo::default() }
            }
        };
        let by_value = if origin.exact {
            let shown = format!("{name}{test:?}");
            match test.clone() {
                // Asked of every record: the short way.
                Test::Equal { text, .. } => value(Arc::new(move |v| text.matches(v)), shown),
                test => value(Arc::new(move |v| passes(&test, &Value::text(v))), shown),
            }
        } else if parts.is_none() {
            // A part of nothing is no test, but there has to be a value to cut it from.
            Check::none()
        } else {
            let shown = format!("a value of {} with {parts:?}", origin.names.join(", "));
            let parts = parts.clone();
            value(Arc::new(move |v| parts.passes_text(v)), shown)
        };
        all_of([by_value, parts])
    }

    fn origin(&self, field: &Name) -> Option<Arc<Origin>> {
        self.knowledge.origin(field, || self.find_origin(field))
    }

    fn find_origin(&self, field: &Name) -> Option<Origin> {
        let (mut names, mut exact, mut anywhere) = (BTreeSet::new(), true, false);
        let mut open = vec![field.to_string()];
        while let Some(field) = open.pop() {
            if is_internal(&field) {
                return None;
            }
            if !names.insert(Name::from(field.as_str())) {
                continue;
            }
            open.extend(xml::names_of(&field).iter().map(|n| n.to_string()));
            for rules in self.knowledge.rules().iter().map(|r| &r.rules) {
                // A text that is read in another way may give any field; one that is not read at all gives less.
                if rules.kv().is_some_and(|kv| Kv { keeps_json: false, ..kv } != Kv::default()) {
                    return None;
                }
                for e in rules.extracts.iter().filter(|e| e.fields.contains(&field)) {
                    exact = false;
                    match e.source_key.as_str() {
                        "_raw" => anywhere = true,
                        other => open.push(other.to_string()),
                    }
                }
                // Transforms may name their fields themselves, and lookups bring what is in no event.
                let named = |f: &str| f == field;
                if rules.reports.iter().flat_map(|r| &r.transforms).any(|t| t.made_fields().any(|(f, _)| named(f)) || t.made_fields().next().is_none()) {
                    return None;
                }
                if rules.lookups.iter().any(|l| l.outputs.is_empty() || l.outputs.iter().any(|(_, f)| named(f))) {
                    return None;
                }
                open.extend(rules.aliases.iter().flat_map(|a| &a.pairs).filter(|p| p.to == field).map(|p| p.from.clone()));
                for e in rules.evals.iter().filter(|e| e.field == field) {
                    if e.literal != Literal::Exact {
                        return None;
                    }
                    exact = false;
                    open.extend(planner::reads(&e.expression, self.knowledge, self.env)?.iter().map(|n| n.to_string()));
                }
            }
        }
        Some(Origin { names: names.into_iter().collect(), exact, anywhere })
    }

    /// `where`: what an expression that is true says of fields.
    fn expr(&self, expr: &Expr) -> Check {
        let Expr::Call { function, args, .. } = expr else {
            return match expr {
                Expr::Matches(p) => self.predicate(p),
                _ => Check::none(),
            };
        };
        match (function.name, args.as_slice()) {
            ("AND", all) => all_of(all.iter().map(|a| self.expr(a))),
            ("OR", any) => any_of(any.iter().map(|a| self.expr(a))),
            ("=" | "==", [Expr::Field(name), Expr::Literal(Value::Text(t))] | [Expr::Literal(Value::Text(t)), Expr::Field(name)]) => {
                self.part(name, Check::text(t), crate::column::number::parse(t).is_some())
            }
            ("like" | "LIKE", [Expr::Field(name), Expr::Literal(Value::Text(t))]) => {
                let pattern = crate::wildcard::Pattern::like(t);
                self.part(name, all_of(pattern.literals().map(Check::text)), false)
            }
            ("in" | "IN", [Expr::Field(name), values @ ..]) if !values.is_empty() => any_of(values.iter().map(|v| match v {
                Expr::Literal(Value::Text(t)) => self.part(name, Check::text(t), crate::column::number::parse(t).is_some()),
                _ => Check::none(),
            })),
            _ => Check::none(),
        }
    }

    /// Texts that a field's value must have, unless it counts as a number, which may be written in many ways.
    fn part(&self, name: &Name, parts: Check, number: bool) -> Check {
        match number || self.origin(name).is_none() {
            true => Check::none(),
            false => parts,
        }
    }
}

fn all_of(checks: impl IntoIterator<Item = Check>) -> Check {
    let mut all = Vec::new();
    for c in checks.into_iter().filter(|c| !c.is_none()) {
        match c {
            Check::All(inner) => all.extend(inner),
            other => all.push(other),
        }
    }
    if all.len() == 1 { all.remove(0) } else { Check::All(all) }
}

fn any_of(checks: impl IntoIterator<Item = Check>) -> Check {
    let any: Vec<Check> = checks.into_iter().collect();
    if any.len() > NAMES || any.iter().any(Check::is_none) { Check::none() } else { Check::Any(any) }
}

/// Free text: the parts between its stars.
fn text(phrase: &Phrase) -> Check {
    all_of(phrase.text.split('*').map(Check::own_text))
}

/// The texts that a value must hold to pass.
fn of_test(test: &Test) -> Check {
    match test {
        // Fields of events are texts, so that a number stands there as it is asked for.
        Test::Equal { text, .. } => all_of(text.literals().map(Check::text)),
        Test::Any(tests) => any_of(tests.iter().map(of_test)),
        _ => Check::none(),
    }
}
