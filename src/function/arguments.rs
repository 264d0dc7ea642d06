//! Reading arguments: by place, as the kind that a function wants, and prepared where they are constant.

use super::{Env, Ready};
use crate::column::Value;
use crate::regex::Regex;
use std::borrow::Cow;
use std::sync::{Arc, Mutex};

static MISSING: Value<'static> = Value::Null;

/// The argument at a place; null where it was left out.
pub fn arg<'r, 'a>(args: &'r [Value<'a>], at: usize) -> &'r Value<'a> {
    args.get(at).unwrap_or(&MISSING)
}

/// An argument as text.
pub fn text<'r>(args: &'r [Value<'_>], at: usize) -> Option<Cow<'r, str>> {
    arg(args, at).as_text()
}

/// The text of a single value; none for a multivalue.
pub fn single<'v>(value: Option<&'v Value<'_>>) -> Option<Cow<'v, str>> {
    value.filter(|v| !matches!(v, Value::Multi(_)))?.as_text()
}

/// The text of a constant argument.
pub fn constant(args: &[Option<Value<'static>>], at: usize) -> Option<String> {
    args.get(at)?.as_ref()?.as_text().map(Cow::into_owned)
}

/// A function of each text of an argument, a multivalue's one by one.
pub fn each<'a>(value: &Value<'a>, f: impl FnMut(Cow<'a, str>) -> Value<'a>) -> Value<'a> {
    Value::multi(value.each().iter().filter_map(|v| v.clone().into_text()).map(f))
}

/// Does any text of a value pass? Null stays null.
pub fn any<'a>(value: &Value<'_>, mut test: impl FnMut(&str) -> bool) -> Value<'a> {
    match value {
        Value::Null => Value::Null,
        v => Value::Bool(v.each().iter().any(|one| one.as_text().is_some_and(|t| test(&t)))),
    }
}

/// A part of a text, borrowed where the text is.
pub fn part<'a>(text: Cow<'a, str>, f: impl FnOnce(&str) -> &str) -> Value<'a> {
    match text {
        Cow::Borrowed(t) => {
            let (start, len) = place(t, f(t));
            Value::text(t.get(start..start + len).unwrap_or_default())
        }
        Cow::Owned(t) => Value::owned(f(&t)),
    }
}

/// Where a part lies in its whole.
fn place(whole: &str, part: &str) -> (usize, usize) {
    ((part.as_ptr() as usize).saturating_sub(whole.as_ptr() as usize), part.len())
}

/// Boxes a prepared function.
pub fn ready(f: impl for<'a> Fn(&[Value<'a>], &Env) -> Value<'a> + Send + Sync + 'static) -> Ready {
    Box::new(f)
}

/// Something that is made of an argument's text: once where it is constant, else whenever the text changes.
pub struct Made<T> {
    make: fn(&str) -> Result<T, String>,
    fixed: Option<Arc<T>>,
    last: Mutex<Option<(String, Option<Arc<T>>)>>,
}

impl<T> Made<T> {
    /// Makes it of the constant at a place; the error names that place.
    pub fn new(args: &[Option<Value<'static>>], at: usize, make: fn(&str) -> Result<T, String>) -> Result<Made<T>, (usize, String)> {
        let fixed = constant(args, at).map(|t| make(&t).map(Arc::new).map_err(|e| (at, e))).transpose()?;
        Ok(Made { make, fixed, last: Mutex::new(None) })
    }

    /// For a row; `None` where the text is null or nothing can be made of it.
    pub fn get(&self, value: &Value<'_>) -> Option<Arc<T>> {
        if let Some(fixed) = &self.fixed {
            return Some(fixed.clone());
        }
        let text = value.as_text()?;
        // A thread that died while making one leaves the last one in place, which is still right.
        let mut last = self.last.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
        match &*last {
            Some((of, made)) if *of == text => made.clone(),
            _ => {
                let made = (self.make)(&text).ok().map(Arc::new);
                *last = Some((text.into_owned(), made.clone()));
                made
            }
        }
    }
}

/// A regular expression as an argument.
pub fn regex(args: &[Option<Value<'static>>], at: usize) -> Result<Made<Regex>, (usize, String)> {
    Made::new(args, at, |t| Regex::new(t).map_err(|e| format!("the regular expression does not compile: {e}")))
}
