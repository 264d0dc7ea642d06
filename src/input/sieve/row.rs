//! A check that asks for values alone, asked of the values that a record of known shape shows.

use super::{Check, Test};
use crate::input::slots::{SlotId, Slots};

/// What is asked of a record's values.
pub enum Asked {
    All(Vec<Asked>),
    Any(Vec<Asked>),
    /// A value that passes, in one of these slots.
    Value(Vec<SlotId>, Test),
    /// Only parsing can tell.
    Unsure,
}

impl Asked {
    /// What a check asks, by the slots of the fields. Of a field that is not wanted no value can matter.
    pub fn new(check: &Check, slots: &mut Slots<'_>) -> Asked {
        match check {
            Check::All(all) => Asked::All(all.iter().map(|c| Asked::new(c, slots)).collect()),
            Check::Any(any) => Asked::Any(any.iter().map(|c| Asked::new(c, slots)).collect()),
            Check::Text { .. } => Asked::Unsure,
            Check::Value { names, test, .. } => {
                let mut ids: Vec<SlotId> = names.iter().map(|name| slots.find(name.as_str())).collect();
                ids.retain(|id| slots.keeps(*id));
                match ids.iter().any(|id| slots.role(*id) != 0) || ids.is_empty() {
                    true => Asked::Unsure,
                    false => Asked::Value(ids, test.clone()),
                }
            }
        }
    }

    /// May the record matter? The function tells whether a value in a slot passes a test, or could.
    pub fn may_be(&self, passes: &impl Fn(SlotId, &Test) -> bool) -> bool {
        match self {
            Asked::All(all) => all.iter().all(|a| a.may_be(passes)),
            Asked::Any(any) => any.iter().any(|a| a.may_be(passes)),
            Asked::Value(slots, test) => slots.iter().any(|slot| passes(*slot, test)),
            Asked::Unsure => true,
        }
    }
}
