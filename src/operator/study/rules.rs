//! arules: values that imply others, by the Apriori algorithm (Agrawal and Srikant, "Fast Algorithms for Mining Association Rules", 1994).

use super::coded::{Coded, chosen};
use crate::column::{Batch, Builder, Value};
use crate::diagnostic::{Code, Diagnostic};
use crate::operator::Context;
use crate::plan::study::Rules;
use std::collections::BTreeMap;

/// Field and value, by number.
type Item = (u32, u32);

/// More sets of values than this are not looked at.
const MOST_SETS: usize = 100_000;

pub(super) fn rules(batch: &Batch, how: &Rules, cx: &Context) -> Result<Batch, Diagnostic> {
    let mut fields = Vec::new();
    for (name, column) in chosen(batch, &how.fields) {
        fields.push(Coded::new(name, column, cx)?);
    }
    // Frequent sets with the rows that have all of their values.
    let mut sets: BTreeMap<Vec<Item>, Vec<u32>> = BTreeMap::new();
    for (number, field) in fields.iter().enumerate() {
        for (row, code) in field.codes.iter().enumerate() {
            cx.at(row)?;
            if let Some(code) = code.filter(|c| u64::from(field.count(*c)) >= how.support) {
                sets.entry(vec![(number as u32, code)]).or_default().push(row as u32);
            }
        }
    }
    let mut all: BTreeMap<Vec<Item>, usize> = sets.iter().map(|(set, rows)| (set.clone(), rows.len())).collect();
    while !sets.is_empty() {
        cx.memory.fits(sets.values().map(|rows| rows.len() * 4 + 64).sum())?;
        let mut longer: BTreeMap<Vec<Item>, Vec<u32>> = BTreeMap::new();
        let level: Vec<(&Vec<Item>, &Vec<u32>)> = sets.iter().collect();
        for (at, (set, rows)) in level.iter().enumerate() {
            let (Some((last, start)), true) = (set.split_last(), set.len() < fields.len()) else { continue };
            // Sets that differ in their last value alone stand beside each other.
            for (other, others) in level.iter().skip(at + 1).take_while(|(other, _)| other.starts_with(start)) {
                cx.check()?;
                let Some(next) = other.last().filter(|next| next.0 != last.0) else { continue };
                let common = common(rows, others);
                if common.len() as u64 >= how.support.max(1) {
                    let mut joined = (*set).clone();
                    joined.push(*next);
                    longer.insert(joined, common);
                }
            }
            if all.len() + longer.len() > MOST_SETS {
                return Err(Diagnostic::error(Code::ROWS, format!("arules found more than {MOST_SETS} sets of values that occur together"))
                    .help("Raise `sup`, or name fewer fields."));
            }
        }
        all.extend(longer.iter().map(|(set, rows)| (set.clone(), rows.len())));
        sets = longer;
    }
    let mut found = Vec::new();
    for (set, both) in all.iter().filter(|(set, _)| (2..=16).contains(&set.len())) {
        cx.check()?;
        for parts in 1..(1u32 << set.len()) - 1 {
            cx.at(parts as usize)?;
            let side = |given: bool| -> Vec<Item> { set.iter().enumerate().filter(|(i, _)| (parts >> i & 1 == 1) == given).map(|(_, item)| *item).collect() };
            let (given, implied) = (side(true), side(false));
            let support = |items: &Vec<Item>| all.get(items).copied().unwrap_or_default();
            let strength = *both as f64 / support(&given).max(1) as f64;
            if strength >= how.confidence {
                cx.memory.charge(160)?;
                found.push((strength, support(&given), support(&implied), given, implied));
            }
        }
    }
    found.sort_by(|a, b| b.0.total_cmp(&a.0).then(b.1.cmp(&a.1)).then_with(|| (&a.3, &a.4).cmp(&(&b.3, &b.4))));
    let shown = |items: &[Item]| {
        let one = |(field, code): &Item| fields.get(*field as usize).map(|f| format!("{}={}", f.name, f.text(*code))).unwrap_or_default();
        Value::multi(items.iter().map(|i| Value::owned(one(i))))
    };
    let mut cells: [Builder; 5] = Default::default();
    for (strength, given_support, implied_support, given, implied) in &found {
        let row = [shown(given), shown(implied), (*strength).into(), (*given_support as f64).into(), (*implied_support as f64).into()];
        cells.iter_mut().zip(row).for_each(|(c, v)| c.push(v));
    }
    const NAMES: [&str; 5] = ["Given fields", "Implied fields", "Strength", "Given fields support", "Implied fields support"];
    let mut out = Batch::new(found.len());
    NAMES.into_iter().zip(cells).for_each(|(name, c)| out.set(name, c.finish()));
    Ok(out)
}

/// What two ascending lists share.
fn common(a: &[u32], b: &[u32]) -> Vec<u32> {
    let (mut i, mut j, mut out) = (0, 0, Vec::new());
    while let (Some(x), Some(y)) = (a.get(i), b.get(j)) {
        if x == y {
            out.push(*x);
        }
        i += usize::from(x <= y);
        j += usize::from(y <= x);
    }
    out
}

#[cfg(test)]
mod tests {
    use crate::operator::testing::run;

    #[test]
    fn values_imply_others() {
        let rows = r#"[{"a":"x","b":"1","c":"p"},{"a":"x","b":"1","c":"q"},{"a":"x","b":"2"},{"a":"y","b":"2"}]"#;
        let got = run(rows, "* | arules sup=2 conf=0.6 a b");
        let want = r#"[{"Given fields":"b=1","Implied fields":"a=x","Strength":1,"Given fields support":2,"Implied fields support":3},{"Given fields":"a=x","Implied fields":"b=1","Strength":0.6666666666666666,"Given fields support":3,"Implied fields support":2}]"#;
        assert_eq!(got, want);
        assert_eq!(run(rows, "* | arules sup=1 conf=1 a b c | stats count"), r#"[{"count":12}]"#);
        assert_eq!(run(rows, "* | arules a b"), "[]");
    }
}
