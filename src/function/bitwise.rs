//! eval functions of the chapter "bitwise".

use super::Function;

/// The chapter.
pub const LIST: &[Function] = &[];
