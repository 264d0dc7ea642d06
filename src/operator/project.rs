//! fields, table and rename.

use super::{Context, Step};
use crate::column::{Batch, Column, Name};
use crate::diagnostic::Diagnostic;
use crate::plan::{FieldPattern, Projection, Rename};
use foldhash::fast::RandomState;
use hashbrown::HashMap;
use indexmap::IndexMap;
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
                let is_internal = |n: &Name| n.starts_with('_') && !chosen.contains_key(n);
                let internal: Vec<_> = batch.columns().filter(|(n, _)| is_internal(n)).map(|(n, c)| (n.clone(), c.clone())).collect();
                Ok(batch.with_columns(internal.into_iter().chain(chosen)))
            }
            Projection::Table(patterns) => Ok(batch.with_columns(choose(&batch, patterns, true))),
        }
    }
}

/// The columns that patterns name, in the order of the patterns; `missing` ones as empty columns where they are wanted.
fn choose(batch: &Batch, patterns: &[FieldPattern], missing: bool) -> IndexMap<Name, Arc<Column>> {
    let mut out = IndexMap::new();
    for p in patterns {
        if p.wildcard.is_some() {
            for (name, column) in batch.columns().filter(|(name, _)| p.matches(name)) {
                out.entry(name.clone()).or_insert_with(|| column.clone());
            }
        } else if missing || batch.get(&p.text).is_some() {
            out.entry(p.text.as_str().into()).or_insert_with(|| batch.column(&p.text));
        }
    }
    out
}

/// Gives fields other names, one after another. A field that is missing takes the target's values away with it (SEMANTICS 5.2).
pub struct Renamed(pub Vec<Rename>);

impl Step for Renamed {
    fn apply(&self, batch: Batch, cx: &Context) -> Result<Batch, Diagnostic> {
        let mut fields = Fields::of(&batch);
        for r in &self.0 {
            cx.check()?;
            match &r.from.wildcard {
                None => fields.rename(&r.from.text, &r.to),
                Some(pattern) => {
                    let new = |n: &Name| pattern.capture(n).map(|stars| (n.clone(), fill_stars(&r.to, &stars)));
                    let moves: Vec<(Name, String)> = fields.names().filter(|n| r.from.matches(n)).filter_map(new).collect();
                    moves.into_iter().for_each(|(from, to)| fields.rename(&from, &to));
                }
            }
        }
        Ok(batch.with_columns(fields.columns.into_iter().flatten()))
    }
}

/// The fields of a batch, to be given other names: each keeps its place.
struct Fields {
    /// None where another field took the name.
    columns: Vec<Option<(Name, Arc<Column>)>>,
    places: HashMap<Name, usize, RandomState>,
    rows: usize,
}

impl Fields {
    fn of(batch: &Batch) -> Fields {
        let columns = batch.columns().map(|(name, column)| Some((name.clone(), column.clone()))).collect();
        Fields { columns, places: batch.names().cloned().zip(0..).collect(), rows: batch.len() }
    }

    fn names(&self) -> impl Iterator<Item = &Name> {
        self.columns.iter().flatten().map(|(name, _)| name)
    }

    fn rename(&mut self, from: &str, to: &str) {
        if from == to {
            return;
        }
        let to: Name = to.into();
        let target = self.places.get(&to).and_then(|place| self.columns.get_mut(*place));
        match self.places.remove(from) {
            Some(place) => {
                target.into_iter().for_each(|column| *column = None);
                if let Some(Some((name, _))) = self.columns.get_mut(place) {
                    *name = to.clone();
                }
                self.places.insert(to, place);
            }
            None => target.into_iter().flatten().for_each(|(_, column)| *column = Arc::new(Column::null(self.rows))),
        }
    }
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

    #[test]
    fn a_rename_replaces_its_target() {
        let mut b = Batch::new(1);
        b.set("a", Column::numbers(vec![1.0]));
        b.set("b", Column::numbers(vec![2.0]));
        b.set("c", Column::numbers(vec![3.0]));
        let renamed = |moves: &[(&str, &str)]| {
            let mut fields = Fields::of(&b);
            moves.iter().for_each(|(from, to)| fields.rename(from, to));
            fields
                .columns
                .into_iter()
                .flatten()
                .map(|(name, column)| format!("{name}{}", column.get(0).as_text().unwrap_or_default()))
                .collect::<Vec<_>>()
                .join(" ")
        };
        assert_eq!(renamed(&[("a", "b")]), "b1 c3");
        assert_eq!(renamed(&[("a", "b"), ("b", "a"), ("c", "c")]), "a1 c3");
        assert_eq!(renamed(&[("c", "a"), ("a", "b")]), "b3");
        assert_eq!(renamed(&[("x", "b"), ("a", "d"), ("a", "c")]), "d1 b c");
        assert_eq!(fill_stars("x_*_*", &["1", "2"]), "x_1_2");
    }
}
