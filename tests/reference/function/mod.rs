//! Eval functions, a chapter of Splunk's reference each.

mod bitwise;
mod comparison;
mod conversion;
mod cryptographic;
mod informational;
mod json;
mod mathematical;
mod multivalue;
mod statistical;
mod text;
mod time;
mod trigonometry;

pub use comparison::LIKE;

use crate::value::Value;

/// A function: what it takes, and what it gives for the values of its arguments.
#[derive(Debug)]
pub struct Function {
    pub name: &'static str,
    pub args: &'static [Arg],
    /// How many of the last arguments may be left out.
    pub optional: usize,
    /// How many of the last arguments may come again and again.
    pub repeats: usize,
    /// It gives true, false or null.
    pub condition: bool,
    pub apply: fn(&[Value]) -> Value,
}

/// What an argument is made of.
#[derive(Clone, Copy, Debug)]
pub enum Arg {
    Any,
    Number,
    Condition,
    /// One of these texts, written out.
    Texts(&'static [&'static str]),
    /// One of these numbers, written out.
    Numbers(&'static [&'static str]),
    /// Mostly one of these texts.
    Either(&'static [&'static str]),
}

impl Function {
    /// A function of these arguments.
    pub const fn new(name: &'static str, args: &'static [Arg], apply: fn(&[Value]) -> Value) -> Function {
        Function { name, args, optional: 0, repeats: 0, condition: false, apply }
    }

    /// The last arguments may be left out.
    pub const fn optional(mut self, n: usize) -> Function {
        self.optional = n;
        self
    }

    /// The last arguments may come again.
    pub const fn repeats(mut self, n: usize) -> Function {
        self.repeats = n;
        self
    }

    /// It is a condition.
    pub const fn condition(mut self) -> Function {
        self.condition = true;
        self
    }

    /// Fewest and most arguments.
    pub fn count(&self) -> (usize, usize) {
        (self.args.len() - self.optional, self.args.len() + 2 * self.repeats)
    }

    /// What the argument of a number, from 0, is made of.
    pub fn arg(&self, i: usize) -> Arg {
        let n = self.args.len();
        if i < n { self.args[i] } else { self.args[n - self.repeats + (i - n) % self.repeats] }
    }
}

/// Patterns for `like`.
pub const PATTERNS: &[&str] = &["%", "a%", "%c", "a_c", "_", "%.%", "", "10%", "%\u{e9}", "ab", "a\\_c", "A%", "%a%b%", "\\%", "%\\\\%", "(", ".*"];

/// Regular expressions that every dialect reads alike.
pub const REGEXES: &[&str] = &["a", "^a", "c$", "[0-9]+", "\\d+\\.", "(a)(b)?", "^$", "(?i)AB", "\\s", "b|c", ".", "x*", "\\\\", "[^a-z]", "\u{e9}"];

/// All functions.
pub fn chapters() -> impl Iterator<Item = &'static Function> {
    let all: [&[Function]; 12] = [
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
    all.into_iter().flatten()
}

/// A number of each argument, or null.
fn numbers(args: &[Value], f: impl FnOnce(&[f64]) -> Option<f64>) -> Value {
    args.iter().map(Value::number).collect::<Option<Vec<f64>>>().and_then(|n| f(&n)).into()
}

/// A single text, or null.
fn single(v: &Value) -> Option<String> {
    if matches!(v, Value::Multi(_)) { None } else { v.as_text() }
}

/// A text function: of each value of the first argument, with the others as single texts.
fn each_text(args: &[Value], f: impl Fn(&str, &[String]) -> Option<Value>) -> Value {
    let Some(rest) = args[1..].iter().map(single).collect::<Option<Vec<_>>>() else { return Value::Null };
    Value::multi(args[0].clone().each().iter().map(|v| v.as_text().and_then(|t| f(&t, &rest)).unwrap_or(Value::Null)))
}
