//! Options of commands: `name=value`, in any place before or between the arguments, typed by the key.

use super::field::run;
use super::token::{Kind, unescape};
use super::tokens::{Parsed, Tokens, symbol, unquote};
use super::wanted::Want;
use crate::diagnostic::{Code, Diagnostic, Span};
use std::marker::PhantomData;

/// The key of an option: the parser reads with it, the card lists it.
pub struct Opt<T> {
    pub card: OptCard,
    kind: PhantomData<fn() -> T>,
}

/// What an option says of itself.
#[derive(Debug, serde::Serialize)]
pub struct OptCard {
    /// As typed; any case is accepted.
    pub name: &'static str,
    /// Other spellings.
    pub aliases: &'static [&'static str],
    /// The default as written in SPL; empty where there is none.
    pub default: &'static str,
    /// One sentence.
    pub summary: &'static str,
    pub effect: Effect,
}

/// What comes of an option here.
#[derive(Clone, Copy, Debug, PartialEq, Eq, serde::Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Effect {
    /// It does what it says.
    Applied,
    /// Read, and there is nothing here for it to change: servers, jobs, summaries.
    Idle,
    /// Read, and not built: results are as without it.
    Lacking,
}

impl<T: OptionValue> Opt<T> {
    /// A key with its default and what it does.
    pub const fn new(name: &'static str, default: &'static str, summary: &'static str) -> Opt<T> {
        Opt { card: OptCard { name, aliases: &[], default, summary, effect: Effect::Applied }, kind: PhantomData }
    }

    /// A key with other spellings.
    pub const fn with_aliases(name: &'static str, aliases: &'static [&'static str], default: &'static str, summary: &'static str) -> Opt<T> {
        Opt { card: OptCard { name, aliases, default, summary, effect: Effect::Applied }, kind: PhantomData }
    }

    /// The same key, read for the sake of searches that have it: nothing changes by it.
    pub const fn idle(mut self) -> Opt<T> {
        self.card.effect = Effect::Idle;
        self
    }

    /// The same key, not built yet.
    pub const fn lacking(mut self) -> Opt<T> {
        self.card.effect = Effect::Lacking;
        self
    }

    /// This option, if it stands here.
    pub fn parse<'a>(&self, i: Tokens<'a>) -> Parsed<'a, T> {
        let named = self.card.name.is_empty() || std::iter::once(&self.card.name).chain(self.card.aliases).any(|n| i.at_word(n));
        if !named || !i.peek(1).is_some_and(|t| t.is('=')) {
            return i.miss(Want::Option(self.card.name));
        }
        let (rest, _) = symbol('=')(i.skip(1))?;
        let (rest, value) = raw_value(rest)?;
        match T::read(&value.text) {
            Ok(v) => Ok((rest, v)),
            Err(wanted) => i.fail(
                Diagnostic::error(Code::OPTION_VALUE, format!("`{}` takes {wanted}, not `{}`", self.card.name, value.text)).at(value.span).help(format!(
                    "{} The default is `{}`.",
                    self.card.summary,
                    if self.card.default.is_empty() { "none" } else { self.card.default }
                )),
            ),
        }
    }

    /// Reads the option into a place, for commands that take their options in any order. `Ok(None)` where it is another one.
    pub fn read<'a>(&self, i: Tokens<'a>, into: &mut T) -> Result<Option<Tokens<'a>>, nom::Err<super::Failure>> {
        match self.parse(i) {
            Ok((rest, value)) => {
                *into = value;
                Ok(Some(rest))
            }
            Err(nom::Err::Error(_)) => Ok(None),
            Err(hard) => Err(hard),
        }
    }
}

impl<T: OptionValue> Opt<T> {
    /// This option with the place for its value.
    pub fn to<'s>(&'s self, into: &'s mut T) -> Slot<'s> {
        Slot(Box::new(Filling { option: self, into }))
    }

    /// This option with no place for its value, which changes nothing here.
    pub fn unused(&self) -> Slot<'_> {
        Slot(Box::new(self))
    }
}

/// An option, whatever its type, with the place for its value.
pub struct Slot<'s>(Box<dyn Fill + 's>);

impl Slot<'_> {
    /// Reads the option into its place, as [`Opt::read`] does.
    pub fn read<'a>(&mut self, i: Tokens<'a>) -> Result<Option<Tokens<'a>>, nom::Err<super::Failure>> {
        self.0.fill(i)
    }
}

trait Fill {
    fn fill<'a>(&mut self, i: Tokens<'a>) -> Result<Option<Tokens<'a>>, nom::Err<super::Failure>>;
}

struct Filling<'s, T> {
    option: &'s Opt<T>,
    into: &'s mut T,
}

impl<T: OptionValue> Fill for Filling<'_, T> {
    fn fill<'a>(&mut self, i: Tokens<'a>) -> Result<Option<Tokens<'a>>, nom::Err<super::Failure>> {
        self.option.read(i, self.into)
    }
}

impl<T: OptionValue> Fill for &Opt<T> {
    fn fill<'a>(&mut self, i: Tokens<'a>) -> Result<Option<Tokens<'a>>, nom::Err<super::Failure>> {
        match self.parse(i) {
            Ok((rest, _)) => Ok(Some(rest)),
            Err(nom::Err::Error(_)) => Ok(None),
            Err(hard) => Err(hard),
        }
    }
}

/// A value as written, quotes and escapes resolved.
pub struct RawValue {
    pub text: String,
    pub quoted: bool,
    pub span: Span,
}

/// The value of an option: quoted, or a run of touching tokens.
pub fn raw_value(i: Tokens<'_>) -> Parsed<'_, RawValue> {
    match i.first() {
        Some(t) if matches!(t.kind, Kind::String | Kind::Quoted) => Ok((i.skip(1), RawValue { text: unquote(i.text(t)), quoted: true, span: t.span })),
        _ => {
            let rest = run(i, &['|', '[', ']', ',']);
            if i.until(&rest) == 0 {
                return i.miss(Want::Value);
            }
            Ok((rest, RawValue { text: unescape(&i.text_to(&rest)), quoted: false, span: i.span_to(&rest) }))
        }
    }
}

/// What the value of an option may be.
pub trait OptionValue: Sized {
    /// Reads it; the error says what is taken ("a whole number").
    fn read(text: &str) -> Result<Self, &'static str>;
}

impl OptionValue for bool {
    fn read(text: &str) -> Result<bool, &'static str> {
        match text.to_ascii_lowercase().as_str() {
            "t" | "true" | "1" | "yes" => Ok(true),
            "f" | "false" | "0" | "no" => Ok(false),
            _ => Err("`true` or `false`"),
        }
    }
}

impl OptionValue for u64 {
    fn read(text: &str) -> Result<u64, &'static str> {
        text.parse().or_else(|_| text.parse::<f64>().ok().filter(|n| *n >= 0.0 && *n == n.trunc()).map(|n| n as u64).ok_or("a whole number"))
    }
}

impl OptionValue for i64 {
    fn read(text: &str) -> Result<i64, &'static str> {
        text.parse().map_err(|_| "a whole number")
    }
}

impl OptionValue for f64 {
    fn read(text: &str) -> Result<f64, &'static str> {
        crate::column::number::parse(text).ok_or("a number")
    }
}

impl OptionValue for String {
    fn read(text: &str) -> Result<String, &'static str> {
        Ok(text.to_string())
    }
}

impl<T: OptionValue> OptionValue for Option<T> {
    fn read(text: &str) -> Result<Option<T>, &'static str> {
        T::read(text).map(Some)
    }
}

/// Stops at a `name=` that no option of the command claimed.
pub fn unknown_option<'a, T>(i: Tokens<'a>, command: &str, known: &[&OptCard]) -> Parsed<'a, T> {
    let name = i.text_to(&i.skip(1));
    let names = known.iter().map(|o| o.name);
    let mut d = Diagnostic::error(Code::UNKNOWN_OPTION, format!("`{command}` has no option `{name}`")).at(i.span());
    d.help.extend(crate::diagnostic::did_you_mean(&name, names.clone()));
    if d.help.is_empty() {
        d = d.help(if known.is_empty() {
            format!("`{command}` takes no options.")
        } else {
            format!("Its options are {}.", names.map(|n| format!("`{n}`")).collect::<Vec<_>>().join(", "))
        });
    }
    i.fail(d)
}

/// Does an option-like `name=` stand here?
pub fn at_option(i: Tokens<'_>) -> bool {
    i.first().is_some_and(|t| t.kind == Kind::Word) && i.peek(1).is_some_and(|t| t.is('='))
}

/// A bare count, as `head 10` has it.
pub fn count(i: Tokens<'_>) -> Parsed<'_, u64> {
    let alone = |t: Option<super::Token>| t.is_none_or(|t| !t.glued || t.is(','));
    match i.first() {
        Some(t) if t.kind == Kind::Word && alone(i.peek(1)) => match i.text(t).parse() {
            Ok(n) => Ok((i.skip(1), n)),
            Err(_) => i.miss(Want::Number),
        },
        _ => i.miss(Want::Number),
    }
}
