//! selfjoin: rows with the fields of later rows that agree in some fields.

use crate::column::{Batch, Column, Name};
use crate::diagnostic::Diagnostic;
use crate::operator::Context;
use crate::operator::groups::{Groups, Members};
use crate::plan::reshape::Selfjoin;

/// Every row with the next ones of its group, each pair a row. The last row of a group has no partner left; one that agrees
/// with no other is kept only where asked. Rows that lack one of the fields are left out.
pub fn selfjoin(rows: &Batch, how: &Selfjoin, cx: &Context) -> Result<Batch, Diagnostic> {
    let mut groups = Groups::new(how.fields.len());
    let members = Members::new(&groups.whole(rows, &how.fields, false, cx)?, groups.len());
    let most = if how.max == 0 { usize::MAX } else { usize::try_from(how.max).unwrap_or(usize::MAX) };
    let width = rows.bytes() / rows.len().max(1) + 16;
    let mut pairs: Vec<(u32, u32)> = Vec::new();
    for (n, group) in members.iter().enumerate() {
        cx.at(n)?;
        if let ([only], true) = (group, how.keep_single) {
            pairs.push((*only, u32::MAX));
        }
        for (n, row) in group.iter().enumerate() {
            let before = pairs.len();
            pairs.extend(group.iter().skip(n + 1).take(most).map(|other| (*row, *other)));
            cx.memory.charge((pairs.len() - before).saturating_mul(width))?;
            cx.at(n)?;
        }
    }
    pairs.sort_unstable();
    let (ours, theirs): (Vec<u32>, Vec<u32>) = pairs.into_iter().unzip();
    let mut out = rows.take_while(&ours, || cx.check())?;
    let others: Vec<Name> = rows.names().filter(|n| !how.fields.contains(n)).cloned().collect();
    for name in others {
        let (old, new) = (out.column(&name), rows.column(&name).take(&theirs));
        let (one, two) = if how.overwrite { (&new, old.as_ref()) } else { (old.as_ref(), &new) };
        let both: Column = (0..ours.len()).map(|i| if one.is_null(i) { two.get(i) } else { one.get(i) }).collect();
        out.set(name, both);
    }
    Ok(out)
}
