//! Changes row by row: what eval, rex, convert, replace and their kin mean.

use super::{BinSpan, Expr};
use crate::column::{Name, Value};
use crate::regex::Regex;
use std::sync::Arc;

/// One row-wise change.
#[derive(Clone, Debug)]
pub enum Extension {
    /// `eval target = expr`.
    Assign { target: Target, expr: Expr },
    /// The same change to every field that one of the patterns names.
    Each(Each),
    /// `rex`: named groups become fields.
    Extract(Arc<Extract>),
    /// `bin` with a span.
    Bin { field: Name, span: BinSpan, into: Name },
    /// `fieldformat`: what is shown in place of the values of a field, where the field is there.
    Show { field: Name, expr: Expr },
    /// `addtotals`: the sum of the numbers in the fields.
    Total { fields: Vec<FieldPattern>, into: Name },
    /// One field's text read as fields.
    Read(Arc<super::Reading>),
    /// `extract` with a stanza of transforms.conf.
    Report(Arc<super::Report>),
    /// `tojson`.
    ToJson(Arc<super::ToJson>),
}

/// Where eval puts its result.
#[derive(Clone, Debug, PartialEq)]
pub enum Target {
    Field(Name),
    /// `eval {name}=…`: parts of text, and fields whose value goes in.
    Dynamic(Vec<(bool, String)>),
}

/// A change to fields by pattern.
#[derive(Clone, Debug)]
pub struct Each {
    pub fields: Vec<FieldPattern>,
    /// Fields that a pattern does not reach.
    pub except: Vec<FieldPattern>,
    /// The new field's name, with `*` for what the pattern's matched; the field itself where there is none.
    pub into: Option<String>,
    /// Make the field where it is missing (only for names without `*`).
    pub create: bool,
    pub change: Change,
}

/// What happens to a column.
#[derive(Clone, Debug)]
pub enum Change {
    /// A value for null.
    Fill(Value<'static>),
    /// `convert` functions.
    Convert(Conversion),
    /// One text to several values.
    Split(Split),
    /// Several values to one text.
    Nomv(String),
    /// `replace`: whole values by wildcard patterns, first match wins.
    Replace(Vec<(crate::wildcard::Pattern, String)>),
    /// `rex mode=sed`.
    Sed(Arc<Sed>),
    /// `abstract`.
    Excerpt(Arc<Excerpt>),
    /// Entities of XML become characters.
    Unescape,
    /// `scrub`.
    Scrub(Arc<super::scrub::Scrub>),
}

/// The functions of `convert`.
#[derive(Clone, Debug)]
pub enum Conversion {
    Auto,
    Num,
    None,
    Ctime(String),
    Mktime(String),
    Dur2sec,
    Mstime,
    Memk,
    Rmcomma,
    Rmunit,
}

/// How `makemv` splits.
#[derive(Clone, Debug)]
pub enum Split {
    Delimiter {
        delimiter: String,
        allow_empty: bool,
    },
    /// Each match's first group.
    Tokenizer(Arc<Regex>),
}

/// `rex` with a pattern.
#[derive(Debug)]
pub struct Extract {
    pub field: Name,
    pub regex: Regex,
    /// The most matches; 0 for all.
    pub max_match: u64,
    pub offset_field: Option<Name>,
}

/// The lines of a text that stay.
#[derive(Debug)]
pub struct Excerpt {
    /// What was searched for, in lower case.
    pub terms: Vec<String>,
    /// The most lines.
    pub lines: usize,
}

/// `s/pattern/replacement/flags` or `y/abc/xyz/`.
#[derive(Debug)]
pub enum Sed {
    /// `occurrence` 0 means all, n only the n-th.
    Substitute {
        regex: Regex,
        replacement: String,
        occurrence: u64,
    },
    Transliterate(Vec<(char, char)>),
}

/// A name, or several by `*`.
#[derive(Clone)]
pub struct FieldPattern {
    pub text: String,
    pub wildcard: Option<crate::wildcard::Pattern>,
}

impl std::fmt::Debug for FieldPattern {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.text)
    }
}

impl FieldPattern {
    /// A pattern as written.
    pub fn new(text: &str) -> FieldPattern {
        FieldPattern { text: text.to_string(), wildcard: text.contains('*').then(|| crate::wildcard::Pattern::case_sensitive(text)) }
    }

    /// Does it name this field? A `*` alone does not reach internal fields, whose names begin with `_`.
    pub fn matches(&self, name: &str) -> bool {
        match &self.wildcard {
            Some(p) => p.matches(name) && (!name.starts_with('_') || self.text.starts_with('_')),
            None => self.text == name,
        }
    }
}
