//! JSON records, flattened as Splunk flattens them: `a.b`, `a{}` for an array, `a{}.b` for an array of objects.
//!
//! Numbers keep their spelling, `null` is no field. A record that has `_time` or `_raw` is an export: there an array of scalars is
//! a multivalue under its plain name.

mod flatten;
mod rows;
pub mod scan;

pub use flatten::{Flatten, role};
pub use rows::rows;
