//! stats functions of the chapter "time".

use super::Aggregate;

/// The family.
pub const LIST: &[Aggregate] = &[];
