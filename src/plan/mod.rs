//! What a query means: a tree of few node kinds that serve many commands.

pub mod aggregation;
mod bin;
pub mod explain;
pub mod expr;
pub mod fields;
mod lookup_call;
pub mod node;
pub mod planner;
pub mod predicate;
pub mod reading;
pub mod reshape;
pub mod rework;
pub mod rules;
pub mod running;
pub mod session;
pub mod study;
pub mod template;
pub mod text;
mod to_json;
pub mod write;
mod xpath;

pub use aggregation::{Aggregation, Argument, Output, Role};
pub use expr::Expr;
pub use fields::Needs;
pub use node::*;
pub use planner::{Limits, Planner, TimeRange};
pub use predicate::{Phrase, Predicate, Test};
pub use reading::{Form, Reading, Report};
pub use reshape::{Marks, Pairing, Repeat, Shape, Values};
pub use rework::{Continuous, Naming, Outliers, Rework, Wrap};
pub use running::{Average, Running, Statistics, Trend};
pub use session::{Condition, Session};
pub use study::Study;
pub use template::Template;
pub use to_json::{JsonType, ToJson};
