//! eval functions of the chapter "multivalue".

use super::Function;

/// The chapter.
pub const LIST: &[Function] = &[];
