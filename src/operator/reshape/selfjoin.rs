//! selfjoin: rows with the fields of later rows that agree in some fields.

use crate::column::{Batch, Column, Name};
use crate::diagnostic::Diagnostic;
use crate::operator::Context;
use crate::operator::key::Keys;
use crate::plan::reshape::Selfjoin;
use foldhash::fast::RandomState;
use hashbrown::HashMap;

/// Every row with the next ones of its group, each pair a row. The last row of a group has no partner left; one that agrees
/// with no other is kept only where asked. Rows that lack one of the fields are left out.
pub fn selfjoin(rows: &Batch, how: &Selfjoin, cx: &Context) -> Result<Batch, Diagnostic> {
    let keys = Keys::new(rows, &how.fields);
    let mut groups: HashMap<Vec<u8>, Vec<u32>, RandomState> = HashMap::default();
    let mut key = Vec::new();
    for row in (0..rows.len()).filter(|&r| !keys.lacks(r)) {
        cx.cancel.at(row)?;
        keys.write(row, &mut key);
        groups.entry_ref(key.as_slice()).or_default().push(row as u32);
    }
    let most = if how.max == 0 { usize::MAX } else { usize::try_from(how.max).unwrap_or(usize::MAX) };
    let width = rows.bytes() / rows.len().max(1) + 16;
    let mut pairs: Vec<(u32, u32)> = Vec::new();
    for group in groups.values() {
        cx.cancel.check()?;
        if let ([only], true) = (group.as_slice(), how.keep_single) {
            pairs.push((*only, u32::MAX));
        }
        for (n, row) in group.iter().enumerate() {
            let before = pairs.len();
            pairs.extend(group.iter().skip(n + 1).take(most).map(|other| (*row, *other)));
            cx.memory.charge((pairs.len() - before).saturating_mul(width))?;
            cx.cancel.at(n)?;
        }
    }
    pairs.sort_unstable();
    let (ours, theirs): (Vec<u32>, Vec<u32>) = pairs.into_iter().unzip();
    let mut out = rows.take_while(&ours, || cx.cancel.check())?;
    let others: Vec<Name> = rows.names().filter(|n| !how.fields.contains(n)).cloned().collect();
    for name in others {
        let (old, new) = (out.column(&name), rows.column(&name).take(&theirs));
        let (one, two) = if how.overwrite { (&new, old.as_ref()) } else { (old.as_ref(), &new) };
        let both: Column = (0..ours.len()).map(|i| if one.is_null(i) { two.get(i) } else { one.get(i) }).collect();
        out.set(name, both);
    }
    Ok(out)
}
