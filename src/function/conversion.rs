//! eval functions of the chapter "conversion".

use super::Function;

/// The chapter.
pub const LIST: &[Function] = &[];
