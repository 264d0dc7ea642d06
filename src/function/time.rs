//! eval functions of the chapter "time".

use super::Function;

/// The chapter.
pub const LIST: &[Function] = &[];
