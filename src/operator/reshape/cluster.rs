//! cluster: rows whose texts are much alike.
//!
//! One pass: a row goes to the first cluster whose first text it is like enough, else it begins a cluster of its own. How much
//! alike two texts are is the cosine of the angle between the counts of their terms; for terms in their order, the share of
//! places at which both have the same term.

use crate::column::{Batch, Column, Value};
use crate::diagnostic::Diagnostic;
use crate::operator::Context;
use crate::plan::reshape::{Cluster, Terms};
use foldhash::fast::RandomState;
use hashbrown::HashMap;

/// The first row of each cluster, or all rows with the number of theirs. Rows without the field are left out.
pub fn cluster(rows: Batch, how: &Cluster, cx: &Context) -> Result<Batch, Diagnostic> {
    let column = rows.column(&how.field);
    let mut clusters: Vec<(Text, u64)> = Vec::new();
    let (mut kept, mut labels): (Vec<u32>, Vec<usize>) = (Vec::new(), Vec::new());
    let mut looked = 0usize;
    for row in 0..rows.len() {
        cx.cancel.at(row)?;
        let Some(text) = column.get(row).as_text().map(|t| Text::new(&t, how)) else { continue };
        let mut found = None;
        for (n, (first, _)) in clusters.iter().enumerate() {
            looked += 1;
            if looked.is_multiple_of(256) {
                cx.cancel.check()?;
            }
            if first.like(&text) >= how.threshold {
                found = Some(n);
                break;
            }
        }
        let n = found.unwrap_or(clusters.len());
        match clusters.get_mut(n) {
            Some((_, count)) => *count += 1,
            None => {
                cx.memory.charge(text.bytes())?;
                clusters.push((text, 1));
            }
        }
        if how.all || found.is_none() {
            kept.push(row as u32);
            labels.push(n);
        }
    }
    let mut out = rows.take_while(&kept, || cx.cancel.check())?;
    out.set(how.label.clone(), Column::numbers(labels.iter().map(|n| *n as f64 + 1.0).collect()));
    if let Some(count) = &how.count {
        let sizes = labels.iter().map(|n| clusters.get(*n).map_or(Value::Null, |(_, size)| Value::Number(*size as f64)));
        out.set(count.clone(), sizes.collect::<Column>());
    }
    Ok(out)
}

/// A text as its terms.
enum Text {
    List(Vec<String>),
    /// Counts, and the length of the vector that they are.
    Counts(HashMap<String, f64, RandomState>, f64),
}

impl Text {
    fn new(text: &str, how: &Cluster) -> Text {
        let parts = |c: char| match &how.delims {
            Some(delims) => delims.contains(c),
            None => !c.is_alphanumeric() && c != '_',
        };
        let words = || text.split(parts).filter(|w| !w.is_empty()).map(String::from);
        let counted = |terms: &mut dyn Iterator<Item = String>| {
            let mut counts: HashMap<String, f64, RandomState> = HashMap::default();
            terms.for_each(|t| *counts.entry(t).or_default() += 1.0);
            let length = counts.values().map(|n| n * n).sum::<f64>().sqrt();
            Text::Counts(counts, length)
        };
        match how.terms {
            Terms::List => Text::List(words().collect()),
            Terms::Set => counted(&mut words()),
            Terms::Trigrams => {
                let chars: Vec<char> = text.chars().collect();
                counted(&mut chars.windows(3.min(chars.len().max(1))).map(|w| w.iter().collect()))
            }
        }
    }

    /// From 0 to 1. Two texts without terms are alike.
    fn like(&self, other: &Text) -> f64 {
        match (self, other) {
            (Text::List(a), Text::List(b)) if a.is_empty() && b.is_empty() => 1.0,
            (Text::List(a), Text::List(b)) => a.iter().zip(b).filter(|(x, y)| x == y).count() as f64 / a.len().max(b.len()) as f64,
            (Text::Counts(a, _), Text::Counts(b, _)) if a.is_empty() && b.is_empty() => 1.0,
            (Text::Counts(a, m), Text::Counts(b, n)) if *m > 0.0 && *n > 0.0 => {
                // Sums of whole numbers: the same in any order.
                a.iter().filter_map(|(term, x)| Some(x * b.get(term)?)).sum::<f64>() / (m * n) + 1e-12
            }
            _ => 0.0,
        }
    }

    fn bytes(&self) -> usize {
        match self {
            Text::List(all) => all.iter().map(|t| t.len() + 24).sum(),
            Text::Counts(all, _) => all.keys().map(|t| t.len() + 48).sum(),
        }
    }
}
