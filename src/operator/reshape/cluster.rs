//! cluster: rows whose texts are much alike.
//!
//! One pass: a row goes to the first cluster whose first text it is like enough, else it begins a cluster of its own. How much
//! alike two texts are is the cosine of the angle between the counts of their terms; for terms in their order, the share of
//! places at which both have the same term.
//!
//! Texts that are like enough share terms, and at least one of so many that the others alone are too little. Those that the fewest clusters have
//! lead to the clusters that are compared.

use crate::column::{Batch, Column, Lexicon, Value};
use crate::diagnostic::Diagnostic;
use crate::operator::Context;
use crate::plan::reshape::{Cluster, Terms};
use foldhash::fast::RandomState;
use hashbrown::HashMap;
use std::ops::ControlFlow;

/// The first row of each cluster, or all rows with the number of theirs. Rows without the field are left out.
pub fn cluster(rows: Batch, how: &Cluster, cx: &Context) -> Result<Batch, Diagnostic> {
    let column = rows.column(&how.field);
    let (mut clusters, mut sizes): (Clusters, Vec<u64>) = (Clusters::default(), Vec::new());
    let (mut kept, mut labels): (Vec<u32>, Vec<usize>) = (Vec::new(), Vec::new());
    // A text that comes again goes where it went before: what it is compared with first is the same.
    let (mut texts, mut places) = (Lexicon::default(), Vec::new());
    let mut charged = 0;
    for row in 0..rows.len() {
        cx.at(row)?;
        let value = column.get(row);
        let Some(text) = value.as_text() else { continue };
        let known = texts.number(&text) as usize;
        let n = match places.get(known) {
            Some(n) => *n,
            None => {
                let n = clusters.place(&text, how, cx)?;
                places.push(n);
                let bytes = texts.bytes() + clusters.bytes();
                cx.memory.charge(bytes.saturating_sub(charged))?;
                charged = bytes.max(charged);
                n
            }
        };
        let is_new = n == sizes.len();
        sizes.resize(sizes.len().max(n + 1), 0);
        sizes.get_mut(n).into_iter().for_each(|size| *size += 1);
        if how.all || is_new {
            kept.push(row as u32);
            labels.push(n);
        }
    }
    let mut out = rows.take_while(&kept, || cx.check())?;
    out.set(how.label.clone(), Column::numbers(labels.iter().map(|n| *n as f64 + 1.0).collect()));
    if let Some(count) = &how.count {
        let sizes = labels.iter().map(|n| sizes.get(*n).map_or(Value::Null, |size| Value::Number(*size as f64)));
        out.set(count.clone(), sizes.collect::<Column>());
    }
    Ok(out)
}

/// The first text of each cluster.
#[derive(Default)]
struct Clusters {
    terms: Lexicon,
    first: Vec<Text>,
    /// The clusters that have a term, by the number of the term and its place where that counts, ascending.
    with: HashMap<(u32, u32), Vec<u32>, RandomState>,
    /// The one without terms.
    blank: Option<usize>,
    /// Terms of all texts.
    size: usize,
}

impl Clusters {
    /// The cluster of a text, which may be a new one.
    fn place(&mut self, text: &str, how: &Cluster, cx: &Context) -> Result<usize, Diagnostic> {
        let text = Text::new(text, how, &mut self.terms);
        let found = match self.like(&text, how.threshold, cx)? {
            _ if how.threshold <= 0.0 && !self.first.is_empty() => Some(0),
            found if text.terms.is_empty() => found.or(self.blank),
            found => found,
        };
        let n = found.unwrap_or(self.first.len());
        if found.is_none() {
            self.size += text.terms.len();
            text.terms.iter().for_each(|(key, _)| self.with.entry(*key).or_default().push(n as u32));
            self.blank = self.blank.or_else(|| text.terms.is_empty().then_some(n));
            self.first.push(text);
        }
        Ok(n)
    }

    /// The first cluster that a text is like enough.
    fn like(&self, text: &Text, threshold: f64, cx: &Context) -> Result<Option<usize>, Diagnostic> {
        let with = |key: &(u32, u32)| self.with.get(key).map(Vec::as_slice).unwrap_or_default();
        let mut rarest: Vec<(&[u32], f64)> = text.terms.iter().map(|(key, times)| (with(key), *times)).collect();
        rarest.sort_by_key(|(with, _)| with.len());
        let mut rest: f64 = rarest.iter().map(|(_, times)| times * times).sum();
        let enough = |rest: f64| if text.in_order { rest / text.terms.len() as f64 } else { rest.max(0.0).sqrt() / text.length } >= threshold - SLACK;
        let mut candidates = Vec::new();
        for (with, times) in rarest {
            if !enough(rest) {
                break;
            }
            candidates.extend_from_slice(with);
            rest -= times * times;
        }
        candidates.sort_unstable();
        candidates.dedup();
        let found = candidates.iter().enumerate().try_for_each(|(looked, n)| match (looked % 256, self.first.get(*n as usize)) {
            (0, _) if cx.check().is_err() => ControlFlow::Break(None),
            (_, Some(first)) if first.like(text) >= threshold => ControlFlow::Break(Some(*n as usize)),
            _ => ControlFlow::Continue(()),
        });
        cx.check()?;
        Ok(found.break_value().flatten())
    }

    fn bytes(&self) -> usize {
        self.terms.bytes() + self.with.allocation_size() + self.size * (size_of::<((u32, u32), f64)>() + 2 * size_of::<u32>())
    }
}

/// Sums of a few numbers are not exact.
const SLACK: f64 = 1e-9;

/// A text as its terms.
struct Text {
    /// Each once, with how often it is there: by the number of the term and, where their order counts, its place. Ascending.
    terms: Vec<((u32, u32), f64)>,
    in_order: bool,
    /// Of the vector that the counts are.
    length: f64,
}

impl Text {
    fn new(text: &str, how: &Cluster, all: &mut Lexicon) -> Text {
        let parts = |c: char| match &how.delims {
            Some(delims) => delims.contains(c),
            None => !c.is_alphanumeric() && c != '_',
        };
        let words = text.split(parts).filter(|w| !w.is_empty());
        let in_order = how.terms == Terms::List;
        let mut keys: Vec<(u32, u32)> = match how.terms {
            Terms::List => words.zip(0..).map(|(word, place)| (all.number(word), place)).collect(),
            Terms::Set => words.map(|word| (all.number(word), 0)).collect(),
            Terms::Trigrams => {
                let chars: Vec<char> = text.chars().collect();
                chars.windows(3.min(chars.len().max(1))).map(|w| (all.number(&w.iter().collect::<String>()), 0)).collect()
            }
        };
        keys.sort_unstable();
        let terms: Vec<_> = keys.chunk_by(|a, b| a == b).filter_map(|same| Some((*same.first()?, same.len() as f64))).collect();
        let length = terms.iter().map(|(_, n)| n * n).sum::<f64>().sqrt();
        Text { terms, in_order, length }
    }

    /// From 0 to 1, for texts that have terms.
    fn like(&self, other: &Text) -> f64 {
        let (mut ours, mut theirs, mut shared) = (self.terms.iter().peekable(), other.terms.iter().peekable(), 0.0);
        while let (Some((a, x)), Some((b, y))) = (ours.peek(), theirs.peek()) {
            // Sums of whole numbers: the same in any order.
            shared += if a == b { x * y } else { 0.0 };
            let (ahead, behind) = (a <= b, b <= a);
            if ahead {
                ours.next();
            }
            if behind {
                theirs.next();
            }
        }
        match self.in_order {
            true => shared / self.terms.len().max(other.terms.len()) as f64,
            false => shared / (self.length * other.length) + 1e-12,
        }
    }
}

#[cfg(test)]
mod tests {
    use crate::operator::testing::run;
    use proptest::prelude::*;
    use std::collections::HashMap;

    /// How much alike two texts are, by every term of both.
    fn alike(a: &str, b: &str, terms: &str) -> f64 {
        let list = |text: &str| -> Vec<String> {
            let chars: Vec<char> = text.chars().collect();
            match terms {
                "ngramset" => chars.windows(3.min(chars.len().max(1))).map(|w| w.iter().collect()).collect(),
                _ => text.split(' ').filter(|w| !w.is_empty()).map(String::from).collect(),
            }
        };
        let (a, b) = (list(a), list(b));
        let counts = |list: &[String]| {
            list.iter().fold(HashMap::new(), |mut all: HashMap<String, f64>, t| {
                *all.entry(t.clone()).or_default() += 1.0;
                all
            })
        };
        match (a.is_empty() || b.is_empty(), terms) {
            (true, _) => f64::from(u8::from(a.is_empty() && b.is_empty())),
            (_, "termlist") => a.iter().zip(&b).filter(|(x, y)| x == y).count() as f64 / a.len().max(b.len()) as f64,
            _ => {
                let (a, b) = (counts(&a), counts(&b));
                let length = |counts: &HashMap<String, f64>| counts.values().map(|n| n * n).sum::<f64>().sqrt();
                a.iter().map(|(term, n)| n * b.get(term).unwrap_or(&0.0)).sum::<f64>() / (length(&a) * length(&b)) + 1e-12
            }
        }
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(200))]

        /// A row goes to the first of all clusters that it is like enough.
        #[test]
        fn the_first_cluster_that_fits(
            texts in prop::collection::vec("(([abcde]|aa|bb) ?){0,7}", 1..40),
            threshold in prop::sample::select(vec![0.01, 0.2, 0.5, 0.6, 0.75, 0.8, 0.99]),
            terms in prop::sample::select(vec!["termlist", "termset", "ngramset"]),
        ) {
            let mut first: Vec<&str> = Vec::new();
            let wanted: Vec<String> = texts.iter().map(|text| {
                let n = first.iter().position(|f| alike(f, text, terms) >= threshold).unwrap_or(first.len());
                if n == first.len() {
                    first.push(text);
                }
                format!("{{\"l\":{}}}", n + 1)
            }).collect();
            let rows: Vec<String> = texts.iter().map(|text| format!("{{\"a\":\"{text}\"}}")).collect();
            let query = format!("* | cluster field=a t={threshold} match={terms} labelonly=t labelfield=l | table l");
            prop_assert_eq!(run(&format!("[{}]", rows.join(",")), &query), format!("[{}]", wanted.join(",")));
        }
    }
}
