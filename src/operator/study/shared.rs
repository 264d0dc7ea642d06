//! cofilter: for each pair of items the users that have both, as collaborative filtering asks first ("users who have this also have …").

use crate::column::compare::{Collation, Key};
use crate::column::{Batch, Builder, Value};
use crate::diagnostic::{Code, Diagnostic};
use crate::operator::Context;
use foldhash::fast::RandomState;
use hashbrown::HashMap;
use indexmap::{IndexMap, IndexSet};

/// More pairs than this are not looked at.
const MOST_PAIRS: usize = 5_000_000;

/// A row a pair of items; a user counts once for an item. Of several values in a row each user has each item.
pub(super) fn shared(batch: &Batch, user: &str, item: &str, cx: &Context) -> Result<Batch, Diagnostic> {
    let (users, items) = (batch.column(user), batch.column(item));
    let mut names: IndexSet<Box<str>, RandomState> = IndexSet::default();
    let mut having: IndexMap<Box<str>, IndexSet<u32, RandomState>, RandomState> = IndexMap::default();
    for row in 0..batch.len() {
        cx.at(row)?;
        for user in users.get(row).each().iter().filter_map(Value::as_text) {
            for item in items.get(row).each().iter().filter_map(Value::as_text) {
                let (number, new) = names.insert_full(item.as_ref().into());
                let known = having.len();
                let new_item = having.entry(user.as_ref().into()).or_default().insert(number as u32);
                let bytes = usize::from(new) * (item.len() + 48) + (having.len() - known) * (user.len() + 96) + usize::from(new_item) * 16;
                cx.memory.charge(bytes)?;
            }
        }
    }
    // Items by their order, so that each pair stands the same way round.
    let keys: Vec<Key> = names.iter().map(|n| Key::new(&Value::text(n), Collation::Auto)).collect();
    let mut order: Vec<u32> = (0..names.len() as u32).collect();
    order.sort_by(|a, b| match (keys.get(*a as usize), keys.get(*b as usize)) {
        (Some(a), Some(b)) => a.order(b, false),
        _ => a.cmp(b),
    });
    let mut places = vec![0u32; names.len()];
    for (place, item) in order.iter().enumerate() {
        places.iter_mut().skip(*item as usize).take(1).for_each(|p| *p = place as u32);
    }
    let mut counts = vec![0u32; names.len()];
    let mut pairs: HashMap<(u32, u32), u32, RandomState> = HashMap::default();
    for items in having.values() {
        cx.check()?;
        let mut placed: Vec<u32> = items.iter().filter_map(|i| places.get(*i as usize).copied()).collect();
        placed.sort_unstable();
        for (n, first) in placed.iter().enumerate() {
            cx.at(n)?;
            counts.iter_mut().skip(*first as usize).take(1).for_each(|c| *c += 1);
            let known = pairs.len();
            placed.iter().skip(n + 1).for_each(|second| *pairs.entry((*first, *second)).or_default() += 1);
            cx.memory.charge((pairs.len() - known) * 24)?;
            if pairs.len() > MOST_PAIRS {
                return Err(Diagnostic::error(Code::ROWS, format!("cofilter found more than {MOST_PAIRS} pairs of items")).help("Filter the items first."));
            }
        }
    }
    let mut pairs: Vec<((u32, u32), u32)> = pairs.into_iter().collect();
    pairs.sort_unstable();
    let name = |place: u32| order.get(place as usize).and_then(|i| names.get_index(*i as usize)).map_or(Value::Null, |n| Value::text(n));
    let count = |place: u32| Value::Number(f64::from(counts.get(place as usize).copied().unwrap_or_default()));
    let mut cells: [Builder; 5] = Default::default();
    for (n, ((first, second), both)) in pairs.iter().enumerate() {
        cx.at(n)?;
        let row = [name(*first), count(*first), name(*second), count(*second), Value::Number(f64::from(*both))];
        cells.iter_mut().zip(row).for_each(|(c, v)| c.push(v));
    }
    const NAMES: [&str; 5] = ["Item 1", "Item 1 user count", "Item 2", "Item 2 user count", "Pair count"];
    let mut out = Batch::new(pairs.len());
    NAMES.into_iter().zip(cells).for_each(|(name, c)| out.set(name, c.finish()));
    Ok(out)
}

#[cfg(test)]
mod tests {
    use crate::operator::testing::run;

    #[test]
    fn users_that_two_items_share() {
        let rows = r#"[{"u":"ann","i":"10"},{"u":"ann","i":"9"},{"u":"bob","i":["9","10","x"]},{"u":"bob","i":"9"},{"u":"cyd","i":"y"},{"i":"9"},{"u":"dan"}]"#;
        let got = run(rows, "* | cofilter u i");
        let want = r#"[{"Item 1":"9","Item 1 user count":2,"Item 2":"10","Item 2 user count":2,"Pair count":2},{"Item 1":"9","Item 1 user count":2,"Item 2":"x","Item 2 user count":1,"Pair count":1},{"Item 1":"10","Item 1 user count":2,"Item 2":"x","Item 2 user count":1,"Pair count":1}]"#;
        assert_eq!(got, want);
        assert_eq!(run(rows, "* | cofilter u, none"), "[]");
        assert!(run(rows, "* | cofilter u").contains("expected a field"));
        assert!(run(rows, "* | cofilter u i*").contains("whole names"));
        assert!(run(rows, "* | cofilter u i x").contains("expected"));
    }
}
