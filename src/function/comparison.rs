//! eval functions of the chapter "comparison".

use super::Function;

/// The chapter.
pub const LIST: &[Function] = &[];
