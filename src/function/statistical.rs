//! eval functions of the chapter "statistical".

use super::Function;

/// The chapter.
pub const LIST: &[Function] = &[];
