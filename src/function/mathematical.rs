//! eval functions of the chapter "mathematical".

use super::Function;

/// The chapter.
pub const LIST: &[Function] = &[];
