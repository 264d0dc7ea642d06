//! appendcols and set: two results become one.

use super::key::Keys;
use super::{Context, Stream, Whole, drain};
use crate::column::{Batch, Column, Name};
use crate::diagnostic::Diagnostic;
use crate::plan::Pairing;
use foldhash::fast::RandomState;
use hashbrown::HashSet;
use std::sync::Arc;

/// Puts two results together.
pub fn pair(input: Stream, other: Stream, pairing: Pairing, cx: &Arc<Context>) -> Stream {
    Whole::stream(input, cx, move |first, cx| {
        let second = drain(other, cx)?;
        match pairing {
            Pairing::Beside { overwrite } => beside(&first, &second, overwrite, cx),
            _ => set(first, second, pairing, cx),
        }
    })
}

/// Rows side by side; where one result is longer, its rows stand alone at the end. Internal fields of the second stay out.
fn beside(first: &Batch, second: &Batch, overwrite: bool, cx: &Context) -> Result<Batch, Diagnostic> {
    let places: Vec<u32> = (0..first.len().max(second.len()) as u32).collect();
    let mut out = first.take_while(&places, || cx.cancel.check())?;
    for (name, column) in second.columns().filter(|(n, _)| !n.starts_with('_')) {
        cx.cancel.check()?;
        let new = column.take(&places);
        let both = match out.get(name) {
            None => new,
            Some(old) => {
                let (one, two) = if overwrite { (&new, old.as_ref()) } else { (old.as_ref(), &new) };
                (0..places.len()).map(|i| if one.is_null(i) { two.get(i) } else { one.get(i) }).collect::<Column>()
            }
        };
        cx.memory.charge(both.bytes(&mut Default::default()))?;
        out.set(name.clone(), both);
    }
    Ok(out)
}

/// Distinct rows, by the values of all fields, in the order of the first result and then the second.
fn set(first: Batch, second: Batch, pairing: Pairing, cx: &Context) -> Result<Batch, Diagnostic> {
    let border = first.len();
    let all = Batch::concat_while(vec![first, second], || cx.cancel.check())?;
    let mut names: Vec<Name> = all.names().cloned().collect();
    names.sort();
    let keys = Keys::new(&all, &names);
    let mut sides = [HashSet::<Box<[u8]>, RandomState>::default(), HashSet::default()];
    let mut key = Vec::new();
    for row in 0..all.len() {
        cx.cancel.at(row)?;
        keys.write(row, &mut key);
        if let Some(side) = sides.get_mut(usize::from(row >= border))
            && side.insert(key.as_slice().into())
        {
            cx.memory.charge(key.len() + 32)?;
        }
    }
    let [ours, theirs] = &sides;
    let mut seen: HashSet<Box<[u8]>, RandomState> = HashSet::default();
    let mut rows = Vec::new();
    for row in 0..all.len() {
        cx.cancel.at(row)?;
        keys.write(row, &mut key);
        let both = ours.contains(key.as_slice()) && theirs.contains(key.as_slice());
        let wanted = match pairing {
            Pairing::Difference => !both,
            Pairing::Intersection => both,
            _ => true,
        };
        if wanted && seen.insert(key.as_slice().into()) {
            rows.push(row as u32);
        }
    }
    all.take_while(&rows, || cx.cancel.check())
}
