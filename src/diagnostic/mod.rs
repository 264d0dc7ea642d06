//! Pointing at text: what is wrong, where, and what to do.
//!
//! Every stage of the path reports with the same type; only `render` knows how it looks.

mod code;
mod message;
mod render;
mod source;
mod span;
mod suggest;

pub use code::{CODES, Code, Kind};
pub use message::{Diagnostic, Label, Severity};
pub use render::render;
pub use source::{Origin, Source, SourceId, Sources};
pub use span::Span;
pub use suggest::{did_you_mean, nearest};
