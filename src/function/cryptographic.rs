//! eval functions of the chapter "cryptographic".

use super::Function;

/// The chapter.
pub const LIST: &[Function] = &[];
