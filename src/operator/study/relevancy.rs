//! relevancy: how well the text of an event fits the words that were searched for, by the BM25 function (Robertson and Zaragoza, "The
//! Probabilistic Relevance Framework: BM25 and Beyond", 2009) over the events there are: rare words count more, so do words that
//! stand often, and words in short events.

use crate::column::{Batch, Column, Value, cast};
use crate::diagnostic::Diagnostic;
use crate::operator::Context;

/// How fast further occurrences stop to count, and how much the length does: the values that are commonly taken.
const K1: f64 = 1.2;
const B: f64 = 0.75;

pub(super) fn relevancy(mut batch: Batch, terms: &[String], cx: &Context) -> Result<Batch, Diagnostic> {
    let raw = batch.column("_raw");
    let rows = batch.len();
    cx.memory.charge(rows.saturating_mul(terms.len() + 2).saturating_mul(8))?;
    let mut lengths = Vec::with_capacity(rows);
    let mut counts: Vec<Vec<f64>> = vec![Vec::with_capacity(rows); terms.len()];
    for row in 0..rows {
        cx.at(row)?;
        let text = cast::join(raw.get(row).each(), " ").to_lowercase();
        let words: Vec<&str> = words(&text).collect();
        lengths.push(words.len() as f64);
        for (term, counts) in terms.iter().zip(&mut counts) {
            counts.push(occurrences(term, &text, &words) as f64);
        }
    }
    let mean = lengths.iter().sum::<f64>() / rows.max(1) as f64;
    let weights: Vec<f64> = counts
        .iter()
        .map(|c| {
            let having = c.iter().filter(|n| **n > 0.0).count() as f64;
            (1.0 + (rows as f64 - having + 0.5) / (having + 0.5)).ln()
        })
        .collect();
    let score = |row: usize| {
        let length = lengths.get(row).copied().unwrap_or_default() / mean.max(f64::MIN_POSITIVE);
        let of = |(counts, weight): (&Vec<f64>, &f64)| {
            let n = counts.get(row).copied().unwrap_or_default();
            weight * n * (K1 + 1.0) / (n + K1 * (1.0 - B + B * length))
        };
        Value::Number(counts.iter().zip(&weights).map(of).sum::<f64>() + 0.0)
    };
    batch.set("relevancy", (0..rows).map(score).collect::<Column>());
    Ok(batch)
}

fn words(text: &str) -> impl Iterator<Item = &str> {
    text.split(|c: char| !c.is_alphanumeric()).filter(|w| !w.is_empty())
}

/// How often a term stands in a text, both in lower case: as a word, as part of one where it has a wildcard, or as several words.
fn occurrences(term: &str, text: &str, split: &[&str]) -> usize {
    let bare = term.trim_matches('*');
    if bare.is_empty() {
        return 0;
    }
    match words(bare).count() == 1 && bare.chars().all(char::is_alphanumeric) {
        true => split
            .iter()
            .filter(|w| match (term.starts_with('*'), term.ends_with('*')) {
                (false, false) => **w == bare,
                (false, true) => w.starts_with(bare),
                (true, false) => w.ends_with(bare),
                (true, true) => w.contains(bare),
            })
            .count(),
        // Wildcards inside stand for anything: the longest part tells.
        false => bare.split('*').max_by_key(|p| p.len()).map_or(0, |part| text.matches(part).count()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::operator::testing::run;

    #[test]
    fn short_events_with_many_of_the_words_come_first() {
        let rows = r#"[{"n":"1","_raw":"disk error and a lot of other words that say nothing of disks at all"},{"n":"2","_raw":"error disk disk"},{"n":"3","_raw":"disk error"},{"n":"4","_raw":"other"}]"#;
        assert_eq!(run(rows, "disk error | relevancy | sort - relevancy | table n"), r#"[{"n":"2"},{"n":"3"},{"n":"1"}]"#);
        assert_eq!(run(rows, "* | relevancy | stats max(relevancy) AS most"), r#"[{"most":0}]"#);
        assert_eq!(run(rows, "disk OR other NOT error | relevancy | where relevancy>0 | table n"), r#"[{"n":"4"}]"#);
        assert_eq!(run(r#"[{"_raw":"x"}]"#, "x | relevancy"), r#"[{"_raw":"x","relevancy":0.28768207245178085}]"#);
        assert!(run(rows, "* | relevancy x").contains("expected"));
    }

    #[test]
    fn terms_are_counted() {
        let count = |term: &str, text: &str| occurrences(term, text, &words(text).collect::<Vec<_>>());
        for (term, text, want) in [("a", "a ab a", 2), ("a*", "a ab b", 2), ("*b", "a ab", 1), ("a b", "a b a b", 2), ("x*y", "xqy", 1), ("*", "a", 0)] {
            assert_eq!(count(term, text), want, "{term} in {text}");
        }
    }
}
