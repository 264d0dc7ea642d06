//! Splunk's knowledge objects, read as they are: data and readers, no execution.
//!
//! Expressions and searches stay text with their file and line; the planner compiles them.

pub mod conf;
pub mod detection;
pub mod literal;
pub mod macros;
pub mod pattern;
pub mod place;
pub mod props;
pub mod transform;
pub mod words;
pub mod yaml;

pub use conf::{Conf, Setting, Stanza};
pub use detection::Detection;
pub use literal::Literal;
pub use macros::{Macro, Macros};
pub use pattern::Matcher;
pub use place::Place;
pub use props::{FieldRules, Rules};
pub use transform::Transform;
