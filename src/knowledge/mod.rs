//! Splunk's knowledge objects, read as they are: data and readers, no execution.
//!
//! Expressions and searches stay text with their file and line; the planner compiles them.

pub mod app;
pub mod cim;
pub mod conf;
pub mod datamodel;
pub mod detection;
pub mod eventtype;
pub mod geo;
pub mod geoip;
pub mod literal;
pub mod lookup;
pub mod lookup_match;
pub mod lookup_table;
pub mod macros;
pub mod multikv;
pub mod pattern;
pub mod place;
pub mod props;
pub mod saved;
pub mod tags;
pub mod transform;
pub mod words;
pub mod yaml;

pub use app::Knowledge;
pub use conf::{Conf, Setting, Stanza};
pub use detection::Detection;
pub use eventtype::EventType;
pub use geoip::GeoIp;
pub use literal::Literal;
pub use lookup::{Lookup, LookupDef, Lookups, MatchType};
pub use lookup_match::LookupIndex;
pub use lookup_table::LookupTable;
pub use macros::{Macro, Macros};
pub use pattern::Matcher;
pub use place::Place;
pub use props::{FieldRules, Rules};
pub use saved::SavedSearch;
pub use tags::Tags;
pub use transform::Transform;
