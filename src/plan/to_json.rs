//! `tojson`: the fields of a row as one JSON object.

use super::FieldPattern;
use crate::column::Name;

/// What goes into the object, and how.
#[derive(Clone, Debug)]
pub struct ToJson {
    /// The first pattern that fits a field decides its type; without any, all fields go in with the default type.
    pub fields: Vec<(JsonType, FieldPattern)>,
    pub default: JsonType,
    /// Write `null` for fields without a value.
    pub fill_null: bool,
    /// Take fields whose names begin with `_` too.
    pub internal: bool,
    pub output: Name,
}

/// The types of `tojson`. A value that does not fit its type is left out.
#[derive(Clone, Copy, Debug, Default, PartialEq, serde::Serialize)]
#[serde(rename_all = "lowercase")]
pub enum JsonType {
    /// What the text looks like: a number, `true`, an object, else text.
    Auto,
    Bool,
    /// The text is JSON already.
    Json,
    /// What the value is: numbers made by eval or stats are numbers, all else is text.
    #[default]
    None,
    Num,
    Str,
}
