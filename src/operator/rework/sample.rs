//! sample: every row has a number by chance, told from the seed and its place, so that the same search gives the same rows.

use crate::column::{Batch, Column, Mask, Value};
use crate::diagnostic::Diagnostic;
use crate::function::mix;
use crate::operator::Context;
use crate::plan::rework::{Chance, Sample};
use foldhash::fast::RandomState;
use hashbrown::HashMap;

/// The rows that are chosen, or all with the number of their part.
pub(super) fn sample(mut batch: Batch, sample: &Sample, cx: &Context) -> Result<Batch, Diagnostic> {
    let rows = batch.len();
    let number = |row: usize| mix(sample.seed ^ mix(row as u64));
    // From 0 to 1, without 1.
    let chance = |row: usize| (number(row) >> 11) as f64 / (1u64 << 53) as f64;
    cx.memory.charge(rows.saturating_mul(16))?;
    let kept = match &sample.chance {
        Chance::Ratio(ratio) => Mask::from_fn(rows, |row| chance(row) < *ratio),
        Chance::Field { field, inverse } => {
            let column = batch.column(field);
            let wanted = |row| column.number(row).map(|p| if *inverse { 1.0 - p } else { p });
            Mask::from_fn(rows, |row| wanted(row).is_some_and(|p| chance(row) < p))
        }
        Chance::Count { count, by } => {
            let column = by.as_ref().map(|by| batch.column(by));
            let mut groups: HashMap<String, Vec<(u64, usize)>, RandomState> = HashMap::default();
            for row in 0..rows {
                cx.at(row)?;
                let group = match &column {
                    None => Some(String::new()),
                    Some(by) => by.get(row).as_text().map(|t| t.into_owned()),
                };
                if let Some(group) = group {
                    groups.entry(group).or_default().push((number(row), row));
                }
            }
            let mut kept = Mask::new(rows, false);
            for mut group in groups.into_values() {
                cx.check()?;
                group.sort_unstable();
                group.into_iter().take(usize::try_from(*count).unwrap_or(usize::MAX)).for_each(|(_, row)| kept.set(row, true));
            }
            kept
        }
        Chance::Parts { parts, into } => {
            let part = |row| Value::Number((chance(row) * *parts as f64).floor());
            batch.set(into.clone(), (0..rows).map(part).collect::<Column>());
            return Ok(batch);
        }
    };
    cx.check()?;
    Ok(batch.filter(&kept))
}

#[cfg(test)]
mod tests {
    use crate::operator::testing::run;

    #[test]
    fn parts_of_the_rows() {
        let many = "| makeresults count=10000 | streamstats count AS n | eval g=if(n<=9990, n%2, null()), p=if(n%2==0, 0.9, 0.1)";
        let count = |query: &str| -> f64 {
            let got = run("[]", &format!("{many} | {query} | stats count"));
            got.trim_start_matches(r#"[{"count":"#).trim_end_matches("}]").parse().unwrap()
        };
        assert!((80.0..120.0).contains(&count("sample ratio=0.01 seed=3")));
        assert!((80.0..120.0).contains(&count("sample 0.01 seed=3")));
        assert_eq!((count("sample ratio=0"), count("sample ratio=1"), count("sample 5"), count("sample count=20000")), (0.0, 10000.0, 5.0, 10000.0));
        // Rows without a group are in none.
        assert_eq!((count("sample count=5 by g"), count("sample count=9000 by g")), (10.0, 9990.0));
        assert!((4800.0..5200.0).contains(&count("sample proportional=p seed=1")));
        assert!((4300.0..4700.0).contains(&count("sample proportional=p seed=1 | where p=0.9")));
        assert!((4300.0..4700.0).contains(&count("sample proportional=p inverse seed=1 | where p=0.1")));
        assert_eq!(count("sample proportional=none"), 0.0);
        for part in 0..4 {
            assert!((2350.0..2650.0).contains(&count(&format!("sample partitions=4 seed=2 | where partition_number={part}"))), "{part}");
        }
        assert_eq!(count("sample partitions=4 fieldname=k | where k=4 or isnull(k)"), 0.0);
        // The order stays, and a seed repeats.
        assert_eq!(count("sample 100 seed=5 | streamstats current=f last(n) AS before | where before>n"), 0.0);
        let some = |seed: u64| run("[]", &format!("{many} | sample 3 seed={seed} | table n"));
        assert_eq!(some(1), some(1));
        assert_ne!(some(1), some(2));
    }

    #[test]
    fn what_is_wrong_is_said() {
        for (query, want) in [
            ("sample", "expected `ratio=`"),
            ("sample ratio=2", "`ratio` takes a number from 0 to 1"),
            ("sample ratio=0.1 count=3", "one way to choose rows"),
            ("sample ratio=0.1 by host", "only `count` goes by groups"),
            ("sample count=1 inverse", "`inverse` turns"),
            ("sample partitions=1", "above 1"),
            ("sample some", "expected a number"),
            ("sample counts=3", "no option `counts`"),
        ] {
            let got = run("[]", &format!("* | {query}"));
            assert!(got.contains(want), "{query}: {got}");
        }
    }
}
