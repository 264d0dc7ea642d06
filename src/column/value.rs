//! One value of one row.

use std::borrow::Cow;

/// A value as expressions see it. `Text` borrows from its column where it can.
#[derive(Clone, Debug, Default, PartialEq)]
pub enum Value<'a> {
    /// No value: the field is missing in this row.
    #[default]
    Null,
    /// The result of a predicate; Splunk does not let it be assigned to a field.
    Bool(bool),
    /// A number made by eval or stats. Splunk's numbers are doubles.
    Number(f64),
    /// Text, from an event or made by eval; it may look like a number.
    Text(Cow<'a, str>),
    /// Several values, in order; never empty, never nested, none of them null.
    Multi(Vec<Value<'a>>),
}

impl<'a> Value<'a> {
    /// Text borrowed from somewhere.
    pub fn text(s: &'a str) -> Value<'a> {
        Value::Text(Cow::Borrowed(s))
    }

    /// Text that the value owns.
    pub fn owned(s: impl Into<String>) -> Value<'a> {
        Value::Text(Cow::Owned(s.into()))
    }

    /// A multivalue of these values: none gives null, one gives that value; nulls are left out, nested ones are flattened.
    pub fn multi(values: impl IntoIterator<Item = Value<'a>>) -> Value<'a> {
        let mut all = Vec::new();
        for v in values {
            match v {
                Value::Null => {}
                Value::Multi(inner) => all.extend(inner),
                one => all.push(one),
            }
        }
        match all.len() {
            0 => Value::Null,
            1 => all.pop().unwrap_or_default(),
            _ => Value::Multi(all),
        }
    }

    /// Is there no value?
    pub fn is_null(&self) -> bool {
        matches!(self, Value::Null)
    }

    /// The single values: none for null, one for a scalar, each for a multivalue.
    pub fn each(&self) -> &[Value<'a>] {
        match self {
            Value::Null => &[],
            Value::Multi(all) => all,
            one => std::slice::from_ref(one),
        }
    }

    /// How many single values there are.
    pub fn count(&self) -> usize {
        self.each().len()
    }

    /// The same value, borrowing nothing.
    pub fn into_owned(self) -> Value<'static> {
        match self {
            Value::Null => Value::Null,
            Value::Bool(b) => Value::Bool(b),
            Value::Number(n) => Value::Number(n),
            Value::Text(t) => Value::Text(Cow::Owned(t.into_owned())),
            Value::Multi(all) => Value::Multi(all.into_iter().map(Value::into_owned).collect()),
        }
    }

    /// The same value, borrowing from this one.
    pub fn borrowed(&self) -> Value<'_> {
        match self {
            Value::Null => Value::Null,
            Value::Bool(b) => Value::Bool(*b),
            Value::Number(n) => Value::Number(*n),
            Value::Text(t) => Value::Text(Cow::Borrowed(t)),
            Value::Multi(all) => Value::Multi(all.iter().map(Value::borrowed).collect()),
        }
    }

    /// Bytes held on the heap, for the memory account.
    pub fn heap_bytes(&self) -> usize {
        match self {
            Value::Text(Cow::Owned(t)) => t.capacity(),
            Value::Multi(all) => all.iter().map(|v| size_of::<Value>() + v.heap_bytes()).sum(),
            _ => 0,
        }
    }
}

impl From<f64> for Value<'_> {
    fn from(n: f64) -> Self {
        Value::Number(n)
    }
}

impl From<bool> for Value<'_> {
    fn from(b: bool) -> Self {
        Value::Bool(b)
    }
}

impl From<String> for Value<'_> {
    fn from(s: String) -> Self {
        Value::Text(Cow::Owned(s))
    }
}

impl<'a, T: Into<Value<'a>>> From<Option<T>> for Value<'a> {
    fn from(v: Option<T>) -> Self {
        v.map_or(Value::Null, Into::into)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_multivalue_is_never_empty_single_or_nested() {
        assert_eq!(Value::multi([]), Value::Null);
        assert_eq!(Value::multi([Value::Null, Value::text("a")]), Value::text("a"));
        let nested = Value::multi([Value::multi([Value::text("a"), Value::text("b")]), Value::Number(1.0)]);
        assert_eq!(nested.count(), 3);
    }
}
