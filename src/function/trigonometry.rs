//! eval functions of the chapter "trigonometry".

use super::Function;

/// The chapter.
pub const LIST: &[Function] = &[];
