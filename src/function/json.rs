//! eval functions of the chapter "json".

use super::Function;

/// The chapter.
pub const LIST: &[Function] = &[];
