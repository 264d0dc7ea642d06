//! Row-wise work: filters, eval, and changes to fields.

use super::matching::Matcher;
use super::{Context, Step, bin, change, evaluate, extract, reading, rework};
use crate::column::choose::choose;
use crate::column::{Batch, Column, Mask};
use crate::diagnostic::Diagnostic;
use crate::plan::{Extension, Target};
use std::collections::BTreeMap;

/// Keeps the rows that pass.
pub struct Filter(pub Matcher);

impl Step for Filter {
    fn apply(&self, batch: Batch, cx: &Context) -> Result<Batch, Diagnostic> {
        let mask = self.0.mask(&batch, cx);
        Ok(batch.filter(&mask))
    }
}

/// Makes or changes fields, one after another.
pub struct Extend(pub Vec<Extension>);

impl Step for Extend {
    fn apply(&self, mut batch: Batch, cx: &Context) -> Result<Batch, Diagnostic> {
        for step in &self.0 {
            match step {
                Extension::Assign { target: Target::Field(name), expr } => {
                    let column = evaluate::evaluate(expr, &batch, cx);
                    cx.memory.fits(column.bytes(&mut Default::default()))?;
                    batch.set(name.clone(), column);
                }
                Extension::Assign { target: Target::Dynamic(parts), expr } => dynamic(&mut batch, parts, expr, cx)?,
                Extension::Each(each) => change::each(&mut batch, each, cx),
                Extension::Extract(e) => extract::extract(&mut batch, e, cx)?,
                Extension::Show { field, expr } => {
                    if let Some(old) = batch.get(field).cloned() {
                        let new = evaluate::evaluate(expr, &batch, cx);
                        let kept = |i: usize| old.is_null(i) || new.is_null(i);
                        let column: Column = (0..batch.len()).map(|i| if kept(i) { old.get(i) } else { new.get(i) }).collect();
                        cx.memory.fits(column.bytes(&mut Default::default()))?;
                        batch.set(field.clone(), column);
                    }
                }
                Extension::Total { fields, into } => {
                    let column = rework::totals::of_rows(&batch, fields);
                    batch.set(into.clone(), column);
                }
                Extension::Bin { field, span, into } => {
                    let column = bin::bin(&batch.column(field), span, cx);
                    batch.set(into.clone(), column);
                }
                Extension::Read(r) => reading::read(&mut batch, r, cx)?,
                Extension::ToJson(how) => super::to_json::to_json(&mut batch, how, cx)?,
                Extension::Report(r) => r.run(&mut batch, cx)?,
            }
            cx.check()?;
        }
        Ok(batch)
    }
}

/// `eval {field}=…`: the name of the target differs by row.
fn dynamic(batch: &mut Batch, parts: &[(bool, String)], expr: &crate::plan::Expr, cx: &Context) -> Result<(), Diagnostic> {
    let values = evaluate::evaluate(expr, batch, cx);
    let name_of = |i: usize| -> Option<String> {
        parts.iter().try_fold(String::new(), |mut name, (is_field, text)| {
            if *is_field {
                name.push_str(batch.value(text, i).as_text()?.as_ref());
            } else {
                name.push_str(text);
            }
            Some(name)
        })
    };
    let mut named: BTreeMap<String, Vec<usize>> = BTreeMap::new();
    for row in 0..batch.len() {
        cx.at(row)?;
        name_of(row).filter(|name| !name.is_empty()).into_iter().for_each(|name| named.entry(name).or_default().push(row));
    }
    let (mut made, mut seen) = (0, Default::default());
    for (name, rows) in named {
        let mut mask = Mask::new(batch.len(), false);
        rows.into_iter().for_each(|row| mask.set(row, true));
        let column = choose(&values, &batch.column(&name), &mask);
        // Each of many names is a column as long as the batch.
        made += column.bytes(&mut seen);
        cx.check()?;
        cx.memory.fits(made)?;
        batch.set(name, column);
    }
    Ok(())
}
