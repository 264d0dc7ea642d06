//! Subsearches in search predicates: run first, then put in as conditions, the way `format` would write them.

use super::{Context, build, drain};
use crate::column::{Batch, Value};
use crate::diagnostic::{Code, Diagnostic};
use crate::plan::{Limits, Node, Predicate, Test};
use crate::syntax::ast::Compare;
use std::sync::Arc;

/// The predicate with every subsearch replaced by what it found.
pub fn resolve(predicate: Predicate, cx: &Arc<Context>) -> Result<Predicate, Diagnostic> {
    Ok(match predicate {
        Predicate::And(all) => Predicate::And(all.into_iter().map(|p| resolve(p, cx)).collect::<Result<_, _>>()?),
        Predicate::Or(all) => Predicate::Or(all.into_iter().map(|p| resolve(p, cx)).collect::<Result<_, _>>()?),
        Predicate::Not(inner) => Predicate::Not(Box::new(resolve(*inner, cx)?)),
        Predicate::Subsearch(node) => condition(&run(*node, cx)?, cx)?,
        Predicate::CompareSubsearch { name, op, subsearch } => compare(name, op, &run(*subsearch, cx)?),
        other => other,
    })
}

fn run(node: Node, cx: &Arc<Context>) -> Result<Batch, Diagnostic> {
    let Limits { subsearch, .. } = cx.limits;
    let rows = drain(build(node, cx)?, cx)?;
    if rows.len() > subsearch {
        let cut = Diagnostic::warning(Code::ROWS, format!("a subsearch found {} rows; the first {subsearch} are used", rows.len()));
        cx.warn(cut.help("`--ceiling subsearch=0` takes all rows."));
    }
    Ok(rows.slice(0, subsearch))
}

/// What a subsearch found as text: that of `return` as it is, rows as `format` writes them. `None` where it found nothing.
pub fn text(node: Node, cx: &Arc<Context>) -> Result<Option<String>, Diagnostic> {
    let rows = run(node, cx)?;
    let returned = rows.columns().filter(|(name, _)| !name.starts_with('_')).all(|(name, _)| matches!(&**name, "search" | "query"));
    let rows = if returned && rows.len() == 1 { rows } else { super::reshape::as_search(&rows, cx)? };
    let text = rows.columns().find_map(|(_, column)| column.get(0).as_text().map(|t| t.into_owned()));
    Ok(text.filter(|t| !t.trim().is_empty()))
}

/// `( ( a="x" AND b="y" ) OR ( … ) )`. No rows match nothing (SEMANTICS 5.12). A field called `search` or `query` stands for its
/// text alone.
fn condition(rows: &Batch, cx: &Context) -> Result<Predicate, Diagnostic> {
    let mut any = Vec::new();
    for i in 0..rows.len() {
        let mut all = Vec::new();
        for (name, column) in rows.columns() {
            // Internal fields are not handed over.
            if name.starts_with('_') {
                continue;
            }
            let text_field = matches!(&**name, "search" | "query");
            let tests: Vec<Predicate> = column
                .get(i)
                .each()
                .iter()
                .filter_map(Value::as_text)
                .map(|t| if text_field { raw_text(&t, cx) } else { Ok(Predicate::field(name.clone(), Test::equal(&t))) })
                .collect::<Result<_, _>>()?;
            match tests.len() {
                0 => {}
                1 => all.extend(tests),
                _ => all.push(Predicate::Or(tests)),
            }
        }
        if !all.is_empty() {
            any.push(Predicate::And(all));
        }
    }
    Ok(Predicate::Or(any))
}

/// Text that a subsearch returned, as a search expression; where it is none, as a phrase.
fn raw_text(text: &str, cx: &Context) -> Result<Predicate, Diagnostic> {
    crate::plan::planner::search_text_alone(text, &cx.knowledge, &cx.env)
}

fn compare(name: crate::column::Name, op: Compare, rows: &Batch) -> Predicate {
    let first = rows.columns().find(|(n, _)| !n.starts_with('_')).map(|(_, c)| c.get(0));
    match first.and_then(|v| v.each().first().and_then(Value::as_text).map(|t| t.into_owned())) {
        Some(text) => Predicate::field(name, Test::compare(op, &text)),
        None => Predicate::Or(Vec::new()),
    }
}
