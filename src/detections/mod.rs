//! Detections: the files they stand in, a run of many of them over events, and how their hits are shown.

mod find;
mod hits;
mod located;
mod run;
pub mod summary;

pub use find::{Found, find, one};
pub use hits::{Hits, Look, together};
pub use located::{Located, line_column};
pub use run::{Run, run};
