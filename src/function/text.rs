//! eval functions of the chapter "text".

use super::Function;

/// The chapter.
pub const LIST: &[Function] = &[];
