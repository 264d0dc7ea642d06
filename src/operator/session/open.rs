//! The transactions that are open, found by the values of their fields, the one used last first.
//!
//! An event agrees with a transaction if they share a value in every field that both have. Transactions are kept apart by which
//! fields they have, so that for each such set the rarest of the shared values decides where to look.

use foldhash::fast::RandomState;
use hashbrown::HashMap;
use std::collections::BTreeMap;

/// A value of one of the fields, by number.
pub(super) type Key = (usize, u32);

/// Transactions by their last use.
type ByUse = BTreeMap<u64, u64>;

/// A transaction that takes events.
#[derive(Default)]
pub(super) struct Txn {
    /// Newest first.
    pub rows: Vec<u32>,
    pub newest: Option<f64>,
    pub oldest: Option<f64>,
    /// Its fields' values.
    keys: Vec<Key>,
    used: u64,
    /// Which of the sets of fields it has.
    set: usize,
}

/// The transactions that have just these fields.
struct Set {
    fields: Vec<usize>,
    all: ByUse,
    by_key: HashMap<Key, ByUse, RandomState>,
}

#[derive(Default)]
pub(super) struct OpenTxns {
    txns: HashMap<u64, Txn, RandomState>,
    sets: Vec<Set>,
    by_use: ByUse,
    next: u64,
    pub events: usize,
}

impl OpenTxns {
    pub fn len(&self) -> usize {
        self.txns.len()
    }

    /// The one used last that an event with these values belongs to. Without `connected` a shared value is not needed.
    pub fn find(&self, keys: &[Key], connected: bool) -> Option<u64> {
        let mut shared: Option<(u64, u64)> = None;
        let mut strange: Option<(u64, u64)> = None;
        for set in self.sets.iter().filter(|s| !s.all.is_empty()) {
            let common = || keys.iter().filter(|(field, _)| set.fields.contains(field));
            if common().next().is_none() {
                strange = strange.max(set.all.last_key_value().map(|(used, id)| (*used, *id)));
                continue;
            }
            // The places to look at for each common field; the one with the fewest transactions is enough.
            let places = |field: usize| common().filter(move |k| k.0 == field).filter_map(|k| set.by_key.get(k));
            let rarest = common().map(|(field, _)| *field).min_by_key(|field| places(*field).map(BTreeMap::len).sum::<usize>());
            for place in rarest.into_iter().flat_map(places) {
                let agrees = |id: &u64| self.txns.get(id).is_some_and(|t| set.fields.iter().all(|f| t.agrees(*f, keys)));
                shared = shared.max(place.iter().rev().find(|(_, id)| agrees(id)).map(|(used, id)| (*used, *id)));
            }
        }
        shared.or(strange.filter(|_| !connected)).map(|(_, id)| id)
    }

    /// The one used last.
    pub fn last(&self) -> Option<u64> {
        self.by_use.last_key_value().map(|(_, id)| *id)
    }

    /// The one not used for the longest.
    pub fn oldest(&self) -> Option<u64> {
        self.by_use.first_key_value().map(|(_, id)| *id)
    }

    pub fn get(&self, id: u64) -> Option<&Txn> {
        self.txns.get(&id)
    }

    /// A new one, not yet to be found.
    pub fn open(&mut self) -> u64 {
        self.next += 1;
        self.next
    }

    /// Puts an event in; gives how many it has now.
    pub fn add(&mut self, id: u64, row: u32, time: Option<f64>, keys: &[Key]) -> usize {
        let mut txn = self.take(id).unwrap_or_default();
        self.next += 1;
        txn.used = self.next;
        for key in keys {
            if !txn.keys.contains(key) {
                txn.keys.push(*key);
            }
        }
        txn.rows.push(row);
        txn.newest = txn.newest.or(time);
        txn.oldest = time.or(txn.oldest);
        let events = txn.rows.len();
        self.put(id, txn);
        events
    }

    /// Takes one out.
    pub fn take(&mut self, id: u64) -> Option<Txn> {
        let txn = self.txns.remove(&id)?;
        self.by_use.remove(&txn.used);
        if let Some(set) = self.sets.get_mut(txn.set) {
            set.all.remove(&txn.used);
            for key in &txn.keys {
                if let Some(place) = set.by_key.get_mut(key) {
                    place.remove(&txn.used);
                    if place.is_empty() {
                        set.by_key.remove(key);
                    }
                }
            }
        }
        self.events -= txn.rows.len().min(self.events);
        Some(txn)
    }

    fn put(&mut self, id: u64, mut txn: Txn) {
        let mut fields: Vec<usize> = txn.keys.iter().map(|(field, _)| *field).collect();
        fields.sort_unstable();
        fields.dedup();
        txn.set = self.sets.iter().position(|s| s.fields == fields).unwrap_or_else(|| {
            self.sets.push(Set { fields, all: ByUse::new(), by_key: HashMap::default() });
            self.sets.len() - 1
        });
        if let Some(set) = self.sets.get_mut(txn.set) {
            set.all.insert(txn.used, id);
            for key in &txn.keys {
                set.by_key.entry(*key).or_default().insert(txn.used, id);
            }
        }
        self.by_use.insert(txn.used, id);
        self.events += txn.rows.len();
        self.txns.insert(id, txn);
    }
}

impl Txn {
    /// Is a value of the field shared, or the field missing on one side?
    fn agrees(&self, field: usize, keys: &[Key]) -> bool {
        let mut of_event = keys.iter().filter(|k| k.0 == field).peekable();
        of_event.peek().is_none() || of_event.any(|k| self.keys.contains(k))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_event_finds_the_transaction_used_last_that_agrees() {
        let mut open = OpenTxns::default();
        let mut add = |keys: &[Key]| {
            let id = open.open();
            open.add(id, 0, None, keys);
            id
        };
        let (a, b, ab, other) = (add(&[(0, 1)]), add(&[(1, 1)]), add(&[(0, 1), (1, 2)]), add(&[(0, 2), (1, 2)]));
        for (keys, connected, want) in [
            (&[(0, 1)][..], true, Some(ab)),
            (&[(0, 1), (1, 1)], true, Some(b)),
            (&[(0, 1), (1, 3)], true, Some(a)),
            (&[(1, 2)], true, Some(other)),
            (&[(0, 1), (0, 2)], true, Some(other)),
            (&[(0, 9)], true, None),
            (&[(0, 9)], false, Some(b)),
            (&[(2, 1)], false, Some(other)),
            (&[], true, None),
        ] {
            assert_eq!(open.find(keys, connected), want, "{keys:?}");
        }
        open.take(other);
        assert_eq!((open.find(&[(1, 2)], true), open.last(), open.oldest(), open.len(), open.events), (Some(ab), Some(ab), Some(a), 3, 3));
    }
}
