//! eval functions, one file per chapter of Splunk's reference.
//!
//! A function is one [`Function`] value in its chapter's list. Its [`Kernel`] owns the null rule and the loop, so that most
//! functions are a line or three. Adding one means adding it to the list of its chapter, nothing else.

pub mod apply;
mod arguments;
mod bitwise;
mod ceilings;
mod comparison;
mod conversion;
mod cryptographic;
mod informational;
mod json;
mod mathematical;
mod multivalue;
pub mod operator;
mod statistical;
#[cfg(test)]
mod testing;
mod text;
mod time;
mod trigonometry;

pub(crate) use arguments::ready;
pub use ceilings::Ceilings;
pub(crate) use mathematical::round_to;

use crate::card::{Example, Support};
use crate::column::Value;
use crate::time::Zone;
pub use json::from_value as json_of;
pub use statistical::mix;
use std::borrow::Cow;
use std::sync::Arc;

/// What a function may know beside its arguments. The same for all rows of a query, so that results repeat.
#[derive(Clone, Debug)]
pub struct Env {
    /// Start of the query, epoch seconds: `now()`.
    pub now: f64,
    /// Zone of times without one.
    pub zone: Zone,
    /// Seed of `random()`.
    pub seed: u64,
    /// Ceilings that were reached.
    pub ceilings: Arc<Ceilings>,
}

impl Default for Env {
    fn default() -> Env {
        Env { now: 0.0, zone: Zone::utc(), seed: 0, ceilings: Arc::default() }
    }
}

/// A function of one row's argument values.
pub type Scalar = for<'a> fn(&[Value<'a>], &Env) -> Value<'a>;

/// A function whose constant arguments were prepared: a compiled regex, a parsed time format.
pub type Ready = Box<dyn for<'a> Fn(&[Value<'a>], &Env) -> Value<'a> + Send + Sync>;

/// Prepares a function: `Some` where an argument is a literal, `None` where it varies by row. An error is a sentence about
/// the argument of that number (from 0).
pub type Prepare = fn(&[Option<Value<'static>>], &Env) -> Result<Ready, (usize, String)>;

/// How a function runs over columns, and what it does with null and multivalues.
#[derive(Clone, Copy)]
pub enum Kernel {
    /// Not built yet.
    Planned,
    /// One number in, one number out. Null where the argument is no number, or one that the function has no value for.
    Number(fn(f64) -> f64),
    /// One text in. Null gives null; each value of a multivalue is taken by itself.
    Text(for<'a> fn(Cow<'a, str>) -> Value<'a>),
    /// Null where any argument is null.
    Strict(Scalar),
    /// As `Strict`; the argument of that number, from 0, is put between the values of the first one: little may become much.
    Between(Scalar, usize),
    /// Sees nulls itself.
    Lenient(Scalar),
    /// The first argument that is not null.
    First,
    /// Pairs of a condition and a value: the value behind the first condition that is true. Where `rest`, a value for all else stands last.
    Choice { rest: bool },
    /// Conditions of which one alone decides with this value; without it, one that is null leaves it unknown.
    Decided(bool),
    /// Constant arguments are prepared once; sees nulls itself.
    Prepared(Prepare),
    /// As `Lenient`, but different at each call (`random`): never folded, never run once per distinct value.
    Volatile(Scalar),
    /// Takes expressions, not values; the planner knows it (`mvmap`, `mvfilter`, `searchmatch`, `lookup`).
    Form,
}

impl std::fmt::Debug for Kernel {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Kernel::Planned => "Planned",
            Kernel::Number(_) => "Number",
            Kernel::Text(_) => "Text",
            Kernel::Strict(_) => "Strict",
            Kernel::Between(..) => "Between",
            Kernel::Lenient(_) => "Lenient",
            Kernel::First => "First",
            Kernel::Choice { .. } => "Choice",
            Kernel::Decided(_) => "Decided",
            Kernel::Prepared(_) => "Prepared",
            Kernel::Volatile(_) => "Volatile",
            Kernel::Form => "Form",
        })
    }
}

/// Chapters of Splunk's reference of evaluation functions.
#[derive(Clone, Copy, Debug, PartialEq, Eq, serde::Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Chapter {
    Bitwise,
    Comparison,
    Conversion,
    Cryptographic,
    Time,
    Informational,
    Json,
    Mathematical,
    Multivalue,
    Statistical,
    Text,
    Trigonometry,
}

/// One eval function.
#[derive(Debug)]
pub struct Function {
    /// As typed, lower case; any case is accepted.
    pub name: &'static str,
    pub chapter: Chapter,
    /// One sentence: what it gives.
    pub summary: &'static str,
    /// As in `substr(<str>, <start>, <length>)`, optional arguments in brackets.
    pub syntax: &'static str,
    /// Fewest and most arguments; `usize::MAX` for any number.
    pub arity: (usize, usize),
    pub examples: &'static [Example],
    pub support: Support,
    pub kernel: Kernel,
    /// `file!()`: where it is written.
    pub file: &'static str,
}

impl Function {
    /// What the functions of a file have in common; each states the rest.
    const fn base(chapter: Chapter, file: &'static str) -> Function {
        Function { name: "", chapter, summary: "", syntax: "", arity: (1, 1), examples: &[], support: Support::Full, kernel: Kernel::Planned, file }
    }
}

/// The lists of all chapters, in the order of the reference.
pub const CHAPTERS: &[&[Function]] = &[
    bitwise::LIST,
    comparison::LIST,
    conversion::LIST,
    cryptographic::LIST,
    informational::LIST,
    json::LIST,
    mathematical::LIST,
    multivalue::LIST,
    statistical::LIST,
    text::LIST,
    time::LIST,
    trigonometry::LIST,
];

/// Every function.
pub fn all() -> impl Iterator<Item = &'static Function> {
    CHAPTERS.iter().flat_map(|chapter| chapter.iter())
}

/// A function by name, any case.
pub fn find(name: &str) -> Option<&'static Function> {
    all().find(|f| f.name.eq_ignore_ascii_case(name))
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::HashSet;

    #[test]
    fn cards_are_complete_and_names_are_one_of_a_kind() {
        let mut names = HashSet::new();
        for f in all() {
            assert!(names.insert(f.name), "{} is listed twice", f.name);
            assert_eq!(f.name, f.name.to_lowercase());
            assert!(f.summary.ends_with(['.', '?']), "{}: a summary is one sentence", f.name);
            assert!(f.syntax.starts_with(&format!("{}(", f.name)), "{}: its syntax begins with its name", f.name);
            assert!(f.arity.0 <= f.arity.1, "{}", f.name);
            let built = !matches!(f.kernel, Kernel::Planned);
            assert!(!f.examples.is_empty() || !built || matches!(f.kernel, Kernel::Form), "{} has no example", f.name);
            assert!(built || f.support == Support::Planned, "{}: kernel and support disagree", f.name);
            assert!(!matches!(f.kernel, Kernel::Number(_) | Kernel::Text(_)) || f.arity == (1, 1), "{}", f.name);
            assert!(f.file.contains("function/"), "{}", f.name);
        }
    }
}
