//! Batches of rows as named columns: what operators pass to each other.
//!
//! A batch has a schema of its own (schema on read: a missing column is all null). A value is text that may be a number, as in
//! Splunk; the rules for that live in one file each: `number`, `cast`, `compare`.

pub mod address;
pub mod batch;
pub mod builder;
pub mod cast;
pub mod choose;
pub mod compare;
mod concat;
pub mod data;
pub mod growth;
pub mod lexicon;
pub mod mask;
pub mod memo;
pub mod number;
mod order;
pub mod text;
pub mod value;

pub use batch::{Batch, Name};
pub use builder::Builder;
pub use data::{Column, Hits, NO_CODE};
pub use lexicon::Lexicon;
pub use mask::Mask;
pub use memo::Memo;
pub use text::Text;
pub use value::Value;
