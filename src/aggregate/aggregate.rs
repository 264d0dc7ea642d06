//! stats functions of the chapter "aggregate".

use super::Aggregate;

/// The family.
pub const LIST: &[Aggregate] = &[];
