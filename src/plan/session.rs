//! `transaction`: which events belong together, and how they are shown as one.

use super::{Expr, FieldPattern, Predicate};
use crate::column::Name;

/// What `transaction` wrote.
#[derive(Clone, Debug)]
pub struct Session {
    /// The transaction type.
    pub name: Option<String>,
    pub fields: Vec<Name>,
    /// Seconds from the first event to the last, at most.
    pub span: Option<f64>,
    /// Seconds between neighbouring events, at most.
    pub pause: Option<f64>,
    pub events: Option<usize>,
    pub starts: Option<Condition>,
    pub ends: Option<Condition>,
    /// An event that shares no field with an open transaction opens one of its own.
    pub connected: bool,
    /// Starts and ends must share a field, too.
    pub unify_ends: bool,
    pub keep_orphans: bool,
    pub keep_evicted: bool,
    /// Open transactions, and events in them, at most.
    pub open: Option<usize>,
    pub open_events: Option<usize>,
    /// Fields that are shown as lists of a value an event.
    pub lists: Vec<FieldPattern>,
    /// What stands in such a list for a missing value.
    pub null: String,
    pub raw_values: bool,
}

/// What marks the first or the last event.
#[derive(Clone, Debug)]
pub enum Condition {
    Search(Predicate),
    Eval(Expr),
}

impl Session {
    /// The fields that decide; `None` for all.
    pub fn reads(&self) -> Option<Vec<Name>> {
        let mut names = self.fields.clone();
        names.push("_time".into());
        for condition in self.starts.iter().chain(&self.ends) {
            match condition {
                // A subsearch may name any field.
                Condition::Search(p) if p.has_subsearch() => return None,
                Condition::Search(p) => p.fields(&mut names),
                Condition::Eval(e) => e.fields(&mut names),
            }
        }
        Some(names)
    }
}
