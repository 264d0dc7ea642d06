//! stats functions of the chapter "event_order".

use super::Aggregate;

/// The family.
pub const LIST: &[Aggregate] = &[];
