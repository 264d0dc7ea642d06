//! join: the rows of one stream with the fields of matching rows of another.

use super::{Context, Stream, Whole, drain};
use crate::column::{Batch, Column, Name};
use crate::diagnostic::{Code, Diagnostic};
use crate::plan::Join;
use foldhash::fast::RandomState;
use hashbrown::HashMap;
use std::sync::Arc;

/// A row that has no partner.
const NONE: u32 = u32::MAX;

/// Joins two streams. Keys are compared as text, case counts; a row without a value in one of them matches nothing. Without
/// fields to join by, those that both sides have decide, internal ones aside; where there are none, any two rows match.
pub fn join(input: Stream, other: Stream, join: Join, cx: &Arc<Context>) -> Stream {
    Whole::stream(input, cx, move |left, cx| {
        let mut right = drain(other, cx)?;
        let most = cx.limits.join;
        if right.len() > most {
            let cut = Diagnostic::warning(Code::ROWS, format!("the subsearch of `join` found {} rows; the first {most} are used", right.len()));
            cx.warn(cut.help("`--ceiling join=0` takes all rows."));
            right = right.slice(0, most);
        }
        let fields = if join.fields.is_empty() { shared(&left, &right) } else { join.fields.clone() };
        let pairs = pairs(&left, &right, &fields, &join, cx)?;
        merged(&left, &right, &pairs, &join, cx)
    })
}

/// The fields that have a value somewhere on both sides.
fn shared(left: &Batch, right: &Batch) -> Vec<Name> {
    let there = |column: &Arc<Column>| !column.all_null();
    let both = |(name, column): &(&Name, &Arc<Column>)| !name.starts_with('_') && there(column) && right.get(name).is_some_and(there);
    left.columns().filter(both).map(|(name, _)| name.clone()).collect()
}

/// The key of every row; `None` where a field is missing.
fn keys(batch: &Batch, fields: &[Name]) -> impl Iterator<Item = Option<Vec<String>>> {
    let columns: Vec<Arc<Column>> = fields.iter().map(|f| batch.column(f)).collect();
    (0..batch.len()).map(move |i| columns.iter().map(|c| c.get(i).as_text().map(|t| t.into_owned())).collect())
}

/// Rows that belong together, left ones in their order, and for each its partners in theirs.
fn pairs(left: &Batch, right: &Batch, fields: &[Name], join: &Join, cx: &Context) -> Result<Vec<(u32, u32)>, Diagnostic> {
    let mut index: HashMap<Vec<String>, Vec<u32>, RandomState> = HashMap::default();
    for (row, key) in keys(right, fields).enumerate() {
        cx.at(row)?;
        if let Some(key) = key {
            index.entry(key).or_default().push(row as u32);
        }
    }
    let (time, other_time) = (left.column("_time"), right.column("_time"));
    let in_time = |l: usize, r: u32| match join.earlier {
        None => true,
        Some(earlier) => match (time.number(l), other_time.number(r as usize)) {
            // Rows of the same time match both ways.
            (Some(l), Some(r)) => {
                if earlier {
                    r <= l
                } else {
                    r >= l
                }
            }
            _ => false,
        },
    };
    let most = if join.max == 0 { usize::MAX } else { usize::try_from(join.max).unwrap_or(usize::MAX) };
    let row_bytes = left.bytes() / left.len().max(1) + right.bytes() / right.len().max(1) + size_of::<(u32, u32)>();
    let (mut pairs, mut charged) = (Vec::new(), 0);
    for (row, key) in keys(left, fields).enumerate() {
        let before = pairs.len();
        let partners = key.and_then(|k| index.get(&k)).map(Vec::as_slice).unwrap_or_default();
        pairs.extend(partners.iter().filter(|&&r| in_time(row, r)).take(most).map(|&r| (row as u32, r)));
        if pairs.len() == before && join.outer {
            pairs.push((row as u32, NONE));
        }
        if row % 256 == 0 || pairs.len() - charged > 4096 {
            cx.check()?;
            cx.memory.charge((pairs.len() - charged).saturating_mul(row_bytes))?;
            charged = pairs.len();
        }
    }
    Ok(pairs)
}

/// The rows with the fields of both sides. Where both have a value, the right one's stands if it may overwrite.
fn merged(left: &Batch, right: &Batch, pairs: &[(u32, u32)], join: &Join, cx: &Context) -> Result<Batch, Diagnostic> {
    let (ours, theirs): (Vec<u32>, Vec<u32>) = pairs.iter().copied().unzip();
    let mut out = left.take_while(&ours, || cx.check())?;
    for (name, column) in right.columns() {
        cx.check()?;
        let new = column.take(&theirs);
        let Some(old) = out.get(name) else {
            out.set(name.clone(), new);
            continue;
        };
        if !join.fields.contains(name) {
            let (first, second) = if join.overwrite { (&new, old.as_ref()) } else { (old.as_ref(), &new) };
            let both: Column = (0..pairs.len()).map(|i| if first.is_null(i) { second.get(i) } else { first.get(i) }).collect();
            out.set(name.clone(), both);
        }
    }
    Ok(out)
}

#[cfg(test)]
mod tests {
    use crate::store::Catalog;
    use crate::{Engine, Settings};

    fn run(spl: &str) -> Vec<String> {
        let rows = serde_json::json!([
            {"side": "l", "_time": 30, "k": "a", "j": 1, "v": "l1", "n": 1}, {"side": "l", "_time": 20, "k": "b", "v": "l2", "n": 2},
            {"side": "l", "_time": 10, "k": "c", "v": "l3", "n": 3}, {"side": "l", "_time": 5, "n": 4},
            {"side": "r", "_time": 40, "k": "a", "j": 1, "v": "r1"}, {"side": "r", "_time": 25, "k": "a", "j": 2, "v": "r2"},
            {"side": "r", "_time": 1, "k": "b", "w": "r3"}, {"side": "r", "_time": 0, "k": "C", "v": "r4"}
        ]);
        let rows: Vec<_> = rows.as_array().unwrap().iter().map(|r| r.as_object().unwrap().clone()).collect();
        let mut settings = Settings::default();
        settings.limits.join = 3;
        let engine = Engine::new(Catalog::of_rows(crate::input::rows(&rows)), crate::knowledge::Knowledge::builtin(), settings);
        let rows = engine.run(spl).unwrap_or_else(|e| panic!("{spl}: {:?}", e.diagnostics)).rows;
        let text = |i, f| rows.value(f, i).as_text().map_or("-".into(), |t| t.into_owned());
        (0..rows.len()).map(|i| ["n", "v", "w"].map(|f| text(i, f)).join(" ")).collect()
    }

    #[test]
    fn kinds_limits_and_overwriting() {
        for (spl, want) in [
            ("k [search side=r]", vec!["1 r1 -", "2 l2 r3"]),
            ("type=outer k [search side=r]", vec!["1 r1 -", "2 l2 r3", "3 l3 -", "4 - -"]),
            ("type=left max=0 k [search side=r]", vec!["1 r1 -", "1 r2 -", "2 l2 r3", "3 l3 -", "4 - -"]),
            ("max=0 k, j [search side=r]", vec!["1 r1 -"]),
            ("overwrite=f k [search side=r]", vec!["1 l1 -", "2 l2 r3"]),
            ("usetime=t k [search side=r]", vec!["1 r2 -", "2 l2 r3"]),
            ("usetime=t earlier=f k [search side=r]", vec!["1 r1 -"]),
            ("[search side=r | fields k, w]", vec!["1 l1 -", "2 l2 r3"]),
            ("nowhere [search side=r]", vec![]),
        ] {
            assert_eq!(run(&format!("side=l | join {spl}")), want, "{spl}");
        }
    }
}
