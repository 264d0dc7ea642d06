//! What a query means: a tree of few node kinds that serve many commands.

pub mod aggregation;
mod bin;
pub mod explain;
pub mod expr;
pub mod fields;
pub mod node;
pub mod planner;
pub mod predicate;
pub mod reshape;
pub mod rules;
pub mod template;

pub use aggregation::{Aggregation, Argument, Output};
pub use expr::Expr;
pub use fields::Needs;
pub use node::*;
pub use planner::{Limits, Planner, TimeRange};
pub use predicate::{Phrase, Predicate, Test};
pub use reshape::{Marks, Pairing, Repeat, Shape, Values};
pub use template::Template;
