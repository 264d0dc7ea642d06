//! cluster: texts that are much alike, found in one pass: each text joins the likest of the clusters so far, by their first texts, or
//! begins one (the leader algorithm; Hartigan, "Clustering Algorithms", 1975, chapter 3).
//!
//! Lists of terms are as alike as the share of places with the same term, after Drain (He, Zhu, Zheng and Lyu, "Drain: An Online Log
//! Parsing Approach with Fixed Depth Tree", 2017); sets by Jaccard's index (1901).

use crate::column::{Batch, Builder, Value};
use crate::diagnostic::Diagnostic;
use crate::operator::{Cancel, Context};
use crate::plan::study::{Alike, Cluster, Match};
use foldhash::fast::RandomState;
use hashbrown::HashMap;
use std::sync::Arc;

/// The first row of each cluster, or all rows, with the cluster's label: 1 for the first one.
pub(super) fn cluster(mut batch: Batch, how: &Cluster, cx: &Context) -> Result<Batch, Diagnostic> {
    let column = batch.column(&how.field);
    let mut leaders = Leaders::new(how.alike.clone());
    let mut labels: Vec<Option<u32>> = Vec::with_capacity(batch.len());
    let (mut counts, mut firsts): (Vec<u32>, Vec<u32>) = (Vec::new(), Vec::new());
    for row in 0..batch.len() {
        let held = leaders.bytes;
        let label = match column.get(row).as_text() {
            Some(text) => Some(leaders.label(&text, &cx.cancel)?),
            None => None,
        };
        cx.cancel.at(row)?;
        cx.memory.charge(leaders.bytes - held)?;
        labels.push(label);
        if let Some(label) = label {
            match counts.get_mut(label as usize) {
                Some(count) => *count += 1,
                None => {
                    counts.push(1);
                    firsts.push(row as u32);
                }
            }
        }
    }
    let mut of_row = |name: &Arc<str>, number: &dyn Fn(u32) -> f64| {
        let mut cells = Builder::new();
        labels.iter().for_each(|label| cells.push(Value::from(label.map(number))));
        batch.set(name.clone(), cells.finish());
    };
    of_row(&how.label, &|label| f64::from(label) + 1.0);
    if let Some(count) = &how.count {
        of_row(count, &|label| f64::from(counts.get(label as usize).copied().unwrap_or_default()));
    }
    if how.all { Ok(batch) } else { batch.take_while(&firsts, || cx.cancel.check()) }
}

/// Clusters by their first texts.
pub struct Leaders {
    alike: Alike,
    terms: HashMap<Box<str>, u32, RandomState>,
    /// Terms of each cluster's first text: in their order, or sorted and each once.
    leaders: Vec<Box<[u32]>>,
    seen: HashMap<Box<str>, u32, RandomState>,
    /// What is held, about.
    pub bytes: usize,
}

impl Leaders {
    pub fn new(alike: Alike) -> Leaders {
        Leaders { alike, terms: HashMap::default(), leaders: Vec::new(), seen: HashMap::default(), bytes: 0 }
    }

    /// The cluster of a text, from 0.
    pub fn label(&mut self, text: &str, cancel: &Cancel) -> Result<u32, Diagnostic> {
        if let Some(label) = self.seen.get(text) {
            return Ok(*label);
        }
        let terms = self.terms(text);
        let mut best: Option<(f64, usize)> = None;
        for (label, leader) in self.leaders.iter().enumerate() {
            if label.is_multiple_of(256) {
                cancel.check()?;
            }
            // Lengths alone may tell that they cannot be alike enough.
            let (short, long) = (leader.len().min(terms.len()), leader.len().max(terms.len()));
            let most = if long == 0 { 1.0 } else { short as f64 / long as f64 };
            let floor = best.map_or(self.alike.threshold, |(b, _)| b);
            if most < floor || best.is_some() && most <= floor {
                continue;
            }
            let score = match self.alike.by {
                Match::Terms => places(leader, &terms),
                Match::TermSet | Match::Ngrams => jaccard(leader, &terms),
            };
            if score >= self.alike.threshold && best.is_none_or(|(b, _)| score > b) {
                best = Some((score, label));
            }
        }
        let label = match best {
            Some((_, label)) => label as u32,
            None => {
                self.bytes += terms.len() * 4 + 16;
                self.leaders.push(terms);
                (self.leaders.len() - 1) as u32
            }
        };
        self.bytes += text.len() + 32;
        self.seen.insert(text.into(), label);
        Ok(label)
    }

    fn terms(&mut self, text: &str) -> Box<[u32]> {
        let mut all = Vec::new();
        match self.alike.by {
            Match::Ngrams => {
                let starts: Vec<usize> = text.char_indices().map(|(at, _)| at).chain([text.len()]).collect();
                if starts.len() < 4 {
                    all.push(self.number(text));
                } else {
                    for ends in starts.windows(4) {
                        all.push(self.number(text.get(ends[0]..ends[3]).unwrap_or_default()));
                    }
                }
            }
            _ => {
                let delimiters = self.alike.delimiters.clone();
                let between = |c: char| match &delimiters {
                    Some(some) => some.contains(c),
                    None => !c.is_ascii_alphanumeric() && c != '_',
                };
                for term in text.split(between).filter(|t| !t.is_empty()) {
                    all.push(self.number(term));
                }
            }
        }
        if self.alike.by != Match::Terms {
            all.sort_unstable();
            all.dedup();
        }
        all.into()
    }

    fn number(&mut self, term: &str) -> u32 {
        if let Some(number) = self.terms.get(term) {
            return *number;
        }
        let number = self.terms.len() as u32;
        self.bytes += term.len() + 32;
        self.terms.insert(term.into(), number);
        number
    }
}

/// The share of places with the same term, of those of the longer list.
fn places(a: &[u32], b: &[u32]) -> f64 {
    match a.len().max(b.len()) {
        0 => 1.0,
        most => a.iter().zip(b).filter(|(a, b)| a == b).count() as f64 / most as f64,
    }
}

/// What two sorted sets have in common over what they have together.
fn jaccard(a: &[u32], b: &[u32]) -> f64 {
    let (mut i, mut j, mut common) = (0, 0, 0usize);
    while let (Some(x), Some(y)) = (a.get(i), b.get(j)) {
        common += usize::from(x == y);
        i += usize::from(x <= y);
        j += usize::from(y <= x);
    }
    match a.len() + b.len() - common {
        0 => 1.0,
        all => common as f64 / all as f64,
    }
}

#[cfg(test)]
mod tests {
    use crate::operator::testing::run;

    #[test]
    fn texts_that_are_alike_share_a_label() {
        let rows = r#"[{"m":"user bob logged in"},{"m":"disk full"},{"m":"user eve logged in"},{"m":"in logged bob user"},{},{"m":""}]"#;
        for (options, want) in [
            ("t=0.7", r#"[{"cluster_label":1},{"cluster_label":2},{"cluster_label":1},{"cluster_label":3},{},{"cluster_label":4}]"#),
            ("t=0.9 match=termset", r#"[{"cluster_label":1},{"cluster_label":2},{"cluster_label":3},{"cluster_label":1},{},{"cluster_label":4}]"#),
            (
                "t=0.5 match=ngramset labelfield=cluster_label",
                r#"[{"cluster_label":1},{"cluster_label":2},{"cluster_label":1},{"cluster_label":1},{},{"cluster_label":3}]"#,
            ),
            (r#"t=0.9 delims="|""#, r#"[{"cluster_label":1},{"cluster_label":2},{"cluster_label":3},{"cluster_label":4},{},{"cluster_label":5}]"#),
        ] {
            assert_eq!(run(rows, &format!("* | cluster field=m labelonly=t {options} | table cluster_label")), want, "{options}");
        }
        let firsts = r#"[{"m":"user bob logged in","n":2},{"m":"disk full","n":1},{"m":"in logged bob user","n":1},{"m":"","n":1}]"#;
        assert_eq!(run(rows, "* | cluster field=m t=0.7 showcount=t countfield=n | table m n"), firsts);
    }
}
