//! eval functions of the chapter "informational".

use super::Function;

/// The chapter.
pub const LIST: &[Function] = &[];
