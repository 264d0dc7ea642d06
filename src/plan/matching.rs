//! What a search predicate says of rows. Operators ask it of events; here it also chooses the rows of a lookup's table.

use super::{Expr, Phrase, Predicate, Test};
use crate::column::{Batch, Column, Mask, Value, address};
use crate::syntax::ast::Compare;
use std::cmp::Ordering;

/// The rows that pass; `truth` works out the eval expressions among the conditions.
pub fn mask(predicate: &Predicate, batch: &Batch, truth: &dyn Fn(&Expr) -> Mask) -> Mask {
    let len = batch.len();
    match predicate {
        Predicate::And(all) => {
            let mut out = Mask::new(len, true);
            for p in all {
                out.and(&mask(p, batch, truth));
                if out.none() {
                    break;
                }
            }
            out
        }
        Predicate::Or(any) => {
            let mut out = Mask::new(len, false);
            for p in any {
                out.or(&mask(p, batch, truth));
                if out.all() {
                    break;
                }
            }
            out
        }
        Predicate::Not(p) => {
            let mut out = mask(p, batch, truth);
            out.invert();
            out
        }
        Predicate::Field { name, test, hits } => match batch.get(name) {
            Some(column) => column.test_once(hits, None, |v| passes(test, v)),
            None => Mask::new(len, passes(test, &Value::Null)),
        },
        Predicate::Text(phrase) => text(phrase, batch),
        Predicate::Time(range) => {
            let time = batch.column("_time");
            Mask::from_fn(len, |i| range.contains(time.number(i)))
        }
        Predicate::Expr(e) => truth(e),
        // Replaced by its result before the query runs; one that is still here found nothing.
        Predicate::Subsearch(_) | Predicate::CompareSubsearch { .. } => Mask::new(len, false),
    }
}

/// Does a value pass? A multivalue does when any of its values does.
pub fn passes(test: &Test, value: &Value<'_>) -> bool {
    match (test, value) {
        (Test::Exists, v) => !v.is_null(),
        (Test::Never, _) | (_, Value::Null) => false,
        (Test::Any(tests), v) => tests.iter().any(|t| passes(t, v)),
        (_, Value::Multi(all)) => all.iter().any(|v| passes(test, v)),
        (Test::Differs(inner), v) => !passes(inner, v),
        (Test::Equal { text, number }, v) => equal(text, *number, v),
        (Test::Within(net), v) => v.as_text().and_then(|t| address::parse(t.trim())).is_some_and(|ip| net.contains(&ip)),
        (Test::Matches(regex), v) => v.as_text().is_some_and(|t| regex.is_match(&t)),
        (Test::Order { op, text, number }, v) => order(*op, text, *number, v),
    }
}

fn equal(text: &crate::wildcard::Pattern, number: Option<f64>, value: &Value<'_>) -> bool {
    if value.as_text().is_some_and(|t| text.matches(&t)) {
        return true;
    }
    matches!(value, Value::Number(n) if number == Some(*n))
}

fn order(op: Compare, text: &str, number: Option<f64>, value: &Value<'_>) -> bool {
    let ordering = match (value.as_number(), number) {
        (Some(a), Some(b)) => a.partial_cmp(&b),
        _ => value.as_text().map(|t| t.as_ref().cmp(text)),
    };
    let Some(o) = ordering else { return false };
    match op {
        Compare::Lt => o == Ordering::Less,
        Compare::Le => o != Ordering::Greater,
        Compare::Gt => o == Ordering::Greater,
        Compare::Ge => o != Ordering::Less,
        Compare::Eq => o == Ordering::Equal,
        Compare::Ne => o != Ordering::Equal,
    }
}

/// Free text: in `_raw`; in a row without one, as a table of results has them, in any other value.
fn text(phrase: &Phrase, batch: &Batch) -> Mask {
    let hit = |column: &Column| column.test(|v| v.each().iter().any(|v| v.as_text().is_some_and(|t| phrase.found_in(&t))));
    let raw = batch.get("_raw");
    let mut out = raw.map_or_else(|| Mask::new(batch.len(), false), |raw| hit(raw));
    let mut lacking = raw.map_or_else(|| Mask::new(batch.len(), true), |raw| raw.test(|v| v.is_null()));
    if !lacking.none() {
        let mut elsewhere = Mask::new(batch.len(), false);
        batch.columns().filter(|(name, _)| !name.starts_with('_')).for_each(|(_, c)| elsewhere.or(&hit(c)));
        lacking.and(&elsewhere);
        out.or(&lacking);
    }
    out
}
