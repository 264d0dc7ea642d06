//! fields, table and rename.

use super::{Context, Step};
use crate::column::{Batch, Column, Name};
use crate::diagnostic::Diagnostic;
use crate::plan::{FieldPattern, Projection, Rename};
use std::sync::Arc;

/// Keeps, orders or removes fields.
pub struct Projected(pub Projection);

impl Step for Projected {
    fn apply(&self, mut batch: Batch, _: &Context) -> Result<Batch, Diagnostic> {
        match &self.0 {
            Projection::Remove(patterns) => {
                batch.retain(|name| !patterns.iter().any(|p| p.matches(name)));
                Ok(batch)
            }
            Projection::Keep(patterns) => {
                let chosen = choose(&batch, patterns, false);
                let named = |n: &str| chosen.iter().any(|(c, _)| &**c == n);
                let internal: Vec<_> = batch.columns().filter(|(n, _)| n.starts_with('_') && !named(n)).map(|(n, c)| (n.clone(), c.clone())).collect();
                Ok(batch.with_columns(internal.into_iter().chain(chosen)))
            }
            Projection::Table(patterns) => Ok(batch.with_columns(choose(&batch, patterns, true))),
        }
    }
}

/// The columns that patterns name, in the order of the patterns; `missing` ones as empty columns where they are wanted.
fn choose(batch: &Batch, patterns: &[FieldPattern], missing: bool) -> Vec<(Name, Arc<Column>)> {
    let mut out: Vec<(Name, Arc<Column>)> = Vec::new();
    for p in patterns {
        if p.wildcard.is_none() {
            let present = batch.get(&p.text).is_some();
            if (present || missing) && !out.iter().any(|(n, _)| **n == *p.text) {
                out.push((p.text.as_str().into(), batch.column(&p.text)));
            }
            continue;
        }
        for (name, column) in batch.columns() {
            if p.matches(name) && !out.iter().any(|(n, _)| n == name) {
                out.push((name.clone(), column.clone()));
            }
        }
    }
    out
}

/// Gives fields other names, one after another. A field that is missing takes the target's values away with it (SEMANTICS 5.2).
pub struct Renamed(pub Vec<Rename>);

impl Step for Renamed {
    fn apply(&self, mut batch: Batch, _: &Context) -> Result<Batch, Diagnostic> {
        for r in &self.0 {
            batch = match &r.from.wildcard {
                None => rename(batch, &r.from.text, &r.to),
                Some(pattern) => {
                    let moves: Vec<(Name, String)> = batch
                        .names()
                        .filter(|n| r.from.matches(n))
                        .filter_map(|n| pattern.capture(n).map(|stars| (n.clone(), fill_stars(&r.to, &stars))))
                        .collect();
                    moves.into_iter().fold(batch, |b, (from, to)| rename(b, &from, &to))
                }
            };
        }
        Ok(batch)
    }
}

fn rename(batch: Batch, from: &str, to: &str) -> Batch {
    if from == to {
        return batch;
    }
    if batch.get(from).is_none() {
        let mut batch = batch;
        if batch.get(to).is_some() {
            let empty = Column::null(batch.len());
            batch.set(to, empty);
        }
        return batch;
    }
    let to: Name = to.into();
    let columns: Vec<_> = batch.columns().filter(|(n, _)| **n != to).map(|(n, c)| (if &**n == from { to.clone() } else { n.clone() }, c.clone())).collect();
    batch.with_columns(columns)
}

/// A name with its `*` replaced by what another pattern's matched, in order.
pub fn fill_stars(template: &str, stars: &[&str]) -> String {
    let mut stars = stars.iter();
    let mut out = String::new();
    for c in template.chars() {
        match c {
            '*' => out.push_str(stars.next().unwrap_or(&"")),
            c => out.push(c),
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::column::Value;

    #[test]
    fn a_rename_replaces_its_target() {
        let mut b = Batch::new(1);
        b.set("a", Column::numbers(vec![1.0]));
        b.set("b", Column::numbers(vec![2.0]));
        let renamed = rename(b, "a", "b");
        assert_eq!((renamed.value("b", 0), renamed.names().len()), (Value::Number(1.0), 1));
        assert_eq!(fill_stars("x_*_*", &["1", "2"]), "x_1_2");
    }
}
