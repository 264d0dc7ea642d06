//! The transactions that are open, found by the values of their fields, the one used last first.

use foldhash::fast::RandomState;
use hashbrown::HashMap;
use std::collections::BTreeMap;

/// A value of one of the fields, by number.
pub(super) type Key = (usize, u32);

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
}

impl Txn {
    /// Do the values agree in every field that both sides have?
    fn agrees(&self, keys: &[Key]) -> bool {
        keys.iter().all(|(field, _)| !self.keys.iter().any(|(f, _)| f == field) || keys.iter().any(|k| k.0 == *field && self.keys.contains(k)))
    }
}

#[derive(Default)]
pub(super) struct OpenTxns {
    txns: HashMap<u64, Txn, RandomState>,
    /// Which may hold a value; those that are closed are taken out when met.
    by_key: HashMap<Key, Vec<u64>, RandomState>,
    /// By last use.
    by_use: BTreeMap<u64, u64>,
    next: u64,
    pub events: usize,
}

impl OpenTxns {
    pub fn len(&self) -> usize {
        self.txns.len()
    }

    /// The one used last that an event with these values belongs to. Without `connected` a shared value is not needed.
    pub fn find(&mut self, keys: &[Key], connected: bool) -> Option<u64> {
        let mut best: Option<(u64, u64)> = None;
        for key in keys {
            let Some(ids) = self.by_key.get_mut(key) else { continue };
            ids.retain(|id| self.txns.contains_key(id));
            for id in ids.iter() {
                let Some(txn) = self.txns.get(id).filter(|t| t.agrees(keys)) else { continue };
                best = best.max(Some((txn.used, *id)));
            }
        }
        match best {
            None if !connected => self.by_use.values().rev().find(|id| self.txns.get(*id).is_some_and(|t| t.agrees(keys))).copied(),
            best => best.map(|(_, id)| id),
        }
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

    /// A new one.
    pub fn open(&mut self) -> u64 {
        self.next += 1;
        self.txns.insert(self.next, Txn { used: self.next, ..Txn::default() });
        self.by_use.insert(self.next, self.next);
        self.next
    }

    /// Puts an event in; gives how many it has now.
    pub fn add(&mut self, id: u64, row: u32, time: Option<f64>, keys: &[Key]) -> usize {
        self.next += 1;
        let Some(txn) = self.txns.get_mut(&id) else { return 0 };
        self.by_use.remove(&txn.used);
        txn.used = self.next;
        self.by_use.insert(self.next, id);
        for key in keys {
            if !txn.keys.contains(key) {
                txn.keys.push(*key);
                self.by_key.entry(*key).or_default().push(id);
            }
        }
        txn.rows.push(row);
        txn.newest = txn.newest.or(time);
        txn.oldest = time.or(txn.oldest);
        self.events += 1;
        txn.rows.len()
    }

    /// Takes one out.
    pub fn take(&mut self, id: u64) -> Option<Txn> {
        let txn = self.txns.remove(&id)?;
        self.by_use.remove(&txn.used);
        self.events -= txn.rows.len().min(self.events);
        Some(txn)
    }
}
