//! appendcols and set: two results become one.

use super::groups::Groups;
use super::{Context, Stream, Whole, drain};
use crate::column::{Batch, Column, Mask, Name};
use crate::diagnostic::Diagnostic;
use crate::plan::Pairing;
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
    let mut out = first.take_while(&places, || cx.check())?;
    for (name, column) in second.columns().filter(|(n, _)| !n.starts_with('_')) {
        cx.check()?;
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
    let all = Batch::concat_while(vec![first, second], || cx.check())?;
    let mut names: Vec<Name> = all.names().cloned().collect();
    names.sort();
    let mut groups = Groups::new(names.len());
    let of_rows = groups.whole(&all, &names, true, cx)?;
    // Which of the results has the row, and whether it was given.
    let (mut sides, mut given) = ([Mask::new(groups.len(), false), Mask::new(groups.len(), false)], Mask::new(groups.len(), false));
    for (row, group) in of_rows.iter().enumerate() {
        cx.at(row)?;
        sides.get_mut(usize::from(row >= border)).into_iter().for_each(|side| side.set(*group as usize, true));
    }
    let mut rows = Vec::new();
    for (row, group) in of_rows.iter().enumerate() {
        cx.at(row)?;
        let both = sides.iter().all(|side| side.get(*group as usize));
        let wanted = match pairing {
            Pairing::Difference => !both,
            Pairing::Intersection => both,
            _ => true,
        };
        if wanted && !given.get(*group as usize) {
            given.set(*group as usize, true);
            rows.push(row as u32);
        }
    }
    all.take_while(&rows, || cx.check())
}
