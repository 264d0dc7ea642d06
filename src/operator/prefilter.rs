//! From a search predicate to what raw records must show: [`Check`].
//!
//! A field's values stand in the raw record when the parser takes them from there as they are, or when the rules of the knowledge only
//! choose among such fields or cut them down ([`Literal`]). A field that anything else may make is not asked for in the raw bytes.

use super::matching::passes;
use crate::column::{Batch, Column, Mask, Memo, Name, Text, Value, data};
use crate::function::Env;
use crate::input::parse::is_internal;
use crate::input::sieve::{self, Check, FieldName};
use crate::input::xml;
use crate::knowledge::Knowledge;
use crate::knowledge::literal::{Literal, Origin};
use crate::knowledge::props::Kv;
use crate::plan::{Expr, Phrase, Predicate, Test, planner};
use std::collections::BTreeSet;
use std::sync::Arc;

/// Bytes that are searched in the time that one value takes to be tested, about.
const SWEEP: usize = 512;

/// A longer list of names or alternatives is not worth asking for.
const NAMES: usize = 24;

/// What every raw record must show that can pass the predicate.
pub fn check(predicate: &Predicate, knowledge: &Knowledge, env: &Arc<Env>) -> Check {
    Lowering { knowledge, env }.predicate(predicate)
}

/// The rows of a loaded table that may pass: what is asked of raw records is asked of the values that were taken from them. Cheaper than
/// the predicate where that is about fields that rules make, which are then made for few rows, or about free text, which is searched for in
/// whole buffers.
pub fn mask(check: &Check, batch: &Batch) -> Mask {
    if check.is_none() {
        return Mask::new(batch.len(), true);
    }
    let mut rows = Mask::new(batch.len(), true);
    narrow(check, !asks_values(check), batch, &mut rows);
    rows
}

/// Is anything asked of fields? Then the texts beside it are mostly parts of their values, and not worth a search.
fn asks_values(check: &Check) -> bool {
    match check {
        Check::All(all) | Check::Any(all) => all.iter().any(asks_values),
        Check::Text { .. } => false,
        Check::Value { .. } => true,
    }
}

/// Are whole buffers of raw text searched?
pub fn searches_raw(check: &Check) -> bool {
    fn own(check: &Check) -> bool {
        match check {
            Check::All(all) | Check::Any(all) => all.iter().any(own),
            Check::Text { own, .. } => *own,
            Check::Value { .. } => false,
        }
    }
    own(check) && !asks_values(check)
}

/// Takes the rows out that cannot pass.
fn narrow(check: &Check, texts: bool, batch: &Batch, rows: &mut Mask) {
    match check {
        Check::All(all) => {
            // What is asked of distinct values is asked first: it leaves fewer rows to ask one by one.
            let mut all: Vec<&Check> = all.iter().collect();
            all.sort_by_cached_key(|c| cost(c, batch));
            for c in all {
                if rows.none() {
                    return;
                }
                narrow(c, texts, batch, rows);
            }
        }
        Check::Any(any) => {
            let mut out = Mask::new(batch.len(), false);
            for c in any {
                let mut some = rows.clone();
                narrow(c, texts, batch, &mut some);
                out.or(&some);
            }
            *rows = out;
        }
        Check::Text { own, .. } => {
            if let (true, Some(Column::Text(raw))) = (texts && *own, batch.get("_raw").map(Arc::as_ref))
                // Where a row has no text, its fields hold what it says.
                && let Some(found) = found(check, raw, rows, true)
            {
                *rows = found;
            }
        }
        Check::Value { names, test, parts, hits, .. } => {
            let passes = |v: &Value<'_>| v.each().iter().filter_map(Value::as_text).any(|t| test(&t));
            let mut out = Mask::new(batch.len(), false);
            for column in names.iter().filter_map(|n| batch.get(n.as_str())) {
                match column.as_ref() {
                    Column::Dict { values, shared: true, .. } if data::worth_keeping(rows.count(), values.len()) => {
                        let look = |values: &Column| {
                            let all = Mask::new(values.len(), true);
                            one_sweep(values, values.len()).and_then(|text| found(parts, text, &all, false))
                        };
                        out.or(&column.test_some_once(hits, Some(rows), look, passes))
                    }
                    Column::Dict { values, .. } if values.len() <= rows.count() => out.or(&column.test(passes)),
                    Column::Const(..) => out.or(&column.test(passes)),
                    plain => {
                        let found = one_sweep(plain, rows.count()).and_then(|text| found(parts, text, rows, false));
                        let asked = found.as_ref().unwrap_or(rows);
                        asked.rows().filter(|row| passes(&plain.get(*row))).for_each(|row| out.set(row, true));
                    }
                }
            }
            rows.and(&out);
        }
    }
}

/// Values that are looked at to answer, about.
fn cost(check: &Check, batch: &Batch) -> usize {
    match check {
        Check::All(all) | Check::Any(all) => all.iter().map(|c| cost(c, batch)).fold(0, usize::saturating_add),
        Check::Text { .. } => usize::MAX / 2,
        Check::Value { names, .. } => names.iter().filter_map(|n| batch.get(n.as_str())).map(|c| distinct(c)).sum(),
    }
}

fn distinct(column: &Column) -> usize {
    match column {
        Column::Const(..) => 1,
        Column::Dict { values, .. } => values.len(),
        plain => plain.len(),
    }
}

/// The column as text, where a search of all its buffers is cheaper than to test that many of its values one by one.
fn one_sweep(column: &Column, rows: usize) -> Option<&Text> {
    let Column::Text(text) = column else { return None };
    let bytes: usize = text.buffers().iter().map(|b| b.len()).sum();
    (bytes / SWEEP < rows).then_some(text)
}

/// Those of some rows whose text, which lies in few buffers, has what is asked for; nothing where no text is. Rows without a text are among
/// them where `absent` says so.
fn found(check: &Check, text: &Text, rows: &Mask, absent: bool) -> Option<Mask> {
    let places = sieve::places(check, text.buffers())?;
    let mut out = Mask::new(rows.len(), false);
    if !absent && places.iter().all(Vec::is_empty) {
        return Some(out);
    }
    // Values mostly lie in the order of their rows: the next place is the last one, or near behind it.
    let mut next: usize = 0;
    for row in rows.rows() {
        let has = match text.place(row) {
            Some((buffer, range)) => {
                let places = places.get(buffer).map(Vec::as_slice).unwrap_or_default();
                next = match next.checked_sub(1).is_none_or(|last| places.get(last).is_some_and(|p| *p < range.start)) {
                    true => next + places.iter().skip(next).take_while(|p| **p < range.start).count(),
                    false => places.partition_point(|p| *p < range.start),
                };
                places.get(next).is_some_and(|p| range.contains(p))
            }
            None => absent,
        };
        if has {
            out.set(row, true);
        }
    }
    Some(out)
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
            let test = test.clone();
            let shown = format!("{name}{test:?}");
            value(Arc::new(move |v| passes(&test, &Value::text(v))), shown)
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_sweep_over_the_buffers_finds_the_rows_that_may_pass() {
        let mut text = Text::of(&["x powershell -enc", "", "PowerShell", "power", "shell", "powerſhell", "a powershel", "lb"]);
        text.append(&Text::of(&["other", "powershell"]));
        text.append_nulls(1);
        // In no order, and one row twice.
        let text = text.take(&[9, 0, 10, 3, 2, 8, 1, 5, 2, 6, 7, 4]);
        let all = Mask::new(text.len(), true);
        let rows = |check: &Check, rows: &Mask, absent| found(check, &text, rows, absent).map(|m| m.rows().collect::<Vec<_>>());
        let check = Check::text("powershell");
        assert_eq!(rows(&check, &all, false), Some(vec![0, 1, 3, 4, 7, 8, 9]), "with what folds into it, and what begins in one value and ends in the next");
        assert_eq!(rows(&check, &all, true), Some(vec![0, 1, 2, 3, 4, 7, 8, 9]));
        assert_eq!(rows(&check, &Mask::from_fn(text.len(), |row| row > 1), false), Some(vec![3, 4, 7, 8, 9]));
        assert_eq!(rows(&Check::Any(vec![check, Check::text("other")]), &all, false), Some(vec![0, 1, 3, 4, 5, 7, 8, 9]));
        assert_eq!(rows(&Check::text("nowhere"), &all, true), Some(vec![2, 7]), "a character that folds hides what it is part of");
        assert_eq!(rows(&Check::none(), &all, false), None);
    }
}
