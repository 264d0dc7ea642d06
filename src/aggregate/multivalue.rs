//! stats functions of the chapter "multivalue".

use super::Aggregate;

/// The family.
pub const LIST: &[Aggregate] = &[];
