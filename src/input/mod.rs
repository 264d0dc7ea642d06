//! Files become events here: bytes → chunks of whole records → batches of columns.
//!
//! [`spec`] says what to read and as what, [`detect`] finds the format by looking, [`chunk`] cuts the bytes between records,
//! and [`parse`] turns a chunk into batches by way of a [`table`], on any thread. A field is extracted only when it is wanted; values stay where
//! they are in the text unless the format escapes them; [`sieve`] leaves out records that a query cannot want. A damaged record is kept as raw text and counted in [`warnings`].

pub mod around;
pub mod chunk;
mod codes;
pub mod decode;
pub mod delimited;
pub mod detect;
pub mod evtx;
pub mod json;
mod marks;
mod near;
pub mod parse;
pub mod place;
pub mod plain;
pub mod record;
mod repeats;
pub mod shape;
pub mod sieve;
pub mod slots;
pub mod spec;
pub mod table;
#[cfg(test)]
mod testing;
pub mod text;
pub mod warnings;
mod written;
pub mod xml;

pub use chunk::{Chunk, Chunks, FileInfo, ReadOptions};
pub use detect::{Compression, Format};
pub use json::rows;
pub use parse::{Entities, ParseOptions, Parser, Wanted, parse, parse_records, records};
pub use spec::{DataSpec, InputFile, expand};
pub use table::Parsed;
pub use warnings::{Kind, Warnings};
