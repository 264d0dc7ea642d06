//! Distinct values and the most frequent one: texts with their counts.

use super::Running;
use crate::column::Value;
use std::collections::{BTreeMap, BTreeSet, VecDeque};

/// Texts with how often they are there.
pub(super) struct Bag {
    counts: BTreeMap<Box<str>, u64>,
    /// The same by count, for `mode`: the most frequent one comes first, of several the first by code point.
    by_count: BTreeSet<(std::cmp::Reverse<u64>, Box<str>)>,
    rows: VecDeque<Vec<Box<str>>>,
    reading: fn(&Bag) -> Value<'static>,
    ranked: bool,
    windowed: bool,
    heap: usize,
}

impl Bag {
    pub fn boxed(reading: fn(&Bag) -> Value<'static>, windowed: bool) -> Box<dyn Running> {
        let ranked = std::ptr::fn_addr_eq(reading, Bag::most as fn(&Bag) -> Value<'static>);
        Box::new(Bag { counts: BTreeMap::new(), by_count: BTreeSet::new(), rows: VecDeque::new(), reading, ranked, windowed, heap: 0 })
    }

    /// One more or one less of a text.
    fn change(&mut self, text: &str, more: bool) {
        let old = self.counts.get(text).copied().unwrap_or(0);
        let new = if more { old + 1 } else { old.saturating_sub(1) };
        if self.ranked {
            self.by_count.remove(&(std::cmp::Reverse(old), text.into()));
            if new > 0 {
                self.by_count.insert((std::cmp::Reverse(new), text.into()));
            }
        }
        match (old, new) {
            (_, 0) => drop(self.counts.remove(text)),
            (0, _) => drop(self.counts.insert(text.into(), new)),
            _ => drop(self.counts.get_mut(text).map(|n| *n = new)),
        }
        if old == 0 {
            self.heap += text.len() + 48;
        } else if new == 0 {
            self.heap -= (text.len() + 48).min(self.heap);
        }
    }

    pub fn distinct(&self) -> Value<'static> {
        Value::Number(self.counts.len() as f64)
    }

    pub fn sorted(&self) -> Value<'static> {
        Value::multi(self.counts.keys().map(|t| Value::owned(t.as_ref())))
    }

    pub fn most(&self) -> Value<'static> {
        self.by_count.first().map_or(Value::Null, |(_, t)| Value::owned(t.as_ref()))
    }
}

impl Running for Bag {
    fn push(&mut self, value: &Value<'_>, _: Option<f64>) {
        let texts: Vec<Box<str>> = value.each().iter().filter_map(|v| v.as_text().map(Box::from)).collect();
        texts.iter().for_each(|t| self.change(t, true));
        if self.windowed {
            self.heap += texts.iter().map(|t| t.len() + 16).sum::<usize>() + 24;
            self.rows.push_back(texts);
        }
    }

    fn pop(&mut self) {
        for text in self.rows.pop_front().unwrap_or_default() {
            self.change(&text, false);
            self.heap -= (text.len() + 16).min(self.heap);
        }
    }

    fn value(&self) -> Value<'static> {
        (self.reading)(self)
    }

    fn bytes(&self) -> usize {
        self.heap
    }
}
